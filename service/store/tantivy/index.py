"""The search index over a compiled data set: its fields and words, how it is filled, its layout.

Also what becomes of a panic in the engine's own code.
"""

from __future__ import annotations

import functools
import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import orjson
import tantivy
from tantivy import Index, Schema, SchemaBuilder

from schemas.filter_kinds import ServedClaim, ServedRecords
from schemas.tables.claims import CLAIM_TABLES
from schemas.tables.column import Table
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.store.csv_lines import line_writer
from service.store.dataset_format import canonical
from service.store.files import MEMORY, Buffer, locked_directory, remove, writable_directory
from service.store.protocol import EnginePanicked
from service.store.search.index_fields import FIELDS, index_values, searchable_texts
from service.store.search.words import make_analyzer, words

ANALYZER = "claims_english"
PLACE = "_place"
"""Where a claim's bytes lie, in one number, since each further column costs a page its look-up:
their length, then 40 bits for the offset."""
LENGTH = "_length"
"""The length once more, to be summed."""
Spans = Mapping[str, tuple[int, int]]
"""By the name of a table, where the rows that a claim makes begin in its file, and their length;
without a name, those of the claim itself."""
_OFFSET_BITS = 40

_WRITER_HEAP = 128_000_000
"""Bytes the writer gathers before it must write a segment: some five for a million claims. In a
single one a topic is found an eighth quicker, but dates and cursors take twice as long."""
_LINKS = "policy-claims-index-"
"""How the directories begin in which the engine is shown an index."""
_SAMPLES = 16
"""Claims, evenly spaced over the file, whose index entries are part of the layout."""
_PROBE = "The Ministries' re-launched plans: 3.5 % of l'économie, İzmir ﬁne 북조선의 로켓"
_ENGINE = str(vars(tantivy).get("__version__", "")).rpartition("index_format ")[2]
"""The version of the file format, such as ``v7``; the library tells it behind its own version."""


@contextmanager
def panics_are_errors() -> Iterator[None]:
    """Makes ``EnginePanicked`` of a Rust panic, which arrives as a ``BaseException`` and would
    otherwise pass every handler and end the worker.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise EnginePanicked(f"the search engine panicked: {error}") from error
        raise


def index_schema() -> Schema:
    """The engine's form of ``FIELDS``, and where the bytes of a claim lie."""
    builder = SchemaBuilder()
    for name, kind in FIELDS.items():
        if kind == "number":
            builder.add_unsigned_field(name, fast=True)
        elif kind == "text":
            builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="position")
        else:
            counted = kind == "terms"
            builder.add_text_field(name, fast=counted, tokenizer_name="raw", index_option="basic")
    for name in ("", *(table.name for table in CLAIM_TABLES)):
        builder.add_unsigned_field(place_of(name), fast=True)
        builder.add_unsigned_field(length_of(name), fast=True)
    return builder.build()


def place_of(table: str) -> str:
    """The field with the place of a claim's rows in a table; without one, of the claim itself."""
    return f"_{table}{PLACE}" if table else PLACE


def length_of(table: str) -> str:
    """The field with the length of the same."""
    return f"_{table}{LENGTH}" if table else LENGTH


def index_line(claim: ServedClaim, vocabularies: ServedRecords) -> bytes:
    """What the index holds of one claim, as JSON, but for where its bytes lie."""
    return canonical(index_values(claim, vocabularies))


def span(place: int) -> slice:
    """The bytes that a place stands for."""
    offset = place & ((1 << _OFFSET_BITS) - 1)
    return slice(offset, offset + (place >> _OFFSET_BITS))


