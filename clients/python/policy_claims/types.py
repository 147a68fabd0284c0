"""Records and parameters of the API. Generated from openapi.yaml by generate.py: do not edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal, TypedDict

Words = str | Iterable[str]
"""One value or several, any of which may match."""
Numbers = int | str | Iterable[int | str]
"""One year or grade, or several."""
Day = dt.date | str
"""A calendar day; as text ``YYYY-MM-DD``."""
Days = Day | Iterable[Day]


class Reference(TypedDict):
    """An agent, topic, occasion or place that a record refers to."""

    id: str
    name: str


DateBasis = Literal["stated", "resolved", "inferred", "external"]


class ClaimDate(TypedDict):
    """A date as exactly as it is known, with how it is known. No time zone is converted."""

    edtf: str
    earliest: str | None
    latest: str | None
    precision: str
    basis: DateBasis
    note: str | None


GoalSpecificity = Literal["withheld", "directional", "measurable"]


class Target(TypedDict):
    """A quantity that is to be reached."""

    value: float
    unit: str | None
    baseline: str | None
    indicator: str | None


class Goal(TypedDict):
    """A policy goal, priority or task that was announced, whatever the kind of the claim."""

    horizon: ClaimDate | None
    specificity: GoalSpecificity
    details: str | None
    elaborated: bool | None
    target: Target | None
    condition: str | None


SourceRole = Literal["speaker", "relayer", "publisher"]


class Source(TypedDict):
    """One link of the chain of attribution."""

    agent: Reference
    role: SourceRole
    cue: str | None


AttributionType = Literal["direct", "mixed", "indirect", "narrator"]


class Alternative(TypedDict):
    """A rival reading of who says it, where two careful readers differ."""

    sources: list[Source]
    attribution: AttributionType
    rationale: str


class DocumentReference(TypedDict):
    """A document that a record refers to."""

    id: str
    name: str
    status: str


class Quote(TypedDict):
    """A string that the document prints in quotation marks."""

    text: str
    speaker: Reference
    document: DocumentReference
    start: int
    end: int


EvidenceFidelity = Literal["verbatim", "mixed", "paraphrase", "inference"]


EvidenceRole = Literal["supports", "contradicts", "context"]


class Evidence(TypedDict):
    """The shortest passage of a document that supports the claim, by position and hash. The passage
    itself is not part of the data; who holds the document can find and check it.
    """

    document: DocumentReference
    start: int
    end: int
    sha256: str
    fidelity: EvidenceFidelity
    role: EvidenceRole
    locator: str | None


class ClaimDates(TypedDict):
    """The three dates of a claim, never mixed up. A goal's target period is its `horizon`."""

    announced: ClaimDate | None
    occurred: ClaimDate | None
    refers_to: ClaimDate | None


ConfidenceLevel = Literal["low", "moderate", "high"]


AttributionScore = Literal[15, 50, 85]


class AttributionConfidence(TypedDict):
    """First question: was it said by that source?"""

    level: ConfidenceLevel
    score: AttributionScore
    rationale: str


CredibilityGrade = Literal[1, 2, 3, 4, 5, 6]


ContentScore = Literal[90, 70, 50, 30, 10]


class ContentConfidence(TypedDict):
    """Second question: does it hold, as far as the documents allow one to judge?"""

    credibility: CredibilityGrade
    score: ContentScore | None
    rationale: str


class Confidence(TypedDict):
    """Two questions that are never blended into one number. A claim can be attributed with high
    confidence and still be doubtful, and the other way round.
    """

    attribution: AttributionConfidence
    content: ContentConfidence


class Relation(TypedDict):
    """How this claim relates to another."""

    type: str
    claim: str
    rationale: str


class RelatedFrom(TypedDict):
    """How another claim relates to this one; the same relation seen from its other end."""

    type: str
    claim: str


class Claim(TypedDict):
    """One proposition with one attribution."""

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
    sourced: bool
    sources: list[Source]
    attribution: AttributionType
    alternatives: list[Alternative]
    quotes: list[Quote]
    evidence: list[Evidence]
    dates: ClaimDates
    hedges: list[str]
    confidence: Confidence
    relations: list[Relation]
    related_from: list[RelatedFrom]
    independent_origins: int
    revision: int
    recorded_at: str


class UnknownValue(TypedDict):
    """An id that names no record."""

    parameter: str
    value: str
    did_you_mean: str | None


