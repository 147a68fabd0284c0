"""Rules of the record of changes: it is gap-free, in order, and ends where the records begin.

A record of a vocabulary may be there without a change, as it was from the first publication on; a
claim may not.
"""

from array import array
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from schemas.faults import Breach, shown
from schemas.records.change import CLAIM, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.read import PlainRecord
from service.compiler.rules.facts import ChangeFacts, ClaimFacts, references_of
from service.compiler.rules.identity import Ids

_Latest = Mapping[str, Mapping[str, ChangeFacts]]
"""The last change of each record, by its kind and id."""


class History:
    """The changes of a directory of fixtures, added one by one and judged together.

    Places count the changes that were added; ``places`` are those in the file.
    What a faulty change may have said is in doubt: no fault follows from it.
    """

    def __init__(self, ids: Ids, readable: bool = True) -> None:
        self.changes: list[ChangeFacts] = []
        self.places = array("Q")
        self._ids = ids
        self._blind = not readable
        self._doubtful = set[tuple[str, str]]()
        self._latest = defaultdict[str, dict[str, ChangeFacts]](dict)
        self._absent: list[tuple[tuple[object, ...], str, str]] = []

    def skip(self, change: Any) -> None:
        """Takes note of a change that is faulty by itself, and of the record that it is about."""
        try:
            key = record_of(change)
            self._doubtful.add((key.kind, key.id))
        except (KeyError, TypeError, AttributeError):
            self._blind = True

    def _in_doubt(self, kind: str, identifier: str | None) -> bool:
        return self._blind or (kind, identifier) in self._doubtful

    def add(self, change: PlainRecord, place: int) -> None:
        """Takes the next change, valid by itself, which stands at a place of its file."""
        self.places.append(place)
        facts = ChangeFacts.of(change)
        if change["previous"] is not None:
            for steps, holder, key, vocabulary in references_of(change["previous"], facts.kind):
                if holder[key] is not None and holder[key] not in self._ids[vocabulary]:
                    at = (len(self.changes), "previous", *steps)
                    self._absent.append((at, holder[key], vocabulary))
        self.changes.append(facts)
        self._latest[facts.kind][facts.id] = facts

    def breaches(self, claims: Container[str]) -> Iterator[Breach]:
        """What is wrong between the changes, and with what they say of the records that are there;
        of claims these are the ids.
        """
        before = defaultdict[str, dict[str, ChangeFacts]](dict)
        for place, change in enumerate(self.changes):
            if (number := self.places[place] + 1) != change.seq:
                yield (place, "seq"), change.seq, f"{number}, without a gap"
            if not self._in_doubt(change.kind, change.id):
                yield from _out_of_step(place, change, before[change.kind].get(change.id))
            before[change.kind][change.id] = change
        active: dict[str, Container[str]] = {CLAIM: claims}
        active |= {kind.singular: self._ids[name] for name, kind in VOCABULARIES.items()}
        for place, change in enumerate(self.changes):
            if self._in_doubt(change.kind, change.replaced_by):
                continue
            if not _leads_on(change, self._latest, active[change.kind]):
                allowed = f"another {change.kind} that was active then"
                yield (place, "replaced_by"), change.replaced_by, allowed
        for place, change in enumerate(self.changes):
            last = self._latest[change.kind][change.id] is change
            if self._in_doubt(change.kind, change.id):
                continue
            if last and not change.retires and change.id not in active[change.kind]:
                allowed = (
                    f"a {change.kind} in {change.kind}s.json, or a last change that retires it"
                )
                yield _place_of_id(place, change.kind), change.id, allowed
        yield from self._forgotten()

    def _forgotten(self) -> Iterator[Breach]:
        """Records that a former state refers to, and that are gone without a change: whoever
        follows the reference has to be told what became of them.
        """
        for steps, identifier, vocabulary in self._absent:
            kind = VOCABULARIES[vocabulary].singular
            last = self._latest[kind].get(identifier)
            if (last is None or not last.retires) and not self._in_doubt(kind, identifier):
                yield steps, identifier, f"one of the {vocabulary}, or one that a change retired"

    def unrecorded_claims(self, claims: Sequence[ClaimFacts]) -> Iterator[Breach]:
        """Where a claim is not as its last change says."""
        for place, claim in enumerate(claims):
            change = self._latest[CLAIM].get(claim.id)
            if self._in_doubt(CLAIM, claim.id):
                continue
            if change is None:
                yield (place, "id"), claim.id, "a claim whose creation is recorded in changes.json"
            elif change.retires:
                yield (place, "id"), claim.id, "a claim that changes.json does not retire"
            else:
                for key in ("revision", "recorded_at"):
                    if (value := getattr(claim, key)) != (recorded := getattr(change, key)):
                        yield (place, key), value, f"{shown(recorded)}, as in changes.json"

    def unrecorded_records(self, vocabulary: str, ids: Sequence[str]) -> Iterator[Breach]:
        """Records of a vocabulary that are there, though their last change retired them."""
        kind = VOCABULARIES[vocabulary].singular
        for place, identifier in enumerate(ids):
            change = self._latest[kind].get(identifier)
            in_doubt = self._in_doubt(kind, identifier)
            if change is not None and change.retires and not in_doubt:
                yield (place, "id"), identifier, f"a {kind} that changes.json does not retire"


def _place_of_id(place: int, kind: str) -> tuple[object, ...]:
    return (place, "claim") if kind == CLAIM else (place, "record", "id")


def _out_of_step(place: int, change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """What is wrong between a change and the one ``before`` it of the same record."""
    if before is not None:
        if before.retires:
            allowed = f"a {change.kind} that is not retired; ids are never used again"
            yield _place_of_id(place, change.kind), change.id, allowed
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
    yield from _previous(place, change, before)


def _previous(place: int, change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """The record before has the same id; a claim also the revision and the day before."""
    if change.previous is None:
        return
    keys: tuple[str, ...] = ("id",)
    wanted: tuple[object, ...] = (change.id,)
    if change.kind == CLAIM:
        day = change.previous[2] if before is None else before.recorded_at
        keys, wanted = ("id", "revision", "recorded_at"), (change.id, change.revision - 1, day)
    for key, value, allowed in zip(keys, change.previous, wanted, strict=False):
        if value != allowed:
            yield (place, "previous", key), value, shown(allowed)


def _leads_on(change: ChangeFacts, latest: _Latest, active: Container[str]) -> bool:
    """Whether what replaces a record was there then, directly or in steps: it is active, or was
    retired later, though perhaps for good.
    """
    passed, target = {change.id}, change.replaced_by
    while target is not None and target not in passed:
        after = latest[change.kind].get(target)
        if after is None or not after.retires:
            return target in active
        if after.seq > change.seq:
            return True
        passed.add(target)
        target = after.replaced_by
    return change.replaced_by is None
