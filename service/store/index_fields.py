"""What a search index holds of a claim, whatever the engine: its fields, and their values.

The fields follow from the table of filters (``schemas.filters``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from schemas.filters import DIMENSIONS, FILTERS, TERMS, Days, Flag, Score, ServedClaim, Years
from service.store import keys

NO_VALUE = ""
"""The term of a claim without a value along a dimension; no real value is empty."""
FLAG, TEXT = "flag", "text"
FieldKind = Literal["terms", "flags", "number", "text"]
"""Exact terms that are also counted, exact terms that are not, an unsigned number of 64 bits for
ranges and order, words with their positions."""

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
    yield from ((field, "number") for field in keys.SORT_KEYS.values())
    yield TEXT, "text"


FIELDS: Mapping[str, FieldKind] = dict(_fields())


def index_values(claim: ServedClaim) -> dict[str, Any]:
    """The values of a served claim for every field that it has a value for."""
    values: dict[str, Any] = {
        name: sorted(set(row.values(claim))) or [NO_VALUE] for name, row in _TERMS.items()
    }
    values[FLAG] = [*_flags(claim)]
    values[TEXT] = searchable_texts(claim)
    for row in _DATED:
        date = row.date(claim)
        if date is not None:
            values[earliest(row.name)], values[latest(row.name)] = keys.day_bounds(date)
    for scored in _SCORED:
        if (points := scored.score(claim)) is not None:
            values[score(scored.name)] = points
    return values | keys.sort_keys(claim)


def _flags(claim: ServedClaim) -> Iterator[str]:
    yield from (row.name for row in FILTERS if isinstance(row, Flag) and row.holds(claim))
    for row in _DATED:
        date = row.date(claim)
        if date is not None and "?" not in date["edtf"]:
            yield certain(row.name)


def searchable_texts(claim: ServedClaim) -> list[str]:
    """The texts that a full-text search reads: statement, quotations, and the names that the claim
    refers to (of agents in any part, topics and the occasion), each name once.
    """
    references = [*claim["topics"], *claim["actors"], *claim["addressees"], *claim["about"]]
    references += [link["agent"] for link in claim["sources"]]
    references += [quote["speaker"] for quote in claim["quotes"]]
    references += [claim["occasion"]] if claim["occasion"] else []
    names = dict.fromkeys(reference["name"] for reference in references)
    return [claim["statement"], *(quote["text"] for quote in claim["quotes"]), *names]
