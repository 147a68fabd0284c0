"""Lines of CSV (RFC 4180) as they are stored and sent."""

import csv
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from schemas.tables.column import Cell


def line_writer() -> Callable[[Iterable[Cell]], bytes]:
    """What makes a line of the cells of a row, in UTF-8 and ended by CR LF; for one thread."""
    file: Any = SimpleNamespace(write=str.encode)  # what it returns, writerow returns
    written: Callable[[Iterable[Cell]], bytes] = csv.writer(file).writerow
    return written
