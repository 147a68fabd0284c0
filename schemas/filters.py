"""The one table of filters and dimensions.

A row says what can be asked of a claim: its name, its title, its kind of value, the vocabulary
its values come from, and which values a served claim has. From the table follow the parameters of
the API, ``ClaimQuery``, the fields of the search index, matching, counts, the filters of the
explorer, and the generators and the reference store of the tests. A new filter is one row here
and its description in ``openapi.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.claim import ATTRIBUTIONS, KINDS, SPECIFICITIES
from schemas.fields import CLAIM_ID, DOCUMENT_ID, SLUG, Choice, Day, Pattern, Scalar
from schemas.parameters import YEAR, Boolean, CommaSeparated, WholeNumber

ServedClaim = Mapping[str, Any]
"""A claim as the API serves it, parsed."""
ServedDate = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A row of the table. ``title`` is what the pages call it."""

    name: str
    title: str

    def parameters(self) -> dict[str, Scalar]:
        """The query parameters of the filter, by name; none where it is a dimension alone."""
        return {}

    @property
    def titles(self) -> dict[str, str]:
        """What the pages call each of its query parameters."""
        return dict.fromkeys(self.parameters(), self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Filter):
    """Whole values, compared as they are: ids, or words of a closed list.

    ``vocabulary`` names the records that the values are ids of; ``choices`` is
    the closed list, if there is one.
    """

    values: Callable[[ServedClaim], Iterable[str]]
    vocabulary: str | None = None
    choices: tuple[str, ...] = ()
    is_filter: bool = True
    is_dimension: bool = True

    def parameters(self) -> dict[str, Scalar]:
        return {self.name: CommaSeparated(self._value(), load_default=())} if self.is_filter else {}

    def _value(self) -> Pattern | Choice:
        if self.choices:
            return Choice(*self.choices)
        if self.name == "id":
            return Pattern(CLAIM_ID, "a claim id")
        if self.vocabulary == "documents":
            return Pattern(DOCUMENT_ID, "a document id")
        return Pattern(SLUG, "an id of a-z, 0-9 and single hyphens, at most 64 characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Years(Filter):
    """The years that a date overlaps. As a filter, any date that may fall into one of the years."""

    date: Callable[[ServedClaim], ServedDate | None]
    is_filter: bool = False

    def parameters(self) -> dict[str, Scalar]:
        year = Pattern(YEAR, "a year of four digits")
        return {self.name: CommaSeparated(year, load_default=())} if self.is_filter else {}

    def values(self, claim: ServedClaim) -> list[str]:
        """Every year that the bounds overlap; of an open interval the year of its known end."""
        date = self.date(claim)
        if date is None:
            return []
        first = date["earliest"] or date["latest"]
        last = date["latest"] or date["earliest"]
        return [f"{year:04}" for year in range(int(first[:4]), int(last[:4]) + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Filter):
    """A filter that is on or off; on, it lets through the claims of which ``holds`` is true."""

    holds: Callable[[ServedClaim], bool]

    def parameters(self) -> dict[str, Scalar]:
        return {self.name: Boolean()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days(Filter):
    """A range of calendar days, both ends inclusive: ``<name>_from`` and ``<name>_to``."""

    date: Callable[[ServedClaim], ServedDate | None]

    def parameters(self) -> dict[str, Scalar]:
        return {f"{self.name}_{end}": Day(load_default=None) for end in ("from", "to")}

    @property
    def titles(self) -> dict[str, str]:
        return {f"{self.name}_from": f"{self.title} from", f"{self.name}_to": f"{self.title} until"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Filter):
    """A least score, 0 to 100; a claim without a score satisfies none. ``min_<name>``."""

    score: Callable[[ServedClaim], int | None]

    def parameters(self) -> dict[str, Scalar]:
        return {f"min_{self.name}": WholeNumber(0, 100)}


Dimension = Terms | Years


def _ids(references: Iterable[Mapping[str, Any]]) -> list[str]:
    return [reference["id"] for reference in references]


def _of_agents(key: str) -> Callable[[ServedClaim], list[str]]:
    return lambda claim: _ids(claim[key])


def _cited(claim: ServedClaim) -> list[str]:
    return _ids(span["document"] for span in (*claim["evidence"], *claim["quotes"]))


def _occasion(claim: ServedClaim) -> list[str]:
    return _ids([claim["occasion"]] if claim["occasion"] else [])


def _horizon(claim: ServedClaim) -> ServedDate | None:
    horizon: ServedDate | None = claim["goal"]["horizon"] if claim["goal"] else None
    return horizon


def _date(name: str) -> Callable[[ServedClaim], ServedDate | None]:
    return lambda claim: claim["dates"][name]


def _score(question: str) -> Callable[[ServedClaim], int | None]:
    return lambda claim: claim["confidence"][question]["score"]


def _restates_none(claim: ServedClaim) -> bool:
    return all(relation["type"] != "restates" for relation in claim["relations"])


FILTERS: tuple[Filter, ...] = (
    Terms(name="kind", title="Kind of claim", values=lambda c: [c["kind"]], choices=KINDS),
    Terms(name="topic", title="Topic", values=lambda c: _ids(c["topics"]), vocabulary="topics"),
    Years(name="horizon", title="Target year of a goal", date=_horizon, is_filter=True),
    Terms(name="occasion", title="Occasion", values=_occasion, vocabulary="occasions"),
    Terms(name="place", title="Place", values=lambda c: _ids(c["places"]), vocabulary="places"),
    Terms(
        name="speaker",
        title="Who says it",
        values=lambda c: [c["sources"][0]["agent"]["id"]],
        vocabulary="agents",
    ),
    Terms(name="actor", title="Who acts", values=_of_agents("actors"), vocabulary="agents"),
    Terms(name="addressee", title="To whom", values=_of_agents("addressees"), vocabulary="agents"),
    Terms(name="about", title="About whom", values=_of_agents("about"), vocabulary="agents"),
    Terms(
        name="source",
        title="Anywhere in the chain",
        values=lambda c: _ids(link["agent"] for link in c["sources"]),
        vocabulary="agents",
    ),
    Terms(
        name="attribution",
        title="How it is reported",
        values=lambda c: [c["attribution"]],
        choices=ATTRIBUTIONS,
    ),
    Terms(name="document", title="Document", values=_cited, vocabulary="documents"),
    Terms(
        name="specificity",
        title="How specific a goal is",
        values=lambda c: [c["goal"]["specificity"]] if c["goal"] else [],
        choices=SPECIFICITIES,
        is_filter=False,
    ),
    Years(name="announced_year", title="Year of announcement", date=_date("announced")),
    Years(name="occurred_year", title="Year of the event", date=_date("occurred")),
    Terms(name="id", title="Claim ids", values=lambda c: [c["id"]], is_dimension=False),
    Flag(name="goals_only", title="Announced goals only", holds=lambda c: c["goal"] is not None),
    Flag(name="distinct", title="Restatements left out", holds=_restates_none),
    Days(name="announced", title="Announced", date=_date("announced")),
    Days(name="occurred", title="Happened", date=_date("occurred")),
    Score(name="attribution", title="Was it said, at least", score=_score("attribution")),
    Score(name="content", title="Does it hold, at least", score=_score("content")),
)
"""In the order in which the explorer shows them."""

DIMENSIONS: Mapping[str, Dimension] = {
    row.name: row
    for row in FILTERS
    if isinstance(row, Years) or (isinstance(row, Terms) and row.is_dimension)
}
"""What claims can be counted by."""
TERMS: Mapping[str, Terms] = {
    row.name: row for row in FILTERS if isinstance(row, Terms) and row.is_filter
}
"""The filters that compare whole values."""
TITLES: Mapping[str, str] = {
    parameter: title for row in FILTERS for parameter, title in row.titles.items()
}
"""What the pages call each query parameter."""


def filter_parameters() -> dict[str, Scalar]:
    """The query parameters of all filters, by name."""
    return {name: field for row in FILTERS for name, field in row.parameters().items()}


def vocabulary_of(dimension: str) -> str | None:
    """The vocabulary whose records the values of a dimension are; none for words and years."""
    row = DIMENSIONS.get(dimension)
    return row.vocabulary if isinstance(row, Terms) else None
