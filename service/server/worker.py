"""gunicorn's thread worker with answers in problem details, a listener that closes, a watchdog.

What gunicorn refuses before the application sees it gets an answer that repeats nothing of the
request or the exception. ``service.http.problem_types`` writes it, as for the application.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, NamedTuple

from gunicorn.http import Request, errors
from gunicorn.workers.gthread import ThreadWorker

from service.http import problem_types
from service.http.headers import API_HEADERS


class Refusal(NamedTuple):
    """The status, the detail, and the type of the problem."""

    status: int
    detail: str
    slug: str = "bad-request"


INTERNAL = Refusal(
    500,
    "The service failed to answer. The request id finds the fault in its log.",
    "internal-error",
)
_TOO_LONG = Refusal(
    414, "The request line is longer than 8,190 bytes. Ask in several requests.", "too-long"
)
_FIELDS = "The request has too many header fields, or one of them is too long."
REFUSALS: tuple[tuple[type[Exception], Refusal], ...] = (
    # Faults on this side that gunicorn derives from its parsing errors.
    (errors.ConfigurationProblem, INTERNAL),
    (errors.InvalidResponseHeader, INTERNAL),  # type: ignore[attr-defined]  # not in the stubs
    (errors.InvalidResponseHeaderName, INTERNAL),  # type: ignore[attr-defined]
    (errors.LimitRequestLine, _TOO_LONG),
    (errors.LimitRequestHeaders, Refusal(431, _FIELDS)),
    (errors.UnsupportedTransferCoding, Refusal(501, "The transfer coding is not supported.")),
    (errors.ExpectationFailed, Refusal(417, "The only expectation met is 100-continue.")),
    (errors.ParseException, Refusal(400, "The request is not well-formed HTTP/1.1.")),
)
"""Exceptions of gunicorn's parser; the first row that fits counts, and subclasses come first.
Whatever else is raised is ``INTERNAL``."""


class Watchdog:
    """WSGI layer that records since when each thread has been inside the application.

    A step is the call of the application or the production of one piece of a body. Sending to the
    client is part of none: a client that reads slowly is no fault of the worker.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._since: dict[int, float] = {}

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        with self._step():
            body = self._app(environ, start_response)
        return self._pieces(body)

    def longest_step(self) -> float:
        """Seconds that the oldest step under way has taken so far."""
        now = time.monotonic()
        return now - min(self._since.copy().values(), default=now)

    def _pieces(self, body: Iterable[bytes]) -> Iterator[bytes]:
        pieces = iter(body)
        try:
            while True:
                with self._step():
                    piece = next(pieces, None)
                if piece is None:
                    return
                yield piece
        finally:
            if hasattr(body, "close"):
                body.close()

    @contextmanager
    def _step(self) -> Iterator[None]:
        self._since[threading.get_ident()] = time.monotonic()
        try:
            yield
        except Exception:
            raise
        except BaseException as error:  # a panic of native code would end gunicorn's main loop
            raise RuntimeError("the application panicked") from error
        finally:
            del self._since[threading.get_ident()]


class ProblemWorker(ThreadWorker):
    """The worker that ``gunicorn_conf`` names."""

    STUCK_SECONDS = 30.0
    """A request that is in the application for longer is stuck: no heartbeat is sent, and gunicorn
    replaces the worker when it has had none for ``timeout`` seconds."""

    def load_wsgi(self) -> None:
        """Put the watchdog around the application."""
        super().load_wsgi()
        self.watchdog = Watchdog(self.wsgi)
        self.wsgi = self.watchdog

    def notify(self) -> None:
        """Send the heartbeat, unless a request is stuck."""
        if self.watchdog.longest_step() < self.STUCK_SECONDS:
            super().notify()

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """Close the listeners once the worker stops; gunicorn keeps them until it ends, and new
        connections would wait in them for nothing.
        """
        super().set_accept_enabled(enabled and self.alive)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle_error(
        self, req: Request | None, client: socket.socket, addr: object, exc: BaseException
    ) -> None:
        """Answer what could not be served as ``application/problem+json`` (RFC 9457).

        gunicorn's own page, and its log, repeat what the client sent; here neither does.
        """
        fitting = [refusal for kind, refusal in REFUSALS if isinstance(exc, kind)]
        refusal, request_id = (*fitting, INTERNAL)[0], os.urandom(16).hex()
        if refusal is INTERNAL:
            self.log.error("failed: request_id=%s", request_id, exc_info=exc)
        else:
            cause = type(exc).__name__
            message = "refused: status=%d cause=%s request_id=%s"
            self.log.warning(message, refusal.status, cause, request_id)
        with suppress(OSError):  # the client is gone
            client.sendall(_response(refusal, request_id))


def _response(refusal: Refusal, request_id: str) -> bytes:
    """The whole response, head and body."""
    status, detail, slug = refusal
    # No target was read that could be trusted, so the instance is the service itself.
    _, headers, body = problem_types.render(slug, detail, request_id, status=status)
    headers |= dict(API_HEADERS)
    # Where the next request would begin is unknown (RFC 9112, section 9.3).
    headers |= {"Connection": "close", "Date": formatdate(usegmt=True), "X-Request-ID": request_id}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
