"""How a data set lies in the cluster: two indices, their fields, and what a claim is in them.

One, named by the version of the data set and by the layout, holds the claims; another one the
records of the vocabularies, the changes, and what is left of retired records.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from schemas.filter_kinds import ServedClaim, ServedRecords
from schemas.records.dataset import DatasetInfo, Feed, FileDescription, StoredFile
from schemas.records.description import Description
from schemas.tables.claims import CLAIM_TABLES
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.store.csv_lines import line_writer
from service.store.opensearch.door import JsonObject
from service.store.protocol import RELEVANCE_WINDOW
from service.store.search.index_fields import FIELDS, SORT_KEYS, TEXT, index_values
from service.store.search.words import folded_words, words

ALIAS = "claims"
"""Leads to the claims of the data set that is served."""
LENGTH, BODY = "_length", "body"
"""The bytes of a claim's canonical JSON: how many, to be summed, and themselves."""
HELD = ("datapackage.json",)
"""The files of a data set that the index tells whole: what each table links to, some kilobytes."""
MAX_TERMS = 65_536
"""Terms of one filter, as for thousands of ids."""
MAX_WORD = 255
"""UTF-16 units that the engine takes for one word; it would cut a longer one in two."""
_SIGN = 1 << 63
_PROBE = "The Ministries' re-launched plans: 3.5 % of l'économie, İzmir ﬁne 북조선의 로켓"


def claims_index(version: str, meta: JsonObject) -> str:
    """The index of a data set's claims by what it says of itself (``described``): another one where
    the same version is published again and anything would be answered otherwise. The service before
    an update goes on to ask its own.
    """
    told = orjson.dumps(meta, option=orjson.OPT_SORT_KEYS)
    return f"{ALIAS}-{version}-{hashlib.sha256(told).hexdigest()[:8]}"


def record_index(claims: str) -> str:
    """The index of the records that belong to an index of claims."""
    return f"{claims}-record"


INDEX = re.compile(f"{ALIAS}-([0-9a-f]{{16}})-[0-9a-f]{{8}}")
"""The name of an index of claims; its group is the version."""


def signed(key: int) -> int:
    """An unsigned sort key of 64 bits as the engine's signed number, in the same order."""
    return key - _SIGN


def unsigned(key: int) -> int:
    return key + _SIGN


def word(text: str) -> str:
    """A word as the engine has it: a hash in the place of one that it would cut."""
    if len(text) <= MAX_WORD // 2 or len(text.encode("utf-16-le")) // 2 <= MAX_WORD:
        return text
    return f"#{hashlib.sha256(text.encode()).hexdigest()}"


def length_of(table: str) -> str:
    """The field with the length of the rows that a claim makes in a table."""
    return f"_{table}{LENGTH}"


def _rows(claim: ServedClaim) -> dict[str, bytes]:
    """The rows that a claim makes in each table."""
    write = line_writer()
    return {table.name: b"".join(map(write, table.cells(claim))) for table in CLAIM_TABLES}


def claim_document(claim: ServedClaim, body: bytes, records: ServedRecords) -> JsonObject:
    """What the engine is told of a claim with these canonical bytes."""
    values = index_values(claim, records)
    values |= {field: signed(values[field]) for field in SORT_KEYS.values()}
    values[TEXT] = [" ".join(map(word, folded_words(text))) for text in values[TEXT]]
    values |= {length_of(table): len(rows) for table, rows in _rows(claim).items()}
    return {**values, LENGTH: len(body), BODY: body.decode()}


def _property(name: str, kind: str) -> JsonObject:
    if kind == "text":
        return {"type": "text", "analyzer": "whitespace", "position_increment_gap": 100}
    if kind == "number":
        return {"type": "long" if name in SORT_KEYS.values() else "integer"}
    return {"type": "keyword", "doc_values": kind != "flags"}


