"""From checked records to served ones: what is computed is filled in; no clock, no chance."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.date import expanded
from schemas.faults import Faults
from schemas.filter_kinds import Terms
from schemas.filters import LISTED
from schemas.records.change import CURATED
from schemas.records.claim import CREDIBILITY_SCORES, LEVEL_SCORES, is_sourced
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.check import Checked
from service.compiler.read import PlainRecord, reported
from service.compiler.rules.facts import (
    Facts,
    RecordsById,
    References,
    claim_references,
    vocabulary_references,
)
from service.compiler.rules.origins import distinct_origins

KINDS = tuple(CURATED)
_NAMING = tuple(
    (row.vocabulary, row)
    for row in LISTED.values()
    if isinstance(row, Terms) and row.vocabulary is not None
)
"""The filters that find claims by the records they name, each with the vocabulary of these."""
ClaimCounts = Counter[tuple[str, str]]
"""How many claims name a record, by its vocabulary and its id."""


def served_claim(
    claim: dict[str, Any],
    known: RecordsById,
    origins: int,
    related_from: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """A curated claim as it is served: references expanded, dates bounded, scores filled in; and
    the number of independent ``origins`` and the relations that point to it.

    Changes the ``claim``. Its keys are in any order: ``reloaded`` puts them in
    that of the schema.
    """
    _expand(claim_references(claim), known)
    goal, confidence = claim["goal"], claim["confidence"]
    said, holds = confidence["attribution"], confidence["content"]
    return {
        **claim,
        "goal": goal and {**goal, "horizon": expanded(goal["horizon"])},
        "sourced": is_sourced(claim),
        "dates": {name: expanded(date) for name, date in claim["dates"].items()},
        "confidence": {
            "attribution": {**said, "score": LEVEL_SCORES[said["level"]]},
            "content": {**holds, "score": CREDIBILITY_SCORES[holds["credibility"]]},
        },
        "related_from": related_from,
        "independent_origins": origins,
    }


def _expand(references: References, known: RecordsById) -> None:
    """Puts, in place of each id, the id with what its record is called."""
    for _, holder, key, vocabulary in references:
        if (identifier := holder[key]) is not None:
            record = known[vocabulary][identifier]
            name = record[VOCABULARIES[vocabulary].name_key]
            status = {"status": record["status"]} if vocabulary == "documents" else {}
            holder[key] = {"id": identifier, "name": name, **status}


def named_records(claim: PlainRecord, known: RecordsById) -> set[tuple[str, str]]:
    """The vocabularies and ids that a served claim names, as the filters of the API find them."""
    return {(vocabulary, value) for vocabulary, row in _NAMING for value in row.terms(claim, known)}


def served_vocabulary(
    name: str, known: RecordsById, claim_counts: ClaimCounts
) -> Iterator[PlainRecord]:
    """A vocabulary in id order, references expanded, each record with its claim count."""
    kind = VOCABULARIES[name]
    for identifier, record in sorted(known[name].items()):
        served = {**record, "claim_count": claim_counts[name, identifier]}
        _expand(vocabulary_references(served, kind), known)
        yield served | {key: expanded(record[key]) for key in kind.dates}


def reloaded(
    name: str, schema: Schema, records: Iterable[PlainRecord], faults: Faults
) -> Iterator[PlainRecord]:
    """Records that were made, loaded through the schema they are served under, keys in its order.

    A dump alone validates nothing. What is wrong goes to ``faults``.
    """
    for record in records:
        with reported(f"compiled {name}", faults, record["id"]):
            loaded = schema.load(record)
            if loaded != record:
                raise ValidationError("the very value that was made", data=record)
            yield loaded


def tombstones(facts: Facts) -> Iterator[PlainRecord]:
    """What is left of retired records: the claims first, each kind in the order of the ids."""
    retired = """
        SELECT kind, id, recorded_at AS withdrawn_on, reason, replaced_by FROM change
        WHERE kind = ? AND retires ORDER BY id"""
    keys = ("kind", "id", "withdrawn_on", "reason", "replaced_by")
    for kind in KINDS:
        for row in facts.find(retired, kind):
            yield dict(zip(keys, row, strict=True))


_COUNTS = """
    SELECT count(*), coalesce(sum(quotes), 0),
        count(nullif(goal, 0)) - (SELECT count(DISTINCT relation.place)
            FROM relation JOIN claim USING (place) WHERE type = 'restates' AND goal),
        (SELECT count(*) FROM change WHERE retires AND kind = 'claim')
    FROM claim"""


def counts(checked: Checked) -> Mapping[str, int]:
    """How many records of each kind there are."""
    ((claims, quotes, distinct_goals, retired),) = checked.facts.find(_COUNTS)
    return {
        "claims": claims,
        "distinct_goals": distinct_goals,
        "retired": retired,
        **{name: len(records) for name, records in checked.vocabularies.items()},
        "quotes": quotes,
        "origins": distinct_origins(checked.facts, checked.vocabularies),
    }


def built_at(facts: Facts, epoch: int | None) -> str:
    """When the data set was made, as an instant that every rebuild repeats.

    ``epoch`` (seconds since 1970, ``SOURCE_DATE_EPOCH`` of
    reproducible-builds.org), else the newest day on which anything was recorded.
    """
    if epoch is not None:
        return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ((newest,),) = facts.find("SELECT max(recorded_at) FROM change")
    return f"{newest or '1970-01-01'}T00:00:00Z"
