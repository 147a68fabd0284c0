"""Where data sets are published, and from where each is opened."""

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from service.store.dataset_format import MANIFEST, candidates
from service.store.protocol import Store


class Candidate(NamedTuple):
    """A data set that may be served: its version, where it is, and what tells it from another that
    is put in its place under the same name.
    """

    version: str
    place: Hashable
    mark: Hashable = None


class Catalogue(Protocol):
    """Where data sets are published, and from where each is opened."""

    def candidates(self) -> Sequence[Candidate]:
        """The data sets in the order in which they are to be served, the current one first.

        Raises ``DatasetUnavailable`` where that cannot be said at present.
        """

    def open(self, candidate: Candidate, *, whole: bool) -> Store:
        """Opens one; ``whole`` proves all of it first. Raises ``DatasetUnavailable``."""


class DirectoryCatalogue:
    """The data sets of a directory. ``open_store`` opens one, and with ``whole=True`` compares all
    of its bytes.
    """

    def __init__(self, directory: Path, open_store: Callable[..., Store]) -> None:
        self._directory, self._open = directory, open_store

    def candidates(self) -> Sequence[Candidate]:
        return [Candidate(each.name, each, _mark(each)) for each in candidates(self._directory)]

    def open(self, candidate: Candidate, *, whole: bool) -> Store:
        assert isinstance(candidate.place, Path)
        return self._open(candidate.place, whole=whole)


def _mark(directory: Path) -> tuple[int, ...]:
    try:
        state = (directory / MANIFEST).stat()
    except OSError:
        return ()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
