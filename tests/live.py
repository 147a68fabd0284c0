"""Servers on a free port of the loopback interface, for what only shows over a real connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
