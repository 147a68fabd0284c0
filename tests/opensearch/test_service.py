"""A service whose cluster fails: what its clients, its log and its health say of it."""

from __future__ import annotations

import http.client
import itertools
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from policy_claims import Client
from policy_claims.errors import ConnectionFailed
from schemas.query import ClaimQuery
from service.app import create_app
from service.cli import main
from service.config import Config
from service.http.front import MAX_WAIT_SECONDS
from service.store.opensearch.door import Address
from service.store.opensearch.store import OpenSearchStore
from tests.at_size.server import Server, serving
from tests.opensearch.certificates import Authority
from tests.opensearch.cluster import Cluster, ClusterNode
from tests.opensearch.editions import DEADLINE, GRACE, Edition, build, served
from tests.opensearch.test_publishing import fixtures, served_index
from tests.opensearch.variants import BROKEN
from tests.opensearch.wires import Wire
from tests.torture.promises import promises
from tests.wire import ask

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
CLAIMS = 12_000
"""More than are taken from the cluster at a time, so that an export can be cut."""
CLIENTS = 16
SHIPPED = "service.server.gunicorn_conf"


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build(tmp_path_factory.mktemp("large"), CLAIMS)


@contextmanager
def service(cluster: Cluster, edition: Edition, folder: Path) -> Iterator[Server]:
    """gunicorn with one worker, as it is shipped but for what is broken on purpose, over the
    cluster.
    """
    settings: dict[str, Any] = {
        "CLAIMS_STORE": ",".join(cluster.urls),
        "CLAIMS_STORE_SECONDS": str(DEADLINE),
    }
    module = "tests.opensearch.broken_server" if BROKEN in os.environ else SHIPPED
    with serving(edition.place, folder / "log", 1, module=module, **settings) as server:
        yield server


def holder(cluster: Cluster, far: OpenSearchStore) -> ClusterNode:
    """A node with a shard of the claims, and not the manager."""
    shards = cluster.ask("GET", f"/_cat/shards/{far.index}?format=json")
    names = {shard["node"] for shard in shards} - {cluster.manager().name}
    return next(node for node in cluster.nodes if node.name in names)


