"""What the service answers with, as types: the objects of ``openapi.yaml``, under its names.

They are ``TypedDict``s and not classes of their own: a record stays the JSON that came, so that it
can be stored, sent on and laid out in a table as it is, keys that a later version of the service
adds survive (the contract promises additions, and clients that build objects lose them), nothing
is converted for each of a million claims, and a type checker still knows every key. A list that
the contract calls *closed* is a ``Literal``; an *open* one is ``str``, because tomorrow it may hold
a word that is not known today.

A test compares each with the contract: the same keys, each of the same type.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Attribution = Literal["direct", "mixed", "indirect", "narrator"]
Basis = Literal["stated", "resolved", "inferred", "external"]


class Reference(TypedDict):
    """An agent, topic or occasion that a record refers to."""

    id: str
    name: str


class DocumentReference(TypedDict):
    """A document that a record refers to; ``name`` is its title."""

    id: str
    name: str


class Date(TypedDict):
    """A date as exactly as it is known (EDTF), with its bounds and how it is known.

    ``earliest`` and ``latest`` are days (``YYYY-MM-DD``), ``None`` where that end is open.
    """

    edtf: str
    earliest: str | None
    latest: str | None
    precision: str
    basis: Basis
    note: str | None


class Goal(TypedDict):
    """What was announced as a goal, whatever the kind of the claim."""

    horizon: Date | None
    specificity: Literal["withheld", "directional", "measurable"]
    details: str | None


class Source(TypedDict):
    """One link of the chain of attribution."""

    agent: Reference
    role: Literal["speaker", "relayer", "publisher"]
    cue: str | None


class Quote(TypedDict):
    """A string that the document prints in quotation marks; offsets count code points."""

    text: str
    speaker: Reference
    document: DocumentReference
    start: int
    end: int


class Evidence(TypedDict):
    """The passage that supports the claim, by position (code points) and SHA-256."""

    document: DocumentReference
    start: int
    end: int
    sha256: str
    fidelity: Literal["verbatim", "mixed", "paraphrase", "inference"]
    role: Literal["supports", "contradicts", "context"]


class ClaimDates(TypedDict):
    """When it was made public, and when it happened."""

    announced: Date | None
    occurred: Date | None


class AttributionConfidence(TypedDict):
    """Was it said by that source?"""

    level: Literal["low", "moderate", "high"]
    score: Literal[15, 50, 85]
    rationale: str


class ContentConfidence(TypedDict):
    """Does it hold? Admiralty scale; 6 cannot be judged and has no score."""

    credibility: Literal[1, 2, 3, 4, 5, 6]
    score: Literal[90, 70, 50, 30, 10, None]
    rationale: str


class Confidence(TypedDict):
    """Two questions that are never blended into one number."""

    attribution: AttributionConfidence
    content: ContentConfidence


class Relation(TypedDict):
    """How this claim relates to another."""

    type: str
    claim: str
    rationale: str


class RelatedFrom(TypedDict):
    """The same relation, seen from its other end."""

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
    goal: Goal | None
    sources: list[Source]
    attribution: Attribution
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


class Document(TypedDict):
    """One published text; the text itself is not part of the data."""

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
    """How reliable an agent is as a source (Admiralty scale)."""

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


class CountsRow(TypedDict):
    """One group and its number of claims; a ``key`` of ``None`` is the group without a value."""

    key: str | None
    name: str | None
    key2: str | None
    name2: str | None
    count: int
