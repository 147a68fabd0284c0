"""The vocabularies that claims refer to: their records, and the one table of them.

A row of ``VOCABULARIES`` says what the records are called, and its schema what they refer to. From
it follow the files that are read and written, the checks of references, what is expanded for
serving, and what a manifest counts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.date import DateSchema
from schemas.fields import (
    Choice,
    Day,
    Number,
    Pattern,
    Text,
    Whole,
    computed,
    document_id,
    slug,
    word,
)
from schemas.names import LanguageTag, Url
from schemas.patterns import COUNTRY, FILE_NAME, MEDIA_TYPE, SHA256
from schemas.records.claim import ClaimSchema
from schemas.records.provenance import DOCUMENT_STATUSES, ReferenceTo, references_of
from schemas.records.record import ListOf, ObjectOf, Record, curated, rule

UNNAMED = "unnamed"
"""The kind of an agent whose name no document gives; what it is called was made up for the list."""
AGENT_KINDS = (
    "person",
    "state_media",
    "government",
    "ministry",
    "parliament",
    "court",
    "party",
    "party_body",
    "military",
    "armed_group",
    "international_organisation",
    "company",
    "organisation",
    "sector",
    "news_outlet",
    "experts",
    "officials",
    "country",
    UNNAMED,
)
TEXT_USES = ("show", "excerpt", "none")
"""How much of the text of a document the pages may show: all, the paragraphs of claims, nothing."""
GRADES = ("A", "B", "C", "D", "E", "F")
"""Admiralty scale of source reliability: A completely reliable … F cannot be judged."""
CAP_MAJOR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23)
"""Major topics of the Comparative Agendas Project master codebook (11 and 22 are unused)."""


class IdentifierSchema(Record):
    """What a record is called in somebody else's list, such as Wikidata or GeoNames."""

    scheme = word()
    id = Text(200)
    url = Url(allow_none=True)


class StatusNoteSchema(Record):
    """When a document was corrected or retracted, and what is known of that."""

    date = Day()
    text = Text(1000)


