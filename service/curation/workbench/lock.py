"""One writer a reading: a lock that ends with the process, and where that process answers."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from service.compiler.pending import EditRefused


class ReadingInUse(EditRefused):
    """Another workbench writes the reading; says at which address."""


@dataclass(frozen=True, slots=True)
class WorkbenchPlace:
    """Where a workbench answers: a port of 127.0.0.1, and the token in its address."""

    port: int
    token: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.token}/"


class ReadingLock:
    """Held from opening to closing. The file of a lock lies hidden beside the reading.

    A workbench that was killed leaves the file behind, but no lock: the next
    one finds there where the page of the first still asks, and answers there.
    """

    def __init__(self, reading: Path) -> None:
        self._path = reading.with_name(f".{reading.name}.lock")
        self._file = _locked(self._path, reading)
        self.before = _place(self._file)

    @classmethod
    @contextmanager
    def opening(cls, reading: Path) -> Iterator[ReadingLock]:
        """The lock of what is opened within a block, in a directory that is made if there is none;
        it goes on to be held unless the block fails.
        """
        reading.parent.mkdir(parents=True, exist_ok=True)
        lock = cls(reading)
        try:
            yield lock
        except BaseException:
            lock.close()
            raise

    def tell(self, place: WorkbenchPlace) -> None:
        """Writes down where this workbench answers; only the same user may read it."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"port": place.port, "token": place.token}, self._file)
        self._file.flush()

    def close(self) -> None:
        with suppress(OSError):
            self._path.unlink()
        self._file.close()


def _locked(path: Path, reading: Path) -> IO[str]:
    """The open and locked file of a path that still leads to it. Raises ``ReadingInUse``."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        file = os.fdopen(descriptor, "r+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            place = _place(file)
            file.close()
            where = f" at {place.address}" if place else ""
            raise ReadingInUse(
                f"{reading.name} is open in another workbench{where}: one writes a reading at a "
                "time. Go on there, or stop it first"
            ) from None
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        file.close()


def _place(file: IO[str]) -> WorkbenchPlace | None:
    file.seek(0)
    try:
        found = json.load(file)
        return WorkbenchPlace(int(found["port"]), str(found["token"]))
    except (ValueError, KeyError, TypeError):
        return None


def new_token() -> str:
    """What only the address of a workbench holds, and nobody can guess."""
    return secrets.token_urlsafe(24)
