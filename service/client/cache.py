"""Answers kept on this side, so that an unchanged one need not be sent again.

Nothing is ever answered from here alone: each request asks the service whether the kept answer
(``If-None-Match``) is still the one, and a 304 costs it nearly nothing. So a new dataset is seen
by the next request, and no walk over pages mixes an old page with a new one, as it would under a
cache that goes by ``max-age`` (CacheControl, requests-cache; their stores are unbounded, too).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_log = logging.getLogger(__name__)

MEMORY_BYTES = 16 * 1024 * 1024
DIRECTORY_BYTES = 256 * 1024 * 1024
_ABANDONED = 3600.0
"""Seconds after which a file that nobody finished writing is nobody's."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it came: its tag, its media type, its dataset, its body."""

    etag: str
    media_type: str
    dataset_version: str | None
    body: bytes


class Cache(Protocol):
    """Where answers are kept, by address. What is lost is asked for again."""

    def get(self, address: str) -> Kept | None: ...
    def put(self, address: str, kept: Kept) -> None: ...


class MemoryCache:
    """The answers used last, as many as ``max_bytes`` hold; threads may share it.

    >>> MemoryCache(max_bytes=1_000_000)
    MemoryCache(0 answers, 0 of 1000000 bytes)
    """

    def __init__(self, max_bytes: int = MEMORY_BYTES) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"MemoryCache({len(self._kept)} answers, {self._bytes} of {self.max_bytes} bytes)"

    def get(self, address: str) -> Kept | None:
        with self._lock:
            kept = self._kept.get(address)
            if kept is not None:
                self._kept.move_to_end(address)
            return kept

    def put(self, address: str, kept: Kept) -> None:
        with self._lock:
            self._drop(address)
            if len(kept.body) > self.max_bytes:
                return
            self._kept[address] = kept
            self._bytes += len(kept.body)
            while self._bytes > self.max_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, address: str) -> None:
        dropped = self._kept.pop(address, None)
        if dropped is not None:
            self._bytes -= len(dropped.body)


class DirectoryCache:
    """Answers in files of one directory, which outlive the process; several may share it.

    A file is named by the SHA-256 of its address (nothing of an address, and no password in one,
    reaches the disk), written beside its place and renamed into it, and holds its own SHA-256: one
    that was cut or changed counts as missing. The ones used longest ago go when ``max_bytes`` are
    passed. A disk that is full or read-only keeps nothing and fails nothing.
    """

    def __init__(self, directory: str | os.PathLike[str], max_bytes: int = DIRECTORY_BYTES) -> None:
        self.directory = Path(directory)
        self.max_bytes = max_bytes
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._bytes = self._make_room()

    def get(self, address: str) -> Kept | None:
        path = self._path(address)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        kept = _read(content)
        with suppress(OSError):
            if kept is None:
                path.unlink()
            else:
                os.utime(path)
        return kept

    def put(self, address: str, kept: Kept) -> None:
        content = _written(kept)
        if len(content) > self.max_bytes:
            return
        try:
            self._replace(self._path(address), content)
        except OSError as error:
            _log.warning("an answer could not be kept in %s: %s", self.directory, error)
            return
        self._bytes += len(content)
        if self._bytes > self.max_bytes:
            self._bytes = self._make_room()

    def _path(self, address: str) -> Path:
        return self.directory / f"{hashlib.sha256(address.encode()).hexdigest()}.answer"

    def _replace(self, path: Path, content: bytes) -> None:
        """Readers see the old file or the new one, whole; nobody sees one half written."""
        handle, name = tempfile.mkstemp(suffix=".part", dir=self.directory)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    def _make_room(self) -> int:
        """Deletes what was used longest ago; the bytes that are left."""
        found = []
        for path in self.directory.iterdir():
            if path.suffix in (".answer", ".part"):  # nothing else is ours
                with suppress(OSError):  # another process may have deleted it meanwhile
                    found.append((path.stat(), path))
        abandoned = time.time() - _ABANDONED
        # A tenth more than needed, so that the next answers do not each look through all files.
        full = sum(status.st_size for status, _ in found) > self.max_bytes
        limit = self.max_bytes * 9 // 10 if full else self.max_bytes
        total = 0
        for status, path in sorted(found, key=lambda pair: pair[0].st_mtime_ns, reverse=True):
            over = path.suffix == ".answer" and total + status.st_size > limit
            if over or (path.suffix == ".part" and status.st_mtime < abandoned):
                with suppress(OSError):
                    path.unlink()
            else:
                total += status.st_size
        return total


def _written(kept: Kept) -> bytes:
    """One line of JSON about the answer, then its bytes."""
    about = {
        "etag": kept.etag,
        "media_type": kept.media_type,
        "dataset_version": kept.dataset_version,
    }
    line = json.dumps(about).encode() + b"\n"
    return hashlib.sha256(line + kept.body).hexdigest().encode() + b"\n" + line + kept.body


def _read(content: bytes) -> Kept | None:
    """What ``_written`` wrote, or None for anything else."""
    digest, _, rest = content.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        return None
    line, _, body = rest.partition(b"\n")
    try:
        return Kept(**json.loads(line), body=body)
    except (TypeError, ValueError):  # another version of this client wrote it
        return None
