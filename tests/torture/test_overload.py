"""More clients than can be answered, at the shipped nginx and the service behind it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
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
from tests.torture.front import Front, nginx
from tests.torture.probing import probing
from tests.torture.promises import ROOT, promises

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
def served(dataset: Path, tmp_path: Path) -> Iterator[tuple[Server, Front]]:
    with (
        serving(dataset, tmp_path / "log", WORKERS) as running,
        nginx(tmp_path, running.port) as front,
    ):
        yield running, front


HEALTH = ("/healthz", "/readyz")
HEALTH_DEADLINE = service.server.probe.SECONDS
"""As patient as the image's own check of its health."""
AT_ONCE = 4 * WORKERS
"""As many as the server has threads: all of it is busy, and nobody waits long."""
TIMES_CAPACITY = 10


def crowd(server: Server, front: Front, seconds: float, *arguments: str) -> dict[str, Any]:
    """What became of a crowd, which is a process of its own; and what it got for a second of the
    server's processor time, which others on the machine cannot make less.
    """
    before = cpu_seconds(server.pid)
    command = [sys.executable, "-m", "tests.torture.crowd", str(front.port), str(seconds)]
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

    def once(self, server: Server, front: Front, seconds: float) -> None:
        name = f"round {len(self.peaks)}"
        peak = crowd(server, front, seconds, name, str(AT_ONCE), "at once")
        assert peak["goodput"], f"nobody was answered: {peak}"
        rate = TIMES_CAPACITY * peak["goodput"]
        flood = crowd(server, front, seconds, name, str(rate))
        print(peak, flood)
        self.peaks.append(peak["goodput"])
        self.shares.append(flood["goodput"] / peak["goodput"])
        self.efficiencies.append(flood["good_per_cpu_second"] / peak["good_per_cpu_second"])
        self.outcomes += Counter(flood["outcomes"])


@promises(
    "Slow clients and overload",
    "At ten times what it can do the service, behind nginx, does at least 90 % of what it can; all "
    "others are told 503 and when to come back, and health is answered throughout.",
    broken="nginx.conf without `X-Request-Start`: after a flood nobody was answered within 5 s",
)
def test_overload_costs_nobody_else_his_answer(
    served: tuple[Server, Front], many: Many, tell: Tell
) -> None:
    server, front = served
    rounds = Rounds()
    with probing(front.port, HEALTH, 10, HEALTH_DEADLINE) as probes:
        for _ in range(many(5, 3)):
            rounds.once(server, front, many(8, 3))
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
