"""PostgreSQL on a cluster of its own: narrow tables, covering indexes, prepared statements."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.machine import CACHE, NotMeasured, Running, started
from benchmarks.packages import program
from schemas.filter_kinds import ServedRecords
from service.store.dataset_format import open_dataset
from service.store.search.index_fields import earliest, index_values, latest, searchable_texts

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",  # short queries, which compiling would only delay
    "fsync": "off",  # of no account for reading; loading is quicker
    "max_wal_size": "8GB",
    "autovacuum": "off",  # one vacuum is run after loading
}
_TABLES = """
create table claims (
    number integer, id text, kind text, attribution text, attribution_score smallint,
    content_key bigint, announced_earliest integer, announced_latest integer,
    goal boolean, restates boolean, horizon_earliest integer, horizon_latest integer
);
create table loaded (number integer, said text, body text);
create table claim_topics (topic text, number integer, kind text, attribution_score smallint);
"""
# Wide columns stand apart, so that counting and filtering read narrow rows; the topics carry
# what claims on them are most often filtered by, so that an index alone answers.
_INDEXES = """
create table texts as
    select number, to_tsvector('english', said) as words, body from loaded;
drop table loaded;
alter table claims add primary key (number);
alter table texts add primary key (number);
create unique index on claims (id);
create index on claims (kind, number) include (attribution_score);
create index on claims (kind, attribution);
create index on claims (content_key) include (announced_earliest, announced_latest);
create index on claims (announced_earliest, announced_latest) include (content_key);
create index on claims (horizon_earliest, horizon_latest, number) where goal and not restates;
create unique index on claim_topics (topic, number) include (kind, attribution_score);
create index on claim_topics (topic, kind, number) include (attribution_score);
create index on texts using gin (words) with (fastupdate = off);
vacuum analyze;
"""


def _user() -> str | None:
    """Whom the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NotMeasured("no user to run PostgreSQL as")


def _initialised(place: Path, user: str | None) -> None:
    place.mkdir(parents=True)
    if user is not None:
        shutil.chown(place, user)
    options: dict[str, Any] = {} if user is None else {"user": user}
    command = [program("initdb"), "-D", str(place), "-U", "bench", "-A", "trust",
               "--no-locale", "-E", "UTF8", "--no-sync"]  # fmt: skip
    done = subprocess.run(
        command, cwd="/", capture_output=True, text=True, timeout=120, check=False, **options
    )
    if done.returncode:
        raise NotMeasured(f"initdb: {done.stderr.strip()[-200:]}")


@contextlib.contextmanager
def cluster(claims: Path, name: str) -> Iterator[tuple[str, Running]]:
    """A running server that holds the claims, and how to connect to it. Kept for the next run.

    A cluster that was not loaded to its end is made anew.
    """
    place, user = CACHE / f"postgres-{name}", _user()
    if not (place / "LOADED").exists():
        shutil.rmtree(place, ignore_errors=True)
        _initialised(place, user)
    sockets = Path(tempfile.mkdtemp(prefix="bench-"))
    if user is not None:
        shutil.chown(sockets, user)
    options = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    command = [program("postgres"), "-D", str(place), "-k", str(sockets), *options]
    address = f"host={sockets} user=bench dbname=postgres"
    try:
        with started(f"postgres {name}", command, user=user, core=None) as running:
            running.ending = signal.SIGINT  # does not wait for connections to be closed
            _wait(address, running)
            if not (place / "LOADED").exists():
                _load(address, claims)
                (place / "LOADED").touch()
            yield address, running
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


def _wait(address: str, running: Running) -> None:
    for _ in range(300):
        if running.process.poll() is not None:
            raise NotMeasured(f"PostgreSQL ended by itself: {running.last_words()}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(address).close()
            return
        time.sleep(0.1)
    raise NotMeasured("PostgreSQL did not start")


def _load(address: str, claims: Path) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("set statement_timeout = '15min'")
        connection.execute(_TABLES)
        records = open_dataset(claims.parent).records
        for table, rows in (("claims", _rows), ("loaded", _texts), ("claim_topics", _topics)):
            into = connection.cursor().copy(f"copy {table} from stdin")
            with into as copy, claims.open("rb") as file:
                for number, line in enumerate(file):
                    for row in rows(number, json.loads(line), line, records):
                        copy.write_row(row)
        for statement in _INDEXES.split(";"):  # one by one: vacuum takes no company
            if statement.strip():
                connection.execute(statement)


def _rows(
    number: int, claim: dict[str, Any], line: bytes, records: ServedRecords
) -> Iterator[tuple[Any, ...]]:
    values = index_values(claim, records)
    announced, horizon = (
        (values.get(earliest(name)), values.get(latest(name))) for name in ("announced", "horizon")
    )
    yield (
        number,
        claim["id"],
        claim["kind"],
        claim["attribution"],
        claim["confidence"]["attribution"]["score"],
        values["by_content_desc"] - (1 << 63),  # unsigned there, signed here
        *announced,
        claim["goal"] is not None,
        any(relation["type"] == "restates" for relation in claim["relations"]),
        *horizon,
    )


def _texts(
    number: int, claim: dict[str, Any], line: bytes, records: ServedRecords
) -> Iterator[tuple[Any, ...]]:
    yield number, " . ".join(searchable_texts(claim, records)), line.decode().rstrip("\n")


def _topics(
    number: int, claim: dict[str, Any], line: bytes, records: ServedRecords
) -> Iterator[tuple[Any, ...]]:
    for topic in index_values(claim, records)["topic"]:
        score = claim["confidence"]["attribution"]["score"]
        yield topic, number, claim["kind"], score
