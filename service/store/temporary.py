"""Directories that are to last no longer than whoever made them.

Each is locked while its maker lives, which tells it from what was left behind by one that was
killed; such leftovers are swept by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


def locked_directory(within: Path, prefix: str) -> tuple[Path, int]:
    """A new directory that only its maker knows, and the descriptor that keeps it from being swept.

    It is open until its maker closes it, or is gone.
    """
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        with suppress(FileNotFoundError):  # swept by another one before it was locked
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)


def sweep(within: Path, prefix: str) -> None:
    """Removes what was left behind."""
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
