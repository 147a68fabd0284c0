"""What surrounds the records: which data an answer comes from, and where it goes on."""

from __future__ import annotations

from typing import TypedDict

from service.client.comparing import ComparedOccasion


class DatasetStamp(TypedDict):
    """The dataset that an answer comes from, wholly."""

    version: str
    built_at: str


class RecordMeta(TypedDict):
    """About an answer with one record."""

    dataset: DatasetStamp


class ListMeta(TypedDict):
    """What every page says about itself: ``total`` is exact, and counts all pages."""

    total: int
    limit: int
    dataset: DatasetStamp


class PageMeta(ListMeta):
    """About a page; ``next_cursor`` is ``None`` on the last one."""

    next_cursor: str | None


class ChangesMeta(ListMeta):
    """About a page of changes; ``last_seq`` is the ``since`` to go on with, now or another day."""

    last_seq: int


# Written as a call, because one of the keys is a word of the language.
ComparisonMeta = TypedDict(
    "ComparisonMeta",
    {
        "total": int,
        "limit": int,
        "next_cursor": str | None,
        "from": ComparedOccasion,
        "to": ComparedOccasion,
        "dataset": DatasetStamp,
    },
)
"""About a page of a comparison: ``total`` counts topics."""


class CountsMeta(TypedDict):
    """About counts: ``total`` counts each claim once."""

    by: list[str]
    total: int
    dataset: DatasetStamp


class Licence(TypedDict):
    """What may be done with the data (SPDX ids), and whose the quotations are."""

    code: str
    data: str
    quotations: str


class CodebookReference(TypedDict):
    """The rules by which the claims were curated."""

    version: str
    link: str


class DatasetCounts(TypedDict):
    """How many records there are."""

    claims: int
    distinct_goals: int
    retired: int
    documents: int
    agents: int
    topics: int
    occasions: int
    quotes: int


class Export(TypedDict):
    """The whole of something as one file."""

    name: str
    media_type: str
    link: str


class Dataset(TypedDict):
    """Which data this is."""

    version: str
    digest: str
    schema_version: int
    built_at: str
    service_version: str
    licence: Licence
    codebook: CodebookReference
    counts: DatasetCounts
    exports: list[Export]
