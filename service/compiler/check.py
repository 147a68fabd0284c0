"""Every claim and change by its schema and against the vocabularies, then all of them together."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from marshmallow import ValidationError

from schemas.faults import DataRefused, Faults, faults_at
from schemas.records.change import CLAIM, CURATED, ChangeSchema, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.description import origin_group_faults
from service.compiler.parallel import CHUNK, Workers, mapped
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures, PlainRecord, id_in, valid_among
from service.compiler.rules.changes import History, absent_references
from service.compiler.rules.facts import (
    ChangeFacts,
    ClaimFacts,
    Facts,
    RecordsById,
    claim_references,
)
from service.compiler.rules.identity import (
    ClaimIds,
    Ids,
    at_places,
    ids_in,
    is_whole,
    vocabulary_ids,
    with_records,
)
from service.compiler.rules.origins import find_independent_origins
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


class Checked(NamedTuple):
    """What the later steps need to know of all records."""

    vocabularies: RecordsById
    facts: Facts


class _Read(NamedTuple):
    """A chunk of records: what is to be known of the valid ones, their lines, what can be read of
    the others, and what is wrong with both.
    """

    facts: list[Any]
    lines: list[bytes]
    faulty: list[Any]
    faults: Faults


_Examine = Callable[[int, PlainRecord, int, Faults], Any]
"""What is to be known of the valid record at a place, whose line is so long; what is wrong with it
goes to the faults."""


def check_records(
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress = untracked,
    keep_claim: Keep | None = None,
    keep_change: Keep | None = None,
    judge: Judge | None = None,
    workers: Workers | None = None,
) -> Checked:
    """Checks everything, with the ``faults`` of reading taken along.

    Each fault is told at once, but none that is a mere consequence of another:
    what is said of faulty records is as good as what can be read of them.
    ``judge`` is called with each claim that has no fault, which ``workers`` in
    other processes exclude. Raises ``DataRefused`` with every fault, or with the
    first ``MAX_FAULTS``.
    """
    reader = _Reader(fixtures, faults, progress, workers)
    try:
        checked = _check(reader, keep_claim, keep_change, judge)
    except DataRefused as refused:
        raise DataRefused(with_records(refused.faults, fixtures), more=True) from None
    if faults:
        raise DataRefused(with_records(faults, fixtures))
    return checked


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads records chunk by chunk, and takes down what is wrong with them."""

    fixtures: Fixtures
    faults: Faults
    progress: Progress
    workers: Workers | None

    def read(
        self,
        kind: str,
        load: Callable[[Any], PlainRecord],
        examine: _Examine,
        add: Callable[[list[Any]], object],
        keep: Keep | None,
    ) -> list[Any]:
        """Gives what is to be known of the valid records to ``add``, and returns what can be read
        of the others.
        """
        records, faulty = self.fixtures[kind], list[Any]()
        total = len(records)
        places = (range(at, min(at + CHUNK, total)) for at in range(0, total, CHUNK))
        chunks = ((chunk, records[chunk.start : chunk.stop]) for chunk in places)
        work = functools.partial(_read, self.fixtures.file(kind), load, examine, keep is not None)

        def valid() -> Iterator[object]:
            for chunk in mapped(work, chunks, self.workers):
                self.faults.collect(chunk.faults)
                faulty.extend(chunk.faulty)
                add(chunk.facts)
                if keep is not None:
                    keep(b"".join(chunk.lines))
                yield from chunk.facts

        for _ in self.progress(valid(), total=total, description=f"Checking {kind}"):
            continue
        return faulty


def _read(
    file: str,
    load: Callable[[Any], PlainRecord],
    examine: _Examine,
    with_lines: bool,
    chunk: tuple[range, Iterable[Any]],
) -> _Read:
    """Reads a chunk of records: their places, and the records or their lines."""
    read, places = _Read([], [], [], Faults()), zip(*chunk, strict=False)
    with suppress(DataRefused):  # there are too many faults, as whoever collects them finds too
        for place, record in valid_among(places, file, load, read.faults, read.faulty):
            line = canonical(record) + b"\n" if with_lines else b""
            read.facts.append(examine(place, record, len(line), read.faults))
            read.lines.append(line)
    return read


