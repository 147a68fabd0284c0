"""The service as it is shipped, on a free port: its settings, its data, and its access log read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.at_size.server import ROOT, STARTING, Server
from tests.gunicorn_live import listening_port
from tests.torture.front import Front, nginx

WORKERS = 2
SETTLING = 30.0
"""Seconds for the log of what was answered to be written, on a busy machine."""

Line = dict[str, Any]


@dataclass
class AccessLog:
    """What the server wrote on its standard output, read as it grows: a JSON line a request."""

    path: Path
    _read: int = field(default=0, init=False)

    def lines(self, number: int) -> list[Line]:
        """The new lines, as soon as there are as many as were expected, and those too many."""
        deadline = time.monotonic() + SETTLING
        while self._new().count(b"\n") < number and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.1)  # one that nobody expects would come now
        whole = self._new()
        whole = whole[: whole.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.decode("ascii").split("\n")[:-1]]

    def _new(self) -> bytes:
        with self.path.open("rb") as stream:
            stream.seek(self._read)
            return stream.read()


@dataclass(frozen=True)
class LiveService:
    """``port`` is that of the server itself, or of the nginx before it."""

    server: Server
    log: AccessLog
    port: int
    front: Front | None = None

    def descriptors(self) -> list[int]:
        """Files and sockets that each worker holds."""
        places = (Path(f"/proc/{worker}/fd") for worker in self.server.workers())
        return [len(list(place.iterdir())) for place in places]


@contextmanager
def live_service(folder: Path, **settings: str) -> Iterator[LiveService]:
    """gunicorn with the shipped settings and data, until the block ends; ended by its own id."""
    names = ("CLAIMS_DATASET", "CLAIMS_FIXTURES", "PUBLIC_URL", "ACCESS_LOG", "LOG_LEVEL")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    environment = {**kept, "WEB_CONCURRENCY": str(WORKERS), **settings}
    command = [sys.executable, "-m", "service.server"]
    access, errors = folder / "access.log", folder / "errors.log"
    with access.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [*command, "--bind", "127.0.0.1:0"], cwd=ROOT, env=environment, stdout=out, stderr=err
        )
        try:
            server = Server(process.pid, listening_port(errors, process))
            log = AccessLog(access)
            log.lines(_wait_for_workers(server, errors))
            yield LiveService(server, log, server.port)
        finally:
            process.terminate()
            try:
                process.wait(timeout=STARTING)
            except subprocess.TimeoutExpired:
                process.kill()


#: Every request reaches the service, no client is turned away for asking much, and connections on
#: which nothing comes end sooner. What a client that hung up has asked for is executed.
PASSING = {
    "proxy_cache answers;": "proxy_cache off;",
    "proxy_buffering on;": "proxy_buffering on; proxy_ignore_client_abort on;",
    "proxy_cache exports;": "proxy_cache off;",
    "limit_req zone=rate burst=200 nodelay;": "",
    "client_header_timeout 10s;": "client_header_timeout 2s;",
    "client_body_timeout 10s;": "client_body_timeout 2s;",
    "keepalive_timeout 30s;": "keepalive_timeout 2s;",
    " line buffer=64k flush=1s;": " line;",
}


@contextmanager
def service_behind_nginx(folder: Path) -> Iterator[LiveService]:
    """The same with the shipped nginx before it, but for its cache and its limit of requests."""
    with live_service(folder) as service, nginx(folder, service.port, PASSING) as front:
        service.log.lines(1)  # nginx was asked whether it is there
        yield replace(service, port=front.port, front=front)


def _wait_for_workers(server: Server, errors: Path) -> int:
    """Until all are there and one of them answers; how many requests that took."""
    deadline, asked = time.monotonic() + STARTING, 0
    while True:
        assert time.monotonic() < deadline, errors.read_text()
        asked += 1
        if server.get("/readyz").status == 200 and len(server.workers()) == WORKERS:
            return asked
        time.sleep(0.05)
