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


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table with ``goals`` in all; ``more_topics`` and ``more_years`` are not in it.

    Each of ``rows`` is a topic (id and name) and its cells: one for each of ``years``, and where
    ``unstated`` a last one for goals without a year. ``state`` selects all goals of the table.
    """

    state: PageState
    goals: int
    years: Sequence[str]
    rows: list[tuple[dict[str, str], list[dict[str, Any]]]]
    more_topics: int
    more_years: int
    unstated: bool


def matrix(state: PageState, tally: Tally, max_topics: int, max_years: int) -> Matrix:
    """The goals under every filter but those on topic and year."""
    base = state.changed(goals_only=True, distinct=True, topic=(), horizon=())
    result = tally.counts(base.query, "topic", "horizon")
    counts = Counter({(str(g.keys[0]), g.keys[1]): g.count for g in result.groups})
    by_topic, by_year = _sum(counts, 0), _sum(counts, 1)
    unstated = by_year.pop(None, 0) > 0
    topics = sorted(by_topic, key=lambda topic: (-by_topic[topic], topic))[:max_topics]
    years = _busiest_years(by_year, max_years)
    most = max((counts[topic, year] for topic in topics for year in years), default=0)
    ids = _ids_without_year(base.query, result.total, tally.store) if unstated else {}

    def cell(topic: str, year: str | None) -> dict[str, Any]:
        goals: PageState | None = base.changed(topic=(topic,), horizon=(year,))
        if year is None:
            goals = state.cleared().changed(id=ids[topic]) if topic in ids else None
        return _cell(counts[topic, year], most, goals)

    columns = [*years, None] if unstated else years
    names = {topic: value_name("topic", topic, tally.store) for topic in topics}
    return Matrix(
        state=base,
        goals=result.total,
        years=years,
        rows=[({"id": t, "name": names[t]}, [cell(t, year) for year in columns]) for t in topics],
        more_topics=len(by_topic) - len(topics),
        more_years=len(by_year) - len(years),
        unstated=unstated,
    )


def _cell(count: int, most: int, goals: PageState | None) -> dict[str, Any]:
    """Some goals; ``heat`` is 0 for none, then 1 to 4 relative to the largest cell."""
    heat = min(_HEATS, count if most <= _HEATS else -(-_HEATS * count // most))
    return {"count": count, "heat": heat, "address": goals.claims() if goals and count else None}


def _sum(counts: Counter[tuple[str, str | None]], part: int) -> Counter[Any]:
    """Goals by topic (part 0) or by year (part 1)."""
    sums: Counter[Any] = Counter()
    for keys, count in counts.items():
        sums[keys[part]] += count
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
