"""What a store answers with: the data set it serves, pages of claims, counts, tombstones."""

import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from marshmallow import ValidationError

from schemas.fields import Choice, Pattern, Text, Whole, is_day
from schemas.patterns import HEX_16, SHA256
from schemas.records.description import NEUTRAL, Description
from schemas.records.record import ObjectOf, Record, rule
from schemas.records.vocabularies import VOCABULARIES

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)

SCHEMA_VERSION = 4
"""Raised when a built data set can no longer be read by, or means something else to, the code."""
COUNTED = ("claims", "distinct_goals", "retired", *VOCABULARIES, "quotes", "origins")
"""What a manifest counts, in the order in which it is shown."""
CONTENT = ("claims", "changes", "retired", *VOCABULARIES)
"""The kinds of record that are the content of a data set, each in a file of its own."""
DESCRIPTION = "dataset.json"
"""How the data set describes itself, in fixtures and in a built one."""
DATA_FILES = (*(f"{name}.ndjson" for name in CONTENT), DESCRIPTION)
"""The files that are the content of a data set; the index is made from them."""
MAX_REASON = 1000
"""Characters of the reason why a feed begins anew."""


class FeedSchema(Record):
    """Which history the changes of a data set belong to (see ``Feed``)."""

    id = Pattern(HEX_16, "16 hexadecimal digits")
    restart_reason = Text(MAX_REASON, allow_none=True)


class VerificationSchema(Record):
    """When the passages of a data set were compared with the files of its documents, which were all
    there with the recorded hash, and how many held; all of them did.
    """

    at = Pattern(INSTANT, "an instant such as 2026-01-31T00:00:00Z")
    documents = Whole(0)
    spans = Whole(0)
    quotes = Whole(0)


class _FileSchema(Record):
    sha256 = Pattern(SHA256, "64 hexadecimal digits")
    bytes = Whole(0)


class ManifestSchema(Record):
    """What ``manifest.json`` of a built data set says; strict, since headers repeat some of it."""

    schema_version = Choice(SCHEMA_VERSION)
    index_layout = Pattern(HEX_16, "16 hexadecimal digits: an older data set is published again")
    version = Pattern(HEX_16, "the first 16 digits of the digest")
    digest = Pattern(SHA256, "64 hexadecimal digits")
    built_at = Pattern(INSTANT, "an instant such as 2026-01-31T00:00:00Z")
    feed = ObjectOf(FeedSchema)
    verified = ObjectOf(VerificationSchema, allow_none=True)
    counts = ObjectOf(Record.from_dict({name: Whole(0) for name in COUNTED}, name="_Counts"))
    files = ObjectOf(
        Record.from_dict({name: ObjectOf(_FileSchema) for name in DATA_FILES}, name="_Files")
    )

    @rule
    def named_by_its_content(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["version"] != data["digest"][:16]:
            raise ValidationError("the first 16 digits of the digest", "version")
        if not is_day(data["built_at"][:10]):
            raise ValidationError("a day that the calendar has", "built_at")


@dataclass(frozen=True, slots=True)
class Feed:
    """A history that is only ever continued: data sets of one feed are published one after another,
    each with the changes of the one before and perhaps more.

    ``restart_reason`` says why it took the place of another one; the first in
    its directory has none.
    """

    id: str
    restart_reason: str | None = None

    @property
    def salt(self) -> bytes:
        """What the digests of the log begin with: nothing of one feed is found in a later one, even
        where both have the same changes.
        """
        return b"" if self.restart_reason is None else self.id.encode()


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """Which data set this is.

    ``version`` is a prefix of ``digest``, the SHA-256 of the canonical
    content; ``built_at`` is an RFC 3339 instant in UTC that no clock decides.
    ``verified`` tells of the comparison with the documents (``VerificationSchema``).
    """

    version: str
    digest: str
    built_at: str
    schema_version: int
    counts: Mapping[str, int]
    feed: Feed
    about: Description = NEUTRAL
    verified: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a retired record."""

    kind: str
    id: str
    withdrawn_on: str
    reason: str
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Canonical JSON bytes of some claims, the exact total, and where to go on."""

    bodies: list[bytes]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """The whole result of a query: canonical JSON of every claim, read as it is taken.

    ``ndjson_bytes`` is the length of the claims as lines, line feeds included.
    ``verbatim`` holds those lines as they lie in the data set, in parts one
    after another, when the result is all of it in default order.
    """

    total: int
    ndjson_bytes: int
    bodies: Iterator[bytes]
    verbatim: Sequence[bytes | mmap.mmap] | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a data set, mapped into memory, and the SHA-256 that was recorded of it."""

    content: bytes | mmap.mmap
    sha256: str


class FileDescription(NamedTuple):
    """What is recorded of a file: its size in bytes and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table that the claims of a query make, as CSV with its header.

    ``size`` is the number of bytes, where it is known before they are read.
    ``verbatim`` is the table as it lies in the data set, when the result is all
    of it in default order.
    """

    size: int | None
    pieces: Iterator[bytes]
    verbatim: bytes | mmap.mmap | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a count: its key along each dimension (``None`` is the group without)."""

    keys: tuple[str | None, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Every group with its count; ``total`` counts claims, so overlapping groups sum to more."""

    groups: list[Group]
    total: int
