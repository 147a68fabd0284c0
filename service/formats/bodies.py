"""The bodies of answers: whole, or made while they are sent with a length known before."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from schemas.dataset import Export
from service.formats.tables import Table

_CHUNK_BYTES = 256 * 1024
MAX_BUFFERED_BYTES = 1024 * 1024
"""Bytes up to which a CSV file is made before it is sent, so that its length is known."""


@dataclass(frozen=True, slots=True)
class Body:
    """The content of an answer; of a stream also its ``size`` in bytes.

    Without a ``size`` a stream is sent in chunks (RFC 9112, section 7.1).
    ``next_page`` is the address of the page that follows, if one does.
    """

    content: bytes | Iterator[bytes]
    next_page: str | None = None
    size: int | None = None


def claim_rows(export: Export, table: Table, excel: bool) -> Body:
    """A CSV file over claims; its length is known if it is small."""
    lines = (table.lines(orjson.loads(body), excel) for body in export.bodies)
    chunks = _chunks(itertools.chain([table.header(excel)], lines))
    begun: list[bytes] = []
    size = 0
    for chunk in chunks:
        begun.append(chunk)
        size += len(chunk)
        if size > MAX_BUFFERED_BYTES:
            return Body(itertools.chain(begun, chunks))
    return Body(b"".join(begun))


def claim_lines(export: Export) -> Body:
    """Every claim on a line; the whole data set as it lies there."""
    if export.verbatim is not None:
        return Body(_slices(export.verbatim), size=len(export.verbatim))
    lines = (body + b"\n" for body in export.bodies)
    return Body(_chunks(lines), size=export.ndjson_bytes)


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines joined to chunks worth a system call each."""
    chunk: list[bytes] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line)
        if size >= _CHUNK_BYTES:
            yield b"".join(chunk)
            chunk.clear()
            size = 0
    yield b"".join(chunk)


def _slices(buffer: bytes | mmap.mmap) -> Iterator[bytes]:
    """A buffer in chunks; of a mapped file only the chunk in hand is copied."""
    for start in range(0, len(buffer), _CHUNK_BYTES):
        yield buffer[start : start + _CHUNK_BYTES]
