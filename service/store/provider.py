"""Where requests get their store from: loaded once, and asked for again when that failed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from service.store.protocol import DatasetUnavailable, Store

RETRY_SECONDS = 10
"""How long a failed load is left alone: a bad file must not cost every request a load."""

_log = logging.getLogger("claims")


@dataclass(frozen=True, slots=True)
class Served:
    """What answers at the moment.

    ``edition`` is another number for every data set that was opened, also for
    the same one opened again. ``refused`` says why a newer one does not
    answer, when there is one.
    """

    store: Store
    edition: int = 1
    refused: str | None = None


class Supply(Protocol):
    """Hands out the store that answers; another one may take its place between two requests."""

    def served(self) -> Served:
        """What answers. Raises ``DatasetUnavailable``."""

    def current(self) -> Store:
        """The store to answer from. Raises ``DatasetUnavailable``."""

    @property
    def edition(self) -> int:
        """The edition that answers; 0 while there is none."""


class StoreSupply:
    """Holds the store that answers; a load that fails leaves the process up and says why."""

    def __init__(self, load: Callable[[], Store]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._served: Served | None = None
        self._reason = "not loaded yet"
        self._next_try = 0.0
        self._try()

    def served(self) -> Served:
        if self._served is None:
            self._try()
        if self._served is None:
            raise DatasetUnavailable(self._reason)
        return self._served

    def current(self) -> Store:
        return self.served().store

    @property
    def edition(self) -> int:
        return 0 if self._served is None else self._served.edition

    def _try(self) -> None:
        """Loads, unless that failed a moment ago or is under way: nobody waits for it twice."""
        if time.monotonic() < self._next_try or not self._lock.acquire(blocking=False):
            return
        try:
            if self._served is None:
                self._served = Served(self._load())
        except Exception as error:  # noqa: BLE001  # no bad file may take the service down
            self._reason = str(error)
            _log.error("no data set to serve: %s", error)
        finally:
            self._next_try = time.monotonic() + RETRY_SECONDS
            self._lock.release()
