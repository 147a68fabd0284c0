"""From checked fixtures to the canonical files of a data set; no clock, no chance."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.claim import ClaimSchema
from schemas.confidence import CREDIBILITY_SCORES, LEVEL_SCORES
from schemas.dates import expanded
from schemas.document import AgentSchema, DocumentSchema, OccasionSchema, TopicSchema
from schemas.faults import DataRefused, Fault, faults_in, shown
from service.build.graph import independent_origins, related_from
from service.build.reading import Fixtures, Record
from service.store import keys
from service.store.dataset import (
    CHANGES,
    CLAIMS,
    MANIFEST,
    RETIRED,
    canonical,
    make_manifest,
)

Refer = Callable[[str], dict[str, str]]


def compute(fixtures: Fixtures) -> dict[str, bytes]:
    """The files of a data set, by name. Raises ``DataRefused``.

    Fills in what is computed, puts claims in their order and serialises. What
    is produced is loaded again through the served schemas, since a dump alone
    validates nothing.
    """
    claims = _claims(fixtures)
    vocabularies = _vocabularies(fixtures, claims)
    retired = _retired(fixtures)
    _reload("claims", ClaimSchema(), claims)
    claims.sort(key=partial(keys.position, order="-announced"))
    files = {
        CLAIMS: b"".join(canonical(claim) + b"\n" for claim in claims),
        CHANGES: b"".join(canonical(change) + b"\n" for change in fixtures.changes),
        RETIRED: canonical(retired),
        **{f"{name}.json": canonical(records) for name, records in vocabularies.items()},
    }
    counts = _counts(claims, vocabularies, retired)
    return {**files, MANIFEST: make_manifest(files, _built_at(fixtures), counts)}


def served_claim(
    claim: Record, refer: Mapping[str, Refer], origins: int, related: list[dict[str, Any]]
) -> dict[str, Any]:
    """A curated claim as it is served: references expanded, dates bounded, scores filled in.

    Longer than other functions here, for a claim has that many keys, in this order.
    """
    agent, document = refer["agents"], refer["documents"]
    goal, confidence = claim["goal"], claim["confidence"]
    return {
        "id": claim["id"],
        "statement": claim["statement"],
        "kind": claim["kind"],
        "topics": [refer["topics"](topic) for topic in claim["topics"]],
        "actors": [agent(actor) for actor in claim["actors"]],
        "addressees": [agent(addressee) for addressee in claim["addressees"]],
        "about": [agent(other) for other in claim["about"]],
        "occasion": claim["occasion"] and refer["occasions"](claim["occasion"]),
        "goal": goal and {**goal, "horizon": expanded(goal["horizon"])},
        "sources": [{**link, "agent": agent(link["agent"])} for link in claim["sources"]],
        "attribution": claim["attribution"],
        "quotes": [
            {**quote, "speaker": agent(quote["speaker"]), "document": document(quote["document"])}
            for quote in claim["quotes"]
        ],
        "evidence": [
            {**span, "document": document(span["document"])} for span in claim["evidence"]
        ],
        "dates": {name: expanded(claim["dates"][name]) for name in ("announced", "occurred")},
        "hedges": claim["hedges"],
        "confidence": _scored(confidence),
        "relations": claim["relations"],
        "related_from": related,
        "independent_origins": origins,
        "revision": claim["revision"],
        "recorded_at": claim["recorded_at"],
    }


def _scored(confidence: Mapping[str, Any]) -> dict[str, Any]:
    attribution, content = confidence["attribution"], confidence["content"]
    return {
        "attribution": {
            "level": attribution["level"],
            "score": LEVEL_SCORES[attribution["level"]],
            "rationale": attribution["rationale"],
        },
        "content": {
            "credibility": content["credibility"],
            "score": CREDIBILITY_SCORES[content["credibility"]],
            "rationale": content["rationale"],
        },
    }


def _claims(fixtures: Fixtures) -> list[dict[str, Any]]:
    refer = {name: _referrer(getattr(fixtures, name), key) for name, key in _NAMED_BY.items()}
    origins = independent_origins(fixtures.claims, fixtures.agents)
    related = related_from(fixtures.claims)
    return [
        served_claim(claim, refer, origins[claim["id"]], related.get(claim["id"], []))
        for claim in fixtures.claims
    ]


_NAMED_BY = {"documents": "title", "agents": "name", "topics": "label", "occasions": "name"}


def _referrer(records: Iterable[Record], name_key: str) -> Refer:
    names = {record["id"]: record[name_key] for record in records}
    return lambda identifier: {"id": identifier, "name": names[identifier]}


def _vocabularies(fixtures: Fixtures, claims: list[dict[str, Any]]) -> dict[str, list[Record]]:
    """The four vocabularies in id order, references expanded, each record with its claim count."""
    agent, topic = _referrer(fixtures.agents, "name"), _referrer(fixtures.topics, "label")
    count = _mentions(claims)
    made: dict[str, list[Record]] = {
        "documents": [
            {**d, "publisher": agent(d["publisher"]), "published": expanded(d["published"])}
            for d in fixtures.documents
        ],
        "agents": [dict(a) for a in fixtures.agents],
        "topics": [{**t, "broader": t["broader"] and topic(t["broader"])} for t in fixtures.topics],
        "occasions": [
            {**o, "dates": expanded(o["dates"]), "organizer": agent(o["organizer"])}
            for o in fixtures.occasions
        ],
    }
    schemas: dict[str, Schema] = {
        "documents": DocumentSchema(),
        "agents": AgentSchema(),
        "topics": TopicSchema(),
        "occasions": OccasionSchema(),
    }
    for name, records in made.items():
        records[:] = [{**record, "claim_count": count[name, record["id"]]} for record in records]
        records.sort(key=lambda record: str(record["id"]))
        _reload(name, schemas[name], records)
    return made


def _mentions(claims: Iterable[Record]) -> Counter[tuple[str, str]]:
    """How many claims name each record, counted as the filters of the API would find them."""
    dimensions = {
        "documents": ("document",),
        "agents": ("actor", "addressee", "about", "source"),
        "topics": ("topic",),
        "occasions": ("occasion",),
    }
    count: Counter[tuple[str, str]] = Counter()
    for claim in claims:
        terms = keys.terms(claim)
        for name, along in dimensions.items():
            for identifier in {value for dimension in along for value in terms[dimension]}:
                count[name, identifier] += 1
    return count


def _retired(fixtures: Fixtures) -> list[dict[str, Any]]:
    retired = [
        {
            "id": change["claim"],
            "withdrawn_on": change["recorded_at"],
            "reason": change["reason"],
            "replaced_by": change["replaced_by"],
        }
        for change in fixtures.changes
        if change["change"] in ("superseded", "withdrawn")
    ]
    return sorted(retired, key=lambda record: str(record["id"]))


def _counts(
    claims: list[dict[str, Any]], vocabularies: Mapping[str, list[Record]], retired: list[Any]
) -> dict[str, int]:
    goals = [c for c in claims if c["goal"] and "restates" not in list(keys.flags(c))]
    quotes = sum(len(claim["quotes"]) for claim in claims)
    sizes = {name: len(records) for name, records in vocabularies.items()}
    return {
        "claims": len(claims),
        "distinct_goals": len(goals),
        "retired": len(retired),
        **sizes,
        "quotes": quotes,
    }


def _built_at(fixtures: Fixtures) -> str:
    """When the data set was made, as an instant that every rebuild repeats.

    ``SOURCE_DATE_EPOCH`` (reproducible-builds.org) where it is set, else the
    newest day on which anything was recorded.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        if not re.fullmatch("[0-9]{1,10}", epoch):
            fault = Fault("environment", "SOURCE_DATE_EPOCH", shown(epoch), "seconds since 1970")
            raise DataRefused([fault])
        moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    days = [change["recorded_at"] for change in fixtures.changes]
    return max(days, default="1970-01-01") + "T00:00:00Z"


def _reload(name: str, schema: Schema, records: list[Any]) -> None:
    """Loads what was made through the schema it is served under, and compares."""
    faults = []
    for place, record in enumerate(records):
        try:
            if schema.load(record) != record:
                raise ValidationError("the very value that was made")
        except ValidationError as error:
            faults += faults_in(f"compiled {name}", error.messages, record, (place,))
    if faults:
        raise DataRefused(faults)
