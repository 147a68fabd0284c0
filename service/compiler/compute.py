"""From checked records to served ones: what is computed is filled in; no clock, no chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.confidence import CREDIBILITY_SCORES, LEVEL_SCORES
from schemas.date import expanded
from schemas.faults import DataRefused, Faults, faults_in
from schemas.vocabularies import AgentSchema, DocumentSchema, OccasionSchema, TopicSchema
from service.compiler.check import Checked
from service.compiler.facts import Change
from service.compiler.read import VOCABULARY_SCHEMAS, Fixtures, Record


def served_claim(claim: Record, checked: Checked) -> dict[str, Any]:
    """A curated claim as it is served: references expanded, dates bounded, scores filled in.

    Its keys are in any order: ``reloaded`` puts them in that of the schema.
    """
    refer = checked.known.refer
    agent, document = refer["agents"], refer["documents"]
    goal, confidence = claim["goal"], claim["confidence"]
    said, holds = confidence["attribution"], confidence["content"]
    return {
        **claim,
        "topics": [refer["topics"](topic) for topic in claim["topics"]],
        **{key: [*map(agent, claim[key])] for key in ("actors", "addressees", "about")},
        "occasion": claim["occasion"] and refer["occasions"](claim["occasion"]),
        "goal": goal and {**goal, "horizon": expanded(goal["horizon"])},
        "sources": [{**link, "agent": agent(link["agent"])} for link in claim["sources"]],
        "quotes": [
            {**quote, "speaker": agent(quote["speaker"]), "document": document(quote["document"])}
            for quote in claim["quotes"]
        ],
        "evidence": [
            {**span, "document": document(span["document"])} for span in claim["evidence"]
        ],
        "dates": {name: expanded(date) for name, date in claim["dates"].items()},
        "confidence": {
            "attribution": {**said, "score": LEVEL_SCORES[said["level"]]},
            "content": {**holds, "score": CREDIBILITY_SCORES[holds["credibility"]]},
        },
        "related_from": checked.related.get(claim["id"], []),
        "independent_origins": checked.origins.get(claim["id"], 1),
    }


def served_vocabularies(fixtures: Fixtures, checked: Checked) -> dict[str, list[Record]]:
    """The four vocabularies in id order, references expanded, each record with its claim count.

    Raises ``DataRefused`` when what was made is not what its schema takes.
    """
    agent, topic = checked.known.refer["agents"], checked.known.refer["topics"]
    served: dict[str, tuple[Schema, Iterable[Record]]] = {
        "documents": (
            DocumentSchema(),
            (
                {**d, "publisher": agent(d["publisher"]), "published": expanded(d["published"])}
                for d in fixtures.documents
            ),
        ),
        "agents": (AgentSchema(), fixtures.agents),
        "topics": (
            TopicSchema(),
            ({**t, "broader": t["broader"] and topic(t["broader"])} for t in fixtures.topics),
        ),
        "occasions": (
            OccasionSchema(),
            (
                {**o, "dates": expanded(o["dates"]), "organizer": agent(o["organizer"])}
                for o in fixtures.occasions
            ),
        ),
    }
    faults = Faults()
    vocabularies = {
        name: [
            reloaded(name, schema, {**r, "claim_count": checked.mentions[name, r["id"]]}, faults)
            for r in sorted(records, key=lambda record: str(record["id"]))
        ]
        for name, (schema, records) in served.items()
    }
    if faults:
        raise DataRefused(faults)
    return vocabularies


def tombstones(checked: Checked) -> list[dict[str, Any]]:
    """What is left of retired claims, in the order of their ids."""
    retired = [
        {
            "id": change.claim,
            "withdrawn_on": change.recorded_at,
            "reason": change.reason,
            "replaced_by": change.replaced_by,
        }
        for change in checked.changes
        if change.retires
    ]
    return sorted(retired, key=lambda tombstone: str(tombstone["id"]))


def counts(fixtures: Fixtures, checked: Checked) -> dict[str, int]:
    """How many records of each kind there are."""
    return {
        "claims": len(checked.claims),
        "distinct_goals": sum(claim.goal and not claim.restates for claim in checked.claims),
        "retired": sum(change.retires for change in checked.changes),
        **{name: len(getattr(fixtures, name)) for name in VOCABULARY_SCHEMAS},
        "quotes": sum(claim.quotes for claim in checked.claims),
    }


def built_at(changes: Iterable[Change], epoch: int | None) -> str:
    """When the data set was made, as an instant that every rebuild repeats.

    ``epoch`` in seconds since 1970 (``SOURCE_DATE_EPOCH`` of
    reproducible-builds.org) where it is given, else the newest day on which
    anything was recorded.
    """
    if epoch is not None:
        return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return max((change.recorded_at for change in changes), default="1970-01-01") + "T00:00:00Z"


def reloaded(name: str, schema: Schema, record: Record, faults: Faults) -> Record:
    """A record that was made, loaded through the schema it is served under, its keys in order.

    A dump alone validates nothing. What is wrong goes to ``faults``.
    """
    try:
        loaded: Record = schema.load(record)
        if loaded != record:
            raise ValidationError("the very value that was made")
        return loaded
    except ValidationError as error:
        faults.collect(faults_in(f"compiled {name}", error.messages, record, (str(record["id"]),)))
        return record
