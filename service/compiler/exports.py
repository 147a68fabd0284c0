"""The exports of a data set: whole tables as files, made when it is built.

The rows of claims are written in the order of the claims while they are indexed, so that the index
knows where the rows of each lie.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from schemas.filter_kinds import ServedRecords
from schemas.records.dataset import DatasetInfo
from schemas.tables.claims import CLAIM_TABLES, CLAIMS
from schemas.tables.column import Table
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.compiler.parallel import CHUNK, MakeExecutor, mapped
from service.formats.discovery.datapackage import DATAPACKAGE, datapackage
from service.store.csv_lines import line_writer
from service.store.dataset_format import CLAIMS as CLAIM_LINES
from service.store.dataset_format import EXPORTS
from service.store.files import Buffer, describe_file, line_spans
from service.store.tantivy.index import Spans, index_line

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
        self._write, self._vocabularies = line_writer(), vocabularies
        for name, table in VOCABULARY_TABLES.items():
            with self._open(table) as file:
                for record in vocabularies[name].values():
                    file.writelines(map(self._write, table.cells(record)))
        self._files = [
            (table, self._stack.enter_context(self._open(table))) for table in CLAIM_TABLES
        ]
        self._parquet = self._stack.enter_context(parquet_file(CLAIMS, self._place / PARQUET))
        # The library compresses without the interpreter's lock.
        self._threads = self._stack.enter_context(ThreadPoolExecutor(2))
        self._under_way: list[Future[None]] = [self._compressing(directory / CLAIM_LINES)]

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _open(self, table: Table) -> IO[bytes]:
        file = (self._place / f"{table.name}.csv").open("wb")
        file.write(self._write(table.header))
        return file

    def entries(
        self, claims: Buffer, executor: MakeExecutor | None
    ) -> Iterator[tuple[bytes, Spans]]:
        """Writes the rows of all claims, a line of a buffer each; gives the line of each for the
        index, and where the claim and its rows lie.
        """
        tables = {table.name: file for table, file in self._files}
        starts = {"": 0, **{name: file.tell() for name, file in tables.items()}}
        work = functools.partial(_made_of, claims, self._vocabularies, self._parquet.batch)
        for made in mapped(work, _chunks(claims), executor):
            for name, rows in made.rows.items():
                tables[name].write(rows)
            self._parquet.add(made.batch)
            for line, lengths in zip(made.lines, made.lengths, strict=True):
                yield line, {name: (starts[name], lengths[name]) for name in starts}
                for name, length in lengths.items():
                    starts[name] += length
                starts[""] += 1  # the line feed
        for file in tables.values():
            file.close()
        # While the engine writes the rest of the index.
        of_tables = (name for name in COMPRESSED if name != CLAIM_LINES)
        self._under_way += [self._compressing(self._place / name) for name in of_tables]

    def finish(self, info: DatasetInfo) -> None:
        """Waits for what is compressed, and describes all of it."""
        self._parquet.close()
        for task in self._under_way:
            task.result()
        sizes = {path.name: describe_file(path) for path in self._place.iterdir()}
        package = orjson.dumps(datapackage(info, sizes), option=orjson.OPT_INDENT_2)
        (self._place / DATAPACKAGE).write_bytes(package + b"\n")

    def _compressing(self, source: Path) -> Future[None]:
        return self._threads.submit(compress, source, self._place / f"{source.name}.gz")


class _Made(NamedTuple):
    """What is made of a chunk of claims: their lines for the index, the rows of each table, how
    long the claims and their rows are, and the rows for Parquet.
    """

    lines: list[bytes]
    rows: dict[str, bytes]
    lengths: list[dict[str, int]]
    batch: Any


def _made_of(
    claims: Buffer,
    vocabularies: ServedRecords,
    batch: Callable[[list[list[Any]]], Any],
    chunk: tuple[int, int],
) -> _Made:
    """What is made of the claims whose lines are a chunk."""
    write, first, last = line_writer(), *chunk
    lines, lengths, values = list[bytes](), list[dict[str, int]](), list[list[Any]]()
    written: dict[str, list[bytes]] = {table.name: [] for table in CLAIM_TABLES}
    for line in claims[first:last].splitlines():
        claim = orjson.loads(line)
        lines.append(index_line(claim, vocabularies))
        sizes = {"": len(line)}
        for table in CLAIM_TABLES:
            rows = [*table.values(claim)]
            if table is CLAIMS:
                values += rows
            bytes_of_rows = b"".join([write(table.as_cells(row)) for row in rows])
            written[table.name].append(bytes_of_rows)
            sizes[table.name] = len(bytes_of_rows)
        lengths.append(sizes)
    joined = {name: b"".join(rows) for name, rows in written.items()}
    return _Made(lines, joined, lengths, batch(values))


def _chunks(lines: Buffer) -> Iterator[tuple[int, int]]:
    """Where each chunk of lines begins and ends."""
    start = end = 0
    for number, (_, end) in enumerate(line_spans(lines), 1):
        if number % CHUNK == 0:
            yield start, end
            start = end + 1
    if start < end:
        yield start, end


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

    def batch(self, rows: list[list[Any]]) -> Any:
        """The values of some rows in the form in which they are added; in any process."""

    def add(self, batch: Any) -> None:
        """Writes some rows."""

    def close(self) -> None:
        """Writes what is left, and the end."""


def parquet_file(table: Table, path: Path) -> NoParquet:
    """A file of a table in Parquet, if that can be made."""
    if importlib.util.find_spec("pyarrow") is None:
        return NoParquet()
    from service.compiler.parquet import ParquetFile

    return ParquetFile(table, path)
