"""Servers on a free port of the loopback interface, for what only shows over a real connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

WsgiApp = Callable[..., Any]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass


@dataclass
class Service:
    """An application that answers over TCP; another one may take its place at any time."""

    app: WsgiApp
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The WSGI environment of every request so far."""
    before: Callable[[], None] = lambda: None
    """Called before each request is answered."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.before()
        self.asked.append(environ)
        return self.app(environ, start_response)

    @property
    def paths(self) -> list[str]:
        """Path and query of every request so far, as they came."""
        return [str(environ["RAW_URI"]) for environ in self.asked]


@contextmanager
def served(app: WsgiApp) -> Iterator[Service]:
    service = Service(app)
    server = make_server("127.0.0.1", 0, service, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    service.url = f"http://127.0.0.1:{server.server_port}"
    with _running(server):
        yield service


@dataclass(frozen=True)
class Scripted:
    """One answer as it goes over the wire. ``sent`` cuts the body; then the connection drops."""

    status: int = 200
    body: bytes = b'{"data": [], "meta": {"total": 0, "dataset": {"version": "v1"}}}'
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    sent: int | None = None


DROPPED = Scripted(status=0)
"""No answer: the connection is reset."""


class Script:
    """A server that gives the answers it was told, one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Scripted] = []
        self.headers: list[dict[str, str]] = []
        """The headers of every request so far."""
        self.url = ""

    def plays(self, *answers: Scripted) -> None:
        self.answers = list(answers)

    def next(self) -> Scripted:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted() -> Iterator[Script]:
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            script.headers.append(dict(self.headers))
            answer = script.next()
            if answer is not DROPPED:
                self.send_response(answer.status)
                for header in (*answer.headers, ("Content-Length", str(len(answer.body)))):
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(answer.body[: answer.sent])
            if answer is DROPPED or answer.sent is not None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_port}"
    with _running(server):
        yield script


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
