"""The one table of filters and dimensions.

A row says what can be asked of a claim: its name, its title, its kind of value, the vocabulary
its values come from, and which values a served claim has. From the table follow the parameters of
the API, ``ClaimQuery``, the fields of the search index, matching, counts, the filters of the
explorer, and the generators and the reference store of the tests. A new filter is one row here
and its description in ``openapi.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from schemas.fields import Choice, Pattern, Scalar
from schemas.filter_kinds import (
    Days,
    Either,
    Filter,
    Flag,
    Listed,
    Score,
    ServedClaim,
    ServedRecord,
    ServedRecords,
    Terms,
    Years,
)
from schemas.parameters import DAY, MONTH
from schemas.patterns import CLAIM_ID, COUNTRY, DOCUMENT_ID
from schemas.records.claim import (
    ATTRIBUTIONS,
    CREDIBILITY_SCORES,
    KINDS,
    LEVEL_SCORES,
    SPECIFICITIES,
    is_sourced,
    restated,
)
from schemas.tables.column import at

_MONTH = Pattern(MONTH, "a month YYYY-MM")
_DAY = Pattern(DAY, "a calendar day YYYY-MM-DD")


def _lineage(records: Mapping[str, ServedRecord], key: str, identifier: str) -> Iterator[str]:
    """The id of a record, then of the one that it names under a key, and so on, as far as there are
    records; ends where it would go round in a circle.
    """
    seen: set[str] = set()
    while identifier in records and identifier not in seen:
        yield identifier
        seen.add(identifier)
        if (above := records[identifier][key]) is None:
            return
        identifier = above if isinstance(above, str) else above["id"]


def with_broader(records: ServedRecords, topic: str) -> Iterable[str]:
    """A topic, then the broader ones."""
    return _lineage(records["topics"], "broader", topic)


def _with_larger(records: ServedRecords, place: str) -> Iterable[str]:
    return _lineage(records["places"], "within", place)


def _country(records: ServedRecords, place: str) -> list[str]:
    """The country of a place; if none is recorded, that of the smallest place around it that has
    one.
    """
    countries = (records["places"][each]["country"] for each in _with_larger(records, place))
    return [*filter(None, countries)][:1]


def _ids(references: Iterable[Mapping[str, Any]]) -> list[str]:
    return [reference["id"] for reference in references]


def _cited(claim: ServedClaim) -> list[str]:
    return _ids(span["document"] for span in (*claim["evidence"], *claim["quotes"]))


def _occasion(claim: ServedClaim) -> list[str]:
    return _ids([claim["occasion"]] if claim["occasion"] else [])


def _known_to(length: int, name: str) -> Callable[[ServedClaim], list[str]]:
    """The month (the first seven characters of a day) or the day (ten) that a date lies in; nothing
    for a date that is less exact, or open.
    """

    def values(claim: ServedClaim) -> list[str]:
        date = claim["dates"][name]
        ends = {date[end] and date[end][:length] for end in ("earliest", "latest")} if date else {}
        return [end for end in ends if end is not None and len(ends) == 1]

    return values


FILTERS: tuple[Filter, ...] = (
    Terms(name="kind", title="Kind of claim", values=lambda c: [c["kind"]], takes=Choice(*KINDS)),
    Terms(
        name="topic",
        title="Topic",
        values=lambda c: _ids(c["topics"]),
        vocabulary="topics",
        reach=with_broader,
    ),
    Years(name="horizon", title="Target year of a goal", date=at("goal.horizon"), dated="horizon"),
    Terms(name="occasion", title="Occasion", values=_occasion, vocabulary="occasions"),
    Terms(
        name="place",
        title="Place",
        values=lambda c: _ids(c["places"]),
        vocabulary="places",
        reach=_with_larger,
    ),
    Terms(
        name="country",
        title="Country",
        values=lambda c: _ids(c["places"]),
        reach=_country,
        takes=Pattern(COUNTRY, "an ISO 3166-1 alpha-2 code such as KP"),
    ),
    Terms(
        name="speaker",
        title="Who says it",
        values=lambda c: [c["sources"][0]["agent"]["id"]],
        vocabulary="agents",
    ),
    Terms(name="actor", title="Who acts", values=lambda c: _ids(c["actors"]), vocabulary="agents"),
    Terms(
        name="addressee",
        title="To whom",
        values=lambda c: _ids(c["addressees"]),
        vocabulary="agents",
    ),
    Terms(name="about", title="About whom", values=lambda c: _ids(c["about"]), vocabulary="agents"),
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
        takes=Choice(*ATTRIBUTIONS),
    ),
    Terms(
        name="document",
        title="Document",
        values=_cited,
        vocabulary="documents",
        takes=Pattern(DOCUMENT_ID, "a document id"),
    ),
    Terms(
        name="specificity",
        title="How specific a goal is",
        values=lambda c: [c["goal"]["specificity"]] if c["goal"] else [],
        takes=Choice(*SPECIFICITIES),
    ),
    *(
        row
        for name, title in (("announced", "made public"), ("occurred", "it happened"))
        for row in (
            Years(
                name=f"{name}_year",
                title=f"Year {title}",
                date=at(f"dates.{name}"),
                dated=name,
                in_form=False,
            ),
            Terms(
                name=f"{name}_month",
                title=f"Month {title}",
                values=_known_to(len("YYYY-MM"), name),
                takes=_MONTH,
                dated=name,
                in_form=False,
            ),
            Terms(
                name=f"{name}_day",
                title=f"Day {title}",
                values=_known_to(len("YYYY-MM-DD"), name),
                takes=_DAY,
                dated=name,
                in_form=False,
            ),
        )
    ),
    Terms(
        name="attribution_level",
        title="Was it said",
        values=lambda c: [c["confidence"]["attribution"]["level"]],
        takes=Choice(*LEVEL_SCORES),
        in_form=False,
    ),
    Terms(
        name="credibility",
        title="Does it hold",
        values=lambda c: [str(c["confidence"]["content"]["credibility"])],
        takes=Choice(*map(str, CREDIBILITY_SCORES)),
        in_form=False,
    ),
    Terms(
        name="topic_exact",
        title="Topic itself",
        values=lambda c: _ids(c["topics"]),
        vocabulary="topics",
        in_form=False,
    ),
    Terms(
        name="id",
        title="Claim ids",
        values=lambda c: [c["id"]],
        takes=Pattern(CLAIM_ID, "a claim id"),
        is_dimension=False,
    ),
    Flag(name="goals_only", title="Announced goals only", holds=lambda c: c["goal"] is not None),
    Flag(name="distinct", title="Restatements left out", holds=lambda c: not restated(c)),
    Either(name="sourced", title="Said by a source", holds=is_sourced),
    Days(name="announced", title="Made public", date=at("dates.announced")),
    Days(name="occurred", title="Happened", date=at("dates.occurred")),
    Score(
        name="attribution",
        title="Was it said, at least",
        score=at("confidence.attribution.score"),
        steps=tuple(sorted(LEVEL_SCORES.values())),
    ),
    Score(
        name="content",
        title="Does it hold, at least",
        score=at("confidence.content.score"),
        steps=tuple(sorted(filter(None, CREDIBILITY_SCORES.values()))),
    ),
)
"""In the order in which the explorer shows them."""

LISTED: Mapping[str, Listed] = {row.name: row for row in FILTERS if isinstance(row, Listed)}
"""The filters by a list of values."""
DIMENSIONS: Mapping[str, Listed] = {name: row for name, row in LISTED.items() if row.is_dimension}
"""What claims can be counted by."""
TITLES: Mapping[str, str] = {
    parameter: title for row in FILTERS for parameter, title in row.titles.items()
}
"""What the pages call each query parameter."""


def filter_parameters() -> dict[str, Scalar]:
    """The query parameters of all filters, by name."""
    return {name: field for row in FILTERS for name, field in row.parameters().items()}


def vocabulary_of(name: str) -> str | None:
    """The vocabulary whose ids a list filter takes; none for words and dates."""
    row = LISTED.get(name)
    return row.vocabulary if isinstance(row, Terms) else None
