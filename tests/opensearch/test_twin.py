"""One data set in both stores: every answer is the same to the byte, headers included.

The tests that are ``slow`` ask the same of a data set of the size that an institute would have, and
each kind of question some hundred times.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.generate import generate
from schemas.filters import DIMENSIONS
from schemas.query import SORTS, ClaimQuery
from schemas.tables.claims import CLAIM_TABLES
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.cli import main
from service.compiler import build_dataset
from service.contract import own_values
from service.store.dataset_format import current, open_dataset
from service.store.opensearch.catalogue import AliasCatalogue
from service.store.opensearch.door import Address, Door
from service.store.opensearch.store import OpenSearchStore
from service.store.protocol import Store
from service.store.tantivy.store import TantivyStore, open_store
from tests.at_size.questions import PARAMETERS, Questions
from tests.opensearch.conftest import put_directory
from tests.torture.promises import promises
from tests.wire import app_of, ask

pytestmark = pytest.mark.opensearch
FEW, MANY = 5_000, int(os.environ.get("TWIN_CLAIMS") or 200_000)
"""Claims; of the smaller data set a part of the questions is asked."""
QUESTIONS = 200
"""Of a kind, in the large data set; of all kinds together in the small one."""
TOGETHER = 10
"""Counts of one request to the cluster."""
ROUNDING = 2**-22
"""Part of a score by which two may differ that are the same but for the engine's arithmetic."""
MOST_BYTES = 10_000_000
"""Of a table that is compared whole."""
LONG = 20_000
"""Claims of an export that is read whole only a few times."""
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


LARGE_TABLES = tuple(f"/v1/{table.name}." for table in CLAIM_TABLES)
WHOLE = ("/v1/claims.csv", "/v1/claims.ndjson", "/v1/claims.csv?topic={topics}")
"""Of the tables of claims those that are asked for where there are many."""


def paths(twins: Twins) -> list[str]:
    """Pages, counts and tables; of a large data set the tables of claims a few times."""
    few = (path for path in PATHS if path in WHOLE or not path.startswith(LARGE_TABLES))
    return [*few] if twins.large else [*PATHS]


ONLY_BUILT = ("claims.csv.gz", "quotes.csv.gz", "claims.ndjson.gz", "claims.parquet")
"""Files that no cluster has (docs/operating.md): a directory that lacks them is its twin."""


Ask = Callable[[Store], object]


class Twins(NamedTuple):
    far: OpenSearchStore
    near: TantivyStore
    questions: list[ClaimQuery]
    large: bool


