"""One data set in both stores: every answer is the same to the byte, headers included."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from benchmarks.generate import generate
from schemas.filters import DIMENSIONS
from schemas.query import SORTS, ClaimQuery
from schemas.tables.claims import CLAIM_TABLES
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.compiler import build_dataset
from service.contract import own_values
from service.store.dataset_format import open_dataset
from service.store.opensearch.door import Address, Door
from service.store.opensearch.store import OpenSearchStore
from service.store.tantivy.store import TantivyStore, open_store
from tests.at_size.questions import Questions
from tests.opensearch.conftest import put_directory
from tests.wire import app_of, ask

pytestmark = pytest.mark.opensearch
CLAIMS = int(os.environ.get("TWIN_CLAIMS") or 5_000)
QUESTIONS = 200
"""Of pages, and as many of exports where the data set is small."""
_OWN = ("Server-Timing", "Date")
"""Headers that tell of one exchange."""
TABLE_NAMES = (*(table.name for table in CLAIM_TABLES), *VOCABULARY_TABLES)
PATHS = (
    *("/v1/claims", "/v1/claims?limit=100&sort=-content", "/v1/claims?topic={topics}"),
    *("/v1/claims?kind=goal&horizon=2030,none", "/v1/claims?q=plan", '/v1/claims?q="a plan" -to'),
    *("/v1/claims?actor=nobody-at-all,{agents}", "/v1/claims?limit=1&cursor=00ffffffffffffff"),
    *("/v1/claims/{claims}", "/v1/claims/{claims}.jsonld", "/v1/claims/{claims}/history"),
    *("/v1/claims/clm_00000zzz", "/v1/claims/clm_00000zzz/history", "/v1/changes?limit=100"),
    *(f"/v1/{name}.csv" for name in TABLE_NAMES),
    *(f"/v1/{table.name}.csv?kind=goal&sort=announced" for table in CLAIM_TABLES),
    *("/v1/sources.csv?topic=nothing-at-all", "/v1/quotes.csv?q=plan", "/v1/claims.csv?excel=true"),
    *("/v1/agents.csv?excel=true", "/v1/datapackage.json", "/v1/claims.xlsx?topic={topics}"),
    *("/v1/counts.csv?by=kind,topic&tidy=true", "/v1/datasets/current/datapackage.json"),
    *("/v1/claims.csv?topic={topics}", "/v1/claims.ndjson", "/v1/claims.ndjson?kind=goal"),
    *("/v1/claims.ndjson?q=plan", "/v1/quotes.csv?topic={topics}", "/v1/counts?by=kind"),
    *("/v1/counts?by=topic,horizon", "/v1/counts?by=document,actor&kind=goal"),
    *("/v1/counts.csv?by=announced_year,occurred_year", "/v1/counts?by=horizon&date_match=certain"),
    *("/v1/topics", "/v1/documents?limit=3", "/v1/documents/{documents}", "/v1/agents?limit=100"),
    *("/v1/occasions/{occasions}/history", "/v1/compare?from={from}&to={to}", "/v1/dataset"),
    *("/v1/compare.csv?from={from}&to={to}", "/v1/dataset.jsonld", "/openapi.json"),
    *("/", "/?topic={topics}", "/goals", "/claims/{claims}", "/compare", "/values/topic"),
)


ONLY_BUILT = ("claims.csv.gz", "quotes.csv.gz", "claims.ndjson.gz", "claims.parquet")
"""Files that no cluster has (docs/operating.md): a directory that lacks them is its twin."""


class Twins(NamedTuple):
    far: OpenSearchStore
    near: TantivyStore
    questions: list[ClaimQuery]


@pytest.fixture(scope="module")
def twins(address: Address, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    home = tmp_path_factory.mktemp("twins")
    generate(home / "fixtures", CLAIMS)
    place = build_dataset(home / "fixtures", home / "built", durable=False)
    far = put_directory(place, address, shards=3, replicas=1)
    asked = Questions(open_dataset(place), random.Random(CLAIMS)).many(QUESTIONS)
    near = open_store(place)
    near.files = {name: file for name, file in near.files.items() if name not in ONLY_BUILT}
    return Twins(far, near, asked)


def test_every_page_is_the_same(twins: Twins) -> None:
    """The claims, their order, that by relevance too, the total and where the next page begins."""
    for query in twins.questions:
        page = twins.near.search(query)
        assert twins.far.search(query) == page, query


def test_every_export_is_the_same(twins: Twins) -> None:
    for query in twins.questions[:: 1 if CLAIMS <= 5_000 else 10]:
        far, near = twins.far.export(query), twins.near.export(query)
        assert (far.total, far.ndjson_bytes) == (near.total, near.ndjson_bytes), query
        assert all(map(bytes.__eq__, far.bodies, near.bodies)), query


def _all_counts(queries: list[ClaimQuery]) -> Iterator[tuple[ClaimQuery, tuple[str, ...]]]:
    dimensions = [name for name in DIMENSIONS if name != "id"]
    for query in queries:
        for name in dimensions:
            yield query, (name,)
        for pair in itertools.permutations(dimensions, 2):
            yield query, pair


def test_every_count_is_the_same(twins: Twins) -> None:
    for number, (query, by) in enumerate(_all_counts([ClaimQuery(), twins.questions[3]])):
        if CLAIMS > 5_000 or number % 3 == 0:
            assert twins.far.counts(query, by) == twins.near.counts(query, by), (query, by)


def test_every_answer_over_http_is_the_same(twins: Twins) -> None:
    apps = app_of(twins.far), app_of(twins.near)
    own = {name: values[0] for name, values in own_values(twins.near).items() if values}
    for path in PATHS:
        target = path.format(**own).replace(" ", "%20")
        far, near = (ask(app, target, headers={"X-Request-ID": "twin"}) for app in apps)
        for name in _OWN:
            far.headers.pop(name, None)
            near.headers.pop(name, None)
        assert far.status == near.status, path
        assert [*far.headers] == [*near.headers], path
        assert far.body == near.body, path
        if ".csv" in path and "excel" not in path:
            assert {"Content-Length", "ETag"} <= {*far.headers.keys()}, path


RANGES = ("bytes=0-99", "bytes=1000-1999", "bytes=-500", "bytes=99999999999-")


def test_every_part_of_a_table_is_the_same(twins: Twins) -> None:
    apps = app_of(twins.far), app_of(twins.near)
    for path, part in itertools.product(("/v1/claims.csv", "/v1/quotes.csv?kind=goal"), RANGES):
        asked = {"Range": part, "X-Request-ID": "twin"}
        far, near = (ask(app, path, headers=asked) for app in apps)
        assert (far.status, far.body) == (near.status, near.body), (path, part)
        assert far.status == (416 if part == RANGES[-1] else 206)
        for name in ("Accept-Ranges", "Content-Range", "Content-Length", "ETag"):
            assert far.headers.get(name) == near.headers.get(name), (path, part, name)


def test_every_table_is_the_same(twins: Twins) -> None:
    """Its rows, and its length, which is told before they are made."""
    for query, table in itertools.product(twins.questions[::10], CLAIM_TABLES):
        far, near = (store.rows(query, table.name) for store in (twins.far, twins.near))
        assert far.size == near.size, (query, table.name)
        assert b"".join(far.pieces) == b"".join(near.pieces), (query, table.name)


def test_what_a_cluster_has_not_is_said(twins: Twins) -> None:
    app = app_of(twins.far)
    for name in ONLY_BUILT:
        missing = ask(app, f"/v1/{name}")
        assert missing.status == 404, name
        assert missing.headers["Content-Type"] == "application/problem+json"
        if name in twins.far.described:
            assert "/v1/claims.ndjson" in missing.json["detail"]
    listed = ask(app, "/v1/datasets").json["data"]
    assert [each["version"] for each in listed] == [twins.far.dataset.version]
    for file in listed[0]["files"]:
        content = ask(app, file["link"]).body
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            file["bytes"],
            file["sha256"],
        )
    version = twins.far.dataset.version
    for path in (f"/v1/datasets/{version}/claims.csv", "/v1/datasets/0123456789abcdef"):
        assert ask(app, path).status == 404, path
    assert ask(app, f"/v1/datasets/{version}").status == 200
    offered = ask(app, "/v1/dataset").json["data"]["exports"]
    assert all(ask(app, each["link"]).status == 200 for each in offered), offered


def test_a_walk_in_each_order_is_the_same(twins: Twins) -> None:
    for sort in SORTS:
        query = ClaimQuery(sort=sort, limit=700, q="the" if sort == "relevance" else None)
        for _ in range(10):
            page = twins.near.search(query)
            assert twins.far.search(query) == page
            if page.next_cursor is None:
                break
            query = ClaimQuery(sort=sort, limit=700, q=query.q, cursor=page.next_cursor)


class CountingDoor(Door):
    """Counts the trips to the cluster."""

    trips = 0

    def ask(self, *arguments: Any, **options: Any) -> Any:
        self.trips += 1
        return super().ask(*arguments, **options)


MOST_TRIPS = 3
"""Of a request for data, once the small vocabularies are held. An export costs one for each chunk,
and a count of many groups one for each page of them."""
FEW_TRIPS = tuple(
    path
    for path in PATHS
    if path.startswith("/v1") and "ndjson" not in path and ".csv" not in path and "by=d" not in path
)


def test_a_request_for_data_costs_at_most_three_trips(twins: Twins, address: Address) -> None:
    door = CountingDoor(address)
    far = OpenSearchStore(door, twins.far.dataset, twins.far.described, twins.far.files)
    app = app_of(far)
    own = {name: values[0] for name, values in own_values(twins.near).items() if values}
    trips = {}
    for path in PATHS:
        target = path.format(**own).replace(" ", "%20")
        for _ in range(2):  # the second time small vocabularies are held
            door.trips = 0
            ask(app, target)
        trips[path] = door.trips
    print("\n" + "\n".join(f"{number:4} {path}" for path, number in trips.items()))
    assert {path: trips[path] for path in FEW_TRIPS if trips[path] > MOST_TRIPS} == {}
