"""The SQLite file that Datasette serves: the served claims, and indexes on what one filters by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_TABLES = """
create table claims (
    number integer primary key, id text unique, kind text, attribution text, occasion text,
    announced text, occurred text, attribution_score integer, content_score integer,
    body text
);
create table claim_topics (
    claim integer references claims(number), topic text, primary key (topic, claim)
) without rowid;
create table claim_actors (
    claim integer references claims(number), actor text, primary key (actor, claim)
) without rowid;
"""
_INDEXES = """
create index by_kind on claims(kind, number);
create index by_attribution on claims(attribution, number);
create index by_occasion on claims(occasion, number);
create index by_announced on claims(announced, number);
create index by_occurred on claims(occurred, number);
create index by_content on claims(content_score, number);
analyze;
"""


def make(claims: Path, out: Path) -> None:
    """Writes the file beside its place and renames it, so that half a file is never taken.

    ``number`` is the position in default order: a page is then the first rows of an index.
    """
    draft = out.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with sqlite3.connect(draft) as database:
        database.executescript("pragma journal_mode=off; pragma synchronous=off;" + _TABLES)
        links: dict[str, list[tuple[int, str]]] = {"topics": [], "actors": []}
        database.executemany(
            "insert into claims values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _rows(claims, links)
        )
        for name, pairs in links.items():
            database.executemany(f"insert into claim_{name} values (?, ?)", pairs)
        database.executescript(_INDEXES)
    database.close()
    draft.rename(out)


def _rows(claims: Path, links: dict[str, list[tuple[int, str]]]) -> Iterator[tuple[Any, ...]]:
    with claims.open("rb") as file:
        for number, line in enumerate(file):
            claim = json.loads(line)
            for kind in links:
                links[kind] += [(number, reference["id"]) for reference in claim[kind]]
            dates, confidence = claim["dates"], claim["confidence"]
            yield (
                number,
                claim["id"],
                claim["kind"],
                claim["attribution"],
                claim["occasion"] and claim["occasion"]["id"],
                dates["announced"] and dates["announced"]["earliest"],
                dates["occurred"] and dates["occurred"]["earliest"],
                confidence["attribution"]["score"],
                confidence["content"]["score"],
                line.decode().rstrip("\n"),
            )
