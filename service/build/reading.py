"""Fixture files, read strictly: JSON without its usual leniency, each record through its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError

from schemas.claim import CuratedClaimSchema
from schemas.document import (
    ChangeSchema,
    CuratedAgentSchema,
    CuratedDocumentSchema,
    CuratedOccasionSchema,
    CuratedTopicSchema,
)
from schemas.faults import DataRefused, Fault, faults_in, pointer, shown

Record = Mapping[str, Any]

SCHEMAS: Mapping[str, type[Schema]] = {
    "documents": CuratedDocumentSchema,
    "agents": CuratedAgentSchema,
    "topics": CuratedTopicSchema,
    "occasions": CuratedOccasionSchema,
    "claims": CuratedClaimSchema,
    "changes": ChangeSchema,
}
BY_LINE = ("claims", "changes")
MOST_BYTES = 2_000_000_000
"""A larger fixture file is refused unread: nobody reviews it, and it may be no fixture at all."""
_LARGEST_NUMBER = 15
"""Digits of an integer that no field could need more of; more cost time to parse."""


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The curated records of one directory, each valid by itself."""

    documents: list[Record] = field(default_factory=list)
    agents: list[Record] = field(default_factory=list)
    topics: list[Record] = field(default_factory=list)
    occasions: list[Record] = field(default_factory=list)
    claims: list[Record] = field(default_factory=list)
    changes: list[Record] = field(default_factory=list)


_FAULTY = object()
"""Stands for a line that was no JSON, so that the lines after it keep their places."""


class _NotStrict(ValueError):
    """JSON that a lenient reader would take."""


def fixture_file(directory: Path, name: str) -> Path:
    """The file that holds one kind of record.

    Claims and changes may come as ``.ndjson``, a record a line, which suits
    many of them.
    """
    lines, whole = directory / f"{name}.ndjson", directory / f"{name}.json"
    return lines if name in BY_LINE and lines.exists() and not whole.exists() else whole


def read_fixtures(directory: Path) -> Fixtures:
    """Every record of a fixture directory through its schema. Raises ``DataRefused``."""
    faults: list[Fault] = []
    loaded = {}
    for name, schema in SCHEMAS.items():
        path = fixture_file(directory, name)
        if path.with_suffix(".ndjson").exists() and path.suffix == ".json":
            faults.append(Fault(path.name, "", f"{name}.ndjson beside it", "one of the two"))
        loaded[name] = _load(path.name, schema(), _read(path, faults), faults)
    if faults:
        raise DataRefused(faults)
    return Fixtures(**loaded)


def _read(path: Path, faults: list[Fault]) -> list[Any]:
    """The records of a file, none where the file itself is at fault."""
    try:
        if not path.exists():
            faults.append(Fault(path.name, "", "no file", "a regular file"))
            return []
        if not path.is_file():  # opening a pipe would wait for whoever writes to it
            raise _NotStrict("a regular file")
        if path.stat().st_size > MOST_BYTES:
            raise _NotStrict(f"a file of at most {MOST_BYTES} bytes")
        if path.suffix == ".ndjson":
            return list(_read_lines(path, faults))
        value = parse_json(path.read_bytes())
        if isinstance(value, list):
            return value
        faults.append(Fault(path.name, "", shown(value), "a list of records"))
    except OSError as error:
        faults.append(Fault(path.name, "", error.strerror or "no file", "a readable file"))
    except _NotStrict as error:
        faults.append(Fault(path.name, "", "something else", str(error)))
    return []


def _read_lines(path: Path, faults: list[Fault]) -> Iterator[Any]:
    """A record a line; a line at fault is named, and the others are read all the same."""
    with path.open("rb") as file:
        for place, line in enumerate(file):
            try:
                record = parse_json(line)
            except _NotStrict as error:
                faults.append(Fault(path.name, pointer(place), "something else", str(error)))
                record = _FAULTY
            if place == 0 and isinstance(record, dict) and "independent_origins" in record:
                allowed = "curated claims: an export holds served ones, and is no input"
                faults.append(Fault(path.name, "", "an export", allowed))
                return
            yield record


def parse_json(raw: bytes) -> Any:
    """JSON in UTF-8 without BOM, duplicate keys, NaN or endless numbers.

    Raises a ``ValueError`` that says what is allowed and where reading ended.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _NotStrict(f"UTF-8 (byte {error.start} is none)") from None
    if text.startswith("\ufeff"):
        raise _NotStrict("UTF-8 without a byte order mark")
    try:
        return json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_short_integer,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise _NotStrict(f"JSON (at {where}: {error.msg})") from None
    except RecursionError:
        raise _NotStrict("JSON that is not nested beyond reason") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _NotStrict(f"each key once in an object ({shown(key)} is there twice)")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise _NotStrict(f"JSON numbers ({name} is none)")


def _short_integer(digits: str) -> int:
    if len(digits) > _LARGEST_NUMBER:
        raise _NotStrict(f"integers of at most {_LARGEST_NUMBER} digits")
    return int(digits)


def _load(file: str, schema: Schema, raw: list[Any], faults: list[Fault]) -> list[Record]:
    loaded = []
    for place, record in enumerate(raw):
        if record is _FAULTY:
            continue
        try:
            loaded.append(schema.load(record))
        except ValidationError as error:
            faults += faults_in(file, error.messages, record, (place,))
    return loaded
