"""Files of a data set, opened and compared with what was recorded of them when it was built; and
directories that last no longer than the process that made them.
"""

import errno
import fcntl
import hashlib
import json
import mmap
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

from service.store.protocol import DatasetUnavailable, EnginePanicked

MAX_HASHED_BYTES = 64 * 1024 * 1024
"""Bytes up to which a file's hash is compared at every opening. Reading gigabytes would cost each
worker seconds; of larger files the size is compared, and the build has proved the rest."""
_MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024
"""Bytes of a file that describes others; what is longer is none, and is not read whole."""
MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108  # a directory of its own is made in it
"""A place to write even where all file systems are read-only."""
REMOVED = ".removed"
"""How the name of a directory ends that is being removed."""

Buffer = bytes | mmap.mmap


@contextmanager
def refused_at(directory: Path) -> Iterator[None]:
    """Turns whatever is wrong with a data set into ``DatasetUnavailable``, with file and reason."""
    try:
        yield
    except OSError as error:
        path = Path(error.filename or directory)
        within = path.is_relative_to(directory) and path != directory
        name = path.relative_to(directory) if within else path.name
        raise DatasetUnavailable(f"{name}: {error.strerror}", directory) from error
    except (ValueError, LookupError, TypeError, AttributeError, EnginePanicked) as error:
        missing = "nothing is recorded of " if isinstance(error, KeyError) else ""
        raise DatasetUnavailable(f"{missing}{error}", directory) from error


def written(description: Any) -> bytes:
    """The bytes of a file that describes others: indented JSON, since people read it too."""
    return json.dumps(description, indent=2).encode() + b"\n"


def read_json(path: Path) -> Any:
    """Reads what ``written`` made, to the byte, since no hash of it may be recorded.

    Raises ``ValueError`` or ``OSError``.
    """
    with regular(path) as file:
        raw = file.read(_MAX_DESCRIPTION_BYTES + 1)
    if len(raw) > _MAX_DESCRIPTION_BYTES:
        raise ValueError(f"{path.name} is longer than {_MAX_DESCRIPTION_BYTES} bytes")
    try:
        found = json.loads(raw.decode())  # from bytes it would take UTF-16 as well
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is no JSON in UTF-8: {error}") from error
    if written(found) != raw:
        raise ValueError(f"{path.name} is not as it was written; build it again")
    return found


@contextmanager
def regular(path: Path) -> Iterator[BufferedReader]:
    """Opens a regular file for reading: a pipe would block, and a device might never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"{path.name} is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        yield file


def mapped(
    path: Path, recorded: Mapping[str, Any], *, whole: bool = False, most: int = MAX_HASHED_BYTES
) -> Buffer:
    """Maps a file that is as ``recorded`` into memory: all workers share its pages.

    ``whole`` compares the hash of a file of more than ``most`` bytes too. Raises ``ValueError`` or
    ``OSError``.
    """
    with regular(path) as file:
        size = os.fstat(file.fileno()).st_size  # whatever becomes of the file after this
        expect(size, recorded["bytes"], f"the bytes of {path.name}")
        if whole or size <= most:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            expect(digest, recorded["sha256"], f"the hash of {path.name}")
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def describe_file(path: Path) -> dict[str, Any]:
    """What is recorded of a file: its hash and its size in bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"sha256": digest, "bytes": file.tell()}


def line_spans(content: Buffer, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where each line of a buffer begins and ends, its line feed left out."""
    size = len(content)
    while start < size:
        end = content.find(b"\n", start)
        if end < 0:
            end = size
        yield start, end
        start = end + 1


def expect(found: Any, recorded: Any, what: str) -> None:
    if found != recorded:
        raise ValueError(f"{what}: found {found}, but {recorded} was recorded; build it again")


def writable_directory() -> Path:
    """A directory for temporary data of any size (``TMPDIR`` decides), else one in memory."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return MEMORY


@contextmanager
def told_of_room() -> Iterator[None]:
    """Tells of a disk without room for a temporary database of SQLite as of any other file: raises
    ``OSError``.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
        if error.sqlite_errorcode & 0xFF not in full:
            raise
        reason = os.strerror(errno.ENOSPC)
        raise OSError(errno.ENOSPC, reason, str(writable_directory())) from error


@contextmanager
def locked(directory: Path, operation: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Holds the lock of a directory, which is no link. Raises ``OSError`` when it cannot be had."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)


def locked_directory(within: Path, prefix: str) -> tuple[Path, int]:
    """A new directory and the descriptor of its lock, which is closed when the work is done.

    What processes that were killed left behind, under names that begin alike, is removed before.
    """
    for path in within.glob(f"{prefix}*"):
        with suppress(OSError), locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):  # its maker is gone
            shutil.rmtree(path, ignore_errors=True)
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        with suppress(FileNotFoundError):  # swept by another process before it was locked
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)


def remove(path: Path, prefix: str = "") -> None:
    """Removes a directory, renamed first, so that nobody takes half of it for the whole.

    A thread of the search engine that is about to write one more file there no
    longer finds it. Raises ``OSError`` when it cannot be renamed.
    """
    removed = path.rename(path.with_name(f"{prefix}{path.name}{REMOVED}"))
    for _ in range(2):  # a file may have been put into it while it was being removed
        shutil.rmtree(removed, ignore_errors=True)