def _check(
    reader: _Reader, keep_claim: Keep | None, keep_change: Keep | None, judge: Judge | None
) -> Checked:
    fixtures, faults, facts = reader.fixtures, reader.faults, Facts()
    known = {name: {record["id"]: record for record in fixtures[name]} for name in VOCABULARIES}
    ids, whole, file = vocabulary_ids(fixtures), is_whole(fixtures), fixtures.file("claims")
    for name in VOCABULARIES:
        faults.collect(at_places(vocabulary_faults(fixtures, name, ids), _places(fixtures, name)))
    faults.collect(at_places(origin_group_faults(fixtures), _places(fixtures, "agents")))
    examine = functools.partial(_examine_claim, file, known, ids, whole, judge)
    faulty = reader.read("claims", _load_claim, examine, facts.add_claims, keep_claim)
    history = _history(reader, facts, ids, keep_change)
    facts.arrange()
    active = ClaimIds(facts, ids_in(map(id_in, faulty), "claims" not in fixtures.unread))
    before = len(faults)
    faults.collect(claims_faults(file, facts, active, len(fixtures["claims"])))
    if whole and not faulty and len(faults) == before:  # else nobody can tell who supports whom
        find_independent_origins(facts, known)
        faults.collect(independence_faults(file, facts))
    faults.collect(faults_at(fixtures.file("changes"), history.breaches(active)))
    faults.collect(faults_at(file, history.unrecorded_claims()))
    for name in VOCABULARIES:
        retired = history.unrecorded_records(name, list(known[name]))
        unrecorded = faults_at(fixtures.file(name), retired)
        faults.collect(at_places(unrecorded, _places(fixtures, name)))
    return Checked(known, facts)


def _history(reader: _Reader, facts: Facts, ids: Ids, keep: Keep | None) -> History:
    """The changes, as far as they can be read."""
    history = History(facts, ids, "changes" not in reader.fixtures.unread)
    examine = functools.partial(_examine_change, ids)
    for change in reader.read("changes", _load_change, examine, facts.add_changes, keep):
        history.skip(change)
    return history


def _places(fixtures: Fixtures, name: str) -> Sequence[int]:
    """Where the valid records of a vocabulary stand in its file."""
    return fixtures.places.get(name) or range(len(fixtures[name]))


def _examine_claim(  # noqa: PLR0913, PLR0917  # all but the last four are the same for all claims
    file: str,
    known: RecordsById,
    ids: Ids,
    whole: bool,
    judge: Judge | None,
    place: int,
    claim: PlainRecord,
    length: int,
    faults: Faults,
) -> ClaimFacts:
    breaches = claim_breaches(claim, known, ids)
    faults.collect(faults_at(file, breaches, (place,)))
    if judge is not None and not breaches and (whole or _is_known(claim, known)):
        judge(place, claim)
    return ClaimFacts.of(place, length, claim)


def _is_known(claim: PlainRecord, known: RecordsById) -> bool:
    """Whether everything is known of all records that a claim names."""
    references = claim_references(claim)
    return all(holder[key] is None or holder[key] in known[v] for _, holder, key, v in references)


def _examine_change(
    ids: Ids, place: int, change: PlainRecord, length: int, faults: Faults
) -> tuple[ChangeFacts, list[tuple[object, ...]]]:
    return ChangeFacts.of(place, change), absent_references(place, change, ids)


def _load_claim(record: Any) -> PlainRecord:
    claim: dict[str, Any] = _CLAIM.load(record)
    return claim


def _load_change(record: Any) -> PlainRecord:
    change: dict[str, Any] = _CHANGE.load(record)
    if change["previous"] is not None:
        try:
            change["previous"] = _CURATED[record_of(change).kind].load(change["previous"])
        except ValidationError as error:
            raise ValidationError({"previous": error.messages}, data=record) from error
    return change
