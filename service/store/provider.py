"""Which store answers now: one that is loaded once, or the current one of a directory of data sets.

A thread in each worker looks once a second which data set of a directory is current, opens and
proves a new one apart from the requests, and then exchanges one reference: a request ends with the
data set it began with. What is refused changes nothing for those who ask; ``/readyz`` and the log
say why.
"""

import itertools
import logging
import math
import os
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from service.store.dataset_format import MANIFEST, candidates, published
from service.store.protocol import DatasetUnavailable, Store

RETRY_SECONDS = 10
"""How long a failed load is left alone: a bad file must not cost every request a load."""
MAX_RETRY_SECONDS = 600.0
"""A refused data set is tried again, for its directory may be mended, but ever more rarely: to
compare gigabytes takes seconds."""
LOOK_SECONDS = 1.0
"""Time between two looks; each costs a handful of system calls that touch no disk."""

_log = logging.getLogger("claims")


@dataclass(frozen=True, slots=True)
class ActiveStore:
    """The store that answers at the moment.

    ``edition`` is another number each time a data set is opened. ``refused``
    says why a newer one does not answer, when there is one.
    """

    store: Store
    edition: int = 1
    refused: str | None = None


class Provider(ABC):
    """Hands out the store that answers; another one may take its place between two requests."""

    _active: ActiveStore | None = None
    _reason = "not loaded yet"

    @abstractmethod
    def _refresh(self) -> None:
        """Does what is due before a request is answered."""

    def active(self) -> ActiveStore:
        """What answers. Raises ``DatasetUnavailable``."""
        self._refresh()
        active = self._active  # one reference, whatever a thread does meanwhile
        if active is None:
            raise DatasetUnavailable(self._reason)
        return active

    def current(self) -> Store:
        """The store to answer from. Raises ``DatasetUnavailable``."""
        return self.active().store

    def kept(self) -> list[Path]:
        """The data sets that were published and are there, the last one first."""
        return []

    def was_published(self, version: str) -> bool:
        """Whether a data set of this version was published, be it there or not."""
        return False

    @property
    def edition(self) -> int:
        """The edition that answers; 0 while there is none."""
        try:
            return self.active().edition
        except DatasetUnavailable:
            return 0


class StoreProvider(Provider):
    """Loads a store once; a load that fails leaves the process up, and is repeated later."""

    def __init__(self, load: Callable[[], Store]) -> None:
        self._load, self._lock, self._next_try = load, threading.Lock(), 0.0
        self._refresh()

    def _refresh(self) -> None:
        """Loads, unless that is done, failed a moment ago, or is under way: no request waits for
        another.
        """
        if self._active is not None or not self._lock.acquire(blocking=False):
            return
        try:
            if time.monotonic() >= self._next_try:
                self._active, self._next_try = ActiveStore(self._load()), math.inf
        except Exception as error:  # noqa: BLE001  # no bad file may take the service down
            self._reason, self._next_try = str(error), time.monotonic() + RETRY_SECONDS
            _log.error("no data set to serve: %s", error)
        finally:
            self._lock.release()


_Place = tuple[Path, tuple[int, ...]]
"""A data set, and what tells its manifest from another that is put in its place."""


class _Refusal(NamedTuple):
    """Why a data set is refused, and when (on the monotonic clock) it is tried again."""

    reason: str
    pause: float
    again: float


class ReloadingProvider(Provider):
    """Answers from the current data set of a directory, and follows what is published there.

    ``open_store`` opens a data set, and with ``whole=True`` compares all of
    its bytes; it raises ``DatasetUnavailable``. A fork takes no thread along:
    each process starts its own with its first request.
    """

    def __init__(
        self, directory: Path, open_store: Callable[..., Store], period: float = LOOK_SECONDS
    ) -> None:
        self._directory, self._open, self._period = directory, open_store, period
        self._editions = itertools.count(1)
        self._lock = threading.Lock()
        self._watching: int | None = None
        self._at: _Place | None = None
        self._proved = False
        self._refused: dict[_Place, _Refusal] = {}
        self.look()

    def _refresh(self) -> None:
        if self._watching == os.getpid():
            return
        with self._lock:
            if self._watching != os.getpid():
                self.look()  # what was published before this request is what answers it
                arguments = (weakref.ref(self), self._period)
                threading.Thread(target=_follow, args=arguments, daemon=True).start()
                self._watching = os.getpid()

    def look(self) -> None:
        """Opens what is current by now; at the start what comes next, if that is refused.

        It is compared whole where another one answers meanwhile, so that
        neither start nor first answer waits. For one thread at a time.
        """
        directories = candidates(self._directory)
        refused = None if directories else "there is no data set in the directory"
        whole = self._at is not None and self._watching == os.getpid()
        for directory in directories if self._at is None else directories[:1]:
            place = (directory, _mark(directory))
            if place == self._at:
                break
            store = self._opened(place, whole=whole)
            if store is not None:
                self._proved = whole
                self._active, self._at = ActiveStore(store, next(self._editions)), place
                break
            refused = refused or self._refused[place].reason
        if self._at is None:
            self._active, self._reason = None, refused or self._reason
        elif self._active is not None:
            self._active = replace(self._active, refused=refused)
        self._refused = {p: why for p, why in self._refused.items() if p[0] in directories}

    def kept(self) -> list[Path]:
        versions = reversed(published(self._directory))
        return [place for place in map(self._directory.joinpath, versions) if place.is_dir()]

    def was_published(self, version: str) -> bool:
        return version in published(self._directory)

    def prove(self) -> None:
        """Compares all bytes of what was opened quickly. If they are wrong another one answers."""
        if self._at is None or self._proved:
            return
        self._proved = self._opened(self._at, whole=True) is not None
        if not self._proved:
            self._at = None
            self.look()

    def _opened(self, place: _Place, *, whole: bool) -> Store | None:
        """The store over a data set, unless it is refused; then it is left alone for a while."""
        before, directory = self._refused.get(place), place[0]
        if before is not None and time.monotonic() < before.again:
            return None
        try:
            store = self._open(directory, whole=whole)
            version = store.dataset.version
            if version != directory.name:
                reason = f"{MANIFEST} /version: found {version}; allowed: the directory's name"
                raise DatasetUnavailable(reason, directory)
        except Exception as error:  # noqa: BLE001  # no bad file may take the service down
            summary = str(getattr(error, "reason", type(error).__name__)).partition("\n")[0]
            reason = f"{directory.name}: {summary}"
            if before is None or before.reason != reason:
                unexpected = not isinstance(error, DatasetUnavailable)
                _log.error("a data set is refused: %s", error, exc_info=unexpected)
            pause = RETRY_SECONDS if before is None else min(2 * before.pause, MAX_RETRY_SECONDS)
            self._refused[place] = _Refusal(reason, pause, time.monotonic() + pause)
            return None
        return store

    def follow(self) -> None:
        """One round of the thread."""
        try:
            self.look()
            self.prove()
        except Exception:  # noqa: BLE001  # the thread must live to see a better one
            _log.exception("looking for data sets failed")


def _mark(directory: Path) -> tuple[int, ...]:
    try:
        state = (directory / MANIFEST).stat()
    except OSError:
        return ()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def _follow(reference: weakref.ref[ReloadingProvider], period: float) -> None:
    """Looks again and again, as long as there is a provider to look for."""
    while True:
        time.sleep(period)
        provider = reference()
        if provider is None:
            return
        provider.follow()
        del provider
