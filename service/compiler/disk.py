"""Files and directories that last: flushed to the disk, and swapped in one step."""

import contextlib
import ctypes
import errno
import os
import tempfile
from pathlib import Path

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


def make_directory(path: Path) -> None:
    """Makes a directory, and those above it, durably."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        flush(each.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replaces a file: afterwards the old or the new one is there, never a part, whatever happens.

    Its directory is made if there is none. Raises ``OSError``.
    """
    make_directory(path.parent)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise
    flush(path.parent)


def exchange(one: Path, other: Path) -> None:
    """Swaps what two names stand for, in one step: ``current`` may lead to one of them.

    Python has no call for it (renameat2(2)); where the system has none either,
    one name is free for a moment.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        names = os.fsencode(one), os.fsencode(other)
        if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
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


def make_readable(path: Path) -> None:
    """Lets anybody read a file, or a directory and what lies in it: the server is another user.

    ``mkdtemp`` and the search engine give what they make to its owner alone,
    and so may the umask of the builder.
    """
    for each in (path, *path.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)


def flush(path: Path) -> None:
    """Flushes a file, or the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_all(directory: Path) -> None:
    """Flushes a directory and all that lies in it."""
    for path in (directory, *directory.rglob("*")):
        flush(path)
