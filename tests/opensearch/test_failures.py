"""Nodes that die, freeze, are slow or restarted: no answer is ever wrong, and few are late."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from functools import partial

import pytest

from schemas.query import ClaimQuery
from service.store.opensearch.door import Address, Door
from service.store.opensearch.mapping import ALIAS
from service.store.protocol import DatasetUnavailable
from tests.opensearch.cluster import Cluster, ClusterNode
from tests.opensearch.crowd import crowd
from tests.opensearch.editions import DEADLINE, GRACE, Edition, build, readers, served
from tests.opensearch.slowing import slowed
from tests.torture.promises import promises
from tests.wire import app_of, ask

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
CLAIMS = 600
SHARES = (0.1, 0.01)
"""Of one core, that a slow node gets."""
FEW = 0.01
"""Of the answers that are given while something fails, at most so many are none."""


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build(tmp_path_factory.mktemp("edition"), CLAIMS)


@promises(
    "A cluster",
    "Whichever node is killed, the manager too, no answer is wrong; at most 1 % of them are a 503 "
    "in the 20 s after it, and none 5 s after it or later.",
    broken="One try for each request: a 503 each time the dead node was tried again.",
)
def test_a_killed_node_makes_no_answer_wrong(
    whole_cluster: Cluster, edition: Edition, tell: Callable[[str], None]
) -> None:
    """The manager, then each other one, in turn."""
    cases, seen = readers(served(whole_cluster, edition, replicas=1), edition), []
    manager = whole_cluster.manager()
    for node in (manager, *(each for each in whole_cluster.nodes if each is not manager)):
        with crowd(cases) as answers:
            time.sleep(2)
            node.stop()
            killed = time.monotonic()
            time.sleep(20)
        seen.append(f"{node.name}{' (the manager)' if node is manager else ''}: {answers}")
        print(f"\n{seen[-1]}")
        assert answers.wrong == 0
        assert answers.longest < DEADLINE + GRACE
        assert answers.number("right", since=killed + 5) > 0
        assert answers.number("unavailable", since=killed + 5) == 0
        assert answers.unavailable <= FEW
        whole_cluster.start_node(node)
        whole_cluster.wait(status="green")
    tell("; ".join(seen))


@promises(
    "A cluster",
    "While a node is frozen for 30 s no answer is wrong or later than the deadline; after 5 s 99 "
    "of 100 take no longer than before.",
    broken="A try that may take the whole deadline: a 503 each time the node was tried again.",
)
def test_a_frozen_node_makes_no_answer_wrong_or_late(
    whole_cluster: Cluster, edition: Edition, tell: Callable[[str], None]
) -> None:
    cases = readers(served(whole_cluster, edition, replicas=1), edition)
    node = whole_cluster.nodes[1]
    with crowd(cases) as answers:
        begun = time.monotonic()
        time.sleep(5)
        node.send(signal.SIGSTOP)
        frozen = time.monotonic()
        time.sleep(30)
        node.send(signal.SIGCONT)
        thawed = time.monotonic()
        time.sleep(3)
    before = answers.nearly_all(begun, frozen)
    after = answers.nearly_all(frozen + 5, thawed)
    tell(f"{answers}; 99 of 100 took {before:.2f} s before, and {after:.2f} s from 5 s on")
    assert answers.wrong == 0
    assert answers.longest < DEADLINE + GRACE
    assert answers.number("right", since=frozen + 5) > 0
    assert answers.number("unavailable", since=frozen + 5) == 0
    assert answers.unavailable <= FEW
    assert after <= max(2 * before, 0.5)


@promises(
    "A cluster",
    "With a node at a tenth of a core, and with one at a hundredth, no answer is wrong, 99 of 100 "
    "come before the deadline, and at most 1 % are a 503.",
    broken="A try that may take as long as it likes.",
)
def test_a_slow_node_makes_no_answer_wrong_or_late(
    whole_cluster: Cluster, edition: Edition, tell: Callable[[str], None]
) -> None:
    """At a tenth of a core it is hardly felt; at a hundredth it is slower than any deadline, and
    yet takes every connection and every request.
    """
    cases = readers(served(whole_cluster, edition, replicas=1), edition)
    manager = whole_cluster.manager()
    node = next(each for each in whole_cluster.nodes if each is not manager)
    seen = []
    for share in SHARES:
        with crowd(cases, readers=4) as answers, slowed(node, share) as how:
            begun = time.monotonic()
            time.sleep(30)
            ended = time.monotonic()
        late = answers.nearly_all(begun, ended)
        told = f"{answers}; 99 of 100 took {late:.2f} s at most"
        seen.append(f"at {share:.0%} of a core by {how}: {told}")
        print(f"\n{seen[-1]}")
        assert answers.wrong == 0
        assert late < DEADLINE
        assert answers.longest < DEADLINE + GRACE
        assert answers.unavailable <= FEW
        whole_cluster.wait(status="green")
    tell("; ".join(seen))


@promises(
    "A cluster",
    "While all nodes are restarted one after the other, no answer is wrong and none is a 503.",
    broken="One try for each request: ten of 4,013 answers were a 503.",
)
def test_a_rolling_restart_fails_no_request(
    whole_cluster: Cluster, edition: Edition, tell: Callable[[str], None]
) -> None:
    cases = readers(served(whole_cluster, edition, replicas=1), edition)
    with crowd(cases) as answers:
        for node in whole_cluster.nodes:
            time.sleep(2)
            node.stop(signal.SIGTERM)
            time.sleep(1)
            whole_cluster.start_node(node)
            whole_cluster.wait(status="green")
        time.sleep(2)
    tell(str(answers))
    assert answers.wrong == 0
    assert answers.number("unavailable") == 0
    assert answers.longest < DEADLINE + GRACE


def _holder(cluster: Cluster, index: str) -> ClusterNode:
    """A node with a shard of an index, and not the manager."""
    shards = cluster.ask("GET", f"/_cat/shards/{index}?format=json")
    manager = cluster.manager()
    names = {shard["node"] for shard in shards} - {manager.name}
    return next(node for node in cluster.nodes if node.name in names)


@promises(
    "A cluster",
    "Where a shard is lost, nothing that would need it is answered otherwise than by a 503: no "
    "total, count, export or page; `/readyz` is a 503, `/healthz` a 200.",
    broken="The engine's defaults, which answer from the shards that are left.",
)
def test_a_lost_shard_is_no_answer_at_all(
    whole_cluster: Cluster, edition: Edition, tell: Callable[[str], None]
) -> None:
    """By the engine's defaults it is a total that is too small, and nothing that failed."""
    far = served(whole_cluster, edition, replicas=0)
    app = app_of(far)
    export = iter(far.export(ClaimQuery()).bodies)
    _holder(whole_cluster, far.index).stop()
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
    tell(f"{len(questions)} questions to the store and 5 requests: none was answered")


@promises(
    "A cluster",
    "One node of three, alone, publishes nothing and answers whole or with a 503.",
    broken="The engine's defaults, which answer from the shards that are left.",
)
def test_a_minority_publishes_nothing_and_tells_nothing_wrong(
    whole_cluster: Cluster, edition: Edition, tell: Callable[[str], None]
) -> None:
    far = served(whole_cluster, edition, replicas=1)
    left, *others = whole_cluster.nodes
    for node in others:
        node.stop()
    address = Address((left.url,), seconds=6.0)
    name = {"index": far.index, "alias": f"{ALIAS}-other"}
    with pytest.raises(DatasetUnavailable):
        Door(address).ask("POST", "/_aliases", {"actions": [{"add": name}]})
    with crowd(readers(far, edition)) as answers:
        time.sleep(5)
    tell(str(answers))
    assert answers.wrong == 0