class DatasetStamp(TypedDict):
    """The dataset that the answer comes from."""

    version: str
    built_at: str


class ClaimPageMeta(TypedDict):
    """About a page of claims."""

    total: int
    limit: int
    next_cursor: str | None
    unknown: list[UnknownValue]
    dataset: DatasetStamp


class RecordMeta(TypedDict):
    """About the answer."""

    dataset: DatasetStamp


class RecordKey(TypedDict):
    """The record that a change happened to."""

    kind: str
    id: str


ChangeKind = Literal["created", "revised", "superseded", "withdrawn"]


class Difference(TypedDict):
    """One thing that a revision changed. Lists are told as wholes. `revision` and `recorded_at`,
    which every change sets, are left out.
    """

    field: str
    old: Any
    new: Any


class CuratedDate(TypedDict):
    """A date as curators record it, without what follows from `edtf`."""

    edtf: str
    basis: DateBasis
    note: str | None


class CuratedGoal(TypedDict):
    """A goal as curators record it, as in `Goal`."""

    horizon: CuratedDate | None
    specificity: GoalSpecificity
    details: str | None
    elaborated: bool | None
    target: Target | None
    condition: str | None


class CuratedSource(TypedDict):
    """One link of the chain of attribution."""

    agent: str
    role: SourceRole
    cue: str | None


class CuratedAlternative(TypedDict):
    """A rival reading of who says it, where two careful readers differ."""

    sources: list[CuratedSource]
    attribution: AttributionType
    rationale: str


class CuratedQuote(TypedDict):
    """A string that the document prints in quotation marks."""

    text: str
    speaker: str
    document: str
    start: int
    end: int


class CuratedEvidence(TypedDict):
    """A passage of a document, by position and hash."""

    document: str
    start: int
    end: int
    sha256: str
    fidelity: EvidenceFidelity
    role: EvidenceRole
    locator: str | None


class CuratedDates(TypedDict):
    """The three dates of a claim, as in `ClaimDates`."""

    announced: CuratedDate | None
    occurred: CuratedDate | None
    refers_to: CuratedDate | None


class CuratedConfidenceAttribution(TypedDict):
    """Was it said by that source?"""

    level: ConfidenceLevel
    rationale: str


class CuratedConfidenceContent(TypedDict):
    """Does it hold, as far as the documents allow one to judge?"""

    credibility: CredibilityGrade
    rationale: str


class CuratedConfidence(TypedDict):
    """The two questions of `Confidence`, without the scores that follow from them."""

    attribution: CuratedConfidenceAttribution
    content: CuratedConfidenceContent


class CuratedClaim(TypedDict):
    """A claim as curators record it: the same keys as in `Claim`, but for those that are computed
    (`sourced`, `related_from`, `independent_origins`, the bounds and precision of dates, the
    scores), and with ids where `Claim` has references, for names may have changed since.
    """

    id: str
    statement: str
    kind: str
    topics: list[str]
    actors: list[str]
    addressees: list[str]
    about: list[str]
    occasion: str | None
    places: list[str]
    goal: CuratedGoal | None
    sources: list[CuratedSource]
    attribution: AttributionType
    alternatives: list[CuratedAlternative]
    quotes: list[CuratedQuote]
    evidence: list[CuratedEvidence]
    dates: CuratedDates
    hedges: list[str]
    confidence: CuratedConfidence
    relations: list[Relation]
    revision: int
    recorded_at: str


class ClaimChange(TypedDict):
    """One entry of the record of changes, of a claim."""

    seq: int
    claim: str
    subject: RecordKey
    revision: int
    change: ChangeKind
    recorded_at: str
    reason: str | None
    replaced_by: str | None
    differences: list[Difference]
    previous: CuratedClaim | None
    record: CuratedClaim | None


class ChangesMeta(TypedDict):
    """About a page of changes."""

    total: int
    limit: int
    last_seq: int
    feed: str
    next: str | None
    dataset: DatasetStamp


class CountsRow(TypedDict):
    """One group and its number of claims."""

    key: str | None
    name: str | None
    key2: str | None
    name2: str | None
    count: int


class CountsMeta(TypedDict):
    """About the counts."""

    by: list[str]
    unit: str
    total: int
    unknown: list[UnknownValue]
    dataset: DatasetStamp


