"""From a reading to claims: what a program knows is filled in, what is still open is a fault."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from schemas.faults import Breach, DataRefused, Faults, faults_at, flatten
from schemas.records.change import CLAIM, RecordKey, record_of
from schemas.records.claim import CuratedClaimSchema
from schemas.records.reading import NEW_RECORDS, unit_names
from schemas.records.vocabularies import CLAIM_REFERENCES, VOCABULARIES
from service.compiler.read import Fixtures
from service.compiler.rules.facts import vocabulary_references
from service.compiler.rules.records import claim_breaches
from service.curation import new_ids
from service.curation.proof import known_records
from service.curation.readings import Reading, file_of, new_unit
from service.curation.rules.words import folded
from service.curation.texts import sha256_of

_CLAIM = CuratedClaimSchema()
_EVIDENCE = ("fidelity", "locator")
"""Keys of a claim in a reading that belong to the evidence of its unit."""
_UNSTAMPED: dict[str, Any] = {"revision": 1, "recorded_at": "0001-01-01"}
"""What stands for the revision and the day, which are written with the change."""

Claim = dict[str, Any]
_Said = tuple[str, int, int, str]
"""A statement and where it is from: what tells whether a unit was added before."""


def claims_of(reading: Reading, text: str, fixtures: Fixtures) -> list[Claim]:
    """A claim for each unit of a reading that is one, in their order.

    Each has an id: that of the claim that was made of the same unit before,
    whether it is still there or not, else a new one. ``revision`` and
    ``recorded_at`` are not set. Raises ``DataRefused`` for units still to do,
    keys still open, and references that lead nowhere; pointers lead into the reading.
    """
    units, faults = reading["units"], Faults()
    file = file_of(reading)
    ids = _ids(reading, fixtures)
    names = dict(zip(unit_names(units), ids, strict=True))
    known = known_records(fixtures)
    active = {claim["id"] for claim in fixtures["claims"]} | {i for i in ids if i is not None}
    claims = []
    for number, unit in enumerate(units):
        if unit["decision"] == "todo":
            allowed = "claim or none: it is still to be decided"
            faults.collect(faults_at(file, [(("units", number, "decision"), "todo", allowed)]))
        elif unit["decision"] == "claim":
            claim = claim_of_unit(reading, unit, text, names)
            claim["id"] = ids[number]
            breaches = _breaches(claim, known, active)
            faults.collect(faults_at(file, (_in_unit(number, each) for each in breaches)))
            claims.append(claim)
    if faults:
        raise DataRefused(faults)
    return claims


def claim_units(reading: Reading) -> list[int]:
    """The places of the units that are claims, in the order of ``claims_of``."""
    return [n for n, unit in enumerate(reading["units"]) if unit["decision"] == "claim"]


def unknown_records(
    reading: Reading, fixtures: Fixtures
) -> dict[RecordKey, Mapping[str, Any] | None]:
    """The records that claims of a reading name and the vocabularies lack, each as the reading has
    it among its new ones (``None`` where it has none); and those that these name in turn.
    """
    known = {name: {record["id"] for record in fixtures[name]} for name in NEW_RECORDS}
    listed = {name: {record["id"]: record for record in reading[name]} for name in NEW_RECORDS}
    left = [each for n in claim_units(reading) for each in _named(reading["units"][n]["claim"])]
    missing: dict[RecordKey, Mapping[str, Any] | None] = {}
    while left:
        name, identifier = left.pop(0)
        key = RecordKey(VOCABULARIES[name].singular, identifier)
        if identifier not in known[name] and key not in missing:
            record = missing[key] = listed[name].get(identifier)
            references = vocabulary_references(record, VOCABULARIES[name]) if record else ()
            left += [(other, holder[k]) for _, holder, k, other in references if holder[k]]
    return missing


def _named(claim: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The records that a claim names, finished or not, each with its vocabulary."""
    if claim.get("occasion"):
        yield "occasions", claim["occasion"]
    chains = [each.get("sources") for each in claim.get("alternatives") or ()]
    yield from (("agents", link["agent"]) for c in chains for link in c or () if "agent" in link)
    for key, inner, name in CLAIM_REFERENCES:
        for item in claim.get(key) or ():
            identifier = item if inner is None else item.get(inner)
            if name in NEW_RECORDS and identifier is not None:
                yield name, identifier


