"""Dates in words: EDTF as a reader would say it, its doubt and how it is known kept apart."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.explorer.words import BASIS

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = re.compile("|".join(_MONTHS))


@dataclass(frozen=True, slots=True)
class Dated:
    """A date to be read: its words, whether it carries a ``?``, and how it is known."""

    words: str
    uncertain: bool
    edtf: str
    earliest: str | None
    latest: str | None
    basis: str
    note: str | None

    @classmethod
    def of(cls, date: Mapping[str, Any] | None) -> Dated | None:
        if date is None:
            return None
        edtf = date["edtf"]
        bounds = date["earliest"], date["latest"]
        return cls(in_words(edtf), "?" in edtf, edtf, *bounds, BASIS[date["basis"]], date["note"])

    @property
    def short(self) -> str:
        return in_words(self.edtf, short=True)

    @property
    def machine(self) -> str | None:
        """What HTML's ``datetime`` takes: a day, a month or a year, and no interval or decade."""
        bare = self.edtf.replace("?", "")
        return None if "/" in bare or bare.endswith("X") else bare


@functools.lru_cache(maxsize=10_000)
def in_words(edtf: str, *, short: bool = False) -> str:
    """``2022-12-26?/2022-12-28?`` as “26–28 December 2022”; its doubt is said elsewhere.

    ``short`` cuts the months to three letters, for charts.
    """
    words = _in_words(edtf)
    return _MONTH.sub(lambda month: month[0][:3], words) if short else words


def _in_words(edtf: str) -> str:
    first, slash, last = edtf.replace("?", "").partition("/")
    if not slash:
        return _point(first)
    if first == "..":
        return f"by {_point(last)} at the latest"
    if last == "..":
        return f"from {_point(first)} on"
    return _range(first, last)


def _point(point: str) -> str:
    if point.endswith("X"):
        return f"the {point[:3]}0s"
    year, *rest = point.split("-")
    parts = [_MONTHS[int(rest[0]) - 1]] if rest else []
    if len(rest) == 2:
        parts.insert(0, str(int(rest[1])))
    return " ".join([*parts, year])


def _range(first: str, last: str) -> str:
    """What both ends share is said once."""
    if first == last:
        return _point(first)
    ones, others = _point(first).split(" "), _point(last).split(" ")
    shared = 0
    if len(ones) == len(others):
        while ones[-1 - shared :] == others[-1 - shared :]:
            shared += 1
    left = " ".join(ones[: len(ones) - shared])
    dash = "–" if " " not in left and len(ones) - shared == len(others) - shared == 1 else " – "
    return f"{left}{dash}{' '.join(others)}"
