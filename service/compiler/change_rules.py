"""Rules of the record of changes: gap-free, in order, and ending where the claims begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from schemas.faults import Fault, pointer, shown
from service.compiler.facts import Change, Facts


def changes_faults(
    claims: Sequence[Facts], changes: Sequence[Change], names: Mapping[str, str]
) -> Iterator[Fault]:
    """What is wrong between the entries, and between them and the claims that are there."""
    latest: dict[str, Change] = {}
    for place, change in enumerate(changes):
        before = latest.get(change.claim)
        for key, found, allowed in (
            *_out_of_step(place, change, before),
            *_previous(change, before),
        ):
            yield Fault(names["changes"], pointer(place, *key), shown(found), allowed)
        latest[change.claim] = change
    yield from _retirements(claims, changes, latest, names["changes"])
    yield from _present(claims, latest, names["claims"])
    here = {claim.id for claim in claims}
    for place, change in enumerate(changes):
        if latest[change.claim] is change and not change.retires and change.claim not in here:
            where = pointer(place, "claim")
            allowed = "a claim in claims.json, or a last change that retires it"
            yield Fault(names["changes"], where, shown(change.claim), allowed)


Found = Iterator[tuple[tuple[str, ...], object, str]]


def _out_of_step(place: int, change: Change, before: Change | None) -> Found:
    if change.seq != place + 1:
        yield ("seq",), change.seq, f"{place + 1}, without a gap"
    if before is None:
        if change.change != "created":
            yield ("change",), change.change, "created, as the first change of a claim"
        return
    if before.retires:
        allowed = "a claim that is not retired; ids are never used again"
        yield ("claim",), change.claim, allowed
    if change.change == "created":
        allowed = "revised, superseded or withdrawn: the claim exists, ids are used once"
        yield ("change",), change.change, allowed
    if change.revision != before.revision + 1:
        yield ("revision",), change.revision, str(before.revision + 1)
    if change.recorded_at < before.recorded_at:
        yield ("recorded_at",), change.recorded_at, f"{before.recorded_at} or later"


def _previous(change: Change, before: Change | None) -> Found:
    """The record before is a claim of the same id, one revision earlier, of the day it was made."""
    if change.previous is None:
        return
    identifier, revision, recorded_at = change.previous
    if identifier != change.claim:
        yield ("previous", "id"), identifier, shown(change.claim)
    if revision != change.revision - 1:
        yield ("previous", "revision"), revision, shown(change.revision - 1)
    if before is not None and recorded_at != before.recorded_at:
        yield ("previous", "recorded_at"), recorded_at, shown(before.recorded_at)


def _retirements(
    claims: Sequence[Facts], changes: Sequence[Change], latest: Mapping[str, Change], file: str
) -> Iterator[Fault]:
    """A superseded id leads, directly or in steps, to a claim that is there."""
    superseded = [(n, change) for n, change in enumerate(changes) if change.replaced_by is not None]
    active = {claim.id for claim in claims} if superseded else set()
    for place, change in superseded:
        seen, target = {change.claim}, change.replaced_by
        while target is not None and target not in active and target not in seen:
            seen.add(target)
            after = latest.get(target)
            target = after.replaced_by if after else None
        if target not in active:
            where = pointer(place, "replaced_by")
            allowed = "a claim that is active, or was itself replaced by one"
            yield Fault(file, where, shown(change.replaced_by), allowed)


def _present(claims: Sequence[Facts], latest: Mapping[str, Change], file: str) -> Iterator[Fault]:
    for place, claim in enumerate(claims):
        change = latest.get(claim.id)
        if change is None:
            allowed = "a claim whose creation is recorded in changes.json"
            yield Fault(file, pointer(place, "id"), shown(claim.id), allowed)
        elif change.retires:
            allowed = "a claim that changes.json does not retire"
            yield Fault(file, pointer(place, "id"), shown(claim.id), allowed)
        elif (claim.revision, claim.recorded_at) != (change.revision, change.recorded_at):
            for key in ("revision", "recorded_at"):
                if (found := getattr(claim, key)) != (wanted := getattr(change, key)):
                    allowed = f"{shown(wanted)}, as in changes.json"
                    yield Fault(file, pointer(place, key), shown(found), allowed)
