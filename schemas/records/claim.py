"""A claim: one proposition with one attribution.

Each record is declared once, as it is served; ``curated`` derives the form in which a curator
writes it. The rules by which a claim is curated are in ``docs/codebook.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from schemas.date import DateSchema
from schemas.fields import Choice, Day, Number, Text, TrueOrFalse, Whole, claim_id, computed
from schemas.records.provenance import EvidenceSchema, QuoteSchema, ReferenceTo, SourceSchema
from schemas.records.record import ListOf, ObjectOf, Record, curated, rule

KINDS = (
    "goal",
    "directive",
    "position",
    "assessment",
    "allegation",
    "event",
    "forecast",
    "context",
    "denial",
)
ATTRIBUTIONS = ("direct", "mixed", "indirect", "narrator")
SPECIFICITIES = ("withheld", "directional", "measurable")
RELATIONS = (
    *("restates", "details", "continues", "escalates", "contrasts", "supports", "refutes"),
    *("responds_to", "causes", "denies", "fulfils", "abandons", "part_of"),
)

LEVEL_SCORES = {"low": 15, "moderate": 50, "high": 85}
"""STIX 2.1 appendix A, "None / Low / Med / High" scale."""
CREDIBILITY_SCORES: dict[int, int | None] = {1: 90, 2: 70, 3: 50, 4: 30, 5: 10, 6: None}
"""STIX 2.1 appendix A, Admiralty credibility; 6 ("cannot be judged") has no score."""


class AttributionConfidence(Record):
    """Was it said by that source? Scores are computed, never typed."""

    level = Choice(*LEVEL_SCORES)
    score = computed(Choice(*LEVEL_SCORES.values()))
    rationale = Text(500)

    @rule
    def scored(self, data: dict[str, Any], **kwargs: Any) -> None:
        score = LEVEL_SCORES[data["level"]]
        if data.get("score", score) != score:
            raise ValidationError("the score of the level", "score")


class ContentConfidence(Record):
    """Does it hold, as far as the documents allow to judge?"""

    credibility = Choice(*CREDIBILITY_SCORES)
    score = computed(Choice(*filter(None, CREDIBILITY_SCORES.values()), allow_none=True))
    rationale = Text(500)

    @rule
    def scored(self, data: dict[str, Any], **kwargs: Any) -> None:
        score = CREDIBILITY_SCORES[data["credibility"]]
        if data.get("score", score) != score:
            raise ValidationError("the score of the credibility", "score")


class ConfidenceSchema(Record):
    attribution = ObjectOf(AttributionConfidence)
    content = ObjectOf(ContentConfidence)


class TargetSchema(Record):
    """A quantity that is to be reached: how much of what, from which starting point, measured by
    which indicator, as far as the document says.
    """

    value = Number()
    unit = Text(100, allow_none=True)
    baseline = Text(500, allow_none=True)
    indicator = Text(500, allow_none=True)


class GoalSchema(Record):
    """What is to be achieved and by when; ``details`` stay null where none were announced.

    ``elaborated`` says whether the document says that, or how, the goal was
    spelled out (null where nobody judged it), ``condition`` what it depends on.
    """

    horizon = ObjectOf(DateSchema, allow_none=True)
    specificity = Choice(*SPECIFICITIES)
    details = Text(allow_none=True)
    elaborated = TrueOrFalse(allow_none=True)
    target = ObjectOf(TargetSchema, allow_none=True)
    condition = Text(allow_none=True)

    @rule
    def withheld(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["specificity"] == "withheld") != (data["details"] is None):
            allowed = "null where the content was withheld, else the target"
            raise ValidationError(allowed, "details")

    @rule
    def measured(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A quantity is what one can measure by (data model, ``specificity``)."""
        if data["target"] is not None and data["specificity"] != "measurable":
            raise ValidationError("null, since the goal is not measurable", "target")


class DatesSchema(Record):
    """Three times that are never mixed: when it was made public, when it took place, and what
    period the judged, alleged, denied or forecast matter belongs to.
    """

    announced = ObjectOf(DateSchema, allow_none=True)
    occurred = ObjectOf(DateSchema, allow_none=True)
    refers_to = ObjectOf(DateSchema, allow_none=True)


