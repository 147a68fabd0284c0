"""Serving from a directory of data sets: the current one, and the next as soon as it is there.

A thread in each worker looks about once a second which data set is current. It opens a new one
apart from the requests, compares every byte of it with what was recorded, and then puts one
reference in the place of another: a request that has begun ends with the data set it began with.
What is refused changes nothing for whoever asks; ``/readyz`` and the log say why.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from service.store.catalogue import candidates, current
from service.store.dataset_format import MANIFEST
from service.store.protocol import DatasetUnavailable, Store
from service.store.provider import RETRY_SECONDS, Served

PERIOD = 1.0
"""Seconds between two looks; each costs a handful of system calls that touch no disk."""
_LONGEST_PAUSE = 600.0
"""A refused data set is tried again, for its directory may be mended, but ever more rarely: to
compare gigabytes takes seconds."""

_log = logging.getLogger("claims")

Mark = tuple[int, int, int, int] | None
"""What tells one manifest from another that is put in its place; ``None`` where there is none."""
Found = tuple[Path, Mark]


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: str
    pause: float
    again: float


class FollowingSupply:
    """Holds the store that answers, and follows what is published in a directory.

    ``open_quickly`` opens a data set, ``prove`` compares all of its bytes.
    Both raise ``DatasetUnavailable``.
    """

    def __init__(
        self,
        directory: Path,
        open_quickly: Callable[[Path], Store],
        prove: Callable[[Path], None],
        period: float = PERIOD,
    ) -> None:
        self._directory, self._period = directory, period
        self._open, self._prove = open_quickly, prove
        self._editions = itertools.count(1)
        self._lock = threading.Lock()
        self._watching: int | None = None
        self._served: Served | None = None
        self._at: Found | None = None
        self._proved = False
        self._refused: dict[Found, _Refusal] = {}
        self._reason = "not looked yet"
        self._look_safely()

    def served(self) -> Served:
        if self._watching != os.getpid():
            self._watch()
        served = self._served  # one reference, whatever the thread does meanwhile
        if served is None:
            raise DatasetUnavailable(self._reason)
        return served

    def current(self) -> Store:
        return self.served().store

    @property
    def edition(self) -> int:
        if self._watching != os.getpid():
            self._watch()
        served = self._served
        return 0 if served is None else served.edition

    def _watch(self) -> None:
        """Starts the thread of this process, with its first request: a fork would not take a thread
        along. What was published before that request is what answers it.
        """
        with self._lock:
            if self._watching != os.getpid():
                self._look_safely()
                thread = threading.Thread(
                    target=_follow, args=(weakref.ref(self), self._period), daemon=True
                )
                thread.start()
                self._watching = os.getpid()

    def look(self) -> None:
        """Serves what is to be served by now. For one thread at a time."""
        if self._is_settled():
            return
        places = candidates(self._directory)
        refused = None if places else "there is no data set in the directory"
        for place in places:
            found = (place, _mark(place))
            if found == self._at:
                break
            store = self._opened(found)
            if store is not None:
                self._switch(found, store)
                break
            refused = refused or self._refused[found].reason
            if self._at is not None:
                break  # the last good one goes on
        self._settle(places, refused)

    def prove(self) -> None:
        """Compares all bytes of what was opened quickly. If they are wrong another one answers."""
        found = self._at
        if found is None or self._proved:
            return
        try:
            self._prove(found[0])
            self._proved = True
        except Exception as error:  # noqa: BLE001  # the thread must live to see a better one
            self._refuse(found, error)
            self._at = None
            self._look_safely()

    def _is_settled(self) -> bool:
        """Whether the current data set answers already, which is nearly always so."""
        served, place = self._served, current(self._directory)
        if served is None or served.refused is not None or place is None:
            return False
        return self._at == (place, _mark(place))

    def _opened(self, found: Found) -> Store | None:
        """The store over a data set, unless it is refused; then it is left alone for a while."""
        known = self._refused.get(found)
        if known is not None and time.monotonic() < known.again:
            return None
        place = found[0]
        try:
            store = self._open(place)
            version = store.dataset.version
            if version != place.name:
                reason = f"{MANIFEST} /version: found {version}; allowed: the directory's name"
                raise DatasetUnavailable(reason, place)
            if self._has_time:
                self._prove(place)
        except Exception as error:  # noqa: BLE001  # no bad file may take the service down
            self._refuse(found, error)
            return None
        return store

    @property
    def _has_time(self) -> bool:
        """Whether another one answers meanwhile. Before the first request was answered somebody
        waits: for the start of the worker, or for that answer.
        """
        return self._at is not None and self._watching == os.getpid()

    def _refuse(self, found: Found, error: Exception) -> None:
        known, expected = self._refused.get(found), isinstance(error, DatasetUnavailable)
        told = str(getattr(error, "reason", type(error).__name__)).partition("\n")[0]
        reason = f"{found[0].name}: {told}"
        if known is None or known.reason != reason:
            _log.error("a data set is refused: %s", error, exc_info=not expected)
        pause = RETRY_SECONDS if known is None else min(2 * known.pause, _LONGEST_PAUSE)
        self._refused[found] = _Refusal(reason, pause, time.monotonic() + pause)

    def _switch(self, found: Found, store: Store) -> None:
        self._proved = self._has_time
        self._served = Served(store, next(self._editions))
        self._at = found

    def _settle(self, places: list[Path], refused: str | None) -> None:
        """Says what is refused, and lets go of what was found to be damaged."""
        if self._at is None:
            self._served, self._reason = None, refused or "not looked yet"
        elif self._served is not None and self._served.refused != refused:
            self._served = replace(self._served, refused=refused)
        self._refused = {f: known for f, known in self._refused.items() if f[0] in places}

    def follow(self) -> None:
        """One round of the thread."""
        self._look_safely()
        self.prove()

    def _look_safely(self) -> None:
        try:
            self.look()
        except Exception:  # noqa: BLE001  # the thread must live to see a better one
            _log.exception("looking for data sets failed")


def _mark(place: Path) -> Mark:
    try:
        found = (place / MANIFEST).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _follow(supply: weakref.ref[FollowingSupply], period: float) -> None:
    """Looks again and again, as long as there is anybody to look for."""
    while True:
        time.sleep(period)
        found = supply()
        if found is None:
            return
        found.follow()
        del found
