"""Slow clients and too many of them, against gunicorn itself, as it is shipped."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import service.server.probe
from benchmarks.generate import generate
from benchmarks.machine import cpu_seconds
from tests.at_size.conftest import build
from tests.at_size.server import Server, serving
from tests.torture.conftest import FULL
from tests.torture.probing import probing, recovered
from tests.torture.promises import ROOT, promises
from tests.torture.slow_clients import KINDS

CLAIMS = 10_000
"""Enough for an export that the system's buffers cannot hold, and for requests that cost something:
at sixty milliseconds each, ten times the capacity is no work for who asks.
"""
WORKERS = 2
Many = Callable[[int, int], int]
Tell = Callable[[str], None]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    generate(folder / "fixtures", CLAIMS)
    return build(folder / "fixtures", folder / "out")


@pytest.fixture
def server(dataset: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(dataset, tmp_path / "log", WORKERS) as running:
        yield running


# Slow clients

SOCKETS = 400
PROBED = ("/v1/claims?limit=1", "/healthz")
PROBE_DEADLINE = 2.0
RECOVERY = 5.0


@contextmanager
def attack(
    kind: str, port: int, seconds: float
) -> Iterator[tuple[subprocess.Popen[str], Callable[[], dict[str, Any]]]]:
    """Slow clients in a process of their own; the second part waits until they fall silent."""
    command = [sys.executable, "-m", "tests.torture.slow_clients"]
    arguments = [kind, str(port), str(SOCKETS), str(seconds)]
    with subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        stdout = process.stdout
        assert stdout is not None
        try:
            yield process, lambda: json.loads(stdout.readline())
        finally:
            process.kill()


@promises(
    "Slow clients and overload",
    "After 400 slow clients of any kind, gunicorn alone answers again within 5 s: when they have "
    "fallen silent with their sockets open, and when they have gone.",
    broken="worker_class = gthread, gunicorn's own, and service/server/worker.py as it was when "
    "threads read the heads: while the clients are silent, never, with each of the six kinds",
)
def test_the_service_recovers_from_slow_clients(server: Server, many: Many, tell: Tell) -> None:
    seconds, workers = many(30, 4), server.workers()
    figures, late, memory = [], [], 0
    for kind in KINDS:
        with attack(kind, server.port, seconds) as (process, until_silent):
            with probing(server.port, PROBED, 4, PROBE_DEADLINE) as probes:
                seen = until_silent()
            silent = recovered(server.port, PROBED, RECOVERY)
            memory = max(memory, *server.own_memory())
            process.kill()
            gone = recovered(server.port, PROBED, RECOVERY)
        figure = (
            f"{kind}: {seen['most_held']} sockets held, {probes.summary()}, "
            f"again after {_seconds(silent)} and {_seconds(gone)}"
        )
        figures.append(figure)
        print(figure, seen)
        assert seen["most_held"] > SOCKETS * 0.9 or seen["closed_by_server"], "no attack"
        if silent is None or gone is None:
            late.append(figure)
    assert not late, "\n".join(late)
    assert server.workers() == workers, "a worker was lost"
    tell(
        f"{SOCKETS} sockets for {seconds} s of each kind; probes during the attack (within "
        f"{PROBE_DEADLINE:.0f} s), and seconds until answered again, once silent and once gone: "
        + "; ".join(figures)
        + f"; a worker had at most {memory / 2**20:.0f} MB for itself"
    )


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"


# Too many clients

HEALTH = ("/healthz", "/readyz")
HEALTH_DEADLINE = service.server.probe.SECONDS
"""As patient as the image's own check of its health."""
AT_ONCE = 4 * WORKERS
"""As many as the server has threads: all of it is busy, and nobody waits long."""
TIMES_CAPACITY = 10


def crowd(server: Server, seconds: float, *arguments: str) -> dict[str, Any]:
    """What became of a crowd, which is a process of its own; and what it got for a second of the
    server's processor time, which others on the machine cannot make less.
    """
    before = cpu_seconds(server.pid)
    command = [sys.executable, "-m", "tests.torture.crowd", str(server.port), str(seconds)]
    done = subprocess.run([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    good = found["outcomes"].get("200", 0)
    return {**found, "good_per_cpu_second": good / (cpu_seconds(server.pid) - before)}


@dataclass
class Rounds:
    """Peak and flood in turn, so that a machine that others use as well is alike to both."""

    peaks: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    efficiencies: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def once(self, server: Server, seconds: float) -> None:
        name = f"round {len(self.peaks)}"
        peak = crowd(server, seconds, name, str(AT_ONCE), "at once")
        assert peak["goodput"], f"nobody was answered: {peak}"
        rate = TIMES_CAPACITY * peak["goodput"]
        flood = crowd(server, seconds, name, str(rate))
        print(peak, flood)
        self.peaks.append(peak["goodput"])
        self.shares.append(flood["goodput"] / peak["goodput"])
        self.efficiencies.append(flood["good_per_cpu_second"] / peak["good_per_cpu_second"])
        self.outcomes += Counter(flood["outcomes"])


@promises(
    "Slow clients and overload",
    "At ten times what it can do the service does at least 90 % of what it can; everybody else is "
    "told 503 and when to come back, and health is answered throughout.",
    broken="MAX_WAIT_SECONDS = 1000 in service/http/shedding.py (goodput 0); health answered by "
    "the same threads (3 of 204 probes too late); no Retry-After; "
    "worker_class = gthread (126 of 293 late)",
)
def test_overload_costs_nobody_else_his_answer(server: Server, many: Many, tell: Tell) -> None:
    rounds = Rounds()
    with probing(server.port, HEALTH, 10, HEALTH_DEADLINE) as probes:
        for _ in range(many(5, 3)):
            rounds.once(server, many(8, 3))
    share, efficiency = statistics.median(rounds.shares), statistics.median(rounds.efficiencies)
    outcomes = ", ".join(f"{count:,} × {what}" for what, count in sorted(rounds.outcomes.items()))
    figure = (
        f"peak {statistics.median(rounds.peaks):.0f} answers a second; of {TIMES_CAPACITY} times "
        f"as many requests: goodput {share:.0%} of the peak, for each second of the processor "
        f"{efficiency:.0%}; {outcomes}; of the probes of health {probes.summary()}"
    )
    print(figure)
    assert len(probes.answered) == len(probes.took), figure
    assert set(rounds.outcomes) <= {"200", "503", "connection refused"}, figure
    assert rounds.outcomes["503"] > rounds.outcomes["200"], figure
    # A few seconds on a machine that others use as well are a coarse measure.
    assert min(share, efficiency) >= (0.9 if FULL else 0.7), figure
    tell(figure)
