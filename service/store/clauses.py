"""From a claim query to clauses: which terms, which ranges. Any engine can render them.

Text search is left to the engine, and so is the position of a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.filters import FILTERS, Days, Filter, Flag, Score, Terms, Years
from schemas.query import ClaimQuery
from service.store.index_fields import FLAG, certain, earliest, latest, score
from service.store.keys import FIRST_DAY, LAST_DAY, day_number


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """One of some terms in a field."""

    field: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A number from ``low`` to ``high``, both inclusive; ``None`` is no bound."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of some clauses; of none, nothing matches."""

    clauses: tuple[Clause, ...]


Clause = AnyTerm | Range | AllOf | AnyOf
NOTHING = AnyOf(())


def clauses(query: ClaimQuery) -> list[Clause]:
    """What a claim must satisfy, all of it, to be among the answers; the text left out."""
    return [clause for row in FILTERS for clause in _clauses(row, query)]


def _clauses(row: Filter, query: ClaimQuery) -> Iterator[Clause]:
    must_fall_inside = query.date_match == "certain"
    match row:
        case Terms(is_filter=True) if terms := getattr(query, row.name):
            yield AnyTerm(row.name, terms)
        case Years(is_filter=True) if years := getattr(query, row.name):
            yield AnyOf(tuple(_overlaps(row.name, years)))
            if must_fall_inside:
                yield AnyTerm(FLAG, (certain(row.name),))
        case Flag() if getattr(query, row.name):
            yield AnyTerm(FLAG, (row.name,))
        case Days():
            first, last = getattr(query, f"{row.name}_from"), getattr(query, f"{row.name}_to")
            if first is not None or last is not None:
                yield _within(row.name, first, last, must_fall_inside)
        case Score() if (least := getattr(query, f"min_{row.name}")) is not None:
            yield Range(score(row.name), low=least)


def _within(name: str, first: str | None, last: str | None, must_fall_inside: bool) -> Clause:
    """A date that may, or must, fall inside a range of days, both inclusive."""
    if first is not None and last is not None and first > last:
        return NOTHING
    low_field, high_field = latest(name), earliest(name)
    found: list[Clause] = []
    if must_fall_inside:
        low_field, high_field = high_field, low_field
        found.append(AnyTerm(FLAG, (certain(name),)))
    if first is not None:
        found.append(Range(low_field, low=day_number(first)))
    if last is not None:
        found.append(Range(high_field, high=day_number(last)))
    return AllOf(tuple(found))


def _overlaps(name: str, years: tuple[str, ...]) -> Iterator[Clause]:
    """A date that overlaps one of the years.

    The years of a date are terms, which are found at once; of one with an open
    end only the year of its other end is, so that those few, and no others,
    are compared by their days.
    """
    yield AnyTerm(name, years)
    last, first = day_number(f"{max(years)}-12-31"), day_number(f"{min(years)}-01-01")
    yield AllOf((Range(latest(name), low=LAST_DAY), Range(earliest(name), high=last)))
    yield AllOf((Range(earliest(name), high=FIRST_DAY), Range(latest(name), low=first)))
