"""The tables that are computed for each request: counts and comparisons."""

from __future__ import annotations

from schemas.filter_kinds import Years
from schemas.filters import LISTED, vocabulary_of
from schemas.records.claim import restated
from schemas.tables.column import Column, ColumnType, Table, at, column, year

COUNTS = Table(
    "counts",
    "Counts",
    (
        column("key", "id", "The group along the first dimension; empty for claims without one."),
        column("name", "text", "What it is called."),
        column("key2", "id", "The group along the second dimension."),
        column("name2", "text", "What it is called."),
        column("count", "integer", "Number of claims."),
    ),
)
_NUMBERED = ("", "2")
"""How the columns of the first dimension end, and those of the second."""


def tidy_counts(by: tuple[str, ...]) -> Table:
    """Counts under the names of their dimensions; with what a record is called where the keys are
    ids.
    """
    columns: list[Column] = []
    for number, name in zip(_NUMBERED, by, strict=False):
        columns.append(Column(name, _type_of(name), "The group.", at(f"key{number}")))
        if vocabulary_of(name):
            called = "What it is called."
            columns.append(Column(f"{name}_name", "text", called, at(f"name{number}")))
    return Table("counts", "Counts", (*columns, column("count", "integer", "Number of claims.")))


def _type_of(dimension: str) -> ColumnType:
    if isinstance(LISTED[dimension], Years) or dimension == "credibility":
        return "integer"
    return "date" if dimension.endswith("_day") else "id"


COMPARISON = Table(
    "compare",
    "Comparison of two occasions",
    (
        column("topic", "id", "The topic; empty for relations that no row's topic covers."),
        column("topic_name", "text", "Its name."),
        column("presence", "id", "Which of the two occasions has claims on it."),
        column("side", "id", "`from` or `to`."),
        column("occasion", "id", "The occasion of that side."),
        column("claim", "id", "The claim.", "claim.id"),
        column("statement", "text", "Its statement.", "claim.statement"),
        column("kind", "id", "Its kind.", "claim.kind"),
        column("speaker", "id", "Who says it.", lambda r: r["claim"]["sources"][0]["agent"]["id"]),
        column(
            "speaker_name",
            "text",
            "The name of `speaker`.",
            lambda r: r["claim"]["sources"][0]["agent"]["name"],
        ),
        column("goal_specificity", "id", "How exact the goal is.", "claim.goal.specificity"),
        column("goal_details", "text", "What is to be achieved.", "claim.goal.details"),
        column("horizon", "edtf", "By when it is to be achieved.", "claim.goal.horizon.edtf"),
        column(
            "horizon_year",
            "integer",
            "The year of `horizon`, where it lies within one.",
            year("claim.goal.horizon"),
        ),
        column("restates", "ids", "The claims that it restates.", lambda r: restated(r["claim"])),
        column("relation", "id", "Type of a relation that it states.", "relation.type"),
        column("related_claim", "id", "The claim that it relates to.", "other.id"),
        column("related_statement", "text", "Statement of that claim.", "other.statement"),
        column("rationale", "text", "Why the two are related so.", "relation.rationale"),
        column("other_side", "id", "What is recorded of the other occasion on the topic."),
    ),
)
