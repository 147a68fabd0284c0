"""Every claim and change by its schema and against the vocabularies, then all of them together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.faults import DataRefused, Faults, faults_at
from schemas.records.change import CLAIM, CURATED, ChangeSchema, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.description import origin_group_faults
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures, PlainRecord, valid_records
from service.compiler.rules.changes import History
from service.compiler.rules.facts import ChangeFacts, ClaimFacts, RecordsById, related_from
from service.compiler.rules.records import (
    check_claims,
    claim_breaches,
    reference_faults,
    structure_faults,
)

_CHANGE = ChangeSchema()
_CURATED = {kind: schema() for kind, schema in CURATED.items()}
_CLAIM = _CURATED[CLAIM]

Keep = Callable[[PlainRecord], object]
"""Called with each sound record, every key filled in."""


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
    keep_claim: Keep = lambda claim: None,
    keep_change: Keep = lambda change: None,
) -> Checked:
    """Checks everything, with the ``faults`` of reading taken along.

    After a fault in a file or between vocabularies, the rules that rest on them
    are left out, so that no fault is a mere consequence of another. Raises
    ``DataRefused`` with every fault, or with the first ``MAX_FAULTS``.
    """
    readable, file = not faults, fixtures.file("claims")
    known = {name: {record["id"]: record for record in fixtures[name]} for name in VOCABULARIES}
    if readable:
        faults.collect(reference_faults(fixtures, known))
        faults.collect(origin_group_faults(fixtures))
    connected = not faults
    claims, history, origins = list[ClaimFacts](), History(known), dict[str, int]()
    for place, claim in valid_records(fixtures, "claims", _CLAIM.load, faults, progress):
        if readable:
            faults.collect(faults_at(file, claim_breaches(claim, known, connected), (place,)))
        claims.append(ClaimFacts.of(claim))
        keep_claim(claim)
    for _, change in valid_records(fixtures, "changes", _load_change, faults, progress):
        history.add(change)
        keep_change(change)
    complete = (len(fixtures["claims"]), len(fixtures["changes"]))
    if readable and (len(claims), len(history.changes)) == complete:
        if connected:
            faults.collect(structure_faults(fixtures))
        origins = check_claims(file, claims, known, faults)
        active = {claim.id for claim in claims}
        faults.collect(faults_at(fixtures.file("changes"), history.breaches(active)))
        faults.collect(faults_at(file, history.unrecorded_claims(claims)))
        for name in VOCABULARIES:
            breaches = history.unrecorded_records(name, list(known[name]))
            faults.collect(faults_at(fixtures.file(name), breaches))
    if faults:
        raise DataRefused(faults)
    return Checked(known, claims, history.changes, origins, related_from(claims))


def _load_change(record: Any) -> PlainRecord:
    change: dict[str, Any] = _CHANGE.load(record)
    if change["previous"] is not None:
        try:
            change["previous"] = _CURATED[record_of(change).kind].load(change["previous"])
        except ValidationError as error:
            raise ValidationError({"previous": error.messages}, data=record) from error
    return change
