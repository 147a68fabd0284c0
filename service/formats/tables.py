"""CSV (RFC 4180): one row per claim, quote or group; scalars only, columns in a fixed order."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Claim = Mapping[str, Any]
Cell = str | int | None

_BOM = "\ufeff"
_FORMULA = frozenset("=+-@\t\r\n|%\0\uff1d\uff0b\uff0d\uff20")
"""First characters that a spreadsheet may run as a formula (OWASP, CSV injection), full-width
forms included; and NUL, which LibreOffice drops before it looks."""


def _ids(references: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(str(reference["id"]) for reference in references)


def _date(name: str, key: str) -> Callable[[Claim], Cell]:
    return lambda claim: (claim["dates"][name] or {}).get(key)


def _horizon(claim: Claim) -> Mapping[str, Any]:
    return (claim["goal"] or {}).get("horizon") or {}


def _horizon_year(claim: Claim) -> Cell:
    """The year, where the horizon lies within one."""
    first, last = _horizon(claim).get("earliest"), _horizon(claim).get("latest")
    return int(first[:4]) if first and last and first[:4] == last[:4] else None


def _documents(claim: Claim) -> str:
    places = [*claim["evidence"], *claim["quotes"]]
    return " ".join(dict.fromkeys(place["document"]["id"] for place in places))


CLAIM_COLUMNS: Mapping[str, Callable[[Claim], Cell]] = {
    "id": lambda c: c["id"],
    "statement": lambda c: c["statement"],
    "kind": lambda c: c["kind"],
    "topics": lambda c: _ids(c["topics"]),
    "actors": lambda c: _ids(c["actors"]),
    "actor_names": lambda c: "; ".join(actor["name"] for actor in c["actors"]),
    "addressees": lambda c: _ids(c["addressees"]),
    "about": lambda c: _ids(c["about"]),
    "occasion": lambda c: c["occasion"] and c["occasion"]["id"],
    "announced": _date("announced", "edtf"),
    "announced_earliest": _date("announced", "earliest"),
    "announced_latest": _date("announced", "latest"),
    "announced_basis": _date("announced", "basis"),
    "occurred": _date("occurred", "edtf"),
    "occurred_earliest": _date("occurred", "earliest"),
    "occurred_latest": _date("occurred", "latest"),
    "occurred_basis": _date("occurred", "basis"),
    "goal_specificity": lambda c: c["goal"] and c["goal"]["specificity"],
    "goal_details": lambda c: c["goal"] and c["goal"]["details"],
    "horizon": lambda c: _horizon(c).get("edtf"),
    "horizon_year": _horizon_year,
    "speaker": lambda c: c["sources"][0]["agent"]["id"],
    "speaker_name": lambda c: c["sources"][0]["agent"]["name"],
    "sources": lambda c: _ids(link["agent"] for link in c["sources"]),
    "attribution": lambda c: c["attribution"],
    "quotes": lambda c: "; ".join(quote["text"] for quote in c["quotes"]),
    "documents": _documents,
    "hedges": lambda c: "; ".join(c["hedges"]),
    "attribution_level": lambda c: c["confidence"]["attribution"]["level"],
    "attribution_score": lambda c: c["confidence"]["attribution"]["score"],
    "content_credibility": lambda c: c["confidence"]["content"]["credibility"],
    "content_score": lambda c: c["confidence"]["content"]["score"],
    "restates": lambda c: " ".join(
        relation["claim"] for relation in c["relations"] if relation["type"] == "restates"
    ),
    "independent_origins": lambda c: c["independent_origins"],
    "revision": lambda c: c["revision"],
    "recorded_at": lambda c: c["recorded_at"],
}

QUOTE_COLUMNS: Mapping[str, Callable[[Claim, Mapping[str, Any]], Cell]] = {
    "claim": lambda c, q: c["id"],
    "text": lambda c, q: q["text"],
    "speaker": lambda c, q: q["speaker"]["id"],
    "speaker_name": lambda c, q: q["speaker"]["name"],
    "document": lambda c, q: q["document"]["id"],
    "document_title": lambda c, q: q["document"]["name"],
    "start": lambda c, q: q["start"],
    "end": lambda c, q: q["end"],
    "kind": lambda c, q: c["kind"],
    "attribution": lambda c, q: c["attribution"],
    "announced": lambda c, q: _date("announced", "edtf")(c),
    "announced_earliest": lambda c, q: _date("announced", "earliest")(c),
    "announced_latest": lambda c, q: _date("announced", "latest")(c),
    "occasion": lambda c, q: c["occasion"] and c["occasion"]["id"],
}

COUNT_COLUMNS = ("key", "name", "key2", "name2", "count")


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of CSV file over claims: its header, and the rows that one claim makes."""

    name: str
    columns: Iterable[str]
    rows: Callable[[Claim], list[list[Cell]]]

    def header(self, excel: bool) -> bytes:
        """The first line, behind the mark that Excel needs to read UTF-8."""
        return (_BOM if excel else "").encode() + _lines([list(self.columns)], excel)

    def lines(self, claim: Claim, excel: bool) -> bytes:
        """The rows of one claim."""
        return _lines(self.rows(claim), excel)


CLAIMS = Table(
    "claims", CLAIM_COLUMNS, lambda claim: [[cell(claim) for cell in CLAIM_COLUMNS.values()]]
)
QUOTES = Table(
    "quotes",
    QUOTE_COLUMNS,
    lambda claim: [
        [cell(claim, quote) for cell in QUOTE_COLUMNS.values()] for quote in claim["quotes"]
    ],
)


def counts_csv(rows: Iterable[Mapping[str, Cell]], excel: bool) -> bytes:
    """One row per group."""
    header = Table("counts", COUNT_COLUMNS, lambda _: []).header(excel)
    return header + _lines([[row[column] for column in COUNT_COLUMNS] for row in rows], excel)


def _lines(rows: list[list[Cell]], excel: bool) -> bytes:
    """Rows as CSV in UTF-8; ``excel`` takes the fuse out of formulas."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_safe(cell) for cell in row] if excel else row for row in rows)
    return text.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    """A text that starts like a formula, behind an apostrophe; numbers stay numbers."""
    return f"'{cell}" if _starts_like_a_formula(cell) else cell


def _starts_like_a_formula(cell: Cell) -> bool:
    return isinstance(cell, str) and cell[:1] in _FORMULA
