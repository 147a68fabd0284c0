"""A disk without room: the build fails with one sentence, and leaves nothing on it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from service.store.dataset_format import current
from service.store.tantivy.store import open_store
from tests.built import records_of
from tests.publishing import publish
from tests.samples import sample

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent

PROGRAM = """
import json, os, resource, subprocess, sys
from service import cli
from service.compiler import publish

def ended(bound, arguments, place):
    '''How a command ends in a process of its own: a fork of one that has loaded the modules.'''
    pipes = [os.pipe(), os.pipe()]  # no bound holds for them
    child = os.fork()
    if not child:
        for number, (_, into) in enumerate(pipes, 1):
            os.dup2(into, number)
        if isinstance(bound, int):
            resource.setrlimit(resource.RLIMIT_FSIZE, (bound, bound))
        status = cli.main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    told = []
    for out, into in pipes:
        os.close(into)
        with open(out) as stream:
            told.append(stream.read())
    return [bound, status, *told, sorted(os.listdir(place))]

command, place, *bounds = json.loads(sys.argv[1])
for bound in bounds:
    if isinstance(bound, str):  # the size of a disk
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={bound}", "tmpfs", place], check=True)
    print(json.dumps(ended(bound, [*command, place], place)), flush=True)
"""


class Ended(NamedTuple):
    """How a command ended, and what then lay where it should have built."""

    status: int
    out: str
    errors: str
    there: list[str]


def ended_within(
    bounds: list[Any], command: list[str], place: Path, *before: str
) -> dict[Any, Ended]:
    """The command under each bound: bytes that a file may have, or the size of a disk."""
    asked = json.dumps([command, str(place), *bounds])
    done = subprocess.run(
        [*before, sys.executable, "-c", PROGRAM, asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {bound: Ended(*told) for bound, *told in map(json.loads, done.stdout.splitlines())}


def complaint(ended: Ended) -> str:
    """The one line that a command complained with."""
    assert ended.status == 1, ended.errors
    assert ended.out == ""
    (line,) = ended.errors.splitlines()
    return line


LIMITS = [0, 40_000, 110_000]
"""Whichever file it is: the larger the limit, the later the step that fails."""


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Ended]:
    """Publishing beside a data set, after which there is what there was before."""
    out = tmp_path_factory.mktemp("limited") / "out"
    before = publish(records_of(sample()), out)
    found = ended_within(LIMITS, ["publish"], out)
    assert current(out) == before
    return found


@pytest.mark.parametrize("limit", LIMITS)
def test_a_file_that_cannot_grow_fails_the_build_and_leaves_nothing(
    limit: int, limited: dict[int, Ended], tmp_path: Path
) -> None:
    publish(records_of(sample()), tmp_path)
    assert "too large" in complaint(limited[limit]).lower()
    assert limited[limit].there == sorted(path.name for path in tmp_path.iterdir())


def _can_mount() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


SIZES = ["60k", "200k", "250k"]


@pytest.fixture(scope="module")
def on_small_disks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    place = tmp_path_factory.mktemp("disk")
    unshared = ("unshare", "--map-root-user", "--mount")
    return ended_within(SIZES, ["build", "--out"], place, *unshared)


@pytest.mark.skipif(not _can_mount(), reason="no file system may be mounted here")
@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk_fails_the_build_and_is_left_empty(
    size: str, on_small_disks: dict[str, Ended]
) -> None:
    assert "space" in complaint(on_small_disks[size]).lower()
    assert on_small_disks[size].there == []


def test_a_build_succeeds_once_there_is_room(tmp_path: Path) -> None:
    place = publish(records_of(sample()), tmp_path)
    assert open_store(place, whole=True).dataset.version == place.name