def _ids(reading: Reading, fixtures: Fixtures) -> list[str | None]:
    """An id for each unit that is a claim."""
    said = _said_before(fixtures)
    units = reading["units"]
    new = iter(new_ids(fixtures, "clm_", len(units)))
    return [
        (said.get(_said(reading["document"], unit, unit["claim"])) or next(new))
        if unit["decision"] == "claim"
        else None
        for unit in units
    ]


def _said(document: str, span: Mapping[str, Any], claim: Mapping[str, Any]) -> _Said:
    return document, span["start"], span["end"], folded(claim.get("statement") or "")


def _said_before(fixtures: Fixtures) -> dict[_Said, str]:
    """What every claim says and ever said, with its id."""
    states = [*fixtures["claims"]]
    states += [
        change["previous"]
        for change in fixtures["changes"]
        if change.get("previous") is not None and record_of(change).kind == CLAIM
    ]
    return {
        _said(state["evidence"][0]["document"], state["evidence"][0], state): state["id"]
        for state in states
    }


def claim_of_unit(
    reading: Reading, unit: Mapping[str, Any], text: str, names: Mapping[str, str | None]
) -> Claim:
    """The claim of a unit, as far as it is there; quotations and evidence with their document."""
    read = unit["claim"]
    document = reading["document"]
    own = {"start": unit["start"], "end": unit["end"], "role": "supports"}
    own |= {key: read[key] for key in _EVIDENCE if key in read}
    passages = [own, *read.get("further_evidence", ())]
    claim = {key: value for key, value in read.items() if key not in _EVIDENCE}
    claim.pop("further_evidence", None)
    claim["evidence"] = [
        {"document": document, **each, "sha256": sha256_of(text[each["start"] : each["end"]])}
        for each in passages
        if "start" in each and "end" in each
    ]
    claim["quotes"] = [{"document": document, **each} for each in read.get("quotes") or ()]
    claim["relations"] = [
        {**each, "claim": names.get(each.get("claim")) or each.get("claim")}
        for each in read.get("relations") or ()
    ]
    ordered = [key for key in _CLAIM.fields if key in claim]
    return {key: claim[key] for key in ordered}


def unit_of_claim(claim: Mapping[str, Any]) -> dict[str, Any]:
    """The unit, still to be decided, of which ``claim_of_unit`` makes a claim of one document."""
    whole = _CLAIM.load(dict(claim))  # with what is meant by absent keys
    own, *further = whole["evidence"]
    apart = ("id", "revision", "recorded_at", "evidence", "quotes")
    read = {key: value for key, value in whole.items() if key not in apart}
    read |= {key: own[key] for key in _EVIDENCE}
    keys = ("start", "end", "fidelity", "role", "locator")
    read["further_evidence"] = [{key: each[key] for key in keys} for each in further]
    quote = ("text", "speaker", "start", "end")
    read["quotes"] = [{key: each[key] for key in quote} for each in whole["quotes"]]
    return new_unit(own["start"], own["end"], claim=read)


def _breaches(
    claim: Claim, known: Mapping[str, Mapping[str, Any]], active: set[str]
) -> Iterator[Breach]:
    """What is wrong with a claim by itself, else between it and other records."""
    try:
        loaded = _CLAIM.load({**claim, **_UNSTAMPED})
    except ValidationError as error:
        yield from flatten(error.messages, claim)
        return
    yield from claim_breaches(loaded, known)
    for number, relation in enumerate(loaded["relations"]):
        if relation["claim"] not in active:
            steps = ("relations", number, "claim")
            yield steps, relation["claim"], "the id of one of the claims, or a unit that is one"


def _in_unit(number: int, breach: Breach) -> Breach:
    """The breach of a claim at its place in the reading."""
    steps, value, allowed = breach
    return ("units", number, *place_in_unit(steps)), value, allowed


def place_in_unit(steps: Sequence[object]) -> tuple[object, ...]:
    """Where a part of a claim stands in its unit."""
    match tuple(steps):
        case ("evidence", 0, ("start" | "end") as key, *_):
            return (key,)
        case ("evidence", 0, *rest):
            return ("claim", *rest)
        case ("evidence", int(n), *rest):
            return ("claim", "further_evidence", n - 1, *rest)
    return ("claim", *steps)
