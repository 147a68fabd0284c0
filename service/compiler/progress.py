"""How far a long task is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""
T = TypeVar("T")
_EVERY = 500


def silent(task: str, done: int, total: int) -> None:
    """Progress that is not shown."""


def tracked(items: Iterable[T], task: str, total: int, progress: Progress) -> Iterator[T]:
    """Items of a task, of which ``progress`` is told."""
    progress(task, 0, total)
    for done, item in enumerate(items, 1):
        yield item
        if done % _EVERY == 0 or done == total:
            progress(task, done, total)
