"""What the index holds of a claim: filter terms, day numbers and sort keys.

All of it depends on nothing but the claim, so that a page position means the
same in the next data set.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.fields import CLAIM_ID, ID_DIGITS
from schemas.query import TERMS

NONE = ""
"""The term of a claim without a value along a dimension; no real value is empty."""
FIRST_DAY, LAST_DAY = 0, (1 << 24) - 2
"""Stand-ins for the open ends of an interval, before and after every calendar day."""
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
"""Every order but relevance is one ascending unsigned field."""


def day_number(day: str) -> int:
    """Days since 0001-01-01, counted from 1 (proleptic Gregorian)."""
    return dt.date.fromisoformat(day).toordinal()


def id_number(claim_id: str) -> int:
    """The 40 bits of a claim id, which order as the ids do (Crockford's alphabet ascends)."""
    assert CLAIM_ID.fullmatch(claim_id)
    return int(claim_id[4:].translate(_AS_BASE_32), 32)


def sort_keys(claim: Mapping[str, Any]) -> dict[str, int]:
    """The position of a claim in every order: what it sorts by, then its id.

    Dates sort by their earliest day. A claim without one (or without a score)
    comes last in either direction.
    """
    score = claim["confidence"]["content"]["score"]
    ranks = {"by_content_desc": _NULL if score is None else 100 - score}
    for name in ("announced", "occurred"):
        ranks[f"by_{name}"], ranks[f"by_{name}_desc"] = _dated(claim["dates"][name])
    number = id_number(claim["id"])
    return {field: rank << _ID_BITS | number for field, rank in ranks.items()}


def default_position(claim_id: str, announced: Mapping[str, Any] | None) -> int:
    """Where a claim stands in the default order, ``-announced``."""
    return _dated(announced)[1] << _ID_BITS | id_number(claim_id)


def _dated(date: Mapping[str, Any] | None) -> tuple[int, int]:
    """The ranks of a date, ascending and descending; without an earliest day the last of both."""
    if date is None or date["earliest"] is None:
        return _NULL, _NULL
    day = day_number(date["earliest"])
    return day, LAST_DAY - day


def position(claim: Mapping[str, Any], order: str) -> int:
    """Where a claim stands in one order other than relevance."""
    return sort_keys(claim)[SORT_KEYS[order]]


def day_bounds(date: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """First and last possible day of a date as numbers; ``None`` for no date."""
    if date is None:
        return None
    earliest, latest = date["earliest"], date["latest"]
    return (
        FIRST_DAY if earliest is None else day_number(earliest),
        LAST_DAY if latest is None else day_number(latest),
    )


def years(date: Mapping[str, Any] | None) -> list[str]:
    """Every year a date's bounds overlap; of an open interval, the year of its known end."""
    if date is None:
        return [NONE]
    first = date["earliest"] or date["latest"]
    last = date["latest"] or date["earliest"]
    return [f"{year:04}" for year in range(int(first[:4]), int(last[:4]) + 1)]


def terms(claim: Mapping[str, Any]) -> dict[str, list[str]]:
    """The values of a claim along every filter and dimension; ``NONE`` where it has none."""
    goal, chain = claim["goal"], claim["sources"]
    places = [*claim["evidence"], *claim["quotes"]]
    found = {
        "id": [claim["id"]],
        "kind": [claim["kind"]],
        "topic": _ids(claim["topics"]),
        "actor": _ids(claim["actors"]),
        "addressee": _ids(claim["addressees"]),
        "about": _ids(claim["about"]),
        "source": _ids(link["agent"] for link in chain),
        "speaker": [chain[0]["agent"]["id"]],
        "document": _ids(place["document"] for place in places),
        "occasion": _ids([claim["occasion"]] if claim["occasion"] else []),
        "attribution": [claim["attribution"]],
        "specificity": [goal["specificity"] if goal else NONE],
        "horizon": years(goal["horizon"] if goal else None),
        "announced_year": years(claim["dates"]["announced"]),
        "occurred_year": years(claim["dates"]["occurred"]),
    }
    assert set(TERMS) <= set(found)
    return {
        name: values if len(values) == 1 else sorted(set(values)) or [NONE]
        for name, values in found.items()
    }


def _ids(references: Any) -> list[str]:
    return [reference["id"] for reference in references]


def flags(claim: Mapping[str, Any]) -> Iterator[str]:
    """Yes-or-no facts: a goal, a restatement, and which of its dates carry no ``?``."""
    if claim["goal"]:
        yield "goal"
    if any(relation["type"] == "restates" for relation in claim["relations"]):
        yield "restates"
    for name, date in dates(claim):
        if date is not None and "?" not in date["edtf"]:
            yield f"{name}_certain"


def dates(claim: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """The dates one can filter by."""
    yield "announced", claim["dates"]["announced"]
    yield "occurred", claim["dates"]["occurred"]
    yield "horizon", claim["goal"]["horizon"] if claim["goal"] else None


def searchable(claim: Mapping[str, Any]) -> list[str]:
    """The texts that full-text search reads: statement, quotes, and the names the claim refers to
    (of agents in any part, topics and the occasion).
    """
    people = [*claim["actors"], *claim["addressees"], *claim["about"]]
    people += [link["agent"] for link in claim["sources"]]
    people += [quote["speaker"] for quote in claim["quotes"]]
    others = [*claim["topics"], *([claim["occasion"]] if claim["occasion"] else [])]
    names = dict.fromkeys(reference["name"] for reference in (*people, *others))
    return [claim["statement"], *(quote["text"] for quote in claim["quotes"]), *names]
