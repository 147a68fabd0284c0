"""Numbers that stand for days and claim ids, and the positions of claims in every sort order.

All of it depends on nothing but the claim, so that a page position means the
same in the next data set.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from schemas.fields import CLAIM_ID, ID_DIGITS

FIRST_DAY, LAST_DAY = 0, (1 << 24) - 2
"""Stand for the open ends of an interval, before and after every calendar day."""
_NULL = (1 << 24) - 1
_ID_BITS = 40
_AS_BASE_32 = str.maketrans(ID_DIGITS, "0123456789abcdefghijklmnopqrstuv")
"""From Crockford's digits to those that Python reads, value for value."""

SORT_KEYS = {
    "-announced": "by_announced_desc",
    "announced": "by_announced",
    "-occurred": "by_occurred_desc",
    "occurred": "by_occurred",
    "-content": "by_content_desc",
}
"""Every order but relevance is one ascending unsigned field of 64 bits: 24 for what is sorted by,
40 for the id."""


def day_number(day: str) -> int:
    """Days since 0001-01-01, counted from 1 (proleptic Gregorian)."""
    return dt.date.fromisoformat(day).toordinal()


def id_number(claim_id: str) -> int:
    """The 40 bits of a claim id, which order as the ids do (Crockford's alphabet ascends)."""
    assert CLAIM_ID.fullmatch(claim_id)
    return int(claim_id[4:].translate(_AS_BASE_32), 32)


def sort_keys(claim: Mapping[str, Any]) -> dict[str, int]:
    """The position of a served claim in every order.

    Dates sort by their earliest day. A claim without one, or without a score,
    comes last in either direction.
    """
    score = claim["confidence"]["content"]["score"]
    ranks = {"by_content_desc": _NULL if score is None else 100 - score}
    for name in ("announced", "occurred"):
        ranks[f"by_{name}"], ranks[f"by_{name}_desc"] = _date_ranks(claim["dates"][name])
    number = id_number(claim["id"])
    return {field: rank << _ID_BITS | number for field, rank in ranks.items()}


def default_position(claim_id: str, announced: Mapping[str, Any] | None) -> int:
    """The position of a claim in the default order, ``-announced``."""
    return _date_ranks(announced)[1] << _ID_BITS | id_number(claim_id)


def _date_ranks(date: Mapping[str, Any] | None) -> tuple[int, int]:
    """The ranks of a date, ascending and descending; without an earliest day the last of both."""
    if date is None or date["earliest"] is None:
        return _NULL, _NULL
    day = day_number(date["earliest"])
    return day, LAST_DAY - day


def day_bounds(date: Mapping[str, Any]) -> tuple[int, int]:
    """The first and the last possible day of a date."""
    earliest, latest = date["earliest"], date["latest"]
    return (
        FIRST_DAY if earliest is None else day_number(earliest),
        LAST_DAY if latest is None else day_number(latest),
    )
