"""One connection of a worker: what has arrived of a request, and what is left to send of an answer.

Neither is ever waited for: the worker looks after connections that are slow, with one thread for
all of them (``service.worker``).
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum
from typing import Any

from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn

from service.framing import StrictRequest
from service.headers import CONSTANT, HEALTH_PATHS
from service.refusals import SERVER

#: A request body that the service, which takes none, reads and drops to reach the next request.
DRAINED_BYTES = 64 * 1024
#: nginx reads 32 KiB; browsers send some 2.
LARGEST_HEAD = 64 * 1024
#: How often chunks are read from their beginning because they may have ended.
MOST_LOOKS = 100

#: That a client may let a thread wait for room; one that is quick to read takes microseconds.
PATIENCE_SECONDS = 0.02
#: That an answer of many pieces may take before others have their turn.
TURN_SECONDS = 0.05

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


class _Outlet:
    """Stands in for the socket under gunicorn's response: gathers what that would send."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.sendall = self._pieces.append

    def take(self) -> bytes:
        """All that was gathered; the head and the first bytes of a body go out together."""
        pieces = self._pieces
        taken = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return taken


class Response(wsgi.Response):
    """gunicorn's response, with less to do for each of ours."""

    def __init__(self, req: StrictRequest, sock: socket.socket, cfg: Config) -> None:
        super().__init__(req, sock, cfg)
        self.sock: Any = _Outlet()

    def process_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Headers that never change, which are most of ours, are not checked each time."""
        fixed: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        for header in headers:
            (fixed if header in CONSTANT else others).append(header)
        self.headers = fixed
        super().process_headers(others)


# gunicorn has no setting for it, and looks it up for each response.
wsgi.SERVER = SERVER  # type: ignore[attr-defined]


class Sent(Enum):
    """How far an answer has come."""

    WHOLE = 1
    #: The request has not arrived yet.
    NOTHING = 4
    #: The client does not take more at present.
    STALLED = 2
    #: Others have their turn.
    PAUSED = 3


class Answer:
    """An answer under way, which any thread can go on with."""

    def __init__(self, response: Response, body: Iterable[bytes]) -> None:
        self.response = response
        self._body, self._pieces = body, iter(body)
        self._left = memoryview(b"")
        self._ended = False

    def send(self, sock: socket.socket, others_wait: Callable[[], bool]) -> Sent:
        """Sends as much as the client takes. Raises ``OSError`` and what makes the body."""
        began = time.monotonic()
        while True:
            if not self._flushed(sock):
                return Sent.STALLED
            if self._ended:
                return Sent.WHOLE
            if time.monotonic() - began > TURN_SECONDS and others_wait():
                return Sent.PAUSED
            self._make()

    def close(self) -> None:
        """Lets go of the body, which may also write a line to the log."""
        if hasattr(self._body, "close"):
            self._body.close()

    def _make(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            self.response.close()
            self._ended = True
        else:
            self.response.write(piece)
        self._left = memoryview(self.response.sock.take())

    def _flushed(self, sock: socket.socket) -> bool:
        while self._left:
            try:
                self._left = self._left[sock.send(self._left) :]
            except BlockingIOError:
                if not _has_room(sock):
                    return False
        return True


def _has_room(sock: socket.socket) -> bool:
    waiting = select.poll()
    waiting.register(sock, select.POLLOUT)
    return bool(waiting.poll(PATIENCE_SECONDS * 1000))


def part(sock: socket.socket) -> bool:
    """Tells the client that nothing follows. False when it is gone already.

    Closing while something is unread would take the answer back (RFC 9112 section 9.6).
    """
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        return True
    return False
