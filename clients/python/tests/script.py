"""A server on the loopback interface that plays scripted answers, for tests without a service."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from policy_claims.connection import RETRIES

AT_ONCE = RETRIES.new(backoff_factor=0, backoff_jitter=0)
"""The default retries without the waiting."""


@dataclass(frozen=True)
class Scripted:
    """One answer. After ``sent`` bytes of its body the connection is dropped.

    A request that holds its ``ETag`` gets a 304 in its place.
    """

    status: int = 200
    body: bytes = b'{"data": [], "meta": {"total": 0, "dataset": {"version": "v1"}}}'
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    sent: int | None = None


DROPPED = Scripted(status=0)
"""No answer: the connection is reset."""


class Script:
    """Plays its answers one after the other, and the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Scripted] = []
        self.headers: list[dict[str, str]] = []
        """The headers of each request so far."""
        self.paths: list[str] = []
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
            script.paths.append(self.path)
            answer = script.next()
            etag = dict(answer.headers).get("ETag")
            if etag and etag == self.headers.get("If-None-Match"):
                answer = Scripted(304, b"", answer.headers)
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
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
