"""Nodes that die, freeze, or are cut off; publishers that are killed: no answer is ever wrong.

Each prints what it measured (``-s`` shows it).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.generate import generate
from schemas.query import ClaimQuery
from service.compiler import build_dataset
from service.store.dataset_format import open_dataset
from service.store.opensearch.catalogue import AliasCatalogue
from service.store.opensearch.door import Address, Door
from service.store.opensearch.mapping import ALIAS, claims_index
from service.store.opensearch.publishing import Publisher
from service.store.opensearch.store import OpenSearchStore, open_store
from service.store.protocol import DatasetUnavailable
from service.store.provider import ReloadingProvider
from service.store.tantivy.store import TantivyStore
from service.store.tantivy.store import open_store as open_directory
from tests.at_size.questions import Questions
from tests.opensearch.cluster import Cluster, ClusterNode
from tests.opensearch.conftest import SECONDS, put_directory, unproved
from tests.opensearch.crowd import Case, crowd
from tests.wire import app_of, ask

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
DEADLINE = 2.5
"""That of the service."""
GRACE = 1.0
"""On machines with other work: between a deadline and the answer that keeps it."""
CLAIMS = 600
ROOT = Path(__file__).resolve().parents[2]


class Edition(NamedTuple):
    place: Path
    near: TantivyStore


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Edition]:
    """Two data sets."""
    home = tmp_path_factory.mktemp("editions")
    made = []
    for number in (1, 2):
        generate(home / str(number), CLAIMS + number, seed=number)
        place = build_dataset(home / str(number), home / "built", durable=False)
        made.append(Edition(place, open_directory(place)))
    return made[0], made[1]


@pytest.fixture
def whole_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, whose nodes all run again afterwards."""
    yield cluster
    for node in cluster.nodes:
        node.send(signal.SIGCONT)
        if not node.pid:
            cluster.start_node(node)
    cluster.wait()


def readers(far: OpenSearchStore, edition: Edition) -> list[Case]:
    """Pages, counts and claims, with the right answers."""
    near = edition.near
    asked = Questions(open_dataset(edition.place), random.Random(1)).many(40)
    pages = [Case(partial(far.search, query), near.search(query)) for query in asked]
    by = ("topic", "horizon")
    counts = [Case(partial(far.counts, query, by), near.counts(query, by)) for query in asked[:12]]
    claims = [Case(partial(far.get, each), near.get(each)) for each in ids(near)]
    return [*pages, *counts, *claims]


def ids(near: TantivyStore) -> list[str]:
    return [str(group.keys[0]) for group in near.counts(ClaimQuery(), ("id",)).groups[:20]]


def served(
    cluster: Cluster, edition: Edition, replicas: int, slow: float = 20.0
) -> OpenSearchStore:
    """The store over an edition in the cluster, with the deadline of the service."""
    address = Address(tuple(cluster.urls), seconds=SECONDS)
    put_directory(edition.place, address, shards=3, replicas=replicas)
    cluster.wait(status="green" if replicas else "yellow")
    version = edition.near.dataset.version
    return open_store(Door(replace(address, seconds=DEADLINE)), version)


def test_a_killed_node_makes_no_answer_wrong(
    whole_cluster: Cluster, editions: tuple[Edition, Edition]
) -> None:
    """The manager, then each other one, in turn."""
    cases = readers(served(whole_cluster, editions[0], replicas=1), editions[0])
    for number in range(3):
        manager = whole_cluster.manager()
        node = manager if number == 0 else whole_cluster.nodes[number]
        with crowd(cases) as answers:
            time.sleep(2)
            node.stop()
            killed = time.monotonic()
            time.sleep(9)
        print(f"\n{node.name} killed{' (manager)' if node is manager else ''}: {answers}")
        assert answers.wrong == 0
        assert answers.longest < DEADLINE + GRACE
        assert answers.number("right", since=killed + 6) > 0
        assert answers.number("unavailable", since=killed + 6) == 0
        whole_cluster.start_node(node)
        whole_cluster.wait(status="green")


def test_a_frozen_node_makes_no_answer_wrong_or_late(
    whole_cluster: Cluster, editions: tuple[Edition, Edition]
) -> None:
    cases = readers(served(whole_cluster, editions[0], replicas=1), editions[0])
    node = whole_cluster.nodes[1]
    with crowd(cases) as answers:
        time.sleep(2)
        node.send(signal.SIGSTOP)
        frozen = time.monotonic()
        time.sleep(15)
        node.send(signal.SIGCONT)
        time.sleep(3)
    print(f"\n{node.name} frozen: {answers}")
    assert answers.wrong == 0
    assert answers.longest < DEADLINE + GRACE
    assert answers.number("right", since=frozen + 8) > 0


def _holder(cluster: Cluster, index: str) -> ClusterNode:
    """A node with a shard of an index, and not the manager."""
    shards = cluster.ask("GET", f"/_cat/shards/{index}?format=json")
    manager = cluster.manager()
    names = {shard["node"] for shard in shards} - {manager.name}
    return next(node for node in cluster.nodes if node.name in names)


