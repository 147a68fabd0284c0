"""Files with a record a line, read where they lie: memory holds the places of lines alone."""

from __future__ import annotations

import json
import mmap
import os
import weakref
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

Place = tuple[int, int]
"""Offset and length in bytes of a line, its line feed left out."""


class Lines(Sequence[Any]):
    """The records of an NDJSON file, parsed one by one when they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state = _state(path)
        self._reader = LineReader(path)
        self._starts = _line_starts(path)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return json.loads(self.raw(index % len(self)))

    def raw(self, number: int) -> bytes:
        """The bytes of one line."""
        return self._reader.read(self.place(number))

    def place(self, number: int) -> Place:
        """Where one line lies."""
        start = self._starts[number]
        return start, self._starts[number + 1] - 1 - start

    @property
    def changed(self) -> bool:
        """Whether the file is another one by now, or was written to."""
        return _state(self.path) != self._state


class LineReader:
    """Reads lines of a file by their places. Each process opens the file for itself.

    Read, not mapped: a mapped file would count as memory of every process.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)

    def read(self, place: Place) -> bytes:
        offset, length = place
        return os.pread(self._file, length, offset)


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _line_starts(path: Path) -> array[int]:
    """The offset of every line, and behind them where a further one would begin."""
    starts = array("Q", [0])
    size = path.stat().st_size
    if size == 0:
        return starts
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        starts.extend(_ends(content))
        if starts[-1] < size:  # the last line may do without its line feed
            starts.append(size + 1)
    return starts


def _ends(content: mmap.mmap) -> Iterator[int]:
    find, end = content.find, content.find(b"\n")
    while end >= 0:
        yield end + 1
        end = find(b"\n", end + 1)
