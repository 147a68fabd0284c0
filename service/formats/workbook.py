"""A table as an Excel workbook (ISO/IEC 29500), for people who open it in a spreadsheet.

Days are days, numbers numbers, and everything else is text that no spreadsheet runs or changes:
truth values too, which LibreOffice would make formulas of and show in the user's language.
"""

from __future__ import annotations

import datetime as dt
import mmap
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from schemas.tables.column import Column, ExportedRecord, Table
from service.formats.spreadsheet import fitting
from service.store.files import writable_directory

_FIRST_DAY = "1900-03-01"
"""Spreadsheets agree about every day from here on: Excel has a 29 February 1900."""
_DAY_ZERO = dt.date(1899, 12, 30).toordinal()
_WIDTHS = {"text": 40, "texts": 30, "ids": 24, "url": 30, "date": 12, "edtf": 14}
"""Of columns, in characters; of the others 16."""


class _PlainSheet(Worksheet):  # type: ignore[misc]  # the library says nothing of its types
    """Writes every text as a text."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        """The library takes a text between ``<r>`` and ``</r>`` for XML of its own."""
        self._xml_inline_string(string, False, [*attributes])


def workbook(
    table: Table, records: Iterable[ExportedRecord], facts: Mapping[str, str], created: str
) -> mmap.mmap:
    """A workbook of a table: a sheet of its rows, one of its columns, and one of ``facts`` about
    it. Written to a temporary file row by row, so that memory does not grow with it.

    ``created`` is the instant that it carries, so that the same data make the same bytes.
    """
    directory = writable_directory()
    with tempfile.TemporaryFile(dir=directory) as file:
        options = {"constant_memory": True, "tmpdir": str(directory)}
        with Workbook(file, options) as book:
            instant = dt.datetime.fromisoformat(created).replace(tzinfo=None)
            book.set_properties({"title": table.title, "created": instant})
            _write_rows(book, table, records)
            _write_texts(
                book,
                "Columns",
                ("column", "type", "description"),
                ((each.name, each.type, each.description) for each in table.columns),
            )
            _write_texts(book, "About", ("what", "value"), facts.items())
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _write_rows(book: Workbook, table: Table, records: Iterable[ExportedRecord]) -> None:
    sheet = book.add_worksheet(table.title, _PlainSheet)
    sheet.freeze_panes(1, 1)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "num_format": "@"})
    for place, column in enumerate(table.columns):
        is_text = column.type not in ("date", "integer", "number")
        sheet.set_column(place, place, _WIDTHS.get(column.type, 16), text if is_text else None)
        sheet.write_string(0, place, column.name, head)
    writers = [_writer(sheet, column, place, day) for place, column in enumerate(table.columns)]
    last = 0
    rows = (row for record in records for row in table.values(record))
    for last, values in enumerate(rows, 1):
        for write, value in zip(writers, values, strict=True):
            if value is not None:
                write(last, value)
    sheet.autofilter(0, 0, last, len(table.columns) - 1)


def _writer(sheet: Worksheet, column: Column, place: int, day: Any) -> Callable[[int, Any], object]:
    """What writes a value into a column, in the row of a number."""
    if column.type in ("integer", "number"):
        return lambda row, value: sheet.write_number(row, place, value)

    def write_text(row: int, value: Any) -> None:
        cell = column.cell(value)
        if cell:
            sheet.write_string(row, place, fitting(str(cell)))

    def write_day(row: int, value: str) -> None:
        if value < _FIRST_DAY:
            sheet.write_string(row, place, value)
        else:
            number = dt.date.fromisoformat(value).toordinal() - _DAY_ZERO
            sheet.write_number(row, place, number, day)

    return write_day if column.type == "date" else write_text


def _write_texts(
    book: Workbook, name: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> None:
    """A sheet of texts."""
    sheet = book.add_worksheet(name, _PlainSheet)
    bold = book.add_format({"bold": True})
    sheet.set_column(0, len(head) - 1, 30)
    for number, row in enumerate((head, *rows)):
        for place, text in enumerate(row):
            sheet.write_string(number, place, fitting(text), None if number else bold)
