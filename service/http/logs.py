"""The access log: one JSON line a request, on standard output."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import time
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from service.http.front import Exchange

MAX_LINE_BYTES = 4096
"""``PIPE_BUF`` on Linux: a write of no more bytes to a pipe is never mixed with another process's
(POSIX, write)."""
_MAX_FIELD_BYTES = {
    "REQUEST_METHOD": 64,
    "PATH_INFO": 1200,
    "QUERY_STRING": 1200,
    "REMOTE_ADDR": 64,
    "HTTP_USER_AGENT": 800,
}
"""Bytes that each field a client fills may take in a line, its quotes included. They leave more
than 700 for all else, of which the request id takes at most 128."""
_STANDARD_OUTPUT = 1


def configure() -> None:
    """Plain messages on standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")


def write_line(exchange: Exchange) -> None:
    """Writes the line of one request: JSON in ASCII, so that no input can end it.

    ``error`` is there only where an exception ended the answer, and names its class. A value too
    long for its field is cut and ends in an ellipsis (``…``). One system call without a buffer
    writes the line; a log that cannot be written fails no request. Not through the logging
    library, whose record would cost as much as an answer from the cache.
    """
    environ = exchange.environ
    error = f', "error": "{exchange.error}"' if exchange.error else ""
    line = (
        f'{{"time": "{_now(int(time.time()))}", "request_id": "{environ["HTTP_X_REQUEST_ID"]}"'
        f', "method": {_field(environ, "REQUEST_METHOD")}, "path": {_field(environ, "PATH_INFO")}'
        f', "query": {_field(environ, "QUERY_STRING")}, "status": {int(exchange.status)}'
        f', "bytes": {exchange.size or "null"}, "ms": {exchange.seconds() * 1000:.3f}'
        f', "client": {_field(environ, "REMOTE_ADDR")}'
        f', "user_agent": {_field(environ, "HTTP_USER_AGENT")}{error}}}\n'
    )
    with contextlib.suppress(OSError):
        os.write(_STANDARD_OUTPUT, line.encode("ascii"))


def _field(environ: WSGIEnvironment, name: str) -> str:
    """What a client may have filled in, as JSON, within its bound."""
    value: str | None = environ.get(name)
    if value is None:
        return "null"
    limit, encoded = _MAX_FIELD_BYTES[name], encode_basestring_ascii(value)
    while len(encoded) > limit:
        # A character takes 1 to 12 bytes: cut in proportion, until it fits.
        value = value[: max(len(value) * (limit - 8) // len(encoded) - 1, 0)]
        encoded = encode_basestring_ascii(f"{value}…")
    return encoded


@functools.lru_cache(maxsize=1)
def _now(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
