"""One data set in both stores: every answer is the same to the byte, headers included."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from benchmarks.generate import generate
from schemas.filters import DIMENSIONS
from schemas.query import SORTS, ClaimQuery
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
PATHS = (
    *("/v1/claims", "/v1/claims?limit=100&sort=-content", "/v1/claims?topic={topics}"),
    *("/v1/claims?kind=goal&horizon=2030,none", "/v1/claims?q=plan", '/v1/claims?q="a plan" -to'),
    *("/v1/claims?actor=nobody-at-all,{agents}", "/v1/claims?limit=1&cursor=00ffffffffffffff"),
    *("/v1/claims/{claims}", "/v1/claims/{claims}.jsonld", "/v1/claims/{claims}/history"),
    *("/v1/claims/clm_00000zzz", "/v1/claims/clm_00000zzz/history", "/v1/changes?limit=100"),
    *("/v1/claims.csv?topic={topics}", "/v1/claims.ndjson", "/v1/claims.ndjson?kind=goal"),
    *("/v1/claims.ndjson?q=plan", "/v1/quotes.csv?topic={topics}", "/v1/counts?by=kind"),
    *("/v1/counts?by=topic,horizon", "/v1/counts?by=document,actor&kind=goal"),
    *("/v1/counts.csv?by=announced_year,occurred_year", "/v1/counts?by=horizon&date_match=certain"),
    *("/v1/topics", "/v1/documents?limit=3", "/v1/documents/{documents}", "/v1/agents?limit=100"),
    *("/v1/occasions/{occasions}/history", "/v1/compare?from={from}&to={to}", "/v1/dataset"),
    *("/v1/compare.csv?from={from}&to={to}", "/v1/dataset.jsonld", "/openapi.json"),
    *("/", "/?topic={topics}", "/goals", "/claims/{claims}", "/compare", "/values/topic"),
)


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
    return Twins(far, open_store(place), asked)


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
    far = OpenSearchStore(door, twins.far.dataset)
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
