"""100,000 claims over HTTP: exports to the byte, and clients that stop reading cost nothing."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.query import ClaimQuery
from schemas.tables.claims import CLAIMS, QUOTES
from schemas.tables.column import Table
from service.formats.tables import csv_chunks
from tests.at_size.conftest import Built
from tests.at_size.server import Server, serving
from tests.reference_store import ReferenceStore

pytestmark = pytest.mark.at_size

WORKERS = 2
STALLED = 20
MEMORY = 48 * 1024 * 1024
"""Bytes that each worker may take for all its stalled clients together: a few pieces of each, and
nothing that grows with the export, which has three times as many.
"""


@pytest.fixture(scope="module")
def server(large: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(large.place, log, WORKERS) as running:
        yield running


def test_the_unfiltered_lines_are_those_of_the_data_set(large: Built, server: Server) -> None:
    reply = server.get("/v1/claims.ndjson")
    assert reply.body == (large.place / "claims.ndjson").read_bytes()
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert reply.headers["Transfer-Encoding"] is None


FILTERS: dict[str, dict[str, Any]] = {
    "": {},
    "kind=directive&sort=-occurred": {"kind": ("directive",), "sort": "-occurred"},
    "sort=-content": {"sort": "-content"},
    "q=-agent&sort=announced": {"q": "-agent", "sort": "announced"},
    "topic=of-nothing": {"topic": ("of-nothing",)},
}


@pytest.mark.parametrize("query", FILTERS)
def test_exported_lines_are_as_long_as_was_said_and_in_order(
    server: Server, plain: ReferenceStore, query: str
) -> None:
    reply = server.get(f"/v1/claims.ndjson?{query}".rstrip("?"))
    assert reply.body.splitlines() == [
        row.body for row in plain.found(ClaimQuery(**FILTERS[query]))
    ]
    assert int(reply.headers["Content-Length"]) == len(reply.body)


TABLES: list[tuple[str, str, Table, bool]] = [
    ("/v1/claims.csv?", "sort=-content", CLAIMS, False),
    ("/v1/claims.csv?excel=true&", "kind=directive&sort=-occurred", CLAIMS, True),
    ("/v1/claims.csv?excel=true&", "topic=of-nothing", CLAIMS, True),
    ("/v1/quotes.csv?", "q=-agent&sort=announced", QUOTES, False),
    ("/v1/quotes.csv?excel=true", "", QUOTES, True),
]


@pytest.mark.parametrize(("path", "query", "table", "excel"), TABLES)
def test_an_exported_table_is_whole_and_in_order(
    server: Server, plain: ReferenceStore, path: str, query: str, table: Table, excel: bool
) -> None:
    reply = server.get(path + query)
    found = plain.found(ClaimQuery(**FILTERS[query]))
    assert reply.body == b"".join(csv_chunks(table, [json.loads(row.body) for row in found], excel))


@pytest.mark.parametrize("path", ["/v1/claims.ndjson?q=agent", "/v1/claims.csv?q=agent"])
def test_a_ranked_export_is_whole(server: Server, plain: ReferenceStore, path: str) -> None:
    reply = server.get(path)
    total = len(plain.matching(ClaimQuery(q="agent")))
    assert int(reply.headers.get("Content-Length", len(reply.body))) == len(reply.body)
    assert total <= reply.body.count(b"\n")


LONG = {
    "the file": "/v1/claims.ndjson",
    "lines": "/v1/claims.ndjson?sort=announced",
    "a table": "/v1/claims.csv",
    "ranked lines": "/v1/claims.ndjson?q=agent",
}


@contextlib.contextmanager
def stalled(server: Server, path: str) -> Iterator[None]:
    """Clients that have asked for an export, and read nothing of it."""
    with contextlib.ExitStack() as clients:
        for _ in range(STALLED):
            clients.enter_context(server.ask_and_read_nothing(path))
        yield


@pytest.fixture(params=LONG)
def stalling(
    large: Built, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Server, str]]:
    """A server that has answered before, and the export that is asked of it and left unread."""
    with serving(large.place, tmp_path / "log", WORKERS) as server:
        for _ in range(8 * WORKERS):
            assert server.get("/v1/counts?by=kind").status == 200
        yield server, LONG[request.param]


def test_clients_that_stop_reading_take_no_memory(stalling: tuple[Server, str]) -> None:
    server, path = stalling
    before = max(server.own_memory())
    with stalled(server, path):
        for _ in range(40):
            time.sleep(0.1)
            assert max(server.own_memory()) - before < MEMORY


def test_every_worker_gives_the_same_bytes(large: Built, tmp_path: Path) -> None:
    """Also where claims rank alike; the tag of an answer promises it."""
    with serving(large.place, tmp_path / "log", WORKERS, CACHE_BYTES="0") as server:
        for path in ("/v1/claims?q=agent", "/v1/claims?q=meeting+field&limit=100", "/v1/claims"):
            replies = [server.get(path) for _ in range(8 * WORKERS)]
            assert len({(reply.body, reply.headers["ETag"]) for reply in replies}) == 1
