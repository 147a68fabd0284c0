"""What a worker starts with, whatever lies on the disk: a good data set, or a 503 that ends by
itself. It never takes the service down.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from service.store.dataset_format import CLAIMS, CURRENT
from tests.at_size.server import Reply, Server, serving
from tests.publishing import publish
from tests.torture.disk import DAMAGE, Damage, lead
from tests.torture.editions import PATHS, Told, digest, edition, told
from tests.torture.promises import promises

WORKERS = 2
NOTICING = 20.0
"""Seconds for what is promised within 2, on a busy machine; the figure tells how long it took."""
MOST_REQUESTS = 100
RECYCLED = f"--max-requests {MOST_REQUESTS}"
READY, DEGRADED, UNAVAILABLE = "ready", "degraded", "unavailable"
OPEN = tuple(path for path in PATHS if path.startswith("/v1/"))

Many = Callable[[int, int], int]
Tell = Callable[[str], None]
Places = list[Path]
"""Three published data sets, the last of them the current one."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens to the disk, which of three editions is the newest whole one after it, and what
    ``/readyz`` says then.
    """

    what: str
    happens: Callable[[Path, Places, random.Random], None]
    whole: int | None
    state: str


@dataclass
class Watched:
    """A server whose every answer is compared; what it answers is counted."""

    server: Server
    rng: random.Random
    versions: dict[str, Told]
    allowed: set[str | None] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)

    def ask(self, times: int) -> None:
        for _ in range(times):
            path = self.rng.choice(OPEN)
            self.compare(path, self.server.get(path))

    def compare(self, path: str, reply: Reply) -> None:
        self.answers[reply.status] += 1
        if reply.status == 503:
            assert None in self.allowed, path
            assert reply.headers["Content-Type"] == "application/problem+json"
            assert int(reply.headers["Retry-After"]) > 0
            assert json.loads(reply.body)["status"] == 503
        else:
            version = reply.headers["Dataset-Version"]
            assert reply.status == 200
            assert version in self.allowed, path
            assert digest(reply.body) == self.versions[version].answers[path]

    def state(self) -> str:
        """What ``/readyz`` says; ``/healthz`` says always that the server lives."""
        assert self.server.get("/healthz").status == 200
        reply = self.server.get("/readyz")
        said = json.loads(reply.body)
        if reply.status == 503:
            return UNAVAILABLE
        assert reply.status == 200
        assert (said["status"] == DEGRADED) == bool(said.get("reason"))
        return str(said["status"])

    def becomes(self, state: str, version: str | None) -> float:
        """Seconds until every worker is of one mind, as far as twenty answers in a row tell."""
        begun, row = time.monotonic(), 0
        while row < 20:
            reply = self.server.get("/v1/dataset")
            self.compare("/v1/dataset", reply)
            there = reply.headers["Dataset-Version"] == version and self.state() == state
            row = row + 1 if there else 0
            assert time.monotonic() - begun < NOTICING, f"still not {state}"
        return time.monotonic() - begun

    def replaced(self, how: Callable[[], None]) -> None:
        """Until other workers have taken the place of all that were there."""
        before = set(self.server.workers())
        how()
        deadline = time.monotonic() + NOTICING
        while len(now := set(self.server.workers())) < WORKERS or now & before:
            self.ask(1)
            assert time.monotonic() < deadline

    def kill(self) -> None:
        for worker in self.server.workers():
            os.kill(worker, signal.SIGKILL)

    def hang_up(self) -> None:
        os.kill(self.server.pid, signal.SIGHUP)

    def wear_out(self) -> None:
        """Asked until they have answered as often as ``RECYCLED`` lets them."""
        self.ask(WORKERS * MOST_REQUESTS)


def damaged(newest: int, damage: Damage) -> Callable[[Path, Places, random.Random], None]:
    """The newest of three are damaged."""

    def happens(out: Path, places: Places, rng: random.Random) -> None:
        for place in places[-newest:]:
            damage(place, rng)

    return happens


def no_link(out: Path, places: Places, rng: random.Random) -> None:
    (out / CURRENT).unlink()


def a_directory_for_the_link(out: Path, places: Places, rng: random.Random) -> None:
    no_link(out, places, rng)
    (out / CURRENT).mkdir()


def scenes() -> Iterator[Scene]:
    yield Scene("nothing happened", lambda *_: None, 2, READY)
    astray = "0123456789abcdef"
    yield Scene("a link that leads nowhere", lambda out, *_: lead(out, astray), 2, DEGRADED)
    yield Scene("a link to itself", lambda out, *_: lead(out, CURRENT), 2, DEGRADED)
    yield Scene("no link", no_link, 2, READY)
    yield Scene("a directory in the place of the link", a_directory_for_the_link, 2, DEGRADED)
    for damage in DAMAGE:
        for newest, whole, state in ((1, 1, DEGRADED), (2, 0, DEGRADED), (3, None, UNAVAILABLE)):
            what = f"{newest} of three: {damage.__name__}"
            yield Scene(what, damaged(newest, damage), whole, state)
    yield Scene("no directory", lambda out, *_: shutil.rmtree(out), None, UNAVAILABLE)
    yield Scene("an empty directory", empty, None, UNAVAILABLE)


def empty(out: Path, places: Places, rng: random.Random) -> None:
    shutil.rmtree(out)
    out.mkdir()


@promises(
    "Publishing and reloading",
    "A worker starts with the current data set, else with the newest whole one, else it answers "
    "503 until there is one; `/readyz` says `degraded`, and why, where it is not the current one. "
    "Whatever lies on the disk, no start, no death of all workers, no HUP and no end by "
    "max_requests takes the service down.",
    broken="The store opened while the application is made, as loading at import does: the server "
    "was gone. A start that took the current data set or none.",
)
def test_no_start_takes_the_service_down(
    tmp_path: Path, many: Many, rng: random.Random, tell: Tell
) -> None:
    known = [told(number) for number in range(4)]
    kept = tmp_path / "kept"
    for number in range(3):
        publish(edition(number), kept)
    answers, starts, took = Counter[int](), Counter[str](), list[float]()
    every = [*scenes()]
    tried = rng.sample(every, many(len(every), 9))
    for number, scene in enumerate(tried):
        out = tmp_path / str(number)
        shutil.copytree(kept, out, symlinks=True)
        scene.happens(out, [out / each.version for each in known[:3]], rng)
        version = None if scene.whole is None else known[scene.whole].version
        with started(out, tmp_path / "log", version) as server:
            watched = Watched(server, rng, {each.version: each for each in known}, {version})
            for event in rng.choices(
                (watched.kill, watched.hang_up, watched.wear_out), k=many(12, 1)
            ):
                assert watched.state() == scene.state, scene.what
                watched.replaced(event)
                watched.ask(5)
                starts[event.__name__] += 1
            assert watched.state() == scene.state, scene.what
            if not (out / CURRENT).is_dir() or (out / CURRENT).is_symlink():
                watched.allowed.add(known[3].version)
                publish(edition(3), out)
                took.append(watched.becomes(READY, known[3].version))
        answers += watched.answers
    tell(
        f"{len(tried)} states of the disk, in each a start, and all workers replaced: "
        f"{starts['kill']} times killed, {starts['hang_up']} times by HUP, {starts['wear_out']} "
        f"times by max_requests; {answers.total():,} answers as they should be, {answers[503]:,} "
        f"of them 503 where no data set was whole; the next publish was answered from within "
        f"{max(took):.1f} s."
    )


def started(out: Path, log: Path, version: str | None) -> AbstractContextManager[Server]:
    status = 503 if version is None else 200
    settings = {"CLAIMS_DATASET": "", "CLAIMS_DATASETS": str(out), "GUNICORN_CMD_ARGS": RECYCLED}
    return serving(out, log, WORKERS, status=status, **settings)


@promises(
    "Publishing and reloading",
    "A file that is cut under a running service, which no publish does, costs the workers that "
    "were reading it, and nothing else: others take their place, and answer from the newest whole "
    "data set.",
    broken="A start that took the current data set or none: 503 afterwards.",
)
def test_a_file_cut_in_place_costs_no_more_than_a_worker(
    tmp_path: Path, many: Many, rng: random.Random, tell: Tell
) -> None:
    known = [told(number) for number in range(2)]
    versions = {each.version: each for each in known}
    lost, took, answers = 0, list[float](), Counter[int]()
    for number in range(rounds := many(20, 2)):
        out = tmp_path / str(number)
        for each in range(2):
            publish(edition(each), out)
        with started(out, tmp_path / "log", known[1].version) as server:
            watched = Watched(server, rng, versions, {known[0].version, known[1].version})
            watched.ask(20)
            os.truncate(out / known[1].version / CLAIMS, 0)
            begun, row = time.monotonic(), 0
            while row < 20:
                try:
                    watched.ask(1)
                    row = row + 1 if watched.state() == DEGRADED else 0
                except (OSError, ValueError, IndexError):
                    lost += 1
                assert time.monotonic() - begun < 2 * NOTICING
            took.append(time.monotonic() - begun)
        answers += watched.answers
    tell(
        f"{rounds} times: {lost} requests lost with their workers, {answers.total()} answered as "
        f"they should be; all from the newest whole data set after at most {max(took):.1f} s."
    )
