"""A reading: what one coder makes of one document, unit by unit, before it becomes claims.

A reading is kept at every step of the work, so it takes a claim of which only some keys are there:
an absent key is still open. What stands in a key has the form that it has in a curated claim; the
rules between keys hold when the claim is added, not before, since work half done breaks them.
It holds offsets and quotations, no other text of its document.
"""

from __future__ import annotations

import copy
import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from marshmallow import ValidationError

from schemas.fields import Choice, FastField, Pattern, Printed, Text, TrueOrFalse, Whole, document_id, slug, word
from schemas.patterns import CLAIM_ID, MEDIA_FRAGMENT, SHA256
from schemas.records.claim import RELATIONS, ClaimSchema
from schemas.records.provenance import EVIDENCE_ROLES, FIDELITIES
from schemas.records.record import ListOf, ObjectOf, Record, curated, rule
from schemas.records.vocabularies import AGENT_KINDS, VOCABULARIES, AgentSchema

DECISIONS = ("claim", "none", "todo")
REASONS = ("furniture", "colour", "said_elsewhere", "other")
"""Why a unit is no claim."""
OUTCOMES = ("written", "filled", "offered", "ranked")
"""What a program may do with a key of a claim, by how often it is right: write it, fill it in,
offer it for confirmation, or rank candidates of which none is chosen."""
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


class ProposalSchema(Record):
    """What a program proposed for a unit: keys of a claim by what it may do with them."""

    written = ObjectOf(ReadClaimSchema)
    filled = ObjectOf(ReadClaimSchema)
    offered = ObjectOf(ReadClaimSchema)
    ranked = ObjectOf(RankedSchema)

    @rule
    def once(self, data: dict[str, Any], **kwargs: Any) -> None:
        certain = [key for outcome in OUTCOMES[:3] for key in data[outcome]]
        for key, count in Counter(certain).items():
            if count > 1:
                raise ValidationError(f"{key} in one of written, filled and offered", "offered")


class UnitSchema(Record):
    """A passage of the document, offsets in code points, and what the coder decided about it.

    ``changed`` are the keys in which the claim differs from what was filled in
    or offered; null, as ``proposed`` is, where no program proposed anything.
    """

    start = Whole(0)
    end = Whole(1)
    decision = Choice(*DECISIONS)
    why = Choice(*REASONS, allow_none=True)
    claim = ObjectOf(ReadClaimSchema, allow_none=True)
    proposed = ObjectOf(ProposalSchema, allow_none=True)
    changed = ListOf(Choice(*CLAIM_KEYS), unique=True, allow_none=True)

    @rule
    def ordered(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["end"] <= data["start"]:
            raise ValidationError(f"an offset after start ({data['start']})", "end")

    @rule
    def decided(self, data: dict[str, Any], **kwargs: Any) -> None:
        decision = data["decision"]
        if decision != "none" and data["why"] is not None:
            raise ValidationError(f"null, since the decision is {decision}", "why")
        if decision == "claim" and data["claim"] is None:
            raise ValidationError("an object, since the decision is claim", "claim")


NewAgentSchema: type[Record] = type(
    "NewAgentSchema",
    (curated(AgentSchema),),
    {"kind": Choice(*AGENT_KINDS, allow_none=True)},
)
"""An agent that the vocabulary does not have yet, under the id by which units refer to it; its kind
may still be open."""
NEW_RECORDS = ("agents", "topics", "occasions", "places")
"""The vocabularies of which a reading may have new records, in the form of their files."""


class ReadingSchema(Record):
    """One coder's reading of one document, by the codebook of a version.

    ``sha256`` is the hash of the document's bytes, ``drafted_by`` the program
    that proposed units and its version. Units stand in the order of their
    spans; they may overlap, and several may have one span. New records are
    those that the vocabularies lack: ``add`` makes them with the claims.
    """

    fills_in = True

    document = document_id()
    sha256 = Pattern(SHA256, "64 hexadecimal digits")
    coder = word()
    codebook = Text(100)
    drafted_by = Text(100, allow_none=True)
    finished = TrueOrFalse()
    agents = ListOf(ObjectOf(NewAgentSchema))
    topics = ListOf(ObjectOf(VOCABULARIES["topics"].curated))
    occasions = ListOf(ObjectOf(VOCABULARIES["occasions"].curated))
    places = ListOf(ObjectOf(VOCABULARIES["places"].curated))
    units = ListOf(ObjectOf(UnitSchema))

    @rule
    def in_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        spans = [(unit["start"], unit["end"]) for unit in data["units"]]
        for place, (before, after) in enumerate(itertools.pairwise(spans), 1):
            if after < before:
                fault = {"start": [f"units in the order of their spans: after {before[0]}"]}
                raise ValidationError({"units": {place: fault}})

    @rule
    def new_records_once(self, data: dict[str, Any], **kwargs: Any) -> None:
        for name in NEW_RECORDS:
            if len({record["id"] for record in data[name]}) < len(data[name]):
                raise ValidationError("each id once", name)

    @rule
    def decided_before_finished(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["finished"] and any(unit["decision"] == "todo" for unit in data["units"]):
            raise ValidationError("false, while a unit is still to do", "finished")

    @rule
    def related_to_units(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A unit that a relation names is there; the unit itself it is not."""
        names = unit_names(data["units"])
        known = set(names)
        for place, unit in enumerate(data["units"]):
            for number, relation in enumerate((unit["claim"] or {}).get("relations", ())):
                target = relation.get("claim", "clm_")
                if not target.startswith("clm_") and (
                    target == names[place] or target not in known
                ):
                    fault = {"relations": {number: {"claim": ["another unit of this reading"]}}}
                    raise ValidationError({"units": {place: {"claim": fault}}})


def unit_names(units: Sequence[Mapping[str, Any]]) -> list[str]:
    """The name of each unit, in their order (see ``UNIT_NAME``)."""
    return list(_named(units))


def _named(units: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    seen = Counter[tuple[int, int]]()
    for unit in units:
        span = (unit["start"], unit["end"])
        seen[span] += 1
        yield "{}-{}".format(*span) + (f".{seen[span]}" if seen[span] > 1 else "")