@promises(
    "A cluster",
    "While a node without a copy is stuck, nobody waits for longer than the deadline and the time "
    "that load shedding allows; the others are told 503 at once, and health is answered.",
    broken="A service that waits for the cluster, and lets wait, without end.",
)
def test_a_stuck_node_makes_no_queue(
    whole_cluster: Cluster, edition: Edition, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    far = served(whole_cluster, edition, replicas=0)
    node = holder(whole_cluster, far)
    numbers, told, ended = itertools.count(), list[tuple[int, float]](), threading.Event()

    def ask_again_and_again() -> None:
        while not ended.is_set():
            path = f"/v1/claims?limit=5&announced_from={1000 + next(numbers) % 900}-01-01"
            begun = time.monotonic()
            told.append((passed_on(server, path), time.monotonic() - begun))

    with service(whole_cluster, edition, tmp_path) as server:
        assert server.get("/v1/claims").status == 200
        node.send(signal.SIGSTOP)
        clients = [threading.Thread(target=ask_again_and_again) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        health = []
        for _ in range(10):
            time.sleep(1)
            begun = time.monotonic()
            assert passed_on(server, "/healthz") == 200
            health.append(time.monotonic() - begun)
        node.send(signal.SIGCONT)
        ended.set()
        for client in clients:
            client.join(30)
        assert _within(5.0, lambda: server.get("/v1/claims?limit=7").status == 200)
    slowest = max(seconds for _, seconds in told)
    refused = sum(status == 503 for status, _ in told)
    tell(
        f"{CLIENTS} clients for 10 s: {refused} of {len(told)} answers were a 503, the slowest "
        f"after {slowest:.1f} s; health after {max(health):.1f} s at most"
    )
    assert {status for status, _ in told} <= {200, 503}
    assert refused > CLIENTS
    assert slowest < MAX_WAIT_SECONDS + DEADLINE + GRACE
    assert max(health) < DEADLINE + GRACE


def passed_on(server: Server, path: str) -> int:
    """The status of an answer to a request as nginx passes it on: with the time that it came."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path, headers={"X-Request-Start": f"t={time.time():.3f}"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@promises(
    "A cluster",
    "An export that a dead node cuts is seen by the client, which gets the same claims when it "
    "asks again; with copies nothing is cut.",
    broken="An export without its length, which ended where the engine ended.",
)
def test_a_cut_export_is_seen_by_the_client(
    whole_cluster: Cluster, edition: Edition, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    far = served(whole_cluster, edition, replicas=0)
    right = edition.near.export(ClaimQuery())
    node = holder(whole_cluster, far)
    with service(whole_cluster, edition, tmp_path) as server:
        client = Client(f"http://127.0.0.1:{server.port}", retries=0)
        with client.export() as claims:
            seen = [next(claims)["id"]]
            node.stop()
            with pytest.raises(ConnectionFailed, match="lost after"):
                seen.extend(claim["id"] for claim in claims)
        assert len(seen) < right.total
        whole_cluster.start_node(node)
        whole_cluster.wait()
        assert _within(10.0, lambda: server.get("/readyz").status == 200)
        again = _ids(client)
        assert again == _ids_of(edition)
        assert seen == again[: len(seen)]
    far = served(whole_cluster, edition, replicas=1)
    node = holder(whole_cluster, far)
    with service(whole_cluster, edition, tmp_path) as server:
        client = Client(f"http://127.0.0.1:{server.port}")
        with client.export() as claims:
            first = next(claims)["id"]
            node.stop()
            whole = [first, *(claim["id"] for claim in claims)]
    assert whole == again
    tell(
        f"without copies {len(seen):,} of {right.total:,} claims came, and the client raised "
        "ConnectionFailed; asked again, and with copies, all of them did"
    )


def _ids(client: Client) -> list[str]:
    with client.export() as claims:
        return [claim["id"] for claim in claims]


def _ids_of(edition: Edition) -> list[str]:
    return [orjson.loads(body)["id"] for body in edition.near.export(ClaimQuery()).bodies]


FULL = {"low": "1%", "high": "1%", "flood_stage": "1%"}
"""Parts of a disk from which on the engine takes it for full, as this one is then."""
ROOMY = {"low": "99%", "high": "99%", "flood_stage": "99%"}


@promises(
    "A cluster",
    "Full disks fail a publish with the reason, and nothing else: what was served is served, and "
    "with room again the publish succeeds.",
    broken="A store that keeps the reason to itself.",
)
def test_full_disks_fail_a_publish_and_nothing_else(
    whole_cluster: Cluster,
    edition: Edition,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tell: Callable[[str], None],
) -> None:
    monkeypatch.setenv("CLAIMS_STORE_SECONDS", "20")
    far, urls = served(whole_cluster, edition, replicas=1), ",".join(whole_cluster.urls)
    address = Address(tuple(whole_cluster.urls), seconds=20.0)
    source = fixtures(tmp_path / "source", 70)
    command = ["publish", str(tmp_path / "out"), "--fixtures", str(source), "--to", urls]
    app = create_app(Config(store=tuple(whole_cluster.urls), access_log=False))
    try:
        _watermarks(whole_cluster, FULL)
        assert _within(180, lambda: _blocked(whole_cluster, far.index))
        assert main(command) == 1
        said = capsys.readouterr().err.replace(str(tmp_path), "")  # which is called after the test
        assert "the cluster serves what it served before" in said
        assert "disks are full" in said
        for path in ("/readyz", "/v1/claims", "/v1/counts?by=topic"):
            assert ask(app, path).status == 200, path
        assert served_index(address) == far.index
    finally:
        _watermarks(whole_cluster, ROOMY)
        assert _within(180, lambda: not _blocked(whole_cluster, far.index))
        _watermarks(whole_cluster, {})
    assert main(command) == 0
    assert served_index(address) != far.index
    tell(
        "a publish on full disks ended with 1 and the reason; 3 of 3 requests were answered from "
        "the data set before; with room again it succeeded"
    )


def _watermarks(cluster: Cluster, marks: dict[str, str]) -> None:
    """Sets from which part on disks are full; without marks, that it does not matter."""
    allocation = "cluster.routing.allocation.disk"
    names = ("low", "high", "flood_stage")
    told: dict[str, Any] = {f"{allocation}.watermark.{name}": marks.get(name) for name in names}
    told[f"{allocation}.threshold_enabled"] = bool(marks)
    told[f"{allocation}.reroute_interval"] = "1s" if marks else None
    told["cluster.info.update.interval"] = "10s" if marks else None
    cluster.ask("PUT", "/_cluster/settings", json={"transient": told})


def _blocked(cluster: Cluster, index: str) -> bool:
    """Whether the engine has found the disks full, for an index and for new ones."""
    settings = cluster.ask("GET", "/_cluster/settings?flat_settings=true")
    if settings["persistent"].get("cluster.blocks.create_index") == "true":
        return True
    (told,) = cluster.ask("GET", f"/{index}/_settings?flat_settings=true").values()
    return bool(told["settings"].get("index.blocks.read_only_allow_delete") == "true")


@promises(
    "A cluster",
    "Where the nodes' certificate has expired, answers are a 503 with `Retry-After`, `/readyz` and "
    "the log say why, and all is well without a restart as soon as there is a new one.",
    broken="A client that does not look at certificates; a store that keeps the reason to itself.",
)
def test_an_expired_certificate_is_said(
    whole_cluster: Cluster,
    edition: Edition,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    tell: Callable[[str], None],
) -> None:
    served(whole_cluster, edition, replicas=1)
    authority = Authority(tmp_path)
    valid, expired = authority.context(days=5), authority.context(days=-1)
    wires = [Wire(node.http, context=expired) for node in whole_cluster.nodes]
    urls = tuple(f"https://127.0.0.1:{wire.port}" for wire in wires)
    app = create_app(Config(store=urls, store_ca=authority.ca, access_log=False))

    def renew(context: Any) -> None:
        for wire in wires:
            wire.context = context
            wire.drop()

    def is_refused() -> bool:
        caplog.clear()
        ready, page = ask(app, "/readyz"), ask(app, "/v1/claims?limit=3")
        return (
            (ready.status, page.status) == (503, 503)
            and {"Retry-After"} <= {*page.headers.keys()} & {*ready.headers.keys()}
            and "certificate" in ready.json["detail"]
            and "certificate has expired" in caplog.text
        )

    with caplog.at_level(logging.WARNING, logger="claims"):
        assert is_refused(), "from the start on"
        renew(valid)
        assert _within(20, lambda: ask(app, "/readyz").status == 200)
        assert ask(app, "/v1/claims?limit=4").status == 200
        renew(expired)
        assert is_refused(), "while it runs"
        renew(valid)
        assert _within(10, lambda: ask(app, "/v1/claims?limit=5").status == 200)
    for wire in wires:
        wire.close()
    tell("expired from the start on, renewed, expired while it ran, and renewed: said each time")
