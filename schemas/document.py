"""The vocabularies that claims refer to: documents, agents, topics, occasions; and changes."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from schemas.dates import CuratedDateSchema, DateSchema
from schemas.fields import (
    FILE_NAME,
    LANGUAGE,
    SHA256,
    URL,
    AnyField,
    Choice,
    Day,
    Pattern,
    Text,
    Whole,
    claim_id,
    document_id,
    slug,
)
from schemas.provenance import Reference
from schemas.records import ListOf, ObjectOf, Record, rule

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
CHANGES = ("created", "revised", "superseded", "withdrawn")
RETIRING = ("superseded", "withdrawn")
"""Changes after which a claim is there no more."""

_COUNT = frozenset({"claim_count"})


class CuratedDocumentSchema(Record):
    """One published text (schema.org ``NewsArticle``); its text itself is never held.

    ``length`` counts Unicode code points of the file as it stands, ``sha256``
    is of its raw bytes.
    """

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


class ChangeSchema(Record):
    """One entry of the append-only record of changes."""

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
        created, superseded = data["change"] == "created", data["change"] == "superseded"
        rules = {
            "reason": (created or data["reason"] is not None, "a sentence"),
            "previous": (created == (data["previous"] is None), "the record before"),
            "replaced_by": (
                superseded == (data["replaced_by"] is not None),
                "the id of the claim that replaces it",
            ),
            "revision": (
                (data["revision"] == 1) == created,
                "1 when created, more when changed after that",
            ),
        }
        broken = {
            key: [f"{allowed}, as the change is {data['change']!r}"]
            for key, (held, allowed) in rules.items()
            if not held
        }
        if broken:
            raise ValidationError(broken)
