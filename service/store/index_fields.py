"""What a search index holds of a claim, whatever the engine: its fields, and their values.

The fields follow from the table of filters (``schemas.filters``). All values depend on nothing but
the claim, so that a page position means the same in the next data set.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from schemas.fields import CLAIM_ID, ID_DIGITS
from schemas.filters import DIMENSIONS, FILTERS, TERMS, Days, Flag, Score, ServedClaim, Years
from schemas.vocabularies import CLAIM_REFERENCES

NO_VALUE = ""
"""The term of a claim without a value along a dimension; no real value is empty."""
FLAG, TEXT = "_flag", "_text"
"""Fields that are named after no filter begin with an underscore, as no filter does."""
FieldKind = Literal["terms", "flags", "number", "text"]
"""Exact terms that are also counted, exact terms that are not, an unsigned number of 64 bits for
ranges and order, words with their positions."""

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


_DATED = tuple(
    row for row in FILTERS if isinstance(row, Days) or (isinstance(row, Years) and row.is_filter)
)
_SCORED = tuple(row for row in FILTERS if isinstance(row, Score))
_TERMS = {**TERMS, **DIMENSIONS}


def earliest(name: str) -> str:
    """The field with the first possible day of a date."""
    return f"{name}_earliest"


def latest(name: str) -> str:
    """The field with the last possible day of a date."""
    return f"{name}_latest"


def certain(name: str) -> str:
    """The flag of a date that carries no ``?``."""
    return f"{name}_certain"


def score(name: str) -> str:
    """The field with a score."""
    return f"{name}_score"


def _fields() -> Iterator[tuple[str, FieldKind]]:
    yield from ((name, "terms") for name in _TERMS)
    yield FLAG, "flags"
    for row in _DATED:
        yield earliest(row.name), "number"
        yield latest(row.name), "number"
    yield from ((score(row.name), "number") for row in _SCORED)
    yield from ((field, "number") for field in SORT_KEYS.values())
    yield TEXT, "text"


FIELDS: Mapping[str, FieldKind] = dict(_fields())


def index_values(claim: ServedClaim) -> dict[str, Any]:
    """The values of a served claim for every field that it has a value for."""
    values: dict[str, Any] = {
        name: sorted(set(row.values(claim))) or [NO_VALUE] for name, row in _TERMS.items()
    }
    values[FLAG] = [row.name for row in FILTERS if isinstance(row, Flag) and row.holds(claim)]
    values[TEXT] = searchable_texts(claim)
    for row in _DATED:
        date = row.date(claim)
        if date is not None:
            first, last = date["earliest"], date["latest"]
            values[earliest(row.name)] = day_number(first) if first else FIRST_DAY
            values[latest(row.name)] = day_number(last) if last else LAST_DAY
            if "?" not in date["edtf"]:
                values[FLAG].append(certain(row.name))
    for scored in _SCORED:
        if (points := scored.score(claim)) is not None:
            values[score(scored.name)] = points
    return values | sort_keys(claim)


def searchable_texts(claim: ServedClaim) -> list[str]:
    """The texts that a full-text search reads: statement, quotations, and the names that the claim
    refers to (of agents in any part, topics, places and the occasion), each name once.
    """
    references = [
        item[inner] if inner else item
        for key, inner, vocabulary in CLAIM_REFERENCES
        if vocabulary != "documents"
        for item in claim[key]
    ]
    references += [claim["occasion"]] if claim["occasion"] else []
    names = dict.fromkeys(reference["name"] for reference in references)
    return [claim["statement"], *(quote["text"] for quote in claim["quotes"]), *names]


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
