"""The one WSGI layer around Flask.

Every answer passes here, whoever gives it: the cache, Flask, load shedding, or a failure. It gets
its request id and the constant headers, is counted, and has one line in the access log: a JSON
object on standard output.

A request that waited too long in front of the application gets a 503 at once, so that the time goes
to requests whose client still waits. nginx says when it passed a request on (``X-Request-Start:
t=1764280000.123``, seconds since the epoch); it overwrites what a client sends under that name.
Without nginx a client that sends the header can have its own request refused, and nothing else.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from service.http.cache import Headers, ResponseCache
from service.http.headers import CONSTANT_HEADERS, HEALTH_PATHS, METRICS_PATH, PAGE_PATH
from service.http.problems import failure, problem
from service.http.replies import is_conditional

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from service.http.metrics import Metrics
    from service.store.provider import Provider

MAX_WAIT_SECONDS = 1.0
"""In front of the application; an answer itself takes milliseconds."""
RETRY_AFTER_SECONDS = 2
"""When the client of an overloaded service may come again."""
_IMPLAUSIBLE_SECONDS = 60.0
"""nginx gives up after 35 s: a longer wait is a clock that is wrong."""
_MAX_FIELD_BYTES = {
    "REQUEST_METHOD": 64,
    "PATH_INFO": 1200,
    "QUERY_STRING": 1200,
    "REMOTE_ADDR": 64,
    "HTTP_USER_AGENT": 800,
}
"""Bytes that each field a client fills may take in a line, its quotes included. With all else they
stay below the 4,096 of ``PIPE_BUF`` on Linux: a write of no more bytes to a pipe is never mixed
with another process's (POSIX, write)."""
_STANDARD_OUTPUT = 1
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACE_PARENT = re.compile(
    r"(?!ff|00.{53}-)([0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(?:-.*)?"
)
"""W3C Trace Context, section 3.2; a version after 00 may have more behind it."""
_REQUEST_START = re.compile(r"t=([0-9]{1,12}(?:\.[0-9]{1,6})?)")

_Answer = tuple[str, Headers, Iterable[bytes]]
"""The status line, the headers, and the body in pieces."""


class Exchange:
    """One request and its answer, and the iterable that the server sends and then closes."""

    def __init__(self, environ: WSGIEnvironment, report: Callable[[Exchange], None]) -> None:
        self.environ, self._report = environ, report
        self._started = time.perf_counter()
        self._close: Callable[[], object] = lambda: None
        self.status, self.size, self.error, self.cached = "0", "", "", False

    def call(self, app: WSGIApplication) -> _Answer:
        """The answer of an application, and the first piece of its body: what fails until then is
        answered with a problem.
        """
        started: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, *_: Any) -> Any:
            started.append((status, headers))

        body = app(self.environ, start_response)
        self._close = getattr(body, "close", self._close)
        if not isinstance(body, list):
            chunks = iter(body)
            body = itertools.chain([next(chunks, b"")], chunks)
        return *started[-1], body

    def begin(self, answer: _Answer, start_response: StartResponse) -> Exchange:
        """Hands the status and the headers to the server, completed by those of every answer."""
        status, headers, self._chunks = answer
        fields = dict(headers)
        self.status, self.size = status[:3], fields.get("Content-Length", "")
        page = fields.get("Content-Type", "").startswith("text/html") or bool(
            PAGE_PATH.fullmatch(self.environ.get("PATH_INFO", ""))
        )
        negotiated = status[0] in "45" or self.environ.get("PATH_INFO") == METRICS_PATH
        constant = CONSTANT_HEADERS[page, negotiated]
        own = [("X-Request-ID", self.environ["HTTP_X_REQUEST_ID"])]
        if "Server-Timing" not in fields:
            step = "cache;dur={0:.3f}, total;dur={0:.3f}" if self.cached else "total;dur={:.3f}"
            own.append(("Server-Timing", step.format(self.seconds() * 1000)))
        start_response(status, [*headers, *constant, *own])
        return self

    def seconds(self) -> float:
        """Since the request came."""
        return time.perf_counter() - self._started

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except Exception as error:
            self.error = type(error).__name__
            raise

    def close(self) -> None:
        """Closes the application's iterable (PEP 3333), and reports the exchange."""
        try:
            self._close()
        finally:
            self._report(self)


