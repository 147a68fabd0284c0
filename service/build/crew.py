"""Work on many records, in this process or shared among several, its results in order."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle  # nosec B403
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from service.build.checks import Known
from service.build.kept import Kept, opened
from service.build.lines import LineReader, Lines

Handle = Any
"""A record itself, or the place of its line."""
Part = Sequence[Any]
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
Result = TypeVar("Result")

_PART = 500
"""Records handed out at a time: enough that handing over costs little beside the work."""
_AHEAD = 3
"""Parts that wait for each process, so that none is idle and memory stays bounded."""
MOST_LINE = 1_000_000
"""Bytes of a line; what is longer is no record."""
SHARED_FROM = 10_000
"""Records from which further processes are worth their start."""


class BuildFailed(RuntimeError):
    """The build could not go on, through no fault of the data."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What each process must know: the vocabularies, the files, and what may be used again."""

    known: Known | None
    names: Mapping[str, str]
    paths: Mapping[str, Path]
    out: Path | None
    moved: tuple[bytes, ...] | None


class Desk:
    """Where a process works: the plan, and the files it opened for itself."""

    def __init__(self, plan: Plan) -> None:
        self.known, self.names = plan.known, plan.names
        self._readers = {name: LineReader(path) for name, path in plan.paths.items()}
        self.kept: Mapping[str, Kept] = opened(plan.out, plan.moved) if plan.out else {}

    def raw(self, name: str, handle: Handle) -> bytes | None:
        """The line of a record; ``None`` where the record itself was handed over.

        Of a line too long for any record only the beginning.
        """
        reader = self._readers.get(name)
        if reader is None:
            return None
        offset, length = handle
        return reader.read((offset, min(length, MOST_LINE + 1)))


def handles(records: Sequence[Any], places: Iterable[int]) -> list[Handle]:
    """What is handed over of some records, so that another process can read them."""
    if isinstance(records, Lines):
        return [records.place(place) for place in places]
    return [records[place] for place in places]


def parts(count: int) -> Iterator[range]:
    """All places from 0 to ``count``, some at a time."""
    for first in range(0, count, _PART):
        yield range(first, min(first + _PART, count))


class Crew:
    """Runs a function over parts of the work. Raises ``BuildFailed`` when a process is lost."""

    def __init__(self, plan: Plan, processes: int, progress: Progress | None = None) -> None:
        self._progress = progress or (lambda task, done, total: None)
        self._desk = Desk(plan) if processes < 2 else None
        self._plan_file = None if processes < 2 else _written(plan)
        self._pool = None if self._plan_file is None else _pool(self._plan_file.name, processes)
        self._ahead = processes * _AHEAD
        self._lost = False

    def run(
        self, task: str, work: Callable[[Desk, Part], Result], given: Iterable[Part], total: int
    ) -> Iterator[Result]:
        """The result of each part, in the order of the parts."""
        done = 0
        self._progress(task, done, total)
        for size, result in self._results(work, given):
            yield result
            done += size
            self._progress(task, done, total)

    def _results(
        self, work: Callable[[Desk, Part], Result], given: Iterable[Part]
    ) -> Iterator[tuple[int, Result]]:
        if self._pool is None:
            assert self._desk is not None
            for part in given:
                yield len(part), work(self._desk, part)
            return
        waiting: deque[tuple[int, futures.Future[Result]]] = deque()
        try:
            for part in given:
                waiting.append((len(part), self._handed(work, part)))
                if len(waiting) > self._ahead:
                    size, future = waiting.popleft()
                    yield size, future.result()
            while waiting:
                size, future = waiting.popleft()
                yield size, future.result()
        except BrokenProcessPool:
            self._lost = True
            reason = "a process of the build was ended from outside (is memory short?)"
            raise BuildFailed(f"{reason}; nothing was built") from None

    def _handed(self, work: Callable[[Desk, Part], Result], part: Part) -> futures.Future[Result]:
        assert self._pool is not None
        try:
            return self._pool.submit(_at_desk, work, part)
        except (OSError, ValueError) as error:  # of the pool, which breaks while it starts one
            raise BrokenProcessPool from error

    def close(self) -> None:
        if self._pool is not None:
            if self._lost:  # the pool waits for ever for one that it started while it was breaking
                for process in multiprocessing.active_children():
                    process.kill()
            self._pool.shutdown(cancel_futures=True)
        if self._plan_file is not None:
            self._plan_file.close()


def processes_for(records: Iterable[Sequence[Any]], wanted: int | None = None) -> int:
    """How many processes to use: one a core, but one alone where there is little to do."""
    most = max((len(found) for found in records if isinstance(found, Lines)), default=0)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return 1 if most < SHARED_FROM else wanted or cores


_desk: Desk | None = None


def _written(plan: Plan) -> Any:
    """The plan in a file that is gone once it is closed, readable by its maker alone.

    Handed over through a pipe, as the pool would, a plan of more than some 64 kB makes the parent
    wait for ever when a process is lost before it has read all of it.
    """
    file = tempfile.NamedTemporaryFile(prefix="policy-claims-")  # noqa: SIM115  # kept open
    pickle.dump(plan, file)
    file.flush()
    return file


def _pool(plan_file: str, processes: int) -> futures.ProcessPoolExecutor:
    # Started anew, not forked: the parent has threads (progress, search engine) that a fork
    # would leave behind in the middle of whatever they hold.
    context = multiprocessing.get_context("spawn")
    return futures.ProcessPoolExecutor(processes, context, _sit_down, (plan_file,))


def _sit_down(plan_file: str) -> None:
    """Prepares a process: it ends with its parent, and it keeps nothing that refers to itself."""
    global _desk  # noqa: PLW0603  # a process has one desk, and the pool no other place for it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()
    with Path(plan_file).open("rb") as file:
        _desk = Desk(pickle.load(file))  # noqa: S301  # nosec B301  # our own, nobody else's


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _at_desk(work: Callable[[Desk, Part], Result], part: Part) -> Result:
    assert _desk is not None
    return work(_desk, part)