class CuratedRecord(TypedDict):
    """A document, agent, topic, occasion or place as curators record it: the same keys as in the
    component of that name, but for those that are computed, and with ids where that has
    references.
    """

    id: str


class RecordChange(TypedDict):
    """One entry of the record of changes. Whoever applies every change in the order of `seq` holds
    the data as it is today.
    """

    seq: int
    claim: str | None
    subject: RecordKey
    revision: int
    change: ChangeKind
    recorded_at: str
    reason: str | None
    replaced_by: str | None
    differences: list[Difference]
    previous: CuratedClaim | CuratedRecord | None
    record: CuratedClaim | CuratedRecord | None


Presence = Literal["both", "only_from", "only_to"]


class ComparedClaim(TypedDict):
    """A claim in short."""

    id: str
    statement: str
    kind: str
    goal: Goal | None
    speaker: Reference
    restated_by: list[str]


class ComparedSide(TypedDict):
    """One occasion on one topic."""

    total: int
    restatements: int
    record: str
    claims: list[ComparedClaim]


class ComparedRelation(TypedDict):
    """A curated relation between the two occasions, read as `claim` continues `other`."""

    claim: str
    type: str
    other: str
    rationale: str
    topics: list[str]


ComparedTopic = TypedDict(
    "ComparedTopic",
    {
        "topic": Reference,
        "presence": Presence | None,
        "from": ComparedSide,
        "to": ComparedSide,
        "relation_count": int,
        "relations_elsewhere": int,
        "relations": list[ComparedRelation],
    },
)
"""One topic at two occasions."""


class ComparedOccasion(TypedDict):
    """One of the two occasions."""

    id: str
    name: str | None
    total: int
    restatements: int


ComparisonMeta = TypedDict(
    "ComparisonMeta",
    {
        "total": int,
        "limit": int,
        "next_cursor": str | None,
        "from": ComparedOccasion,
        "to": ComparedOccasion,
        "relation_count": int,
        "other_relation_count": int,
        "other_relations": list[ComparedRelation],
        "unknown": list[UnknownValue],
        "dataset": DatasetStamp,
    },
)
"""About a page of a comparison."""


TextUse = Literal["show", "excerpt", "none"]


class StatusNote(TypedDict):
    """When a document was corrected or retracted, and what is known of that."""

    date: str
    text: str


class SourceDocument(TypedDict):
    """One published text. Its text is not part of the data."""

    id: str
    title: str
    publisher: Reference
    dateline: str | None
    published: ClaimDate
    language: str
    url: str | None
    archived_url: str | None
    accessed: str | None
    media_type: str | None
    file: str
    sha256: str
    length: int
    text: TextUse
    status: str
    status_note: StatusNote | None
    claim_count: int


class PageMeta(TypedDict):
    """About a page of a list."""

    total: int
    limit: int
    next_cursor: str | None
    dataset: DatasetStamp


class Identifier(TypedDict):
    """What a record is called in somebody else's list."""

    scheme: str
    id: str
    url: str | None


ReliabilityGrade = Literal["A", "B", "C", "D", "E", "F"]


class Reliability(TypedDict):
    """How reliable an agent is as a source, whatever it says."""

    grade: ReliabilityGrade
    rationale: str


class Agent(TypedDict):
    """Anyone who acts, is quoted, is addressed or is spoken about."""

    id: str
    name: str
    kind: str
    other_names: list[str]
    identifiers: list[Identifier]
    country: str | None
    reliability: Reliability | None
    origin_group: str | None
    claim_count: int


class TopicCode(TypedDict):
    """A category of somebody else's scheme."""

    scheme: str
    code: str


class Topic(TypedDict):
    """A concept of the topic scheme."""

    id: str
    label: str
    definition: str
    broader: Reference | None
    cap_major: int | None
    codes: list[TopicCode]
    claim_count: int


class OccasionOrganizer(TypedDict):
    """Who holds it; `null` where nobody does."""

    id: str
    name: str


class Occasion(TypedDict):
    """An event at which things are announced."""

    id: str
    name: str
    series: str | None
    dates: ClaimDate
    organizer: OccasionOrganizer | None
    part_of: Reference | None
    claim_count: int


class Point(TypedDict):
    """A point of the earth (WGS 84)."""

    lat: float
    lon: float


