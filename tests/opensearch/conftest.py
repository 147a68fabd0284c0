"""The cluster of the tests: three nodes for the session, and data sets that are put into it."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.compiler import Fixtures, build_dataset
from service.store.opensearch.door import Address
from service.store.opensearch.publishing import Publisher
from service.store.opensearch.store import OpenSearchStore
from service.store.protocol import Store
from service.store.tantivy.store import open_store
from tests.opensearch.cluster import ARTEFACTS, Cluster, missing
from tests.opensearch.variants import BROKEN, break_it
from tests.torture.promises import tell_of

SECONDS = 20.0
"""Deadline of a request where it is about the answer: these machines have other things to do."""
KEPT = 40
"""Data sets that stay in the cluster: those of a class of tests, at the least."""


@pytest.fixture(scope="session", autouse=True)
def variant() -> Iterator[None]:
    """The store is broken for the whole session, where the environment says how."""
    with pytest.MonkeyPatch.context() as patch:
        break_it(patch)
        yield


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Three nodes. Where they cannot be started the tests are skipped, and say so aloud."""
    reason = missing()
    if reason is not None:
        if os.environ.get("OPENSEARCH") == "required":
            pytest.fail(f"NOT CHECKED: {reason}")
        pytest.skip(f"NOT CHECKED on OpenSearch: {reason}")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nodes-", dir=ARTEFACTS) as home:
        started = Cluster.start(Path(home))
        try:
            yield started
        finally:
            started.stop()


@pytest.fixture
def whole_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, whose nodes all run again afterwards."""
    yield cluster
    for node in cluster.nodes:
        node.send(signal.SIGCONT)
        if not node.pid:
            cluster.start_node(node)
    cluster.wait()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tells what a test saw, in a sentence with numbers: the figure of the promise it may make,
    unless what it saw was broken on purpose.
    """

    def telling(figure: str) -> None:
        print(f"\n{figure}")
        makes_one = request.node.get_closest_marker("torture") is not None
        if makes_one and BROKEN not in os.environ:
            tell_of(request.node, figure, full=True, seed=0)

    return telling


@pytest.fixture(scope="session")
def address(cluster: Cluster) -> Address:
    return Address(tuple(cluster.urls), seconds=SECONDS)


def unproved(store: Store) -> None:
    """Where another test proves it."""


def put(
    records: Fixtures, address: Address, shards: int, replicas: int = 0, loaders: int = 1
) -> OpenSearchStore:
    """A store in the cluster over curated records."""
    with tempfile.TemporaryDirectory() as out:
        place = build_dataset(records, Path(out), durable=False)
        return put_directory(place, address, shards, replicas, loaders)


def put_directory(
    place: Path, address: Address, shards: int, replicas: int = 0, loaders: int = 1
) -> OpenSearchStore:
    publisher = Publisher(place, address, open_store(place))
    how = {"shards": shards, "replicas": replicas, "loaders": loaders, "kept": KEPT}
    return publisher.publish(unproved, lambda items, **_: items, **how)


Put = Callable[[Fixtures], Store]