_SUMMED = {"type": "integer", "index": False}
_STORED = {"type": "keyword", "index": False, "doc_values": False}
"""What is only given back."""
CLAIM_PROPERTIES: Mapping[str, JsonObject] = {
    **{name: _property(name, kind) for name, kind in FIELDS.items()},
    **dict.fromkeys((LENGTH, *(length_of(table.name) for table in CLAIM_TABLES)), _SUMMED),
    BODY: _STORED,
}
RECORD_PROPERTIES: Mapping[str, JsonObject] = {
    "kind": {"type": "keyword"},
    "id": {"type": "keyword"},
    "seq": {"type": "long"},
    **dict.fromkeys((BODY, "digest", "next"), _STORED),
}
"""``kind`` is a vocabulary, ``tombstone``, or of a change ``change``; ``id`` is that of the record,
of a change with its kind before it. ``digest`` stands for the changes up to this one, ``next`` is
the number of the next change of the same record.
"""


def index_body(properties: Mapping[str, JsonObject], shards: int, **more: Any) -> JsonObject:
    """How an index is made: not copied yet, and not searched while it is being filled."""
    settings = {"number_of_shards": shards, "number_of_replicas": 0, "refresh_interval": "-1"}
    limits = {"max_result_window": RELEVANCE_WINDOW, "max_terms_count": MAX_TERMS}
    source = [name for name in (BODY, "digest", "next", "seq") if name in properties]
    mappings = {"dynamic": "strict", "_source": {"includes": source}, "properties": properties}
    return {"settings": {**settings, **limits, **more}, "mappings": mappings}


def claims_body(shards: int, meta: JsonObject) -> JsonObject:
    """The index of the claims; ``meta`` is what it says of the data set."""
    order = {"sort.field": SORT_KEYS["-announced"], "sort.order": "asc"}
    body = index_body(CLAIM_PROPERTIES, shards, **order)
    body["mappings"]["_meta"] = dict(meta)
    return body


@functools.cache
def layout() -> str:
    """8 hexadecimal digits that differ where an index made today would have other fields or other
    words, or tables other columns.
    """
    tables = (*CLAIM_TABLES, *VOCABULARY_TABLES.values())
    columns = [
        [table.name, column.name, column.type] for table in tables for column in table.columns
    ]
    made = [claims_body(1, {}), index_body(RECORD_PROPERTIES, 1), words(_PROBE), columns]
    return hashlib.sha256(orjson.dumps([*made, unicodedata.unidata_version])).hexdigest()[:8]


def described(
    info: DatasetInfo,
    samples: Iterable[bytes],
    records: ServedRecords,
    files: Mapping[str, StoredFile],
) -> JsonObject:
    """What an index says of its layout, its data set and its files, and what it holds of some
    claims, given by their bytes.

    Of an object the keys would come back in another order, so that the data
    set is told as a string.
    """
    claims = [*samples]
    return {
        "layout": layout(),
        "info": orjson.dumps(asdict(info)).decode(),
        "samples": [orjson.loads(body)["id"] for body in claims],
        "entries": entries_digest(claims, records),
        "files": orjson.dumps({n: [len(f.content), f.sha256] for n, f in files.items()}).decode(),
        "held": {name: bytes(files[name].content).decode() for name in HELD if name in files},
    }


def entries_digest(claims: Iterable[bytes], records: ServedRecords) -> str:
    """Stands for what an index made today would hold of some claims."""
    digest = hashlib.sha256()
    for body in claims:
        claim = orjson.loads(body)
        digest.update(orjson.dumps(claim_document(claim, body, records)))
        digest.update(b"".join(_rows(claim).values()))
    return digest.hexdigest()


def files_of(meta: JsonObject) -> tuple[dict[str, FileDescription], dict[str, StoredFile]]:
    """What an index tells of the files that were built, and those that it holds. Raises
    ``ValueError`` or ``LookupError``.
    """
    built = {name: FileDescription(*told) for name, told in orjson.loads(meta["files"]).items()}
    held = {
        name: StoredFile(text.encode(), built[name].sha256) for name, text in meta["held"].items()
    }
    return built, held


def info_of(meta: JsonObject) -> DatasetInfo:
    """The data set of an index. Raises ``ValueError`` or ``LookupError``."""
    told = orjson.loads(meta["info"])
    feed, about = Feed(**told.pop("feed")), Description(**told.pop("about"))
    return DatasetInfo(**told, feed=feed, about=about)
