"""Records and parameters of the API. Generated from openapi.yaml by generate.py: do not edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal, TypedDict

Words = str | Iterable[str]
"""One value or several, any of which may match."""
Years = int | str | Iterable[int | str]
Day = dt.date | str
"""A calendar day; as text ``YYYY-MM-DD``."""


class Reference(TypedDict):
    """An agent, topic, occasion or place that a record refers to."""

    id: str
    name: str


class Date(TypedDict):
    """A date as exactly as it is known, with how it is known. No time zone is converted."""

    edtf: str
    earliest: str | None
    latest: str | None
    precision: str
    basis: Literal["stated", "resolved", "inferred", "external"]
    note: str | None


class Goal(TypedDict):
    """A policy goal, priority or task that was announced, whatever the kind of the claim."""

    horizon: Date | None
    specificity: Literal["withheld", "directional", "measurable"]
    details: str | None


class Source(TypedDict):
    """One link of the chain of attribution."""

    agent: Reference
    role: Literal["speaker", "relayer", "publisher"]
    cue: str | None


AttributionType = Literal["direct", "mixed", "indirect", "narrator"]


class DocumentReference(TypedDict):
    """A document that a record refers to."""

    id: str
    name: str


class Quote(TypedDict):
    """A string that the document prints in quotation marks."""

    text: str
    speaker: Reference
    document: DocumentReference
    start: int
    end: int


class Evidence(TypedDict):
    """The shortest passage of a document that supports the claim, by position and hash. The passage
    itself is not part of the data; who holds the document can find and check it.
    """

    document: DocumentReference
    start: int
    end: int
    sha256: str
    fidelity: Literal["verbatim", "mixed", "paraphrase", "inference"]
    role: Literal["supports", "contradicts", "context"]


class ClaimDates(TypedDict):
    """The two dates of a claim, never mixed up. A goal's target period is its `horizon`."""

    announced: Date | None
    occurred: Date | None


class AttributionConfidence(TypedDict):
    """First question: was it said by that source?"""

    level: Literal["low", "moderate", "high"]
    score: Literal[15, 50, 85]
    rationale: str


class ContentConfidence(TypedDict):
    """Second question: does it hold, as far as the documents allow one to judge?"""

    credibility: Literal[1, 2, 3, 4, 5, 6]
    score: Literal[90, 70, 50, 30, 10, None]
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
    sources: list[Source]
    attribution: AttributionType
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


class DatasetStamp(TypedDict):
    """The dataset that the answer comes from."""

    version: str
    built_at: str


class PageMeta(TypedDict):
    """About a page of a list."""

    total: int
    limit: int
    next_cursor: str | None
    dataset: DatasetStamp


class RecordMeta(TypedDict):
    """About the answer."""

    dataset: DatasetStamp


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
    basis: Literal["stated", "resolved", "inferred", "external"]
    note: str | None


class CuratedGoal(TypedDict):
    """A goal as curators record it, as in `Goal`."""

    horizon: CuratedDate | None
    specificity: Literal["withheld", "directional", "measurable"]
    details: str | None


class CuratedSource(TypedDict):
    """One link of the chain of attribution."""

    agent: str
    role: Literal["speaker", "relayer", "publisher"]
    cue: str | None


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
    fidelity: Literal["verbatim", "mixed", "paraphrase", "inference"]
    role: Literal["supports", "contradicts", "context"]


class CuratedDates(TypedDict):
    """The two dates of a claim, as in `ClaimDates`."""

    announced: CuratedDate | None
    occurred: CuratedDate | None


class CuratedConfidenceAttribution(TypedDict):
    """Was it said by that source?"""

    level: Literal["low", "moderate", "high"]
    rationale: str


class CuratedConfidenceContent(TypedDict):
    """Does it hold, as far as the documents allow one to judge?"""

    credibility: Literal[1, 2, 3, 4, 5, 6]
    rationale: str


