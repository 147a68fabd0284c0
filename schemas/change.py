"""Changes as they are served: what happened to a claim, from which state to which, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from schemas.claim import CuratedClaimSchema
from schemas.fields import Choice, Day, Text, Whole, claim_id
from schemas.record import ListOf, ObjectOf, Record, rule

CHANGES = ("created", "revised", "superseded", "withdrawn")
RETIRING = ("superseded", "withdrawn")
"""Changes after which a claim is there no more."""
_SERVED_FIRST = (
    *("seq", "claim", "revision", "change"),
    *("recorded_at", "reason", "replaced_by"),
)
_OF_EVERY_CHANGE = ("revision", "recorded_at")

State = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes in their order, each with the state of the claim after it (``None`` for one
    that retired it); how many there are in all, and whether others follow.
    """

    states: Sequence[tuple[Mapping[str, Any], State]]
    total: int
    more: bool


class ChangeSchema(Record):
    """One entry of the append-only record of changes."""

    fills_in = True
    seq = Whole(1)
    claim = claim_id()
    revision = Whole(1)
    recorded_at = Day()
    change = Choice(*CHANGES)
    reason = Text(1000, allow_none=True)
    replaced_by = claim_id(allow_none=True)
    previous = fields.Dict(
        required=True,
        allow_none=True,
        error_messages=dict.fromkeys(("required", "invalid"), "an object, or null"),
    )

    @rule
    def explained(self, data: dict[str, Any], **kwargs: Any) -> None:
        change = data["change"]
        created, superseded = change == "created", change == "superseded"
        broken = {}
        if data["reason"] is None and not created:
            broken["reason"] = "a sentence"
        if (data["previous"] is None) != created:
            broken["previous"] = "the record before"
        if (data["replaced_by"] is not None) != superseded:
            broken["replaced_by"] = "the id of the claim that replaces it"
        if (data["revision"] == 1) != created:
            broken["revision"] = "1 when created, more when changed after that"
        if broken:
            reason = f", as the change is {change!r}"
            raise ValidationError({key: [allowed + reason] for key, allowed in broken.items()})


_CURATED = ObjectOf(CuratedClaimSchema)


def as_curated(value: Any, field: Any = _CURATED) -> Any:
    """A claim as a curator wrote it, its keys in order, from that or from what is served; or the
    value of a ``field`` of one.

    References become ids again, and what the build computed is left out.
    """
    if value is None:
        return None
    if isinstance(field, ObjectOf):
        return {key: as_curated(value[key], inner) for key, inner in field.schema.fields.items()}
    if isinstance(field, ListOf):
        return [as_curated(item, field.inner) for item in value]
    return value["id"] if isinstance(value, Mapping) else value


def served_change(change: Mapping[str, Any], after: State) -> dict[str, Any]:
    """A change as it is served; ``after`` is the state that it led to, if the claim lives on."""
    previous, record = as_curated(change["previous"]), as_curated(after)
    return {
        **{name: change[name] for name in _SERVED_FIRST},
        "differences": list(differences(previous, record)) if previous and record else [],
        "previous": previous,
        "record": record,
    }


def differences(old: Any, new: Any, field: str = "") -> Iterator[dict[str, Any]]:
    """Where two states of a claim differ: objects key by key, lists as wholes.

    What every change sets (the revision and its day) is no difference.
    """
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old != new:
            yield {"field": field, "old": old, "new": new}
        return
    for name in old:
        if field or name not in _OF_EVERY_CHANGE:
            yield from differences(old[name], new[name], f"{field}/{name}")
