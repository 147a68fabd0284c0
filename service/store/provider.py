"""Which store answers now: one that is loaded once, or the current one of a catalogue of data sets.

A thread in each worker looks once a second which data set of a catalogue is current, opens and
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from service.store.catalogue import Candidate, Catalogue
from service.store.protocol import RETRY_SECONDS, DatasetUnavailable, EngineUnreachable, Store

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
    on_load: Callable[[str], object] = staticmethod(lambda _: None)
    """Is told of each try to open a data set after the first: ``opened`` or ``refused``."""

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
            self._reason = _public_reason(error)
            self._next_try = time.monotonic() + RETRY_SECONDS
            self.on_load("refused")
            _log.error("no data set to serve: %s", error)
        finally:
            self._lock.release()


class _Refusal(NamedTuple):
    """Why a data set is refused, and when (on the monotonic clock) it is tried again; at once where
    the engine alone was not there.
    """

    reason: str
    pause: float
    again: float


class ReloadingProvider(Provider):
    """Answers from the current data set of a catalogue, and follows what is published there.

    A fork takes no thread along: each process starts its own with its first request. It looks every
    ``period`` seconds.
    """

    def __init__(self, catalogue: Catalogue, period: float = LOOK_SECONDS) -> None:
        self._catalogue, self.period = catalogue, period
        self._editions = itertools.count(1)
        self._lock = threading.Lock()
        self._watching: int | None = None
        self._at: Candidate | None = None
        self._proved = False
        self._refused: dict[Candidate, _Refusal] = {}
        self.look()

    def _refresh(self) -> None:
        if self._watching == os.getpid():
            return
        with self._lock:
            if self._watching != os.getpid():
                self.look()  # what was published before this request is what answers it
                arguments = (weakref.ref(self), self.period)
                threading.Thread(target=_follow, args=arguments, daemon=True).start()
                self._watching = os.getpid()

    def look(self) -> None:
        """Opens what is current by now; at the start what comes next, if that is refused.

        It is compared whole where another one answers meanwhile, so that
        neither start nor first answer waits. For one thread at a time.
        """
        listed, refused = self._candidates()
        whole = self._at is not None and self._watching == os.getpid()
        for candidate in listed if self._at is None else listed[:1]:
            if candidate == self._at:
                break
            store = self._opened(candidate, whole=whole)
            if store is not None:
                self._proved = whole
                self._active, self._at = ActiveStore(store, next(self._editions)), candidate
                self.on_load("opened")
                break
            refused = refused or self._refused[candidate].reason
        if self._at is None:
            self._active, self._reason = None, refused or self._reason
        elif self._active is not None:
            self._active = replace(self._active, refused=refused)
        places = {candidate.place for candidate in listed}
        self._refused = {c: why for c, why in self._refused.items() if c.place in places}

    def _candidates(self) -> tuple[Sequence[Candidate], str | None]:
        """What is published; and why nothing is, where that is so."""
        try:
            listed = self._catalogue.candidates()
        except DatasetUnavailable as error:
            return [], error.reason
        return listed, None if listed else "no data set was published"

    def prove(self) -> None:
        """Compares all bytes of what was opened quickly. If they are wrong another one answers; if
        that cannot be said at present, it is looked at again.
        """
        if self._at is None or self._proved:
            return
        self._proved = self._opened(self._at, whole=True) is not None
        if not self._proved and self._refused[self._at].pause:
            self._at = None
            self.look()

    def _opened(self, place: Candidate, *, whole: bool) -> Store | None:
        """The store over a data set, unless it is refused; then it is left alone for a while."""
        before = self._refused.get(place)
        if before is not None and time.monotonic() < before.again:
            return None
        try:
            store = self._catalogue.open(place, whole=whole)
            version = store.dataset.version
            if version != place.version:
                raise DatasetUnavailable(f"/version: found {version}; allowed: its own name")
        except Exception as error:  # noqa: BLE001  # no bad file may take the service down
            reason = f"{place.version}: {_public_reason(error)}"
            if before is None or before.reason != reason:
                unexpected = not isinstance(error, DatasetUnavailable)
                _log.error("a data set is refused: %s", error, exc_info=unexpected)
            pause = 2 * before.pause if before is not None and before.pause else RETRY_SECONDS
            pause = 0 if isinstance(error, EngineUnreachable) else min(pause, MAX_RETRY_SECONDS)
            self._refused[place] = _Refusal(reason, pause, time.monotonic() + pause)
            self.on_load("refused")
            return None
        return store

    def follow(self) -> None:
        """One round of the thread."""
        try:
            self.look()
            self.prove()
        except Exception:  # noqa: BLE001  # the thread must live to see a better one
            _log.exception("looking for data sets failed")


def _public_reason(error: Exception) -> str:
    """Why something failed, without any directory of this machine: anybody may read it."""
    summary = getattr(error, "summary", type(error).__name__)
    return str(getattr(error, "reason", summary)).partition("\n")[0]


def _follow(reference: weakref.ref[ReloadingProvider], period: float) -> None:
    """Looks again and again, as long as there is a provider to look for."""
    while True:
        time.sleep(period)
        provider = reference()
        if provider is None:
            return
        provider.follow()
        del provider
