"""gunicorn's thread worker with answers in problem details, a listener that closes, a watchdog.

What gunicorn refuses before the application sees it gets an answer that repeats nothing of the
request or the exception. ``service.http.problem_types`` writes it, as for the application.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from gunicorn.http import Request, errors
from gunicorn.workers.gthread import ThreadWorker

from service.http.headers import CONSTANT_HEADERS
from service.http.problem_types import MEDIA_TYPE, PROBLEMS, document

_FIELDS = "The request has too many header fields, or one of them is too long."
_LINE = "The request line is longer than 8,190 bytes. Ask in several requests."
_FAILED = "The service failed to answer. The request id finds the fault in its log."
_FAULTS = (
    errors.ConfigurationProblem,
    errors.InvalidResponseHeader,  # type: ignore[attr-defined]  # not in the stubs
    errors.InvalidResponseHeaderName,  # type: ignore[attr-defined]
)
"""Faults on this side that gunicorn derives from its parsing errors."""
REFUSALS: tuple[
    tuple[type[BaseException] | tuple[type[BaseException], ...], int, str, str], ...
] = (
    (_FAULTS, 500, "internal-error", _FAILED),
    (errors.LimitRequestLine, 414, "too-long", _LINE),
    (errors.LimitRequestHeaders, 431, "bad-request", _FIELDS),
    (errors.UnsupportedTransferCoding, 501, "bad-request", "The transfer coding is not supported."),
    (errors.ExpectationFailed, 417, "bad-request", "The only expectation met is 100-continue."),
    (errors.ParseException, 400, "bad-request", "The request is not well-formed HTTP/1.1."),
    (BaseException, 500, "internal-error", _FAILED),
)
"""Exceptions of gunicorn's parser, each with its status, problem type and detail; the first row
that fits counts, and subclasses come first."""


class Watchdog:
    """WSGI layer that records since when each thread has been inside the application.

    A step is the call of the application or the production of one piece of a body. Sending to the
    client is part of none: a client that reads slowly is no fault of the worker.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._since: dict[int, float] = {}

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        return self._pieces(self._step(self._app, environ, start_response))

    def longest_step(self) -> float:
        """Seconds that the oldest step under way has taken so far."""
        now = time.monotonic()
        return now - min(self._since.copy().values(), default=now)

    def _pieces(self, body: Iterable[bytes]) -> Iterator[bytes]:
        pieces = iter(body)
        try:
            while (piece := self._step(next, pieces, None)) is not None:
                yield piece
        finally:
            getattr(body, "close", lambda: None)()

    def _step(self, function: Callable[..., Any], *arguments: Any) -> Any:
        self._since[threading.get_ident()] = time.monotonic()
        try:
            return function(*arguments)
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
        _, status, slug, detail = next(row for row in REFUSALS if isinstance(exc, row[0]))
        request_id, cause = os.urandom(16).hex(), type(exc).__name__
        if status == 500:
            self.log.error("failed: request_id=%s", request_id, exc_info=exc)
        else:
            message = "refused: status=%d cause=%s request_id=%s"
            self.log.warning(message, status, cause, request_id)
        # No target was read that could be trusted, so the instance is the service itself.
        kind = PROBLEMS[slug]._replace(status=status)
        body = document(kind, detail, request_id, instance="/")
        headers = {
            **dict(CONSTANT_HEADERS[False, True]),
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            # Where the next request would begin is unknown (RFC 9112, section 9.3).
            "Connection": "close",
            "Date": formatdate(usegmt=True),
            "X-Request-ID": request_id,
        }
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        with suppress(OSError):  # the client is gone
            client.sendall("\r\n".join([*head, "", ""]).encode("ascii") + body)
