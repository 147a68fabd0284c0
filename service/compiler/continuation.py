"""A published history cannot be rewritten: what is published continues what it replaces.

Whoever followed the changes up to the earlier data set, and applies the further ones, holds the
later data set. So the earlier log is the beginning of the later one, and each record is as it was,
or as its next change says that it was before.

Both are read line by line from mapped files, and compared as curators wrote them, since the service
may be another version than it was. Memory holds some 16 bytes for each claim, and some 60 while the
claims are put in order.
"""

import functools
import hashlib
import itertools
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from marshmallow import ValidationError

from schemas.faults import DataRefused, Fault
from schemas.records.change import CLAIM, CURATED, RecordKey, as_curated, record_of, without_empty
from schemas.records.dataset import Feed, FeedSchema
from service.store.change_log import CHANGES_INDEX, ChangeLog, record_number
from service.store.dataset_format import CHANGES, INDEX, MANIFEST, canonical, content_digest
from service.store.files import Buffer, describe_file, line_spans, mapped, read_json, refused_at

MAX_TOLD = 20
"""Differences that are told: who rewrote everything need not read of each record."""
_PIECE = 1 << 20
_RECORD_IT = (
    "record them with `policy-claims record`, which writes the changes, "
    "or begin another history with `publish --restart REASON`"
)


