"""Every claim and change by its schema and against the vocabularies, then all of them together."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.faults import DataRefused, Faults, faults_at
from schemas.records.change import CLAIM, CURATED, ChangeSchema, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.description import origin_group_faults
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

_CHANGE = ChangeSchema()
_CURATED = {kind: schema() for kind, schema in CURATED.items()}
_CLAIM = _CURATED[CLAIM]

Keep = Callable[[PlainRecord], object]
"""Called with each sound record, every key filled in."""
Judge = Callable[[int, PlainRecord], object]
"""The same, with the place of the record."""


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
    judge: Judge = lambda place, claim: None,
) -> Checked:
    """Checks everything, with the ``faults`` of reading taken along.

    Each fault is told at once, but none that is a mere consequence of another:
    what is said of faulty records is as good as what can be read of them.
    ``judge`` is called with each claim that has no fault. Raises
    ``DataRefused`` with every fault, or with the first ``MAX_FAULTS``.
    """
    try:
        checked = _check(fixtures, faults, progress, keep_claim, keep_change, judge)
    except DataRefused as refused:
        raise DataRefused(with_records(refused.faults, fixtures), more=True) from None
    if faults:
        raise DataRefused(with_records(faults, fixtures))
    return checked


def _check(
    fixtures: Fixtures,
    faults: Faults,
    progress: Progress,
    keep_claim: Keep,
    keep_change: Keep,
    judge: Judge,
) -> Checked:
    known = {name: {record["id"]: record for record in fixtures[name]} for name in VOCABULARIES}
    ids, whole, file = vocabulary_ids(fixtures), is_whole(fixtures), fixtures.file("claims")
    for name in VOCABULARIES:
        faults.collect(at_places(vocabulary_faults(fixtures, name, ids), _places(fixtures, name)))
    faults.collect(at_places(origin_group_faults(fixtures), _places(fixtures, "agents")))
    claims, places, faulty = list[ClaimFacts](), array("Q"), list[Any]()
    for place, claim in valid_records(fixtures, "claims", _CLAIM.load, faults, progress, faulty):
        breaches = claim_breaches(claim, known, ids)
        faults.collect(faults_at(file, breaches, (place,)))
        claims.append(ClaimFacts.of(claim))
        places.append(place)
        keep_claim(claim)
        if not breaches and (whole or _is_known(claim, known)):
            judge(place, claim)
    history = _history(fixtures, ids, faults, progress, keep_change)
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


def _history(
    fixtures: Fixtures, ids: Ids, faults: Faults, progress: Progress, keep: Keep
) -> History:
    """The changes, as far as they can be read."""
    history, faulty = History(ids, "changes" not in fixtures.unread), list[Any]()
    for place, change in valid_records(fixtures, "changes", _load_change, faults, progress, faulty):
        history.add(change, place)
        keep(change)
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
