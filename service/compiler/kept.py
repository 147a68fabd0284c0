"""What an earlier build made of each line, kept beside the data sets so that it is not made again.

A line is found by its hash. Nothing is taken from a build by another version of this code, nor
what refers to a record of the vocabularies that has changed since; and what is taken must have
the hash that was noted when it was kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import schemas
from service.compiler.lines import LineReader
from service.compiler.read import VOCABULARY_SCHEMAS, Fixtures
from service.compiler.write import DRAFT
from service.store.dataset_format import canonical
from service.store.temporary import locked_directory

DIRECTORY = ".kept"
_ENTRY = struct.Struct("<16sQI8s")
"""Hash of the line; offset and length of what was made of it; hash of that."""
_MOST_MOVED = 100
"""Changed records of the vocabularies up to which every line is looked through for them."""
_FILES = ("claims", "changes")
_ABOUT = "about.json"


def line_hash(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=16).digest()


def _check(made: bytes) -> bytes:
    return hashlib.blake2b(made, digest_size=8).digest()


class Kept:
    """What was kept of one kind of lines."""

    def __init__(self, directory: Path, name: str, moved: tuple[bytes, ...]) -> None:
        self._moved = moved
        self._made = LineReader(directory / f"{name}.made")
        entries = _ENTRY.iter_unpack((directory / f"{name}.places").read_bytes())
        self._places = {key: (offset, length, check) for key, offset, length, check in entries}

    def get(self, key: bytes) -> bytes | None:
        """What was made of the line with this hash, if that can still be used."""
        place = self._places.get(key)
        if place is None:
            return None
        offset, length, check = place
        made = self._made.read((offset, length))
        if _check(made) != check or any(reference in made for reference in self._moved):
            return None
        return made


class Keeper:
    """Writes what the next build may use; nothing of it is in its place before ``finish``."""

    def __init__(self, out: Path, fixtures: Fixtures) -> None:
        self._place = out / DIRECTORY
        self._about = {"code": _code(), "records": _records(fixtures)}
        self._draft, self._lock = locked_directory(out, DRAFT)
        self._made = {name: (self._draft / f"{name}.made").open("wb") for name in _FILES}
        self._places = {name: (self._draft / f"{name}.places").open("wb") for name in _FILES}
        self._offsets = dict.fromkeys(_FILES, 0)

    def add(self, name: str, key: bytes, made: bytes) -> None:
        self._made[name].write(made)
        entry = _ENTRY.pack(key, self._offsets[name], len(made), _check(made))
        self._places[name].write(entry)
        self._offsets[name] += len(made)

    def finish(self) -> None:
        """Puts what was kept in the place of what an earlier build kept."""
        self._close()
        (self._draft / _ABOUT).write_bytes(canonical(self._about))
        shutil.rmtree(self._place, ignore_errors=True)
        with suppress(OSError):  # another build that has just ended put its own there: as good
            self._draft.rename(self._place)

    def _close(self) -> None:
        for file in (*self._made.values(), *self._places.values()):
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._close()
        shutil.rmtree(self._draft, ignore_errors=True)
        os.close(self._lock)


def usable(out: Path, fixtures: Fixtures) -> tuple[bytes, ...] | None:
    """The references that must not be in what is reused; ``None`` when nothing is to be reused."""
    try:
        about = json.loads((out / DIRECTORY / _ABOUT).read_bytes())
        before: Mapping[str, str] = about["records"]
        same_code: bool = about["code"] == _code()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    now = _records(fixtures)
    moved = [identifier for identifier, held in before.items() if now.get(identifier) != held]
    if not same_code or len(moved) > _MOST_MOVED:
        return None
    # As canonical JSON has a reference. Ids of two vocabularies may be alike: then both moved.
    return tuple(b'"id":"%s"' % name.partition(" ")[2].encode() for name in moved)


def _records(fixtures: Fixtures) -> dict[str, str]:
    """A hash of every record that claims may refer to."""
    return {
        f"{name} {record['id']}": _check(canonical(record)).hex()
        for name in VOCABULARY_SCHEMAS
        for record in getattr(fixtures, name)
    }


def _code() -> str:
    """A hash of the code that judges and compiles a record."""
    digest = hashlib.sha256()
    service = Path(__file__).parent.parent
    judging = Path(str(schemas.__file__)).parent
    for directory in (
        judging,
        service / "compiler",
        service / "store",
        service / "store" / "tantivy",
    ):
        for path in sorted(directory.glob("*.py")):
            digest.update(path.read_bytes())
    digest.update((service / "formats" / "tables.py").read_bytes())
    for library in ("edtf", "marshmallow", "tantivy"):
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def opened(out: Path, moved: tuple[bytes, ...] | None) -> dict[str, Any]:
    """What was kept, by kind of line. A file of it that is damaged keeps nothing."""
    found = {}
    for name in _FILES if moved is not None else ():
        try:
            found[name] = Kept(out / DIRECTORY, name, moved or ())
        except (OSError, struct.error):
            continue
    return found
