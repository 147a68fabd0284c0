"""A publish that is killed, or that the disk fails, at any call of the system that it makes."""

from __future__ import annotations

import itertools
import random
import re
import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.records.dataset import DATA_FILES
from service.store.dataset_format import CURRENT, current, published
from service.store.protocol import DatasetUnavailable
from service.store.tantivy.store import open_store
from tests.publishing import publish
from tests.samples import GOAL, GOAL_AT, edited, sample, write
from tests.torture.editions import edition
from tests.torture.promises import promises
from tests.torture.tracing import WATCHED, Publisher, Run, installed

AREA = "Publishing and reloading"
FAULTS = ("signal=KILL", "error=ENOSPC", "error=EIO", "error=EDQUOT")
LASTING = {"fsync", "fdatasync", "write"}
"""Calls of which none may fail when success is said."""
NAMING = {"rename", "renameat", "renameat2", "symlink", "unlink"}
"""Calls between which a name may lead nowhere."""

Many = Callable[[int, int], int]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Edition:
    """Fixtures, and what every data set made of them holds."""

    fixtures: Path
    version: str
    files: Mapping[str, bytes]
    goal: bytes

    @classmethod
    def made(cls, number: int, where: Path, out: Path) -> Edition:
        data = edited(sample(), (f"/claims/{GOAL_AT}/statement", f"Edition {number}."))
        fixtures = write(data, where / f"fixtures-{number}")
        place = publish(fixtures, out)
        files = {name: (place / name).read_bytes() for name in DATA_FILES}  # not the feed
        return cls(fixtures, place.name, files, open_store(place).get(GOAL))


class Reader:
    """Reads what is current, as a server does, again and again; a torn read is written down."""

    def __init__(self, editions: list[Edition]) -> None:
        self._known = {edition.version: edition for edition in editions}
        self.read, self.torn = 0, list[str]()

    def look(self, out: Path) -> str:
        """The version that is current, once all of it has been compared."""
        place = current(out)
        assert place is not None, "there is nothing current"
        try:
            store = open_store(place, whole=True)
        except DatasetUnavailable as error:
            raise AssertionError(str(error)) from error
        edition = self._known[place.name]
        for name, content in edition.files.items():
            assert (place / name).read_bytes() == content, f"{place.name} {name}"
        assert store.get(GOAL) == edition.goal
        self.read += 1
        return place.name

    @contextmanager
    def looking(self, out: Path) -> Iterator[None]:
        """All the time until the block ends, and once when it has begun."""
        over, begun = threading.Event(), threading.Event()

        def look() -> None:
            while not over.is_set():
                try:
                    self.look(out)
                except (AssertionError, OSError) as error:
                    self.torn.append(f"while it ran: {error}")
                begun.set()
                over.wait(0.01)

        thread = threading.Thread(target=look)
        thread.start()
        begun.wait()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    if not installed():
        pytest.skip("NOT PROVED: strace is not there, or may watch no process")
    made = Publisher(tmp_path)
    yield made
    made.close()


def fresh(template: Path, out: Path) -> Path:
    """The same data sets again; their files, which nobody writes to, are shared."""
    shutil.copytree(template, out, symlinks=True, copy_function=_linked)
    return out


def _linked(source: str, target: str) -> None:
    if Path(source).is_symlink() or Path(source).name == ".published":
        shutil.copy2(source, target, follow_symlinks=False)
    else:
        Path(target).hardlink_to(source)


def points(
    counts: Mapping[str, int], unlocking: set[int], rng: random.Random
) -> list[tuple[str, int, str]]:
    """Which call, at which of its times, fails how: each kind of call killed once and failing once,
    each of those that name something killed, and each of those that make it last failing.
    """
    chosen = set()
    for name, count in sorted(counts.items()):
        times = range(1, count + 1)
        killed = times if name in NAMING else [rng.choice(times)]
        able = [time for time in times if name != "close" or time not in unlocking]
        failing = times if name in LASTING - {"write"} else [rng.choice(able)]
        chosen |= {(name, time, FAULTS[0]) for time in killed}
        chosen |= {(name, time, rng.choice(FAULTS[1:])) for time in failing}
    return sorted(chosen)


