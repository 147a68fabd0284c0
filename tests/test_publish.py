"""Publishing: the new data set is the current one in one step, and the last three are kept."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from schemas.faults import DataRefused
from service import cli
from service.compiler import BuildFailed, build_dataset
from service.compiler.disk import exchange
from service.compiler.publish import MAX_PUBLISHED
from service.compiler.write import Draft
from service.store.dataset_format import candidates, current, published
from service.store.tantivy.store import open_store
from tests.contract_tools import ROOT
from tests.publishing import publish
from tests.samples import GOAL_AT, edited, sample, write

pytestmark = pytest.mark.slow


@pytest.fixture
def fixtures(tmp_path: Path) -> Callable[[int], Path]:
    """Fixtures of which each number gives another data set."""

    def made(number: int) -> Path:
        text = f"Edition {number} of the plan."
        data = edited(sample(), (f"/claims/{GOAL_AT}/statement", text))
        return write(data, tmp_path / f"fixtures-{number}")

    return made


Made = Callable[[int], Path]


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def test_what_is_published_is_current(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "not" / "there"
    first = publish(fixtures(1), out)
    assert current(out) == first
    assert (out / "current").readlink() == Path(first.name), "so that the directory can be moved"
    second = publish(fixtures(2), out)
    assert current(out) == second != first
    assert names(out) == sorted([".published", "current", first.name, second.name])
    assert open_store(out / "current").dataset.version == second.name


def test_the_last_three_are_kept(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = [publish(fixtures(number), out).name for number in range(MAX_PUBLISHED + 2)]
    assert published(out)[-MAX_PUBLISHED:] == made[-MAX_PUBLISHED:]
    assert names(out) == sorted([".published", "current", *made[-MAX_PUBLISHED:]])


_WATCHED = """
import os, sys
from pathlib import Path
from tests.publishing import publish
*sources, out = sys.argv[1:]
retired = publish(Path(sources[0]), Path(out)).name
seen = []
def hear(event, details):
    if event in ("os.rename", "os.remove", "os.rmdir", "shutil.rmtree"):
        seen.append((event, os.fspath(details[0])))
sys.addaudithook(hear)
for source in sources[1:]:
    publish(Path(source), Path(out))
