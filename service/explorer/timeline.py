"""Announcements and events in time; what is uncertain is drawn and named as uncertain.

Few claims are drawn date by date. Of many, each year shows how many claims fall into it certainly
and how many possibly. Positions are per cent of the width: no script, no fixed size.
"""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from schemas.query import ClaimQuery
from service.explorer.counts import CERTAIN, Tally
from service.explorer.state import PageState
from service.explorer.words import date_words
from service.store.protocol import Store

MAX_CLAIMS = 200
"""Claims up to which every date is drawn."""
MAX_DATES = 40
MAX_YEARS = 24
LANES = {"announced": "Made public", "occurred": "Happened"}
"""The two dates of a claim."""
_DATE_FILTERS = ("horizon", "announced_from", "announced_to", "occurred_from", "occurred_to")


def timeline(state: PageState, total: int, store: Store, tally: Tally) -> dict[str, Any]:
    """The dates of the ``total`` claims: ``lanes`` of single dates, or ``rows`` of years."""
    if total <= MAX_CLAIMS:
        page = store.search(replace(state.query, sort="announced", limit=MAX_CLAIMS, cursor=None))
        dates = _dates([json.loads(body) for body in page.bodies], state)
        if sum(len(lane["marks"]) for lane in dates["lanes"]) <= MAX_DATES:
            return dates
    return _years(state, tally)


# --- date by date -------------------------------------------------------------------------------


def _dates(claims: list[Mapping[str, Any]], state: PageState) -> dict[str, Any]:
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


def _marks(name: str, dates: list[Any], scale: Scale, state: PageState) -> list[dict[str, Any]]:
    counts = Counter(date["edtf"] for date in dates)
    different = {date["edtf"]: date for date in dates}.values()
    ordered = sorted(different, key=lambda d: (d["earliest"] or d["latest"], d["latest"] or "9999"))
    return [_mark(name, date, counts[date["edtf"]], scale, state) for date in ordered]


def _mark(
    name: str, date: Mapping[str, Any], count: int, scale: Scale, state: PageState
) -> dict[str, Any]:
    """One date, the claims that have it, and where it begins and ends in per cent of the scale."""
    earliest, latest = date["earliest"], date["latest"]
    start = scale.start(earliest) if earliest else 0.0
    end = scale.end(latest) if latest else 100.0
    return {
        "words": date_words(date["edtf"], short=True),
        "uncertain": "?" in date["edtf"],
        "count": count,
        "start": start,
        "middle": round((start + end) / 2, 3),
        "end": end,
        "point": date["precision"] == "day",
        "open_start": earliest is None,
        "open_end": latest is None,
        "address": _between(state, name, earliest or latest, latest or earliest),
    }


def _between(state: PageState, name: str, first: str, last: str) -> str:
    return state.changed(**{f"{name}_from": first, f"{name}_to": last}).claims()


# --- year by year -------------------------------------------------------------------------------


def _years(state: PageState, tally: Tally) -> dict[str, Any]:
    """The latest years, a bar for each kind of date; ``more`` earlier years are left out.

    ``certain`` claims of a year are those without ``?``, counted if ``split``.
    """
    # ``date_match=certain`` applies to all date filters at once, so that beside another date
    # filter it would narrow what that one matches.
    split = not any(state.values[name] for name in _DATE_FILTERS)
    possible = {name: _by_year(state.query, name, tally) for name in LANES}
    certain = {
        name: _by_year(state.changed(**CERTAIN[name]).query, name, tally) if split else None
        for name in LANES
    }
    years = sorted({year for counts in possible.values() for year in counts})
    most = max((count for counts in possible.values() for count in counts.values()), default=1)

    def bar(name: str, year: str) -> dict[str, Any] | None:
        if year not in possible[name]:
            return None
        in_year = certain[name]
        sure = None if in_year is None else in_year.get(year, 0)
        address = _between(state, name, f"{year}-01-01", f"{year}-12-31")
        return _bar(possible[name][year], sure, most, address)

    rows = [(year, [bar(name, year) for name in LANES]) for year in years[-MAX_YEARS:]]
    more = len(years) - len(rows)
    return {"titles": list(LANES.values()), "rows": rows, "more": more, "split": split}


def _bar(count: int, certain: int | None, most: int, address: str) -> dict[str, Any]:
    """The claims of one year, with widths in per cent of the longest bar."""
    return {
        "count": count,
        "certain": certain,
        "width": round(100 * count / most, 2),
        "certain_width": round(100 * (count if certain is None else certain) / most, 2),
        "address": address,
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
        dated = [any(a <= lo and hi <= b for a, b in units) for lo, hi in pairwise(edges)]
        widths = [1.0 if inside else _GAP for inside in dated]
        percent = (100 - 2 * _MARGIN) / (sum(widths) or 1.0)
        self._edges = edges
        self._at = [_MARGIN + percent * sum(widths[:n]) for n in range(len(widths) + 1)]
        self.ticks = [
            _tick(years, places, gap=not inside)
            for years, places, inside in zip(
                pairwise(edges), pairwise(self._at), dated, strict=True
            )
        ]

    def start(self, day: str) -> float:
        return self._position(dt.date.fromisoformat(day), 0)

    def end(self, day: str) -> float:
        return self._position(dt.date.fromisoformat(day), 1)

    def _position(self, day: dt.date, days_after: int) -> float:
        year = min(max(day.year, self._edges[0]), self._edges[-1] - 1)
        tick = min(bisect_right(self._edges, year) - 1, len(self._edges) - 2)
        lo, hi = self._edges[tick], self._edges[tick + 1]
        years = (day.year - lo) + (day.timetuple().tm_yday - 1 + days_after) / 366
        share = min(max(years / (hi - lo), 0.0), 1.0)
        return round(self._at[tick] + share * (self._at[tick + 1] - self._at[tick]), 3)


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
    middle, width = round((start + end) / 2, 3), round(end - start, 3)
    return {"words": words, "start": start, "middle": middle, "width": width, "gap": gap}