def test_a_lost_shard_is_no_answer_at_all(
    whole_cluster: Cluster, editions: tuple[Edition, Edition]
) -> None:
    """By the engine's defaults it is a total that is too small, and nothing that failed."""
    far, near = served(whole_cluster, editions[1], replicas=0), editions[1].near
    app = app_of(far)
    export = iter(far.export(ClaimQuery()).bodies)
    _holder(whole_cluster, claims_index(near.dataset.version)).stop()
    whole_cluster.wait(nodes=2, status="red")
    everything = ClaimQuery()
    questions: list[Callable[[], object]] = [
        partial(far.search, everything),
        partial(far.counts, everything, ("kind",)),
        partial(far.counts, everything, ("id",)),
        partial(far.export, everything),
        partial(list, export),
        far.ping,
    ]
    for question in questions:
        with pytest.raises(DatasetUnavailable):
            question()
    for path in ("/v1/claims", "/v1/counts?by=kind", "/v1/claims.ndjson", "/readyz", "/"):
        reply = ask(app, path)
        assert (reply.status, reply.headers["Retry-After"]) == (503, "2"), path
    assert ask(app, "/healthz").status == 200


def test_a_minority_publishes_nothing_and_tells_nothing_wrong(
    whole_cluster: Cluster, editions: tuple[Edition, Edition]
) -> None:
    far = served(whole_cluster, editions[0], replicas=1)
    left, *others = whole_cluster.nodes
    for node in others:
        node.stop()
    address = Address((left.url,), seconds=6.0)
    name = {"index": claims_index(far.dataset.version), "alias": f"{ALIAS}-other"}
    with pytest.raises(DatasetUnavailable):
        Door(address).ask("POST", "/_aliases", {"actions": [{"add": name}]})
    with crowd(readers(far, editions[0])) as answers:
        time.sleep(5)
    print(f"\none of three left: {answers}")
    assert answers.wrong == 0


def test_an_answer_is_of_one_data_set_however_often_the_alias_moves(
    whole_cluster: Cluster, address: Address, editions: tuple[Edition, Edition]
) -> None:
    stores = [served(whole_cluster, each, replicas=1) for each in editions]
    totals = {store.dataset.version: store.search(ClaimQuery()).total for store in stores}
    assert len(set(totals.values())) == 2
    provider = ReloadingProvider(AliasCatalogue(Door(address)), 0.1)
    app = app_of(stores[0])
    app.extensions["claims.provider"] = provider

    def matches() -> bool:
        reply = ask(app, "/v1/claims?limit=1")
        return (
            reply.status == 503
            or reply.json["meta"]["total"]
            == totals[reply.json["meta"]["dataset"]["version"]]
            == totals[reply.headers["Dataset-Version"]]
        )

    names = [claims_index(store.dataset.version) for store in stores]
    with crowd([Case(matches, True)]) as answers:
        for turn in range(30):
            old, new = names[turn % 2], names[1 - turn % 2]
            actions = [{"remove": {"index": old, "alias": ALIAS, "must_exist": False}}]
            whole_cluster.ask(
                "POST",
                "/_aliases",
                json={"actions": [*actions, {"add": {"index": new, "alias": ALIAS}}]},
            )
            time.sleep(0.4)
    print(f"\nalias moved 30 times: {answers}")
    assert answers.wrong == 0


def test_a_walk_goes_on_in_the_next_data_set(
    whole_cluster: Cluster, editions: tuple[Edition, Edition]
) -> None:
    before, after = (served(whole_cluster, each, replicas=0) for each in editions)
    page = before.search(ClaimQuery(limit=100))
    seen = [*page.bodies]
    query = ClaimQuery(limit=100, cursor=page.next_cursor)
    rest = list(editions[1].near.export(ClaimQuery()).bodies)
    while True:
        page = after.search(query)
        assert page == editions[1].near.search(query)
        seen += page.bodies
        if page.next_cursor is None:
            break
        query = replace(query, cursor=page.next_cursor)
    assert len(seen) == len(set(seen))
    assert seen[100:] == rest[-len(seen) + 100 :]


_LOADING = """
import sys
from pathlib import Path
from service.store.opensearch import loading
from service.store.opensearch.door import Address
from service.store.opensearch.publishing import Publisher
from service.store.tantivy.store import open_store
loading.PART_BYTES, loading._CHUNK_BYTES = 20_000, 10_000
place = Path(sys.argv[1])
publisher = Publisher(place, Address((sys.argv[2],), seconds=20.0), open_store(place))
print("begun", flush=True)
publisher.publish(lambda store: None, lambda items, **_: items, shards=2, replicas=0, kept=40)
"""


def test_a_killed_publisher_is_simply_run_again(
    whole_cluster: Cluster, tmp_path: Path, editions: tuple[Edition, Edition]
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
