"""Announcements and events in time; what is uncertain is drawn and named as uncertain.

Few claims are drawn date by date. Of many, each year shows how many claims fall into it certainly
and how many possibly. Positions are per cent of the width: no script, no fixed size.
"""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from schemas.filters import ServedClaim, ServedDate
from schemas.query import ClaimQuery
from service.explorer.counts import CERTAIN, Tally
from service.explorer.state import PageState

MAX_CLAIMS = 200
"""Claims up to which every date is drawn."""
MAX_DATES = 40
MAX_YEARS = 24
LANES = {"announced": "Made public", "occurred": "Happened"}
"""The two dates of a claim."""
_DATE_FILTERS = ("horizon", "announced_from", "announced_to", "occurred_from", "occurred_to")


def timeline(state: PageState, total: int, tally: Tally) -> dict[str, Any]:
    """The dates of the ``total`` claims: ``lanes`` of single dates, or ``rows`` of years."""
    if total <= MAX_CLAIMS:
        query = replace(state.query, sort="announced", limit=MAX_CLAIMS, cursor=None)
        dates = _dates([json.loads(body) for body in tally.store.search(query).bodies], state)
        if sum(len(lane["marks"]) for lane in dates["lanes"]) <= MAX_DATES:
            return dates
    return _years(state, tally)


def _dates(claims: list[ServedClaim], state: PageState) -> dict[str, Any]:
    """The marks of each kind of date, earliest first; ``undated`` claims have no such date."""
    dates = {name: [c["dates"][name] for c in claims if c["dates"][name]] for name in LANES}
    scale = Scale((date["earliest"], date["latest"]) for lane in dates.values() for date in lane)
    lanes = [
        {
            "title": title,
            "marks": _marks(name, dates[name], scale, state),
            "undated": len(claims) - len(dates[name]),
        }
        for name, title in LANES.items()
    ]
    return {"ticks": scale.ticks, "lanes": lanes}


def _marks(
    name: str, dates: list[ServedDate], scale: Scale, state: PageState
) -> list[dict[str, Any]]:
    """Each different date, how many claims have it, and its place in per cent of the scale."""
    counts = Counter(date["edtf"] for date in dates)
    different = {date["edtf"]: date for date in dates}.values()
    ordered = sorted(different, key=lambda d: (d["earliest"] or d["latest"], d["latest"] or "9999"))
    return [
        {
            **date,
            "count": counts[date["edtf"]],
            "start": scale.start(date["earliest"]) if date["earliest"] else 0.0,
            "end": scale.end(date["latest"]) if date["latest"] else 100.0,
            "address": _between(
                state, name, date["earliest"] or date["latest"], date["latest"] or date["earliest"]
            ),
        }
        for date in ordered
    ]


def _between(state: PageState, name: str, first: str, last: str) -> str:
    return state.changed(**{f"{name}_from": first, f"{name}_to": last}).claims()


def _years(state: PageState, tally: Tally) -> dict[str, Any]:
    """The latest years, a bar for each kind of date; ``more`` earlier years are left out.

    ``most`` is the count of the longest bar; ``split`` says whether certain dates are counted.
    """
    # ``date_match=certain`` applies to all date filters at once, so that beside another date
    # filter it would narrow what that one matches.
    split = not any(state.values[name] for name in _DATE_FILTERS)
    bars = [_bars(name, state, tally, split=split) for name in LANES]
    years = sorted({year for some in bars for year in some})
    return {
        "titles": list(LANES.values()),
        "rows": [(year, [some.get(year) for some in bars]) for year in years[-MAX_YEARS:]],
        "more": max(0, len(years) - MAX_YEARS),
        "most": max((bar["count"] for some in bars for bar in some.values()), default=1),
        "split": split,
    }


def _bars(name: str, state: PageState, tally: Tally, *, split: bool) -> dict[str, dict[str, Any]]:
    """By year, the claims with such a date in it; ``certain`` ones have a date without ``?``."""
    possible = _by_year(state.query, name, tally)
    certain = _by_year(state.changed(**CERTAIN[name]).query, name, tally) if split else possible
    return {
        year: {
            "count": count,
            "certain": certain.get(year, 0),
            "address": _between(state, name, f"{year}-01-01", f"{year}-12-31"),
        }
        for year, count in possible.items()
    }


def _by_year(query: ClaimQuery, name: str, tally: Tally) -> dict[str, int]:
    groups = tally.counts(query, f"{name}_year").groups
    return {key: group.count for group in groups if (key := group.keys[0]) is not None}


# --- the scale ----------------------------------------------------------------------------------

_GAP = 0.3
"""Width of a run of years without a date; a year with one has width 1."""
_MARGIN = 1.5
"""Per cent at both ends, so that marks on the edge have room."""
_MAX_TICKS = 16
"""With more ticks all years get the same width: gaps would save nothing."""

Span = tuple[str | None, str | None]
"""First and last possible day, ``None`` where an interval is open."""


class Scale:
    """Positions of days, over all the years that some spans touch."""

    def __init__(self, spans: Iterable[Span]) -> None:
        units = {unit for span in spans for unit in _units(span)}
        edges = sorted({year for unit in units for year in unit})
        if len(edges) > _MAX_TICKS:
            units = {(edges[0], edges[-1])}
            step = -(-(edges[-1] - edges[0]) // _MAX_TICKS)
            edges = [*range(edges[0], edges[-1], step), edges[-1]]
        has_dates = [any(a <= lo and hi <= b for a, b in units) for lo, hi in pairwise(edges)]
        widths = [1.0 if inside else _GAP for inside in has_dates]
        percent = (100 - 2 * _MARGIN) / (sum(widths) or 1.0)
        self._edges = edges
        self._at = [_MARGIN + percent * sum(widths[:n]) for n in range(len(widths) + 1)]
        self.ticks = [
            _tick(years, places, gap=not inside)
            for years, places, inside in zip(
                pairwise(edges), pairwise(self._at), has_dates, strict=True
            )
        ]

    def start(self, day: str) -> float:
        return self._position(day, 0)

    def end(self, day: str) -> float:
        return self._position(day, 1)

    def _position(self, day: str, days_after: int) -> float:
        date = dt.date.fromisoformat(day)
        year = date.year + (date.timetuple().tm_yday - 1 + days_after) / 366
        year = min(max(year, self._edges[0]), self._edges[-1])
        right = min(bisect_right(self._edges, year), len(self._edges) - 1)
        (lo, hi), (start, end) = self._edges[right - 1 : right + 1], self._at[right - 1 : right + 1]
        return round(start + (year - lo) / (hi - lo) * (end - start), 3)


def _units(span: Span) -> list[tuple[int, int]]:
    """The years that get full width: those of both ends, or a decade as a whole."""
    years = [int(day[:4]) for day in span if day is not None]
    if len(years) == 2 and years[0] % 10 == 0 and years[1] - years[0] == 9:
        return [(years[0], years[1] + 1)]
    return [(year, year + 1) for year in years]


def _tick(years: tuple[int, int], places: tuple[float, float], *, gap: bool) -> dict[str, Any]:
    """One or more years, and their place in per cent; a ``gap`` has no dates."""
    (lo, hi), (start, end) = years, (round(place, 3) for place in places)
    words = str(lo) if hi - lo == 1 else f"{lo}–{hi - 1}"
    if lo % 10 == 0 and hi - lo == 10:
        words = f"{lo}s"
    return {"words": words, "start": start, "width": round(end - start, 3), "gap": gap}
