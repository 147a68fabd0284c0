"""Lines of CSV (RFC 4180) as they are stored and sent."""

import csv
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from schemas.tables.column import Cell
from service.store.protocol import DatasetUnavailable


def line_writer() -> Callable[[Iterable[Cell]], bytes]:
    """What makes a line of the cells of a row, in UTF-8 and ended by CR LF; for one thread."""
    file: Any = SimpleNamespace(write=str.encode)  # what it returns, writerow returns
    written: Callable[[Iterable[Cell]], bytes] = csv.writer(file).writerow
    return written


def exactly(size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces that are so many bytes together, as their reader was told.

    Raises ``DatasetUnavailable`` before the first byte too many, and where some are missing.
    """
    left = size
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise DatasetUnavailable(f"a table has not the {size} bytes that were counted")
