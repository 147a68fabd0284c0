"""A claim: one proposition with one attribution, as curated and as served.

The curated record refers by id and leaves out what is computed; the served
record expands references to ``{id, name}`` and holds the computed fields. The
rules by which a claim is curated are in ``docs/codebook.md``.
"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from schemas.dates import CuratedDateSchema, DateSchema
from schemas.fields import (
    SHA256,
    AnyField,
    Choice,
    Day,
    ListOf,
    ObjectOf,
    Pattern,
    Record,
    Text,
    Whole,
    claim_id,
    document_id,
    slug,
    span_order,
)

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
SOURCE_ROLES = ("speaker", "relayer", "publisher")
FIDELITIES = ("verbatim", "mixed", "paraphrase", "inference")
EVIDENCE_ROLES = ("supports", "contradicts", "context")
RELATIONS = ("restates", "details", "continues", "escalates", "contrasts", "supports", "refutes")

LEVEL_SCORES = {"low": 15, "moderate": 50, "high": 85}
"""STIX 2.1 appendix A, "None / Low / Med / High" scale."""
CREDIBILITY_SCORES: dict[int, int | None] = {1: 90, 2: 70, 3: 50, 4: 30, 5: 10, 6: None}
"""STIX 2.1 appendix A, Admiralty credibility; 6 ("cannot be judged") has no score."""


class Reference(Record):
    """A reference to an agent, topic or occasion as served: its id and its name."""

    id = slug()
    name = Text(500)


class DocumentReference(Record):
    """A reference to a document as served; its name is the document's title."""

    id = document_id()
    name = Text(500)


class CuratedGoalSchema(Record):
    """What is to be achieved and by when; ``details`` stay null where none were announced."""

    horizon = ObjectOf(CuratedDateSchema, allow_none=True)
    specificity = Choice(*SPECIFICITIES)
    details = Text(allow_none=True)

    @validates_schema
    def withheld(self, data: dict[str, Any], **kwargs: Any) -> None:
        _withheld(data)


class GoalSchema(Record):
    horizon = ObjectOf(DateSchema, allow_none=True)
    specificity = Choice(*SPECIFICITIES)
    details = Text(allow_none=True)

    @validates_schema
    def withheld(self, data: dict[str, Any], **kwargs: Any) -> None:
        _withheld(data)


def _withheld(goal: dict[str, Any]) -> None:
    if (goal["specificity"] == "withheld") != (goal["details"] is None):
        raise ValidationError("null where the content was withheld, else the target", "details")


class CuratedSourceSchema(Record):
    """One link of the attribution chain; ``cue`` is the reporting verb."""

    agent: AnyField = slug()
    role = Choice(*SOURCE_ROLES)
    cue = Text(100, allow_none=True)


class SourceSchema(CuratedSourceSchema):
    agent = ObjectOf(Reference)


class CuratedQuoteSchema(Record):
    """A string that the document prints in quotation marks, the marks left out.

    ``start`` and ``end`` are offsets in code points, end exclusive.
    """

    text = Text()
    speaker: AnyField = slug()
    document: AnyField = document_id()
    start = Whole(0)
    end = Whole(1)

    @validates_schema
    def as_long_as_its_text(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["end"] - data["start"] != len(data["text"]):
            raise ValidationError(f"start plus the text's {len(data['text'])} code points", "end")


class QuoteSchema(CuratedQuoteSchema):
    speaker = ObjectOf(Reference)
    document = ObjectOf(DocumentReference)


class CuratedEvidenceSchema(Record):
    """A span of a document (Web Annotation ``TextPositionSelector``) and the hash of its bytes."""

    document: AnyField = document_id()
    start = Whole(0)
    end = Whole(1)
    sha256 = Pattern(SHA256, "64 hexadecimal digits, as `policy-claims locate` prints them")
    fidelity = Choice(*FIDELITIES)
    role = Choice(*EVIDENCE_ROLES)

    ordered = span_order()


class EvidenceSchema(CuratedEvidenceSchema):
    document = ObjectOf(DocumentReference)


class CuratedDatesSchema(Record):
    """When it was made public, and when it happened."""

    announced = ObjectOf(CuratedDateSchema, allow_none=True)
    occurred = ObjectOf(CuratedDateSchema, allow_none=True)


class DatesSchema(Record):
    announced = ObjectOf(DateSchema, allow_none=True)
    occurred = ObjectOf(DateSchema, allow_none=True)


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

    @validates_schema
    def scored(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["score"] != LEVEL_SCORES[data["level"]]:
            raise ValidationError("the score of the level", "score")


class ContentConfidence(Record):
    credibility = Choice(*CREDIBILITY_SCORES)
    score = Choice(*filter(None, CREDIBILITY_SCORES.values()), allow_none=True)
    rationale = Text(500)

    @validates_schema
    def scored(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["score"] != CREDIBILITY_SCORES[data["credibility"]]:
            raise ValidationError("the score of the credibility", "score")


class ConfidenceSchema(Record):
    attribution = ObjectOf(AttributionConfidence)
    content = ObjectOf(ContentConfidence)


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
    quotes = ListOf(ObjectOf(CuratedQuoteSchema))
    evidence = ListOf(ObjectOf(CuratedEvidenceSchema), minimum=1)
    dates = ObjectOf(CuratedDatesSchema)
    hedges = ListOf(Text(200), unique=True)
    confidence = ObjectOf(CuratedConfidenceSchema)
    relations = ListOf(ObjectOf(RelationSchema))
    revision = Whole(1)
    recorded_at = Day()

    @validates_schema
    def chained(self, data: dict[str, Any], **kwargs: Any) -> None:
        _chain(data["sources"], data["attribution"])

    @validates_schema
    def with_a_goal(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == "goal" and data["goal"] is None:
            raise ValidationError("an object, since the claim's kind is goal", "goal")

    @validates_schema
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
    related_from = ListOf(ObjectOf(RelatedSchema))
    independent_origins = Whole(1)
    revision = Whole(1)
    recorded_at = Day()
