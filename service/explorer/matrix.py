"""What was announced for which year: distinct goals by topic and target year."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.dataset import Group
from schemas.query import ClaimQuery
from service.explorer.counts import Tally
from service.explorer.state import State
from service.store.protocol import Store

_HEATS = 4
_MOST_IDS = 20
"""How many claims the filter by id names at once."""
_READ = 100
"""Goals without a year that are looked at one by one: no filter of the API asks for them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Some goals; ``heat`` is 0 for none, then 1 to 4 by how many there are beside the most."""

    count: int
    heat: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """A topic or a year, and the address of all its goals."""

    name: str
    address: str | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    head: Head
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``more_topics`` and ``more_years`` have goals too, and no room here."""

    goals: int
    years: list[Head]
    rows: list[Row]
    more_topics: int
    more_years: int
    unstated: bool


Counted = dict[tuple[str, str | None], int]


def matrix(state: State, tally: Tally, store: Store, topics: int, years: int) -> Matrix:
    """The goals under every filter but those on topic and year, in at most so many rows."""
    asking = state.changed(goals_only=True, distinct=True)
    base = asking.changed(topic=(), horizon=())
    counts = tally.counts(base.query, "topic", "horizon")
    counted = {(str(g.keys[0]), g.keys[1]): g.count for g in counts.groups}
    shown_topics, more_topics = _topics(counted, topics)
    shown_years, more_years = _years(counted, years)
    most = max((counted.get((t, y), 0) for t in shown_topics for y in shown_years), default=0)
    unstated = any(year is None for _, year in counted)
    ids = _without_year(base.query, counts.groups, store) if unstated else {}

    def row(topic: str) -> Row:
        chosen = topic in state.values["topic"]
        of_topic = base.changed(topic=(topic,))
        head = Head(tally.name("topic", topic), _claims(of_topic), chosen)
        cells = [
            _cell(counted, topic, year, most, _claims(of_topic.changed(horizon=(year,))))
            for year in shown_years
        ]
        if unstated:
            listed = ids.get(topic, ())
            by_id = _claims(state.cleared().changed(id=listed)) if listed else None
            cells.append(_cell(counted, topic, None, most, by_id))
        return Row(head, cells)

    return Matrix(
        goals=counts.total,
        years=_years_above(base, shown_years, state.values["horizon"]),
        rows=[row(topic) for topic in shown_topics],
        more_topics=more_topics,
        more_years=more_years,
        unstated=unstated,
    )


def _years_above(base: State, years: Sequence[str], chosen: Sequence[str]) -> list[Head]:
    """The heads of the columns, each leading to its claims."""
    return [Head(year, _claims(base.changed(horizon=(year,))), year in chosen) for year in years]


def _claims(state: State) -> str:
    return state.address() + "#claims"


def _cell(counted: Counted, topic: str, year: str | None, most: int, address: str | None) -> Cell:
    count = counted.get((topic, year), 0)
    heat = min(_HEATS, count if most <= _HEATS else -(-_HEATS * count // most))
    return Cell(count, heat, address if count else None)


def _sums(counted: Counted, along: int) -> Counter[str]:
    """How many goals each topic, or each year, has."""
    sums: Counter[str] = Counter()
    for pair, count in counted.items():
        key = pair[along]
        if key is not None:
            sums[key] += count
    return sums


def _topics(counted: Counted, most: int) -> tuple[list[str], int]:
    """The topics with most goals, and how many more there are."""
    sums = _sums(counted, 0)
    ranked = sorted(sums, key=lambda topic: (-sums[topic], topic))
    return ranked[:most], max(0, len(ranked) - most)


def _years(counted: Counted, most: int) -> tuple[list[str], int]:
    """The years in a row that have most goals between them, the latest of such rows; and how many
    more there are.
    """
    sums = _sums(counted, 1)
    years = sorted(sums)
    starts = range(max(1, len(years) - most + 1))
    best = max(starts, key=lambda at: (sum(sums[year] for year in years[at : at + most]), at))
    return years[best : best + most], max(0, len(years) - most)


def _without_year(
    query: ClaimQuery, groups: Iterable[Group], store: Store
) -> Mapping[str, tuple[str, ...]]:
    """The ids of goals without a target year, by topic; empty where they are too many to name."""
    if sum(group.count for group in groups if group.keys[1] is None) > _READ:
        return {}
    found: dict[str, list[str]] = {}
    page = store.search(replace(query, sort="-announced", limit=_READ, cursor=None))
    for claim in map(json.loads, page.bodies):
        if claim["goal"]["horizon"] is None:
            for topic in claim["topics"]:
                found.setdefault(topic["id"], []).append(claim["id"])
    if page.total > _READ:
        return {}
    return {topic: tuple(ids) for topic, ids in found.items() if len(ids) <= _MOST_IDS}
