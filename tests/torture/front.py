"""The service as it is deployed: gunicorn with nginx before it, which runs ``deploy/nginx.conf``.

Both listen on loopback, and each is stopped by its own process id.
"""

from __future__ import annotations

import http.client
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.nginx import SHIPPED, adapted

ROOT = Path(__file__).resolve().parents[2]
STARTING = 60.0
"""Seconds that a server may take on a busy machine to answer."""
PATIENCE = 30.0
"""Seconds for one answer, where a test says nothing else."""

Changes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; ``source`` is the loopback address of who asks."""

    port: int

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
        patience: float = PATIENCE,
    ) -> Reply:
        """One request on a connection of its own. Raises ``OSError`` or ``HTTPException``."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=patience, source_address=(source, 0)
        )
        begun = time.monotonic()
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in {"Connection": "close", **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            found: dict[str, str] = {}
            for given, value in answer.getheaders():
                name = given.lower()
                found[name] = f"{found[name]}, {value}" if name in found else value
            return Reply(answer.status, found, answer.read(), time.monotonic() - begun)
        finally:
            connection.close()

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.ask("/readyz", patience=5).status in (200, 502)
        return False

    def raw(self, request: bytes) -> bytes:
        """All that is said to some bytes until the connection ends."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            with suppress(OSError):  # it may be refused before it is all sent
                connection.sendall(request)
            answer = b""
            with suppress(ConnectionResetError):
                while piece := connection.recv(65536):
                    answer += piece
            return answer


@dataclass(frozen=True, slots=True)
class Front(Address):
    """A running nginx, and the directory it writes to."""

    place: Path

    def log(self, lines: int) -> list[dict[str, Any]]:
        """The lines of its log, as soon as there are so many: it writes once a second."""
        path, deadline = self.place / "access.log", time.monotonic() + PATIENCE
        # What a client sent stands there as it is, whether or not it is UTF-8.
        while (text := path.read_text("latin-1")).count("\n") < lines:
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return [json.loads(line, strict=False) for line in text.split("\n")[:-1]]

    def kept(self) -> int:
        """Bytes in the cache."""
        return sum(
            path.stat().st_size for path in self.place.glob("answers/**/*") if path.is_file()
        )


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def gunicorn(place: Path, port: int, app: str = "", **settings: str) -> Iterator[Address]:
    """The service with the settings that are shipped, or another application in ``place``."""
    environment = {**os.environ, "WEB_CONCURRENCY": "2", "ACCESS_LOG": "off",
                   "PYTHONPATH": f"{place}{os.pathsep}{ROOT}", **settings}  # fmt: skip
    command = [sys.executable, "-m", "service.server", "--bind", f"127.0.0.1:{port}"]
    command += [app] if app else []
    with (
        (place / "gunicorn.log").open("ab") as log,
        _running(command, log, environment) as process,
    ):
        address = Address(port)
        _wait(address, process, place / "gunicorn.log")
        yield address


@contextmanager
def nginx(place: Path, upstream: int, changes: Changes | None = None) -> Iterator[Front]:
    """nginx with the shipped configuration, but for ports and places; ``changes`` replace text."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("NOT CHECKED: nginx is not here (Debian's package nginx-light)")
    port = free_port()
    place = place / f"nginx-{port}"
    place.mkdir()
    text = SHIPPED.read_text()
    for old, new in (changes or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    (place / "nginx.conf").write_text(adapted(text, place, port, upstream))
    user = pwd.getpwuid(os.geteuid()).pw_name
    own = f"daemon off; user {user}; pid {place}/pid;"
    command = [program, "-c", str(place / "nginx.conf"), "-e", "stderr", "-g", own]
    with (
        (place / "said.log").open("wb") as said,
        _running(command, said, dict(os.environ)) as process,
    ):
        front = Front(port, place)
        _wait(front, process, place / "said.log")
        yield front


@contextmanager
def _running(
    command: list[str], log: Any, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STARTING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=STARTING)


def _wait(address: Address, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING
    while not address.answers():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
