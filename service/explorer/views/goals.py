"""What was announced for which year: distinct goals counted by topic and target year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from schemas.parameters import NONE
from service.explorer.filter_names import value_name
from service.explorer.views.counts import Tally

_HEATS = 4
"""Shades of a cell."""


def matrix(tally: Tally, max_topics: int, max_years: int) -> dict[str, Any]:
    """The ``goals`` under every filter but those on topic and year, which ``state`` selects.

    Each of ``rows`` is a topic (id and name) and its cells: one for each of ``years``, and where
    ``unstated`` a last one for goals without a year. ``more_topics`` and ``more_years`` have no
    room. The ``heat`` of a cell is 0 for none, then 1 to 4 relative to the largest cell.
    """
    base = tally.state.changed(goals_only=True, distinct=True, topic=(), horizon=())
    result = tally.counts(base.query, "topic", "horizon")
    counts: Counter[Any] = Counter({group.keys: group.count for group in result.groups})
    by_topic, by_year = Counter[Any](), Counter[Any]()
    for (topic, year), count in counts.items():
        by_topic[topic] += count
        by_year[year] += count
    unstated = by_year.pop(None, 0) > 0
    topics = sorted(by_topic, key=lambda topic: (-by_topic[topic], topic))[:max_topics]
    years = _busiest_years(by_year, max_years)
    most = max((counts[topic, year] for topic in topics for year in years), default=0)

    def cell(topic: str, year: str | None) -> dict[str, Any]:
        count, goals = counts[topic, year], base.changed(topic=(topic,), horizon=(year or NONE,))
        heat = min(_HEATS, count if most <= _HEATS else -(-_HEATS * count // most))
        return {"count": count, "heat": heat, "address": goals.claims()}

    columns = [*years, None] if unstated else years
    names = {topic: value_name("topic", topic, tally.store) for topic in topics}
    return {
        "state": base,
        "goals": result.total,
        "years": years,
        "rows": [
            ({"id": t, "name": names[t]}, [cell(t, year) for year in columns]) for t in topics
        ],
        "more_topics": len(by_topic) - len(topics),
        "more_years": len(by_year) - len(years),
        "unstated": unstated,
    }


def _busiest_years(by_year: Counter[str], most: int) -> Sequence[str]:
    """The ``most`` successive years with most goals between them; of several such, the latest."""
    years = sorted(by_year)
    starts = range(max(1, len(years) - most + 1))
    best = max(starts, key=lambda at: (sum(by_year[year] for year in years[at : at + most]), at))
    return years[best : best + most]
