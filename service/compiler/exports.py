"""The exports of a data set: whole tables as files, made when it is built.

The rows of claims are written in the order of the claims while they are indexed, so that the index
knows where the rows of each lie.
"""

from __future__ import annotations

import gzip
import importlib.util
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO, Any

import orjson

from schemas.filter_kinds import ServedClaim, ServedRecords
from schemas.records.dataset import DatasetInfo
from schemas.tables.claims import CLAIM_TABLES, CLAIMS
from schemas.tables.column import Table
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.formats.datapackage import DATAPACKAGE, datapackage
from service.store.csv_lines import line_writer
from service.store.dataset_format import CLAIMS as CLAIM_LINES
from service.store.dataset_format import EXPORTS
from service.store.files import describe_file

COMPRESSED = (CLAIM_LINES, "claims.csv", "quotes.csv")
"""The files that may be had compressed as well."""
PARQUET = "claims.parquet"
_COPY_BYTES = 1 << 20
_LEVEL = 6
"""Of gzip. Level 9 takes three times as long for a hundredth less."""


class Exports(AbstractContextManager["Exports"]):
    """Writes the exports of a data set into its directory."""

    def __init__(self, directory: Path, vocabularies: ServedRecords) -> None:
        self._place, self._stack = directory / EXPORTS, ExitStack()
        self._place.mkdir(exist_ok=True)
        self._write = line_writer()
        for name, table in VOCABULARY_TABLES.items():
            with self._open(table) as file:
                for record in vocabularies[name].values():
                    file.writelines(map(self._write, table.cells(record)))
        self._files = [
            (table, self._stack.enter_context(self._open(table))) for table in CLAIM_TABLES
        ]
        self._parquet = self._stack.enter_context(parquet_file(CLAIMS, self._place / PARQUET))
        # The library compresses without the interpreter's lock.
        self._threads = self._stack.enter_context(ThreadPoolExecutor(1))
        self._under_way: list[Future[None]] = [self._compressing(directory / CLAIM_LINES)]

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _open(self, table: Table) -> IO[bytes]:
        file = (self._place / f"{table.name}.csv").open("wb")
        file.write(self._write(table.header))
        return file

    def add(self, claim: ServedClaim) -> Mapping[str, tuple[int, int]]:
        """Writes the rows of the next claim; where they begin in each table, and their length."""
        spans = {}
        for table, file in self._files:
            rows = [*table.values(claim)]
            start = file.tell()
            file.writelines([self._write(table.as_cells(row)) for row in rows])
            spans[table.name] = (start, file.tell() - start)
            if table is CLAIMS:
                self._parquet.add(rows)
        return spans

    def finish(self, info: DatasetInfo) -> None:
        """Compresses what is to be compressed, and describes all of it."""
        for _, file in self._files:
            file.close()
        self._parquet.close()
        tables = (name for name in COMPRESSED if name != CLAIM_LINES)
        self._under_way += [self._compressing(self._place / name) for name in tables]
        for task in self._under_way:
            task.result()
        sizes = {path.name: describe_file(path) for path in self._place.iterdir()}
        package = orjson.dumps(datapackage(info, sizes), option=orjson.OPT_INDENT_2)
        (self._place / DATAPACKAGE).write_bytes(package + b"\n")

    def _compressing(self, source: Path) -> Future[None]:
        return self._threads.submit(compress, source, self._place / f"{source.name}.gz")


def compress(source: Path, target: Path) -> None:
    """Compresses a file; the same bytes give the same bytes (RFC 1952, without name and time)."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as compressed,
    ):
        shutil.copyfileobj(plain, compressed, _COPY_BYTES)


class NoParquet(AbstractContextManager["NoParquet"]):
    """What writes a Parquet file, and what stands in its place where pyarrow, the extra
    ``parquet``, is not installed.
    """

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, rows: Iterable[list[Any]]) -> None:
        """Writes the values of some rows."""

    def close(self) -> None:
        """Writes what is left, and the end."""


def parquet_file(table: Table, path: Path) -> NoParquet:
    """A file of a table in Parquet, if that can be made."""
    if importlib.util.find_spec("pyarrow") is None:
        return NoParquet()
    from service.compiler.parquet import ParquetFile

    return ParquetFile(table, path)
