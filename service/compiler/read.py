"""Fixture files, read strictly: JSON without its usual leniency, each record through its schema.

docs/dataset-format.md describes the files.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from marshmallow import ValidationError

from schemas.faults import Fault, Faults, faults_in, shown
from schemas.fields import Choice
from schemas.record import Record
from schemas.vocabularies import VOCABULARIES

PlainRecord = Mapping[str, Any]
"""The values of a record by key, as JSON has them."""

BY_LINE = ("claims", "changes")
FILES = (*VOCABULARIES, *BY_LINE)
ABOUT = "dataset.json"
"""What a directory of fixtures may say of itself: today the version of its format, and no more."""
FORMAT = 1
"""The version of the fixture format, which a directory without ``dataset.json`` has."""
MAX_FILE_BYTES = 2_000_000_000
"""A larger list is refused unread: it is parsed as a whole, and may be no fixture at all."""
MAX_LINE_BYTES = 1_000_000
"""A longer line is no record, and is read no further."""
MAX_KEYS = 1_000
"""Keys of an object, far more than any record has: each unknown one takes time to be judged."""
_MAX_DIGITS = 15
"""Digits of an integer that no field could need more of; more cost time to parse."""


class _AboutSchema(Record):
    format = Choice(FORMAT)


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The curated records of one directory, by kind (one of ``FILES``).

    The vocabularies are valid each by itself, claims and changes not checked
    yet. ``names`` tells which file holds each kind of record.
    """

    records: Mapping[str, Collection[PlainRecord]]
    names: Mapping[str, str] = field(
        default_factory=lambda: {name: f"{name}.json" for name in FILES}
    )

    def __getitem__(self, kind: str) -> Collection[PlainRecord]:
        return self.records[kind]


class Lines(Collection[Any]):
    """The records of a file with a record a line (NDJSON), parsed one by one as they are iterated
    over: memory never holds all of them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Any]:
        return map(json.loads, self.raw())

    def __contains__(self, record: object) -> bool:
        return any(record == other for other in self)

    def __len__(self) -> int:
        return self._count

    @functools.cached_property
    def _count(self) -> int:
        return sum(1 for _ in self.raw())

    def raw(self) -> Iterator[bytes]:
        """The bytes of each line without its line feed; of an overlong one only the beginning."""
        with self._path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                end = line
                while len(end) > MAX_LINE_BYTES and not end.endswith(b"\n"):
                    end = file.readline(MAX_LINE_BYTES + 1)
                yield line.removesuffix(b"\n")


class NotStrict(ValueError):
    """JSON that a lenient reader would take; says what is allowed instead of what was found."""

    def __init__(self, allowed: str, found: str = "something else") -> None:
        super().__init__(allowed)
        self.found = found


def fixture_file(directory: Path, name: str) -> Path:
    """The file that holds one kind of record; claims and changes may come as ``.ndjson``."""
    lines, whole = directory / f"{name}.ndjson", directory / f"{name}.json"
    return lines if name in BY_LINE and lines.exists() and not whole.exists() else whole


def read_fixtures(directory: Path, faults: Faults) -> Fixtures:
    """The records of a directory; what is wrong with a file or a vocabulary goes to ``faults``.

    Raises ``DataRefused`` when there are too many faults.
    """
    if (directory / ABOUT).exists():
        with _reported(directory / ABOUT, faults):
            _load(ABOUT, _AboutSchema(), _parsed(directory / ABOUT), (), faults)
    records: dict[str, Collection[Any]] = {}
    names = {}
    for name in FILES:
        path = fixture_file(directory, name)
        if path.with_suffix(".ndjson").exists() and path.suffix == ".json":
            faults.collect([Fault(path.name, "", f"{name}.ndjson beside it", "one of the two")])
        records[name], names[name] = [], path.name
        with _reported(path, faults):
            records[name] = _read(path)
    for name, kind in VOCABULARIES.items():
        schema, listed = kind.curated(), enumerate(records[name])
        loaded = [_load(names[name], schema, each, (place,), faults) for place, each in listed]
        records[name] = [record for record in loaded if record is not None]
    return Fixtures(records, names)


def _load(
    file: str, schema: Record, record: Any, at: tuple[int, ...], faults: Faults
) -> PlainRecord | None:
    try:
        loaded: PlainRecord = schema.load(record)
        return loaded
    except ValidationError as error:
        faults.collect(faults_in(file, error.messages, record, at))
        return None


def _read(path: Path) -> Collection[Any]:
    """The records of a file. Raises ``NotStrict`` or ``OSError``."""
    if not path.exists():
        raise NotStrict("a regular file", "no file")
    records = _lines(path) if path.suffix == ".ndjson" else _parsed(path)
    if not isinstance(records, (list, Lines)):
        raise NotStrict("a list of records", shown(records))
    return records


@contextmanager
def _reported(path: Path, faults: Faults) -> Iterator[None]:
    """Makes a fault of whatever is wrong with a file as a whole."""
    try:
        yield
    except OSError as error:
        faults.collect([Fault(path.name, "", error.strerror or "no file", "a readable file")])
    except NotStrict as error:
        faults.collect([Fault(path.name, "", error.found, str(error))])


def _parsed(path: Path) -> Any:
    if not path.is_file():  # opening a pipe would block
        raise NotStrict("a regular file")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise NotStrict(f"a file of at most {MAX_FILE_BYTES} bytes")
    return parse_json(path.read_bytes())


def _lines(path: Path) -> Lines:
    """The lines of a file. Served claims are refused as a whole, not each of their lines."""
    if not path.is_file():
        raise NotStrict("a regular file")
    lines = Lines(path)
    try:
        served = "independent_origins" in parse_json(next(lines.raw(), b"[]"))
    except (NotStrict, TypeError):  # whatever the first line is, it is no served claim
        served = False
    if served:
        raise NotStrict("curated claims: an export holds served ones, and is no input")
    return lines


def parse_line(line: bytes) -> Any:
    """A line of ``Lines``. Raises ``NotStrict``."""
    if len(line) > MAX_LINE_BYTES:
        raise NotStrict(f"a line of at most {MAX_LINE_BYTES} bytes")
    return parse_json(line)


def parse_json(raw: bytes) -> Any:
    """JSON in UTF-8 without BOM, duplicate keys, NaN or endless numbers.

    Raises ``NotStrict``, which says what is allowed and where reading ended.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict(f"UTF-8 (byte {error.start} is none)") from None
    if text.startswith("\ufeff"):
        raise NotStrict("UTF-8 without a byte order mark")
    try:
        return _strict_json(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise NotStrict(f"JSON (at {where}: {error.msg})") from None
    except RecursionError:
        raise NotStrict("JSON that is not nested beyond reason") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise NotStrict(f"objects of at most {MAX_KEYS} keys")
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotStrict(f"each key once in an object ({shown(twice)} is there twice)")
    return record


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"JSON numbers ({name} is none)")


def _short_integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise NotStrict(f"integers of at most {_MAX_DIGITS} digits")
    return int(digits)


_strict_json = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_short_integer
).decode
