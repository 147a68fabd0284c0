"""What was announced for which year: distinct goals counted by topic and target year."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.query import ClaimQuery
from service.explorer.counts import Tally
from service.explorer.filters import value_name
from service.explorer.state import PageState, parameters
from service.store.protocol import Store

_HEATS = 4
"""Shades of a cell."""
_MAX_READ = 100
"""Goals that are read to link the ones without a year; of more they are counted only."""

Counted = dict[tuple[str, str | None], int]
"""Goals by topic and year, ``None`` for no year."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table with ``goals`` in all; ``more_topics`` and ``more_years`` are not in it.

    ``years`` are the headings of the columns. Each of ``rows`` is the heading of a topic and its
    cells: one for each year, and where ``unstated`` a last one for goals without a year.
    """

    goals: int
    years: list[dict[str, Any]]
    rows: list[tuple[dict[str, Any], list[dict[str, Any]]]]
    more_topics: int
    more_years: int
    unstated: bool


def matrix(state: PageState, tally: Tally, store: Store, max_topics: int, max_years: int) -> Matrix:
    """The goals under every filter but those on topic and year."""
    base = state.changed(goals_only=True, distinct=True, topic=(), horizon=())
    counts = tally.counts(base.query, "topic", "horizon")
    counted: Counted = {(str(g.keys[0]), g.keys[1]): g.count for g in counts.groups}
    by_topic, by_year = _sum(counted, 0), _sum(counted, 1)
    topics = sorted(by_topic, key=lambda topic: (-by_topic[topic], topic))[:max_topics]
    years = _busiest_years(by_year, max_years)
    most = max((counted.get((topic, year), 0) for topic in topics for year in years), default=0)
    unstated = any(year is None for _, year in counted)
    ids = _ids_without_year(base.query, counts.total, store) if unstated else {}

    def cell(topic: str, year: str | None) -> dict[str, Any]:
        goals: PageState | None = base.changed(topic=(topic,), horizon=(year,))
        if year is None:
            goals = state.cleared().changed(id=ids[topic]) if topic in ids else None
        return _cell(counted.get((topic, year), 0), most, goals)

    columns = [*years, None] if unstated else years
    return Matrix(
        goals=counts.total,
        years=[_heading("horizon", year, state, base, store) for year in years],
        rows=[
            (_heading("topic", topic, state, base, store), [cell(topic, year) for year in columns])
            for topic in topics
        ],
        more_topics=len(by_topic) - len(topics),
        more_years=len(by_year) - len(years),
        unstated=unstated,
    )


def _heading(
    name: str, value: str, state: PageState, base: PageState, store: Store
) -> dict[str, Any]:
    """A topic or a year: its name, the address of its goals, and whether it is filtered by."""
    return {
        "name": value_name(name, value, store),
        "address": base.changed(**{name: (value,)}).claims(),
        "chosen": value in state.values[name],
    }


def _cell(count: int, most: int, goals: PageState | None) -> dict[str, Any]:
    """Some goals; ``heat`` is 0 for none, then 1 to 4 relative to the largest cell."""
    heat = min(_HEATS, count if most <= _HEATS else -(-_HEATS * count // most))
    return {"count": count, "heat": heat, "address": goals.claims() if goals and count else None}


def _sum(counted: Counted, part: int) -> Counter[str]:
    """Goals by topic (part 0) or by year (part 1); goals without a year count for topics alone."""
    sums: Counter[str] = Counter()
    for keys, count in counted.items():
        key = keys[part]
        if key is not None:
            sums[key] += count
    return sums


def _busiest_years(by_year: Counter[str], most: int) -> Sequence[str]:
    """The ``most`` successive years with most goals between them; of several such, the latest."""
    years = sorted(by_year)
    starts = range(max(1, len(years) - most + 1))
    best = max(starts, key=lambda at: (sum(by_year[year] for year in years[at : at + most]), at))
    return years[best : best + most]


def _ids_without_year(query: ClaimQuery, total: int, store: Store) -> dict[str, tuple[str, ...]]:
    """The ids of the goals without a target year, by topic.

    No filter of the API selects these goals, so a cell can only name each of them: a topic with
    more goals than the filter by id takes is left out, and so are all if ``total`` goals are too
    many to read.
    """
    if total > _MAX_READ:
        return {}
    ids: dict[str, list[str]] = {}
    page = store.search(replace(query, sort=None, limit=_MAX_READ, cursor=None))
    for claim in map(json.loads, page.bodies):
        if claim["goal"]["horizon"] is None:
            for topic in claim["topics"]:
                ids.setdefault(topic["id"], []).append(claim["id"])
    max_ids = parameters().fields["id"].maximum  # type: ignore[attr-defined]
    return {topic: tuple(some) for topic, some in ids.items() if len(some) <= max_ids}
