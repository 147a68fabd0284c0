"""What surrounds the records: which data an answer comes from, and where it goes on."""

from __future__ import annotations

from typing import TypedDict


class DatasetStamp(TypedDict):
    """The dataset that an answer comes from, wholly."""

    version: str
    built_at: str


class RecordMeta(TypedDict):
    """About an answer with one record."""

    dataset: DatasetStamp


class PageMeta(TypedDict):
    """About a page: ``total`` is exact, ``next_cursor`` is ``None`` on the last one."""

    total: int
    limit: int
    next_cursor: str | None
    dataset: DatasetStamp


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
