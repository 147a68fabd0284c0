"""A disk without room: the build fails with one sentence, and leaves nothing on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.store.dataset_format import current
from service.store.tantivy.store import open_store
from tests.built import records_of
from tests.publishing import publish
from tests.samples import sample

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

_LIMITED = """
import resource, sys
from service import cli
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(cli.main(sys.argv[1:]))
"""


def complaint(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line that a command complained with."""
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    return line


@pytest.mark.parametrize("limit", [0, 4_000, 40_000, 110_000])
def test_a_file_that_cannot_grow_fails_the_build_and_leaves_nothing(
    limit: int, tmp_path: Path
) -> None:
    """Whichever file it is: the larger the limit, the later the step that fails."""
    out = tmp_path / "out"
    before = publish(records_of(sample()), out)
    there = sorted(path.name for path in out.iterdir())
    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(limit), "publish", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "too large" in complaint(ended).lower()
    assert sorted(path.name for path in out.iterdir()) == there
    assert current(out) == before


_ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size="$1" tmpfs "$2"
"$3" -m service.cli build --out "$2" && exit 3 || status=$?
ls -A "$2" >&2
exit $status
"""


def _can_mount() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="no file system may be mounted here")
@pytest.mark.parametrize("size", ["60k", "120k", "200k", "240k", "260k"])
def test_a_full_disk_fails_the_build_and_is_left_empty(size: str, tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", _ON_A_SMALL_DISK, "sh"]
    ended = subprocess.run(
        [*command, size, str(tmp_path), sys.executable],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "space" in complaint(ended).lower()


def test_a_build_succeeds_once_there_is_room(tmp_path: Path) -> None:
    place = publish(records_of(sample()), tmp_path)
    assert open_store(place, whole=True).dataset.version == place.name
