"""Rules of the record of changes: gap-free, in order, and ending where the claims begin."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from schemas.faults import Breach, shown
from service.compiler.facts import ChangeFacts, ClaimFacts


def change_breaches(
    changes: Sequence[ChangeFacts], latest: Mapping[str, ChangeFacts], active: Container[str]
) -> Iterator[Breach]:
    """What is wrong between the changes, and with what they say of the ``active`` claims."""
    before: dict[str, ChangeFacts] = {}
    for place, change in enumerate(changes):
        yield from _out_of_step(place, change, before.get(change.claim))
        before[change.claim] = change
    for place, change in enumerate(changes):
        if change.replaced_by is not None and not _leads_on(change, latest, active):
            allowed = "a claim that is active, or was itself replaced by one"
            yield (place, "replaced_by"), change.replaced_by, allowed
    for place, change in enumerate(changes):
        if latest[change.claim] is change and not change.retires and change.claim not in active:
            allowed = "a claim in claims.json, or a last change that retires it"
            yield (place, "claim"), change.claim, allowed


def _out_of_step(place: int, change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """What is wrong between a change and the one ``before`` it of the same claim."""
    if change.seq != place + 1:
        yield (place, "seq"), change.seq, f"{place + 1}, without a gap"
    if before is not None:
        if before.retires:
            allowed = "a claim that is not retired; ids are never used again"
            yield (place, "claim"), change.claim, allowed
        if change.change == "created":
            allowed = "revised, superseded or withdrawn: the claim exists, ids are used once"
            yield (place, "change"), change.change, allowed
        if change.revision != before.revision + 1:
            yield (place, "revision"), change.revision, str(before.revision + 1)
        if change.recorded_at < before.recorded_at:
            yield (place, "recorded_at"), change.recorded_at, f"{before.recorded_at} or later"
    elif change.change != "created":
        yield (place, "change"), change.change, "created, as the first change of a claim"
    yield from _previous(place, change, before)


def _previous(place: int, change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """The record before is a claim of the same id, one revision earlier, of the day it was made."""
    if change.previous is None:
        return
    day = change.previous[2] if before is None else before.recorded_at
    wanted = (change.claim, change.revision - 1, day)
    keys = ("id", "revision", "recorded_at")
    for key, value, allowed in zip(keys, change.previous, wanted, strict=True):
        if value != allowed:
            yield (place, "previous", key), value, shown(allowed)


def _leads_on(
    change: ChangeFacts, latest: Mapping[str, ChangeFacts], active: Container[str]
) -> bool:
    """Whether a superseded id leads, directly or in steps, to a claim that is there."""
    passed, target = {change.claim}, change.replaced_by
    while target is not None and target not in active and target not in passed:
        passed.add(target)
        after = latest.get(target)
        target = after.replaced_by if after else None
    return target in active


def unrecorded_breaches(
    claims: Sequence[ClaimFacts], latest: Mapping[str, ChangeFacts]
) -> Iterator[Breach]:
    """Where a claim is not as its last change says."""
    for place, claim in enumerate(claims):
        change = latest.get(claim.id)
        if change is None:
            yield (place, "id"), claim.id, "a claim whose creation is recorded in changes.json"
        elif change.retires:
            yield (place, "id"), claim.id, "a claim that changes.json does not retire"
        else:
            for key in ("revision", "recorded_at"):
                if (value := getattr(claim, key)) != (recorded := getattr(change, key)):
                    yield (place, key), value, f"{shown(recorded)}, as in changes.json"
