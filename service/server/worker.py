"""gunicorn's thread worker, answering in problem details what gunicorn refuses by itself.

What its HTTP parser turns away never reaches the application, so the application's error
handling cannot speak for it. gunicorn would answer such a request with an HTML page that repeats
parts of it; this worker answers with ``application/problem+json`` (RFC 9457) and repeats nothing.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from typing import Any

from gunicorn import util
from gunicorn.http import Request, wsgi

from service.http.headers import WAITED
from service.server.connections import Connection, NotArrivedError
from service.server.outgoing import Answer, Response, Sent
from service.server.patience import PatientWorker
from service.server.refusals import INTERNAL, Refusal, refusal_for, render

#: For a client whose connection is idle to ask once more while the worker stops.
LAST_SECONDS = 2.0


def _new_request_id() -> str:
    return os.urandom(16).hex()


class ProblemWorker(PatientWorker):
    """The worker that answers, and refuses, requests."""

    def serve(self, conn: Connection) -> None:
        """Answer a request, or go on with its answer; then leave the connection to the poller."""
        try:
            self._leave(conn, self._answered(conn))
        except (KeyError, ValueError, OSError):  # the worker has stopped, and its poller with it
            self.log.debug("A connection outlived its worker.")
        except BaseException:  # a panic of native code is no Exception; no thread may end of it
            self.log.exception("failed outside of a request")
            self.give_up(conn)

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
        if self.alive and self.nr >= self.max_requests:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        if not self.alive or self.nr_conns >= self.worker_connections:
            resp.force_close()
        start: Any = resp.start_response
        return Answer(resp, self.wsgi(environ, start))

    def _leave(self, conn: Connection, sent: Sent | None) -> None:
        if sent is Sent.STALLED:
            self.wait(conn, self.WRITE_SECONDS, selectors.EVENT_WRITE)
        elif sent is Sent.PAUSED:
            self._threads.put(conn)
        elif sent is Sent.NOTHING:
            self.wait(conn, conn.due - time.monotonic())
        else:
            kept = sent is Sent.WHOLE and self._finished(conn)
            if kept:
                self._go_on(conn)
            else:
                self.end(conn)

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
            self.wait(conn, self.READ_SECONDS)
        else:
            self.wait(conn, self.cfg.keepalive if self.alive else LAST_SECONDS)

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
            self.refuse(client, refusal, type(exc).__name__)

    def refuse(self, client: socket.socket, refusal: Refusal, cause: str) -> None:
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
