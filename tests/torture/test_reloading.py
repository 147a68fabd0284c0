"""What whoever asks notices of data sets that come and go, good ones and bad ones: nothing."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from service.compiler import build_dataset
from tests.at_size.server import ROOT, Server, serving
from tests.publishing import publish
from tests.torture.disk import DAMAGE, lead
from tests.torture.editions import always_there, edition, told
from tests.torture.promises import promises

AREA = "Publishing and reloading"
GOOD, BAD = range(6), range(100, 103)
"""Editions that are published as they are, and editions that are damaged first."""
CLIENTS, WORKERS = 2, 2
RECYCLED = "--max-requests 2000 --max-requests-jitter 1000"
"""Workers also end by themselves, as under settings that are not ours."""

Many = Callable[[int, int], int]
Tell = Callable[[str], None]


@dataclass
class Trouble:
    """Publishes, good and bad, worker kills and HUPs; each is counted, and its time noted."""

    server: Server
    out: Path
    spoilt: list[Path]
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)
    kills: list[float] = field(default_factory=list)

    def make(self) -> None:
        kinds = (self.publish, self.publish, self.publish_bad, self.kill, self.hang_up)
        kind = self.rng.choices(kinds, weights=(3, 3, 3, 3, 1))[0]
        kind()
        self.done[kind.__name__] += 1

    def publish(self) -> None:
        publish(edition(self.rng.choice(GOOD)), self.out)

    def publish_bad(self) -> None:
        """Damaged before it can be seen: it is never a whole one."""
        source = self.rng.choice(self.spoilt)
        place, aside = self.out / source.name, self.out / "aside"
        shutil.copytree(source, aside)
        self.rng.choice(DAMAGE)(aside, self.rng)
        shutil.rmtree(place, ignore_errors=True)
        if aside.exists():
            aside.rename(place)
        lead(self.out, place.name)

    def kill(self) -> None:
        with suppress(ProcessLookupError, IndexError):
            self.kills.append(time.monotonic())
            os.kill(self.rng.choice(self.server.workers()), signal.SIGKILL)

    def hang_up(self) -> None:
        os.kill(self.server.pid, signal.SIGHUP)

    def killed(self, start: float, end: float) -> bool:
        """Whether a request without an answer was in flight when a worker was killed."""
        return any(start - 0.5 <= kill <= end for kill in self.kills)


def started(port: int, requests: int, seed: int, known: list[Any]) -> subprocess.Popen[str]:
    given = {"port": port, "requests": requests, "seed": seed, "told": known}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.asking"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps({**given, "always": always_there()}))
    process.stdin.close()
    process.stdin = None  # communicate() would flush it again
    return process


@promises(
    AREA,
    "While data sets are published, good and bad, and workers are killed and reloaded, no request "
    "fails but those in flight on a killed worker; every answer is, to the byte, that of the one "
    "data set which it names; no page walk repeats or skips a claim that was there throughout.",
    broken="The supply handed out a store that looked up the newest one at every use (mixed "
    "answers); a start took the current data set or none (503).",
)
def test_requests_while_data_sets_come_and_go(
    tmp_path: Path, many: Many, rng: random.Random, tell: Tell
) -> None:
    out, requests = tmp_path / "out", many(200_000, 50_000)
    known = [asdict(told(number)) for number in GOOD]
    spoilt = [build_dataset(edition(number), tmp_path / "spoilt") for number in BAD]
    publish(edition(0), out)
    settings: dict[str, Any] = {
        "CLAIMS_DATASET": "",
        "CLAIMS_DATASETS": str(out),
        "GUNICORN_CMD_ARGS": RECYCLED,
    }
    with serving(out, tmp_path / "log", WORKERS, **settings) as server:
        trouble = Trouble(server, out, spoilt, rng)
        clients = [
            started(server.port, requests // CLIENTS, rng.randrange(2**32), known)
            for _ in range(CLIENTS)
        ]
        health: Counter[str] = Counter()
        while any(client.poll() is None for client in clients):
            trouble.make()
            time.sleep(rng.uniform(0.0, 0.6))
            health[ready(server, trouble)] += 1
        seen = [json.loads(client.communicate()[0]) for client in clients]
        assert_settles(server, out)
    lost = [interval for each in seen for interval in each["lost"]]
    others = [reused for start, end, reused in lost if not trouble.killed(start, end)]
    assert [what for each in seen for what in each["wrong"]] == []
    assert all(others), "a connection was lost though no worker was killed"
    recycled = (tmp_path / "log").read_text().count("Autorestarting worker")
    assert set(health) <= {"ready", "degraded", "lost"}
    versions = sum((Counter(each["versions"]) for each in seen), Counter())
    assert len(versions) > 2
    assert health["degraded"] > 0
    assert recycled > 0
    asked, walks = (sum(each[name] for each in seen) for name in ("asked", "walks"))
    unchanged = sum(each["unchanged"] for each in seen)
    tell(
        f"{asked:,} requests, {walks:,} page walks and {unchanged:,} 304s among them, during "
        f"{trouble.done['publish']} good and {trouble.done['publish_bad']} bad publishes, "
        f"{trouble.done['kill']} worker kills, {trouble.done['hang_up']} HUPs and {recycled} ends "
        "by max_requests: 0 wrong "
        f"answers, 0 from two data sets, 0 walks that repeat or skip; {len(lost) - len(others)} "
        f"requests lost with the worker that was killed, {len(others)} sent into an idle "
        "connection that a leaving worker had closed, and answered when asked again."
    )


def ready(server: Server, trouble: Trouble) -> str:
    started = time.monotonic()
    try:
        reply = server.get("/readyz")
    except (OSError, ValueError, IndexError):
        assert trouble.killed(started, time.monotonic())
        return "lost"
    assert reply.status == 200, reply.body
    return str(json.loads(reply.body)["status"])


def assert_settles(server: Server, out: Path) -> None:
    """What is published last is all that is answered in the end, from memory too."""
    version = publish(edition(GOOD[1]), out).name
    deadline, row = time.monotonic() + 60, 0
    while row < 100:
        reply = server.get("/v1/claims?limit=5")
        row = row + 1 if reply.headers["Dataset-Version"] == version else 0
        assert time.monotonic() < deadline


# How soon a worker notices


def worker_of(connection: socket.socket, workers: list[int]) -> int | None:
    """Which worker holds the other end of a connection."""
    port = connection.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == port:
            inode = f"socket:[{fields[9]}]"
            for worker in workers:
                with suppress(OSError):
                    held = Path(f"/proc/{worker}/fd").iterdir()
                    if any(str(each.readlink()) == inode for each in held):
                        return worker
    return None


def connections_to_all(server: Server) -> list[socket.socket]:
    """A connection to each worker."""
    workers, found = server.workers(), dict[int, socket.socket]()
    while len(found) < len(workers):
        connection = socket.create_connection(("127.0.0.1", server.port), 60)
        version(connection)
        worker = worker_of(connection, workers)
        if worker is None or worker in found:
            connection.close()
        else:
            found[worker] = connection
    return list(found.values())


def version(connection: socket.socket) -> str:
    """The data set that answers at the other end."""
    connection.sendall(b"HEAD /v1/dataset HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65_536)
        assert piece
        head += piece
    found = re.search(rb"\r\nDataset-Version: (\S+)", head, re.IGNORECASE)
    assert found is not None, head
    return found[1].decode()


@promises(
    AREA,
    "Every running worker answers from a new data set within 2 s of its publishing.",
    broken="A worker that looked every four seconds.",
)
def test_every_worker_notices_a_new_data_set(
    tmp_path: Path, many: Many, rng: random.Random, tell: Tell
) -> None:
    out, took = tmp_path / "out", list[float]()
    publish(edition(0), out)
    with serving(
        out, tmp_path / "log", WORKERS, CLAIMS_DATASET="", CLAIMS_DATASETS=str(out)
    ) as server:
        connections = connections_to_all(server)
        for number in range(many(200, 12)):
            time.sleep(rng.uniform(0.0, 1.0))  # so that it is not in step with the workers
            name = publish(edition(number % 5 + 1), out).name
            published = time.monotonic()
            waiting = set(connections)
            while waiting:
                there = {each for each in waiting if version(each) == name}
                took += [time.monotonic() - published] * len(there)
                waiting -= there
                time.sleep(0.005)
        for connection in connections:
            connection.close()
    took.sort()
    late = sum(seconds > 2.0 for seconds in took)
    assert statistics.median(took) <= 2.0
    assert late <= len(took) // 10, "more than a busy machine would explain"
    tell(
        f"{len(took)} times a worker noticed a new data set: median {statistics.median(took):.2f} "
        f"s, 95th percentile {took[int(len(took) * 0.95)]:.2f} s, longest {took[-1]:.2f} s; "
        f"{late} later than 2 s."
    )
