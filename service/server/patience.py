"""A thread worker whose threads never wait for a client.

gthread reads a request, and writes its answer, in a thread that waits for the client, so that as
many slow clients as there are threads stop a worker. Here the main thread gathers what arrives
until there is a whole request; a thread then answers as far as the client takes the answer, and
leaves the rest until there is room for more.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import queue
import selectors
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable

from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.gthread import ThreadWorker

from service.server.connections import Connection, part
from service.server.refusals import SLOW, Refusal

RECEIVED_BYTES = 64 * 1024
#: For a client to hang up after it was told that the connection ends.
LINGER_SECONDS = 0.5
#: Of so many turns of the threads one belongs to an answer that was interrupted.
INTERRUPTED_EVERY = 4
#: How often the main thread looks for what waits too long, and says that it lives.
LOOK_SECONDS = 0.25


class Threads:
    """Some threads, which serve connections: requests in the order in which they come, and before
    them, every so-manyth time, an answer that was interrupted. There may be many of those, and each
    takes a while.
    """

    def __init__(self, number: int, serve: Callable[[Connection], None]) -> None:
        self._number, self._serve = number, serve
        self._requests: deque[Connection] = deque()
        self._interrupted: deque[Connection] = deque()
        self._calls: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._turns = itertools.count(1)
        for _ in range(number):
            threading.Thread(target=self._work, daemon=True).start()

    def put(self, conn: Connection) -> None:
        (self._requests if conn.answer is None else self._interrupted).append(conn)
        self._calls.put(True)

    def have_more(self) -> bool:
        return not self._calls.empty()

    def shutdown(self, wait: bool = False) -> None:
        """Ends them once what came before is served."""
        for _ in range(self._number):
            self._calls.put(False)

    def _work(self) -> None:
        while self._calls.get():
            self._serve(self._next())

    def _next(self) -> Connection:
        """There is one for each call; another thread may just have taken the one looked for."""
        while True:
            first, second = self._requests, self._interrupted
            if next(self._turns) % INTERRUPTED_EVERY == 0:
                first, second = second, first
            for waiting in (first, second):
                with contextlib.suppress(IndexError):
                    return waiting.popleft()


class PatientWorker(ThreadWorker):
    """Looks after connections that wait for their client. ``serve`` is called in a thread, with one
    on which a request has arrived or an answer can go on; it gives it back by ``wait`` or ``end``.
    """

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
        self.wait(conn, self.cfg.keepalive)

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
            self.end(conn)
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
            with contextlib.suppress(OSError):
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
                self.refuse(conn.sock, SLOW, "slow")
                self.end(conn)
            else:
                self._drop(conn)

    def murder_pending(self) -> None:
        """There are none: connections that wait are all of one kind."""

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: idle connections end soon."""
        for conn in list(self._waiting):
            if not conn.begun and conn.answer is None:
                conn.deadline = min(conn.deadline, deadline)

    # Called from a thread as well.

    def wait(self, conn: Connection, seconds: float, event: int = selectors.EVENT_READ) -> None:
        """Leave a connection to the poller. Called from any thread, as the last thing it does
        with the connection.
        """
        conn.deadline = time.monotonic() + seconds
        self._waiting[conn] = None
        self.poller.register(conn.sock, event, conn.awake)

    def end(self, conn: Connection) -> None:
        """End a connection, waiting a moment for the client to end it too."""
        answer, conn.answer, conn.ending = conn.answer, None, True
        if answer is not None:
            answer.close()
        if part(conn.sock):
            self.wait(conn, LINGER_SECONDS)
        else:
            self.give_up(conn)

    def give_up(self, conn: Connection) -> None:
        """Close a connection that nothing can be done with."""
        self.method_queue.defer(self._close, conn)

    # What a worker does that answers.

    def serve(self, conn: Connection) -> None:
        raise NotImplementedError

    def refuse(self, client: socket.socket, refusal: Refusal, cause: str) -> None:
        raise NotImplementedError
