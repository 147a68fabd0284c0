"""The exports of a data set: whole tables as files, made when it is built.

The rows of claims are written in the order of the claims while they are indexed, so that the index
knows where the rows of each lie.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from schemas.filter_kinds import ServedRecords
from schemas.records.dataset import DatasetInfo
from schemas.records.vocabularies import VOCABULARIES
from schemas.tables.claims import CLAIM_TABLES, CLAIMS
from schemas.tables.column import Table
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.compiler.parallel import CHUNK, Workers, mapped
from service.formats.discovery.datapackage import DATAPACKAGE, datapackage
from service.store.csv_lines import line_writer
from service.store.dataset_format import CLAIMS as CLAIM_LINES
from service.store.dataset_format import EXPORTS, vocabularies_in
from service.store.files import describe_file
from service.store.files import mapped as file_mapped
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
        self._threads = self._stack.enter_context(ThreadPoolExecutor(2))
        self._under_way: list[Future[None]] = [self._compressing(directory / CLAIM_LINES)]

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _open(self, table: Table) -> IO[bytes]:
        file = (self._place / f"{table.name}.csv").open("wb")
        file.write(self._write(table.header))
        return file

    def entries(self, workers: Workers | None) -> Iterator[tuple[bytes, Spans]]:
        """Writes the rows of all claims; gives the line of each for the index, and where the claim
        and its rows lie.
        """
        tables = {table.name: file for table, file in self._files}
        starts = {"": 0, **{name: file.tell() for name, file in tables.items()}}
        work = _Making(self._place.parent, importlib.util.find_spec("pyarrow") is not None)
        for made in mapped(work, _chunks(self._place.parent / CLAIM_LINES), workers):
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


class _Making:
    """Makes it, in any process that can read the ``directory`` of the data set."""

    def __init__(self, directory: Path, with_parquet: bool) -> None:
        self._directory, self._with_parquet = directory, with_parquet

    @functools.cached_property
    def _vocabularies(self) -> ServedRecords:
        paths = [self._directory / f"{name}.ndjson" for name in VOCABULARIES]
        sizes = [{"bytes": path.stat().st_size} for path in paths]
        files = [file_mapped(*each, most=-1) for each in zip(paths, sizes, strict=True)]
        return vocabularies_in({path.name: file for path, file in zip(paths, files, strict=True)})

    def __call__(self, chunk: tuple[int, int]) -> _Made:
        """Of the claims whose lines lie in so many bytes from an offset on."""
        with (self._directory / CLAIM_LINES).open("rb") as file:
            file.seek(chunk[0])
            claims = file.read(chunk[1]).splitlines()
        write, values, lines = line_writer(), list[list[Any]](), list[bytes]()
        lengths, written = list[dict[str, int]](), {table.name: b"" for table in CLAIM_TABLES}
        for line in claims:
            claim = orjson.loads(line)
            lines.append(index_line(claim, self._vocabularies))
            sizes = {"": len(line)}
            for table in CLAIM_TABLES:
                rows = [*table.values(claim)]
                if table is CLAIMS:
                    values += rows
                bytes_of_rows = b"".join([write(table.as_cells(row)) for row in rows])
                written[table.name] += bytes_of_rows
                sizes[table.name] = len(bytes_of_rows)
            lengths.append(sizes)
        return _Made(lines, written, lengths, self._batch(values))

    def _batch(self, rows: list[list[Any]]) -> Any:
        if not self._with_parquet:
            return None
        from service.compiler.parquet import batch

        return batch(CLAIMS, rows)


def _chunks(path: Path) -> Iterator[tuple[int, int]]:
    """Where each chunk of the lines of a file begins, and how many bytes it has."""
    start = 0
    with path.open("rb") as file:
        while size := sum(map(len, islice(file, CHUNK))):
            yield start, size
            start += size


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
