"""What the rules between records need to know of each, in a database on disk; and where records
refer to others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import signature
from itertools import accumulate
from typing import Any, NamedTuple

from schemas.date import expanded
from schemas.records.change import CLAIM, RETIRING, record_of
from schemas.records.vocabularies import CLAIM_REFERENCES, VOCABULARIES, VocabularyKind
from service.compiler.read import PlainRecord
from service.store.files import told_of_room
from service.store.search.index_fields import default_position

References = Iterator[tuple[tuple[object, ...], Any, Any, str]]
"""Of each id in a record the steps to it, what holds it, under which key, and its vocabulary."""
RecordsById = Mapping[str, Mapping[str, PlainRecord]]
"""The records of each vocabulary."""


class ClaimFacts(NamedTuple):
    """Of the claim at a ``place`` of its file, whose canonical line is so long.

    ``position`` is its place in default order, from -2⁶³ on; ``origin`` the first of its chain,
    ``relayers`` those between, with blanks. ``printed_in`` is the document that the origin itself
    published; empty where the origin is no publisher of the evidence. Of each relation its type
    and its target.
    """

    place: int
    length: int
    id: str
    position: int
    origin: str
    relayers: str
    printed_in: str
    narrated: bool
    credibility: int
    goal: bool
    quotes: int
    revision: int
    recorded_at: str
    relations: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, place: int, length: int, claim: PlainRecord) -> ClaimFacts:
        origin, *through = [source["agent"] for source in claim["sources"]]
        return cls(
            place,
            length,
            claim["id"],
            default_position(claim["id"], expanded(claim["dates"]["announced"])) - (1 << 63),
            origin,
            " ".join(through[:-1]),
            claim["evidence"][0]["document"] if through[-1:] == [origin] else "",
            claim["attribution"] == "narrator",
            claim["confidence"]["content"]["credibility"],
            claim["goal"] is not None,
            len(claim["quotes"]),
            claim["revision"],
            claim["recorded_at"],
            tuple((relation["type"], relation["claim"]) for relation in claim["relations"]),
        )


class ChangeFacts(NamedTuple):
    """Of the change at a ``place`` of its file, to the record of a ``kind`` with an ``id``.

    ``previous_id`` is the id of the record before, and of a claim there are its revision and day.
    """

    place: int
    seq: int
    kind: str
    id: str
    revision: int
    recorded_at: str
    change: str
    retires: bool
    reason: str | None
    replaced_by: str | None
    previous_id: str | None
    previous_revision: int | None
    previous_recorded_at: str | None

    @classmethod
    def of(cls, place: int, change: PlainRecord) -> ChangeFacts:
        key, before = record_of(change), change["previous"] or {}
        values: dict[str, Any] = {name: change.get(name) for name in cls._fields}
        values |= {f"previous_{n}": before.get(n) for n in ("id", "revision", "recorded_at")}
        values |= {"place": place, "retires": change["change"] in RETIRING}
        return cls(**values | key._asdict())


_CACHE = 16_000
"""Kilobytes of the database that are held in memory."""
_TABLES = {
    "claim": "place INTEGER PRIMARY KEY, " + ", ".join((*ClaimFacts._fields[1:-1], "start")),
    "relation": "place INTEGER, n, id, type, target, PRIMARY KEY (place, n)",
    "change": "place INTEGER PRIMARY KEY, " + ", ".join(ChangeFacts._fields[1:]),
    "absent": "place INTEGER, n, steps, id, vocabulary, PRIMARY KEY (place, n)",
    "step": "way, place INTEGER, target INTEGER, PRIMARY KEY (way, place, target)",
    "independent": "place INTEGER PRIMARY KEY, origins",
}
"""The columns of each table. ``absent`` are references of former states to what is not there,
``step`` the relations that lead some ``way`` from one claim to another, and ``independent`` the
claims behind which several origins stand."""
_INDICES = ("claim (id)", "relation (target)", "change (kind, id)")


class Facts:
    """What is known of all claims and changes, and what is found between them.

    It lies in a temporary database of SQLite: on disk where ``TMPDIR`` says, without a name, and
    gone with this object. So memory does not grow with the claims. Raises ``OSError`` where there
    is no room.
    """

    def __init__(self) -> None:
        # It may be closed by another thread, which forgets a refusal last.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._end = 0
        self.run(f"PRAGMA cache_size = -{_CACHE}")
        self.run("PRAGMA journal_mode = OFF")  # nobody needs half of it after a failure
        for name, columns in _TABLES.items():
            self.run(f"CREATE TABLE {name} ({columns})")
        self.run("BEGIN")  # one transaction, that no insertion ends

    def __del__(self) -> None:
        self._db.close()

    def run(self, sql: str, *values: object) -> None:
        """Executes a statement that gives no rows."""
        with told_of_room():
            self._db.execute(sql, values)

    def find(self, sql: str, *values: object) -> Iterator[Any]:
        """The rows of a query, read as they are taken."""
        with told_of_room():
            yield from self._db.execute(sql, values)

    def add(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Adds rows, each with the values of all columns in their order."""
        ((count,),) = self.find("SELECT count(*) FROM pragma_table_info(?)", table)
        marks = ", ".join("?" * count)
        with told_of_room():  # the names are those above
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # nosec B608

    def add_claims(self, claims: Sequence[ClaimFacts]) -> None:
        """Adds claims, whose lines follow those that were added before."""
        *starts, end = accumulate((claim.length for claim in claims), initial=self._end)
        placed = zip(claims, starts, strict=True)
        self.add("claim", ((*claim[:-1], start) for claim, start in placed))
        self._end = end
        related = [claim for claim in claims if claim.relations]
        rows = ((c.place, n, c.id, *each) for c in related for n, each in enumerate(c.relations))
        self.add("relation", rows)

    def add_changes(self, changes: Sequence[tuple[ChangeFacts, Sequence[Any]]]) -> None:
        """Adds changes, each with the rows of ``absent`` that it makes."""
        self.add("change", (facts for facts, _ in changes))
        self.add("absent", (row for _, absent in changes for row in absent))

    def arrange(self) -> None:
        """Puts what was added in order, so that it is found by the ids of records."""
        for number, columns in enumerate(_INDICES):
            self.run(f"CREATE INDEX ordered_{number} ON {columns}")

    def function(self, name: str, function: Callable[..., str]) -> None:
        """Lets queries call a function, whose result depends on its arguments alone."""
        arguments = len(signature(function).parameters)
        self._db.create_function(name, arguments, function, deterministic=True)

    def last_change(self, kind: str, identifier: str) -> ChangeFacts | None:
        """The last change of a record."""
        wanted = "SELECT * FROM change WHERE kind = ? AND id = ? ORDER BY place DESC LIMIT 1"
        return next((ChangeFacts(*row) for row in self.find(wanted, kind, identifier)), None)


def claim_references(claim: PlainRecord) -> References:
    """Where a claim refers to the vocabularies."""
    yield ("occasion",), claim, "occasion", "occasions"
    for key, inner, vocabulary in CLAIM_REFERENCES:
        for n, item in enumerate(claim[key]):
            if inner is None:
                yield (key, n), claim[key], n, vocabulary
            else:
                yield (key, n, inner), item, inner, vocabulary
    for n, reading in enumerate(claim["alternatives"]):
        for m, link in enumerate(reading["sources"]):
            yield ("alternatives", n, "sources", m, "agent"), link, "agent", "agents"


def vocabulary_references(record: PlainRecord, kind: VocabularyKind) -> References:
    """Where a record of a vocabulary refers to others."""
    for key, vocabulary in kind.references.items():
        yield (key,), record, key, vocabulary


def references_of(record: PlainRecord, kind: str) -> References:
    """Where a record of any kind, named in the singular, refers to the vocabularies."""
    if kind == CLAIM:
        return claim_references(record)
    return vocabulary_references(record, VOCABULARIES[f"{kind}s"])
