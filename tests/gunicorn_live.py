"""gunicorn with the shipped settings on a free port, for an application of a test's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STARTING = 60.0
"""Seconds that a server may take on a busy machine to listen, or to end."""


@dataclass(frozen=True)
class Gunicorn:
    """A running server; its workers are the children of its process."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]


@contextmanager
def gunicorn(folder: Path, application: str, *options: str, **settings: str) -> Iterator[Gunicorn]:
    """A server until the block ends, stopped by its own process id.

    ``application`` is the text of a module with a WSGI callable ``app``.
    """
    (folder / "answering.py").write_text(application, encoding="utf-8")
    paths = [str(folder), os.environ.get("PYTHONPATH", ""), str(ROOT)]
    environment = {**os.environ, "WEB_CONCURRENCY": "1", **settings,
                   "PYTHONPATH": os.pathsep.join(filter(None, paths))}  # fmt: skip
    command = [sys.executable, "-m", "service.server", "--bind", "127.0.0.1:0", *options]
    log = folder / "log.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "answering:app"], cwd=folder, env=environment, stderr=stream
        )
        try:
            yield Gunicorn(process, listening_port(log, process), log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=STARTING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=STARTING)


def listening_port(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline:
        found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text())
        if found:
            return int(found[1])
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
