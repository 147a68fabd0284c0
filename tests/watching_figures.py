"""Tells how soon a claim is seen after ``add``, under ``serve --watch``; run it as a module."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.curating import CLAIMS, given, typed, without_claims
from tests.documentation import ROOT
from tests.gunicorn_live import STARTING
from tests.test_operations import free_port

ADDED = [CLAIMS[number] for number in (0, 1, 2, 4, 5, 6)]
"""Claims that break no rule, not even one of which a warning has to be accepted."""
COMMAND = [sys.executable, "-m", "service.cli"]


def main() -> None:
    """Adds claims one by one; after each, asks for the page of claims until it tells of it."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        fixtures = without_claims(place / "data")
        with watched(fixtures) as url:
            for number, claim in enumerate(ADDED, 1):
                source = given(place / "claim.json", typed(claim))
                began = time.perf_counter()
                add = [*COMMAND, "add", "--from", str(source), "--fixtures", str(fixtures)]
                subprocess.run(add, cwd=ROOT, check=True, capture_output=True)
                ended = time.perf_counter()
                until_seen(url, number)
                took, later = ended - began, time.perf_counter() - ended
                load = os.getloadavg()[0]
                print(f"add took {took:.2f} s; seen {later:.2f} s after it, at load {load:.1f}")


def until_seen(url: str, count: int) -> None:
    """Waits until the explorer tells of so many claims."""
    words = f"{count} claim{'s' if count > 1 else ''}"
    while words not in requests.get(url, timeout=STARTING).text:
        time.sleep(0.01)


@contextmanager
def watched(fixtures: Path) -> Iterator[str]:
    """The address at which fixtures are served while they are edited."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port)}
    command = [*COMMAND, "serve", "--watch", "--fixtures", str(fixtures)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}/"
    try:
        while server.poll() is None:
            with suppress(requests.ConnectionError):
                if requests.get(url, timeout=STARTING).ok:
                    break
            time.sleep(0.1)
        time.sleep(1)  # so that what a start does once is done
        yield url
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
