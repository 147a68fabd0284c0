"""What the proofs at size share: data sets that are built once, by the command that users run."""

from __future__ import annotations

import fcntl
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.store.dataset_format import Dataset, open_dataset
from service.store.tantivy.store import TantivyStore, open_store
from tests.at_size import data
from tests.reference_store import ReferenceStore

SEED = int(os.environ.get("AT_SIZE_SEED") or 20_261_122)
CLAIMS = int(os.environ.get("AT_SIZE_CLAIMS") or 100_000)
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Built:
    """Curated files, and the directory of the data set that was made of them."""

    fixtures: Path
    place: Path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Says with a failure how it is repeated."""
    report = yield
    if report.failed:
        again = f"AT_SIZE_SEED={SEED} AT_SIZE_CLAIMS={CLAIMS} python -m pytest -m at_size"
        report.sections.append(("To repeat it", f"{again} '{item.nodeid}'"))
    return report


def build_command(fixtures: Path, out: Path) -> list[str]:
    """The command that builds a data set, as an installed package would run it."""
    arguments = ["build", "--fixtures", str(fixtures), "--out", str(out)]
    return [sys.executable, "-m", "service.cli", *arguments]


def build(fixtures: Path, out: Path, *options: str) -> Path:
    """Builds a data set; the directory is what the command prints."""
    command = [*build_command(fixtures, out), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return Path(done.stdout.strip())


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers of a test's own, which the other tests cannot shift."""
    return random.Random(f"{SEED} {request.node.nodeid}")


def _once(
    factory: pytest.TempPathFactory, name: str, write: Callable[[Path, int, int], None]
) -> Built:
    """A data set that all processes of a run share; the first to ask for it builds it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = Path(os.environ.get("AT_SIZE_DATA") or shared) / f"{name}-{CLAIMS}-{SEED}"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "done").exists():
            write(kept / "fixtures", CLAIMS, SEED)
            (kept / "done").write_text(str(build(kept / "fixtures", kept / "out")))
        return Built(kept / "fixtures", Path((kept / "done").read_text()))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Claims such as an institute would have, some of them hard."""
    return _once(tmp_path_factory, "large", data.write_seasoned)


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Small claims with as many agents and as many documents."""
    return _once(tmp_path_factory, "wide", data.write_many_groups)


@pytest.fixture(scope="session")
def store(large: Built) -> TantivyStore:
    return open_store(large.place)


@pytest.fixture(scope="session")
def dataset(large: Built) -> Dataset:
    return open_dataset(large.place)


@pytest.fixture(scope="session")
def plain(dataset: Dataset) -> ReferenceStore:
    """Looks at every claim, so that it cannot be mistaken for the same reason."""
    return ReferenceStore(dataset)


@pytest.fixture(scope="session")
def retired(large: Built) -> dict[str, str | None]:
    """The claims that the curated changes retire, with what replaced each."""
    with (large.fixtures / "changes.ndjson").open(encoding="utf-8") as lines:
        changes = map(json.loads, lines)
        gone = ("superseded", "withdrawn")
        return {c["claim"]: c["replaced_by"] for c in changes if c["change"] in gone}
