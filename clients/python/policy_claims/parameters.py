"""Parameters of the API. Generated from openapi.yaml by generate_parameters.py: do not edit."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Parameter(NamedTuple):
    """A query parameter. A ``list`` takes several values, with commas between; ``values`` are those
    that are known, where the contract lists them.
    """

    type: Literal["list", "string", "integer", "boolean"]
    description: str
    values: tuple[str, ...] = ()


FILTERS = {
    "id": Parameter("list", "Claims with one of these ids."),
    "kind": Parameter(
        "list",
        "Claims of one of these kinds.",
        (
            "goal",
            "directive",
            "position",
            "assessment",
            "allegation",
            "event",
            "forecast",
            "context",
            "denial",
            "none",
        ),
    ),
    "topic": Parameter(
        "list",
        "Claims with one of these topics (ids of `/v1/topics`), or with one that is narrower.",
    ),
    "topic_exact": Parameter(
        "list", "Claims tagged with one of these topics itself, what is narrower left out."
    ),
    "actor": Parameter("list", "Claims in which one of these agents acts or announces."),
    "addressee": Parameter("list", "Claims that give a goal or directive to one of these agents."),
    "about": Parameter(
        "list", "Claims that concern one of these agents otherwise than as actor or addressee."
    ),
    "source": Parameter(
        "list", "Claims with one of these agents anywhere in the chain of attribution."
    ),
    "speaker": Parameter(
        "list", "Claims whose chain of attribution begins with one of these agents."
    ),
    "document": Parameter("list", "Claims with evidence or a quote in one of these documents."),
    "occasion": Parameter("list", "Claims announced at one of these occasions."),
    "place": Parameter(
        "list", "Claims of what happens or applies in one of these places, or in one within it."
    ),
    "country": Parameter(
        "list",
        "Claims of what happens or applies in one of these countries (ISO 3166-1 alpha-2): in a place with that code, or within one where the place has none.",
    ),
    "attribution": Parameter(
        "list",
        "Claims attributed in one of these ways.",
        ("direct", "mixed", "indirect", "narrator", "none"),
    ),
    "specificity": Parameter(
        "list",
        "Claims with a goal that is specific to one of these degrees.",
        ("withheld", "directional", "measurable", "none"),
    ),
    "attribution_level": Parameter(
        "list",
        "Claims with one of these levels of confidence that the source said it.",
        ("low", "moderate", "high", "none"),
    ),
    "credibility": Parameter(
        "list",
        "Claims with one of these Admiralty grades of credibility, 1 to 6.",
        ("1", "2", "3", "4", "5", "6", "none"),
    ),
    "sourced": Parameter("boolean", "`true`: claims that the document attributes to a source."),
    "goals_only": Parameter(
        "boolean",
        "`true`: only claims that announce a goal, priority or task (`goal` is not `null`).",
    ),
    "distinct": Parameter(
        "boolean", "`true`: leave out claims that restate another, so that a goal counts once."
    ),
    "horizon": Parameter(
        "list", "Years, four digits each: claims with a goal whose horizon overlaps one of them."
    ),
    "announced_year": Parameter(
        "list", "Claims made public in one of these years, as far as the date may fall there."
    ),
    "announced_month": Parameter(
        "list", "Claims made public in one of these months, where the month is known."
    ),
    "announced_day": Parameter(
        "list", "Claims made public on one of these days, where the day is known."
    ),
    "occurred_year": Parameter(
        "list", "Claims of what happened in one of these years, as far as the date may fall there."
    ),
    "occurred_month": Parameter(
        "list", "Claims of what happened in one of these months, where the month is known."
    ),
    "occurred_day": Parameter(
        "list", "Claims of what happened on one of these days, where the day is known."
    ),
    "announced_from": Parameter(
        "string", "Claims made public on this day or later; `date_match` says how strictly."
    ),
    "announced_to": Parameter(
        "string", "Claims made public on this day or earlier; `date_match` says how strictly."
    ),
    "occurred_from": Parameter(
        "string", "Claims of what happened on this day or later; `date_match` says how strictly."
    ),
    "occurred_to": Parameter(
        "string", "Claims of what happened on this day or earlier; `date_match` says how strictly."
    ),
    "date_match": Parameter(
        "string",
        "How a date must meet the filters `announced_*`, `occurred_*` and `horizon`.",
        ("possible", "certain"),
    ),
    "min_attribution": Parameter(
        "integer",
        "Claims with at least this `confidence.attribution.score` (was it said by that source?).",
    ),
    "min_content": Parameter(
        "integer", "Claims with at least this `confidence.content.score` (does it hold?)."
    ),
    "q": Parameter(
        "string",
        'Full text over what a claim is about (statement, quotes, names and other names, but not that of whoever only printed it): all words, stemmed; `"a phrase"`; `-word` and `-"a phrase"` exclude.',
    ),
}
"""Which claims: the filters, by name."""
SORT = Parameter(
    "string",
    "The order; `-` is descending.",
    ("-announced", "announced", "-occurred", "occurred", "-content", "relevance"),
)
BY = Parameter(
    "list",
    "One dimension to count by, or two different ones for each pair of values.",
    (
        "kind",
        "topic",
        "topic_exact",
        "actor",
        "addressee",
        "about",
        "source",
        "speaker",
        "document",
        "occasion",
        "place",
        "country",
        "attribution",
        "specificity",
        "horizon",
        "announced_year",
        "announced_month",
        "announced_day",
        "occurred_year",
        "occurred_month",
        "occurred_day",
        "attribution_level",
        "credibility",
    ),
)