class HistoryRewritten(DataRefused):
    """A data set that is no continuation of the one that it would replace."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[:MAX_TOLD])
        further = ", and more" if len(faults) > MAX_TOLD else ""
        self.summary = (
            f"{len(self.faults)} difference(s){further} from what was published, "
            f"which no change records: {_RECORD_IT}"
        )
        self.args = ("\n".join([self.summary, *map(str, self.faults)]),)


@dataclass(frozen=True, slots=True)
class Succession:
    """What a data set takes the place of, and the feed of that; ``restart`` says why it is no
    continuation, if it need not be one.
    """

    before: Path | None = None
    feed_before: Feed | None = None
    restart: str | None = None

    def feed(self, digest: str) -> Feed:
        """The feed of a data set with a content ``digest``: the same as before, unless it begins
        one. It is derived, so that whoever builds the same gets the same.
        """
        if self.restart is None or self.before is None:
            return self.feed_before or Feed(digest[:16])
        before = self.feed_before and self.feed_before.id
        named = hashlib.sha256(canonical([before, self.restart, digest])).hexdigest()
        return Feed(named[:16], self.restart)

    def check(self, draft: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
        """Compares a data set, whose ``files`` are described by hash and size, with the one before.

        Raises ``HistoryRewritten`` for the first differences, and
        ``DatasetUnavailable`` where the one before cannot be read.
        """
        same = self.before is not None and self.before.name == content_digest(files)[:16]
        if self.before is None or self.restart is not None or same:
            return
        with refused_at(self.before):
            recorded = read_json(self.before / MANIFEST)["files"]
            old = {
                name: mapped(self.before / name, recorded[name], whole=True) for name in recorded
            }
        new = {name: mapped(draft / name, described) for name, described in files.items()}
        place = draft / INDEX / CHANGES_INDEX
        index = mapped(place, describe_file(place))
        differences = _differences(old, new, index, self.feed(content_digest(files)).salt)
        if told := list(itertools.islice(differences, MAX_TOLD + 1)):
            raise HistoryRewritten(told)


FIRST = Succession()
"""Of a data set that takes the place of none."""


def feed_of(directory: Path) -> Feed | None:
    """The feed of a data set, if its manifest can be read."""
    try:
        return Feed(**FeedSchema().load(read_json(directory / MANIFEST)["feed"]))
    except (OSError, ValueError, LookupError, TypeError, ValidationError):
        return None


def _differences(
    old: Mapping[str, Buffer], new: Mapping[str, Buffer], index: Buffer, salt: bytes
) -> Iterator[Fault]:
    """What was published and is not the same, where no change says so."""
    log, published = ChangeLog(new[CHANGES], index, salt), sum(1 for _ in line_spans(old[CHANGES]))
    yield from _rewritten(old[CHANGES], new[CHANGES])
    for kind in CURATED:
        name = f"{kind}s.ndjson"
        if name not in old:  # of a version of the service that had no such records
            continue
        before, after = _RecordsById(kind, old[name]), _RecordsById(kind, new[name])
        for key, *span in before:
            later = log.first_after(key, published)
            expected = after.find(key) if later is None else canonical(later["previous"])
            if fault := _difference(key, before.line(*span), expected, later):
                yield fault
        if kind != CLAIM:  # the creation of each claim is recorded in any case
            yield from _unannounced(before, after, log, published)


def _rewritten(old: Buffer, new: Buffer) -> Iterator[Fault]:
    """Each change that was published, and that the new log has not in its place."""
    if len(old) <= len(new) and all(
        old[at : at + _PIECE] == new[at : min(at + _PIECE, len(old))]
        for at in range(0, len(old), _PIECE)
    ):
        return
    others = itertools.chain(line_spans(new), itertools.repeat((0, 0)))
    for place, (start, end) in enumerate(line_spans(old)):
        new_start, new_end = next(others)
        line, other = old[start:end], new[new_start:new_end]
        if line == other or (other and _form(line) == _form(other)):
            continue
        kind, identifier = record_of(orjson.loads(line))
        found = "another change" if other else "no change"
        allowed = f"the change of {kind} {identifier} that was published"
        yield Fault("changes", f"/{place}", found, allowed)


def _form(line: bytes) -> Any:
    """What two lines of different versions of the service have in common."""
    change = orjson.loads(line)
    if change.get("previous"):
        previous = as_curated(change["previous"], record_of(change).kind)
        change = {**change, "previous": previous}
    return without_empty(change)


class _RecordsById:
    """A file of records of one kind, by id."""

    def __init__(self, kind: str, lines: Buffer) -> None:
        self._kind, self._lines = kind, lines

    def __iter__(self) -> Iterator[tuple[RecordKey, int, int]]:
        """Each record, with where its line begins and ends."""
        for start, end in line_spans(self._lines):
            first = start + len(b'{"id":"')  # canonical JSON of a record begins with its id
            identifier = self._lines[first : self._lines.find(b'"', first)].decode()
            yield RecordKey(self._kind, identifier), start, end

    @functools.cached_property
    def _order(self) -> tuple[Sequence[int], Sequence[int]]:
        """The numbers of all records in order, and where their lines begin."""
        numbers, starts = array("Q"), array("Q")
        for key, start, _ in self:
            numbers.append(record_number(key))
            starts.append(start)
        order = sorted(range(len(numbers)), key=numbers.__getitem__)
        return array("Q", (numbers[n] for n in order)), array("Q", (starts[n] for n in order))

    def line(self, start: int, end: int) -> bytes:
        return self._lines[start:end]

    def find(self, key: RecordKey) -> bytes | None:
        """The line of a record, if there is one."""
        (numbers, starts), number = self._order, record_number(key)
        place = bisect_left(numbers, number)
        if place == len(numbers) or numbers[place] != number:
            return None
        return self.line(*next(line_spans(self._lines, starts[place])))


def _difference(
    key: RecordKey, line: bytes, expected: bytes | None, later: Mapping[str, Any] | None
) -> Fault | None:
    """What is wrong with a record that was published, where anything is."""
    if expected is None:
        allowed = "the record that was published, or a change that retires it"
        return _fault(key, "no record", allowed)
    if line == expected:
        return None
    was, there = (orjson.loads(each) for each in (line, expected))
    if there is not None and _same(key.kind, was, there):
        return None
    if later is not None:
        return _fault(
            key, f"another record before change {later['seq']}", "the record that was published"
        )
    revision = f" under the same revision ({was['revision']})" if "revision" in was else ""
    allowed = "the record that was published, or a change `revised` with it as `previous`"
    return _fault(key, f"another record{revision}", allowed)


def _same(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    first, second = (without_empty(as_curated(record, kind)) for record in (one, other))
    return bool(first == second)


def _unannounced(
    before: _RecordsById, after: _RecordsById, log: ChangeLog, published: int
) -> Iterator[Fault]:
    """Records that were not there, where no change says that they were created."""
    for key, _, _ in after:
        if before.find(key) is None:
            later = log.first_after(key, published)
            if later is None or later["change"] != "created":
                yield _fault(key, "a new record", "one whose creation is recorded by a change")


def _fault(key: RecordKey, found: str, allowed: str) -> Fault:
    return Fault(f"{key.kind}s", f"/{key.id}", found, allowed)
