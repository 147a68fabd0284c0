"""What happened to the data: changes with the records before and after, as curators keep them.

The types follow ``service.client.records`` in everything: ``TypedDict``s under the names of the
contract, ids where a claim as served has references.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from service.client.records import Attribution, Basis, Relation


class CuratedDate(TypedDict):
    """A date as curators record it, without what follows from ``edtf``."""

    edtf: str
    basis: Basis
    note: str | None


class CuratedGoal(TypedDict):
    """A goal as curators record it."""

    horizon: CuratedDate | None
    specificity: Literal["withheld", "directional", "measurable"]
    details: str | None


class CuratedSource(TypedDict):
    """One link of the chain of attribution."""

    agent: str
    role: Literal["speaker", "relayer", "publisher"]
    cue: str | None


class CuratedQuote(TypedDict):
    """A string that the document prints in quotation marks; offsets count code points."""

    text: str
    speaker: str
    document: str
    start: int
    end: int


class CuratedEvidence(TypedDict):
    """A passage of a document, by position (code points) and SHA-256."""

    document: str
    start: int
    end: int
    sha256: str
    fidelity: Literal["verbatim", "mixed", "paraphrase", "inference"]
    role: Literal["supports", "contradicts", "context"]


class CuratedDates(TypedDict):
    """When it was made public, and when it happened."""

    announced: CuratedDate | None
    occurred: CuratedDate | None


class CuratedAttribution(TypedDict):
    """Was it said by that source?"""

    level: Literal["low", "moderate", "high"]
    rationale: str


class CuratedContent(TypedDict):
    """Does it hold?"""

    credibility: Literal[1, 2, 3, 4, 5, 6]
    rationale: str


class CuratedConfidence(TypedDict):
    """The two questions, without the scores that follow from them."""

    attribution: CuratedAttribution
    content: CuratedContent


class CuratedClaim(TypedDict):
    """A claim as curators record it."""

    id: str
    statement: str
    kind: str
    topics: list[str]
    actors: list[str]
    addressees: list[str]
    about: list[str]
    occasion: str | None
    goal: CuratedGoal | None
    sources: list[CuratedSource]
    attribution: Attribution
    quotes: list[CuratedQuote]
    evidence: list[CuratedEvidence]
    dates: CuratedDates
    hedges: list[str]
    confidence: CuratedConfidence
    relations: list[Relation]
    revision: int
    recorded_at: str


class Difference(TypedDict):
    """One thing that a revision changed; ``field`` is a JSON pointer (RFC 6901)."""

    field: str
    old: Any
    new: Any


class Change(TypedDict):
    """One entry of the record of changes.

    ``previous`` is ``None`` where the claim was created, ``record`` where it was retired.
    """

    seq: int
    claim: str
    revision: int
    change: Literal["created", "revised", "superseded", "withdrawn"]
    recorded_at: str
    reason: str | None
    replaced_by: str | None
    differences: list[Difference]
    previous: CuratedClaim | None
    record: CuratedClaim | None