def all_points(counts: Mapping[str, int], unlocking: set[int]) -> list[tuple[str, int, str]]:
    """Every call, at each of its times, with each fault.

    Where a close lets go of a lock it is killed and does not fail: strace would
    keep the lock, while Linux lets go of it whatever close returns.
    """
    return [
        (name, time, fault)
        for name, count in sorted(counts.items())
        for time, fault in itertools.product(range(1, count + 1), FAULTS)
        if name != "close" or fault == FAULTS[0] or time not in unlocking
    ]


@promises(
    AREA,
    "Whatever call of the system a publish does not survive (kill -9) or gets an error from "
    "(ENOSPC, EIO, EDQUOT), `current` leads to the whole data set of before or to the whole new "
    "one, for whoever reads meanwhile or later; success is said of the new one alone; the next "
    "publish succeeds and sweeps what was left.",
    broken="A link that was removed and made anew (nothing current); an fsync whose error was "
    "passed over (false success); leftovers that were not swept, beside the data sets or in "
    "memory.",
)
def test_a_publish_that_is_killed_or_fails_at_any_call(
    tmp_path: Path, publisher: Publisher, many: Many, rng: random.Random, tell: Tell
) -> None:
    template = tmp_path / "template"
    first, second, old = (Edition.made(n, tmp_path, template) for n in range(3))
    new = Edition.made(3, tmp_path, tmp_path / "elsewhere")
    reader = Reader([first, second, old, new])
    undisturbed = publisher.publish(
        new.fixtures, fresh(template, tmp_path / "traced"), "-e", f"trace={WATCHED}"
    )
    assert undisturbed.status == 0, undisturbed.said
    counts, unlocking = undisturbed.counts(), undisturbed.unlocking()
    every = all_points(counts, unlocking)
    chosen = every if many(1, 0) else points(counts, unlocking, rng)
    ends: Counter[str] = Counter()
    for number, (name, time, fault) in enumerate(chosen):
        out = fresh(template, tmp_path / "outs" / str(number))
        with reader.looking(out):
            inject = f"inject={name}:{fault}:when={time}"
            run = publisher.publish(new.fixtures, out, "-e", f"trace={name},flock", "-e", inject)
        assert not run.hung or run.kept_a_lock, f"it hangs: {name} {time} {fault}"
        ends[_end(run, reader.look(out), old, new, f"{name} {time} {fault}")] += 1
        place = publish(new.fixtures, out)
        assert reader.look(out) == place.name == new.version
        left = {path.name for path in out.iterdir()}
        expected = {".published", "current", second.version, old.version, new.version}
        assert left == expected, f"{name} {time} {fault}"
        assert not links_left(out), f"{name} {time} {fault}"
        shutil.rmtree(out)
    assert reader.torn == []
    assert ends["killed, old"] > 0
    assert ends["failed, old"] > 0
    told = "; ".join(f"{ends[end]:,} {end}" for end in sorted(ends))
    tell(
        f"{len(chosen):,} of the {len(every):,} points where a publish can "
        f"be struck ({len(counts)} kinds of call, {sum(counts.values()):,} calls, {len(FAULTS)} "
        f"faults), and what was current then: {told}; {reader.read:,} whole reads, 0 torn; 0 false "
        "successes; 0 leftovers after the next publish."
    )


def links_left(out: Path) -> list[Path]:
    """Links to an index of these data sets that an opening left in memory."""
    left: list[Path] = []
    for directory in Path("/dev/shm").glob("policy-claims-index-*"):
        with suppress(OSError):  # that of another process, which is gone by now
            links = directory.iterdir()
            left += [link for link in links if link.readlink().is_relative_to(out)]
    return left


def _end(run: Run, found: str, old: Edition, new: Edition, where: str) -> str:
    """How a publish ended, and what was current then."""
    assert found in (old.version, new.version), where
    assert "Traceback" not in run.said, f"{where}: {run.said}"
    name, _, fault = where.split()
    if run.status == 0:
        assert found == new.version, f"a false success: {where}"
        lasting = name in LASTING and fault != FAULTS[0]
        assert not (lasting and run.injected), f"a false success: {where}"
    if run.hung:
        return "not judged (strace kept a lock)"
    how = "undisturbed" if not run.injected else "killed" if run.status == -9 else "failed"
    how = "succeeded all the same" if run.injected and run.status == 0 else how
    return f"{how}, {'new' if found == new.version else 'old'}"


# What lasts when the power fails


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    paths: tuple[str, ...]


_LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")
_PATH = re.compile(r'"([^"]*)"|\d+<(/[^>]*)>')


