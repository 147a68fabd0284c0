"""The store and the service with one guard taken out, or with a default of the engine left in.

What a test of this folder promises it must be seen to miss on one of them, or it could not fail:

    python -m tests.opensearch.variants             each test on its variants; 1 if one passes
    python -m tests.opensearch.variants one-try     those of some variants
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import opensearchpy
import pytest
from opensearchpy.exceptions import TransportError

from schemas.query import ClaimQuery
from schemas.records.dataset import Export, Page
from service.http import front
from service.store.opensearch import (
    catalogue,
    counts,
    door,
    loading,
    pages,
    publishing,
    store,
)
from service.store.opensearch.door import Address, Door, JsonObject
from service.store.opensearch.mapping import ALIAS
from service.store.protocol import DatasetUnavailable

FOLDER = Path(__file__).resolve().parent
BROKEN = "BROKEN"
"""The environment variable with the name of the variant that is run."""
LONG = 60.0
"""Seconds: longer than any test waits."""


def _try_once(patch: pytest.MonkeyPatch) -> None:
    def ask(
        self: Door,
        method: str,
        path: str,
        body: Any = None,
        check: Callable[[Any], None] = lambda _: None,
        *,
        seconds: float = 0,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        how: Any = {"timeout": seconds or self.address.seconds}
        how["headers"] = {"content-type": content_type}
        try:
            transport = self.client.transport
            answer = transport.perform_request(method, path, dict(params or {}), body, **how)
            check(answer)
        except (TransportError, door.NotWhole, door.Refused, OSError) as error:
            raise DatasetUnavailable(str(error), retry_after=door.RETRY_AFTER) from error
        return answer

    patch.setattr(Door, "ask", ask)


def _try_for_the_whole_deadline(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(door, "TRIES", 1)


def _wait_without_end(patch: pytest.MonkeyPatch) -> None:
    patient = Door.__init__

    def without_end(self: Door, address: Address) -> None:
        patient(self, replace(address, seconds=LONG))

    patch.setattr(door, "TRIES", 1)
    patch.setattr(Door, "__init__", without_end)
    patch.setattr(front, "MAX_WAIT_SECONDS", LONG - 1)


def _take_a_part(patch: pytest.MonkeyPatch) -> None:
    strict = b'"allow_partial_search_results":false'
    made = door._lines  # noqa: SLF001
    lax = strict.replace(b"false", b"true")
    patch.setattr(door, "_each_whole", lambda _: None)
    patch.setattr(door, "_lines", lambda *given: made(*given).replace(strict, lax))


def _count_the_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(counts, "MAX_VALUES", 10)
    patch.setattr(counts, "_is_whole", lambda *_: True)


def _total_of_the_first(patch: pytest.MonkeyPatch) -> None:
    made = door._lines  # noqa: SLF001
    exact = b'"track_total_hits":true'

    def look(answer: JsonObject) -> None:
        for each in answer["responses"]:
            each.get("hits", {}).get("total", {})["relation"] = "eq"
        whole(answer)

    whole = door._each_whole  # noqa: SLF001
    lax = exact.replace(b"true", b"10000")
    patch.setattr(door, "_each_whole", look)
    patch.setattr(door, "_lines", lambda *given: made(*given).replace(exact, lax))


def _rank_in_each_shard(patch: pytest.MonkeyPatch) -> None:
    made = door._lines  # noqa: SLF001
    patch.setattr(
        door, "_lines", lambda *given: made(*given).replace(b"dfs_query_then", b"query_then")
    )


def _ask_the_alias(patch: pytest.MonkeyPatch) -> None:

    def through_the_alias(*arguments: Any, **options: Any) -> Any:
        far = store.open_store(*arguments, **options)
        far.index = ALIAS
        return far

    patch.setattr(catalogue, "open_store", through_the_alias)


def _page_by_place(patch: pytest.MonkeyPatch) -> None:
    """A cursor that is a place in the result, as page numbers are; but not of the page by which a
    publisher proves that it is none.
    """
    asked, shown = pages.page_body, pages.page_from

    def body(query: ClaimQuery) -> JsonObject:
        begun = int(query.cursor or "0", 16)
        return {**asked(replace(query, cursor=None)), "from": begun}

    def page(query: ClaimQuery, answer: JsonObject) -> Page:
        found = shown(query, answer)
        end = int(query.cursor or "0", 16) + len(found.bodies)
        if query.limit == 1 or found.next_cursor is None:
            return found
        return replace(found, next_cursor=f"{end:016x}")

    patch.setattr(store, "page_body", body)
    patch.setattr(store, "page_from", page)


def _serve_first(patch: pytest.MonkeyPatch) -> None:
    created = publishing.Publisher._create  # noqa: SLF001

    def create(self: publishing.Publisher, shards: int) -> None:
        created(self, shards)
        self._serve()

    patch.setattr(publishing.Publisher, "_create", create)


def _refuse_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loading, "_RETRIES", 0)


def _tell_no_length(patch: pytest.MonkeyPatch) -> None:
    """An export that ends where the engine ends, sent without saying how long it will be."""
    sound = store.OpenSearchStore.export

    def export(self: store.OpenSearchStore, query: ClaimQuery) -> Export:
        made: Any = sound(self, query)
        made = replace(made, ndjson_bytes=None, bodies=until_it_fails(made.bodies))
        return cast("Export", made)

    def until_it_fails(bodies: Iterable[bytes]) -> Iterator[bytes]:
        try:
            yield from bodies
        except DatasetUnavailable:
            return

    patch.setattr(store.OpenSearchStore, "export", export)


def _trust_anybody(patch: pytest.MonkeyPatch) -> None:
    def client(hosts: list[str], **options: Any) -> opensearchpy.OpenSearch:
        lax = {"ca_certs": None, "verify_certs": False, "ssl_show_warn": False}
        return opensearchpy.OpenSearch(hosts, **{**options, **lax})

    patch.setattr(door, "OpenSearch", client)


def _tell_no_reason(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(door, "_reason_of", lambda _: door._REASON)  # noqa: SLF001
    patch.setattr(door._log, "warning", lambda *_: None)  # noqa: SLF001


class Variant(NamedTuple):
    """A way to be broken, and the tests that must miss what they promise then."""

    breaks: Callable[[pytest.MonkeyPatch], None]
    tests: tuple[str, ...]


VARIANTS: Mapping[str, Variant] = {
    "first-groups": Variant(
        _count_the_first,
        (
            "test_no_question_is_answered_otherwise",
            "test_every_count_is_the_same[5000]",
        ),
    ),
    "each-shard": Variant(_rank_in_each_shard, ("test_every_page_is_the_same[5000]",)),
    "first-10000": Variant(
        _total_of_the_first, ("test_every_answer_over_http_is_the_same[20000]",)
    ),
    "one-try": Variant(
        _try_once,
        (
            "test_a_killed_node_makes_no_answer_wrong",
            "test_a_rolling_restart_fails_no_request",
        ),
    ),
    "long-tries": Variant(
        _try_for_the_whole_deadline, ("test_a_frozen_node_makes_no_answer_wrong_or_late",)
    ),
    "no-deadline": Variant(
        _wait_without_end,
        (
            "test_a_slow_node_makes_no_answer_wrong_or_late",
            "test_neither_side_of_a_cut_gives_a_part_of_an_answer",
            "test_a_stuck_node_makes_no_queue",
        ),
    ),
    "a-part": Variant(
        _take_a_part,
        (
            "test_a_lost_shard_is_no_answer_at_all",
            "test_a_minority_publishes_nothing_and_tells_nothing_wrong",
            "test_neither_side_of_a_cut_gives_a_part_of_an_answer",
        ),
    ),
    "alias": Variant(_ask_the_alias, ("test_an_answer_is_of_one_data_set",)),
    "places": Variant(_page_by_place, ("test_a_walk_goes_on_in_the_next_data_set",)),
    "served-first": Variant(_serve_first, ("test_a_killed_publisher_is_simply_run_again",)),
    "no-patience": Variant(_refuse_at_once, ("test_a_cluster_without_room_is_waited_for",)),
    "no-length": Variant(_tell_no_length, ("test_a_cut_export_is_seen_by_the_client",)),
    "no-reason": Variant(
        _tell_no_reason,
        (
            "test_full_disks_fail_a_publish_and_nothing_else",
            "test_an_expired_certificate_is_said",
        ),
    ),
    "trusting": Variant(_trust_anybody, ("test_an_expired_certificate_is_said",)),
}


def break_it(patch: pytest.MonkeyPatch | None = None) -> None:
    """Breaks what this process runs, where the environment names a variant."""
    if name := os.environ.get(BROKEN):
        VARIANTS[name].breaks(patch or pytest.MonkeyPatch())


def _missed(name: str) -> list[str]:
    """Runs the tests of a variant, and gives those of them that did not fail."""
    tests = VARIANTS[name].tests
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "opensearch", "--tb=line"]
    command += ["-rfpE", str(FOLDER), "-k", " or ".join(tests)]
    environment = {**os.environ, BROKEN: name, "TWIN_CLAIMS": "20000", "COLUMNS": "400"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=FOLDER.parents[1]
    )
    lines = done.stdout.splitlines()
    failed = [line for line in lines if line.startswith("FAILED")]
    print("\n".join(f"  {line[:300]}" for line in (*failed, lines[-1])), flush=True)
    return [test for test in tests if not any(test in line for line in failed)]


def main(names: Iterable[str]) -> int:
    passed = 0
    for name in names:
        print(f"{name}:", flush=True)
        for test in _missed(name):
            passed += 1
            print(f"  NOT SEEN TO FAIL: {test}", flush=True)
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or VARIANTS))