print(*(event for event, path in seen if f"/{retired}" in path.removesuffix("/")))
"""


def test_a_retired_data_set_leaves_its_place_whole_by_one_rename(
    fixtures: Made, tmp_path: Path
) -> None:
    """Nothing is removed under its own name, where a server might still open it."""
    sources = [str(fixtures(number)) for number in range(MAX_PUBLISHED + 1)]
    program = [sys.executable, "-c", _WATCHED, *sources, str(tmp_path / "out")]
    ended = subprocess.run(program, check=True, capture_output=True, text=True, cwd=ROOT)
    assert ended.stdout.split() == ["os.rename"]


def test_to_publish_an_earlier_one_again_goes_back(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one, two, three = (publish(fixtures(number), out) for number in range(3))
    assert publish(fixtures(0), out) == one
    assert current(out) == one
    inode = (one / "manifest.json").stat().st_ino
    assert publish(fixtures(0), out) == one
    assert (one / "manifest.json").stat().st_ino == inode, "it was whole, and stays as it is"
    four = publish(fixtures(3), out)
    assert names(out) == sorted([".published", "current", three.name, one.name, four.name])
    assert candidates(out) == [four, one, three]
    assert not two.exists()


def test_what_was_only_built_is_nobodys_to_remove(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = build_dataset(fixtures(99), out)
    for number in range(MAX_PUBLISHED + 2):
        publish(fixtures(number), out)
    assert built.is_dir()
    assert candidates(out)[-1] == built


def test_a_lost_list_costs_the_order_alone(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one, two = (publish(fixtures(number), out) for number in range(2))
    (out / ".published").write_bytes(b"\xff\x00 nonsense ../..")
    three = publish(fixtures(2), out)
    assert published(out) == [two.name, three.name]
    assert one.is_dir()


def test_a_list_that_cannot_be_read_is_not_taken_for_lost(fixtures: Made, tmp_path: Path) -> None:
    """What it names would never be removed."""
    out = tmp_path / "out"
    before = publish(fixtures(0), out)
    (out / ".published").unlink()
    (out / ".published").symlink_to(".published")
    with pytest.raises(OSError, match="symbolic links"):
        publish(fixtures(1), out)
    assert before in candidates(out)
    assert current(out) == before


def test_a_link_that_leads_nowhere_makes_no_data_set_leave(fixtures: Made, tmp_path: Path) -> None:
    """Its own name is none of a data set, and takes the place of none."""
    out = tmp_path / "out"
    one, two = (publish(fixtures(number), out) for number in range(2))
    (out / "current").unlink()
    (out / "current").symlink_to("current")
    three = publish(fixtures(2), out)
    assert published(out) == [one.name, two.name, three.name]
    assert one.is_dir()


def test_leftovers_are_swept_but_not_what_is_under_way(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(fixtures(0), out)
    for leftover in (".draft-dead", ".draft-0123456789abcdef", ".draft-x-replaced"):
        (out / leftover / "index").mkdir(parents=True)
    (out / ".current-draft").symlink_to("nowhere")
    (out / ".published-draft").write_text("half")
    with Draft(out) as alive:
        place = publish(fixtures(1), out)
        assert alive.path.is_dir()
        (alive.path / "manifest.json").write_text("still being made")
    assert current(out) == place
    assert len(names(out)) == 4


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot swap two names in one step."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace())


@pytest.fixture(params=["in one step", "in three"])
def swapping(request: pytest.FixtureRequest) -> None:
    if request.param == "in three":
        request.getfixturevalue("no_exchange")


@pytest.mark.usefixtures("swapping")
@pytest.mark.parametrize("name", ["claims.ndjson", "manifest.json", "index/meta.json"])
def test_a_damaged_one_is_replaced(fixtures: Made, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    place = publish(fixtures(0), out)
    (place / name).write_bytes(b"damaged")
    assert publish(fixtures(0), out) == place
    open_store(out / "current", whole=True)
    assert names(out) == sorted([".published", "current", place.name])


def test_another_instant_of_the_same_content_takes_its_place(
    fixtures: Made, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    place = publish(fixtures(0), out)
    assert publish(fixtures(0), out, epoch=1_700_000_000) == place
    assert open_store(place).dataset.built_at == "2023-11-14T22:13:20Z"


def test_an_exchange_that_fails_says_so_and_changes_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    with pytest.raises(OSError, match="No such file") as failed:
        exchange(one, other)
    assert failed.value.errno == errno.ENOENT
    assert names(tmp_path) == ["one"]


@pytest.mark.usefixtures("no_exchange")
def test_an_exchange_in_steps_that_fails_is_undone(tmp_path: Path) -> None:
    one = tmp_path / "one"
    one.mkdir()
    with pytest.raises(OSError, match="No such file"):
        exchange(one, tmp_path / "other")
    assert names(tmp_path) == ["one"]


def _in_the_way(out: Path, name: str) -> None:
    (out / name / "taken").mkdir(parents=True)


FAILING: dict[str, Callable[[Path], None]] = {
    "the list cannot be written": lambda out: _in_the_way(out, ".published-draft"),
    "the link cannot be made": lambda out: _in_the_way(out, ".current-draft"),
}


@pytest.mark.parametrize("how", FAILING)
def test_a_publish_that_fails_leaves_the_one_before(
    fixtures: Made, tmp_path: Path, how: str
) -> None:
    out = tmp_path / "out"
    before = publish(fixtures(0), out)
    FAILING[how](out)
    with pytest.raises(OSError, match="draft"):
        publish(fixtures(1), out)
    assert current(out) == before
    for path in out.glob(".*-draft"):
        shutil.rmtree(path, ignore_errors=True)
    assert current(out) != publish(fixtures(1), out)


def test_a_data_set_that_does_not_stand_the_proof_is_not_published(
    fixtures: Made, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = publish(fixtures(0), out)
    there = names(out)

    def refuse(place: Path) -> None:
        assert open_store(place).dataset.version != before.name
        raise BuildFailed("/v1/topics is answered with 500")

    with pytest.raises(BuildFailed, match="/v1/topics"):
        publish(fixtures(1), out, prove=refuse)
    assert current(out) == before
    assert names(out) == there


def test_what_cannot_be_removed_does_not_fail_a_publish(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    oldest = publish(fixtures(0), out)
    for number in range(1, MAX_PUBLISHED):
        publish(fixtures(number), out)
    _in_the_way(out, f".draft-{oldest.name}.removed")
    lock = os.open(out / f".draft-{oldest.name}.removed", os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # so that it is not swept as a leftover
    assert current(out) != publish(fixtures(MAX_PUBLISHED), out)
    assert len(published(out)) == MAX_PUBLISHED + 1
    os.close(lock)
    publish(fixtures(MAX_PUBLISHED + 1), out)
    assert len(names(out)) == MAX_PUBLISHED + 2, "the next one removes it"


def test_faulty_fixtures_publish_nothing(fixtures: Made, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = publish(fixtures(0), out)
    faulty = write(edited(sample(), ("/claims/0/kind", "wish")), tmp_path / "faulty")
    with pytest.raises(DataRefused):
        publish(faulty, out)
    assert current(out) == before


def test_where_something_else_is_named_current_it_is_left_alone(
    fixtures: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out" / "current" / "mine").mkdir(parents=True)
    arguments = ["publish", str(tmp_path / "out"), "--fixtures", str(fixtures(0))]
    assert cli.main(arguments) == 1
    assert "current" in capsys.readouterr().err
    assert (tmp_path / "out" / "current" / "mine").is_dir()


def test_the_command_prints_the_place(
    fixtures: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert cli.main(["publish", str(out), "--fixtures", str(fixtures(0))]) == 0
    printed = capsys.readouterr()
    assert Path(printed.out.strip()) == current(out)
    assert f"CLAIMS_DATASETS={out}" in printed.err


def test_a_directory_may_be_moved(fixtures: Made, tmp_path: Path) -> None:
    publish(fixtures(0), tmp_path / "out")
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    open_store(tmp_path / "elsewhere" / "current")


def test_candidates_where_there_is_nothing(tmp_path: Path) -> None:
    assert candidates(tmp_path / "nowhere") == []
    (tmp_path / "current").symlink_to("current")
    (tmp_path / ".published").mkdir()
    (tmp_path / "notes").mkdir()
    assert [path.name for path in candidates(tmp_path)] == ["current"]
