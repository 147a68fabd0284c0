"""Every claim and change by its schema and against the vocabularies, then all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from schemas.change import ChangeSchema
from schemas.claim import CuratedClaimSchema
from schemas.faults import DataRefused, Fault, Faults, faults_at, faults_in, pointer
from schemas.vocabularies import VOCABULARIES
from service.compiler.change_rules import change_breaches, unrecorded_breaches
from service.compiler.claim_rules import (
    RecordsById,
    claim_breaches,
    claims_faults,
    reference_faults,
    structure_faults,
)
from service.compiler.facts import ChangeFacts, ClaimFacts, independent_origins, related_from
from service.compiler.progress import Progress, silent, tracked
from service.compiler.read import Fixtures, Lines, NotStrict, PlainRecord, parse_line

_CLAIM, _CHANGE = CuratedClaimSchema(), ChangeSchema()

Keep = Callable[[PlainRecord], object]
"""Called with each sound record, every key filled in."""


@dataclass(slots=True)
class Checked:
    """What the later steps need to know of all claims and changes.

    ``references`` are ids as they are served, with what the record is called;
    ``origins`` has the number of independent origins by claim id where there
    is more than one, ``related`` the relations that point to a claim.
    """

    vocabularies: RecordsById
    claims: list[ClaimFacts] = field(default_factory=list)
    changes: list[ChangeFacts] = field(default_factory=list)
    references: Mapping[str, Mapping[str, dict[str, str]]] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)
    related: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


def check_records(
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress = silent,
    keep_claim: Keep = lambda claim: None,
    keep_change: Keep = lambda change: None,
) -> Checked:
    """Checks everything, with the ``faults`` of reading taken along.

    After a fault in a file or between vocabularies, the rules that rest on them
    are left out, so that no fault is a mere consequence of another. Raises
    ``DataRefused`` with every fault, or with the first ``MAX_FAULTS``.
    """
    readable, file = not faults, fixtures.names["claims"]
    checked = Checked(
        {name: {record["id"]: record for record in fixtures[name]} for name in VOCABULARIES}
    )
    if readable:
        faults.collect(reference_faults(fixtures, checked.vocabularies))
    connected = not faults
    for place, claim in _sound("claims", _CLAIM.load, fixtures, faults, progress):
        if readable and (breaches := claim_breaches(claim, checked.vocabularies, connected)):
            faults.collect(faults_at(file, breaches, (place,)))
        checked.claims.append(ClaimFacts.of(claim))
        keep_claim(claim)
    for _, change in _sound("changes", _load_change, fixtures, faults, progress):
        checked.changes.append(ChangeFacts.of(change))
        keep_change(change)
    complete = (len(fixtures["claims"]), len(fixtures["changes"]))
    if readable and (len(checked.claims), len(checked.changes)) == complete:
        if connected:
            faults.collect(structure_faults(fixtures))
        _check_together(checked, fixtures, faults)
    if faults:
        raise DataRefused(faults)
    checked.references = {
        name: {r["id"]: {"id": r["id"], "name": r[kind.name_key]} for r in fixtures[name]}
        for name, kind in VOCABULARIES.items()
    }
    checked.origins = independent_origins(checked.claims, fixtures["agents"])
    checked.related = related_from(checked.claims)
    return checked


def _check_together(checked: Checked, fixtures: Fixtures, faults: Faults) -> None:
    """The rules between claims and changes, each of which is valid by itself."""
    claims, names = checked.claims, fixtures.names
    faults.collect(claims_faults(names["claims"], claims, fixtures["agents"]))
    latest = {change.claim: change for change in checked.changes}
    active = {claim.id for claim in claims}
    faults.collect(faults_at(names["changes"], change_breaches(checked.changes, latest, active)))
    faults.collect(faults_at(names["claims"], unrecorded_breaches(claims, latest)))


def _sound(
    name: str,
    load: Callable[[Any], PlainRecord],
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress,
) -> Iterator[tuple[int, PlainRecord]]:
    """The records that are valid by themselves, each with its place."""
    records, file = fixtures[name], fixtures.names[name]
    sources: Iterable[Any] = records.raw() if isinstance(records, Lines) else records
    sources = tracked(sources, f"Checking {name}", len(records), progress)
    for place, source in enumerate(sources):
        record = source
        try:
            if isinstance(source, bytes):
                record = parse_line(source)
            yield place, load(record)
        except ValidationError as error:
            faults.collect(faults_in(file, error.messages, record, (place,)))
        except NotStrict as error:
            faults.collect([Fault(file, pointer(place), error.found, str(error))])


def _load_change(record: Any) -> PlainRecord:
    change: dict[str, Any] = _CHANGE.load(record)
    if change["previous"] is not None:
        try:
            change["previous"] = _CLAIM.load(change["previous"])
        except ValidationError as error:
            raise ValidationError({"previous": error.messages}) from error
    return change
