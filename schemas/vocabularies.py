"""The vocabularies that claims refer to: their records, and the one table of them.

A row of ``VOCABULARIES`` says what the records are called and what they refer to. From it follow
the files that are read and written, the checks of references, what is expanded for serving, and
what a manifest counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.date import CuratedDateSchema, DateSchema
from schemas.fields import (
    FILE_NAME,
    LANGUAGE,
    SHA256,
    URL,
    AnyField,
    Choice,
    Pattern,
    Text,
    Whole,
    document_id,
    slug,
)
from schemas.provenance import Reference
from schemas.record import ListOf, ObjectOf, Record

AGENT_KINDS = (
    "person",
    "state_media",
    "government",
    "party_body",
    "military",
    "sector",
    "news_outlet",
    "experts",
    "officials",
    "country",
    "unnamed",
)
GRADES = ("A", "B", "C", "D", "E", "F")
"""Admiralty scale of source reliability: A completely reliable … F cannot be judged."""
CAP_MAJOR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23)
"""Major topics of the Comparative Agendas Project master codebook (11 and 22 are unused)."""

_COUNT = frozenset({"claim_count"})


class CuratedDocumentSchema(Record):
    """One published text (schema.org ``NewsArticle``); its text itself is never held.

    ``length`` counts Unicode code points of the file as it stands, ``sha256``
    is of its raw bytes.
    """

    curated = True
    computed = _COUNT
    id = document_id()
    title = Text(500)
    publisher: AnyField = slug()
    dateline = Text(100, allow_none=True)
    published: AnyField = ObjectOf(CuratedDateSchema)
    language = Pattern(LANGUAGE, "a BCP 47 language tag such as en or pt-BR")
    url = Pattern(URL, "an http or https address", allow_none=True)
    file = Pattern(FILE_NAME, "a file name")
    sha256 = Pattern(SHA256, "64 hexadecimal digits")
    length = Whole(1)


class DocumentSchema(CuratedDocumentSchema):
    publisher = ObjectOf(Reference)
    published = ObjectOf(DateSchema)
    claim_count = Whole(0)


class ReliabilitySchema(Record):
    """The Admiralty grade of a source and the reason for it."""

    grade = Choice(*GRADES)
    rationale = Text(500)


class CuratedAgentSchema(Record):
    """Anyone who acts or is quoted (PROV ``Agent``).

    ``origin_group`` names the origin that several agents' information shares;
    an agent without one is its own.
    """

    curated = True
    computed = _COUNT
    id = slug()
    name = Text(500)
    kind = Choice(*AGENT_KINDS)
    other_names = ListOf(Text(200), unique=True)
    reliability = ObjectOf(ReliabilitySchema, allow_none=True)
    origin_group = slug(allow_none=True)


class AgentSchema(CuratedAgentSchema):
    claim_count = Whole(0)


class CuratedTopicSchema(Record):
    """A concept of our scheme (SKOS)."""

    curated = True
    computed = _COUNT
    id = slug()
    label = Text(200)
    definition = Text(1000)
    broader: AnyField = slug(allow_none=True)
    cap_major = Choice(*CAP_MAJOR, allow_none=True)


class TopicSchema(CuratedTopicSchema):
    broader = ObjectOf(Reference, allow_none=True)
    claim_count = Whole(0)


class CuratedOccasionSchema(Record):
    """An event at which things are announced (schema.org ``Event``)."""

    curated = True
    computed = _COUNT
    id = slug()
    name = Text(500)
    series = slug()
    dates: AnyField = ObjectOf(CuratedDateSchema)
    organizer: AnyField = slug()


class OccasionSchema(CuratedOccasionSchema):
    dates = ObjectOf(DateSchema)
    organizer = ObjectOf(Reference)
    claim_count = Whole(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyKind:
    """A row of the table.

    ``name_key`` is the key that tells what a record is called. ``references``
    are the keys that hold the id of a record, each with the vocabulary of that
    id, and ``dates`` the keys that hold a date; both are expanded for serving.
    """

    name: str
    curated: type[Record]
    served: type[Record]
    name_key: str = "name"
    references: Mapping[str, str] = field(default_factory=dict)
    dates: tuple[str, ...] = ()


_KINDS = (
    VocabularyKind(
        name="documents",
        curated=CuratedDocumentSchema,
        served=DocumentSchema,
        name_key="title",
        references={"publisher": "agents"},
        dates=("published",),
    ),
    VocabularyKind(name="agents", curated=CuratedAgentSchema, served=AgentSchema),
    VocabularyKind(
        name="topics",
        curated=CuratedTopicSchema,
        served=TopicSchema,
        name_key="label",
        references={"broader": "topics"},
    ),
    VocabularyKind(
        name="occasions",
        curated=CuratedOccasionSchema,
        served=OccasionSchema,
        references={"organizer": "agents"},
        dates=("dates",),
    ),
)
VOCABULARIES: Mapping[str, VocabularyKind] = {kind.name: kind for kind in _KINDS}

CLAIM_REFERENCES = (
    ("topics", None, "topics"),
    ("actors", None, "agents"),
    ("addressees", None, "agents"),
    ("about", None, "agents"),
    ("sources", "agent", "agents"),
    ("quotes", "speaker", "agents"),
    ("quotes", "document", "documents"),
    ("evidence", "document", "documents"),
)
"""The lists of a curated claim that refer to records: the list's key, the key of an item that holds
the id (``None`` where an item is the id itself), and the vocabulary."""
