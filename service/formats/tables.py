"""CSV (RFC 4180): one row per claim, quote or group; scalars only, columns in a fixed order."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

Claim = Mapping[str, Any]
Cell = str | int | None
Row = Iterable[Cell]
Columns = tuple[tuple[str, ...], Callable[..., tuple[Cell, ...]]]
"""The names of some columns side by side, and what makes their cells."""

_CHUNK_CHARACTERS = 256 * 1024
_BOM = "\ufeff"
_FORMULA = frozenset("=+-@\t\r\n|%\0\uff1d\uff0b\uff0d\uff20")
"""First characters that a spreadsheet may run as a formula (OWASP, CSV injection), full-width
forms included; and NUL, which LibreOffice drops before it looks."""

_BOUNDS = ("edtf", "earliest", "latest")
_NO_DATE: Mapping[str, Any] = dict.fromkeys((*_BOUNDS, "basis"))
_bounds: Callable[[Mapping[str, Any]], tuple[Cell, ...]] = itemgetter(*_BOUNDS)
_date: Callable[[Mapping[str, Any]], tuple[Cell, ...]] = itemgetter(*_BOUNDS, "basis")


_id, _name, _text = itemgetter("id"), itemgetter("name"), itemgetter("text")


def _same(*names: str) -> Columns:
    """Columns that are called as the members of a claim are."""
    return names, itemgetter(*names)


def _ids(references: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(map(_id, references))


def _occasion(claim: Claim) -> tuple[Cell]:
    return (claim["occasion"] and claim["occasion"]["id"],)


def _concerns(claim: Claim) -> tuple[Cell, ...]:
    actors = _ids(claim["actors"]), "; ".join(map(_name, claim["actors"]))
    others = _ids(claim["addressees"]), _ids(claim["about"])
    return _ids(claim["topics"]), *actors, *others, *_occasion(claim)


def _goal(claim: Claim) -> tuple[Cell, ...]:
    """The horizon has a year where it lies within one."""
    goal = claim["goal"]
    if goal is None:
        return (None,) * 4
    edtf, first, last = _bounds(goal["horizon"] or _NO_DATE)
    year = int(str(first)[:4]) if first and last and str(first)[:4] == str(last)[:4] else None
    return goal["specificity"], goal["details"], edtf, year


def _sources(claim: Claim) -> tuple[Cell, ...]:
    agents = [source["agent"] for source in claim["sources"]]
    return agents[0]["id"], agents[0]["name"], _ids(agents)


def _printed(claim: Claim) -> tuple[Cell, ...]:
    quotes = claim["quotes"]
    documents = dict.fromkeys([p["document"]["id"] for p in (*claim["evidence"], *quotes)])
    return "; ".join(map(_text, quotes)), " ".join(documents), "; ".join(claim["hedges"])


def _confidence(claim: Claim) -> tuple[Cell, ...]:
    said, holds = claim["confidence"]["attribution"], claim["confidence"]["content"]
    return said["level"], said["score"], holds["credibility"], holds["score"]


def _restates(claim: Claim) -> tuple[Cell, ...]:
    return (" ".join([r["claim"] for r in claim["relations"] if r["type"] == "restates"]),)


def _quotation(_: Claim, quote: Mapping[str, Any]) -> tuple[Cell, ...]:
    speaker, document = quote["speaker"], quote["document"]
    printed = (document["id"], document["name"], quote["start"], quote["end"])
    return quote["text"], speaker["id"], speaker["name"], *printed


_OF_CLAIMS: tuple[Columns, ...] = (
    _same("id", "statement", "kind"),
    (("topics", "actors", "actor_names", "addressees", "about", "occasion"), _concerns),
    (
        ("announced", "announced_earliest", "announced_latest", "announced_basis"),
        lambda claim: _date(claim["dates"]["announced"] or _NO_DATE),
    ),
    (
        ("occurred", "occurred_earliest", "occurred_latest", "occurred_basis"),
        lambda claim: _date(claim["dates"]["occurred"] or _NO_DATE),
    ),
    (("goal_specificity", "goal_details", "horizon", "horizon_year"), _goal),
    (("speaker", "speaker_name", "sources"), _sources),
    (("attribution",), lambda claim: (claim["attribution"],)),
    (("quotes", "documents", "hedges"), _printed),
    (
        ("attribution_level", "attribution_score", "content_credibility", "content_score"),
        _confidence,
    ),
    (("restates",), _restates),
    _same("independent_origins", "revision", "recorded_at"),
)
_OF_QUOTES: tuple[Columns, ...] = (
    (("claim",), lambda claim, _: (claim["id"],)),
    (
        ("text", "speaker", "speaker_name", "document", "document_title", "start", "end"),
        _quotation,
    ),
    (("kind", "attribution"), lambda claim, _: (claim["kind"], claim["attribution"])),
    (
        ("announced", "announced_earliest", "announced_latest"),
        lambda claim, _: _bounds(claim["dates"]["announced"] or _NO_DATE),
    ),
    (("occasion",), lambda claim, _: _occasion(claim)),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of CSV file over claims: its header, and the rows that one claim makes."""

    columns: tuple[str, ...]
    rows: Callable[[Claim], Iterable[Row]]

    def chunks(self, claims: Iterable[Claim], excel: bool) -> Iterator[bytes]:
        """The file in UTF-8, in pieces worth a system call each."""
        rows = chain.from_iterable(map(self.rows, claims))
        return _chunks(chain([self.columns], rows), excel)


def _claim_rows(claim: Claim) -> list[Row]:
    return [chain.from_iterable([cells(claim) for _, cells in _OF_CLAIMS])]


def _quote_rows(claim: Claim) -> list[Row]:
    return [
        chain.from_iterable([cells(claim, quote) for _, cells in _OF_QUOTES])
        for quote in claim["quotes"]
    ]


CLAIMS = Table(tuple(name for names, _ in _OF_CLAIMS for name in names), _claim_rows)
QUOTES = Table(tuple(name for names, _ in _OF_QUOTES for name in names), _quote_rows)
COUNT_COLUMNS = ("key", "name", "key2", "name2", "count")


def counts_csv(groups: Iterable[Mapping[str, Cell]], excel: bool) -> bytes:
    """One row per group."""
    rows = [[group[column] for column in COUNT_COLUMNS] for group in groups]
    return b"".join(_chunks([COUNT_COLUMNS, *rows], excel))


def _chunks(rows: Iterable[Row], excel: bool) -> Iterator[bytes]:
    """Rows as CSV. ``excel`` begins with the mark that Excel needs to read UTF-8, and puts an
    apostrophe before a text that starts like a formula; numbers stay numbers.
    """
    text = io.StringIO(_BOM if excel else "", newline="")
    text.seek(0, io.SEEK_END)
    write = csv.writer(text).writerow
    for row in rows:
        write([_safe(cell) for cell in row] if excel else row)
        if text.tell() >= _CHUNK_CHARACTERS:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell
