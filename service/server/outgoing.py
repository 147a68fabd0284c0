"""What is left to send of an answer: any thread goes on with it, and none waits for its client."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from gunicorn.config import Config
from gunicorn.http import wsgi

from service.http.headers import CONSTANT
from service.server.framing import StrictRequest
from service.server.refusals import SERVER

#: That a client may let a thread wait for room; one that is quick to read takes microseconds.
PATIENCE_SECONDS = 0.02
#: That an answer of many pieces may take before others have their turn.
TURN_SECONDS = 0.05


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
