"""The response cache: nobody can tell its answers from those of the service behind it."""

from __future__ import annotations

import dataclasses
import gc
import itertools
import threading
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from service.app import create_app
from service.config import Config
from service.http.cache import ENTRY_BYTES, HEADER_BYTES, MAX_BODY_BYTES, MAX_ENTRIES
from service.http.front import Front
from tests.contract_tools import all_paths
from tests.tables import each_row
from tests.wire import ask, shipped_store

pytestmark = pytest.mark.slow

VARYING = {"date", "x-request-id", "server-timing"}
ENCODINGS = ("", "gzip", "gzip;q=0", "br", "*")
REQUIRED = {
    "/v1/counts": "/v1/counts?by=topic",
    "/v1/counts.csv": "/v1/counts.csv?by=topic",
    "/v1/compare": "/v1/compare?from=wpk-plenary-2022-12&to=wpk-plenary-2023-12",
}
URLS = (
    "/v1/claims",
    "/v1/claims?limit=2&q=drones",
    "/v1/claims?topic=nuclear,defence&goals_only=true",
    "/v1/claims?topic=defence,nuclear&goals_only=true&distinct=false",
    "/v1/claims?limit=0",
    "/v1/claims.csv?topic=space",
    "/v1/claims.ndjson?kind=goal",
    "/v1/quotes.csv?excel=true",
    "/v1/counts?by=topic,horizon",
    "/v1/counts.csv?by=kind",
    "/v1/changes?limit=1",
    "/v1/claims/clm_b0qp991b/history",
    "/v1/claims/clm_b0qp991b.jsonld",
    "/nowhere",
)


@pytest.fixture(scope="module")
def plain() -> Client:
    return Client(create_app(Config(access_log=False, cache_bytes=0), shipped_store()))


@pytest.fixture(scope="module")
def cached() -> Client:
    return Client(create_app(Config(access_log=False), shipped_store()))


