"""The records of a vocabulary as they lie in its file, each parsed when it is asked for."""

from __future__ import annotations

import functools
import json
import mmap
import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

_KEPT = 4_096
"""Records that are kept parsed: all but the documents of a large data set."""
_BEGINNING = re.compile(rb'[\[,]\{"id":"([^"]*)"')
"""Where a record begins, in a canonical array of records without lists of objects: inside a
string the quotation marks would stand behind backslashes."""

Record = Mapping[str, Any]


class Records(Mapping[str, Record]):
    """By id, in the order of the file.

    A worker holds ids and places alone. As dictionaries, the documents of a
    million claims would take each worker 60 MB and a quarter of a second.
    """

    def __init__(self, content: bytes | mmap.mmap) -> None:
        self._places: dict[str, int] = {}
        starts = array("Q")
        for place, found in enumerate(_BEGINNING.finditer(content)):
            self._places[found[1].decode()] = place
            starts.append(found.start() + 1)
        starts.append(len(content))
        # Nothing refers back to this object, which is gone, with its file, when its last user is.
        self._at = functools.lru_cache(maxsize=_KEPT)(functools.partial(_parsed, content, starts))

    def __getitem__(self, identifier: str) -> Record:
        return self._at(self._places[identifier])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _parsed(content: bytes | mmap.mmap, starts: array[int], place: int) -> Record:
    start, following = starts[place], starts[place + 1]
    record: Record = json.loads(content[start : following - 1])
    return record