@panics_are_errors()
def build_index(entries: Iterable[tuple[bytes, Spans]], directory: Path) -> None:
    """Adds claims to the index in a directory, as a segment or several; makes the index if need be.
    Of each it takes the ``index_line``, and where its bytes and those of its rows lie.

    One thread writes, so that claims keep their order and ties under relevance
    fall the same way in every worker. Raises ``EnginePanicked``, ``OSError`` or
    ``ValueError`` when it cannot be written.
    """
    index = Index(index_schema(), path=str(directory), reuse=True)
    index.register_tokenizer(ANALYZER, make_analyzer())
    writer = index.writer(heap_size=_WRITER_HEAP, num_threads=1)
    for line, spans in entries:
        numbers = {}
        for table, (offset, length) in spans.items():
            numbers[place_of(table)] = length << _OFFSET_BITS | offset
            numbers[length_of(table)] = length
        # The engine reads JSON in a fifth of the time that value by value takes.
        writer.add_json(f"{line[:-1].decode()},{orjson.dumps(numbers)[1:].decode()}")
    writer.commit()
    writer.wait_merging_threads()


@panics_are_errors()
def open_index(directory: Path, names: Iterable[str]) -> Index:
    """Opens an index, and writes nothing there.

    ``names`` are its files: what else may lie there is not looked at.

    The engine takes a lock in the directory that it opens, and a server may not
    write there. So the engine is shown a directory of links, which it needs no
    longer once all files are mapped.
    """
    within = MEMORY if os.access(MEMORY, os.W_OK) else writable_directory()
    aside, lock = locked_directory(within, _LINKS)
    try:
        for name in names:
            if "/" not in name:
                (aside / name).symlink_to(directory.absolute() / name)
        index = Index.open(str(aside))
        index.register_tokenizer(ANALYZER, make_analyzer())
        index.config_reader(reload_policy="manual")
    except ValueError as error:
        raise ValueError(str(error).replace(str(aside), directory.name)) from error
    finally:
        remove(aside)
        os.close(lock)
    return index


def layout(
    claims: Buffer,
    vocabularies: ServedRecords,
    schema: Schema | None = None,
    entry: Callable[[ServedClaim, ServedRecords], bytes] = index_line,
    analyse: Callable[[str], list[str]] = words,
    tables: Iterable[Table] = (*CLAIM_TABLES, *VOCABULARY_TABLES.values()),
) -> str:
    """16 hexadecimal digits that differ whenever an index made today, or a table, would differ.

    Hashed are the fields of the ``schema`` with types and options, the format
    of the engine's files, the version of Unicode that texts are folded by, the
    columns of the tables, and, since the way a value is computed counts as
    well, the index ``entry`` of some of the ``claims`` (one a line), the words
    that the analyser makes of their texts, and the rows of tables that they and
    some records of each vocabulary make.
    """
    described = (index_schema() if schema is None else schema).__reduce__()[1]  # as it is pickled
    made_by = [_ENGINE, unicodedata.unidata_version, analyse(_PROBE)]
    digest, write = hashlib.sha256(orjson.dumps([described, made_by])), line_writer()

    @functools.cache  # where there are few claims, the same one is several samples
    def made_of(line: bytes) -> bytes:
        claim = orjson.loads(line)
        texts = searchable_texts(claim, vocabularies)
        of_claims = [table for table in tables if table.name not in vocabularies]
        rows = chain.from_iterable(table.cells(claim) for table in of_claims)
        words_of_texts = orjson.dumps([analyse(text) for text in texts])
        return b"".join([entry(claim, vocabularies), words_of_texts, *map(write, rows)])

    for line in _samples(claims):
        digest.update(made_of(line))
    for table in tables:
        digest.update(orjson.dumps([(column.name, column.type) for column in table.columns]))
        for record in islice(vocabularies.get(table.name, {}).values(), _SAMPLES):
            digest.update(b"".join(map(write, table.cells(record))))
    return digest.hexdigest()[:16]


def _samples(claims: Buffer) -> Iterator[bytes]:
    """The line of the first claim that begins at or after each of some evenly spaced offsets."""
    for n in range(_SAMPLES):
        at = len(claims) * n // _SAMPLES
        start = claims.find(b"\n", at - 1) + 1 if at else 0
        end = claims.find(b"\n", start)
        if start <= end:
            yield bytes(claims[start:end])
