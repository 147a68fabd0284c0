"""The days between which a date of a claim lies, and those of its publication."""

from collections.abc import Mapping
from typing import Any

from schemas.date import bounds
from service.compiler.read import PlainRecord

DayRange = tuple[str | None, str | None]
"""The first and the last day a date can mean (``YYYY-MM-DD``); ``None`` where there is none."""


def bounds_of(date: Mapping[str, Any] | None) -> DayRange:
    """The first and last day of a curated date; neither where it is null."""
    if date is None:
        return None, None
    found = bounds(date["edtf"])
    return found.earliest, found.latest


def publication(claim: PlainRecord, known: Mapping[str, Mapping[str, PlainRecord]]) -> DayRange:
    """When the last document that a claim has evidence from was published."""
    days = [
        bounds_of(known["documents"][evidence["document"]]["published"])
        for evidence in claim["evidence"]
    ]
    return max(days, key=lambda each: each[1] or "9999-12-31")