class DocumentSchema(Record):
    """One published text (schema.org ``NewsArticle``); its text itself is never held.

    ``length`` counts Unicode code points of the file as it stands, ``sha256``
    is of its raw bytes. ``media_type`` is of what the text was taken from. A
    document that was corrected or retracted stays, and says when and why.
    ``text`` says what its owner allows the pages to show of it.
    """

    id = document_id()
    title = Text(500)
    publisher = ReferenceTo("agents")
    dateline = Text(100, allow_none=True)
    published = ObjectOf(DateSchema)
    language = LanguageTag()
    url = Url(allow_none=True)
    archived_url = Url(allow_none=True)
    accessed = Day(allow_none=True)
    media_type = Pattern(MEDIA_TYPE, "a media type such as application/pdf", allow_none=True)
    file = Pattern(FILE_NAME, "a file name: 1 to 255 characters, none / or NUL, not . or ..")
    sha256 = Pattern(SHA256, "64 hexadecimal digits")
    length = Whole(1)
    text = Choice(*TEXT_USES, absent="none")
    status = Choice(*DOCUMENT_STATUSES, absent="active")
    status_note = ObjectOf(StatusNoteSchema, allow_none=True)
    claim_count = computed(Whole(0))

    @rule
    def noted(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["status"] != "active" and data["status_note"] is None:
            allowed = f"when and why, since the document is {data['status']}"
            raise ValidationError(allowed, "status_note")


class ReliabilitySchema(Record):
    """The Admiralty grade of a source and the reason for it."""

    grade = Choice(*GRADES)
    rationale = Text(500)


class AgentSchema(Record):
    """Anyone who acts or is quoted (PROV ``Agent``).

    ``origin_group`` names the origin that several agents' information shares;
    an agent without one is its own.
    """

    id = slug()
    name = Text(500)
    kind = Choice(*AGENT_KINDS)
    other_names = ListOf(Text(200), unique=True)
    identifiers = ListOf(ObjectOf(IdentifierSchema), unique=True)
    country = Pattern(COUNTRY, "an ISO 3166-1 alpha-2 code such as KP", allow_none=True)
    reliability = ObjectOf(ReliabilitySchema, allow_none=True)
    origin_group = word(allow_none=True)
    claim_count = computed(Whole(0))


class CodeSchema(Record):
    """A category of somebody else's scheme: CAP subtopics, IPTC Media Topics, Manifesto."""

    scheme = word()
    code = Text(100)


class TopicSchema(Record):
    """A concept of our scheme (SKOS), with the categories of other schemes that it matches."""

    id = slug()
    label = Text(200)
    definition = Text(1000)
    broader = ReferenceTo("topics", allow_none=True)
    cap_major = Choice(*CAP_MAJOR, allow_none=True)
    codes = ListOf(ObjectOf(CodeSchema), unique=True)
    claim_count = computed(Whole(0))


class OccasionSchema(Record):
    """An event at which things are announced (schema.org ``Event``).

    A press conference or a post is of no series; ``part_of`` is a larger
    occasion, in the course of which it took place.
    """

    id = slug()
    name = Text(500)
    series = word(allow_none=True)
    dates = ObjectOf(DateSchema)
    organizer = ReferenceTo("agents", allow_none=True)
    part_of = ReferenceTo("occasions", allow_none=True)
    claim_count = computed(Whole(0))


class PointSchema(Record):
    """A point of the earth in degrees (WGS 84), north and east above 0."""

    lat = Number(-90, 90, "a number of degrees")
    lon = Number(-180, 180, "a number of degrees")


class PlaceSchema(Record):
    """A place where what is claimed happens or applies (schema.org ``Place``).

    ``within`` is a place that this one lies in, ``country`` the ISO 3166-1
    alpha-2 code of the country it is or belongs to.
    """

    id = slug()
    name = Text(500)
    other_names = ListOf(Text(200), unique=True)
    within = ReferenceTo("places", allow_none=True)
    country = Pattern(COUNTRY, "an ISO 3166-1 alpha-2 code such as KP", allow_none=True)
    identifiers = ListOf(ObjectOf(IdentifierSchema), unique=True)
    point = ObjectOf(PointSchema, allow_none=True)
    claim_count = computed(Whole(0))


@dataclass(frozen=True, kw_only=True)
class VocabularyKind:
    """A row of the table; ``name_key`` is the key that tells what a record is called.

    Fixtures without the file of a vocabulary that is not ``required`` have no
    records of it: so fixtures written before it go on to build.
    """

    name: str
    served: type[Record]
    name_key: str = "name"
    required: bool = True

    @property
    def singular(self) -> str:
        """What one of its records is called."""
        return self.name.removesuffix("s")

    @property
    def curated(self) -> type[Record]:
        """The schema of its records in fixtures."""
        return curated(self.served)

    @functools.cached_property
    def references(self) -> dict[str, str]:
        """The keys that hold the id of a record, each with the vocabulary of that id."""
        return references_of(self.served())

    @functools.cached_property
    def dates(self) -> tuple[str, ...]:
        """The keys that hold a date."""
        named = self.served().fields.items()
        return tuple(name for name, field in named if getattr(field, "nested", None) is DateSchema)


_KINDS = (
    VocabularyKind(name="documents", served=DocumentSchema, name_key="title"),
    VocabularyKind(name="agents", served=AgentSchema),
    VocabularyKind(name="topics", served=TopicSchema, name_key="label"),
    VocabularyKind(name="occasions", served=OccasionSchema),
    VocabularyKind(name="places", served=PlaceSchema, required=False),
)
VOCABULARIES: Mapping[str, VocabularyKind] = {kind.name: kind for kind in _KINDS}


def _references() -> Iterator[tuple[str, str | None, str]]:
    for key, field in ClaimSchema().fields.items():
        inner = field.inner if isinstance(field, ListOf) else None
        if isinstance(inner, ReferenceTo):
            yield key, None, inner.vocabulary
        elif isinstance(inner, ObjectOf):
            for name, vocabulary in references_of(inner.schema).items():
                yield key, name, vocabulary


CLAIM_REFERENCES = tuple(_references())
"""The lists of a curated claim that refer to records: the list's key, the key of an item that holds
the id (``None`` where an item is the id itself), and the vocabulary."""
