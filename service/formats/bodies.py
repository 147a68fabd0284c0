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


@dataclass(frozen=True, slots=True)
class Body:
    """What was made for an answer: its bytes, and headers known only once it was made.

    Bytes that are made while they are sent come with their ``size``.
    """

    content: bytes | Iterator[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None


def claim_rows(export: Export, rows: Table, excel: bool) -> Body:
    """A CSV file over claims."""
    header = rows.header(excel)
    lines = (rows.lines(json.loads(body), excel) for body in export.bodies)
    size = len(header) + export.sizes[rows.size(excel)]
    return Body(_in_pieces(itertools.chain([header], lines)), size=size)


def claim_lines(export: Export) -> Body:
    """Every claim on a line; the whole data set as it lies there."""
    if export.verbatim is not None:
        return Body(_slices(export.verbatim), size=len(export.verbatim))
    lines = (body + b"\n" for body in export.bodies)
    return Body(_in_pieces(lines), size=export.sizes["json_lines"])


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
