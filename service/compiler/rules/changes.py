"""Rules of the record of changes: it is gap-free, in order, and ends where the records begin.

A record of a vocabulary may be there without a change, as it was from the first publication on; a
claim may not.
"""

from collections.abc import Container, Iterator, Sequence
from typing import Any

import orjson

from schemas.faults import Breach, shown
from schemas.records.change import CLAIM, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.read import PlainRecord
from service.compiler.rules.facts import ChangeFacts, Facts, references_of
from service.compiler.rules.identity import Ids

_AFTER_OTHERS = """
    SELECT change.*, before.* FROM change LEFT JOIN change AS before ON before.place = (
        SELECT max(place) FROM change AS each
        WHERE each.kind = change.kind AND each.id = change.id AND each.place < change.place)
    WHERE change.seq != change.place + 1 OR before.place IS NOT NULL OR change.change != 'created'
        OR change.revision > 2 OR change.previous_id IS NOT NULL
    ORDER BY change.place"""
"""Each change with the one before it of the same record; not those that merely create one."""
_LEFT_THERE = """
    SELECT * FROM change WHERE NOT retires
        AND NOT (kind = 'claim' AND EXISTS (SELECT 1 FROM claim WHERE claim.id = change.id))
        AND NOT EXISTS (SELECT 1 FROM change AS later WHERE later.kind = change.kind
            AND later.id = change.id AND later.place > change.place)
    ORDER BY place"""
"""The last changes after which a record should be there; not those of claims that are."""
_NOT_AS_RECORDED = """
    SELECT claim.place, claim.id, claim.revision, claim.recorded_at, last.*
    FROM claim LEFT JOIN change AS last ON last.place = (
        SELECT max(place) FROM change WHERE kind = 'claim' AND change.id = claim.id)
    WHERE last.place IS NULL OR last.retires
        OR (last.revision, last.recorded_at) != (claim.revision, claim.recorded_at)
    ORDER BY claim.place"""


class History:
    """The changes of a directory of fixtures, judged together once all of them are known.

    What a faulty change may have said is in doubt: no fault follows from it.
    """

    def __init__(self, facts: Facts, ids: Ids, readable: bool = True) -> None:
        self._facts, self._ids = facts, ids
        self._blind = not readable
        self._doubtful = set[tuple[str, str]]()

    def skip(self, change: Any) -> None:
        """Takes note of a change that is faulty by itself, and of the record that it is about."""
        try:
            key = record_of(change)
            self._doubtful.add((key.kind, key.id))
        except (KeyError, TypeError, AttributeError):
            self._blind = True

    def _in_doubt(self, kind: str, identifier: str | None) -> bool:
        return self._blind or (kind, identifier) in self._doubtful

    def breaches(self, claims: Container[str]) -> Iterator[Breach]:
        """What is wrong between the changes, and with what they say of the records that are there;
        of claims these are the ids.
        """
        active: dict[str, Container[str]] = {CLAIM: claims}
        active |= {kind.singular: self._ids[name] for name, kind in VOCABULARIES.items()}
        yield from self._out_of_order()
        replaced = "SELECT * FROM change WHERE replaced_by IS NOT NULL ORDER BY place"
        for row in self._facts.find(replaced):
            change = ChangeFacts(*row)
            if self._in_doubt(change.kind, change.replaced_by):
                continue
            if not self._leads_on(change, active[change.kind]):
                allowed = f"another {change.kind} that was active then"
                yield (change.place, "replaced_by"), change.replaced_by, allowed
        for row in self._facts.find(_LEFT_THERE):
            change = ChangeFacts(*row)
            kind = change.kind
            if not self._in_doubt(kind, change.id) and change.id not in active[kind]:
                allowed = f"a {kind} in {kind}s.json, or a last change that retires it"
                yield _place_of_id(change), change.id, allowed
        yield from self._forgotten()

    def _out_of_order(self) -> Iterator[Breach]:
        for row in self._facts.find(_AFTER_OTHERS):
            width = len(ChangeFacts._fields)
            change, before = ChangeFacts(*row[:width]), ChangeFacts(*row[width:])
            if (number := change.place + 1) != change.seq:
                yield (change.place, "seq"), change.seq, f"{number}, without a gap"
            if not self._in_doubt(change.kind, change.id):
                yield from _out_of_step(change, None if row[width] is None else before)

    def _forgotten(self) -> Iterator[Breach]:
        """Records that a former state refers to, and that are gone without a change: whoever
        follows the reference has to be told what became of them.
        """
        absent = "SELECT place, steps, id, vocabulary FROM absent ORDER BY place, n"
        for place, steps, identifier, vocabulary in self._facts.find(absent):
            kind = VOCABULARIES[vocabulary].singular
            last = self._facts.last_change(kind, identifier)
            if (last is None or not last.retires) and not self._in_doubt(kind, identifier):
                at = (place, "previous", *orjson.loads(steps))
                yield at, identifier, f"one of the {vocabulary}, or one that a change retired"

    def _leads_on(self, change: ChangeFacts, active: Container[str]) -> bool:
        """Whether what replaces a record was there then, directly or in steps: it is active, or was
        retired later, though perhaps for good.
        """
        passed, target = {change.id}, change.replaced_by
        while target is not None and target not in passed:
            after = self._facts.last_change(change.kind, target)
            if after is None or not after.retires:
                return target in active
            if after.seq > change.seq:
                return True
            passed.add(target)
            target = after.replaced_by
        return change.replaced_by is None

    def unrecorded_claims(self) -> Iterator[Breach]:
        """Where a claim is not as its last change says."""
        for place, identifier, revision, day, *last in self._facts.find(_NOT_AS_RECORDED):
            change = ChangeFacts(*last)
            if self._in_doubt(CLAIM, identifier):
                continue
            if last[0] is None:
                allowed = "a claim whose creation is recorded in changes.json"
                yield (place, "id"), identifier, allowed
            elif change.retires:
                yield (place, "id"), identifier, "a claim that changes.json does not retire"
            else:
                for key, value in {"revision": revision, "recorded_at": day}.items():
                    if value != (recorded := getattr(change, key)):
                        yield (place, key), value, f"{shown(recorded)}, as in changes.json"

    def unrecorded_records(self, vocabulary: str, ids: Sequence[str]) -> Iterator[Breach]:
        """Records of a vocabulary that are there, though their last change retired them."""
        kind = VOCABULARIES[vocabulary].singular
        for place, identifier in enumerate(ids):
            change = self._facts.last_change(kind, identifier)
            in_doubt = self._in_doubt(kind, identifier)
            if change is not None and change.retires and not in_doubt:
                yield (place, "id"), identifier, f"a {kind} that changes.json does not retire"


