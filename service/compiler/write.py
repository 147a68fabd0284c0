"""A data set on disk: written beside its place, flushed, renamed, and read back."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from service.store.dataset_format import INDEX, INDEX_HASHES, MANIFEST, MANIFEST_FROM_INDEX
from service.store.files import describe_file, written
from service.store.protocol import DatasetUnavailable
from service.store.tantivy.store import open_store
from service.store.temporary import locked_directory, sweep

DRAFT = ".draft-"
"""How the directories begin in which a data set is made; no server looks into them."""
_RENAME_EXCHANGE = 2
_DIRECTORY_MODE, _FILE_MODE = 0o755, 0o644
"""For whoever serves it, who is another user. ``mkdtemp`` and the search engine give what they make
to its owner alone, and so may the umask of the builder."""


class Draft:
    """A directory beside the data sets in which one is made. Unless placed it is removed."""

    def __init__(self, out: Path) -> None:
        self._found = out.exists()
        make_directory(out)
        sweep(out, DRAFT)
        self._out = out
        self.path, self._lock = locked_directory(out, DRAFT)
        self.files: dict[str, dict[str, Any]] = {}
        (self.path / INDEX).mkdir()
        for directory in (self.path, self.path / INDEX):
            directory.chmod(_DIRECTORY_MODE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        if kind is not None and not self._found:
            with suppress(OSError):  # others may have put something there
                self._out.rmdir()

    @contextmanager
    def file(self, name: str) -> Iterator[HashedFile]:
        """A file to be written piece by piece; ``files`` describes it when it is closed."""
        with (self.path / name).open("wb") as raw:
            hashed = HashedFile(raw)
            yield hashed
            raw.flush()
            os.fchmod(raw.fileno(), _FILE_MODE)
            os.fsync(raw.fileno())
        self.files[name] = {"sha256": hashed.digest.hexdigest(), "bytes": hashed.size}

    def write(self, name: str, content: bytes) -> None:
        """Writes a small file whole."""
        with self.file(name) as file:
            file.write(content)

    def place(self) -> Path:
        """Flushes all, opens it as a server would, and puts it at ``out/<version>``.

        A directory of that name holds the same claims already, since its name
        is their hash; unless it is found whole and to the byte the same, it is
        replaced, for it may be damaged or say another ``built_at``.
        """
        self._describe_index()
        flush(self.path)
        open_store(self.path, whole=True)  # nothing takes its place before a server could open it
        version: str = json.loads((self.path / MANIFEST).read_bytes())["version"]
        place = self._out / version
        if not _is_there(place, self.path):
            _replace(place, self.path)
        flush(self._out)
        return place

    def _describe_index(self) -> None:
        """The index's hashes lie among its files: tantivy names them at random, so that nothing
        outside ``index/`` differs from build to build. The manifest's hash lies there too.
        """
        directory = self.path / INDEX
        described = {path.name: describe_file(path) for path in _index_files(directory)}
        for name in described:
            (directory / name).chmod(_FILE_MODE)
            flush(directory / name)
        described[MANIFEST_FROM_INDEX] = describe_file(self.path / MANIFEST)
        self.write(INDEX_HASHES, written(described))
        flush(directory)


class HashedFile:
    """A file under way: its hash and its size so far."""

    def __init__(self, file: Any) -> None:
        self._file, self.size = file, 0
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)
        self.size += len(content)


def make_directory(path: Path) -> None:
    """Makes a directory that lasts, with those above it, unless it is there."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        flush(each.parent)


def write_file(path: Path, content: bytes) -> None:
    """A small file that anybody may read, flushed."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), _FILE_MODE)
        os.fsync(file.fileno())


def discard(place: Path) -> None:
    """Removes a data set. From the first moment on it is a leftover, and not half a data set."""
    leftover = place.with_name(f"{DRAFT}{place.name}")
    place.rename(leftover)
    shutil.rmtree(leftover, ignore_errors=True)


def _is_there(place: Path, draft: Path) -> bool:
    """Whether a data set that was placed before is whole, and the same as the draft.

    Whoever placed it may not have flushed all of it.
    """
    try:
        if (place / MANIFEST).read_bytes() != (draft / MANIFEST).read_bytes():
            return False
        open_store(place, whole=True)
    except (OSError, DatasetUnavailable):
        return False
    for path in (place, *place.rglob("*")):
        flush(path)
    return True


def _replace(place: Path, draft: Path) -> None:
    """Puts a draft in a place. What was there is a draft then, and is removed like one."""
    if os.path.lexists(place):
        exchange(place, draft)
    else:
        draft.rename(place)


def exchange(one: Path, other: Path) -> None:
    """Swaps what two names stand for, in one step: ``current`` may lead to one of them.

    Python has no word for that (renameat2(2)); where the system has none
    either, one name is free for a moment.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        here, names = -100, (os.fsencode(one), os.fsencode(other))  # AT_FDCWD
        if libc.renameat2(here, names[0], here, names[1], _RENAME_EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL):
            raise OSError(code, os.strerror(code), str(one))
    aside = other.with_name(f"{other.name}-replaced")
    one.rename(aside)
    try:
        other.rename(one)
    except OSError:
        aside.rename(one)
        raise
    aside.rename(other)


def _index_files(directory: Path) -> Iterator[Path]:
    """The index's own files; tantivy's lock files are no part of it."""
    for path in sorted(directory.iterdir()):
        if path.suffix == ".lock":
            path.unlink()
        else:
            yield path


def flush(path: Path) -> None:
    """Flushes a file, or the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