@pytest.fixture(scope="module", params=[FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def twins(
    request: pytest.FixtureRequest, address: Address, tmp_path_factory: pytest.TempPathFactory
) -> Twins:
    home, claims = tmp_path_factory.mktemp("twins"), request.param
    generate(home / "fixtures", claims)
    if claims == FEW:
        place = build_dataset(home / "fixtures", home / "built", durable=False)
        far = put_directory(place, address, shards=3, replicas=1)
    else:
        place, far = published(home, address)
    number = QUESTIONS if claims == FEW else QUESTIONS * len(PARAMETERS)
    asked = Questions(open_dataset(place), random.Random(claims)).many(number)
    near = open_store(place)
    near.files = {name: file for name, file in near.files.items() if name not in ONLY_BUILT}
    return Twins(far, near, asked, claims != FEW)


def published(home: Path, address: Address) -> tuple[Path, OpenSearchStore]:
    """What the command makes of fixtures, and the store that services then answer from."""
    out, nodes = home / "datasets", ",".join(address.urls)
    command = ["publish", str(out), "--fixtures", str(home / "fixtures"), "--to", nodes]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CLAIMS_STORE_SECONDS", str(address.seconds))
        assert main([*command, "--shards", "3", "--loaders", "2"]) == 0
    place, catalogue = current(out), AliasCatalogue(Door(address))
    assert place is not None
    return place, catalogue.open(catalogue.candidates()[0], whole=True)


def test_every_page_is_the_same(twins: Twins) -> None:
    """The claims, their order, that by relevance too, the total and where the next page begins."""
    for query in twins.questions:
        page, found = twins.near.search(query), twins.far.search(query)
        if query.order == "relevance":
            assert (found.total, found.next_cursor) == (page.total, page.next_cursor), query
            assert _ranked_alike(twins.near, query, page.bodies, found.bodies), query
        else:
            assert found == page, query


def _ranked_alike(near: TantivyStore, query: ClaimQuery, *pages: list[bytes]) -> bool:
    """Whether two first pages by relevance are the same but for the order of claims whose scores
    differ in their last digit: the engines add numbers of 24 bits in different orders.
    """
    if pages[0] == pages[1]:
        return True
    # No answer tells a score.
    hits, _ = near._hits(query, 0, 4 * query.limit)  # noqa: SLF001
    scores = dict(zip(near._bodies(hits), (score for score, _ in hits), strict=True))  # noqa: SLF001
    return len(pages[0]) == len(set(pages[1])) == len(pages[1]) and all(
        math.isclose(scores[one], scores.get(other, 0), rel_tol=ROUNDING)
        for one, other in zip(*pages, strict=True)
    )


def test_every_export_is_the_same(twins: Twins) -> None:
    """How long each is, too, which is told before it begins."""
    long = itertools.count()
    for query in twins.questions[: 2 * QUESTIONS]:
        far, near = twins.far.export(query), twins.near.export(query)
        assert (far.total, far.ndjson_bytes) == (near.total, near.ndjson_bytes), query
        if near.total <= LONG or next(long) < 3:
            ordered = list if query.order != "relevance" else sorted  # see _ranked_alike
            assert ordered(far.bodies) == ordered(near.bodies), query


def _all_counts(twins: Twins) -> Iterator[tuple[ClaimQuery, tuple[str, ...]]]:
    """Each dimension and each two of them, of all claims and of some; of an id there are as many
    groups as claims, so that it is not paired.
    """
    dimensions = [name for name in DIMENSIONS if name != "id"]
    for query in (ClaimQuery(), twins.questions[3]):
        yield query, ("id",)
        for name in dimensions:
            yield query, (name,)
        for pair in itertools.permutations(dimensions, 2):
            yield query, pair
    if twins.large:
        pairs = [*itertools.permutations(dimensions, 2)]
        for query in twins.questions[4 : 4 + QUESTIONS]:
            yield query, random.Random(str(query)).choice(pairs)


@promises(
    "A cluster",
    "Every count by one dimension and by two, of all claims and of some, is that of a directory.",
    broken="Counts that stop at the ten largest groups, as the engine's do by default.",
)
def test_every_count_is_the_same(twins: Twins, tell: Callable[[str], None]) -> None:
    """Both stores count at the same time, so that it takes as long as the slower one."""
    asked = [*_all_counts(twins)][:: 1 if twins.large else 3]
    with ThreadPoolExecutor(len(("far", "near"))) as pool:
        for some in (asked[at : at + TOGETHER] for at in range(0, len(asked), TOGETHER)):
            far = pool.submit(twins.far.answers, [], some)
            near = pool.submit(twins.near.answers, [], some)
            for each, found, right in zip(some, far.result()[1], near.result()[1], strict=True):
                assert found == right, each
    if twins.large:
        tell(f"0 of {len(asked):,} counts of {_claims(twins)} claims differed")


def _claims(twins: Twins) -> str:
    return f"{twins.near.dataset.counts['claims']:,}"


def _of_claim(identifier: str) -> Iterator[Ask]:
    yield lambda store: store.get(identifier)
    yield lambda store: store.changes(0, 10, identifier)


def _of_log(since: int) -> Iterator[Ask]:
    yield lambda store: store.changes(since, 1 + since % 20)
    yield lambda store: store.log_digest(since)


def _of_record(vocabulary: str, identifier: str) -> Iterator[Ask]:
    yield lambda store: store.vocabularies[vocabulary].page(identifier, 7)
    yield lambda store: store.vocabularies[vocabulary].records((identifier, "nothing"))
    yield lambda store: store.vocabularies[vocabulary].tombstone(identifier)


def _of_ids(near: Store) -> Iterator[Ask]:
    """Questions by ids and by numbers: those there are, some that were retired, some that nothing
    has.
    """
    rng, total = random.Random(9), near.changes(0, 1).total
    claims = [str(group.keys[0]) for group in near.counts(ClaimQuery(), ("id",)).groups]
    for identifier in [*rng.sample(claims, QUESTIONS), "clm_00000zzz", "clm_0", ""]:
        yield from _of_claim(identifier)
    for since in (0, *rng.sample(range(total), QUESTIONS), total, total + 1):
        yield from _of_log(since)
    for name, vocabulary in near.vocabularies.items():
        ids = [record["id"] for record in vocabulary]
        for identifier in [*rng.sample(ids, min(len(ids), QUESTIONS)), "", "zzz_zzzzzzzz"]:
            yield from _of_record(name, identifier)


def test_every_answer_by_id_is_the_same(twins: Twins) -> None:
    """Claims, their changes, the log and its digests, and the records of the vocabularies."""
    for place, question in enumerate(_of_ids(twins.near)):
        if twins.large or place % 5 == 0:
            assert _told(question, twins.far) == _told(question, twins.near), place


def _told(question: Ask, store: Store) -> object:
    try:
        return question(store)
    except LookupError as error:
        return type(error), str(error)


@promises(
    "A cluster",
    "Every answer of a cluster is the one that a directory gives, byte for byte, headers too.",
    broken="Totals and ranks of the engine's defaults, which stop at 10,000 and differ by shard.",
)
def test_every_answer_over_http_is_the_same(twins: Twins, tell: Callable[[str], None]) -> None:
    apps = app_of(twins.far), app_of(twins.near)
    own = {name: values[0] for name, values in own_values(twins.near).items() if values}
    for path in paths(twins):
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
    if twins.large:
        tell(f"0 of {len(paths(twins))} answers over {_claims(twins)} claims differed")


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
    asked = twins.questions[: 5 * QUESTIONS : 25 if twins.large else 10]
    for query, table in itertools.product(asked, CLAIM_TABLES):
        far, near = (store.rows(query, table.name) for store in (twins.far, twins.near))
        assert far.size == near.size, (query, table.name)
        if (far.size or 0) > MOST_BYTES:
            continue
        pieces = b"".join(far.pieces), b"".join(near.pieces)
        if query.order == "relevance":
            assert sorted(pieces[0].split(b"\r\n")) == sorted(pieces[1].split(b"\r\n")), query
        else:
            assert pieces[0] == pieces[1], (query, table.name)


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
    far = OpenSearchStore(
        door, twins.far.index, twins.far.dataset, twins.far.described, twins.far.files
    )
    app = app_of(far)
    own = {name: values[0] for name, values in own_values(twins.near).items() if values}
    trips = {}
    for path in FEW_TRIPS if twins.large else PATHS:
        target = path.format(**own).replace(" ", "%20")
        for _ in range(2):  # the second time small vocabularies are held
            door.trips = 0
            ask(app, target)
        trips[path] = door.trips
    print("\n" + "\n".join(f"{number:4} {path}" for path, number in trips.items()))
    assert {path: trips[path] for path in FEW_TRIPS if trips[path] > MOST_TRIPS} == {}
