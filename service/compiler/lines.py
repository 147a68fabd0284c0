"""Files with a record a line (NDJSON), read line by line: memory never holds all of them."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

MAX_LINE_BYTES = 1_000_000
"""A longer line is no record, and is read no further."""
_CHUNK_BYTES = 1 << 20


class Lines(Collection[Any]):
    """The records of an NDJSON file, parsed one by one as they are iterated over."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Any]:
        return map(json.loads, self.raw())

    def __contains__(self, record: object) -> bool:
        return any(record == other for other in self)

    def __len__(self) -> int:
        return self._count

    @functools.cached_property
    def _count(self) -> int:
        count, last = 0, b"\n"
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                count, last = count + chunk.count(b"\n"), chunk[-1:]
        return count + (last != b"\n")  # the last line may do without its line feed

    def raw(self) -> Iterator[bytes]:
        """The bytes of each line without its line feed; of an overlong one only the beginning."""
        with self.path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                end = line
                while len(end) > MAX_LINE_BYTES and not end.endswith(b"\n"):
                    end = file.readline(MAX_LINE_BYTES + 1)
                yield line.removesuffix(b"\n")
