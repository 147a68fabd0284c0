"""Parts of an answer by their bytes (RFC 9110, section 14): one range, the rest of a download."""

import mmap
import re
from collections.abc import Iterator
from typing import Any

_RANGE = re.compile(
    r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*", re.IGNORECASE
)
"""One range. Several are answered whole, as anything else that is no range (section 14.2)."""
_PIECE_BYTES = 256 * 1024


class RangeNotSatisfiable(Exception):
    """A range that begins behind the end of an answer of ``size`` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def requested_range(environ: dict[str, Any], etag: str, size: int) -> tuple[int, int] | None:
    """Where the part that is asked for begins and ends (exclusive); ``None`` for the whole.

    ``If-Range`` lets the range count for this very tag alone. A date never does: two answers of one
    date may differ (section 13.1.5). Raises ``RangeNotSatisfiable``.
    """
    match = _RANGE.fullmatch(environ.get("HTTP_RANGE", ""))
    if match is None or environ.get("HTTP_IF_RANGE", etag).strip() != etag or not size:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, end = max(size - int(suffix), 0), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < start:
            return None  # no range by its own account
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, end


def cut(content: bytes | mmap.mmap | Iterator[bytes], start: int, end: int) -> Iterator[bytes]:
    """The bytes of a content from ``start`` to ``end``, in pieces; of a stream what lies before is
    made and dropped.
    """
    if isinstance(content, bytes | mmap.mmap):
        for at in range(start, end, _PIECE_BYTES):
            yield content[at : min(at + _PIECE_BYTES, end)]
        return
    position = 0
    for piece in content:
        if position + len(piece) > start:
            yield piece[max(start - position, 0) : end - position]
        position += len(piece)
        if position >= end:
            return