def absent_references(place: int, change: PlainRecord, ids: Ids) -> list[tuple[object, ...]]:
    """References of the former state in a change to what is not there, as rows of ``absent``."""
    if change["previous"] is None:
        return []
    references = references_of(change["previous"], record_of(change).kind)
    return [
        (place, n, orjson.dumps(steps), holder[key], vocabulary)
        for n, (steps, holder, key, vocabulary) in enumerate(references)
        if holder[key] is not None and holder[key] not in ids[vocabulary]
    ]


def _place_of_id(change: ChangeFacts) -> tuple[object, ...]:
    return (change.place, *(("claim",) if change.kind == CLAIM else ("record", "id")))


def _out_of_step(change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """What is wrong between a change and the one ``before`` it of the same record."""
    place = change.place
    if before is not None:
        if before.retires:
            allowed = f"a {change.kind} that is not retired; ids are never used again"
            yield _place_of_id(change), change.id, allowed
        if change.change == "created":
            allowed = (
                f"revised, superseded or withdrawn: the {change.kind} exists, ids are used once"
            )
            yield (place, "change"), change.change, allowed
        if change.revision != before.revision + 1:
            yield (place, "revision"), change.revision, str(before.revision + 1)
        if change.recorded_at < before.recorded_at:
            yield (place, "recorded_at"), change.recorded_at, f"{before.recorded_at} or later"
    elif change.change != "created" and change.kind == CLAIM:
        yield (place, "change"), change.change, "created, as the first change of a claim"
    elif change.revision > 2:  # a record that was there before has revision 1
        yield (place, "revision"), change.revision, "1 when created, 2 when there before"
    yield from _previous(change, before)


def _previous(change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """The record before has the same id; a claim also the revision and the day before."""
    if change.previous_id is None:
        return
    wanted: dict[str, object] = {"id": change.id}
    if change.kind == CLAIM:
        day = change.previous_recorded_at if before is None else before.recorded_at
        wanted |= {"revision": change.revision - 1, "recorded_at": day}
    for key, allowed in wanted.items():
        if (value := getattr(change, f"previous_{key}")) != allowed:
            yield (change.place, "previous", key), value, shown(allowed)
