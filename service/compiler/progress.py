"""How far a long task is."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Gives items one by one and shows how many of them are done, as rich's ``Progress.track``."""

    def __call__(self, items: Iterable[T], /, *, total: int, description: str) -> Iterable[T]: ...


def untracked(items: Iterable[T], /, *, total: int, description: str) -> Iterable[T]:
    """Progress that is not shown."""
    return items
