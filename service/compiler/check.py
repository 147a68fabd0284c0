"""Every claim and change by its schema and against the vocabularies, then all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from schemas.change import ChangeSchema
from schemas.claim import CuratedClaimSchema
from schemas.faults import DataRefused, Fault, Faults, faults_in, pointer
from service.compiler.change_rules import changes_faults
from service.compiler.claim_rules import (
    Known,
    claim_faults,
    claims_faults,
    reference_faults,
    structure_faults,
)
from service.compiler.facts import (
    Change,
    Facts,
    Mention,
    independent_origins,
    mentions,
    related_from,
)
from service.compiler.lines import MAX_LINE_BYTES, Lines
from service.compiler.read import Fixtures, NotStrict, Record, parse_json

_CLAIM, _CHANGE = CuratedClaimSchema(), ChangeSchema()
_PROGRESS_EVERY = 500

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""
Keep = Callable[[Record], object]
"""Called with each sound record, every key filled in."""


@dataclass(slots=True)
class Checked:
    """What the later steps need to know of all claims and changes; ``known`` are the vocabularies.

    ``origins`` has the number of independent origins by claim id where there
    is more than one, ``related`` the relations that point to a claim.
    """

    known: Known
    claims: list[Facts] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    mentions: Counter[Mention] = field(default_factory=Counter)
    origins: Mapping[str, int] = field(default_factory=dict)
    related: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


def check_records(
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress = lambda task, done, total: None,
    keep_claim: Keep = lambda claim: None,
    keep_change: Keep = lambda change: None,
) -> Checked:
    """Checks everything, with the ``faults`` of reading taken along.

    After a fault in a file or between vocabularies, the rules that rest on them
    are left out, so that no fault is a mere consequence of another. Raises
    ``DataRefused`` with every fault, or with the first ``MAX_FAULTS``.
    """
    readable, file = not faults, fixtures.names["claims"]
    if readable:
        faults.collect(reference_faults(fixtures))
    connected = readable and not faults
    checked = Checked(Known(fixtures))
    whole = True
    for place, claim in _loaded("claims", _load_claim, fixtures, faults, progress):
        if claim is None:
            whole = False
            continue
        if readable:
            faults.collect(claim_faults(file, place, claim, checked.known, connected))
        checked.claims.append(Facts.of(claim))
        checked.mentions.update(mentions(claim))
        keep_claim(claim)
    for _, change in _loaded("changes", _load_change, fixtures, faults, progress):
        if change is None:
            whole = False
            continue
        checked.changes.append(Change.of(change))
        keep_change(change)
    if readable and whole:
        faults.collect(structure_faults(fixtures) if connected else ())
        faults.collect(claims_faults(checked.claims, fixtures))
        faults.collect(changes_faults(checked.claims, checked.changes, fixtures.names))
    if faults:
        raise DataRefused(faults)
    checked.origins = independent_origins(checked.claims, fixtures.agents)
    checked.related = related_from(checked.claims)
    return checked


def _loaded(
    name: str,
    load: Callable[[Any], Record],
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress,
) -> Iterator[tuple[int, Record | None]]:
    """Every record with its place; ``None`` for one that is at fault by itself."""
    records, file = getattr(fixtures, name), fixtures.names[name]
    total, task = len(records), f"Checking {name}"
    progress(task, 0, total)
    for place, source in enumerate(records.raw() if isinstance(records, Lines) else records):
        record = source
        try:
            if isinstance(source, bytes):
                record = _parsed(source)
            yield place, load(record)
        except ValidationError as error:
            faults.collect(faults_in(file, error.messages, record, (place,)))
            yield place, None
        except NotStrict as error:
            faults.collect([Fault(file, pointer(place), "something else", str(error))])
            yield place, None
        if (place + 1) % _PROGRESS_EVERY == 0 or place + 1 == total:
            progress(task, place + 1, total)


def _load_claim(record: Any) -> Record:
    claim: Record = _CLAIM.load(record)
    return claim


def _load_change(record: Any) -> Record:
    change: dict[str, Any] = _CHANGE.load(record)
    if change["previous"] is not None:
        try:
            change["previous"] = _CLAIM.load(change["previous"])
        except ValidationError as error:
            raise ValidationError({"previous": error.messages}) from error
    return change


def _parsed(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise NotStrict(f"a line of at most {MAX_LINE_BYTES} bytes")
    return parse_json(line)
