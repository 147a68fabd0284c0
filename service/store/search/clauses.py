"""What a claim must satisfy to be found by a query, as data that any engine can be told.

Which field, which term, which range and when a date must be certain is decided here, once; a
store turns clauses into the terms of its engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.filter_kinds import Days, Either, Filter, Flag, Listed, Score, Years
from schemas.filters import FILTERS, LISTED
from schemas.query import ClaimQuery, search_text
from service.store.search.index_fields import (
    FLAG,
    NO_VALUE,
    certain,
    day_number,
    earliest,
    ends,
    latest,
    open_end,
    open_start,
    score,
    starts,
)
from service.store.search.words import words, words_by_run


@dataclass(frozen=True, slots=True)
class Term:
    """One of the terms of a field is this one."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """A number lies from ``low`` to ``high``, both inclusive; ``None`` is no bound."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of some clauses hold; of none, everything is found."""

    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of some clauses holds; of none, nothing is found."""

    clauses: tuple[Clause, ...] = ()


Clause = Term | Range | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class TextClause:
    """Words of a text that is searched: each of ``wanted`` stands in it, its words next to each
    other, and none of ``unwanted`` does. Without any of either nothing is found.
    """

    wanted: tuple[tuple[str, ...], ...]
    unwanted: tuple[tuple[str, ...], ...]


_ROWS = {name: row for row, each in enumerate(FILTERS) for name in each.parameters()}
"""Which row of the table a parameter belongs to."""


def filters_of(query: ClaimQuery, by: tuple[str, ...] = ()) -> list[Clause]:
    """What the filters of a query demand, all of it; to be counted ``by`` some dimensions, what
    filters by the values counted would demand too.
    """
    # Of the thirty rows a query uses few.
    rows = {_ROWS[name] for name in query.given if name in _ROWS}
    clauses = [clause for row in sorted(rows) for clause in _clauses(FILTERS[row], query)]
    if query.date_match == "certain":
        clauses += [clause for name in by for clause in _certainly(LISTED[name])]
    return clauses


def text_of(text: str) -> TextClause:
    """What a search text demands.

    What is written without a blank in a script without blanks is a phrase, of characters.
    """
    parts = search_text(text)
    together = [run for piece in parts.words for run in words_by_run(piece)]
    together += map(words, parts.phrases)
    apart = map(words, parts.without)
    return TextClause(
        tuple(map(tuple, filter(None, together))), tuple(map(tuple, filter(None, apart)))
    )


def _clauses(row: Filter, query: ClaimQuery) -> Iterator[Clause]:
    """What a claim must satisfy, all of it, to pass one filter."""
    must_fall_inside = query.date_match == "certain"
    match row:
        case Listed() if values := getattr(query, row.name):
            yield _listed(row, values)
            if must_fall_inside:
                yield from _certainly(row)
        case Either():
            if (wanted := getattr(query, row.name)) is not None:
                yield Term(FLAG, row.name if wanted else row.otherwise)
        case Flag() if getattr(query, row.name):
            yield Term(FLAG, row.name)
        case Days():
            first, last = getattr(query, f"{row.name}_from"), getattr(query, f"{row.name}_to")
            if first is not None or last is not None:
                yield _within(row.name, first, last, must_fall_inside)
        case Score() if (least := getattr(query, f"min_{row.name}")) is not None:
            enough = [step for step in row.steps if step >= least]
            yield Term(score(row.name), str(enough[0])) if enough else AnyOf()


def _within(name: str, first: str | None, last: str | None, must_fall_inside: bool) -> Clause:
    """A date that may, or must, fall inside a range of days, both inclusive."""
    if first is not None and last is not None and first > last:
        return AnyOf()
    low_field, high_field = latest(name), earliest(name)
    if must_fall_inside:
        low_field, high_field = high_field, low_field
    clauses: list[Clause] = []
    if first is not None:
        clauses.append(Range(low_field, low=day_number(first)))
        clauses += [Term(FLAG, starts(name))] * must_fall_inside
    if last is not None:
        clauses.append(Range(high_field, high=day_number(last)))
        clauses += [Term(FLAG, ends(name))] * must_fall_inside
    return AllOf(tuple(clauses))


def _certainly(row: Listed) -> Iterator[Clause]:
    """What must hold under ``date_match=certain`` of a claim found by a row of the table: the
    date that the values tell of, where there is a value, carries no ``?``.
    """
    if row.dated is not None:
        yield AnyOf((Term(FLAG, certain(row.dated)), Term(row.name, NO_VALUE)))


def _listed(row: Listed, values: tuple[str, ...]) -> Clause:
    """One of some values, or none where that is asked for.

    The years of a date are terms, which are found at once; of one with an
    open end only the year of its other end is, so that those few, and no
    others, are compared by their days.
    """
    ways: list[Clause] = [Term(row.name, value) for value in values]
    years = [value for value in values if value != NO_VALUE]
    if isinstance(row, Years) and years:
        first, last = day_number(f"{min(years)}-01-01"), day_number(f"{max(years)}-12-31")
        low, high = earliest(str(row.dated)), latest(str(row.dated))
        ways.append(AllOf((Term(FLAG, open_end(row.name)), Range(low, high=last))))
        ways.append(AllOf((Term(FLAG, open_start(row.name)), Range(high, low=first))))
    return AnyOf(tuple(ways))
