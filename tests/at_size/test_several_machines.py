"""A build by workers of dask, in processes of their own, is that of one process to the byte."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from schemas.faults import DataRefused
from service.compiler import build_dataset
from service.compiler.parallel import CHUNK
from tests.at_size.conftest import build, build_command
from tests.at_size.data import write_seasoned
from tests.test_parallel_build import files

pytestmark = pytest.mark.at_size
pytest.importorskip(
    "distributed", reason="NOT CHECKED: builds on several machines, since dask is not installed"
)

CLAIMS = 4 * CHUNK
PATIENCE = 60.0
"""Seconds for all to have started, on a busy machine."""


@contextmanager
def running(program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--no-dashboard"], **quiet) as process:  # type: ignore[call-overload]
        yield process
        process.send_signal(signal.SIGCONT)
        process.kill()


@contextmanager
def two_workers(place: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler with two workers: its address, and their processes."""
    told = place / "scheduler.json"
    where = ("--scheduler-file", str(told))
    one = ("--nthreads", "1", "--no-nanny", "--local-directory", str(place))
    with running("scheduler", *where, "--host", "127.0.0.1", "--port", "0"), ExitStack() as stack:
        workers = [stack.enter_context(running("worker", *where, *one)) for _ in range(2)]
        deadline = time.monotonic() + PATIENCE
        while not told.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield json.loads(told.read_bytes())["address"], workers


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("source")
    write_seasoned(place, CLAIMS, 7)
    return place


@pytest.fixture(scope="module")
def alone(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process makes of it."""
    return build_dataset(source, tmp_path_factory.mktemp("alone"))


def test_two_workers_build_the_same_as_one_process(
    source: Path, alone: Path, tmp_path: Path
) -> None:
    with two_workers(tmp_path) as (address, _):
        place = build(source, tmp_path / "out", "--scheduler", address)
    assert place.name == alone.name
    assert files(place) == files(alone)


def test_what_a_killed_worker_had_to_do_is_done_by_another(
    source: Path, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with two_workers(tmp_path) as (address, workers):
        command = [*build_command(source, out), "--scheduler", address]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as building:
            deadline = time.monotonic() + PATIENCE
            while not [*out.glob(".draft-*/.work-*")]:  # what the workers are to do first
                assert building.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.005)
            workers[0].kill()
            told, _ = building.communicate()
    assert building.returncode == 0
    assert Path(told.strip()).name == alone.name


def test_faults_are_told_alike(source: Path, tmp_path: Path) -> None:
    lines = (source / "claims.ndjson").read_text(encoding="utf-8").splitlines()
    for place in (3, CHUNK - 1, CHUNK, CLAIMS - 1):
        lines[place] = json.dumps(json.loads(lines[place]) | {"kind": "rumour"})
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    for path in source.iterdir():
        (wrong / path.name).write_bytes(path.read_bytes())
    (wrong / "claims.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.raises(DataRefused) as refused:
        build_dataset(wrong, tmp_path / "alone")
    with two_workers(tmp_path) as (address, _):
        command = [*build_command(wrong, tmp_path / "out"), "--scheduler", address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[:-1] == [str(fault) for fault in refused.value.faults]
