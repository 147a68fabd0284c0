"""Edits of several files of a directory of fixtures that take effect as one, whatever ends them.

The new files are made and flushed in a directory beside the old ones, which is then renamed to
``.pending``: with that one step the edit is decided. After it each file is put in its place. Where
that was interrupted, the next command finishes it; until then fixtures are read through
``.pending``, so that no command ever sees one file of before beside another of after.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from schemas.faults import DataRefused, Fault
from service.compiler.disk import flush
from service.store.files import locked, locked_directory

PENDING = ".pending"
_DRAFT = ".edit-"
"""How the directories begin in which the files of an edit are made."""
_BEFORE = "before.json"
"""The hashes of the files that an edit replaces, by name; ``null`` where there was none."""
PATIENCE = 30.0
"""Seconds that a writer waits for another one."""
_PAUSE = 0.05
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


class EditRefused(RuntimeError):
    """An edit that cannot be made now, so that nothing is written; says why, and what to do."""


class EditUnfinished(RuntimeError):
    """An edit that was decided, of which not every file could be put in its place."""


def standing(directory: Path, name: str, edit: Path | None = None) -> Path:
    """Where a file of fixtures lies: in an ``edit`` that is being made, in one that was decided and
    not finished, else in the directory itself.
    """
    for place in (edit, directory / PENDING):
        if place is not None and is_there(place / name):
            return place / name
    return directory / name


def is_there(path: Path) -> bool:
    """Whether there is something of that name. Raises ``OSError`` where that cannot be told: to
    take it for absent might mix files of before and after.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@contextmanager
def reading(directory: Path) -> Iterator[None]:
    """Keeps writers out while fixtures are read; an interrupted edit is finished before, where that
    is allowed.
    """
    if not directory.is_dir():
        yield  # the reader says what is missing
        return
    place = directory.resolve()
    if is_there(place / PENDING):
        try:
            with _held(place):
                _finish(place)
        except OSError as error:
            if error.errno not in _READ_ONLY:
                raise
    with locked(place, fcntl.LOCK_SH):
        yield


class Edit(AbstractContextManager["Edit"]):
    """The only writer of a directory of fixtures, from the beginning of the block to its end.

    What is written takes effect with ``decide``, or not at all. Raises
    ``EditRefused`` where another writer does not end, and ``OSError``.
    """

    def __init__(self, directory: Path, patience: float = PATIENCE) -> None:
        self.directory = directory.resolve()
        self._patience = patience
        self._before: dict[str, str | None] = {}
        self._written: set[str] = set()

    def __enter__(self) -> "Edit":
        self._holding = _held(self.directory, self._patience)
        self._holding.__enter__()
        try:
            _finish(self.directory)
            self.path, self._lock = locked_directory(self.directory, _DRAFT)
        except BaseException:
            self._holding.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._holding.__exit__(None, None, None)

    def note(self, name: str) -> None:
        """Remembers what a file holds now: if it is another one in the end, somebody else wrote it
        meanwhile, and nothing takes effect.
        """
        self._before.setdefault(name, _digest(self.directory / name))

    def write(self, name: str, content: Iterable[bytes]) -> None:
        """Writes what a file is to hold, and flushes it."""
        self.note(name)
        self._written.add(name)
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.writelines(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())

    def decide(self) -> None:
        """Lets all that was written take effect.

        Raises ``EditRefused`` and ``OSError``; and ``EditUnfinished`` where the
        next command has to finish it.
        """
        written = {name: self._before[name] for name in sorted(self._written)}
        with (self.path / _BEFORE).open("w") as file:
            json.dump(written, file)
            file.flush()
            os.fsync(file.fileno())
        self.path.chmod(0o755)
        for folder in {(self.path / name).parent for name in written} | {self.path}:
            flush(folder)
        for name, digest in self._before.items():
            if _digest(self.directory / name) != digest:
                raise EditRefused(
                    f"{self.directory / name} was changed by another program meanwhile: run the "
                    "command again"
                )
        self.path.rename(self.directory / PENDING)
        try:
            flush(self.directory)
            _finish(self.directory)
        except OSError as error:
            raise EditUnfinished(
                f"{error.filename or self.directory}: {error.strerror}; the change is whole in "
                f"{self.directory / PENDING}, and the next command puts it in its place"
            ) from error


@contextmanager
def _held(directory: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Holds a directory alone. Raises ``EditRefused`` if it is held elsewhere for too long."""
    deadline = time.monotonic() + patience
    while True:
        holding = locked(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            holding.__enter__()
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                reason = "another command works there: try again later"
                raise EditRefused(f"{directory}: {reason}") from None
            time.sleep(_PAUSE)
    try:
        yield
    finally:
        holding.__exit__(None, None, None)


def _finish(directory: Path) -> None:
    """Puts the files of an edit that was decided in their places.

    Raises ``DataRefused`` where a file is neither the one that the edit replaces nor the new one,
    since somebody wrote to it after the edit was interrupted.
    """
    pending = directory / PENDING
    if not is_there(pending):
        return
    before: dict[str, str | None] = {}
    with suppress(FileNotFoundError):  # all but the removal was done
        before = json.loads((pending / _BEFORE).read_bytes())
    left = {name: digest for name, digest in before.items() if is_there(pending / name)}
    edited = [name for name, digest in left.items() if _digest(directory / name) != digest]
    if edited:
        allowed = (
            f"what was there when a command was interrupted; compare it with {PENDING}/{{name}}, "
            f"and keep one of the two: remove {PENDING}, or move the file from there here"
        )
        raise DataRefused(
            Fault(name, "", "an edit by hand", allowed.format(name=name)) for name in edited
        )
    for name in left:
        (directory / name).parent.mkdir(exist_ok=True)
        (pending / name).replace(directory / name)
        flush((directory / name).parent)
    for folder in {(pending / name).parent for name in before} - {pending}:
        with suppress(FileNotFoundError):
            folder.rmdir()
    (pending / _BEFORE).unlink(missing_ok=True)
    pending.rmdir()
    flush(directory)


def _digest(path: Path) -> str | None:
    """The hash of a file, ``None`` where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