def _check_chain(reading: Mapping[str, Any]) -> None:
    """Raises ``ValidationError`` unless the chain leads from the speaker over relayers to the
    publisher; in the document's own voice it is the publisher alone.
    """
    roles = [source["role"] for source in reading["sources"]]
    allowed = None
    if reading["attribution"] == "narrator":
        if roles != ["publisher"]:
            allowed = "the publisher alone, in the document's own voice"
    elif len(roles) < 2 or roles[0] != "speaker" or roles[-1] != "publisher":
        allowed = "the speaker first and the publisher last"
    elif set(roles[1:-1]) - {"relayer"}:
        allowed = "relayers alone between speaker and publisher"
    if allowed:
        raise ValidationError(allowed, "sources")


class AlternativeSchema(Record):
    """A rival reading of who says it, where two careful readers differ."""

    sources = ListOf(ObjectOf(SourceSchema), minimum=1)
    attribution = Choice(*ATTRIBUTIONS)
    rationale = Text(500)

    @rule
    def chained(self, data: dict[str, Any], **kwargs: Any) -> None:
        _check_chain(data)


class RelatedSchema(Record):
    """A relation as seen from the claim it points to."""

    type = Choice(*RELATIONS)
    claim = claim_id()


class RelationSchema(RelatedSchema):
    rationale = Text(500)


class ClaimSchema(Record):
    """A claim as the service answers it; the keys in this order."""

    id = claim_id()
    statement = Text()
    kind = Choice(*KINDS)
    topics = ListOf(ReferenceTo("topics"), minimum=1, unique=True)
    actors = ListOf(ReferenceTo("agents"), minimum=1, unique=True)
    addressees = ListOf(ReferenceTo("agents"), unique=True)
    about = ListOf(ReferenceTo("agents"), unique=True)
    occasion = ReferenceTo("occasions", allow_none=True)
    places = ListOf(ReferenceTo("places"), unique=True)
    goal = ObjectOf(GoalSchema, allow_none=True)
    sourced = computed(TrueOrFalse())
    sources = ListOf(ObjectOf(SourceSchema), minimum=1)
    attribution = Choice(*ATTRIBUTIONS)
    alternatives = ListOf(ObjectOf(AlternativeSchema), unique=True)
    quotes = ListOf(ObjectOf(QuoteSchema), unique=True)
    evidence = ListOf(ObjectOf(EvidenceSchema), minimum=1, unique=True)
    dates = ObjectOf(DatesSchema)
    hedges = ListOf(Text(200), unique=True)
    confidence = ObjectOf(ConfidenceSchema)
    relations = ListOf(ObjectOf(RelationSchema), unique=True)
    related_from = computed(ListOf(ObjectOf(RelatedSchema), maximum=float("inf")))
    independent_origins = computed(Whole(1))
    revision = Whole(1)
    recorded_at = Day()

    @rule
    def chained(self, data: dict[str, Any], **kwargs: Any) -> None:
        _check_chain(data)

    @rule
    def cited(self, data: dict[str, Any], **kwargs: Any) -> None:
        """``sourced`` tells a cited source from the document's own voice."""
        if data.get("sourced", is_sourced(data)) != is_sourced(data):
            raise ValidationError(
                "whether anybody but the publisher stands in the chain", "sourced"
            )

    @rule
    def rivalled(self, data: dict[str, Any], **kwargs: Any) -> None:
        """An alternative is another reading than the claim's own."""
        own = (data["sources"], data["attribution"])
        for place, other in enumerate(data["alternatives"]):
            if (other["sources"], other["attribution"]) == own:
                fault = {"sources": ["another reading than that of the claim"]}
                raise ValidationError({"alternatives": {place: fault}})

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


def is_sourced(claim: Mapping[str, Any]) -> bool:
    """Whether a claim cites somebody; false of what a document says in its own voice."""
    return bool(claim["attribution"] != "narrator")


def restated(claim: Mapping[str, Any]) -> list[str]:
    """The ids of the claims that one restates."""
    return [link["claim"] for link in claim["relations"] if link["type"] == "restates"]


def standing(claim: Mapping[str, Any]) -> list[str]:
    """The statuses of the documents that a claim rests on ("corrected", "retracted"), each once;
    documents that stand as they were published are left out.
    """
    statuses = dict.fromkeys(place["document"]["status"] for place in claim["evidence"])
    return [status for status in statuses if status != "active"]


CuratedClaimSchema = curated(ClaimSchema)
"""A claim as it stands in ``claims.json``."""
