"""Writes changes: those that fixtures lack since they were published, and those that undo what came
after an earlier publication.

What was published stays: a change only ever follows another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from schemas.faults import DataRefused, Faults
from schemas.records.change import (
    CLAIM,
    CURATED,
    RETIRING,
    ChangeSchema,
    RecordKey,
    as_curated,
    differences,
    record_of,
)
from service.compiler.read import read_fixtures, valid_records
from service.curation import unused_ids
from service.curation.references import renamed
from service.store.dataset_format import CHANGES, read_manifest
from service.store.files import refused_at

EditableRecord = dict[str, Any]
_STAMP = {"revision", "recorded_at"}
"""What a claim has of its last change."""
RecordsByKind = Mapping[str, Mapping[str, EditableRecord]]
"""Curated records by kind and id."""


@dataclass(frozen=True, slots=True)
class CuratedState:
    """The records of a data set as they were curated, and the changes that led to them."""

    records: RecordsByKind
    changes: list[EditableRecord]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Why and on which day something is recorded; what is created needs no reason."""

    reason: str | None
    day: str


def next_change(
    key: RecordKey,
    what: str,
    last: Mapping[str, Any] | None,
    why: Occurrence,
    previous: Mapping[str, Any] | None,
    heir: str | None = None,
) -> EditableRecord:
    """The change of a record, without its number, that follows the ``last`` one it had."""
    return {
        "claim": key.id if key.kind == CLAIM else None,
        "record": None if key.kind == CLAIM else key._asdict(),
        "revision": 1 if previous is None else 1 + (last["revision"] if last else 1),
        "recorded_at": max(why.day, last["recorded_at"] if last else why.day),
        "change": what,
        "reason": why.reason,
        "replaced_by": heir,
        "previous": previous,
    }


def published_state(directory: Path) -> CuratedState:
    """What a built data set holds. Raises ``DatasetUnavailable``."""
    with refused_at(directory):
        read_manifest(directory)
        records = {
            kind: {
                record["id"]: as_curated(record, kind)
                for record in _lines(directory / f"{kind}s.ndjson")
            }
            for kind in CURATED
        }
        return CuratedState(records, _lines(directory / CHANGES))


def fixtures_state(directory: Path) -> CuratedState:
    """What fixtures hold, each record valid by itself. Raises ``DataRefused``."""
    faults = Faults()
    fixtures = read_fixtures(directory, faults)
    loaded = {
        kind: {
            r["id"]: dict(r) for _, r in valid_records(fixtures, f"{kind}s", schema().load, faults)
        }
        for kind, schema in CURATED.items()
    }
    changes = [dict(c) for _, c in valid_records(fixtures, "changes", ChangeSchema().load, faults)]
    if faults:
        raise DataRefused(faults)
    return CuratedState(loaded, changes)


def record_changes(
    published: CuratedState, fixtures: CuratedState, why: Occurrence
) -> CuratedState:
    """The fixtures with a change for each record that differs from what was published, and of which
    they have no change yet.
    """
    written = {record_of(change) for change in fixtures.changes[len(published.changes) :]}
    return _Recorder(published, fixtures.changes, why).follow(fixtures.records, written)


def roll_back(
    published: CuratedState, earlier: CuratedState, why: Occurrence
) -> tuple[CuratedState, dict[str, str]]:
    """What was published, with the changes that lead back to the records of an earlier publication;
    and, by their ids of then, the new ids of those that were retired since, whose ids are used up.
    """
    keys = [RecordKey(kind, each) for kind, by_id in earlier.records.items() for each in by_id]
    last = {record_of(change): change["change"] for change in published.changes}
    taken = {*last, *(RecordKey(k, i) for k, by_id in published.records.items() for i in by_id)}
    names: dict[RecordKey, str] = {}
    for key in keys:
        if last.get(key) in RETIRING:
            names[key] = _unused_id(key, taken)
            taken.add(RecordKey(key.kind, names[key]))
    wanted: dict[str, dict[str, EditableRecord]] = {kind: {} for kind in earlier.records}
    for key in keys:
        made, _ = renamed(earlier.records[key.kind][key.id], key.kind, names)
        identifier = names.get(key, key.id)
        wanted[key.kind][identifier] = made | {"id": identifier}
    state = _Recorder(published, published.changes, why).follow(wanted)
    return state, {key.id: identifier for key, identifier in names.items()}


class _Recorder:
    """Adds changes to a log, from published records to those that are wanted."""

    def __init__(
        self, published: CuratedState, changes: Iterable[EditableRecord], why: Occurrence
    ) -> None:
        self._published, self._why, self._changes = published.records, why, list(changes)
        self._last = {record_of(change): change for change in self._changes}

    def follow(self, wanted: RecordsByKind, written: Iterable[RecordKey] = ()) -> CuratedState:
        """The wanted records, and the log with their changes; ``written`` ones have theirs."""
        left, records = {*written}, dict[str, Mapping[str, EditableRecord]]()
        kinds = sorted(CURATED, key=CLAIM.__eq__)  # claims last, since they refer to the others
        for kind in kinds:
            records[kind] = {
                identifier: record
                if RecordKey(kind, identifier) in left
                else self._recorded(RecordKey(kind, identifier), record)
                for identifier, record in wanted[kind].items()
            }
        for kind in reversed(kinds):
            for identifier, record in self._published[kind].items():
                key = RecordKey(kind, identifier)
                if identifier not in wanted[kind] and key not in left:
                    self._add(key, "withdrawn", record)
        return CuratedState(records, self._changes)

    def _recorded(self, key: RecordKey, record: EditableRecord) -> EditableRecord:
        """A wanted record, with revision and day where it has them."""
        before = self._published[key.kind].get(key.id)
        if before is not None and not [*differences(before, as_curated(record, key.kind))]:
            return before
        change = self._add(key, "created" if before is None else "revised", before)
        return record | {name: change[name] for name in change.keys() & record.keys() & _STAMP}

    def _add(self, key: RecordKey, what: str, previous: EditableRecord | None) -> EditableRecord:
        made = next_change(key, what, self._last.get(key), self._why, previous)
        change = {"seq": len(self._changes) + 1, **made}
        self._changes.append(change)
        self._last[key] = change
        return change


def _unused_id(key: RecordKey, taken: Iterable[RecordKey]) -> str:
    """An id that no record of the kind ever had."""
    used = {each.id for each in taken if each.kind == key.kind}
    if "_" in key.id:
        return unused_ids(used, f"{key.id.partition('_')[0]}_", 1).pop()
    return next(name for n in range(2, len(used) + 3) if (name := f"{key.id}-{n}") not in used)


def _lines(path: Path) -> list[EditableRecord]:
    with path.open("rb") as lines:
        return [orjson.loads(line) for line in lines]
