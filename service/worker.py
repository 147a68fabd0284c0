"""gunicorn's thread worker, answering in problem details what gunicorn refuses by itself.

What its HTTP parser turns away never reaches the application, so the application's error
handling cannot speak for it. gunicorn would answer such a request with an HTML page that repeats
parts of it; this worker answers with ``application/problem+json`` (RFC 9457) and repeats nothing.

No client holds a thread by being slow. gthread reads a request, and writes its answer, in a thread
that waits for the client, so that as many slow clients as there are threads stop a worker. Here
the main thread gathers what arrives until there is a whole head; a thread then answers as far as
the client takes the answer, and leaves the rest until there is room for more.
"""

from __future__ import annotations

import functools
import os
import queue
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.http import Request, wsgi
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.gthread import ThreadWorker

from service.connections import Answer, Connection, NotArrivedError, Response, Sent, part
from service.headers import WAITED
from service.refusals import INTERNAL, SLOW, Refusal, refusal_for, render

RECEIVED_BYTES = 64 * 1024
#: For a client to hang up after it was told that the connection ends.
LINGER_SECONDS = 0.5
#: For a client whose connection is idle to ask once more while the worker stops.
LAST_SECONDS = 2.0
#: How often the main thread looks for what waits too long, and says that it lives.
LOOK_SECONDS = 0.25


def _new_request_id() -> str:
    return os.urandom(16).hex()


class Threads:
    """Some threads, which serve connections in the order in which these come."""

    def __init__(self, number: int, serve: Callable[[Connection], None]) -> None:
        self._number, self._serve = number, serve
        self._queue: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()
        for _ in range(number):
            threading.Thread(target=self._work, daemon=True).start()

    def put(self, conn: Connection) -> None:
        self._queue.put(conn)

    def have_more(self) -> bool:
        return not self._queue.empty()

    def shutdown(self, wait: bool = False) -> None:
        """Ends them once what came before is served."""
        for _ in range(self._number):
            self._queue.put(None)

    def _work(self) -> None:
        while (conn := self._queue.get()) is not None:
            self._serve(conn)


