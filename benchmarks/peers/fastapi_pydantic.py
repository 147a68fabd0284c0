"""FastAPI with pydantic models, as its tutorial does it: models in memory, one returned.

Unlike the plain list, it looks its claims up by topic, so that what is measured is the framework
and not a loop.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel


class Reference(BaseModel):
    id: str
    name: str


class Date(BaseModel):
    edtf: str
    earliest: str | None
    latest: str | None
    precision: str
    basis: str
    note: str | None


class Goal(BaseModel):
    horizon: Date | None
    specificity: str
    details: str | None


class Source(BaseModel):
    agent: Reference
    role: str
    cue: str | None


class Quote(BaseModel):
    text: str
    speaker: Reference
    document: Reference
    start: int
    end: int


class Evidence(BaseModel):
    document: Reference
    start: int
    end: int
    sha256: str
    fidelity: str
    role: str


class Dates(BaseModel):
    announced: Date | None
    occurred: Date | None


class Attribution(BaseModel):
    level: str
    score: int
    rationale: str


class Content(BaseModel):
    credibility: int
    score: int | None
    rationale: str


class Confidence(BaseModel):
    attribution: Attribution
    content: Content


class Related(BaseModel):
    type: str
    claim: str


class Relation(Related):
    rationale: str


class Claim(BaseModel):
    id: str
    statement: str
    kind: str
    topics: list[Reference]
    actors: list[Reference]
    addressees: list[Reference]
    about: list[Reference]
    occasion: Reference | None
    places: list[Reference]
    goal: Goal | None
    sources: list[Source]
    attribution: str
    quotes: list[Quote]
    evidence: list[Evidence]
    dates: Dates
    hedges: list[str]
    confidence: Confidence
    relations: list[Relation]
    related_from: list[Related]
    independent_origins: int
    revision: int
    recorded_at: str


class Meta(BaseModel):
    total: int
    limit: int


class ClaimPage(BaseModel):
    data: list[Claim]
    meta: Meta


def load(path: Path) -> tuple[list[Claim], dict[str, list[int]]]:
    claims, places = [], defaultdict(list)
    with path.open("rb") as file:
        for place, line in enumerate(file):
            claims.append(Claim.model_validate_json(line))
            for topic in claims[-1].topics:
                places[topic.id].append(place)
    return claims, places


CLAIMS, PLACES = load(Path(os.environ["BENCH_CLAIMS"]))

app = FastAPI()


@app.get("/v1/claims")
def claims(topic: str | None = None, kind: str | None = None, limit: int = 25) -> ClaimPage:
    found: Any = range(len(CLAIMS))
    if topic is not None:
        found = sorted({place for wanted in topic.split(",") for place in PLACES[wanted]})
    if kind is not None:
        kinds = set(kind.split(","))
        found = [place for place in found if CLAIMS[place].kind in kinds]
    page = [CLAIMS[place] for place in found[:limit]]
    return ClaimPage(data=page, meta=Meta(total=len(found), limit=limit))
