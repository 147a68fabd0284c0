"""Every claim and change by its schema and against the vocabularies, then all of them together."""

import functools
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from marshmallow import ValidationError

from schemas.faults import DataRefused, Faults, faults_at
from schemas.records.change import CLAIM, CURATED, ChangeSchema, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.description import origin_group_faults
from service.compiler.parallel import CHUNK, MakeExecutor, mapped
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures, PlainRecord, id_in, valid_records
from service.compiler.rules.changes import History
from service.compiler.rules.facts import (
    ChangeFacts,
    ClaimFacts,
    RecordsById,
    claim_references,
    related_from,
)
from service.compiler.rules.identity import (
    Ids,
    at_places,
    ids_in,
    is_whole,
    vocabulary_ids,
    with_records,
)
from service.compiler.rules.origins import independent_origins
from service.compiler.rules.records import (
    claim_breaches,
    claims_faults,
    independence_faults,
    vocabulary_faults,
)
from service.store.dataset_format import canonical

_CHANGE = ChangeSchema()
_CURATED = {kind: schema() for kind, schema in CURATED.items()}
_CLAIM = _CURATED[CLAIM]

Keep = Callable[[bytes], object]
"""Called with lines, one for each record that is valid by itself, every key filled in."""
Judge = Callable[[int, PlainRecord], object]
"""Called with the place of a claim and with the claim, every key filled in."""
_Examine = Callable[[int, PlainRecord, Faults], Any]
"""What is to be known of a valid record at a place; what is wrong with it goes to the faults."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the later steps need to know of all records.

    By claim id, ``origins`` has the number of independent origins where there is
    more than one, and ``related`` the relations that point to the claim.
    """

    vocabularies: RecordsById
    claims: Sequence[ClaimFacts]
    changes: Sequence[ChangeFacts]
    origins: Mapping[str, int]
    related: Mapping[str, Sequence[Mapping[str, str]]]


def check_records(
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress = untracked,
    keep_claim: Keep | None = None,
    keep_change: Keep | None = None,
    judge: Judge | None = None,
    executor: MakeExecutor | None = None,
) -> Checked:
    """Checks everything, with the ``faults`` of reading taken along.

    Each fault is told at once, but none that is a mere consequence of another:
    what is said of faulty records is as good as what can be read of them.
    ``judge`` is called with each claim that has no fault, which an
    ``executor`` of other processes excludes. Raises
    ``DataRefused`` with every fault, or with the first ``MAX_FAULTS``.
    """
    reader = _Reader(fixtures, faults, progress, executor)
    try:
        checked = _check(reader, keep_claim, keep_change, judge)
    except DataRefused as refused:
        raise DataRefused(with_records(refused.faults, fixtures), more=True) from None
    if faults:
        raise DataRefused(with_records(faults, fixtures))
    return checked


