"""A directory of answers for conditional requests, kept by requests-cache.

Every request asks the service whether the cached answer is still current (``If-None-Match``; a 304
has no body), because a walk over pages that took some from a cache within their ``max-age`` could
mix two datasets.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

from requests import Response
from requests_cache.backends.filesystem import FileCache
from requests_cache.models.response import CachedResponse
from requests_cache.policy import EXPIRE_IMMEDIATELY
from requests_cache.session import CachedSession

_log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024 * 1024
"""Size of a directory; the least recently used answers are deleted first."""
DISK_ERRORS = (OSError, sqlite3.Error, KeyError)  # FileCache turns an OSError into a KeyError


class DirectoryCache(FileCache):
    """Files whose disk may be full or damaged: answers are then fetched and not cached."""

    def get_response(self, key: str, default: Any = None) -> CachedResponse | None:
        try:
            return super().get_response(key, default)
        except DISK_ERRORS as error:
            _log.warning("cannot read the cache in %s: %s", self.cache_dir, error)
            return None

    def save_response(self, response: Response, *args: Any, **kwargs: Any) -> None:
        try:
            super().save_response(response, *args, **kwargs)
        except DISK_ERRORS as error:
            _log.warning("cannot write to the cache in %s: %s", self.cache_dir, error)


def cached_session(directory: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> CachedSession:
    """A session that revalidates each answer in the directory, which is for one client at a time:
    requests-cache locks its files within a process alone, and does not replace them atomically.
    """
    directory = Path(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Not the default serializer, pickle: reading a file of that runs code that it names.
    backend = DirectoryCache(
        directory, max_cache_bytes=max_bytes, serializer="json", decode_content=False
    )
    return CachedSession(backend=backend, expire_after=EXPIRE_IMMEDIATELY)