class ProblemWorker(ThreadWorker):
    """The thread worker with our refusals, and with its threads kept from slow clients."""

    #: From the first byte of a request to its last.
    READ_SECONDS = 10.0
    #: Without one byte of the answer being taken.
    WRITE_SECONDS = 30.0

    def init_process(self) -> None:
        """Prepare in the worker's own process, then run (gunicorn's call never returns)."""
        self._waiting: dict[Connection, None] = {}
        self._next_look = self._next_sign = 0.0
        # Whoever watches the service learns how it is however much there is to do.
        self._health = Threads(1, self.serve)
        super().init_process()

    def get_thread_pool(self) -> Threads:  # type: ignore[override]  # it is shut down alike
        self._threads = Threads(self.cfg.threads, self.serve)
        return self._threads

    # In the main thread: connections that wait for their client.

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection. What keeps one from being taken keeps no other from it."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if not isinstance(error, BlockingIOError | ConnectionAbortedError):
                self.log.warning("A connection could not be taken: %s", error.strerror)
                time.sleep(LOOK_SECONDS)  # it is offered again at once
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        conn.awake = functools.partial(self._awake, conn)
        self._wait(conn, self.cfg.keepalive)

    def _wait(self, conn: Connection, seconds: float, event: int = selectors.EVENT_READ) -> None:
        """Leave a connection to the poller. Called from any thread, as the last thing it does
        with the connection.
        """
        conn.deadline = time.monotonic() + seconds
        self._waiting[conn] = None
        self.poller.register(conn.sock, event, conn.awake)

    def _take(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self._waiting.pop(conn, None)

    def _awake(self, conn: Connection, _: object) -> None:
        """What the client of a waiting connection has done is looked at."""
        if conn.answer is not None:  # it has taken something
            self._hand_over(conn)
            return
        try:
            data = conn.sock.recv(RECEIVED_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
        elif not conn.ending:
            self._receive(conn, data)

    def _receive(self, conn: Connection, data: bytes) -> None:
        if not conn.begun:
            conn.due = conn.deadline = time.monotonic() + self.READ_SECONDS
        conn.add(data)
        if conn.is_too_large:
            self._take(conn)
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders("the head"))
            self._end(conn)
        elif conn.is_judgeable:
            self._hand_over(conn)

    def _hand_over(self, conn: Connection) -> None:
        self._take(conn)
        conn.queued = time.monotonic()
        (self._health if conn.asks_for_health else self._threads).put(conn)

    def _drop(self, conn: Connection) -> None:
        """Close a connection that waits."""
        self._take(conn)
        self._close(conn)

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        if conn.answer is not None:
            conn.answer.close()
            # What the system still keeps for the client goes at once (nginx calls it a reset).
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()

    def notify(self) -> None:
        """Say that the worker lives; often enough, not after every event."""
        now = time.monotonic()
        if now >= self._next_sign:
            self._next_sign = now + LOOK_SECONDS
            super().notify()

    def murder_keepalived(self, force: bool = False) -> None:
        """End what has waited too long: quietly, or with an answer where a request has begun."""
        now = time.monotonic()
        if now < self._next_look and not force:
            return
        self._next_look = now + LOOK_SECONDS
        for conn in list(self._waiting):
            if conn.deadline >= now and not force:
                continue
            if conn.begun and conn.answer is None and not conn.ending:
                self._take(conn)
                self._refuse(conn.sock, SLOW, "slow")
                self._end(conn)
            else:
                self._drop(conn)

    def murder_pending(self) -> None:
        """There are none: connections that wait are all of one kind."""

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: idle connections end soon."""
        for conn in list(self._waiting):
            if not conn.begun and conn.answer is None:
                conn.deadline = min(conn.deadline, deadline)

    # In a thread: requests that have arrived.

    def serve(self, conn: Connection) -> None:
        """Answer a request, or go on with its answer; then leave the connection to the poller."""
        try:
            self._leave(conn, self._answered(conn))
        except (KeyError, ValueError, OSError):  # the worker has stopped, and its poller with it
            self.log.debug("A connection outlived its worker.")
        except (
            BaseException
        ):  # of native code, which panics with no Exception: no thread ends of it
            self.log.exception("failed outside of a request")
            self.method_queue.defer(self._close, conn)

    def _answered(self, conn: Connection) -> Sent | None:
        """How far the answer has come; ``None`` when the connection cannot be used any more."""
        try:
            if conn.answer is None:
                conn.answer = self._begun(conn.request(), conn)
            return conn.answer.send(conn.sock, self._threads.have_more)
        except NotArrivedError:
            return Sent.NOTHING
        except OSError as error:  # the client is gone
            self.log.debug("Ignoring that a client went: %s", error)
        except BaseException as error:
            if conn.answer is None:
                self.handle_error(None, conn.sock, conn.client, error)
            else:  # a second head would be taken for a part of the body
                self.log.exception("failed in the middle of an answer")
        return None

    def _begun(self, req: Request, conn: Connection) -> Answer:
        """What the application answers. It is told how long the request has waited for it."""
        resp, environ = wsgi.create(
            req, conn.sock, conn.client, conn.server, self.cfg, response_class=Response
        )
        assert isinstance(resp, Response)
        environ["wsgi.multithread"] = True
        environ[WAITED] = time.monotonic() - conn.queued
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        if not self.alive or self.nr_conns >= self.worker_connections:
            resp.force_close()
        start: Any = resp.start_response
        return Answer(resp, self.wsgi(environ, start))

    def _leave(self, conn: Connection, sent: Sent | None) -> None:
        if sent is Sent.STALLED:
            self._wait(conn, self.WRITE_SECONDS, selectors.EVENT_WRITE)
        elif sent is Sent.PAUSED:
            self._threads.put(conn)
        elif sent is Sent.NOTHING:
            self._wait(conn, conn.due - time.monotonic())
        else:
            kept = sent is Sent.WHOLE and self._finished(conn)
            if kept:
                self._go_on(conn)
            else:
                self._end(conn)

    def _finished(self, conn: Connection) -> bool:
        """Let go of an answer that was sent; whether another request may follow."""
        answer, conn.answer = conn.answer, None
        assert answer is not None
        answer.close()
        return not answer.response.should_close()

    def _go_on(self, conn: Connection) -> None:
        conn.next_request()
        conn.due = time.monotonic() + self.READ_SECONDS
        if conn.is_judgeable:  # it was sent ahead
            conn.queued = time.monotonic()
            self._threads.put(conn)
        elif conn.begun:
            self._wait(conn, self.READ_SECONDS)
        else:
            self._wait(conn, self.cfg.keepalive if self.alive else LAST_SECONDS)

    # In either.

    def _end(self, conn: Connection) -> None:
        """End a connection, waiting a moment for the client to end it too."""
        answer, conn.answer, conn.ending = conn.answer, None, True
        if answer is not None:
            answer.close()
        if part(conn.sock):
            self._wait(conn, LINGER_SECONDS)
        else:
            self.method_queue.defer(self._close, conn)

    def handle_error(
        self, req: Request | None, client: socket.socket, addr: object, exc: BaseException
    ) -> None:
        """Answer what could not be served. Only the exception's name is logged for a refusal:
        its text repeats what the client sent.
        """
        refusal = refusal_for(exc)
        if refusal is INTERNAL:
            request_id = _new_request_id()
            self.log.error("failed: request_id=%s", request_id, exc_info=exc)
            self._send(client, render(refusal, request_id))
        else:
            self._refuse(client, refusal, type(exc).__name__)

    def _refuse(self, client: socket.socket, refusal: Refusal, cause: str) -> None:
        request_id = _new_request_id()
        self.log.warning(
            "refused: status=%d cause=%s request_id=%s", refusal.status, cause, request_id
        )
        self._send(client, render(refusal, request_id))

    def _send(self, client: socket.socket, answer: bytes) -> None:
        try:
            util.write_nonblock(client, answer)
        except OSError:
            self.log.debug("The client was gone before it could be told.")
