"""Two occasions side by side, topic by topic: types under the names of the contract."""

from __future__ import annotations

from typing import Literal, TypedDict

from service.client.records import Goal, Reference


class ComparedClaim(TypedDict):
    """A claim in short, with the claims of the same occasion that restate it."""

    id: str
    statement: str
    kind: str
    goal: Goal | None
    speaker: Reference
    restated_by: list[str]


class ComparedRelation(TypedDict):
    """A curated relation between the two, read as ``claim`` continues ``other``."""

    claim: str
    type: str
    other: str
    rationale: str


class ComparedSide(TypedDict):
    """One occasion on one topic: exact numbers, and the first 25 claims."""

    total: int
    restatements: int
    claims: list[ComparedClaim]


class ComparedOccasion(TypedDict):
    """One of the two occasions; ``name`` is ``None`` where there is no such occasion."""

    id: str
    name: str | None
    total: int
    restatements: int


# Written as calls, because two of the keys are words of the language.
ComparedTopic = TypedDict(
    "ComparedTopic",
    {
        "topic": Reference,
        "presence": Literal["both", "only_from", "only_to"],
        "from": ComparedSide,
        "to": ComparedSide,
        "relation_count": int,
        "relations": list[ComparedRelation],
    },
)
"""One topic at two occasions. That one of them lacks it in this record is not evidence."""
