"""The claim of a reading, of which only some keys may be there, and what is ranked for its keys.

What stands in a key has the form that it has in a curated claim.
"""

from __future__ import annotations

import copy
import functools
import re
from typing import Any, cast

from marshmallow import ValidationError

from schemas.fields import Choice, FastField, Pattern, Printed, Text, Whole, slug
from schemas.patterns import CLAIM_ID, MEDIA_FRAGMENT
from schemas.records.claim import RELATIONS, ClaimSchema
from schemas.records.provenance import EVIDENCE_ROLES, FIDELITIES
from schemas.records.record import ListOf, ObjectOf, Record, curated

UNIT_NAME = re.compile(r"(0|[1-9][0-9]{0,9})-([1-9][0-9]{0,9})(?:\.([2-9]|[1-9][0-9]{1,3}))?")
"""A unit by its span, as ``296-386``; the second of one span is ``296-386.2``. Offsets last while
units are split and joined; places in a list do not."""
_TARGET = re.compile(f"{CLAIM_ID.pattern}|{UNIT_NAME.pattern}")


class _Open(Record):
    """An object of which any key may still be absent; none is filled in, no rule is applied."""

    def load_valid(self, data: Any) -> dict[str, Any]:
        if type(data) is not dict or not data.keys() <= self._loaders.keys():
            raise ValidationError("an object with keys of the schema")
        return {name: load(data[name]) for name, load in self._loaders.items() if name in data}


@functools.cache
def _opened(record: type[Record]) -> type[Record]:
    """The schema of a record that is still being written."""
    declared = {name: _optional(cast("FastField", f)) for name, f in record().fields.items()}
    return type(f"Open{record.__name__}", (_Open,), declared)


def _optional(field: FastField) -> FastField:
    field = _open_form(field)
    field.required = False
    return field


def _open_form(field: FastField) -> FastField:
    if isinstance(field, ObjectOf):
        return ObjectOf(_opened(field.nested), allow_none=field.allow_none)
    if isinstance(field, ListOf):
        inner = _open_form(field.inner)
        return ListOf(inner, unique=field.unique, allow_none=field.allow_none)
    return copy.copy(field)


class _ReadQuote(Record):
    """A quotation of the document that is read; the speaker may still be open."""

    text = Printed()
    speaker = slug()
    start = Whole(0)
    end = Whole(1)


class _ReadRelation(Record):
    """A relation to a claim of the data set, or to another unit of the reading by its name."""

    type = Choice(*RELATIONS)
    claim = Pattern(_TARGET, "a claim id, or a unit of this reading such as 296-386")
    rationale = Text(500)


class _Passage(Record):
    """A further passage that bears on a claim, beside the unit's own."""

    start = Whole(0)
    end = Whole(1)
    fidelity = Choice(*FIDELITIES)
    role = Choice(*EVIDENCE_ROLES)
    locator = Pattern(MEDIA_FRAGMENT, "a media fragment such as page=3 or t=12.5", allow_none=True)


_COMPUTED = ("id", "evidence", "revision", "recorded_at")
"""Keys of a curated claim that a program writes when the claim is added."""


def _claim_fields() -> dict[str, FastField]:
    """The keys of a claim in a reading: those of a curated claim but for what a program knows.

    The first passage of evidence is the unit's own span, of which ``fidelity`` and ``locator`` are
    given here; ``further_evidence`` are others. Quotations stand in the document that is read.
    """
    passage = {name: cast("FastField", f) for name, f in _Passage().fields.items()}
    claim = {name: cast("FastField", f) for name, f in curated(ClaimSchema)().fields.items()}
    claim["quotes"] = ListOf(ObjectOf(_ReadQuote), unique=True)
    claim["relations"] = ListOf(ObjectOf(_ReadRelation), unique=True)
    own = {
        "fidelity": passage["fidelity"],
        "locator": passage["locator"],
        **{name: field for name, field in claim.items() if name not in _COMPUTED},
        "further_evidence": ListOf(ObjectOf(_Passage), unique=True),
    }
    return {name: _optional(field) for name, field in own.items()}


ReadClaimSchema: type[Record] = type("ReadClaimSchema", (_Open,), _claim_fields())
"""A claim of a reading, finished or not."""
CLAIM_KEYS = tuple(ReadClaimSchema().fields)


class _Ranked(_Open):
    """Candidates for the keys of a claim, the likeliest first. A key that holds a list has
    candidates for its items; ``announced``, ``occurred`` and ``refers_to`` are those of ``dates``.
    """


def _candidates() -> dict[str, FastField]:
    fields = {name: cast("FastField", f) for name, f in ReadClaimSchema().fields.items()}
    fields |= {name: cast("FastField", f) for name, f in fields.pop("dates").schema.fields.items()}  # type: ignore[attr-defined]
    items = {n: f.inner if isinstance(f, ListOf) else copy.copy(f) for n, f in fields.items()}
    return {name: _list_of(item) for name, item in items.items()}


def _list_of(item: FastField) -> FastField:
    listed = ListOf(item, minimum=1, unique=True)
    listed.required = False
    return listed


RankedSchema: type[Record] = type("RankedSchema", (_Ranked,), _candidates())
