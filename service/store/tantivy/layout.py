"""The layout of an index: everything about the code that decides what an index holds, as a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
import tantivy

from service.store.files import Buffer
from service.store.index_fields import searchable_texts
from service.store.tantivy.index import index_line, index_schema
from service.store.text import words

_SAMPLES = 16
"""Claims, evenly spaced over the file, whose index entries are part of the layout."""
_PROBE = "The Ministries' re-launched plans: 3.5 % of l'économie, İzmir ﬁne 북조선의 로켓"
_ENGINE = str(vars(tantivy).get("__version__", "")).rpartition("index_format ")[2]
"""The version of the file format, such as ``v7``; the library tells it behind its own version."""


def layout(
    claims: Buffer,
    schema: tantivy.Schema | None = None,
    entry: Callable[[Mapping[str, Any]], bytes] = index_line,
    analyse: Callable[[str], list[str]] = words,
) -> str:
    """16 hexadecimal digits that differ whenever an index made today would differ.

    Hashed are the fields of the ``schema`` with types and options, the format
    of the engine's files, and, since the way a value is computed is part of
    the layout as well, the index ``entry`` of some of the claims and the words
    that the analyser makes of their texts. ``claims`` are those of the data
    set, one a line. The columns of CSV files are no part of it: rows are made
    of the claims themselves, when they are asked for.
    """
    described = (index_schema() if schema is None else schema).__reduce__()[1]  # as it is pickled
    digest = hashlib.sha256(orjson.dumps([described, _ENGINE, analyse(_PROBE)]))
    for claim in _samples(claims):
        digest.update(entry(claim))
        digest.update(orjson.dumps([analyse(text) for text in searchable_texts(claim)]))
    return digest.hexdigest()[:16]


def _samples(claims: Buffer) -> Iterator[Mapping[str, Any]]:
    """The first claim that begins at or after each of some evenly spaced offsets."""
    for n in range(_SAMPLES):
        at = len(claims) * n // _SAMPLES
        start = claims.find(b"\n", at - 1) + 1 if at else 0
        end = claims.find(b"\n", start)
        if start <= end:
            yield orjson.loads(claims[start:end])