class Place(TypedDict):
    """A place where what is claimed happens or applies."""

    id: str
    name: str
    other_names: list[str]
    within: Reference | None
    country: str | None
    identifiers: list[Identifier]
    point: Point | None
    claim_count: int


class Feed(TypedDict):
    """The history that `/v1/changes` tells. It is continued by later data sets."""

    id: str
    restart_reason: str | None


class Licence(TypedDict):
    """What may be done with it."""

    code: str
    data: str | None
    quotations: str


class CodebookReference(TypedDict):
    """The rules by which the claims were curated."""

    version: str | None
    link: str


class FieldAgreement(TypedDict):
    """How far independent readings agreed on one field."""

    field: str
    percent: float | None
    alpha: float | None
    n: int | None


class Agreement(TypedDict):
    """How far independent readings of the documents agreed."""

    readings: int
    units: int
    dice: float | None
    fields: list[FieldAgreement]


class OriginGroup(TypedDict):
    """An origin that the information of several agents shares."""

    id: str
    label: str


class Coverage(TypedDict):
    """What the claims cover; computed from them."""

    first: str | None
    last: str | None
    places: list[Reference]
    topics: list[Reference]


class Verification(TypedDict):
    """What was compared before the data set was published: the file of each document with its
    `sha256` and `length`, each passage with its `sha256`, each quotation with its words. All of
    it held, or the data set would not have been published.
    """

    at: str
    documents: int
    spans: int
    quotes: int


class DatasetCounts(TypedDict):
    """How many records there are."""

    claims: int
    distinct_goals: int
    retired: int
    documents: int
    agents: int
    topics: int
    occasions: int
    places: int
    quotes: int
    origins: int


class ExportLink(TypedDict):
    """The whole of something as one file."""

    name: str
    media_type: str
    link: str


class Dataset(TypedDict):
    """Which data this is."""

    id: str
    title: str
    description: str | None
    publisher: str | None
    contact: str | None
    attribution: str | None
    homepage: str | None
    languages: list[str]
    version: str
    digest: str
    schema_version: int
    built_at: str
    feed: Feed
    service_version: str
    licence: Licence
    codebook: CodebookReference
    agreement: Agreement | None
    origin_groups: list[OriginGroup] | None
    coverage: Coverage
    verified: Verification | None
    counts: DatasetCounts
    exports: list[ExportLink]


