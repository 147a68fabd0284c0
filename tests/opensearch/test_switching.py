"""Data sets that take each other's place, and publishers that are killed: each answer is of one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import requests

from benchmarks.generate import generate
from schemas.query import ClaimQuery
from service.compiler import build_dataset
from service.store.opensearch.catalogue import AliasCatalogue
from service.store.opensearch.door import Address, Door
from service.store.opensearch.mapping import ALIAS
from service.store.opensearch.publishing import Publisher
from service.store.opensearch.store import OpenSearchStore
from service.store.provider import ReloadingProvider
from service.store.tantivy.store import open_store as open_directory
from tests.opensearch.cluster import Cluster
from tests.opensearch.conftest import unproved
from tests.opensearch.crowd import Case, crowd
from tests.opensearch.editions import Edition, build, served, thinned
from tests.torture.promises import promises
from tests.wire import app_of, ask

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
CLAIMS = 600
STORM = 150
"""Moves of the alias, one each 0.4 s."""
PAGE, SWITCHES = 50, 8
"""Claims of a page of a walk, and walks, each of which goes on elsewhere one page later."""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Edition]:
    """Two data sets."""
    home = tmp_path_factory.mktemp("editions")
    return build(home, CLAIMS + 1, seed=1), build(home, CLAIMS + 2, seed=2)


@promises(
    "A cluster",
    "Each answer is of the one data set that it names, while the alias moves every 0.4 s for a "
    "minute.",
    broken="A store that asks the alias: answers of two data sets.",
)
def test_an_answer_is_of_one_data_set_however_often_the_alias_moves(
    whole_cluster: Cluster,
    address: Address,
    editions: tuple[Edition, Edition],
    tell: Callable[[str], None],
) -> None:
    stores = [served(whole_cluster, each, replicas=1) for each in editions]
    totals = {store.dataset.version: store.search(ClaimQuery()).total for store in stores}
    assert len(set(totals.values())) == 2
    provider = ReloadingProvider(AliasCatalogue(Door(address)), 0.1)
    app = app_of(stores[0])
    app.extensions["claims.provider"] = provider

    def matches() -> bool:
        """The head, the body and the total of an answer are of one version."""
        reply = ask(app, "/v1/claims?limit=1")
        return (
            reply.status == 503
            or reply.json["meta"]["total"]
            == totals[reply.json["meta"]["dataset"]["version"]]
            == totals[reply.headers["Dataset-Version"]]
        )

    names = [store.index for store in stores]
    with crowd([Case(matches, True)]) as answers:
        for turn in range(STORM):
            old, new = names[turn % 2], names[1 - turn % 2]
            actions = [{"remove": {"index": old, "alias": ALIAS, "must_exist": False}}]
            whole_cluster.ask(
                "POST",
                "/_aliases",
                json={"actions": [*actions, {"add": {"index": new, "alias": ALIAS}}]},
            )
            time.sleep(0.4)
    tell(f"the alias moved {STORM} times: {answers}")
    assert answers.wrong == 0


@promises(
    "A cluster",
    "Who walks from page to page while another data set takes the place of the first meets no "
    "claim twice, and misses none that both have.",
    broken="A cursor that is a place in the result, as a page number is.",
)
def test_a_walk_goes_on_in_the_next_data_set(
    whole_cluster: Cluster, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """Before and after every switch some claims are there that the other data set has not."""
    editions = thinned(tmp_path, CLAIMS, every=(3, 5))
    before, after = (served(whole_cluster, each, replicas=0) for each in editions)
    first, second = ({*_ids(store, 1_000)} for store in (before, after))
    assert first - second
    assert second - first
    for turn in range(1, SWITCHES + 1):
        seen = _ids(before, PAGE, pages=turn, then=after)
        assert len(seen) == len({*seen})
        assert (first & second) <= {*seen} <= (first | second)
    both = len(first & second)
    tell(f"{SWITCHES} walks over {both} claims that stayed: 0 met twice, 0 missed")


def _ids(
    store: OpenSearchStore, limit: int, pages: int = -1, then: OpenSearchStore | None = None
) -> list[str]:
    """The ids of all claims, page by page; after some ``pages`` those of another store."""
    query, seen = ClaimQuery(limit=limit), list[str]()
    while True:
        page = store.search(query)
        seen += [orjson.loads(body)["id"] for body in page.bodies]
        if page.next_cursor is None:
            return seen
        query = replace(query, cursor=page.next_cursor)
        pages -= 1
        if not pages and then is not None:
            store = then


_LOADING = """
import sys
from pathlib import Path
from service.store.opensearch import loading
from service.store.opensearch.door import Address
from service.store.opensearch.publishing import Publisher
from service.store.tantivy.store import open_store
from tests.opensearch.variants import break_it
loading.PART_BYTES, loading._CHUNK_BYTES = 20_000, 10_000
break_it()
place = Path(sys.argv[1])
publisher = Publisher(place, Address((sys.argv[2],), seconds=20.0), open_store(place))
print("begun", flush=True)
publisher.publish(lambda store: None, lambda items, **_: items, shards=2, replicas=0, kept=40)
"""


@promises(
    "A cluster",
    "A publisher that is killed at any place leaves what was served, and is simply run again: the "
    "data set is whole then, and was served at no time before it was proved.",
    broken="A publisher that moves the alias before it loads.",
)
def test_a_killed_publisher_is_simply_run_again(
    whole_cluster: Cluster,
    tmp_path: Path,
    editions: tuple[Edition, Edition],
    tell: Callable[[str], None],
) -> None:
    """Killed at several places, it serves nothing that was not proved; what it left is used."""
    generate(tmp_path / "fixtures", 1_500, seed=7)
    place = build_dataset(tmp_path / "fixtures", tmp_path / "built", durable=False)
    before = served(whole_cluster, editions[0], replicas=0).dataset.version
    address = Address(tuple(whole_cluster.urls), seconds=20.0)
    catalogue = AliasCatalogue(Door(address))
    killed = 0
    for seconds in (0.3, 0.8, 1.2, 1.6, 2.0):
        command = [sys.executable, "-c", _LOADING, str(place), whole_cluster.urls[0]]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(seconds)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
        version = catalogue.candidates()[0].version
        if process.returncode:
            assert version == before
    assert killed >= 2
    near = open_directory(place)
    publisher = Publisher(place, address, near)
    far = publisher.publish(unproved, lambda items, **_: items, shards=2, replicas=0, kept=40)
    assert catalogue.candidates()[0].version == near.dataset.version
    assert list(far.export(ClaimQuery()).bodies) == list(near.export(ClaimQuery()).bodies)
    query = ClaimQuery(q="plan")
    assert far.search(query) == near.search(query)
    tell(f"{killed} of 5 publishes were killed under way; the next one was whole")


BREAKERS = "network.breaker.inflight_requests.limit"
LITTLE = "3kb"
"""Room for requests under way: enough for those that ask, too little for those that load."""


@promises(
    "A cluster",
    "What a cluster refuses for want of room (429) is sent again until there is room, and the data "
    "set is whole then.",
    broken="A loader that tries once.",
)
def test_a_cluster_without_room_is_waited_for(
    whole_cluster: Cluster, editions: tuple[Edition, Edition], tell: Callable[[str], None]
) -> None:
    address, near = Address(tuple(whole_cluster.urls), seconds=20.0), editions[0].near
    publisher = Publisher(editions[0].place, address, near)
    for index in publisher.indices:
        requests.delete(f"{whole_cluster.urls[0]}/{index}", timeout=30)  # of the test before
    begun = time.monotonic()

    def load(parts: Iterable[object], **_: object) -> Iterator[object]:
        _limit(whole_cluster, LITTLE)
        release = threading.Timer(ROOMLESS, _limit, (whole_cluster, None))
        release.start()
        try:
            yield from parts
        finally:
            release.join()

    try:
        far = publisher.publish(unproved, load, shards=3, replicas=0, kept=40)
    finally:
        _limit(whole_cluster, None)
    waited = time.monotonic() - begun
    assert waited > ROOMLESS
    assert list(far.export(ClaimQuery()).bodies) == list(near.export(ClaimQuery()).bodies)
    tell(f"no room for {ROOMLESS} s: loaded after {waited:.0f} s, all claims equal")


ROOMLESS = 5.0
"""Seconds."""


def _limit(cluster: Cluster, room: str | None) -> None:
    cluster.ask("PUT", "/_cluster/settings", json={"transient": {BREAKERS: room}})
