"""Measures everything and writes it down: ``python -m benchmarks.run [--quick]``.

Every step is bounded in time and stops what it started; one that fails is left out, and the
results say so. Raw figures are written after each step.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import about, building, goals, packages, report, serving
from benchmarks.machine import CACHE, NotMeasured, run
from benchmarks.peers import postgres
from benchmarks.plan import FULL, QUICK, Plan
from service.store.dataset_format import CLAIMS

T = TypeVar("T")

HERE = Path(__file__).resolve().parent
MOST_NAIVE = 100_000
"""Claims up to which a list of dictionaries is measured: a million would need some 9 GB."""
MOST_IN_MEMORY = 10_000
"""Claims up to which the programs that hold every claim in memory are asked over HTTP."""


class Run:
    """One run: its plan, its figures, and where they go."""

    def __init__(self, plan: Plan, out: Path, reuse: bool) -> None:
        self.plan, self.out, self.reuse = plan, out, reuse
        self.begun = time.perf_counter()
        self.figures: dict[str, Any] = {
            "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "revision": about.revision(),
            "machine": about.machine(),
            "versions": about.versions(),
            "settings": dataclasses.asdict(plan),
            **{name: {} for name in ("builds", "datasets", "queries", "http", "start", "memory",
                                     "export")},
            "skipped": [],
        }  # fmt: skip

    def step(self, title: str, work: Callable[[], T]) -> T | None:
        """One measurement; what hinders it is written down and the run goes on."""
        print(f"[{time.perf_counter() - self.begun:5.0f} s] {title}", flush=True)
        try:
            return work()
        except (NotMeasured, OSError, ValueError, LookupError, AssertionError) as error:
            self.skip(f"{title}: {str(error) or type(error).__name__}")
            return None
        finally:
            self.save()

    def skip(self, reason: str) -> None:
        print(f"          not measured: {reason}", flush=True)
        self.figures["skipped"].append(reason)

    def save(self, out: Path = CACHE / "results") -> None:
        """The raw figures, so far in a place that no earlier results are lost from."""
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.figures, indent=1, ensure_ascii=False)
        (out / "results.json").write_text(text + "\n", encoding="utf-8")

    def put(self, section: str, size: int, found: Any) -> None:
        if found is not None:
            self.figures[section][str(size)] = found

    def all(self) -> None:
        """Builds first, so that nothing else runs beside them; then each size in turn."""
        datasets = {}
        for size in self.plan.sizes:
            place = self.build(size)
            if place is not None:
                datasets[size] = place
        for size, place in datasets.items():
            self.queries(size, place)
        ends = {min(self.plan.sizes), max(self.plan.sizes)}
        for size, place in datasets.items():
            if size in ends:
                self.serving(size, place)

    def build(self, size: int) -> Path | None:
        self.step(f"Generating {size:,} claims", lambda: building.fixtures(size))
        title = f"Building {size:,} claims"
        built = self.step(title, lambda: building.first_build(size, self.plan, reuse=self.reuse))
        if built is None:
            self.figures["builds"][str(size)] = {"error": self.figures["skipped"][-1]}
            return None
        if isinstance(built, Path):
            self.skip(f"{title}: the one of an earlier run was taken")
            place = built
        else:
            place = built.directory
            self.figures["builds"][str(size)] = built.figures()
        self.put("datasets", size, building.described(place))
        return place

    def queries(self, size: int, place: Path) -> None:
        found = self.figures["queries"].setdefault(str(size), {})
        for engine in ("ours", "postgres", "naive"):
            if engine == "naive" and size > MOST_NAIVE:
                self.skip(f"A list of {size:,} claims in Python: it needs 9 GB of memory")
                continue
            result = self.step(
                f"Queries in process, {size:,} claims, {engine}",
                lambda engine=engine: self.asked(engine, place, size),  # type: ignore[misc]
            )
            if result is not None:
                found[engine] = result

    def asked(self, engine: str, place: Path, size: int) -> Any:
        seconds = str(self.plan.query_seconds)
        command = [sys.executable, "-m", "benchmarks.inprocess", engine, str(place), seconds]
        with contextlib.ExitStack() as stack:
            if engine == "postgres":
                cluster = postgres.cluster(place / CLAIMS, str(size))
                command.append(stack.enter_context(cluster)[0])
            return json.loads(run(command, timeout=self.plan.query_limit))

    def serving(self, size: int, place: Path) -> None:
        small = size <= MOST_IN_MEMORY
        if not small:
            self.skip(f"Flask + marshmallow and FastAPI over HTTP at {size:,}: all in memory")
        compared = self.step(
            f"Over HTTP, {size:,} claims",
            lambda: serving.compare(place, self.plan, small=small, skipped=self.figures["skipped"]),
        )
        self.put("http", size, compared)
        started = self.step("Start of the service", lambda: serving.starting(place, self.plan))
        self.put("start", size, started)
        workers = self.step("Memory of workers", lambda: serving.memory_of_workers(place))
        self.put("memory", size, workers)
        exported = self.step("Export", lambda: serving.export(place, self.plan))
        self.put("export", size, exported)

    def finish(self) -> None:
        self.figures["seconds"] = round(time.perf_counter() - self.begun)
        self.save(self.out)
        (self.out / "RESULTS.md").write_text(report.page(self.figures), encoding="utf-8")
        drawn = report.picture(self.figures)
        if drawn is not None:
            (self.out / "results.svg").write_text(drawn, encoding="utf-8")
        for row in goals.rows(self.figures):
            mark = {True: "reached", False: "MISSED", None: "not measured"}[row.held]
            print(f"{mark:12}  {row.what}\n{'':14}goal {row.goal}; {row.measured}")
        print(f"{self.figures['seconds']} s; written to {self.out}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 100,000 claims, short rounds")
    parser.add_argument("--sizes", metavar="N,N", help="other sizes, such as 1000,10000")
    parser.add_argument("--reuse", action="store_true", help="take data sets built before")
    parser.add_argument("--out", type=Path, help="where the results go")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    if options.sizes:
        sizes = tuple(sorted(int(size) for size in options.sizes.split(",")))
        plan = dataclasses.replace(plan, sizes=sizes)
    # What is in the repository comes from whole runs alone.
    whole = plan == FULL and not options.reuse
    out = options.out or (HERE if whole else CACHE / "results")
    packages.install_missing()
    # Told to end, it stops what it started before it does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    current = Run(plan, out, options.reuse)
    current.all()
    current.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
