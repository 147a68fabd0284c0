"""Columns and tables: what a column is called, what type it has, what it says, and its value.

The type of a column is part of the table and never depends on the data. From the one table follow
CSV, XLSX, Parquet, the Data Package and, by tests, the contract and the client's frames.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Cell = str | int | float | None
"""A value as a CSV file has it."""
ExportedRecord = Mapping[str, Any]
ColumnType = Literal[
    "id", "ids", "text", "texts", "edtf", "date", "integer", "number", "boolean", "url"
]
"""``id`` is text that names a record or a word of a list, ``ids`` several joined by a blank,
``texts`` several joined by ``; ``; ``edtf`` a date that may be uncertain or a period (ISO 8601-2),
``date`` a calendar day."""

_SEPARATORS = {"ids": " ", "texts": "; "}
LISTS = frozenset(_SEPARATORS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``value`` gives its value of a record, ``None`` where there is none."""

    name: str
    type: ColumnType
    description: str
    value: Callable[[ExportedRecord], Any]

    def cell(self, value: Any) -> Cell:
        """A value as it stands in a CSV file."""
        if self.type in LISTS:
            return _SEPARATORS[self.type].join(value or ())
        if self.type == "boolean" and value is not None:
            return "true" if value else "false"
        cell: Cell = value
        return cell


def column(
    name: str, kind: ColumnType, description: str, value: str | Callable[[ExportedRecord], Any] = ""
) -> Column:
    """A column whose value is computed, or lies at a path of keys joined by dots (without one,
    under its own name).
    """
    return Column(name, kind, description, value if callable(value) else at(value or name))


def at(path: str) -> Callable[[ExportedRecord], Any]:
    """Looks up a path of keys joined by dots; ``None`` where one of the objects is missing."""
    if "." not in path:
        return operator.itemgetter(path)
    keys = path.split(".")

    def value(record: Any) -> Any:
        for key in keys:
            if record is None:
                return None
            record = record[key]
        return record

    return value


def listed(path: str, key: str = "id") -> Callable[[ExportedRecord], list[Any]]:
    """The value under a key of each item of a list."""
    items, item = at(path), operator.itemgetter(key)
    return lambda record: list(map(item, items(record) or ()))


def date_columns(name: str, description: str, path: str) -> tuple[Column, ...]:
    """A date that may be uncertain: as it is known, its bounds, and how it is known."""
    return (
        column(name, "edtf", description, f"{path}.edtf"),
        column(
            f"{name}_earliest", "date", f"First day that `{name}` can mean.", f"{path}.earliest"
        ),
        column(f"{name}_latest", "date", f"Last day that `{name}` can mean.", f"{path}.latest"),
        column(f"{name}_basis", "id", f"How `{name}` is known.", f"{path}.basis"),
    )


def year(path: str) -> Callable[[ExportedRecord], int | None]:
    """The year of a date that lies within one."""
    date_at = at(path)

    def value(record: ExportedRecord) -> int | None:
        date = date_at(record)
        first, last = (date["earliest"], date["latest"]) if date else (None, None)
        return int(first[:4]) if first and last and first[:4] == last[:4] else None

    return value


@dataclass(frozen=True)
class Table:
    """A table; ``rows`` are what each row of a record, such as a claim, is made of.

    ``key`` are the columns that tell its rows apart, ``refers`` the columns that hold the id of a
    row of another table, by name.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[ExportedRecord], Iterable[ExportedRecord]] = lambda record: [record]
    key: tuple[str, ...] = ()
    refers: tuple[tuple[str, str], ...] = ()

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def values(self, record: ExportedRecord) -> Iterable[list[Any]]:
        """The values of each row that a record makes."""
        return ([column.value(row) for column in self.columns] for row in self.rows(record))

    def cells(self, record: ExportedRecord) -> Iterable[list[Cell]]:
        """The same as they stand in a CSV file."""
        return map(self.as_cells, self.values(record))

    def as_cells(self, values: list[Any]) -> list[Cell]:
        """The values of a row as they stand in a CSV file."""
        cells = values.copy()
        for place, column in self._written_otherwise:
            cells[place] = column.cell(values[place])
        return cells

    @cached_property
    def _written_otherwise(self) -> list[tuple[int, Column]]:
        """The columns whose cells are not their values, with their places."""
        kinds = (*LISTS, "boolean")
        return [(n, column) for n, column in enumerate(self.columns) if column.type in kinds]
