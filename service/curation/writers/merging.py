"""Two data sets made one: what the other has goes behind what is here, with new numbers."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from schemas.faults import DataRefused, Fault, cut
from schemas.records.change import CLAIM, CURATED, RecordKey, record_of, without_empty
from service.compiler import check_fixtures
from service.compiler.pending import EditRefused
from service.compiler.read import Fixtures
from service.curation import readings
from service.curation.writers.files.layout import WrittenRecord
from service.curation.writers.session import Session

_STAMP = ("revision", "recorded_at")
_MAX_SHOWN = 60
"""Characters of a value that a clash repeats."""


class Merged(NamedTuple):
    """How many records and readings came."""

    records: int
    readings: int


def merge(session: Session, other: Path, keep_ours: bool = False) -> Merged:
    """Brings the records, changes and readings of another directory in.

    Records are told apart by kind and id, and compared by what happened to
    them. What happened on one side alone is taken; what happened otherwise on
    both is a clash. All clashes are told and nothing is written, unless
    ``keep_ours`` says that what is here stays. Raises ``DataRefused``.
    """
    ours, theirs = _Side(session.fixtures), _Side(_valid(other))
    clashes, wanted = dict[RecordKey, str](), dict[RecordKey, int]()
    for key in dict.fromkeys([*theirs.records, *theirs.histories]):
        known = _known_changes(key, ours, theirs)
        if isinstance(known, int):
            wanted[key] = known
        elif known is not None:
            clashes[key] = known
    if clashes and not keep_ours:
        allowed = "the same on both sides: revise one of them, or merge with --keep-ours"
        raise DataRefused(
            Fault(f"{key.kind}s.json", "", f"{key.id}: {found}", allowed)
            for key, found in clashes.items()
        )
    _bring(session, theirs, wanted)
    copied = _copy_readings(session, other, keep_ours)
    if wanted or copied:
        session.commit()
    return Merged(len(wanted), copied)


def _valid(other: Path) -> Fixtures:
    """The records of the other directory. Raises ``DataRefused`` with its name before each file."""
    if not other.is_dir():
        raise EditRefused(f"{other}: there is no such directory")
    try:
        return check_fixtures(other)
    except DataRefused as refused:
        named = (replace(each, file=str(other / each.file)) for each in refused.faults)
        raise DataRefused(named) from None


class _Side:
    """The records of one of two data sets, and what happened to each."""

    def __init__(self, fixtures: Fixtures) -> None:
        self.changes: list[WrittenRecord] = [*fixtures["changes"]]
        self.histories = defaultdict[RecordKey, list[Any]](list)
        for change in self.changes:
            self.histories[record_of(change)].append(without_empty({**change, "seq": None}))
        self.records: dict[RecordKey, WrittenRecord] = {
            RecordKey(kind, record["id"]): record
            for kind in CURATED
            for record in fixtures[f"{kind}s"]
        }


def _known_changes(key: RecordKey, ours: _Side, theirs: _Side) -> int | str | None:
    """How many of the changes of a record that is to be brought are here already; ``None`` where
    there is nothing to bring, and in words what clashes.
    """
    here, there = ours.records.get(key), theirs.records.get(key)
    done, came = ours.histories[key], theirs.histories[key]
    if _alike(key, here, there) and (here is not None or done or not came):
        return None
    if len(came) > len(done) and came[: len(done)] == done:
        begins = came[len(done)].get("previous")
        return len(done) if _alike(key, here, begins) else _clash(key, here, there)
    if len(done) > len(came) and done[: len(came)] == came:
        begun = came or _alike(key, done[0].get("previous"), there)
        return None if begun else _clash(key, here, there)
    if not done and not came and here is None:
        return 0
    return _clash(key, here, there)


def _loaded(key: RecordKey, record: WrittenRecord | None) -> Any:
    """A record without what is empty, and without its number and day."""
    if record is None:
        return None
    loaded = {**CURATED[key.kind]().absent, **record}
    return without_empty({name: v for name, v in loaded.items() if name not in _STAMP})


def _alike(key: RecordKey, one: WrittenRecord | None, other: WrittenRecord | None) -> bool:
    return bool(_loaded(key, one) == _loaded(key, other))


def _clash(key: RecordKey, here: WrittenRecord | None, there: WrittenRecord | None) -> str:
    """What is otherwise on the two sides."""
    if here is None or there is None:
        return "it was retired on one side, and is not the same on the other"
    one, other = _loaded(key, here), _loaded(key, there)
    names = [n for n in CURATED[key.kind]().fields if one.get(n) != other.get(n)]
    shown = (f"{n} is {_brief(one.get(n))} here and {_brief(other.get(n))} there" for n in names)
    return "; ".join(shown) or "other things happened to it here than there"


def _brief(value: Any) -> str:
    return cut(json.dumps(value, ensure_ascii=True), _MAX_SHOWN)


def _bring(session: Session, theirs: _Side, wanted: dict[RecordKey, int]) -> None:
    """Appends what happened there, and puts the records as they are there."""
    left = dict(wanted)
    for key in _in_order(theirs.records):
        if key in wanted and not theirs.histories[key]:
            session.create(key.kind, theirs.records[key])
            del left[key]
    seen = defaultdict[RecordKey, int](int)
    for change in theirs.changes:
        key = record_of(change)
        seen[key] += 1
        if key in left and seen[key] > left[key]:
            session.append_change(change)
    for key in left:
        session.put(key, theirs.records.get(key))


def _in_order(records: dict[RecordKey, WrittenRecord]) -> Iterator[RecordKey]:
    """Claims last, since they refer to the others."""
    yield from sorted(records, key=lambda key: key.kind == CLAIM)


def _copy_readings(session: Session, other: Path, keep_ours: bool) -> int:
    """Brings the readings that are not here. Raises ``EditRefused`` for one that differs."""
    copied = 0
    for path in sorted((other / readings.DIRECTORY).glob("*.json")):
        name = f"{readings.DIRECTORY}/{path.name}"
        content, here = path.read_bytes(), session.directory / name
        if not here.exists():
            session.write_file(name, content)
            copied += 1
        elif here.read_bytes() != content and not keep_ours:
            raise EditRefused(
                f"{name} is not the same here and there: keep one of the two files, or merge "
                "with --keep-ours"
            )
    return copied
