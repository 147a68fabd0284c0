"""Two data sets made one: what the other has goes behind what is here, with new numbers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from schemas.faults import DataRefused, Fault, cut
from schemas.records.change import CLAIM, CURATED, RecordKey, record_of, without_empty
from service.compiler import check_fixtures
from service.compiler.pending import EditRefused
from service.compiler.read import Fixtures
from service.curation import readings
from service.curation.texts import sha256_of
from service.curation.writers.files.layout import WrittenRecord
from service.curation.writers.session import Session

_STAMP = ("revision", "recorded_at")
_MAX_SHOWN = 60
"""Characters of a value that a clash repeats."""
NONE: Mapping[str, ChosenSide] = MappingProxyType({})


class Merged(NamedTuple):
    """How many records and readings came."""

    records: int
    readings: int


class Clash(NamedTuple):
    """A record that became another one on both sides; ``None`` where it was retired.

    ``found`` says what is otherwise.
    """

    key: RecordKey
    here: WrittenRecord | None
    there: WrittenRecord | None
    found: str

    @property
    def name(self) -> str:
        """Which clash it is; another one, once a side is changed again."""
        both = json.dumps([self.here, self.there], sort_keys=True)
        return f"{self.key.kind} {self.key.id} {sha256_of(both)[:12]}"


class ChosenSide(NamedTuple):
    """Which side of a clash stays, ``here`` or ``there``, and why."""

    side: str
    reason: str


def merge(
    session: Session, other: Path, keep_ours: bool = False, choices: Mapping[str, ChosenSide] = NONE
) -> Merged:
    """Brings the records, changes and readings of another directory in.

    Records are told apart by kind and id, and compared by what happened to
    them. What happened on one side alone is taken; what happened otherwise on
    both is a clash. All clashes are told and nothing is written, unless
    ``keep_ours`` says that what is here stays, or there is a choice by the name
    of each. Raises ``DataRefused``.
    """
    theirs, wanted, clashes = _compared(session, other)
    left = [clash for clash in clashes if clash.name not in choices]
    if left and not keep_ours:
        allowed = (
            "the same on both sides: revise one of them, or merge with --choose or --keep-ours"
        )
        raise DataRefused(
            Fault(f"{clash.key.kind}s.json", "", f"{clash.key.id}: {clash.found}", allowed)
            for clash in left
        )
    _bring(session, theirs, wanted)
    chosen = [(clash, choices[clash.name]) for clash in clashes if clash.name in choices]
    for clash, choice in chosen:
        if choice.side == "there":
            _take(session, clash, choice.reason, theirs)
    copied = _copy_readings(session, other, keep_ours)
    if wanted or copied or session.added["changes"]:
        session.commit()
    return Merged(len(wanted), copied)


def clashes_of(session: Session, other: Path) -> list[Clash]:
    """What would clash if another directory were merged."""
    return _compared(session, other)[2]


def _compared(session: Session, other: Path) -> tuple[_Side, dict[RecordKey, int], list[Clash]]:
    """The other side, how many changes of each record of it are here already, and what clashes."""
    ours, theirs = _Side(session.fixtures), _Side(_valid(other))
    clashes, wanted = list[Clash](), dict[RecordKey, int]()
    for key in dict.fromkeys([*theirs.records, *theirs.histories]):
        known = _known_changes(key, ours, theirs)
        if isinstance(known, int):
            wanted[key] = known
        elif known is not None:
            clashes.append(Clash(key, ours.records.get(key), theirs.records.get(key), known))
    return theirs, wanted, clashes


def _take(session: Session, clash: Clash, reason: str, theirs: _Side) -> None:
    """Lets a record that is here become what it is there."""
    if clash.there is not None:
        session.revise(clash.key, clash.there, reason)
    else:
        session.retire(clash.key, theirs.histories[clash.key][-1].get("replaced_by"), reason)


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
    names = differing(key.kind, here, there)
    shown = (f"{n} is {_brief(one.get(n))} here and {_brief(other.get(n))} there" for n in names)
    return "; ".join(shown) or "other things happened to it here than there"


def differing(kind: str, here: WrittenRecord, there: WrittenRecord) -> list[str]:
    """The keys in which two states of a record differ."""
    one, other = (_loaded(RecordKey(kind, ""), each) for each in (here, there))
    return [n for n in CURATED[kind]().fields if one.get(n) != other.get(n)]


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
