"""Where a claim comes from: who says it through whom, in which words, at which place."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from schemas.fields import (
    SHA256,
    AnyField,
    Choice,
    Pattern,
    Printed,
    Text,
    Whole,
    document_id,
    slug,
)
from schemas.record import ObjectOf, Record, rule, span_order

SOURCE_ROLES = ("speaker", "relayer", "publisher")
FIDELITIES = ("verbatim", "mixed", "paraphrase", "inference")
EVIDENCE_ROLES = ("supports", "contradicts", "context")


class Reference(Record):
    """A reference to an agent, topic or occasion as served: its id and its name."""

    id = slug()
    name = Text(500)


class DocumentReference(Record):
    """A reference to a document as served; its name is the document's title."""

    id = document_id()
    name = Text(500)


class CuratedSourceSchema(Record):
    """One link of the attribution chain; ``cue`` is the reporting verb."""

    curated = True
    agent: AnyField = slug()
    role = Choice(*SOURCE_ROLES)
    cue = Text(100, allow_none=True)


class SourceSchema(CuratedSourceSchema):
    agent = ObjectOf(Reference)


class CuratedQuoteSchema(Record):
    """A string that the document prints in quotation marks, the marks left out.

    ``start`` and ``end`` are offsets in code points, end exclusive.
    """

    text = Printed()
    speaker: AnyField = slug()
    document: AnyField = document_id()
    start = Whole(0)
    end = Whole(1)

    @rule
    def as_long_as_its_text(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["end"] - data["start"] != len(data["text"]):
            raise ValidationError(f"start plus the text's {len(data['text'])} code points", "end")


class QuoteSchema(CuratedQuoteSchema):
    speaker = ObjectOf(Reference)
    document = ObjectOf(DocumentReference)


class CuratedEvidenceSchema(Record):
    """A span of a document (Web Annotation ``TextPositionSelector``) and the hash of its bytes."""

    document: AnyField = document_id()
    start = Whole(0)
    end = Whole(1)
    sha256 = Pattern(SHA256, "64 hexadecimal digits, as `policy-claims locate` prints them")
    fidelity = Choice(*FIDELITIES)
    role = Choice(*EVIDENCE_ROLES)

    ordered = span_order()


class EvidenceSchema(CuratedEvidenceSchema):
    document = ObjectOf(DocumentReference)
