"""One connection of a worker, and what has arrived on it of a request."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn

from service.http.headers import HEALTH_PATHS
from service.server.framing import StrictRequest
from service.server.outgoing import Answer

#: A request body that the service, which takes none, reads and drops to reach the next request.
DRAINED_BYTES = 64 * 1024
#: nginx reads 32 KiB; browsers send some 2.
LARGEST_HEAD = 64 * 1024
#: How often chunks are read from their beginning because they may have ended.
MOST_LOOKS = 100

#: Where a head ends, or where it cannot be one (RFC 9112 section 2.2: no bare line feed).
_ENOUGH = re.compile(rb"\r\n\r\n|(?<!\r)\n")

_HEALTH = tuple(f"{method} {path} ".encode() for method in ("GET", "HEAD") for path in HEALTH_PATHS)


class NotArrivedError(ParseException):
    """More was asked for than has arrived."""


class _Arrived(Unreader):
    """What has arrived on a connection, for gunicorn's parser; nothing more is waited for."""

    def chunk(self, size_hint: int | None = None) -> bytes:
        raise NotArrivedError


class Connection(TConn):
    """A client's connection. Either the poller has it or one thread, never both."""

    def __init__(self, cfg: Config, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)  # which makes the socket non-blocking
        self.awake: Callable[[object], None] = lambda _: None
        self.answer: Answer | None = None
        self.ending = False
        self.deadline = self.due = self.queued = 0.0
        self._source = _Arrived()
        self._requests = 0
        self._begin()

    def _begin(self) -> None:
        self._received = bytearray()
        self._head_end: int | None = None
        self._needed: int | None = None
        self._looked_at = self._looks = 0

    def add(self, data: bytes) -> None:
        """Takes what has arrived; looks at nothing twice, for it may come byte by byte."""
        seen = max(len(self._received) - 3, 0)
        self._received += data
        if self._head_end is None and (found := _ENOUGH.search(self._received, seen)):
            self._head_end = found.end()

    @property
    def begun(self) -> bool:
        """Whether something of a request has arrived."""
        return bool(self._received)

    @property
    def is_judgeable(self) -> bool:
        """Whether the parser should look at what has arrived."""
        size = len(self._received)
        if self._head_end is None:
            return size > self.cfg.limit_request_line + 2 and b"\n" not in self._received
        if self._needed is not None:
            return size >= self._needed
        # The end of chunks can only be seen by reading them: not anew for each byte.
        ended = self._received.endswith(b"\r\n\r\n") and self._looks < MOST_LOOKS
        return ended or size > 1.25 * self._looked_at

    @property
    def is_too_large(self) -> bool:
        size = len(self._received) if self._head_end is None else self._head_end
        return size > LARGEST_HEAD

    @property
    def asks_for_health(self) -> bool:
        return self._received.startswith(_HEALTH)

    def request(self) -> StrictRequest:
        """The request that has arrived. Raises what the parser does, and ``NotArrivedError`` when
        there is more of it to come.
        """
        self._source = _Arrived()
        self._source.unread(bytes(self._received))
        self._looked_at, self._looks = len(self._received), self._looks + 1
        request = StrictRequest(self.cfg, self._source, self.client, self._requests + 1)
        if not self._drained(request):
            request.force_close()
        self._requests += 1
        return request

    def _drained(self, request: StrictRequest) -> bool:
        """Reads the body, before the application answers: a bad one is then refused, not followed
        by a second answer on the same connection.

        False where more of it may follow, so that the connection must end: no more than a bound is
        read, and a client that waits for ``100 Continue`` is not asked to send what nobody takes.
        """
        fields = dict(request.headers)
        length = int(fields.get("CONTENT-LENGTH", 0))
        body_start = len(self._received) - len(self._source.buf.getvalue())
        if "EXPECT" in fields:
            return False
        if length:
            self._needed = body_start + min(length, DRAINED_BYTES)
            if len(self._received) < self._needed:
                raise NotArrivedError
            if length > DRAINED_BYTES:
                return False
        try:
            while request.body is not None and request.body.read(8192):
                pass
        except NotArrivedError:
            if len(self._received) - body_start <= DRAINED_BYTES:
                raise
            return False
        return True

    def next_request(self) -> None:
        """After an answer: what arrived behind its request begins the next one."""
        self._begin()
        ahead = self._source.take_buffered()
        if ahead:
            self.add(ahead)


def part(sock: socket.socket) -> bool:
    """Tells the client that nothing follows. False when it is gone already.

    Closing while something is unread would take the answer back (RFC 9112 section 9.6).
    """
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        return True
    return False
