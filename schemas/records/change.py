"""Changes as they are served: what happened to a record, from which state to which, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields, pre_load

from schemas.fields import Choice, Day, Pattern, Text, Whole, claim_id, document_id, slug
from schemas.patterns import RECORD_ID
from schemas.records.claim import CuratedClaimSchema
from schemas.records.record import ListOf, ObjectOf, Record, rule
from schemas.records.vocabularies import VOCABULARIES

CHANGES = ("created", "revised", "superseded", "withdrawn")
RETIRING = ("superseded", "withdrawn")
"""Changes that retire a record."""
CLAIM = "claim"
CURATED: Mapping[str, type[Record]] = {
    CLAIM: CuratedClaimSchema,
    **{kind.singular: kind.curated for kind in VOCABULARIES.values()},
}
"""By kind of record, the schema of its records in fixtures. Changes are recorded of each kind."""
_IDS = {CLAIM: claim_id(), "document": document_id()}
"""By kind of record; other ids are slugs."""
_OBJECTS = {kind: ObjectOf(schema) for kind, schema in CURATED.items()}
_OF_EVERY_CHANGE = ("revision", "recorded_at")

State = Mapping[str, Any] | None


class RecordKey(NamedTuple):
    """Which record: its kind (a key of ``CURATED``), and its id, which is unique in that kind."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes in their order, each with the state of the record after it (``None`` if it
    retired the record); how many there are in all, and whether others follow.
    """

    states: Sequence[tuple[Mapping[str, Any], State]]
    total: int
    more: bool


class RecordKeySchema(Record):
    """The record that a change is about, where it is no claim."""

    kind = Choice(*(kind for kind in CURATED if kind != CLAIM))
    id = Pattern(RECORD_ID, "the id of a record")


class ChangeSchema(Record):
    """One entry of the append-only record of changes: of a claim, or of another ``record``."""

    fills_in = True
    seq = Whole(1)
    claim = claim_id(allow_none=True)
    record = ObjectOf(RecordKeySchema, allow_none=True)
    revision = Whole(1)
    recorded_at = Day()
    change = Choice(*CHANGES)
    reason = Text(1000, allow_none=True)
    replaced_by = Pattern(RECORD_ID, "the id of a record, or null", allow_none=True)
    previous = fields.Dict(
        required=True,
        allow_none=True,
        error_messages=dict.fromkeys(("required", "invalid"), "an object, or null"),
    )

    @pre_load
    def fill(self, data: Any, **kwargs: Any) -> Any:
        """A change with the value of each absent key; without a ``record`` a claim is missing."""
        filled = super().fill(data)
        if type(data) is dict and "claim" not in data and data.get("record") is None:
            del filled["claim"]
        return filled

    @rule
    def of_one_record(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["claim"] is None) == (data["record"] is None):
            raise ValidationError("a claim id, or none and a `record` of another kind", "claim")
        key = record_of(data)
        identifier = _IDS.get(key.kind) or slug()
        if not identifier.takes(key.id):
            raise ValidationError({"record": {"id": [identifier.allowed]}})
        if data["replaced_by"] is not None and not identifier.takes(data["replaced_by"]):
            raise ValidationError(identifier.allowed, "replaced_by")

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
            broken["replaced_by"] = "the id of the record that replaces it"
        if (data["revision"] == 1) != created:
            broken["revision"] = "1 when created, more when changed after that"
        if broken:
            reason = f", as the change is {change!r}"
            raise ValidationError({key: [allowed + reason] for key, allowed in broken.items()})


def record_of(change: Mapping[str, Any]) -> RecordKey:
    """The record that a change, as it is curated or lies in a data set, is about."""
    record = change.get("record")
    return RecordKey(record["kind"], record["id"]) if record else RecordKey(CLAIM, change["claim"])


def as_curated(value: Any, kind: str = CLAIM) -> Any:
    """A record as a curator wrote it, its keys in order, from that or from what is served.

    References become ids again, and what the build computed is left out. A key
    that is not there, since the record was served before there was such a key,
    has the value that its absence stands for.
    """
    return _reduced(value, _OBJECTS[kind])


def _reduced(value: Any, field: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, ObjectOf):
        schema = field.schema
        value = {**getattr(schema, "absent", {}), **value}
        return {name: _reduced(value.get(name), inner) for name, inner in schema.fields.items()}
    if isinstance(field, ListOf):
        return [_reduced(item, field.inner) for item in value]
    return value["id"] if isinstance(value, Mapping) else value


def without_empty(value: Any) -> Any:
    """A value without whatever is null or empty in it.

    So a record reads the same before and after its kind gets another optional
    key; what is recorded of published changes rests on this form.
    """
    if isinstance(value, Mapping):
        smaller = {name: without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in smaller.items() if inner not in (None, [], {})}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def served_change(change: Mapping[str, Any], after: State) -> dict[str, Any]:
    """A change as it is served; ``after`` is the state that it led to, ``None`` if it retired the
    record.
    """
    key = record_of(change)
    previous, record = as_curated(change["previous"], key.kind), as_curated(after, key.kind)
    return {
        "seq": change["seq"],
        "claim": change["claim"],
        "subject": key._asdict(),
        **{name: change[name] for name in ("revision", "change", "recorded_at", "reason")},
        "replaced_by": change["replaced_by"],
        "differences": list(differences(previous, record)) if previous and record else [],
        "previous": previous,
        "record": record,
    }


def differences(old: Any, new: Any, field: str = "") -> Iterator[dict[str, Any]]:
    """Where two states of a record differ: objects key by key, lists as wholes.

    What every change sets (the revision and its day) is no difference.
    """
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old != new:
            yield {"field": field, "old": old, "new": new}
        return
    for name in old:
        if field or name not in _OF_EVERY_CHANGE:
            yield from differences(old[name], new[name], f"{field}/{name}")
