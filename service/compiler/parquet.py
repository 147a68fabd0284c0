"""A table as a Parquet file, whose schema follows from its columns alone."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.tables.column import Column, ColumnType, Table
from service.compiler.exports import NoParquet

_GROUP_ROWS = 10_000
"""Rows that are held in memory, some 30 MB, and written as a row group."""
_TYPES: dict[ColumnType, Any] = {
    "ids": pa.list_(pa.string()),
    "texts": pa.list_(pa.string()),
    "date": pa.date32(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}
"""Other columns are strings."""


class ParquetFile(NoParquet):
    """Written row group by row group; lists are lists, days are days."""

    def __init__(self, table: Table, path: Path) -> None:
        self._batches, self._schema = list[Any](), schema_of(table)
        self._writer: Any = pq.ParquetWriter(path, self._schema, compression="zstd")

    def add(self, batch: Any) -> None:
        self._batches.append(batch)
        if sum(map(len, self._batches)) >= _GROUP_ROWS:
            self._write()

    def _write(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._batches, self._schema))
        self._batches.clear()

    def close(self) -> None:
        if self._batches:
            self._write()
        self._writer.close()


def schema_of(table: Table) -> Any:
    """The columns of the file of a table."""
    return pa.schema([field(column) for column in table.columns])


def batch(table: Table, rows: list[list[Any]]) -> Any:
    """The values of some rows in the form in which they are added; in any process."""
    schema = schema_of(table)
    columns = [
        pa.array(converted(column, values), column_type)
        for column, values, column_type in zip(
            table.columns, zip(*rows, strict=True), schema.types, strict=True
        )
    ]
    return pa.record_batch(columns, schema=schema)


def field(column: Column) -> Any:
    """The field of a column, with its description."""
    return pa.field(
        column.name,
        _TYPES.get(column.type, pa.string()),
        metadata={"description": column.description},
    )


def converted(column: Column, values: Sequence[Any]) -> Iterable[Any]:
    """Values of the table as values of the file."""
    if column.type == "date":
        return (value and dt.date.fromisoformat(value) for value in values)
    if column.type == "number":
        return (value if value is None else float(value) for value in values)
    return values
