"""The first pass: every claim and change by itself, then what lies between them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError

from schemas.change import ChangeSchema
from schemas.claim import CuratedClaimSchema
from schemas.faults import DataRefused, Fault, faults_in, pointer
from service.compiler import facts
from service.compiler.change_rules import changes_faults
from service.compiler.checks import Known, claim_faults, claims_faults, structure_faults
from service.compiler.crew import Crew, handles, parts
from service.compiler.desk import MOST_LINE, Desk, Part
from service.compiler.facts import Change, Facts, Mention
from service.compiler.graph import independent_origins, related_from
from service.compiler.kept import line_hash
from service.compiler.read import Fixtures, NotStrict, Record, parse_json
from service.store.dataset_format import canonical

_CLAIM, _CHANGE = CuratedClaimSchema(), ChangeSchema()


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of all claims and changes once each of them was looked at."""

    claims: list[Facts]
    changes: list[Change]
    mentions: Counter[Mention]
    origins: Mapping[str, int]
    related: Mapping[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Examined:
    """What was found in some claims."""

    facts: list[Facts] = field(default_factory=list)
    mentions: Counter[Mention] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


class ChangeBlock(NamedTuple):
    """Some changes: what is known of them, their canonical lines, what is wrong with them.

    ``key`` is the hash of the block as it lies in its file.
    """

    changes: list[Change]
    lines: bytes
    faults: list[Fault]
    key: bytes


Keep = Callable[[ChangeBlock], None]


def survey(
    fixtures: Fixtures, known: Known | None, faults: list[Fault], crew: Crew, keep: Keep
) -> Survey:
    """Looks at every claim and change, and at all of them together.

    ``faults`` are those found so far; without ``known`` vocabularies, claims
    are looked at each by itself alone. ``keep`` is handed the changes as they
    come. Raises ``DataRefused`` with every fault.
    """
    claims, changes = Examined(), list[Change]()
    for examined in _in_parts("Checking claims", examine_claims, fixtures, "claims", crew):
        claims.facts += examined.facts
        claims.mentions.update(examined.mentions)
        faults += examined.faults
    for block in _in_parts("Checking changes", examine_changes, fixtures, "changes", crew):
        changes += block.changes
        faults += block.faults
        keep(block)
    complete = len(claims.facts) == len(fixtures.claims) and len(changes) == len(fixtures.changes)
    if known is not None and complete:
        faults += structure_faults(fixtures) if known.sound else []
        faults += claims_faults(claims.facts, fixtures)
        faults += changes_faults(claims.facts, changes, fixtures.names)
    if faults:
        raise DataRefused(faults)
    origins = independent_origins(claims.facts, fixtures.agents)
    return Survey(claims.facts, changes, claims.mentions, origins, related_from(claims.facts))


def _in_parts(
    task: str, work: Callable[[Desk, Part], Any], fixtures: Fixtures, name: str, crew: Crew
) -> Iterator[Any]:
    records = getattr(fixtures, name)
    places = parts(len(records))
    given = ([*zip(part, handles(records, part), strict=True)] for part in places)
    return crew.run(task, work, given, len(records))


def examine_claims(desk: Desk, part: Part) -> Examined:
    """Each claim through its schema and against the vocabularies, or as it was kept."""
    done = Examined()
    for place, handle in part:
        raw = desk.raw("claims", handle)
        known = _kept(desk, raw) or _examined(desk, place, handle if raw is None else raw, done)
        if known is not None:
            done.facts.append(known[0])
            done.mentions.update(known[1])
    return done


def _kept(desk: Desk, raw: bytes | None) -> tuple[Facts, set[Mention]] | None:
    kept = desk.kept.get("claims")
    made = kept.get(line_hash(raw)) if kept and raw is not None else None
    return None if made is None else facts.read(made.partition(b"\n")[0])


def _examined(
    desk: Desk, place: int, given: bytes | Record, done: Examined
) -> tuple[Facts, set[Mention]] | None:
    name = desk.names["claims"]
    claim = _loaded(name, _CLAIM, place, given, done.faults)
    if claim is None:
        return None
    if desk.known is not None:
        done.faults += claim_faults(name, place, claim, desk.known)
    return Facts.of(claim), facts.mentions(claim)


def examine_changes(desk: Desk, part: Part) -> ChangeBlock:
    """Each change through its schema, or the whole block as it was kept."""
    raw = [desk.raw("changes", handle) for _, handle in part]
    key = b"" if None in raw else line_hash(b"\n".join(line for line in raw if line is not None))
    kept = desk.kept.get("changes")
    made = kept.get(key) if kept and key else None
    if made is not None:
        known, _, lines = made.partition(b"\n")
        return ChangeBlock(
            [facts.read_change(values) for values in json.loads(known)], lines, [], key
        )
    block = ChangeBlock([], b"", [], key)
    written = []
    for (place, handle), line in zip(part, raw, strict=True):
        change = _examined_change(desk, place, handle if line is None else line, block.faults)
        if change is not None:
            block.changes.append(Change.of(change))
            written.append(canonical(change) + b"\n")
    return block._replace(lines=b"".join(written))


def _examined_change(
    desk: Desk, place: int, given: bytes | Record, faults: list[Fault]
) -> Record | None:
    name = desk.names["changes"]
    change = _loaded(name, _CHANGE, place, given, faults)
    if change is not None and change["previous"] is not None:
        before = _loaded(name, _CLAIM, place, change["previous"], faults, "previous")
        return None if before is None else change
    return change


def _parsed(line: bytes) -> Any:
    if len(line) > MOST_LINE:
        raise NotStrict(f"a line of at most {MOST_LINE} bytes")
    return parse_json(line)


def _loaded(
    file: str,
    schema: Schema,
    place: int,
    given: bytes | Record,
    faults: list[Fault],
    *steps: str,
) -> Record | None:
    """A record that is valid by itself; what is wrong with another goes to ``faults``."""
    try:
        record = _parsed(given) if isinstance(given, bytes) else given
        try:
            found: Record = schema.load(record)
        except ValidationError as error:
            faults += faults_in(file, error.messages, record, (place, *steps))
            return None
        return found
    except NotStrict as error:
        faults.append(Fault(file, pointer(place), "something else", str(error)))
    return None
