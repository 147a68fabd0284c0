"""gunicorn's thread worker, answering in problem details what gunicorn refuses by itself.

What its HTTP parser turns away never reaches the application, so the application's error
handling cannot speak for it. gunicorn would answer such a request with an HTML page that repeats
parts of it; this worker answers with ``application/problem+json`` (RFC 9457) and repeats nothing.

It also bounds how long one client may hold a thread: gthread reads a request with a blocking
``recv`` and no deadline, so a handful of clients that send half a request would stop a worker.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from collections.abc import Iterable
from types import SimpleNamespace

from gunicorn import util
from gunicorn.http import Request, wsgi
from gunicorn.http.parser import Parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.headers import CONSTANT
from service.refusals import INTERNAL, SERVER, SLOW, refusal_for, render

#: A request body that the service, which takes none, reads and drops to reach the next request.
DRAINED_BYTES = 64 * 1024

#: For a client to hang up after it was told that the connection ends.
LINGER_SECONDS = 0.5


def _new_request_id() -> str:
    return os.urandom(16).hex()


class _Response(wsgi.Response):
    """gunicorn's response, with less to do for each of ours."""

    def process_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Headers that never change, which are most of ours, are not checked each time."""
        fixed: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        for header in headers:
            (fixed if header in CONSTANT else others).append(header)
        self.headers = fixed
        super().process_headers(others)

    def write(self, arg: bytes) -> None:
        """The head and the first bytes go out together, in one call of the system."""
        if self.headers_sent:
            super().write(arg)
            return
        pieces: list[bytes] = []
        sock, gathering = self.sock, SimpleNamespace(sendall=pieces.append)
        self.sock = gathering  # type: ignore[assignment]  # it is asked for nothing else
        try:
            super().write(arg)
        finally:
            self.sock = sock
        sock.sendall(b"".join(pieces))


# gunicorn has no setting for either; both are looked up for each response.
wsgi.SERVER = SERVER  # type: ignore[attr-defined]
wsgi.Response = _Response  # type: ignore[misc]


class ProblemWorker(ThreadWorker):
    """The thread worker with our refusals and with an end to waiting for slow clients."""

    #: From the first byte to the last of a request: heads here are a few hundred bytes, and one
    #: that is stalled holds a thread for that long. This bounds the harm; a proxy that reads heads
    #: before it passes them on is what belongs between the service and the internet.
    READ_SECONDS = 2.0
    #: Without one byte of the answer being taken.
    WRITE_SECONDS = 30

    def init_process(self) -> None:
        """Prepare in the worker's own process, then run (gunicorn's call never returns)."""
        self._reading: dict[TConn, float] = {}
        super().init_process()

    def handle(self, conn: TConn) -> bool:
        """Serve one request of a connection, in a thread, watched by the main thread."""
        if not conn.initialized:
            patience = struct.pack("ll", self.WRITE_SECONDS, 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        self._reading[conn] = time.monotonic() + self.READ_SECONDS
        try:
            kept = super().handle(conn)
        finally:
            self._reading.pop(conn, None)
        if not kept:
            _part(conn.sock)
        return kept

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """Read the body before the application answers: a bad one is then refused, not followed
        by a second answer on the same connection, as gunicorn's own later reading would.
        """
        if not _drain(req):
            req.force_close()
        if self._reading.pop(conn, None) is None:
            return False  # the main thread has answered that it took too long
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Nothing of the request is left to be read: it was before the application answered, or
        the connection is not kept. (gunicorn would look again, here and before the next request.)
        """
        if isinstance(conn.parser, Parser):
            conn.parser.mesg = None
        return keepalive

    def notify(self) -> None:
        """Called about once a second by the main thread: also ends what takes too long to read.

        Taking a connection out of the table decides who answers, here or in its thread.
        """
        super().notify()
        now = time.monotonic()
        for conn, deadline in list(self._reading.items()):
            if deadline < now and self._reading.pop(conn, None) is not None:
                self._hang_up(conn.sock)

    def _hang_up(self, sock: socket.socket) -> None:
        """Answer 408 and end the connection; the thread that is reading it sees the end of it."""
        request_id = _new_request_id()
        self.log.warning("refused: status=408 cause=slow request_id=%s", request_id)
        try:
            sock.send(render(SLOW, request_id), socket.MSG_DONTWAIT)
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            self.log.debug("A slow client was gone before it could be told.")

    def handle_error(
        self, req: Request | None, client: socket.socket, addr: object, exc: BaseException
    ) -> None:
        """Answer what could not be served. Only the exception's name is logged for a refusal:
        its text repeats what the client sent.
        """
        refusal, request_id = refusal_for(exc), _new_request_id()
        if refusal is INTERNAL:
            self.log.error("failed: request_id=%s", request_id, exc_info=exc)
        else:
            self.log.warning(
                "refused: status=%d cause=%s request_id=%s",
                refusal.status, type(exc).__name__, request_id,
            )  # fmt: skip
        try:
            util.write_nonblock(client, render(refusal, request_id))
        except OSError:
            self.log.debug("The client was gone before it could be told.")


def _part(sock: socket.socket) -> None:
    """End a connection, waiting a moment for the client to end it too.

    Closing while something is unread would take the answer back (RFC 9112 section 9.6). gunicorn
    waits for that as well, but in the main thread: a client that does not hang up would keep every
    other from being accepted. After this there is nothing left for it to wait for.
    """
    deadline, left = time.monotonic() + LINGER_SECONDS, DRAINED_BYTES
    with contextlib.suppress(OSError):  # gone already, or silent for too long
        sock.shutdown(socket.SHUT_WR)
        while left > 0 and (patience := deadline - time.monotonic()) > 0:
            sock.settimeout(patience)
            data = sock.recv(8192)
            if not data:
                break
            left -= len(data)
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _drain(req: Request) -> bool:
    """Read the body up to a bound; False when more may follow, so the connection must end.

    A client that waits for ``100 Continue`` has not sent its body yet, and is not asked to.
    """
    if any(name == "EXPECT" for name, _ in req.headers):
        return False
    left = DRAINED_BYTES
    while req.body is not None and left > 0:
        data = req.body.read(min(left, 8192))
        if not data:
            return True
        left -= len(data)
    return req.body is None
