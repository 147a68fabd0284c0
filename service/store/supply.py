"""Where requests get their store from: loaded once, and asked for again when that failed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from service.store import DatasetUnavailable, Store

RETRY_SECONDS = 10
"""How long a failed load is left alone: a bad file must not cost every request a load."""

_log = logging.getLogger("claims")


class StoreSupply:
    """Holds the store that answers; a load that fails leaves the process up and says why."""

    def __init__(self, load: Callable[[], Store]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._reason = "not loaded yet"
        self._next_try = 0.0
        self._try()

    def current(self) -> Store:
        """The store to answer from. Raises ``DatasetUnavailable``."""
        if self._store is None:
            self._try()
        if self._store is None:
            raise DatasetUnavailable(self._reason)
        return self._store

    @property
    def version(self) -> str | None:
        """The version of the data set that answers; ``None`` while there is none."""
        return None if self._store is None else self._store.dataset.version

    def _try(self) -> None:
        """Loads, unless that failed a moment ago or is under way: nobody waits for it twice."""
        if time.monotonic() < self._next_try or not self._lock.acquire(blocking=False):
            return
        try:
            if self._store is None:
                self._store = self._load()
        except Exception as error:  # noqa: BLE001  # no bad file may take the service down
            self._reason = str(error)
            _log.error("no data set to serve: %s", error)
        finally:
            self._next_try = time.monotonic() + RETRY_SECONDS
            self._lock.release()
