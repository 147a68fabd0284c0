"""Readers without pause, each of whose answers is compared with the right one."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from service.store.protocol import DatasetUnavailable


class Case(NamedTuple):
    """What is asked, and the right answer."""

    ask: Callable[[], Any]
    right: Any


class Told(NamedTuple):
    """When an answer came, on the monotonic clock, how long it took, and what it was."""

    at: float
    seconds: float
    verdict: str


@dataclass
class Answers:
    """What the readers were told."""

    told: list[Told] = field(default_factory=list)

    def number(self, verdict: str, since: float = 0.0) -> int:
        return sum(each.verdict == verdict and each.at >= since for each in self.told)

    @property
    def wrong(self) -> int:
        return len(self.told) - self.number("right") - self.number("unavailable")

    @property
    def longest(self) -> float:
        return max(each.seconds for each in self.told)

    @property
    def unavailable(self) -> float:
        """The share that was told that there is no answer at present."""
        return self.number("unavailable") / len(self.told)

    def nearly_all(self, since: float, until: float = float("inf")) -> float:
        """The seconds in which 99 of 100 answers came, of those that were asked for then."""
        asked = sorted(
            each.seconds for each in self.told if since <= each.at - each.seconds < until
        )
        return asked[len(asked) * 99 // 100]

    def __str__(self) -> str:
        last = max((each.at for each in self.told if each.verdict == "unavailable"), default=None)
        first = min((each.at for each in self.told if each.verdict == "unavailable"), default=None)
        span = 0.0 if first is None or last is None else last - first
        return (
            f"{len(self.told)} answers: {self.wrong} wrong, {self.number('unavailable')} "
            f"unavailable within {span:.1f} s; the longest took {self.longest:.2f} s"
        )


@contextmanager
def crowd(cases: Sequence[Case], readers: int = 2) -> Iterator[Answers]:
    """Readers that ask again and again for as long as the block runs."""
    answers, ended = Answers(), threading.Event()

    def read(first: int) -> None:
        for case in itertools.islice(itertools.cycle(cases), first, None):
            if ended.is_set():
                return
            begun = time.monotonic()
            verdict = _verdict(case)
            answers.told.append(Told(time.monotonic(), time.monotonic() - begun, verdict))

    threads = [threading.Thread(target=read, args=(7 * place,)) for place in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join(60)


def _verdict(case: Case) -> str:
    try:
        return "right" if case.ask() == case.right else "wrong"
    except DatasetUnavailable:
        return "unavailable"
    except Exception as error:  # noqa: BLE001  # whatever it is, it is no answer
        return f"failed: {error!r}"
