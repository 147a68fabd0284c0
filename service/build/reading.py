"""Fixture files, read strictly: JSON without its usual leniency, each record through its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
from schemas.faults import DataRefused, Fault, faults_in, shown

Record = Mapping[str, Any]

SCHEMAS: Mapping[str, type[Schema]] = {
    "documents": CuratedDocumentSchema,
    "agents": CuratedAgentSchema,
    "topics": CuratedTopicSchema,
    "occasions": CuratedOccasionSchema,
    "claims": CuratedClaimSchema,
    "changes": ChangeSchema,
}
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


class _NotStrict(ValueError):
    """JSON that a lenient reader would take."""


def read_fixtures(directory: Path) -> Fixtures:
    """Every record of a fixture directory through its schema. Raises ``DataRefused``."""
    faults: list[Fault] = []
    records = {name: _read(directory / f"{name}.json", faults) for name in SCHEMAS}
    loaded = {name: _load(name, raw, faults) for name, raw in records.items()}
    if faults:
        raise DataRefused(faults)
    return Fixtures(**loaded)


def _read(path: Path, faults: list[Fault]) -> list[Any]:
    try:
        if not path.exists():
            faults.append(Fault(path.name, "", "no file", "a regular file"))
            return []
        if not path.is_file():  # opening a pipe would wait for whoever writes to it
            raise _NotStrict("a regular file")
        if path.stat().st_size > MOST_BYTES:
            raise _NotStrict(f"a file of at most {MOST_BYTES} bytes")
        value = parse_json(path.read_bytes())
        if isinstance(value, list):
            return value
        faults.append(Fault(path.name, "", shown(value), "a list of records"))
    except OSError as error:
        faults.append(Fault(path.name, "", error.strerror or "no file", "a readable file"))
    except _NotStrict as error:
        faults.append(Fault(path.name, "", "something else", str(error)))
    return []


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


def _load(name: str, raw: list[Any], faults: list[Fault]) -> list[Record]:
    schema = SCHEMAS[name]()
    loaded = []
    for place, record in enumerate(raw):
        try:
            loaded.append(schema.load(record))
        except ValidationError as error:
            faults += faults_in(f"{name}.json", error.messages, record, (place,))
    return loaded
