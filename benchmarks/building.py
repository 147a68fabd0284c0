"""The data sets: generated once, and built by the command that users have."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generate import MOST_JSON, generate
from benchmarks.machine import CACHE, NotMeasured, Running, memory, started, tree
from benchmarks.plan import Plan
from benchmarks.questions import SEED
from service.store.dataset_format import MANIFEST

_SAMPLING_SECONDS = 0.25
_MOST_MEGABYTES = 16_000
"""Memory at which a build is stopped, before the machine has none left."""


@dataclass(frozen=True)
class Built:
    """A built data set and what building it took."""

    directory: Path
    seconds: float
    peak_mb: float
    anonymous_mb: float

    def figures(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "peak_mb": self.peak_mb, "anonymous_mb": self.anonymous_mb}


def fixtures(claims: int) -> Path:
    """Generated fixtures, kept for the next run. A draft is renamed once it is whole."""
    place = CACHE / str(claims) / "fixtures"
    if not place.exists():
        draft = place.with_name(".fixtures")
        shutil.rmtree(draft, ignore_errors=True)
        generate(draft, claims, seed=SEED, as_json=claims <= MOST_JSON)
        draft.rename(place)
    return place


def build(source: Path, out: Path, plan: Plan) -> Built:
    """Runs ``policy-claims build``. Raises ``NotMeasured`` when it fails or takes too long."""
    command = [sys.executable, "-m", "service.cli", "build", "--fixtures", str(source),
               "--out", str(out)]  # fmt: skip
    there = _versions(out)
    begun = time.perf_counter()
    with started(f"build of {source.parent.name}", command, core=None) as running:
        peaks = _watched(running, begun, plan.build_limit)
    seconds = time.perf_counter() - begun
    if running.process.returncode:
        raise NotMeasured(f"the build of {source} failed: {running.last_words()}")
    made = _versions(out) - there
    if len(made) != 1:
        raise NotMeasured(f"the build of {source} made {len(made)} data sets")
    return Built(made.pop(), seconds, *peaks)


def first_build(claims: int, plan: Plan, *, reuse: bool) -> Built | Path:
    """A build into an empty directory; with ``reuse`` the one of an earlier run, unmeasured."""
    out = CACHE / str(claims) / "datasets"
    there = sorted(_versions(out), key=lambda place: place.stat().st_mtime)
    if reuse and there:
        return there[0]
    shutil.rmtree(out, ignore_errors=True)
    _forget_derived(claims)
    return build(fixtures(claims), out, plan)


def _forget_derived(claims: int) -> None:
    """What was made from an earlier build may not fit the next one."""
    (CACHE / str(claims) / "claims.db").unlink(missing_ok=True)
    shutil.rmtree(CACHE / f"postgres-{claims}", ignore_errors=True)


def _versions(out: Path) -> set[Path]:
    return {path.parent for path in out.glob(f"[0-9a-f]*/{MANIFEST}")}


def _watched(running: Running, begun: float, limit: float) -> tuple[float, float]:
    """The peaks of proportional and of anonymous memory, over the whole tree of processes."""
    peak = anonymous = 0.0
    while True:
        try:
            running.process.wait(_SAMPLING_SECONDS)
            return peak, anonymous
        except subprocess.TimeoutExpired:
            found = memory(tree(running.pid))
            peak, anonymous = max(peak, found["pss"]), max(anonymous, found["anonymous"])
        if anonymous > _MOST_MEGABYTES:
            raise NotMeasured(f"{running.name} was stopped at {anonymous:,.0f} MB of memory")
        if time.perf_counter() - begun > limit:
            raise NotMeasured(f"{running.name} was stopped after {limit:.0f} s")


def described(directory: Path) -> dict[str, Any]:
    """What a built data set holds, and how large its parts are on disk (in MB)."""
    manifest = json.loads((directory / MANIFEST).read_bytes())
    sizes = {name: told["bytes"] / 1e6 for name, told in manifest["files"].items()}
    for part in ("index", "exports"):
        sizes[part] = sum(path.stat().st_size for path in (directory / part).iterdir()) / 1e6
    return {"counts": manifest["counts"], "version": manifest["version"], "megabytes": sizes}
