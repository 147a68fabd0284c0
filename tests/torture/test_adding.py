"""Claims that are added while the system fails or the command is killed: all of them or none."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.compiler import check_fixtures
from tests.curating import CLAIMS, given, run, typed, with_claims
from tests.torture.promises import promises
from tests.torture.test_publishing import FAULTS, LASTING, all_points, points
from tests.torture.tracing import WATCHED, Publisher, Run, installed

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

WRITTEN = ("agents.json", "changes.json", "claims.json")


@pytest.fixture
def adder(tmp_path: Path) -> Iterator[Publisher]:
    if not installed():
        pytest.skip("NOT PROVED: strace is not there, or may watch no process")
    made = Publisher(tmp_path, "tests.torture.adding")
    yield made
    made.close()


def state(place: Path) -> int:
    """How many claims there are; their changes are there too, or reading them is refused."""
    fixtures = check_fixtures(place)
    assert len(fixtures["claims"]) == len(fixtures["changes"])
    return len(fixtures["claims"])


@promises(
    "Curated files",
    "Whatever call of the system `policy-claims add` does not survive (kill -9) or gets an error "
    "from (ENOSPC, EIO, EDQUOT), claims and changes are both as they were or both as they should "
    "be for whatever reads next, success is said of the new ones alone, and the next `add` "
    "succeeds and leaves nothing else behind.",
    broken="Files put in their places one after the other without an edit that was decided first: "
    "claims without their changes.",
)
def test_an_add_that_is_killed_or_fails_at_any_call(
    tmp_path: Path, adder: Publisher, many: Many, rng: random.Random, tell: Tell
) -> None:
    template = with_claims(tmp_path / "template")
    anew = {**typed(CLAIMS[0]), "statement": "Maren Oduvald pledged to halve delays by 2031."}
    source = given(tmp_path / "claim.json", anew)
    again = given(tmp_path / "again.json", {**anew, "statement": "She pledged to halve delays."})

    def command(place: Path) -> list[str]:
        return ["add", "--from", str(source), "--fixtures", str(place)]

    first = shutil.copytree(template, tmp_path / "first")
    adder.watch(command(first))  # what is loaded once is loaded then
    traced = shutil.copytree(template, tmp_path / "traced")
    undisturbed = adder.watch(command(traced), "-e", f"trace={WATCHED}")
    assert undisturbed.status == 0, undisturbed.said
    counts, unlocking = undisturbed.counts(), undisturbed.unlocking()
    every = all_points(counts, unlocking)
    chosen = every if many(1, 0) else points(counts, unlocking, rng)
    ends: Counter[str] = Counter()
    for name, time, fault in chosen:
        place = shutil.copytree(template, tmp_path / "place")
        inject = f"inject={name}:{fault}:when={time}"
        ended = adder.watch(command(place), "-e", f"trace={name},flock", "-e", inject)
        where = f"{name} {time} {fault}"
        assert not ended.hung or ended.kept_a_lock, f"it hangs: {where}"
        ends[_end(ended, state(place) - len(CLAIMS), where)] += 1
        before = state(place)
        assert run("add", "--from", again, "--fixtures", place).status == 0, where
        assert state(place) == before + 1
        left = {path.name for path in place.iterdir()}
        assert left == {path.name for path in template.iterdir()}, where
        shutil.rmtree(place)
    assert ends["killed, none"] > 0
    assert ends["killed, all"] > 0
    told = "; ".join(f"{ends[end]:,} {end}" for end in sorted(ends))
    tell(
        f"{len(chosen):,} of the {len(every):,} points where an `add` can be struck "
        f"({len(counts)} kinds of call, {sum(counts.values()):,} calls, {len(FAULTS)} faults), and "
        f"what was there then: {told}; 0 halves; 0 false successes; 0 leftovers."
    )


def _end(ended: Run, added: int, where: str) -> str:
    """How an ``add`` ended, and what was there then."""
    assert added in (0, 1), where
    assert "Traceback" not in ended.said, f"{where}: {ended.said}"
    if ended.status == 0:
        assert added == 1, f"a false success: {where}"
        name, _, fault = where.split()
        lasting = name in LASTING and fault != FAULTS[0]
        assert not (lasting and ended.injected and name != "write"), f"a false success: {where}"
    if ended.hung:
        return "not judged (strace kept a lock)"
    how = "undisturbed" if not ended.injected else "killed" if ended.status == -9 else "failed"
    how = "succeeded all the same" if ended.injected and ended.status == 0 else how
    return f"{how}, {'all' if added else 'none'}"
