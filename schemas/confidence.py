"""How sure one can be: two questions that are never blended into one number."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from schemas.fields import Choice, Text
from schemas.record import ObjectOf, Record, rule

LEVEL_SCORES = {"low": 15, "moderate": 50, "high": 85}
"""STIX 2.1 appendix A, "None / Low / Med / High" scale."""
CREDIBILITY_SCORES: dict[int, int | None] = {1: 90, 2: 70, 3: 50, 4: 30, 5: 10, 6: None}
"""STIX 2.1 appendix A, Admiralty credibility; 6 ("cannot be judged") has no score."""


class CuratedAttributionConfidence(Record):
    """Was it said by that source? Scores are computed, never typed."""

    computed = frozenset({"score"})
    level = Choice(*LEVEL_SCORES)
    rationale = Text(500)


class CuratedContentConfidence(Record):
    """Does it hold, as far as the documents allow to judge?"""

    computed = frozenset({"score"})
    credibility = Choice(*CREDIBILITY_SCORES)
    rationale = Text(500)


class CuratedConfidenceSchema(Record):
    attribution = ObjectOf(CuratedAttributionConfidence)
    content = ObjectOf(CuratedContentConfidence)


class AttributionConfidence(Record):
    level = Choice(*LEVEL_SCORES)
    score = Choice(*LEVEL_SCORES.values())
    rationale = Text(500)

    @rule
    def scored(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["score"] != LEVEL_SCORES[data["level"]]:
            raise ValidationError("the score of the level", "score")


class ContentConfidence(Record):
    credibility = Choice(*CREDIBILITY_SCORES)
    score = Choice(*filter(None, CREDIBILITY_SCORES.values()), allow_none=True)
    rationale = Text(500)

    @rule
    def scored(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["score"] != CREDIBILITY_SCORES[data["credibility"]]:
            raise ValidationError("the score of the credibility", "score")


class ConfidenceSchema(Record):
    attribution = ObjectOf(AttributionConfidence)
    content = ObjectOf(ContentConfidence)
