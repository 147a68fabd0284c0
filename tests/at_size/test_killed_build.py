"""A build that is killed, at whatever moment, leaves nothing that a server would take for a data
set and that is none; and the next build is not the worse for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.query import ClaimQuery
from service.store.tantivy.store import open_store
from tests.at_size import data
from tests.at_size.conftest import CLAIMS, ROOT, SEED, build, build_command

pytestmark = pytest.mark.at_size

SIZE = max(CLAIMS // 10, 10_000)
"""Claims of these builds: enough that a kill may meet each of their steps."""
KILLS = 8
PATIENCE = 90.0
"""Seconds for what should take a few, before it counts as hanging."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Fixtures, the data set that undisturbed builds make of them, and how long one took."""

    fixtures: Path
    place: Path
    seconds: float

    @property
    def manifest(self) -> bytes:
        return (self.place / "manifest.json").read_bytes()


def subject(where: Path, seed: int) -> Subject:
    data.write_seasoned(where / "fixtures", SIZE, seed)
    started = time.monotonic()
    place = build(where / "fixtures", where / "out")
    return Subject(where / "fixtures", place, time.monotonic() - started)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """What is there already, where something is."""
    return subject(tmp_path_factory.mktemp("older"), SEED)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """What is being built."""
    return subject(tmp_path_factory.mktemp("newer"), SEED + 1)


def assert_whole(out: Path, *known: Subject) -> list[str]:
    """The names of the data sets in a directory, each of which is one of those known, to the
    byte, and can be served.
    """
    manifests = {subject.place.name: subject.manifest for subject in known}
    found = (
        [path for path in out.iterdir() if not path.name.startswith(".")] if out.exists() else []
    )
    for place in found:
        manifest = (place / "manifest.json").read_bytes()
        assert manifest == manifests[place.name]
        for name, described in json.loads(manifest)["files"].items():
            assert hashlib.sha256((place / name).read_bytes()).hexdigest() == described["sha256"]
        total = json.loads(manifest)["counts"]["claims"]
        assert open_store(place).search(ClaimQuery(limit=1)).total == total
    return sorted(place.name for place in found)


def started(subject: Subject, out: Path, log: Path) -> subprocess.Popen[bytes]:
    """A build in a session of its own, so that it can be killed whole and nothing else with it."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            build_command(subject.fixtures, out),
            cwd=ROOT, stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip


def runs_for(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a process is still there after so long."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def kill_whole(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


@pytest.mark.parametrize("before", ["nothing", "another data set"])
def test_a_build_killed_at_any_moment_leaves_a_whole_data_set_or_none(
    older: Subject, newer: Subject, tmp_path: Path, rng: random.Random, before: str
) -> None:
    """All in one directory, so that what one leaves behind meets the next."""
    out = tmp_path / "out"
    there = []
    if before != "nothing":
        shutil.copytree(older.place.parent, out)
        there = [older.place.name]
    killed, seconds = 0, newer.seconds
    for _ in range(5 * KILLS):
        if killed == KILLS:
            break
        begun, process = time.monotonic(), started(newer, out, tmp_path / "log")
        if runs_for(process, rng.uniform(0.1, seconds)):
            kill_whole(process)
            killed += 1
        else:  # quicker than the first one: the machine is idle by now
            seconds = min(seconds, time.monotonic() - begun)
        if newer.place.name in assert_whole(out, older, newer):
            shutil.rmtree(out / newer.place.name)
        assert assert_whole(out, older, newer) == there
    assert killed == KILLS
    assert build(newer.fixtures, out).name == newer.place.name
    assert assert_whole(out, older, newer) == sorted([*there, newer.place.name])
    assert {path.name for path in out.iterdir()} == {*there, newer.place.name}


def test_builds_at_the_same_time_into_one_directory_all_succeed(
    older: Subject, newer: Subject, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    logs = [tmp_path / f"log-{n}" for n in range(3)]
    running = [started(s, out, log) for s, log in zip((older, newer, newer), logs, strict=True)]
    for process, log in zip(running, logs, strict=True):
        assert not runs_for(process, PATIENCE)
        assert process.returncode == 0, log.read_text()
    assert assert_whole(out, older, newer) == sorted([older.place.name, newer.place.name])


def test_another_build_of_the_same_data_ranks_alike(newer: Subject, tmp_path: Path) -> None:
    """Claims that are as relevant as each other too: an answer's tag says that its bytes are the
    same, and the tag is made of the data alone.
    """
    stores = [open_store(newer.place), open_store(build(newer.fixtures, tmp_path))]
    for text in ("agent", "field", "agent field", "meeting field", '"agent 1"', "field 3 agent"):
        ranked = [list(store.export(ClaimQuery(q=text)).bodies) for store in stores]
        assert ranked[0] == ranked[1]
        assert ranked[0]


# One change on disk at a time


class Dying:
    """Builds that are killed before a chosen one of their changes on disk."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.at_size.dying"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def build(self, number: int, fixtures: Path, out: Path) -> bool:
        """Whether the build came to its end without making so many changes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([number, str(fixtures), str(out)]), file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        assert status in (0, signal.SIGKILL)
        return status == 0

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def dying() -> Iterator[Dying]:
    made = Dying()
    yield made
    made.close()


@pytest.mark.parametrize("before", ["another data set", "the same data set"])
def test_a_build_killed_before_any_change_on_disk_leaves_a_whole_data_set_or_none(
    tmp_path: Path, dying: Dying, rng: random.Random, before: str
) -> None:
    """Few claims, so that every second change, or about so, can be the one that is not made."""
    subjects = []
    for name, seed in (("older", SEED), ("newer", SEED + 1)):
        data.write_seasoned(tmp_path / name, 60, seed)
        place = build(tmp_path / name, tmp_path / f"{name}-out")
        subjects.append(Subject(tmp_path / name, place, 0.0))
    old, new = subjects
    there = {"another data set": [old], "the same data set": [new]}[before]
    ended, number = False, 0
    while not ended:
        number += rng.randint(1, 3)
        out = tmp_path / "outs" / str(number)
        for subject in there:
            shutil.copytree(subject.place.parent, out)
        ended = dying.build(number, new.fixtures, out)
        found = assert_whole(out, *subjects)
        assert set(found) - {new.place.name} == {s.place.name for s in there} - {new.place.name}
        assert build_again(dying, new, out) == sorted({*found, new.place.name})
    assert number > 20


def build_again(dying: Dying, subject: Subject, out: Path) -> list[str]:
    """Everything that is in a directory of data sets after a build that nobody disturbed."""
    assert dying.build(0, subject.fixtures, out)
    assert (out / subject.place.name / "manifest.json").read_bytes() == subject.manifest
    return sorted(path.name for path in out.iterdir())