def calls(trace: str) -> list[Call]:
    """The calls that succeeded, in the order in which they ended, with the paths they name."""
    begun: dict[tuple[str, str], str] = {}
    made = []
    for line in trace.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, name, rest = found.groups()
        if rest.endswith("<unfinished ...>"):
            begun[thread, name] = rest
            continue
        rest = begun.pop((thread, name), "") + rest
        arguments, _, result = rest.rpartition(" = ")
        if not result.startswith("-1"):
            paths = (quoted or held for quoted, held in _PATH.findall(arguments))
            made.append(Call(name, tuple(paths)))
    return made


@promises(
    AREA,
    "Every file of a data set, its directories, the list of what was published and the link to the "
    "current one are flushed before they are renamed into place, the directory after each rename, "
    "and nothing is written to afterwards.",
    broken="A file of the index that was not flushed; a directory that was not flushed after the "
    "rename; the link switched before the data set's rename was flushed.",
)
def test_everything_is_flushed_before_it_counts(
    tmp_path: Path, publisher: Publisher, many: Many, tell: Tell
) -> None:
    seen: Counter[str] = Counter()
    for number in range(many(30, 3)):
        out = tmp_path / "out"  # the first publish makes it, the others find something there
        data = edited(sample(), (f"/claims/{GOAL_AT}/statement", f"Edition {number}."))
        fixtures = write(data, tmp_path / f"fixtures-{number}")
        run = publisher.publish(fixtures, out, "-e", f"trace={WATCHED}")
        assert run.status == 0, run.said
        seen.update(_assert_lasts(out, calls(run.trace)))
    tell(
        f"{seen['publishes']} publishes traced: {seen['files']} files, {seen['directories']} "
        f"directories, {seen['renames']} renames of data set, list and link: fsync < rename < "
        "fsync of the directory for each, 0 writes after a file's last fsync."
    )


def _assert_lasts(out: Path, made: list[Call]) -> Counter[str]:
    place = current(out)
    assert place is not None
    flushed, written = defaultdict[str, list[int]](list), defaultdict[str, int](int)
    renamed: dict[str, tuple[int, str]] = {}
    for moment, call in enumerate(made):
        if call.name in ("fsync", "fdatasync"):
            flushed[call.paths[0]].append(moment)
        elif call.name in ("write", "pwrite64", "ftruncate") and call.paths:
            written[call.paths[0]] = moment
        elif call.name.startswith("rename"):
            source, target = (path for path in call.paths if path != str(Path.cwd()))
            renamed[target] = (moment, source)
    home = str(out)
    moved, draft = renamed[str(place)]
    for path in place.rglob("*"):
        before = f"{draft}/{path.relative_to(place)}"
        assert any(written[before] < moment < moved for moment in flushed[before]), path
        assert written[before] < moved
    assert any(moment < moved for moment in flushed[draft])
    listed, linked = renamed[f"{home}/.published"], renamed[f"{home}/current"]
    assert any(written[listed[1]] < moment < listed[0] for moment in flushed[listed[1]])
    symlink = made.index(Call("symlink", (place.name, linked[1])))
    assert any(symlink < moment < linked[0] for moment in flushed[home])
    for earlier, later in itertools.pairwise((moved, listed[0], linked[0], len(made))):
        assert any(earlier < moment < later for moment in flushed[home]), "the directory"
    directories = sum(path.is_dir() for path in place.rglob("*")) + 2
    files = sum(path.is_file() for path in place.rglob("*")) + 1
    return Counter(publishes=1, files=files, directories=directories, renames=3)


@promises(
    AREA,
    "The three data sets that were published last are kept, whichever they are, and no other.",
    broken="`KEPT = 4`; a data set that was published again counted twice, upon which another "
    "was not kept.",
)
def test_the_last_three_are_kept(
    tmp_path: Path, many: Many, rng: random.Random, tell: Tell
) -> None:
    out, expected, again = tmp_path / "out", list[str](), 0
    for _ in range(rounds := many(400, 20)):
        name = publish(edition(rng.randrange(8)), out).name
        again += name in expected
        expected = [*(other for other in expected if other != name), name][-3:]
        assert [name for name in published(out) if (out / name).is_dir()] == expected
        assert {path.name for path in out.iterdir() if path.is_dir()} == {*expected, CURRENT}
        assert current(out) == out / name
    tell(f"After each of {rounds} publishes, {again} of them of one that was kept, those three.")
