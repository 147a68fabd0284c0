"""A scale of time for a chart: years in which something is dated get room, the others next to none.

Positions are per cent of the width, so that a chart needs neither a script nor a fixed size.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_GAP = 0.3
"""The room of years without a date, beside that of one year with one."""
_MARGIN = 1.5
"""Room at both ends, for marks that stand on the edge."""
_MOST_TICKS = 16
"""With more years than that all get the same room: the gaps would save nothing."""

Span = tuple[str | None, str | None]
"""First and last possible day, ``None`` where an interval is open."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A year, or several, from ``start`` to ``end`` in per cent; a gap has no dates in it."""

    words: str
    start: float
    end: float
    gap: bool

    @property
    def width(self) -> float:
        return round(self.end - self.start, 3)

    @property
    def middle(self) -> float:
        return round((self.start + self.end) / 2, 3)


class Scale:
    """Days to positions, over all the years that some spans touch."""

    def __init__(self, spans: Iterable[Span]) -> None:
        units = {unit for span in spans for unit in _units(span)}
        edges = sorted({year for unit in units for year in unit})
        if len(edges) > _MOST_TICKS:
            units = {(edges[0], edges[-1])}
            step = -(-(edges[-1] - edges[0]) // _MOST_TICKS)
            edges = [*range(edges[0], edges[-1], step), edges[-1]]
        within = [any(a <= lo and hi <= b for a, b in units) for lo, hi in pairwise(edges)]
        weights = [1.0 if inside else _GAP for inside in within]
        whole = sum(weights) or 1.0
        self._edges = edges
        room = 100 - 2 * _MARGIN
        self._at = [_MARGIN + room * sum(weights[:n]) / whole for n in range(len(weights) + 1)]
        self.ticks = [
            Tick(_years(lo, hi), round(self._at[n], 3), round(self._at[n + 1], 3), not within[n])
            for n, (lo, hi) in enumerate(pairwise(edges))
        ]

    def first(self, day: str) -> float:
        """Where a day begins."""
        return self._position(dt.date.fromisoformat(day), 0)

    def last(self, day: str) -> float:
        """Where a day ends."""
        return self._position(dt.date.fromisoformat(day), 1)

    def _position(self, day: dt.date, after: int) -> float:
        year = min(max(day.year, self._edges[0]), self._edges[-1] - 1)
        place = min(bisect_right(self._edges, year) - 1, len(self._edges) - 2)
        lo, hi = self._edges[place], self._edges[place + 1]
        passed = (day.year - lo) + (day.timetuple().tm_yday - 1 + after) / 366
        share = min(max(passed / (hi - lo), 0.0), 1.0)
        return round(self._at[place] + share * (self._at[place + 1] - self._at[place]), 3)


def _units(span: Span) -> list[tuple[int, int]]:
    """The years that must have room: those of both ends, or a decade as a whole."""
    years = [int(day[:4]) for day in span if day is not None]
    if len(years) == 2 and years[0] % 10 == 0 and years[1] - years[0] == 9:
        return [(years[0], years[1] + 1)]
    return [(year, year + 1) for year in years]


def _years(lo: int, hi: int) -> str:
    if hi - lo == 1:
        return str(lo)
    return f"{lo}s" if lo % 10 == 0 and hi - lo == 10 else f"{lo}–{hi - 1}"
