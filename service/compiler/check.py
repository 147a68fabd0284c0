"""Every claim and change by its schema and against the vocabularies, then all of them together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.change import ChangeSchema
from schemas.claim import CuratedClaimSchema
from schemas.faults import DataRefused, Faults, faults_at
from schemas.vocabularies import VOCABULARIES
from service.compiler.description import origin_group_faults
from service.compiler.facts import ChangeFacts, ClaimFacts, RecordsById, related_from
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures, PlainRecord, valid_records
from service.compiler.rules import (
    change_breaches,
    check_claims,
    claim_breaches,
    reference_faults,
    structure_faults,
    unrecorded_breaches,
)

_CLAIM, _CHANGE = CuratedClaimSchema(), ChangeSchema()

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
    claims, changes, origins = list[ClaimFacts](), list[ChangeFacts](), dict[str, int]()
    for place, claim in valid_records(fixtures, "claims", _CLAIM.load, faults, progress):
        if readable:
            faults.collect(faults_at(file, claim_breaches(claim, known, connected), (place,)))
        claims.append(ClaimFacts.of(claim))
        keep_claim(claim)
    for _, change in valid_records(fixtures, "changes", _load_change, faults, progress):
        changes.append(ChangeFacts.of(change))
        keep_change(change)
    complete = (len(fixtures["claims"]), len(fixtures["changes"]))
    if readable and (len(claims), len(changes)) == complete:
        if connected:
            faults.collect(structure_faults(fixtures))
        origins = check_claims(file, claims, known["agents"], faults)
        latest = {change.claim: change for change in changes}
        breaches = change_breaches(changes, latest, {claim.id for claim in claims})
        faults.collect(faults_at(fixtures.file("changes"), breaches))
        faults.collect(faults_at(file, unrecorded_breaches(claims, latest)))
    if faults:
        raise DataRefused(faults)
    return Checked(known, claims, changes, origins, related_from(claims))


def _load_change(record: Any) -> PlainRecord:
    change: dict[str, Any] = _CHANGE.load(record)
    if change["previous"] is not None:
        try:
            change["previous"] = _CLAIM.load(change["previous"])
        except ValidationError as error:
            raise ValidationError({"previous": error.messages}, data=record) from error
    return change
