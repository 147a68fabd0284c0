"""The search index over a compiled data set: its fields, and how it is filled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tantivy import Document, Index, Schema, SchemaBuilder

from schemas.query import DIMENSIONS
from service.store import keys
from service.store.dataset import Dataset
from service.store.text import ANALYZER, make_analyzer
from service.tables import TABLES

TERM_FIELDS = ("id", *DIMENSIONS)
DATES = ("announced", "occurred", "horizon")
SCORES = ("attribution_score", "content_score")
PLACE = ("offset", "length")
SIZES = tuple(table.size(excel) for table in TABLES for excel in (False, True))
"""Bytes that a claim takes in each CSV file; their sum is a file's length before it is made."""

_WRITER_HEAP = 128_000_000
"""Bytes the writer gathers before it must write a segment."""


def index_schema() -> Schema:
    """Exact terms for filters and counts, numbers for ranges and order, words for search."""
    builder = SchemaBuilder()
    for name in TERM_FIELDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("flag", tokenizer_name="raw", index_option="basic")
    for name in DATES:
        builder.add_unsigned_field(f"{name}_earliest", fast=True)
        builder.add_unsigned_field(f"{name}_latest", fast=True)
    for name in (*SCORES, *keys.SORT_KEYS.values(), *PLACE, *SIZES):
        builder.add_unsigned_field(name, fast=True)
    builder.add_text_field("text", tokenizer_name=ANALYZER, index_option="position")
    return builder.build()


def index_document(claim: Mapping[str, Any], offset: int, length: int) -> Document:
    """What the index holds of one claim whose canonical bytes lie at ``offset``."""
    document = Document()
    for name, values in keys.terms(claim).items():
        for value in values:
            document.add_text(name, value)
    for flag in keys.flags(claim):
        document.add_text("flag", flag)
    for text in keys.searchable(claim):
        document.add_text("text", text)
    for name, number in _numbers(claim, offset, length):
        document.add_unsigned(name, number)
    return document


def _numbers(claim: Mapping[str, Any], offset: int, length: int) -> Iterable[tuple[str, int]]:
    for name, date in keys.dates(claim):
        bounds = keys.day_bounds(date)
        if bounds is not None:
            yield f"{name}_earliest", bounds[0]
            yield f"{name}_latest", bounds[1]
    for question in ("attribution", "content"):
        score = claim["confidence"][question]["score"]
        if score is not None:
            yield f"{question}_score", score
    yield from keys.sort_keys(claim).items()
    for table in TABLES:
        yield from table.sizes(claim).items()
    yield "offset", offset
    yield "length", length


def build_index(dataset: Dataset, directory: Path | None = None) -> Index:
    """Indexes a data set, in memory or in an empty directory.

    One thread writes, so that claims keep their order and ties under
    relevance fall the same way in every worker.
    """
    path = None if directory is None else str(directory)
    index = Index(index_schema(), path=path, reuse=False)
    index.register_tokenizer(ANALYZER, make_analyzer())
    writer = index.writer(heap_size=_WRITER_HEAP, num_threads=1)
    for offset, length in dataset.spans():
        claim = json.loads(dataset.claims[offset : offset + length])
        writer.add_document(index_document(claim, offset, length))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def open_index(directory: Path) -> Index:
    """Opens an index that ``build_index`` wrote."""
    index = Index.open(str(directory))
    index.register_tokenizer(ANALYZER, make_analyzer())
    index.config_reader(reload_policy="manual")
    return index
