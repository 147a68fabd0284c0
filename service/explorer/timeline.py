"""Announcements and events in time, what is uncertain drawn and called uncertain.

A few claims are drawn date by date. Of many, each year says how many claims fall into it for
certain, and how many only may.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas.query import ClaimQuery
from service.explorer.counts import CERTAIN, Tally
from service.explorer.dates import in_words
from service.explorer.scale import Scale, Tick
from service.explorer.state import State
from service.store.protocol import Store

MOST_CLAIMS = 200
"""Claims up to which every date is drawn."""
MOST_DATES = 40
MOST_YEARS = 24
LANES = (
    ("announced", "Made public"),
    ("occurred", "Happened"),
)
_NEVER = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Mark:
    """One date and the claims that have it; ``start`` and ``end`` in per cent of the scale."""

    words: str
    uncertain: bool
    count: int
    start: float
    end: float
    point: bool
    open_start: bool
    open_end: bool
    address: str

    @property
    def middle(self) -> float:
        return round((self.start + self.end) / 2, 3)


@dataclass(frozen=True, slots=True)
class Lane:
    """What the dates are dates of; the last of ``marks`` is the latest. ``undated`` have none."""

    name: str
    title: str
    marks: list[Mark]
    undated: int


@dataclass(frozen=True, slots=True)
class Dates:
    """Every date of a few claims."""

    ticks: list[Tick]
    lanes: list[Lane]


@dataclass(frozen=True, slots=True)
class Bar:
    """The claims of one year: ``sure`` of them for certain, null where that was not asked."""

    count: int
    sure: int | None
    width: float
    sure_width: float
    address: str


@dataclass(frozen=True, slots=True)
class Years:
    """How many claims each year may have, by lane; ``more`` years before the first are left out."""

    titles: list[str]
    rows: list[tuple[str, list[Bar | None]]]
    more: int
    split: bool


def timeline(state: State, total: int, store: Store, tally: Tally) -> Dates | Years:
    """The dates of the ``total`` claims that the question leaves."""
    if total <= MOST_CLAIMS:
        page = store.search(replace(state.query, sort="announced", limit=MOST_CLAIMS, cursor=None))
        drawn = _dates([json.loads(body) for body in page.bodies], state)
        if sum(len(lane.marks) for lane in drawn.lanes) <= MOST_DATES:
            return drawn
    return _years(state, tally)


# --- date by date -------------------------------------------------------------------------------


def _dates(claims: list[Mapping[str, Any]], state: State) -> Dates:
    known = {name: [c["dates"][name] for c in claims if c["dates"][name]] for name, _ in LANES}
    scale = Scale((d["earliest"], d["latest"]) for dates in known.values() for d in dates)
    lanes = [
        Lane(name, title, _marks(name, known[name], scale, state), len(claims) - len(known[name]))
        for name, title in LANES
    ]
    return Dates(scale.ticks, lanes)


def _marks(name: str, dates: list[Any], scale: Scale, state: State) -> list[Mark]:
    counts = Counter(date["edtf"] for date in dates)
    unlike = {date["edtf"]: date for date in dates}.values()
    ordered = sorted(unlike, key=lambda d: (d["earliest"] or d["latest"], d["latest"] or _NEVER))
    return [_mark(name, date, counts[date["edtf"]], scale, state) for date in ordered]


def _mark(name: str, date: Mapping[str, Any], count: int, scale: Scale, state: State) -> Mark:
    earliest, latest = date["earliest"], date["latest"]
    asking = {f"{name}_from": earliest or latest, f"{name}_to": latest or earliest}
    return Mark(
        words=in_words(date["edtf"], short=True),
        uncertain="?" in date["edtf"],
        count=count,
        start=scale.first(earliest) if earliest else 0.0,
        end=scale.last(latest) if latest else 100.0,
        point=date["precision"] == "day",
        open_start=earliest is None,
        open_end=latest is None,
        address=state.changed(**asking).address() + "#claims",
    )


# --- year by year -------------------------------------------------------------------------------


def _years(state: State, tally: Tally) -> Years:
    split = _may_split(state)
    counted: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for name, _ in LANES:
        sure = _by_year(state.changed(**CERTAIN[name]).query, name, tally) if split else {}
        counted[name] = _by_year(state.query, name, tally), sure
    years = sorted({year for found, _ in counted.values() for year in found})
    shown = years[-MOST_YEARS:]
    most = max((n for found, _ in counted.values() for n in found.values()), default=1)

    def bar(name: str, year: str) -> Bar | None:
        found, sure = counted[name]
        if year not in found:
            return None
        count, certain = found[year], sure.get(year, 0) if split else None
        asking = {f"{name}_from": f"{year}-01-01", f"{name}_to": f"{year}-12-31"}
        return Bar(
            count,
            certain,
            width=round(100 * count / most, 2),
            sure_width=round(100 * (count if certain is None else certain) / most, 2),
            address=state.changed(**asking).address() + "#claims",
        )

    rows = [(year, [bar(name, year) for name, _ in LANES]) for year in shown]
    return Years([title for _, title in LANES], rows, len(years) - len(shown), split)


def _by_year(query: ClaimQuery, name: str, tally: Tally) -> dict[str, int]:
    groups = tally.groups(query, f"{name}_year")
    return {key: group.count for group in groups if (key := group.keys[0]) is not None}


def _may_split(state: State) -> bool:
    """``certain`` holds for all date filters at once, so it would narrow what these let through."""
    dated = ("horizon", "announced_from", "announced_to", "occurred_from", "occurred_to")
    return not any(state.values[name] for name in dated)
