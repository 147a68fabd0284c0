"""Counts with 100,000 groups: one each for as many agents as documents, over HTTP, none cut."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from schemas.query import ClaimQuery
from service.store.tantivy.store import open_store
from tests.at_size.conftest import CLAIMS, Built
from tests.at_size.server import Server, serving

pytestmark = pytest.mark.at_size

Record = dict[str, Any]
Row = tuple[str | None, str | None, str | None, str | None, int]

KEYS: dict[str, Callable[[Record], str | None]] = {
    "actor": lambda claim: claim["actors"][0],
    "document": lambda claim: claim["evidence"][0]["document"],
    "about": lambda claim: claim["about"][0] if claim["about"] else None,
    "kind": lambda claim: claim["kind"],
}
"""The one value that a claim of these data has in each dimension."""
BY = (
    *(("actor",), ("document",), ("about",), ("kind", "actor"), ("document", "kind")),
    *(("actor", "document"), ("about", "document"), ("about", "actor")),
)
"""The last three have more pairs of values than could ever be looked through one by one."""
PATIENCE = 60.0
"""Seconds for one answer; on a busy machine it takes a few."""
MEMORY = 400 * 1024 * 1024
"""Bytes that a worker may take more than before it counted, whatever it was asked."""


@pytest.fixture(scope="module")
def claims(wide: Built) -> list[Record]:
    with (wide.fixtures / "claims.ndjson").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def names(wide: Built) -> dict[str, str]:
    """What agents and documents are called."""
    agents = json.loads((wide.fixtures / "agents.json").read_bytes())
    documents = json.loads((wide.fixtures / "documents.json").read_bytes())
    named = {agent["id"]: agent["name"] for agent in agents}
    return named | {document["id"]: document["title"] for document in documents}


@pytest.fixture(scope="module")
def server(wide: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(wide.place, tmp_path_factory.mktemp("wide") / "log", 2) as running:
        yield running


def expected(claims: list[Record], names: dict[str, str], by: tuple[str, ...]) -> list[Row]:
    """The rows of a count, by going through the curated claims."""
    number = Counter(tuple(KEYS[name](claim) for name in by) for claim in claims)
    rows = []
    for keys, count in number.items():
        one, two = (*keys, None)[:2]
        named = [None if key is None else names.get(key, key) for key in (one, two)]
        rows.append((one, named[0], two, named[1], count))
    return sorted(rows, key=lambda r: (-r[4], r[0] is None, r[0] or "", r[2] is None, r[2] or ""))


@pytest.mark.parametrize("by", BY, ids=",".join)
def test_every_group_is_there_in_its_order_as_json_and_as_csv(
    server: Server, claims: list[Record], names: dict[str, str], by: tuple[str, ...]
) -> None:
    wanted = expected(claims, names, by)
    assert len(wanted) > CLAIMS // 2
    reply = server.get(f"/v1/counts?by={','.join(by)}", timeout=PATIENCE)
    assert reply.status == 200
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    answer = json.loads(reply.body)
    assert [tuple(row.values()) for row in answer["data"]] == wanted
    assert list(answer["data"][0]) == ["key", "name", "key2", "name2", "count"]
    assert (answer["meta"]["by"], answer["meta"]["total"]) == (list(by), len(claims))
    reply = server.get(f"/v1/counts.csv?by={','.join(by)}", timeout=PATIENCE)
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    rows = list(csv.reader(io.StringIO(reply.body.decode(), newline="")))[1:]
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in wanted]
    assert max(server.own_memory()) < MEMORY


def test_a_filter_counts_among_what_it_finds_alone(wide: Built, claims: list[Record]) -> None:
    """Half of the documents, a tenth of the agents: no group of the others, and no other number."""
    documents = {claim["evidence"][0]["document"] for claim in claims[::5000]}
    store = open_store(wide.place)
    query = ClaimQuery(document=tuple(sorted(documents)))
    for by in BY:
        found = {group.keys: group.count for group in store.counts(query, by).groups}
        kept = [claim for claim in claims if claim["evidence"][0]["document"] in documents]
        assert found == Counter(tuple(KEYS[name](claim) for name in by) for claim in kept)
