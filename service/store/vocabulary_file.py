"""The records of a vocabulary as they lie in its file, one a line, parsed when asked for."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service.store.files import Buffer, line_spans

_CACHED = 4_096
"""Parsed records that are held: all but the documents of a large data set."""

Record = Mapping[str, Any]


class Records(Mapping[str, Record]):
    """By id, in the order of the file.

    A worker holds ids and offsets alone. As dictionaries, the documents of a
    million claims would take each worker 60 MB. Each line is parsed once at
    opening; raises ``ValueError`` for one that is no JSON, ``LookupError`` or
    ``TypeError`` for one that is no record.
    """

    def __init__(self, content: Buffer) -> None:
        self._places: dict[str, int] = {}
        bounds = array("Q")
        for place, (start, end) in enumerate(line_spans(content)):
            self._places[orjson.loads(content[start:end])["id"]] = place
            bounds.extend((start, end))
        # No reference back to this object, so that its file is closed with its last user.
        self._at = functools.lru_cache(maxsize=_CACHED)(functools.partial(_parse, content, bounds))

    def __getitem__(self, identifier: str) -> Record:
        return self._at(self._places[identifier])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _parse(content: Buffer, bounds: array[int], place: int) -> Record:
    record: Record = orjson.loads(content[bounds[2 * place] : bounds[2 * place + 1]])
    return record
