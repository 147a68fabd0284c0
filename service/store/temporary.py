"""Directories that last no longer than the process that made them.

Each is locked while its maker lives; one without a lock was left behind by a process that was
killed, and is removed by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108  # a directory of its own is made in it
"""A place to write even where all file systems are read-only."""
REMOVED = ".removed"
"""How the name of a directory ends that is being removed."""


def writable_directory() -> Path:
    """A directory for temporary data of any size (``TMPDIR`` decides), else one in memory."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return MEMORY


def locked_directory(within: Path, prefix: str) -> tuple[Path, int]:
    """A new directory and the descriptor of its lock, which is closed when the work is done."""
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


def sweep(within: Path, prefix: str) -> None:
    """Removes what processes that were killed left behind."""
    for path in within.glob(f"{prefix}*"):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass  # its maker is at work
        finally:
            os.close(lock)
