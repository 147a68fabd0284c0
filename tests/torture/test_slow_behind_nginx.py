"""Slow clients at nginx with ``deploy/nginx.conf``: what others notice of them."""

from __future__ import annotations

import http.client
import itertools
import resource
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.generate import generate
from service.cli import terminal
from service.compiler import build_dataset
from tests.torture.front import Address, free_port, gunicorn, nginx
from tests.torture.idlers import KINDS, crowd, same_export
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

SOCKETS = 400
CLAIMS = 800
"""Of them an export has two megabytes: much more than nginx holds in memory."""
SMALL_BUFFER = {"listen 8080;": "listen 8080 sndbuf=16k;"}
"""The kernel would take megabytes of an answer from nginx, and nobody would seem to read slowly."""
EVERY = 0.05
DIFFERENT = 100
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


def built(place: Path, claims: int) -> Path:
    generate(place / "fixtures", claims, as_json=True)
    with terminal.progress() as bars:
        return build_dataset(place / "fixtures", place / "datasets", bars.track)


@promises(
    "Slow clients and overload",
    "Behind the shipped nginx configuration 400 slow clients of any kind, each from an address of "
    "its own, cost nobody an answer.",
    broken="`worker_connections 128`: probes were dropped under stalled heads, and under slow "
    "reading when it was tried alone.",
)
def test_slow_clients_cost_nobody_an_answer(tmp_path: Path, many: Many, tell: Tell) -> None:
    dataset = built(tmp_path, CLAIMS)
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


@promises(
    "Slow clients and overload",
    "Behind nginx 400 slow readers of one large export hold no thread of the service, and 100 "
    "different exports at once leave room for pages: what is too much is told 503 and when to come "
    "back.",
    broken="Exports not kept, in files of 1 MB at most, and made without a limit: with 400 slow "
    "readers no probe was answered, and with 100 different exports pages took more than 4 s.",
)
def test_large_exports_cost_nobody_a_page(tmp_path: Path, many: Many, tell: Tell) -> None:
    dataset = built(tmp_path, many(20_000, 8_000))
    seconds = many(60, 8)
    with (
        gunicorn(tmp_path, port := free_port(), CLAIMS_DATASET=str(dataset)),
        nginx(tmp_path, port, SMALL_BUFFER) as front,
    ):
        size = len(front.ask("/v1/claims.csv").body)
        readers = Probes(front)
        with crowd(front.port, same_export, SOCKETS) as gathered:
            assert gathered.most == SOCKETS
            readers.during(seconds)
        others, outcomes = Probes(front), Counter[str]()
        asking = threading.Thread(target=different_exports, args=(front, others, outcomes))
        asking.start()
        others.during(seconds)
        asking.join()
    assert (readers.failed, others.failed) == ([], [])
    assert set(outcomes) <= {"200", "503 overloaded 2"}, outcomes
    assert outcomes["200"] > 10
    told = ", ".join(f"{count} × {what}" for what, count in sorted(outcomes.items()))
    tell(
        f"{SOCKETS} slow readers of one export (a table of it has {size / 1e6:.0f} MB): 0 of "
        f"{len(readers.seconds)} probes failed, the slowest took {max(readers.seconds):.2f} s; "
        f"{DIFFERENT} clients with a different export each: 0 of {len(others.seconds)} failed, the "
        f"slowest took {max(others.seconds):.2f} s, of the exports {told}."
    )


def different_exports(front: Address, probes: Probes, outcomes: Counter[str]) -> None:
    """Clients that each ask for one export after the other, until the probes end."""

    def client(number: int) -> None:
        for turn in itertools.count():
            if probes.stopped.is_set():
                return
            path = f"/v1/claims.ndjson?announced_from={number + 1:04}-01-{turn % 28 + 1:02}"
            reply = front.ask(path, source=f"127.3.{number // 250}.{number % 250 + 1}", patience=60)
            known = reply.headers["content-type"] == "application/problem+json"
            slug = reply.json["type"].rpartition("/")[2] if known else ""
            retry = reply.headers.get("retry-after", "")
            outcomes[f"{reply.status} {slug} {retry}".strip()] += 1
            probes.stopped.wait(float(retry or 0))

    with ThreadPoolExecutor(DIFFERENT) as pool:
        list(pool.map(client, range(DIFFERENT)))


@promises(
    "Slow clients and overload",
    "As many idle sockets from one address as nginx has places, one fewer, one more and many times "
    "as many, cost nobody an answer.",
    broken="gunicorn alone with 10 places and 40 idle sockets: 0 of 4 probes were answered.",
)
def test_idle_sockets_at_the_limit_cost_nobody_an_answer(
    tmp_path: Path, many: Many, tell: Tell
) -> None:
    places = 256
    few = {"worker_processes auto;": "worker_processes 1;",
           "worker_connections 4096;": f"worker_connections {places};"}  # fmt: skip
    tried = (places - 1, places, places + 1, many(9_500, 600))
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asked, slowest = 0, 0.0
    with (
        gunicorn(tmp_path, port := free_port(), CLAIMS_DATASET=str(built(tmp_path, CLAIMS))),
        nginx(tmp_path, port, few) as front,
        ExitStack() as sockets,
    ):
        there = 0
        for number in tried:
            for _ in range(number - there):
                sockets.enter_context(socket.create_connection(("127.0.0.1", front.port)))
            there, probes = number, Probes(front)
            probes.during(many(20, 3))
            assert probes.failed == [], number
            asked += len(probes.seconds)
            slowest = max(slowest, *probes.seconds)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    tell(
        f"{', '.join(map(str, tried))} idle sockets at an nginx of {places} places: 0 of {asked} "
        f"probes failed; the slowest took {slowest:.2f} s."
    )
