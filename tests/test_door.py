"""What the door makes of answers that are not whole: none of them gets through.

The answers are those that a cluster gives by its defaults, as they were seen when a node was lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from service.store.opensearch.door import RETRY_AFTER, Address, Door, TooManyGroups
from service.store.protocol import DatasetUnavailable

pytestmark = pytest.mark.slow

WHOLE = {
    "timed_out": False,
    "_shards": {"total": 3, "successful": 3, "skipped": 0, "failed": 0},
    "hits": {"total": {"value": 7, "relation": "eq"}},
    "status": 200,
}
BROKEN = {
    "a shard is gone, and nothing is said to have failed": {
        "_shards": {"total": 3, "successful": 2, "skipped": 0, "failed": 0}
    },
    "a shard failed": {"_shards": {"total": 3, "successful": 3, "skipped": 0, "failed": 1}},
    "there is no shard at all": {
        "_shards": {"total": 0, "successful": 0, "skipped": 0, "failed": 0}
    },
    "it ran out of time": {"timed_out": True},
    "the total is a lower bound": {"hits": {"total": {"value": 10_000, "relation": "gte"}}},
    "it failed with 500": {
        "status": 500,
        "error": {"type": "search_phase_execution_exception", "reason": "all shards failed"},
    },
}


class Node:
    """A node that answers as it is told."""

    def __init__(self) -> None:
        self.answer: Any = {"responses": [WHOLE]}
        self.status, self.pause, self.asked = 200, 0.0, 0
        self.heard: list[bytes] = []
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                node.asked += 1
                node.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(node.pause)
                answer = node.answer.pop(0) if isinstance(node.answer, list) else node.answer
                body = orjson.dumps(answer)
                self.send_response(node.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    yield made
    made.close()


def door(*nodes: Node, seconds: float = 0.5) -> Door:
    return Door(Address(tuple(each.url for each in nodes), seconds=seconds))


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_not_whole_is_asked_again_and_then_no_answer(
    node: Node, broken: dict[str, Any]
) -> None:
    node.answer = {"responses": [WHOLE, {**WHOLE, **broken}]}
    with pytest.raises(DatasetUnavailable) as caught:
        door(node).searches("claims-x", [{}, {}])
    assert caught.value.retry_after == RETRY_AFTER
    assert node.asked >= 2
    node.answer = [{"responses": [{**WHOLE, **broken}]}, {"responses": [WHOLE]}]
    assert door(node).searches("claims-x", [{}]) == [WHOLE]


def test_every_search_forbids_partial_answers_and_wants_the_exact_total(node: Node) -> None:
    door(node).searches("claims-x", [{"size": 0}])
    head, body = map(orjson.loads, node.heard[0].splitlines())
    assert head == {"index": "claims-x", "allow_partial_search_results": False}
    assert body == {"size": 0, "track_total_hits": True}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_node_that_refuses_is_asked_again(node: Node, status: int) -> None:
    node.status = status
    with pytest.raises(DatasetUnavailable):
        door(node).searches("claims-x", [{}])
    assert node.asked >= 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_that_every_node_would_repeat_is_not_asked_again(node: Node, status: int) -> None:
    node.status = status
    with pytest.raises(DatasetUnavailable):
        door(node).searches("claims-x", [{}])
    assert node.asked == 1


def test_a_node_that_does_not_answer_costs_one_try_and_is_left_out(node: Node) -> None:
    other = Node()
    other.pause = 5.0
    asked = door(node, other, seconds=1.5)
    begun = time.monotonic()
    for _ in range(4):
        assert asked.searches("claims-x", [{}]) == [WHOLE]
    assert time.monotonic() - begun < 1.5
    assert other.asked <= 1


def test_no_answer_comes_later_than_the_deadline(node: Node) -> None:
    node.pause = 5.0
    begun = time.monotonic()
    with pytest.raises(DatasetUnavailable):
        door(node).searches("claims-x", [{}])
    assert time.monotonic() - begun < 1.0


def test_an_index_that_is_gone_is_not_asked_again(node: Node) -> None:
    node.answer = {"responses": [{"status": 404, "error": {"type": "index_not_found_exception"}}]}
    with pytest.raises(DatasetUnavailable):
        door(node).searches("claims-x", [{}])
    assert node.asked == 1


def test_too_many_groups_are_no_fault_of_the_cluster(node: Node) -> None:
    error = {"type": "search_phase_execution_exception", "caused_by": {"type": "x"}}
    error["caused_by"] = {"type": "too_many_buckets_exception", "max_buckets": 65_535}
    node.answer = {"responses": [{"status": 503, "error": error}]}
    with pytest.raises(TooManyGroups):
        door(node).searches("claims-x", [{}])
    assert node.asked == 1


@pytest.mark.parametrize("doc", [{"error": {"type": "x"}}, {"_id": "1"}])
def test_a_document_that_cannot_be_looked_up_is_not_one_that_is_not_there(
    node: Node, doc: dict[str, Any]
) -> None:
    node.answer = {"docs": [{"found": False}, doc]}
    with pytest.raises(DatasetUnavailable):
        door(node).documents([("claims-x", "1"), ("claims-x", "2")])
    node.answer = {"docs": [{"found": False}, {"found": True, "_source": {"body": "{}"}}]}
    documents = door(node).documents([("claims-x", "1"), ("claims-x", "2")])
    assert documents == [None, {"body": "{}"}]
