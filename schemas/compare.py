"""Two occasions side by side: what is asked for, and what one row of the answer holds."""

from __future__ import annotations

from typing import cast

from schemas.claim import KINDS, RELATIONS, GoalSchema
from schemas.fields import SLUG, Choice, Text, Whole, claim_id
from schemas.parameters import Matched, Number, Parameters
from schemas.provenance import Reference
from schemas.record import ListOf, ObjectOf, Record

PRESENCES = ("both", "only_from", "only_to")
"""Of which of the two occasions the record holds claims on a topic. That it holds none of the later
one is not evidence that a goal was dropped."""


class ComparedClaimSchema(Record):
    """A claim in short, with the claims that restate it."""

    id = claim_id()
    statement = Text()
    kind = Choice(*KINDS)
    goal = ObjectOf(GoalSchema, allow_none=True)
    speaker = ObjectOf(Reference)
    restated_by = ListOf(claim_id())


class ComparedSideSchema(Record):
    """What the record holds of one occasion on one topic."""

    total = Whole(0)
    restatements = Whole(0)
    claims = ListOf(ObjectOf(ComparedClaimSchema))


class ComparedRelationSchema(Record):
    """A curated relation: ``claim`` continues, escalates, contrasts … ``other``."""

    claim = claim_id()
    type = Choice(*RELATIONS)
    other = claim_id()
    rationale = Text(500)


ComparedTopicSchema = Record.from_dict(
    {
        "topic": ObjectOf(Reference),
        "presence": Choice(*PRESENCES),
        "from": ObjectOf(ComparedSideSchema),
        "to": ObjectOf(ComparedSideSchema),
        "relation_count": Whole(0),
        "relations": ListOf(ObjectOf(ComparedRelationSchema)),
    },
    name="ComparedTopicSchema",
)
"""A row of the comparison (``from`` is no name that a class body could hold)."""


def _occasion() -> Matched:
    return Matched(SLUG, "the id of an occasion", required=True)


CompareParameters = cast(
    "type[Parameters]",
    Parameters.from_dict(
        {
            "from": _occasion(),
            "to": _occasion(),
            "limit": Number(1, 100, default=25),
            "cursor": Matched(SLUG, "a next_cursor of an earlier answer"),
        },
        name="CompareParameters",
    ),
)
"""Which two occasions, and which topics of theirs."""