class Front:
    """Answers a request by the application or in place of it, and reports the exchange."""

    def __init__(
        self,
        app: WSGIApplication,
        provider: Provider,
        *,
        cache_bytes: int,
        access_log: bool,
        metrics: Metrics | None,
    ) -> None:
        self._app, self._provider = app, provider
        self._cache = ResponseCache(cache_bytes) if cache_bytes else None
        self._access_log, self._metrics = access_log, metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Exchange:
        if not _REQUEST_ID.fullmatch(environ.get("HTTP_X_REQUEST_ID", "")):
            # From here on it is the id of the request, as if the client had sent it.
            environ["HTTP_X_REQUEST_ID"] = os.urandom(16).hex()
        exchange = Exchange(environ, self._report)
        if self._metrics is not None:
            self._metrics.begin()
        try:
            answer = self._respond(exchange)
        except Exception as error:  # noqa: BLE001  # whatever it is, the client is told
            exchange.error = type(error).__name__
            answer = exchange.call(failure(environ, error))
        return exchange.begin(answer, start_response)

    def _respond(self, exchange: Exchange) -> _Answer:
        environ = exchange.environ
        if _waited_too_long(environ):
            # Nothing of the request is in it, not even the path: it may be anything.
            detail = "The service has more to answer than it can."
            response = problem(environ, "overloaded", detail)
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return exchange.call(response)
        edition, cache = self._provider.edition, self._cache
        # Edition 0 is no data set; it may come back, other editions never do.
        if cache is None or not edition or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return exchange.call(self._app)
        if is_conditional(environ) or "HTTP_RANGE" in environ:
            return exchange.call(self._app)
        cache.renew(edition)
        key = cache.key(edition, environ)
        cached = cache.get(key)
        if cached is not None:
            exchange.cached = True
            return cached.select(environ)
        status, headers, body = exchange.call(self._app)
        if environ["REQUEST_METHOD"] == "GET" and cache.accepts(status, headers):
            body = [b"".join(body)]
            cache.put(key, status, headers, body[0])
        return status, headers, body

    def _report(self, exchange: Exchange) -> None:
        if self._metrics is not None:
            self._metrics.count(exchange)
        if self._access_log:
            _write_line(exchange)


def _waited_too_long(environ: WSGIEnvironment) -> bool:
    """Whether to refuse a request; questions about the service's health never are."""
    request_start = environ.get("HTTP_X_REQUEST_START")
    if request_start is None or environ["PATH_INFO"] in HEALTH_PATHS:
        return False
    match = _REQUEST_START.fullmatch(request_start)
    waited = time.time() - float(match[1]) if match else 0.0
    return MAX_WAIT_SECONDS < waited <= _IMPLAUSIBLE_SECONDS


def _write_line(exchange: Exchange) -> None:
    """Writes the line of one request: JSON in ASCII, so that no input can end it.

    ``error`` is there only where an exception ended the answer, and names its class;
    ``traceparent`` only where the request has a well-formed one. A value too
    long for its field is cut and ends in an ellipsis (``…``). One system call without a buffer
    writes the line; a log that cannot be written fails no request. Not through the logging
    library, whose record would cost as much as an answer from the cache.
    """
    environ = exchange.environ
    error = f', "error": "{exchange.error}"' if exchange.error else ""
    trace = _TRACE_PARENT.fullmatch(environ.get("HTTP_TRACEPARENT", ""))
    parent = f', "traceparent": "{trace[1]}"' if trace else ""
    line = (
        f'{{"time": "{_as_instant(int(time.time()))}"'
        f', "request_id": "{environ["HTTP_X_REQUEST_ID"]}"'
        f', "method": {_field(environ, "REQUEST_METHOD")}, "path": {_field(environ, "PATH_INFO")}'
        f', "query": {_field(environ, "QUERY_STRING")}, "status": {int(exchange.status)}'
        f', "bytes": {exchange.size or "null"}, "ms": {exchange.seconds() * 1000:.3f}'
        f', "client": {_field(environ, "REMOTE_ADDR")}'
        f', "user_agent": {_field(environ, "HTTP_USER_AGENT")}{parent}{error}}}\n'
    )
    with contextlib.suppress(OSError):
        os.write(_STANDARD_OUTPUT, line.encode("ascii"))


def _field(environ: WSGIEnvironment, name: str) -> str:
    """A value that the client chose, as JSON, cut to the bytes that it may take in a line."""
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
def _as_instant(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
