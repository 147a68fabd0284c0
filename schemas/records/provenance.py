"""Where a claim comes from: who says it through whom, in which words, at which place."""

import functools
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.fields import Choice, FastField, Pattern, Printed, Text, Whole, document_id, slug
from schemas.patterns import MEDIA_FRAGMENT, SHA256
from schemas.records.record import ObjectOf, Record, rule, schema_of

PUBLISHER = "publisher"
SOURCE_ROLES = ("speaker", "relayer", PUBLISHER)
FIDELITIES = ("verbatim", "mixed", "paraphrase", "inference")
EVIDENCE_ROLES = ("supports", "contradicts", "context")
DOCUMENT_STATUSES = ("active", "corrected", "retracted")


class Reference(Record):
    """A reference to an agent, topic, occasion or place as served: its id and its name."""

    id = slug()
    name = Text(500)


class DocumentReference(Reference):
    """A reference to a document as served; its name is the document's title.

    With its status, so that whoever reads a claim sees that the document it
    rests on was corrected or retracted.
    """

    id = document_id()
    status = Choice(*DOCUMENT_STATUSES)


class ReferenceTo(ObjectOf):
    """A record of a vocabulary: its id and name as served, its id alone as curated."""

    def __init__(self, vocabulary: str, **options: Any) -> None:
        self.vocabulary = vocabulary
        super().__init__(DocumentReference if vocabulary == "documents" else Reference, **options)

    def load_valid(self, value: Any) -> Any:
        """Remembers what was valid, since claims share the records that they name."""
        try:
            return {**_reference(self.nested, tuple(value.items()))}
        except (AttributeError, TypeError):  # no object, or one that holds lists or objects
            return super().load_valid(value)

    def curated_form(self) -> FastField:
        identifier = document_id if self.nested is DocumentReference else slug
        return identifier(allow_none=self.allow_none)


@functools.lru_cache(maxsize=10_000)
def _reference(kind: type[Record], items: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """A valid reference. Raises ``ValidationError``, which is not remembered."""
    return schema_of(kind).load_valid(dict(items))


def references_of(record: Schema) -> dict[str, str]:
    """The keys of a record that refer to a vocabulary, each with the name of that vocabulary."""
    named = record.fields.items()
    return {name: field.vocabulary for name, field in named if isinstance(field, ReferenceTo)}


class SourceSchema(Record):
    """One link of the attribution chain; ``cue`` is the reporting verb."""

    agent = ReferenceTo("agents")
    role = Choice(*SOURCE_ROLES)
    cue = Text(100, allow_none=True)


class QuoteSchema(Record):
    """A string that the document prints in quotation marks, the marks left out.

    ``start`` and ``end`` are offsets in code points, end exclusive.
    """

    text = Printed()
    speaker = ReferenceTo("agents")
    document = ReferenceTo("documents")
    start = Whole(0)
    end = Whole(1)

    @rule
    def as_long_as_its_text(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["end"] - data["start"] != len(data["text"]):
            raise ValidationError(f"start plus the text's {len(data['text'])} code points", "end")


class EvidenceSchema(Record):
    """A span of a document (Web Annotation ``TextPositionSelector``) and the hash of its bytes.

    ``locator`` leads to the same passage in what the text was taken from (a
    page of a PDF, a moment of a recording): a W3C media fragment.
    """

    document = ReferenceTo("documents")
    start = Whole(0)
    end = Whole(1)
    sha256 = Pattern(SHA256, "64 hexadecimal digits, as `policy-claims locate` prints them")
    fidelity = Choice(*FIDELITIES)
    role = Choice(*EVIDENCE_ROLES)
    locator = Pattern(MEDIA_FRAGMENT, "a media fragment such as page=3 or t=12.5", allow_none=True)

    @rule
    def ordered(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["end"] <= data["start"]:
            raise ValidationError(f"an offset after start ({data['start']})", "end")
