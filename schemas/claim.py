"""A claim: one proposition with one attribution, as curated and as served.

The curated record refers by id and leaves out what is computed; the served
record expands references to ``{id, name}`` and holds the computed fields. The
rules by which a claim is curated are in ``docs/codebook.md``.
"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from schemas.date import CuratedDateSchema, DateSchema
from schemas.fields import AnyField, Choice, Day, Text, Whole, claim_id, slug
from schemas.provenance import (
    CuratedEvidenceSchema,
    CuratedQuoteSchema,
    CuratedSourceSchema,
    EvidenceSchema,
    QuoteSchema,
    Reference,
    SourceSchema,
)
from schemas.record import ListOf, ObjectOf, Record, rule

KINDS = (
    "goal",
    "directive",
    "position",
    "assessment",
    "allegation",
    "event",
    "forecast",
    "context",
)
ATTRIBUTIONS = ("direct", "mixed", "indirect", "narrator")
SPECIFICITIES = ("withheld", "directional", "measurable")
RELATIONS = ("restates", "details", "continues", "escalates", "contrasts", "supports", "refutes")

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


class CuratedGoalSchema(Record):
    """What is to be achieved and by when; ``details`` stay null where none were announced."""

    curated = True
    horizon: AnyField = ObjectOf(CuratedDateSchema, allow_none=True)
    specificity = Choice(*SPECIFICITIES)
    details = Text(allow_none=True)

    @rule
    def withheld(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["specificity"] == "withheld") != (data["details"] is None):
            allowed = "null where the content was withheld, else the target"
            raise ValidationError(allowed, "details")


class GoalSchema(CuratedGoalSchema):
    horizon = ObjectOf(DateSchema, allow_none=True)


class CuratedDatesSchema(Record):
    """When it was made public, and when it happened."""

    curated = True
    announced = ObjectOf(CuratedDateSchema, allow_none=True)
    occurred = ObjectOf(CuratedDateSchema, allow_none=True)


class DatesSchema(Record):
    announced = ObjectOf(DateSchema, allow_none=True)
    occurred = ObjectOf(DateSchema, allow_none=True)


class RelatedSchema(Record):
    """A relation as seen from the claim it points to."""

    type = Choice(*RELATIONS)
    claim = claim_id()


class RelationSchema(RelatedSchema):
    rationale = Text(500)


def _chain(sources: list[dict[str, Any]], attribution: str) -> None:
    """The chain runs from the origin to the publisher; the narrator's is the publisher alone."""
    roles = [source["role"] for source in sources]
    if attribution == "narrator":
        if roles != ["publisher"]:
            raise ValidationError("the publisher alone, in the document's own voice", "sources")
    elif len(roles) < 2 or roles[0] != "speaker" or roles[-1] != "publisher":
        raise ValidationError("the speaker first and the publisher last", "sources")
    elif set(roles[1:-1]) - {"relayer"}:
        raise ValidationError("relayers alone between speaker and publisher", "sources")


class CuratedClaimSchema(Record):
    """A claim as it stands in ``claims.json``."""

    curated = True
    computed = frozenset({"related_from", "independent_origins"})
    id = claim_id()
    statement = Text()
    kind = Choice(*KINDS)
    topics = ListOf(slug(), minimum=1, unique=True)
    actors = ListOf(slug(), minimum=1, unique=True)
    addressees = ListOf(slug(), unique=True)
    about = ListOf(slug(), unique=True)
    occasion = slug(allow_none=True)
    goal = ObjectOf(CuratedGoalSchema, allow_none=True)
    sources = ListOf(ObjectOf(CuratedSourceSchema), minimum=1)
    attribution = Choice(*ATTRIBUTIONS)
    quotes = ListOf(ObjectOf(CuratedQuoteSchema), unique=True)
    evidence = ListOf(ObjectOf(CuratedEvidenceSchema), minimum=1, unique=True)
    dates = ObjectOf(CuratedDatesSchema)
    hedges = ListOf(Text(200), unique=True)
    confidence = ObjectOf(CuratedConfidenceSchema)
    relations = ListOf(ObjectOf(RelationSchema), unique=True)
    revision = Whole(1)
    recorded_at = Day()

    @rule
    def chained(self, data: dict[str, Any], **kwargs: Any) -> None:
        _chain(data["sources"], data["attribution"])

    @rule
    def related_to_others(self, data: dict[str, Any], **kwargs: Any) -> None:
        for place, relation in enumerate(data["relations"]):
            if relation["claim"] == data["id"]:
                raise ValidationError({"relations": {place: {"claim": ["another claim"]}}})

    @rule
    def with_a_goal(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == "goal" and data["goal"] is None:
            raise ValidationError("an object, since the claim's kind is goal", "goal")

    @rule
    def with_a_quote(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["attribution"] in ("direct", "mixed") and not data["quotes"]:
            raise ValidationError("a quote, since the attribution is direct or mixed", "quotes")


class ClaimSchema(Record):
    """A claim as the service answers it; the keys in this order, none ever absent."""

    id = claim_id()
    statement = Text()
    kind = Choice(*KINDS)
    topics = ListOf(ObjectOf(Reference), minimum=1, unique=True)
    actors = ListOf(ObjectOf(Reference), minimum=1, unique=True)
    addressees = ListOf(ObjectOf(Reference), unique=True)
    about = ListOf(ObjectOf(Reference), unique=True)
    occasion = ObjectOf(Reference, allow_none=True)
    goal = ObjectOf(GoalSchema, allow_none=True)
    sources = ListOf(ObjectOf(SourceSchema), minimum=1)
    attribution = Choice(*ATTRIBUTIONS)
    quotes = ListOf(ObjectOf(QuoteSchema))
    evidence = ListOf(ObjectOf(EvidenceSchema), minimum=1)
    dates = ObjectOf(DatesSchema)
    hedges = ListOf(Text(200), unique=True)
    confidence = ObjectOf(ConfidenceSchema)
    relations = ListOf(ObjectOf(RelationSchema))
    related_from = ListOf(ObjectOf(RelatedSchema), maximum=float("inf"))
    independent_origins = Whole(1)
    revision = Whole(1)
    recorded_at = Day()
