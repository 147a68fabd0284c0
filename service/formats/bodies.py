"""The bodies of answers: made whole, or made while they are sent with a length known before."""

from __future__ import annotations

import itertools
import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from schemas.dataset import Export
from service.formats.tables import Table

_PIECE = 256 * 1024
MAX_BUFFERED = 1024 * 1024
"""Bytes up to which a CSV file is made before it is sent, so that its length can be told."""


@dataclass(frozen=True, slots=True)
class Body:
    """What was made for an answer: its bytes, and headers known only once it was made.

    Bytes that are made while they are sent come with their ``size`` in bytes
    where it is known; without one they are sent in chunks.
    """

    content: bytes | Iterator[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None


def claim_rows(export: Export, rows: Table, excel: bool) -> Body:
    """A CSV file over claims; with a length if it is small."""
    lines = (rows.lines(json.loads(body), excel) for body in export.bodies)
    pieces = _in_pieces(itertools.chain([rows.header(excel)], lines))
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        begun.append(piece)
        size += len(piece)
        if size > MAX_BUFFERED:
            return Body(itertools.chain(begun, pieces))
    return Body(b"".join(begun))


def claim_lines(export: Export) -> Body:
    """Every claim on a line; the whole data set as it lies there."""
    if export.verbatim is not None:
        return Body(_slices(export.verbatim), size=len(export.verbatim))
    lines = (body + b"\n" for body in export.bodies)
    return Body(_in_pieces(lines), size=export.ndjson_bytes)


def _in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines gathered into pieces worth a system call each."""
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(gathered)
            gathered.clear()
            size = 0
    yield b"".join(gathered)


def _slices(buffer: bytes | mmap.mmap) -> Iterator[bytes]:
    """A buffer in pieces; of a mapped file only the piece in hand is copied."""
    for start in range(0, len(buffer), _PIECE):
        yield buffer[start : start + _PIECE]
