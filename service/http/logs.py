"""Request ids and the access log, as WSGI middleware, so that cached answers and refusals are
logged like the rest.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from service.http.timing import server_timing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
_KEY = "claims.request_id"


def request_id(environ: WSGIEnvironment) -> str:
    """The id of a request: the client's own when it is well-formed, else a new one."""
    known: str | None = environ.get(_KEY)
    if known is None:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        known = given if WELL_FORMED.fullmatch(given) else os.urandom(16).hex()
        environ[_KEY] = known
    return known


def configure() -> None:
    """Plain messages on standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")


class RequestLog:
    """Gives every answer its ``X-Request-ID`` and ``Server-Timing``, and writes one JSON line."""

    def __init__(self, app: WSGIApplication, *, writes: bool) -> None:
        self._app, self._write = app, _write if writes else _nothing

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        code, size = "0", "null"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal code, size
            code = status[:3]
            for name, value in headers:
                if name == "Content-Length":
                    size = value
                    break
            timing = server_timing(environ, time.perf_counter() - started)
            own = [("X-Request-ID", request_id(environ)), ("Server-Timing", timing)]
            return start_response(status, headers + own, exc_info)

        def ended() -> None:
            self._write(environ, code, size, time.perf_counter() - started)

        return _Body(self._app(environ, start), ended)


class _Body:
    """The body of an answer, and what is to be done when the server is done with it."""

    __slots__ = ("_body", "_ended")

    def __init__(self, body: Iterable[bytes], ended: Callable[[], None]) -> None:
        self._body, self._ended = body, ended

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._ended()


def _write(environ: WSGIEnvironment, code: str, size: str, seconds: float) -> None:
    """One line on standard output: JSON in ASCII, so that no input can break out of it.

    Not through the logging library: its record of the line would cost as much as all else that
    is done for an answer from the cache. A log that cannot be written fails no request.
    """
    line = (
        f'{{"time": "{_now(int(time.time()))}", "request_id": "{request_id(environ)}"'
        f', "method": {_given(environ, "REQUEST_METHOD")}, "path": {_given(environ, "PATH_INFO")}'
        f', "query": {_given(environ, "QUERY_STRING")}, "status": {int(code)}, "bytes": {size}'
        f', "ms": {seconds * 1000:.3f}, "client": {_given(environ, "REMOTE_ADDR")}'
        f', "user_agent": {_given(environ, "HTTP_USER_AGENT")}}}\n'
    )
    try:
        # The buffer, unlike the text above it, may be written by several threads at once.
        sys.stdout.buffer.write(line.encode("ascii"))
        sys.stdout.buffer.flush()
    except (AttributeError, OSError, ValueError):
        pass


def _given(environ: WSGIEnvironment, name: str) -> str:
    """What a client may have filled in, as JSON."""
    value: str | None = environ.get(name)
    return "null" if value is None else encode_basestring_ascii(value)


@functools.lru_cache(maxsize=1)
def _now(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def _nothing(*_: object) -> None:
    """For a service whose access log is off."""
