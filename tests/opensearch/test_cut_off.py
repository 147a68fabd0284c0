"""A network that is cut between the nodes, all of which clients go on to reach."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.store.opensearch.door import Address, Door
from service.store.opensearch.mapping import ALIAS
from service.store.opensearch.store import open_store
from service.store.protocol import DatasetUnavailable
from tests.opensearch.cluster import Cluster, ClusterNode, free_ports, missing
from tests.opensearch.crowd import crowd
from tests.opensearch.editions import DEADLINE, GRACE, build, readers, served
from tests.opensearch.wires import Wire
from tests.torture.promises import promises

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
CUT_SECONDS = 20.0
SETTLED = 8.0
"""Seconds after which the nodes that are still together have another manager."""
FEW = 0.01
"""Of the answers of the nodes that are still together, at most so many are none."""


class Network:
    """Wires, one before each node, through which the nodes ask each other."""

    def __init__(self) -> None:
        self.ports = [*free_ports(3)]
        self.wires = [Wire(port, self._is_cut(port)) for port in self.ports]
        self.alone: ClusterNode | None = None

    def drop(self) -> None:
        """Ends the connections between the nodes, as whatever lies between them does in the end."""
        for wire in self.wires:
            wire.drop()

    def _is_cut(self, port: int) -> Callable[[int], bool]:
        """Whether what a process sends to the node with a port crosses the cut."""

        def is_cut(origin: int) -> bool:
            alone = self.alone
            return alone is not None and (alone.transport == port) != (alone.pid == origin)

        return is_cut


@pytest.fixture
def network() -> Iterator[Network]:
    made = Network()
    yield made
    made.alone = None
    for wire in made.wires:
        wire.close()


@pytest.fixture
def wired(network: Network, tmp_path: Path) -> Iterator[Cluster]:
    if reason := missing():
        pytest.skip(f"NOT CHECKED on OpenSearch: {reason}")
    ports = [*free_ports(3), *network.ports]
    published = [wire.port for wire in network.wires]
    cluster = Cluster.start(tmp_path / "nodes", ports, published=published)
    try:
        yield cluster
    finally:
        cluster.stop()


@promises(
    "A cluster",
    "While the network between the nodes is cut, the side of one cannot publish, the other can; "
    "each answers whole or with a 503, the larger one with at most 1 % of those.",
    broken="The engine's defaults, which answer from the shards that are left; a try that may "
    "take as long as it likes.",
)
def test_neither_side_of_a_cut_gives_a_part_of_an_answer(
    network: Network, wired: Cluster, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    edition = build(tmp_path, 600)
    far = served(wired, edition, replicas=1)
    manager = wired.manager()
    others = [node for node in wired.nodes if node is not manager]
    sides = [Address((manager.url,)), Address(tuple(node.url for node in others))]
    minority, majority = (open_store(Door(address), far.index) for address in sides)
    name = {"index": far.index, "alias": f"{ALIAS}-other"}
    moved = {"actions": [{"add": name}]}
    with (
        crowd(readers(minority, edition), readers=1) as on_one,
        crowd(readers(majority, edition)) as on_two,
        crowd(readers(far, edition), readers=1) as on_all,
    ):
        time.sleep(2)
        network.alone = manager
        cut = time.monotonic()
        time.sleep(SETTLED)
        network.drop()
        with pytest.raises(DatasetUnavailable):
            Door(sides[0]).ask("POST", "/_aliases", moved)
        Door(sides[1]).ask("POST", "/_aliases", moved, seconds=60.0)
        time.sleep(CUT_SECONDS - SETTLED)
        network.alone = None
        wired.wait(status="green")
        time.sleep(3)
    tell(f"the manager alone: {on_one}; the others: {on_two}; asked all: {on_all}")
    for answers in (on_one, on_two, on_all):
        assert answers.wrong == 0
        assert answers.longest < DEADLINE + GRACE
        assert answers.told[-1].verdict == "right"
    assert on_two.number("right", since=cut + SETTLED) > 0
    assert on_two.unavailable <= FEW
    here = {"format": "json", "local": "true"}
    found = Door(sides[0]).ask("GET", f"/_cat/aliases/{ALIAS}-other", params=here)
    assert [each["index"] for each in found] == [far.index]