class _Read(NamedTuple):
    """A chunk of records: what is to be known of the valid ones by place, their lines, what can be
    read of the others, and what is wrong with both.
    """

    valid: list[tuple[int, Any]]
    lines: list[bytes]
    faulty: list[Any]
    faults: Faults


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads records chunk by chunk, and takes down what is wrong with them."""

    fixtures: Fixtures
    faults: Faults
    progress: Progress
    executor: MakeExecutor | None

    def records(
        self,
        kind: str,
        load: Callable[[Any], PlainRecord],
        examine: _Examine,
        faulty: list[Any],
        keep: Keep | None,
    ) -> Iterator[tuple[int, Any]]:
        """Of each valid record its place and what ``examine`` makes of it."""
        total = len(self.fixtures[kind])
        chunks = (range(at, min(at + CHUNK, total)) for at in range(0, total, CHUNK))
        read = functools.partial(_read, self.fixtures, kind, load, examine, keep is not None)

        def valid() -> Iterator[tuple[int, Any]]:
            for chunk in mapped(read, chunks, self.executor):
                self.faults.collect(chunk.faults)
                faulty.extend(chunk.faulty)
                if keep is not None:
                    keep(b"".join(chunk.lines))
                yield from chunk.valid

        yield from self.progress(valid(), total=total, description=f"Checking {kind}")


def _read(
    fixtures: Fixtures,
    kind: str,
    load: Callable[[Any], PlainRecord],
    examine: _Examine,
    with_lines: bool,
    places: range,
) -> _Read:
    """Reads a chunk of records."""
    chunk = _Read([], [], [], Faults())
    with suppress(DataRefused):  # there are too many faults, as whoever collects them finds too
        for place, record in valid_records(
            fixtures, kind, load, chunk.faults, places, chunk.faulty
        ):
            chunk.valid.append((place, examine(place, record, chunk.faults)))
            if with_lines:
                chunk.lines.append(canonical(record) + b"\n")
    return chunk


def _check(
    reader: _Reader, keep_claim: Keep | None, keep_change: Keep | None, judge: Judge | None
) -> Checked:
    fixtures, faults = reader.fixtures, reader.faults
    known = {name: {record["id"]: record for record in fixtures[name]} for name in VOCABULARIES}
    ids, whole, file = vocabulary_ids(fixtures), is_whole(fixtures), fixtures.file("claims")
    for name in VOCABULARIES:
        faults.collect(at_places(vocabulary_faults(fixtures, name, ids), _places(fixtures, name)))
    faults.collect(at_places(origin_group_faults(fixtures), _places(fixtures, "agents")))
    claims, places, faulty = list[ClaimFacts](), array("Q"), list[Any]()

    def examine(place: int, claim: PlainRecord, faults: Faults) -> ClaimFacts:
        breaches = claim_breaches(claim, known, ids)
        faults.collect(faults_at(file, breaches, (place,)))
        if judge is not None and not breaches and (whole or _is_known(claim, known)):
            judge(place, claim)
        return ClaimFacts.of(claim)

    for place, facts in reader.records("claims", _CLAIM.load, examine, faulty, keep_claim):
        claims.append(facts)
        places.append(place)
    history = _history(reader, ids, keep_change)
    named = [*(claim.id for claim in claims), *map(id_in, faulty)]
    active = ids_in(named, "claims" not in fixtures.unread)
    before, origins = len(faults), dict[str, int]()
    faults.collect(at_places(claims_faults(file, claims, active), places))
    if whole and not faulty and len(faults) == before:  # else nobody can tell who supports whom
        origins = independent_origins(claims, known)
        faults.collect(independence_faults(file, claims, origins))
    changed = faults_at(fixtures.file("changes"), history.breaches(active))
    faults.collect(at_places(changed, history.places))
    faults.collect(at_places(faults_at(file, history.unrecorded_claims(claims)), places))
    for name in VOCABULARIES:
        retired = history.unrecorded_records(name, list(known[name]))
        unrecorded = faults_at(fixtures.file(name), retired)
        faults.collect(at_places(unrecorded, _places(fixtures, name)))
    return Checked(known, claims, history.changes, origins, related_from(claims))


def _history(reader: _Reader, ids: Ids, keep: Keep | None) -> History:
    """The changes, as far as they can be read."""
    history, faulty = History(ids, "changes" not in reader.fixtures.unread), list[Any]()

    def examine(place: int, change: PlainRecord, faults: Faults) -> PlainRecord:
        return change

    for place, change in reader.records("changes", _load_change, examine, faulty, keep):
        history.add(change, place)
    for change in faulty:
        history.skip(change)
    return history


def _places(fixtures: Fixtures, name: str) -> Sequence[int]:
    """Where the valid records of a vocabulary stand in its file."""
    return fixtures.places.get(name) or range(len(fixtures[name]))


def _is_known(claim: PlainRecord, known: RecordsById) -> bool:
    """Whether everything is known of all records that a claim names."""
    references = claim_references(claim)
    return all(holder[key] is None or holder[key] in known[v] for _, holder, key, v in references)


def _load_change(record: Any) -> PlainRecord:
    change: dict[str, Any] = _CHANGE.load(record)
    if change["previous"] is not None:
        try:
            change["previous"] = _CURATED[record_of(change).kind].load(change["previous"])
        except ValidationError as error:
            raise ValidationError({"previous": error.messages}, data=record) from error
    return change
