"""Whoever serves a data set is another user than whoever built it, and may not write to it."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.query import ClaimQuery
from service.compiler import build_dataset
from service.store.tantivy.store import open_store
from tests.samples import sample, write

pytestmark = pytest.mark.slow

NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A data set built by somebody who lets nobody else read what they make."""
    with tempfile.TemporaryDirectory() as everybodys:  # pytest's own are for their owner alone
        Path(everybodys).chmod(0o755)
        fixtures = write(sample(), Path(everybodys, "fixtures"))
        Path(everybodys, "out").mkdir()
        before = os.umask(0o077)
        try:
            built = build_dataset(fixtures, Path(everybodys, "out"))
        finally:
            os.umask(before)
        yield built
        for path in (built, *built.rglob("*")):
            path.chmod(0o755)


def test_whoever_serves_a_data_set_may_read_all_of_it(place: Path) -> None:
    for path in (place, *place.rglob("*")):
        expected = 0o755 if path.is_dir() else 0o644
        assert stat.S_IMODE(path.stat().st_mode) == expected, path.name


def test_opening_a_data_set_leaves_nothing_in_it(place: Path) -> None:
    before = sorted(place.rglob("*"))
    assert open_store(place).search(ClaimQuery()).total == 6
    assert sorted(place.rglob("*")) == before


def test_a_data_set_that_may_not_be_written_to_is_served(place: Path) -> None:
    """The engine would lock the directory that it opens, which takes a file to be made there."""
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    child = os.fork()
    if child == 0:
        os._exit(_found_as_nobody(place))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 6


def _found_as_nobody(place: Path) -> int:
    """How many claims a user finds who owns nothing; 255 when it fails."""
    try:
        if os.getuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        return open_store(place).search(ClaimQuery(q="plan")).total
    except BaseException:  # noqa: BLE001  # a fork must not go on as the test
        return 255
