"""Work on many records, in this process or shared among several, its results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent import futures
from typing import Any, TypeVar

from service.compiler.desk import Desk, Handle, Part, Plan
from service.compiler.helpers import HelperLost, Helpers
from service.compiler.lines import Lines

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
Result = TypeVar("Result")

_PART = 500
"""Records handed out at a time: enough that handing over costs little beside the work."""
_AHEAD = 3
"""Parts that wait for each process, so that none is idle and memory stays bounded."""
SHARED_FROM = 10_000
"""Records from which further processes are worth their start."""


class BuildFailed(RuntimeError):
    """The build could not go on, through no fault of the data."""


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
        self._helpers = None if processes < 2 else Helpers(plan, processes)
        self._ahead = processes * _AHEAD

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
        if self._helpers is None:
            assert self._desk is not None
            for part in given:
                yield len(part), work(self._desk, part)
            return
        waiting: deque[tuple[int, futures.Future[Result]]] = deque()
        try:
            for part in given:
                waiting.append((len(part), self._helpers.hand(work, part)))
                if len(waiting) > self._ahead:
                    size, future = waiting.popleft()
                    yield size, future.result()
            while waiting:
                size, future = waiting.popleft()
                yield size, future.result()
        except HelperLost:
            reason = "a process of the build was ended from outside (is memory short?)"
            raise BuildFailed(f"{reason}; nothing was built") from None

    def close(self) -> None:
        if self._helpers is not None:
            self._helpers.close()


def processes_for(records: Iterable[Sequence[Any]], wanted: int | None = None) -> int:
    """How many processes to use: one a core, but one alone where there is little to do."""
    most = max((len(found) for found in records if isinstance(found, Lines)), default=0)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return 1 if most < SHARED_FROM else wanted or cores
