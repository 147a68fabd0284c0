"""Tables as CSV (RFC 4180): one row per claim, quote or group; columns in a fixed order."""

from collections.abc import Iterable, Iterator
from itertools import chain

from schemas.tables.column import ExportedRecord, Table
from service.formats.spreadsheet import for_spreadsheet
from service.store.csv_lines import line_writer

CHUNK_BYTES = 256 * 1024
_BOM = "\ufeff"


def csv_chunks(table: Table, records: Iterable[ExportedRecord], excel: bool) -> Iterator[bytes]:
    """A table in UTF-8, in pieces worth a system call each.

    ``excel`` begins with the mark that Excel needs to read UTF-8, and makes each text one that a
    spreadsheet leaves as it is; numbers stay numbers.
    """
    write = line_writer()
    rows = chain([table.header], chain.from_iterable(map(table.cells, records)))
    lines = (write(map(for_spreadsheet, row) if excel else row) for row in rows)
    return in_chunks(chain([_BOM.encode()] if excel else [], lines))


def in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces worth a system call each."""
    chunk: list[bytes] = []
    size = 0
    for piece in pieces:
        chunk.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(chunk)
            chunk.clear()
            size = 0
    yield b"".join(chunk)
