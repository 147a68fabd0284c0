"""Announcements and events in time; what is uncertain is drawn and named as uncertain.

Few claims are drawn date by date. Of many, each year shows how many claims fall into it certainly
and how many possibly. Positions are per cent of the width: no script, no fixed size.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

from schemas.filter_kinds import Days, Listed, ServedDate
from schemas.filters import FILTERS
from service.explorer.state import PageState
from service.explorer.views.counts import Tally

MAX_CLAIMS = 200
"""Claims up to which every date is drawn."""
MAX_DATES = 40
MAX_YEARS = 24
LANES = {"announced": "Made public", "occurred": "Happened"}
"""The two dates of a claim."""
_DATE_FILTERS = tuple(
    name
    for row in FILTERS
    if isinstance(row, Days) or (isinstance(row, Listed) and row.dated)
    for name in row.parameters()
)
"""The filters that ``date_match`` concerns."""


def timeline(total: int, tally: Tally) -> dict[str, Any]:
    """The dates of the ``total`` claims: ``lanes`` of single dates, or ``rows`` of years."""
    if total <= MAX_CLAIMS:
        query = replace(tally.state.query, sort="announced", limit=MAX_CLAIMS, cursor=None)
        claims = [json.loads(body) for body in tally.store.search(query).bodies]
        dates = {name: [c["dates"][name] for c in claims if c["dates"][name]] for name in LANES}
        if sum(len({date["edtf"] for date in lane}) for lane in dates.values()) <= MAX_DATES:
            return _dates(dates, tally)
    return _years(tally)


def _dates(dates: dict[str, list[ServedDate]], tally: Tally) -> dict[str, Any]:
    """The marks of each kind of date, and the scale that they are drawn on."""
    scale = Scale((date["earliest"], date["latest"]) for lane in dates.values() for date in lane)
    lanes = [
        {"title": title, "marks": _marks(name, dates[name], scale, tally)}
        for name, title in LANES.items()
    ]
    return {"ticks": scale.ticks, "lanes": lanes}


def _marks(name: str, dates: list[ServedDate], scale: Scale, tally: Tally) -> list[dict[str, Any]]:
    """Each different date, earliest first: how many claims may fall there, as its link finds them,
    and its place in per cent.
    """
    different = {date["edtf"]: date for date in dates}.values()
    ordered = sorted(different, key=lambda d: (d["earliest"] or d["latest"], d["latest"] or "9999"))
    return [
        {
            **date,
            "count": tally.counts(between.query).total,
            "start": scale.start(date["earliest"]),
            "end": scale.end(date["latest"]),
            "address": between.claims(),
        }
        for date in ordered
        for between in [_between(tally.state, name, date["earliest"], date["latest"])]
        if tally.counts(between.query).total  # of uncertain dates, where those must not match
    ]


def _between(state: PageState, name: str, first: str | None, last: str | None) -> PageState:
    """The claims whose date may fall between two days, or on the one there is."""
    return state.changed(**{f"{name}_from": first or last, f"{name}_to": last or first})


def _years(tally: Tally) -> dict[str, Any]:
    """The latest years, a bar for each kind of date; ``more`` earlier years are left out.

    ``most`` is the count of the longest bar; ``split`` says whether certain dates are counted.
    """
    # ``date_match=certain`` applies to all date filters at once, so that beside another date
    # filter it would narrow what that one matches.
    split = not any(tally.state.values[name] for name in _DATE_FILTERS)
    bars = [_bars(name, tally, split=split) for name in LANES]
    years = sorted({year for some in bars for year in some})
    return {
        "titles": list(LANES.values()),
        "rows": [(year, [some.get(year) for some in bars]) for year in years[-MAX_YEARS:]],
        "more": max(0, len(years) - MAX_YEARS),
        "most": max((bar["count"] for some in bars for bar in some.values()), default=1),
        "split": split,
    }


def _bars(name: str, tally: Tally, *, split: bool) -> dict[str, dict[str, Any]]:
    """By year, the claims with such a date in it; ``certain`` ones have a date without ``?``.

    A bar leads to the claims of its year alone. Where years are asked for they are counted without
    the others, so that a claim of which two are possible is in both, and no other year has a bar.
    """
    state, dimension = tally.state, f"{name}_year"
    asked, all_years = state.values[dimension], state.changed(**{dimension: ()})
    possible, _ = tally.values(all_years.query, dimension)
    certain = possible
    if split:
        certain, _ = tally.values(all_years.changed(date_match="certain").query, dimension)
    return {
        year: {
            "count": count,
            "certain": certain.get(year, 0),
            "address": state.changed(**{dimension: (year,)}).claims(),
        }
        for year, count in possible.items()
        if not asked or year in asked
    }


# --- the scale ----------------------------------------------------------------------------------

_GAP = 0.3
"""Width of a run of years without a date; a year with one has width 1."""
_MARGIN = 1.5
"""Per cent at both ends, so that marks on the edge have room."""
_MAX_TICKS = 16
"""With more ticks all years get the same width: gaps would save nothing."""

DaySpan = tuple[str | None, str | None]
"""First and last possible day, ``None`` where an interval is open."""


class Scale:
    """Positions of days, over all the years that some spans touch."""

    def __init__(self, spans: Iterable[DaySpan]) -> None:
        units = {unit for span in spans for unit in _units(span)}
        edges = sorted({year for unit in units for year in unit})
        if len(edges) > _MAX_TICKS:
            units = {(edges[0], edges[-1])}
            step = -(-(edges[-1] - edges[0]) // _MAX_TICKS)
            edges = [*range(edges[0], edges[-1], step), edges[-1]]
        has_dates = [any(a <= lo and hi <= b for a, b in units) for lo, hi in pairwise(edges)]
        widths = [1.0 if inside else _GAP for inside in has_dates]
        percent = (100 - 2 * _MARGIN) / (sum(widths) or 1.0)
        places = [_MARGIN + percent * width for width in accumulate(widths, initial=0.0)]
        self._pieces = [
            (*years, *place) for years, place in zip(pairwise(edges), pairwise(places), strict=True)
        ]
        self.ticks = [
            _tick(*piece, gap=not inside)
            for piece, inside in zip(self._pieces, has_dates, strict=True)
        ]

    def start(self, day: str | None) -> float:
        return 0.0 if day is None else self._position(day, 0)

    def end(self, day: str | None) -> float:
        return 100.0 if day is None else self._position(day, 1)

    def _position(self, day: str, days_after: int) -> float:
        date = dt.date.fromisoformat(day)
        year = date.year + (date.timetuple().tm_yday - 1 + days_after) / 366
        lo, hi, start, end = next(piece for piece in reversed(self._pieces) if piece[0] <= year)
        return round(start + (year - lo) / (hi - lo) * (end - start), 3)


def _units(span: DaySpan) -> list[tuple[int, int]]:
    """The years that get full width: those of both ends, or a decade as a whole."""
    years = [int(day[:4]) for day in span if day is not None]
    if len(years) == 2 and years[0] % 10 == 0 and years[1] - years[0] == 9:
        return [(years[0], years[1] + 1)]
    return [(year, year + 1) for year in years]


def _tick(lo: int, hi: int, start: float, end: float, *, gap: bool) -> dict[str, Any]:
    """One or more years, and their place in per cent; a ``gap`` has no dates."""
    words = str(lo) if hi - lo == 1 else f"{lo}–{hi - 1}"
    if lo % 10 == 0 and hi - lo == 10:
        words = f"{lo}s"
    start, end = round(start, 3), round(end, 3)
    return {"words": words, "start": start, "width": round(end - start, 3), "gap": gap}
