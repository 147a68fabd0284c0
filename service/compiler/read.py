"""Fixture files, read strictly: JSON without its usual leniency, each record through its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError

from schemas.faults import Fault, faults_in, shown
from schemas.vocabularies import (
    CuratedAgentSchema,
    CuratedDocumentSchema,
    CuratedOccasionSchema,
    CuratedTopicSchema,
)
from service.compiler.lines import Lines

Record = Mapping[str, Any]

VOCABULARY_SCHEMAS: Mapping[str, type[Schema]] = {
    "documents": CuratedDocumentSchema,
    "agents": CuratedAgentSchema,
    "topics": CuratedTopicSchema,
    "occasions": CuratedOccasionSchema,
}
BY_LINE = ("claims", "changes")
FILES = (*VOCABULARY_SCHEMAS, *BY_LINE)
_LISTS = {name: f"{name}.json" for name in FILES}
MOST_BYTES = 2_000_000_000
"""A larger list is refused unread: it is parsed as a whole, and may be no fixture at all."""
_LARGEST_NUMBER = 15
"""Digits of an integer that no field could need more of; more cost time to parse."""


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The curated records of one directory.

    The vocabularies are valid each by itself; claims and changes are as they
    lie there (``service.compiler.surveying`` looks at them). ``names`` tells which
    file holds each kind of record.
    """

    documents: list[Record] = field(default_factory=list)
    agents: list[Record] = field(default_factory=list)
    topics: list[Record] = field(default_factory=list)
    occasions: list[Record] = field(default_factory=list)
    claims: Sequence[Record] = field(default_factory=list)
    changes: Sequence[Record] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=lambda: dict(_LISTS))


class NotStrict(ValueError):
    """JSON that a lenient reader would take; says what is allowed instead."""


def fixture_file(directory: Path, name: str) -> Path:
    """The file that holds one kind of record.

    Claims and changes may come as ``.ndjson``, a record a line, which suits
    many of them.
    """
    lines, whole = directory / f"{name}.ndjson", directory / f"{name}.json"
    return lines if name in BY_LINE and lines.exists() and not whole.exists() else whole


def read_fixtures(directory: Path, faults: list[Fault]) -> Fixtures:
    """The records of a directory; what is wrong with a file or a vocabulary goes to ``faults``."""
    read: dict[str, Any] = {}
    names = {}
    for name in FILES:
        path = fixture_file(directory, name)
        if path.with_suffix(".ndjson").exists() and path.suffix == ".json":
            faults.append(Fault(path.name, "", f"{name}.ndjson beside it", "one of the two"))
        read[name], names[name] = _read(path, faults), path.name
    for name, schema in VOCABULARY_SCHEMAS.items():
        read[name] = _load(names[name], schema(), read[name], faults)
    return Fixtures(**read, names=names)


def _read(path: Path, faults: list[Fault]) -> Sequence[Any]:
    """The records of a file, none where the file itself is at fault."""
    try:
        if not path.exists():
            faults.append(Fault(path.name, "", "no file", "a regular file"))
            return []
        if not path.is_file():  # opening a pipe would wait for whoever writes to it
            raise NotStrict("a regular file")
        if path.suffix == ".ndjson":
            return _lines(path, faults)
        if path.stat().st_size > MOST_BYTES:
            raise NotStrict(f"a file of at most {MOST_BYTES} bytes")
        value = parse_json(path.read_bytes())
        if isinstance(value, list):
            return value
        faults.append(Fault(path.name, "", shown(value), "a list of records"))
    except OSError as error:
        faults.append(Fault(path.name, "", error.strerror or "no file", "a readable file"))
    except NotStrict as error:
        faults.append(Fault(path.name, "", "something else", str(error)))
    return []


def _lines(path: Path, faults: list[Fault]) -> Sequence[Any]:
    """The lines of a file, unless they are the wrong kind: that is told once, not of every line."""
    lines = Lines(path)
    try:
        served = len(lines) > 0 and "independent_origins" in parse_json(lines.raw(0))
    except (NotStrict, TypeError):  # whatever the first line is, it is no served claim
        served = False
    if not served:
        return lines
    allowed = "curated claims: an export holds served ones, and is no input"
    faults.append(Fault(path.name, "", "an export", allowed))
    return []


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


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotStrict(f"each key once in an object ({shown(twice)} is there twice)")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"JSON numbers ({name} is none)")


def _short_integer(digits: str) -> int:
    if len(digits) > _LARGEST_NUMBER:
        raise NotStrict(f"integers of at most {_LARGEST_NUMBER} digits")
    return int(digits)


_strict_json = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_int=_short_integer
).decode


def _load(file: str, schema: Schema, raw: Sequence[Any], faults: list[Fault]) -> list[Record]:
    loaded = []
    for place, record in enumerate(raw):
        try:
            loaded.append(schema.load(record))
        except ValidationError as error:
            faults += faults_in(file, error.messages, record, (place,))
    return loaded
