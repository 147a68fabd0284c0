"""What a search index holds of a claim, whatever the engine: its fields, and their values.

The fields follow from the table of filters (``schemas.filters``). What claims are ordered by
depends on nothing but the claim, so that a page position means the same in the next data set; other
values may depend on the records that it refers to.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Set
from typing import Any, Literal

from schemas.date import is_certain, reach
from schemas.filter_kinds import Days, Either, Flag, Score, ServedClaim, ServedRecords, Years
from schemas.filters import FILTERS, LISTED
from schemas.folding import characters_apart, fold
from schemas.parameters import NONE
from schemas.patterns import CLAIM_ID, ID_DIGITS
from schemas.records.provenance import PUBLISHER
from schemas.records.vocabularies import CLAIM_REFERENCES, UNNAMED, VOCABULARIES

NO_VALUE = NONE
"""The term of a claim without a value in a field; no real value is called so."""
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


YEARS = {row.name: row for row in FILTERS if isinstance(row, Years)}
_DATES = {row.name: row.date for row in FILTERS if isinstance(row, Days)} | {
    str(row.dated): row.date for row in YEARS.values()
}
_SWITCHES = tuple(row for row in FILTERS if isinstance(row, Flag))
_SCORED = tuple(row for row in FILTERS if isinstance(row, Score))


def earliest(name: str) -> str:
    """The field with the first possible day of a date."""
    return f"{name}_earliest"


def latest(name: str) -> str:
    """The field with the last possible day of a date."""
    return f"{name}_latest"


def certain(name: str) -> str:
    """The flag of a date that carries no ``?``, ``~`` or ``%``."""
    return f"{name}_certain"


def starts(name: str) -> str:
    """The flag of a date that is certain, and before whose earliest day it cannot lie."""
    return f"{name}_starts"


def ends(name: str) -> str:
    """The flag of a date that is certain, and after whose latest day it cannot lie."""
    return f"{name}_ends"


def open_start(name: str) -> str:
    """The flag of a date that reaches over every year before those it is counted in."""
    return f"{name}_open_start"


def open_end(name: str) -> str:
    """The flag of a date that reaches over every year after those it is counted in."""
    return f"{name}_open_end"


def score(name: str) -> str:
    """The field with the steps of a scale that a score reaches, each a term: so a least score is
    found at once, where a number would have to be compared in every claim.
    """
    return f"{name}_score"


def _fields() -> Iterator[tuple[str, FieldKind]]:
    yield from ((name, "terms") for name in LISTED)
    yield FLAG, "flags"
    for name in _DATES:
        yield earliest(name), "number"
        yield latest(name), "number"
    yield from ((score(row.name), "flags") for row in _SCORED)
    yield from ((field, "number") for field in SORT_KEYS.values())
    yield TEXT, "text"


FIELDS: Mapping[str, FieldKind] = dict(_fields())


def index_values(claim: ServedClaim, vocabularies: ServedRecords) -> dict[str, Any]:
    """The values of a served claim for every field that it has a value for.

    ``vocabularies`` are the served records of the data set: what a claim refers to may be found by
    more than its id and its name.
    """
    values: dict[str, Any] = {
        name: sorted(set(row.terms(claim, vocabularies))) or [NO_VALUE]
        for name, row in LISTED.items()
    }
    values[FLAG] = list(_flags(claim))
    values[TEXT] = list(map(indexed_text, searchable_texts(claim, vocabularies)))
    for name, date_of in _DATES.items():
        if (date := date_of(claim)) is not None:
            days = reach(date["edtf"])
            values[earliest(name)] = day_number(days.first) if days.first else FIRST_DAY
            values[latest(name)] = day_number(days.last) if days.last else LAST_DAY
    for scored in _SCORED:
        if (points := scored.score(claim)) is not None:
            values[score(scored.name)] = [str(step) for step in scored.steps if step <= points]
    return values | sort_keys(claim)


@functools.lru_cache(maxsize=10_000)
def indexed_text(text: str) -> str:
    """A text as the engine is given it. Memoised, since claims share the names in them."""
    return characters_apart(fold(text))


def _flags(claim: ServedClaim) -> Iterator[str]:
    """The filters that a claim passes when they are on, and what is said of its dates."""
    for row in _SWITCHES:
        if row.holds(claim):
            yield row.name
        elif isinstance(row, Either):
            yield row.otherwise
    for name, date_of in _DATES.items():
        if (date := date_of(claim)) is not None and is_certain(date["edtf"]):
            days = reach(date["edtf"])
            yield certain(name)
            yield from [starts(name)] * days.starts + [ends(name)] * days.ends
    for name, years in YEARS.items():
        if (span := years.reach(claim)) is not None:
            yield from [open_start(name)] * (span.first is None)
            yield from [open_end(name)] * (span.last is None)


def searchable_texts(claim: ServedClaim, vocabularies: ServedRecords) -> list[str]:
    """The texts that a full-text search reads: what a claim is about.

    They are the statement, the quotations and, each once, the names and other
    names of its agents, topics, occasion and places. A publisher is none of the
    agents by having printed the claim, and the name that a list has for an
    unnamed publisher is searched in no case.
    """
    publishers = {link["agent"]["id"] for link in claim["sources"] if link["role"] == PUBLISHER}
    names: dict[str, None] = {}
    for vocabulary, identifier in dict.fromkeys(_concerned(claim, publishers)):
        record = vocabularies[vocabulary][identifier]
        if identifier not in publishers or record.get("kind") != UNNAMED:
            names[record[VOCABULARIES[vocabulary].name_key]] = None
        names |= dict.fromkeys(record.get("other_names", ()))
    return [claim["statement"], *(quote["text"] for quote in claim["quotes"]), *names]


def _concerned(claim: ServedClaim, publishers: Set[str]) -> Iterator[tuple[str, str]]:
    """Vocabulary and id of everything that a claim is about."""
    for key, inner, vocabulary in CLAIM_REFERENCES:
        if inner is None:
            yield from ((vocabulary, reference["id"]) for reference in claim[key])
    for link in claim["sources"]:
        if link["role"] != PUBLISHER:
            yield "agents", link["agent"]["id"]
    for quote in claim["quotes"]:
        if quote["speaker"]["id"] not in publishers:
            yield "agents", quote["speaker"]["id"]
    if claim["occasion"]:
        yield "occasions", claim["occasion"]["id"]


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