class DatasetFile(TypedDict):
    """A file of a data set."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    link: str


class DatasetVersionRecord(TypedDict):
    """A data set that is kept."""

    version: str
    digest: str
    built_at: str
    current: bool
    claims: int
    link: str
    files: list[DatasetFile]


class DatasetVersionsMeta(TypedDict):
    """How many are kept, and which data set answers."""

    total: int
    dataset: DatasetStamp


AttributionFilter = Literal["direct", "mixed", "indirect", "narrator", "none"]


SpecificityFilter = Literal["withheld", "directional", "measurable", "none"]


LevelFilter = Literal["low", "moderate", "high", "none"]


class ComparedFilters(TypedDict, total=False):
    """Which claims of two occasions: filters are joined by AND, the values of one by OR."""

    id: Words
    kind: Words
    topic: Words
    topic_exact: Words
    actor: Words
    addressee: Words
    about: Words
    source: Words
    speaker: Words
    document: Words
    place: Words
    country: Words
    attribution: AttributionFilter | Iterable[AttributionFilter]
    specificity: SpecificityFilter | Iterable[SpecificityFilter]
    attribution_level: LevelFilter | Iterable[LevelFilter]
    credibility: Numbers
    sourced: bool
    goals_only: bool
    distinct: bool
    horizon: Numbers
    announced_year: Numbers
    announced_month: Words
    announced_day: Days
    occurred_year: Numbers
    occurred_month: Words
    occurred_day: Days
    announced_from: Day
    announced_to: Day
    occurred_from: Day
    occurred_to: Day
    date_match: Literal["possible", "certain"]
    min_attribution: int
    min_content: int
    q: str


class Filters(ComparedFilters, total=False):
    """Which claims: filters are joined by AND, the values of one by OR."""

    occasion: Words


class ExportParameters(Filters, total=False):
    """Which claims, and in which order."""

    sort: Literal["-announced", "announced", "-occurred", "occurred", "-content", "relevance"]


class ClaimsParameters(ExportParameters, total=False):
    """Which claims, in which order, how many a page (1 to 100), and where to continue."""

    limit: int
    cursor: str


class CountsParameters(Filters, total=False):
    """Which claims to count, by which one or two dimensions."""

    by: Words


class TableParameters(ExportParameters, total=False):
    """The parameters of all tables: ``by`` is for counts, ``sort`` for the others."""

    by: Words


class CompareParameters(ComparedFilters, total=False):
    """Which claims to compare, how many topics a page (1 to 100), and where to continue."""

    limit: int
    cursor: str


class ListParameters(TypedDict, total=False):
    """How many records a page (1 to 100), and where to continue."""

    limit: int
    cursor: str


class HistoryParameters(TypedDict, total=False):
    """The ``seq`` after which to begin, and how many changes a page (1 to 100)."""

    since: int
    limit: int


class ChangesParameters(TypedDict, total=False):
    """Where to begin, in which feed, and how many changes a page (1 to 100)."""

    since: int | str
    feed: str
    limit: int


COLUMNS = {
    "id": "id",
    "statement": "text",
    "kind": "id",
    "topics": "ids",
    "actors": "ids",
    "actor_names": "texts",
    "addressees": "ids",
    "about": "ids",
    "occasion": "id",
    "announced": "edtf",
    "announced_earliest": "date",
    "announced_latest": "date",
    "announced_basis": "id",
    "occurred": "edtf",
    "occurred_earliest": "date",
    "occurred_latest": "date",
    "occurred_basis": "id",
    "goal_specificity": "id",
    "goal_details": "text",
    "horizon": "edtf",
    "horizon_year": "integer",
    "speaker": "id",
    "speaker_name": "text",
    "sources": "ids",
    "attribution": "id",
    "quotes": "texts",
    "documents": "ids",
    "hedges": "texts",
    "attribution_level": "id",
    "attribution_score": "integer",
    "content_credibility": "integer",
    "content_score": "integer",
    "restates": "ids",
    "independent_origins": "integer",
    "revision": "integer",
    "recorded_at": "date",
    "places": "ids",
    "document_statuses": "ids",
    "sourced": "boolean",
    "alternatives": "integer",
    "goal_elaborated": "boolean",
    "goal_target_value": "number",
    "goal_target_unit": "text",
    "goal_target_baseline": "text",
    "goal_target_indicator": "text",
    "goal_condition": "text",
    "refers_to": "edtf",
    "refers_to_earliest": "date",
    "refers_to_latest": "date",
    "refers_to_basis": "id",
    "claim": "id",
    "text": "text",
    "document": "id",
    "document_title": "text",
    "start": "integer",
    "end": "integer",
    "reading": "integer",
    "position": "integer",
    "agent": "id",
    "agent_name": "text",
    "role": "id",
    "cue": "text",
    "type": "id",
    "related_claim": "id",
    "rationale": "text",
    "key": "id",
    "name": "text",
    "key2": "id",
    "name2": "text",
    "count": "integer",
    "topic": "id",
    "topic_name": "text",
    "presence": "id",
    "side": "id",
    "relation": "id",
    "related_statement": "text",
    "other_side": "id",
    "title": "text",
    "publisher": "id",
    "publisher_name": "text",
    "dateline": "text",
    "published": "edtf",
    "published_earliest": "date",
    "published_latest": "date",
    "published_basis": "id",
    "language": "id",
    "url": "url",
    "archived_url": "url",
    "accessed": "date",
    "media_type": "id",
    "file": "text",
    "sha256": "id",
    "length": "integer",
    "status": "id",
    "status_date": "date",
    "status_note": "text",
    "claim_count": "integer",
    "other_names": "texts",
    "identifiers": "texts",
    "country": "id",
    "reliability": "id",
    "reliability_rationale": "text",
    "origin_group": "id",
    "label": "text",
    "definition": "text",
    "broader": "id",
    "broader_name": "text",
    "cap_major": "integer",
    "codes": "texts",
    "series": "id",
    "dates": "edtf",
    "dates_earliest": "date",
    "dates_latest": "date",
    "dates_basis": "id",
    "organizer": "id",
    "organizer_name": "text",
    "part_of": "id",
    "part_of_name": "text",
    "within": "id",
    "within_name": "text",
    "latitude": "number",
    "longitude": "number",
}
"""The types of the columns of tables, by name."""
