"""A real server on loopback: gunicorn with the settings that are shipped, several workers."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.gunicorn_live import listening_port

ROOT = Path(__file__).resolve().parents[2]
STARTING = 60.0
"""Seconds that a server may take on a busy machine to listen, and each worker to answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs; its workers are the children of its process."""

    pid: int
    port: int

    def get(self, path: str, timeout: float = 60.0) -> Reply:
        """The answer to one request on a connection of its own, whole."""
        with self._asked(path, b"Connection: close\r\n", timeout) as connection:
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Reply(response.status, response.headers, response.read())

    def ask_and_read_nothing(self, path: str) -> socket.socket:
        """A client that sends its request and then does nothing."""
        return self._asked(path, b"", 10.0)

    def _asked(self, path: str, headers: bytes, timeout: float) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout)
        head = b"GET %b HTTP/1.1\r\nHost: localhost\r\n%b\r\n"
        connection.sendall(head % (path.encode(), headers))
        return connection

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def own_memory(self) -> list[int]:
        """Bytes that each worker has for itself, mapped files and what is shared left out."""
        return [_anonymous(worker) for worker in self.workers()]


def _anonymous(pid: int) -> int:
    found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


@contextmanager
def serving(
    dataset: Path,
    log: Path,
    workers: int,
    *,
    status: int = 200,
    module: str = "service.server.gunicorn_conf",
    **settings: str,
) -> Iterator[Server]:
    """A server over a data set, until the block ends; stopped by its own process id.

    ``status`` is what ``/readyz`` is to answer, as soon as it runs; ``module`` has gunicorn's
    settings.
    """
    environment = {
        **os.environ,
        "CLAIMS_DATASET": str(dataset),
        "WEB_CONCURRENCY": str(workers),
        "ACCESS_LOG": "off",
        **settings,
    }
    command = [sys.executable, "-m", "gunicorn", "-c", f"python:{module}"]
    with log.open("wb") as stream:
        process = _started([*command, "--bind", "127.0.0.1:0"], environment, stream)
        try:
            server = Server(process.pid, listening_port(log, process))
            _wait_for_workers(server, log, workers, status)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=STARTING)
            except subprocess.TimeoutExpired:
                process.kill()


def _started(
    command: list[str], environment: dict[str, str], stream: BinaryIO
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=stream)


def _wait_for_workers(server: Server, log: Path, workers: int, status: int) -> None:
    """Until as many as were asked for are there, and one of them answers."""
    deadline = time.monotonic() + STARTING
    while len(server.workers()) < workers or server.get("/readyz").status != status:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
