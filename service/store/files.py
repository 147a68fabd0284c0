"""Files of a data set, opened and compared with what was recorded of them when it was built.

Whatever is wrong ends in one refusal, which names the file, says what was found there, and leaves
the process as it was: no file of another kind is waited for, and none is read without end.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from service.store.protocol import DatasetUnavailable
from service.store.tantivy.panics import EnginePanicked

HASHED_AT_OPENING = 64 * 1024 * 1024
"""Bytes up to which a file's hash is compared at every opening. Reading gigabytes would cost each
worker seconds; of larger files the size is compared, and the build has proved the rest."""
_MOST_DESCRIPTION = 16 * 1024 * 1024
"""Bytes of a file that describes others; what is longer is none, and is not read whole."""

Buffer = bytes | mmap.mmap


@contextmanager
def refused_at(directory: Path) -> Iterator[None]:
    """Makes one refusal, with file and reason, of whatever is wrong with a data set."""
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
    """A file that describes others, as it is written: indented, since people read it too."""
    return json.dumps(description, indent=2).encode() + b"\n"


def read_json(path: Path) -> Any:
    """Reads what was ``written``, to the byte: no hash of it may be recorded.

    Raises ``ValueError`` or ``OSError``.
    """
    with regular(path) as file:
        raw = file.read(_MOST_DESCRIPTION + 1)
    if len(raw) > _MOST_DESCRIPTION:
        raise ValueError(f"{path.name} is longer than {_MOST_DESCRIPTION} bytes")
    try:
        found = json.loads(raw.decode())  # from bytes it would take UTF-16 as well
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is no JSON in UTF-8: {error}") from error
    if written(found) != raw:
        raise ValueError(f"{path.name} is not as it was written; build it again")
    return found


@contextmanager
def regular(path: Path) -> Iterator[BufferedReader]:
    """A file to read. A pipe would keep its reader waiting, and a device might never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"{path.name} is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        yield file


def mapped(path: Path, recorded: Mapping[str, Any], *, whole: bool = False) -> Buffer:
    """A file that is as it was recorded, mapped into memory: all workers share its pages."""
    with regular(path) as file:
        _compare(file, path.name, recorded, whole=whole)
        size = recorded["bytes"]  # whatever has become of the file since it was compared
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def describe_file(path: Path) -> dict[str, Any]:
    """What ``describe`` says of a file on disk, which is not held in memory for it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def check_file(path: Path, recorded: Mapping[str, Any], *, whole: bool = False) -> None:
    """Compares a file with what was recorded of it. Raises ``ValueError`` or ``OSError``."""
    with regular(path) as file:
        _compare(file, path.name, recorded, whole=whole)


def _compare(file: BufferedReader, name: str, recorded: Mapping[str, Any], *, whole: bool) -> None:
    size = os.fstat(file.fileno()).st_size
    expect(size, recorded["bytes"], f"the bytes of {name}")
    if whole or size <= HASHED_AT_OPENING:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        expect(digest, recorded["sha256"], f"the hash of {name}")


def expect(found: Any, recorded: Any, what: str) -> None:
    if found != recorded:
        raise ValueError(f"{what}: found {found}, but {recorded} was recorded; build it again")
