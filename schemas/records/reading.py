"""A reading: what one coder makes of one document, unit by unit, before it becomes claims.

A reading is kept at every step of the work, so it takes a claim of which only some keys are there:
an absent key is still open. What stands in a key has the form that it has in a curated claim; the
rules between keys hold when the claim is added, not before, since work half done breaks them.
It holds offsets and quotations, no other text of its document.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from schemas.fields import Choice, Pattern, Text, TrueOrFalse, Whole, document_id, word
from schemas.patterns import SHA256
from schemas.records.reading_claim import CLAIM_KEYS, RankedSchema, ReadClaimSchema
from schemas.records.record import ListOf, ObjectOf, Record, curated, rule
from schemas.records.vocabularies import AGENT_KINDS, VOCABULARIES, AgentSchema

DECISIONS = ("claim", "none", "todo")
REASONS = ("furniture", "colour", "said_elsewhere", "other")
"""Why a unit is no claim."""
OUTCOMES = ("written", "filled", "offered", "ranked")
"""What a program may do with a key of a claim, by how often it is right: write it, fill it in,
offer it for confirmation, or rank candidates of which none is chosen."""


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
    """The name of each unit, in their order (see ``reading_claim.UNIT_NAME``)."""
    return list(_named(units))


def _named(units: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    seen = Counter[tuple[int, int]]()
    for unit in units:
        span = (unit["start"], unit["end"])
        seen[span] += 1
        yield "{}-{}".format(*span) + (f".{seen[span]}" if seen[span] > 1 else "")
