"""From checked records to served ones: what is computed is filled in; no clock, no chance."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.claim import CREDIBILITY_SCORES, LEVEL_SCORES
from schemas.date import expanded
from schemas.faults import DataRefused, Faults, faults_in
from schemas.filters import TERMS
from schemas.vocabularies import CLAIM_REFERENCES, VOCABULARIES, VocabularyKind
from service.compiler.check import Checked
from service.compiler.facts import ChangeFacts
from service.compiler.read import Fixtures, PlainRecord

_NAMING = [(row.vocabulary, row.values) for row in TERMS.values() if row.vocabulary is not None]
ClaimCounts = Counter[tuple[str, str]]
"""How many claims name a record, by its vocabulary and its id."""


def served_claim(claim: PlainRecord, checked: Checked) -> dict[str, Any]:
    """A curated claim as it is served: references expanded, dates bounded, scores filled in.

    Its keys are in any order: ``reloaded`` puts them in that of the schema.
    """
    goal, confidence = claim["goal"], claim["confidence"]
    said, holds = confidence["attribution"], confidence["content"]
    served = {
        **claim,
        "occasion": claim["occasion"] and checked.references["occasions"][claim["occasion"]],
        "goal": goal and {**goal, "horizon": expanded(goal["horizon"])},
        "dates": {name: expanded(date) for name, date in claim["dates"].items()},
        "confidence": {
            "attribution": {**said, "score": LEVEL_SCORES[said["level"]]},
            "content": {**holds, "score": CREDIBILITY_SCORES[holds["credibility"]]},
        },
        "related_from": checked.related.get(claim["id"], []),
        "independent_origins": checked.origins.get(claim["id"], 1),
    }
    for key, inner, vocabulary in CLAIM_REFERENCES:
        references = checked.references[vocabulary]
        if inner is None:
            served[key] = [references[identifier] for identifier in served[key]]
        else:
            served[key] = [{**item, inner: references[item[inner]]} for item in served[key]]
    return served


def named_records(claim: PlainRecord) -> set[tuple[str, str]]:
    """The vocabularies and ids that a served claim names, as the filters of the API find them."""
    return {(vocabulary, value) for vocabulary, values in _NAMING for value in values(claim)}


def served_vocabularies(
    fixtures: Fixtures, checked: Checked, claim_counts: ClaimCounts
) -> dict[str, list[PlainRecord]]:
    """The vocabularies in id order, references expanded, each record with its claim count.

    Raises ``DataRefused`` when what was made is not what its schema takes.
    """
    faults, served = Faults(), {}
    for name, kind in VOCABULARIES.items():
        schema = kind.served()
        expanded_records = [
            {**_expanded(record, kind, checked), "claim_count": claim_counts[name, record["id"]]}
            for record in sorted(fixtures[name], key=lambda record: str(record["id"]))
        ]
        served[name] = [reloaded(name, schema, record, faults) for record in expanded_records]
    if faults:
        raise DataRefused(faults)
    return served


def _expanded(record: PlainRecord, kind: VocabularyKind, checked: Checked) -> dict[str, Any]:
    return {
        **record,
        **{
            key: record[key] and checked.references[target][record[key]]
            for key, target in kind.references.items()
        },
        **{key: expanded(record[key]) for key in kind.dates},
    }


def tombstones(checked: Checked) -> list[PlainRecord]:
    """What is left of retired claims, in the order of their ids."""
    return [
        {
            "id": change.claim,
            "withdrawn_on": change.recorded_at,
            "reason": change.reason,
            "replaced_by": change.replaced_by,
        }
        for change in sorted(checked.changes, key=lambda change: change.claim)
        if change.retires
    ]


def counts(fixtures: Fixtures, checked: Checked) -> Mapping[str, int]:
    """How many records of each kind there are."""
    return {
        "claims": len(checked.claims),
        "distinct_goals": sum(c.goal and not c.targets("restates") for c in checked.claims),
        "retired": sum(change.retires for change in checked.changes),
        **{name: len(fixtures[name]) for name in VOCABULARIES},
        "quotes": sum(claim.quotes for claim in checked.claims),
    }


def built_at(changes: Iterable[ChangeFacts], epoch: int | None) -> str:
    """When the data set was made, as an instant that every rebuild repeats.

    ``epoch`` (seconds since 1970, ``SOURCE_DATE_EPOCH`` of
    reproducible-builds.org), else the newest day on which anything was recorded.
    """
    if epoch is not None:
        return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return max((change.recorded_at for change in changes), default="1970-01-01") + "T00:00:00Z"


def reloaded(name: str, schema: Schema, record: PlainRecord, faults: Faults) -> PlainRecord:
    """A record that was made, loaded through the schema it is served under, its keys in order.

    A dump alone validates nothing. What is wrong goes to ``faults``.
    """
    try:
        loaded: PlainRecord = schema.load(record)
        if loaded != record:
            raise ValidationError("the very value that was made")
        return loaded
    except ValidationError as error:
        faults.collect(faults_in(f"compiled {name}", error.messages, record, (str(record["id"]),)))
        return record
