"""Slow clients at nginx with ``deploy/nginx.conf``: what others notice of them."""

from __future__ import annotations

import http.client
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.generate import generate
from service.cli import terminal
from service.compiler import build_dataset
from tests.torture.front import Address, free_port, gunicorn, nginx
from tests.torture.idlers import KINDS, crowd
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

SOCKETS = 400
CLAIMS = 800
"""Of them an export has two megabytes: much more than nginx holds in memory."""
SMALL_BUFFER = {"listen 8080;": "listen 8080 sndbuf=16k;"}
"""The kernel would take megabytes of an answer from nginx, and nobody would seem to read slowly."""
EVERY = 0.05
PATIENCE = 5.0
"""Seconds that a probe may take, on a machine that does other things as well."""


@dataclass(slots=True)
class Probes:
    """Ordinary clients, who ask twenty times a second each, one after the other."""

    address: Address
    stopped: threading.Event = field(default_factory=threading.Event)
    failed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def ask(self, source: str, paths: Iterator[str]) -> None:
        while not self.stopped.wait(EVERY):
            path, begun = next(paths), time.monotonic()
            try:
                status = self.address.ask(path, source=source, patience=PATIENCE).status
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{path}: {error!r}")
                continue
            self.seconds.append(time.monotonic() - begun)
            if status != 200 or self.seconds[-1] > PATIENCE:
                self.failed.append(f"{path}: {status} after {self.seconds[-1]:.1f} s")

    def during(self, seconds: float) -> None:
        """A client of pages that the cache has, and one of pages that nobody asked for before."""
        new = (f"/v1/claims?limit=5&q=plan+word{n}" for n in itertools.count())
        kept = itertools.cycle(("/v1/claims?limit=5", "/", "/v1/topics"))
        clients = [
            threading.Thread(target=self.ask, args=("127.0.5.1", kept)),
            threading.Thread(target=self.ask, args=("127.0.5.2", new)),
        ]
        for client in clients:
            client.start()
        self.stopped.wait(seconds)
        self.stopped.set()
        for client in clients:
            client.join()


@promises(
    "Slow clients and overload",
    "Behind the shipped nginx configuration 400 slow clients of any kind, each from an address of "
    "its own, cost nobody an answer.",
    broken="`worker_connections 128`: probes were dropped under stalled heads, and under slow "
    "reading when it was tried alone.",
)
def test_slow_clients_cost_nobody_an_answer(tmp_path: Path, many: Many, tell: Tell) -> None:
    generate(tmp_path / "fixtures", CLAIMS, as_json=True)
    with terminal.progress() as progress:
        dataset = build_dataset(tmp_path / "fixtures", tmp_path / "datasets", progress)
    seen, asked, connections = {}, 0, 0
    with (
        gunicorn(tmp_path, port := free_port(), CLAIMS_DATASET=str(dataset)),
        nginx(tmp_path, port, SMALL_BUFFER) as front,
    ):
        for name, kind in KINDS.items():
            probes = Probes(front)
            with crowd(front.port, kind, SOCKETS) as gathered:
                assert gathered.most == SOCKETS, name
                probes.during(many(60, 8))
                assert gathered.there > SOCKETS / 2, "they come back when they are sent away"
            assert probes.failed == [], name
            assert len(probes.seconds) > 20, name
            asked += len(probes.seconds)
            connections += gathered.connections
            seen[name] = max(probes.seconds), statistics.median(probes.seconds)
    worst = max(seen, key=lambda name: seen[name][0])
    tell(
        f"{SOCKETS} sockets, {connections:,} connections, {len(seen)} kinds of {many(60, 8)} s: "
        f"0 of {asked:,} probes failed; the slowest took {seen[worst][0]:.2f} s ({worst}), the "
        f"median of each kind at most {max(m for _, m in seen.values()) * 1000:.0f} ms."
    )