class CuratedConfidence(TypedDict):
    """The two questions of `Confidence`, without the scores that follow from them."""

    attribution: CuratedConfidenceAttribution
    content: CuratedConfidenceContent


class CuratedClaim(TypedDict):
    """A claim as curators record it: the same keys as in `Claim`, but for those that are computed
    (`related_from`, `independent_origins`, the bounds and precision of dates, the scores), and
    with ids where `Claim` has references, for names may have changed since.
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
    quotes: list[CuratedQuote]
    evidence: list[CuratedEvidence]
    dates: CuratedDates
    hedges: list[str]
    confidence: CuratedConfidence
    relations: list[Relation]
    revision: int
    recorded_at: str


class Change(TypedDict):
    """One entry of the record of changes. Whoever applies every change in the order of `seq` holds
    the data as it is today.
    """

    seq: int
    claim: str
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
    total: int
    dataset: DatasetStamp


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
    claims: list[ComparedClaim]


class ComparedRelation(TypedDict):
    """A curated relation between the two occasions, read as `claim` continues `other`."""

    claim: str
    type: str
    other: str
    rationale: str


ComparedTopic = TypedDict(
    "ComparedTopic",
    {
        "topic": Reference,
        "presence": Presence,
        "from": ComparedSide,
        "to": ComparedSide,
        "relation_count": int,
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
        "dataset": DatasetStamp,
    },
)
"""About a page of a comparison."""


class Document(TypedDict):
    """One published text. Its text is not part of the data."""

    id: str
    title: str
    publisher: Reference
    dateline: str | None
    published: Date
    language: str
    url: str | None
    file: str
    sha256: str
    length: int
    claim_count: int


class Reliability(TypedDict):
    """How reliable an agent is as a source, whatever it says."""

    grade: Literal["A", "B", "C", "D", "E", "F"]
    rationale: str


class Agent(TypedDict):
    """Anyone who acts, is quoted, is addressed or is spoken about."""

    id: str
    name: str
    kind: str
    other_names: list[str]
    reliability: Reliability | None
    origin_group: str | None
    claim_count: int


class Topic(TypedDict):
    """A concept of the topic scheme."""

    id: str
    label: str
    definition: str
    broader: Reference | None
    cap_major: int | None
    claim_count: int


class Occasion(TypedDict):
    """An event at which things are announced."""

    id: str
    name: str
    series: str
    dates: Date
    organizer: Reference
    claim_count: int


class Identifier(TypedDict):
    """What a record is called in somebody else's list."""

    scheme: str
    id: str
    url: str | None


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


class Licence(TypedDict):
    """What may be done with it."""

    code: str
    data: str | None
    quotations: str


class CodebookReference(TypedDict):
    """The rules by which the claims were curated."""

    version: str | None
    link: str


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


class Export(TypedDict):
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
    service_version: str
    licence: Licence
    codebook: CodebookReference
    agreement: Any
    origin_groups: list[OriginGroup] | None
    coverage: Coverage
    counts: DatasetCounts
    exports: list[Export]


class Filters(TypedDict, total=False):
    """Which claims: filters are joined by AND, the values of one by OR."""

    id: Words
    kind: Words
    topic: Words
    actor: Words
    addressee: Words
    about: Words
    source: Words
    speaker: Words
    document: Words
    occasion: Words
    place: Words
    attribution: AttributionType | Iterable[AttributionType]
    goals_only: bool
    distinct: bool
    horizon: Years
    announced_from: Day
    announced_to: Day
    occurred_from: Day
    occurred_to: Day
    date_match: Literal["possible", "certain"]
    min_attribution: int
    min_content: int
    q: str


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


class ListParameters(TypedDict, total=False):
    """How many records a page (1 to 100), and where to continue."""

    limit: int
    cursor: str


class ChangesParameters(TypedDict, total=False):
    """The ``seq`` after which to begin, and how many changes a page (1 to 100)."""

    since: int
    limit: int