def comparable(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """All of an answer that must not depend on when it was given. To HEAD, only a cache need know
    the length.
    """
    head = response.request.method == "HEAD"
    varying = {*VARYING, "content-length"} if head else VARYING
    headers = [(name, value) for name, value in response.headers if name.lower() not in varying]
    return response.status_code, sorted(headers), response.get_data()


def from_cache(response: TestResponse) -> bool:
    return response.headers["Server-Timing"].startswith("cache;")


def documented() -> list[str]:
    """But for what tells of the moment."""
    passing = ("/readyz", "/metrics")
    return [o.path for o in all_paths() if "{" not in o.path and o.path not in passing]


@each_row(
    ("url", "encoding"),
    [
        *itertools.product(URLS, ENCODINGS),
        *itertools.product(sorted({*documented()} - {*URLS}), ("gzip", "br")),
    ],
)
def test_a_repeated_answer_is_the_answer(
    plain: Client, cached: Client, url: str, encoding: str
) -> None:
    url = REQUIRED.get(url, url)
    asking = {"Accept-Encoding": encoding, "X-Request-ID": "same"}
    first = plain.get(url, headers=asking)
    tag = first.headers.get("ETag", '"none"')
    for _ in range(3):
        assert comparable(cached.get(url, headers=asking)) == comparable(first)
    head = comparable(plain.head(url, headers=asking))
    assert comparable(cached.head(url, headers=asking)) == head
    for given in (tag, f"W/{tag}", f'"x", {tag}', '"x"', "*", "ill-formed"):
        conditional = {**asking, "If-None-Match": given}
        expected = comparable(plain.get(url, headers=conditional))
        assert comparable(cached.get(url, headers=conditional)) == expected


@each_row("url", URLS[:4] + URLS[-6:-1] + ("/docs", "/openapi.json"))
def test_what_was_asked_before_is_answered_from_the_cache(cached: Client, url: str) -> None:
    cached.get(url)
    assert from_cache(cached.get(url))
    assert from_cache(cached.head(url))
    assert from_cache(cached.get(url, headers={"If-None-Match": "*"}))


def test_refusals_and_health_are_never_kept(cached: Client) -> None:
    never = ("/v1/claims?limit=0", "/nowhere", "/healthz", "/readyz", "/metrics", "/v1/claims/x")
    for url in never:
        for _ in range(2):
            cached.get(url)
        assert not from_cache(cached.get(url))


@pytest.mark.parametrize("target", ["/v1%2fclaims", "/v1%2Fclaims", "%2Fv1/claims"])
def test_an_answer_is_kept_for_the_target_that_was_sent(target: str) -> None:
    """The decoded path is the same, and yet there is nothing at such a target."""
    app = create_app(Config(access_log=False), shipped_store())
    for _ in range(2):
        assert ask(app, "/v1/claims").status == 200
        assert ask(app, target).status == 404


class Upstream:
    """An application that counts how often it is asked; the body is its edition and the path."""

    def __init__(self, cache_control: str = "public, max-age=60") -> None:
        self.asked: list[str] = []
        self.edition = 1
        self.cache_control = cache_control
        self.switches = False
        """Whether another data set is served while an answer is made."""

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        self.asked.append(f"{path}?{query}" if query else path)
        body = f"{self.edition}{path}".encode()
        if path == "/long":
            body = bytes(MAX_BODY_BYTES + 1)
        self.edition += self.switches
        headers = [("ETag", f'"{self.edition}{path}"'), ("Content-Length", str(len(body)))]
        start("200 OK", [*headers, ("Cache-Control", self.cache_control)])
        return [body]


@dataclasses.dataclass
class Behind:
    upstream: Upstream
    client: Client

    def get(self, url: str) -> bytes:
        return self.client.get(url).get_data()


def behind(cache_bytes: int = 100_000, upstream: Upstream | None = None) -> Behind:
    """A service of which a test decides which data set answers, and when."""
    upstream = upstream or Upstream()
    provider: Any = upstream
    front = Front(upstream, provider, cache_bytes=cache_bytes, access_log=False, metrics=None)
    return Behind(upstream, Client(front))


def test_another_data_set_finds_no_answer_of_the_one_before() -> None:
    made = behind()
    assert made.get("/a") == b"1/a"
    made.upstream.edition = 2
    assert made.get("/a") == b"2/a"
    assert made.get("/a") == b"2/a"
    assert made.upstream.asked == ["/a", "/a"]


def test_another_data_set_frees_the_memory_of_the_answers_before() -> None:
    made = behind(cache_bytes=10_000_000)
    tracemalloc.start()
    try:
        for number in range(1_000):
            made.get(f"/{number}")
        full, _ = tracemalloc.get_traced_memory()
        made.upstream.edition = 2
        made.get("/a")
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert full > 500_000
    assert after < full / 4


def test_an_answer_is_not_kept_for_a_data_set_that_came_while_it_was_made() -> None:
    upstream = Upstream()
    upstream.switches = True
    made = behind(upstream=upstream)
    assert [made.get("/a") for _ in range(3)] == [b"1/a", b"2/a", b"3/a"]


def test_without_a_data_set_nothing_is_kept() -> None:
    """There may be none again, after one that was found to be damaged."""
    made = behind()
    made.upstream.edition = 0
    for _ in range(2):
        made.get("/a")
    assert made.upstream.asked == ["/a", "/a"]


def test_each_spelling_of_a_request_is_kept_by_itself() -> None:
    made = behind()
    for url in ("/a?x=1", "/a?x=%31", "/a?x=1", "/a?x=%31"):
        made.get(url)
    assert made.upstream.asked == ["/a?x=1", "/a?x=%31"]


@pytest.mark.parametrize("cache_control", ["no-store", "private, max-age=60", ""])
def test_only_an_answer_for_everybody_is_kept(cache_control: str) -> None:
    made = behind(upstream=Upstream(cache_control))
    for _ in range(2):
        made.get("/a")
    assert len(made.upstream.asked) == 2


ENTRY = ENTRY_BYTES + 3 * HEADER_BYTES + 55 + 3
"""Bytes that an answer of ``Upstream`` to a path of one letter takes: objects, headers, body."""


def test_no_more_bytes_are_kept_than_allowed_and_the_least_recent_leave_first() -> None:
    made = behind(3 * ENTRY)
    for path in ("/a", "/b", "/c", "/a", "/d", "/a", "/b"):
        made.get(path)
    assert made.upstream.asked == ["/a", "/b", "/c", "/d", "/b"]


def test_no_more_answers_are_kept_than_allowed() -> None:
    made = behind(10 * MAX_ENTRIES * ENTRY)
    for n in range(MAX_ENTRIES + 1):
        made.get(f"/{n}")
    made.upstream.asked.clear()
    made.get(f"/{MAX_ENTRIES}")
    made.get("/0")
    assert made.upstream.asked == ["/0"]


@pytest.mark.parametrize(("cache_bytes", "path"), [(0, "/a"), (ENTRY - 1, "/a"), (10**9, "/long")])
def test_an_answer_that_may_not_be_kept_is_passed_on_whole(cache_bytes: int, path: str) -> None:
    made = behind(cache_bytes)
    assert made.get(path) == made.get(path) != b""
    assert len(made.upstream.asked) == 2


def test_many_threads_get_whole_answers() -> None:
    made = behind(10 * ENTRY)
    wrong: list[bytes] = []

    def ask_many(offset: int) -> None:
        for n in range(300):
            path = f"/{(n + offset) % 17}"
            found = made.get(path)
            if found != f"1{path}".encode():
                wrong.append(found)

    threads = [threading.Thread(target=ask_many, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
