"""The response cache: nobody can tell its answers from those of the service behind it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from service.app import create_app
from service.config import Config
from service.http.cache import MOST_REMEMBERED, MOST_SPELLINGS, ResponseCache
from tests.contract_tools import operations
from tests.wire import ask

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
    "/v1/changes?since=58&limit=1",
    "/v1/claims/clm_b0qp991b/history",
    "/v1/claims/clm_b0qp991b.jsonld",
    "/nowhere",
)


@pytest.fixture(scope="module")
def plain() -> Client:
    return Client(create_app(Config(access_log=False, cache_bytes=0)))


@pytest.fixture(scope="module")
def cached() -> Client:
    return Client(create_app(Config(access_log=False)))


def comparable(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """All of an answer that must not depend on when it was given."""
    headers = [(name, value) for name, value in response.headers if name.lower() not in VARYING]
    return response.status_code, sorted(headers), response.get_data()


def from_cache(response: TestResponse) -> bool:
    return response.headers["Server-Timing"].startswith("cache;")


def documented() -> list[str]:
    """But for what tells of the moment."""
    passing = ("/readyz", "/metrics")
    return [o.path for o in operations() if "{" not in o.path and o.path not in passing]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("url", sorted({*URLS, *documented()}))
def test_a_repeated_answer_is_the_answer(
    plain: Client, cached: Client, url: str, encoding: str
) -> None:
    url = REQUIRED.get(url, url)
    asking = {"Accept-Encoding": encoding, "X-Request-ID": "same"}
    for method in ("GET", "GET", "GET", "HEAD"):
        expected = comparable(plain.open(url, method=method, headers=asking))
        assert comparable(cached.open(url, method=method, headers=asking)) == expected
    tag = plain.get(url, headers=asking).headers.get("ETag", '"none"')
    for given in (tag, f"W/{tag}", f'"x", {tag}', '"x"', "*", "ill-formed"):
        conditional = {**asking, "If-None-Match": given}
        expected = comparable(plain.get(url, headers=conditional))
        assert comparable(cached.get(url, headers=conditional)) == expected


@pytest.mark.parametrize("url", URLS[:4] + URLS[-6:-1] + ("/docs", "/openapi.json"))
def test_what_was_asked_before_is_answered_from_the_cache(cached: Client, url: str) -> None:
    for _ in range(2):
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


def test_equal_questions_are_kept_once() -> None:
    app = create_app(Config(access_log=False))
    cache = cache_of(app)
    for url in ("/v1/claims?limit=3&topic=space", "/v1/claims?topic=space&limit=3&sort=-announced"):
        for _ in range(2):
            Client(app).get(url)
        assert from_cache(Client(app).get(url))
    assert len(cache._kept) == 1  # noqa: SLF001  # nothing outside shows how much is kept


@pytest.mark.parametrize("target", ["/v1%2fclaims", "/v1%2Fclaims", "%2Fv1/claims"])
def test_an_answer_is_kept_for_the_target_that_was_sent(target: str) -> None:
    """The decoded path is the same, and yet there is nothing at such a target."""
    app = create_app(Config(access_log=False))
    for _ in range(2):
        assert ask(app, "/v1/claims").status == 200
        assert ask(app, target).status == 404


def cache_of(app: Flask) -> ResponseCache:
    """The cache, somewhere among the WSGI applications around Flask."""
    found: Any = app.wsgi_app
    while not isinstance(found, ResponseCache):
        found = found._app  # noqa: SLF001
    return found


class Upstream:
    """An application that counts how often it is asked; the body is the path."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.edition = 1

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        self.asked.append(f"{path}?{query}")
        body = f"{self.edition}{path}".encode()
        headers = [("ETag", f'"{self.edition}{path}"'), ("Content-Length", str(len(body)))]
        environ["claims.canonical"] = path
        start("200 OK", headers)
        return [body]


@dataclasses.dataclass
class Behind:
    upstream: Upstream
    client: Client


def behind(most_bytes: int, costly: float = 0.0) -> Behind:
    """A cache that takes everything for costly, unless it is told otherwise."""
    upstream = Upstream()
    cache = ResponseCache(upstream, lambda: upstream.edition, most_bytes, costly)
    return Behind(upstream, Client(cache))


def test_another_data_set_empties_the_cache() -> None:
    made = behind(1000)
    assert made.client.get("/a").get_data() == b"1/a"
    made.upstream.edition = 2
    assert made.client.get("/a").get_data() == b"2/a"
    assert made.client.get("/a").get_data() == b"2/a"
    assert made.upstream.asked == ["/a?", "/a?"]


def test_an_answer_is_not_kept_for_a_data_set_that_came_while_it_was_made() -> None:
    """Not even when its version had answered before: each opening has a number of its own."""
    made = behind(1000)
    answer = made.upstream.__call__

    def switching(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = answer(environ, start)
        made.upstream.edition += 1
        return body

    cache = ResponseCache(switching, lambda: made.upstream.edition, 1000)
    told = [Client(cache).get("/a").get_data() for _ in range(3)]
    assert told == [b"1/a", b"2/a", b"3/a"]


def test_another_spelling_finds_no_answer_of_the_data_set_before() -> None:
    made = behind(1000)
    made.client.get("/a?1")
    made.upstream.edition = 2
    assert made.client.get("/a?2").get_data() == b"2/a"
    assert made.client.get("/a?2").get_data() == b"2/a"
    assert len(made.upstream.asked) == 2


def test_no_more_bytes_are_kept_than_allowed_and_the_least_recent_leave_first() -> None:
    made = behind(9)  # three answers of three bytes
    for path in ("/a", "/b", "/c", "/a", "/d", "/a", "/b"):
        made.client.get(path)
    assert made.upstream.asked == ["/a?", "/b?", "/c?", "/d?", "/b?"]


def test_an_answer_that_cost_little_is_kept_when_it_is_asked_for_again() -> None:
    made = behind(1000, costly=60.0)
    for path in ("/a", "/b", "/a", "/a", "/a", "/b", "/b"):
        assert made.client.get(path).get_data() == f"1{path}".encode()
    assert made.upstream.asked == ["/a?", "/b?", "/a?", "/b?"]


def test_what_is_asked_for_once_costs_little_memory() -> None:
    made = behind(1000, costly=60.0)
    for n in range(MOST_REMEMBERED + 1):
        made.client.get(f"/{n}")
    made.upstream.asked.clear()
    for _ in range(3):
        made.client.get("/0")  # forgotten by now, so it is new once more
        made.client.get(f"/{MOST_REMEMBERED}")
    assert sorted(made.upstream.asked) == ["/0?", "/0?", f"/{MOST_REMEMBERED}?"]


def test_an_answer_larger_than_the_cache_is_passed_on_whole() -> None:
    made = behind(5)
    for _ in range(2):
        assert made.client.get("/large").get_data() == b"1/large"
    assert len(made.upstream.asked) == 2


def test_endless_spellings_of_one_request_cost_no_memory() -> None:
    made = behind(1000)
    for n in range(MOST_SPELLINGS * 3):
        made.client.get(f"/a?{n}")
    made.upstream.asked.clear()
    for n in range(MOST_SPELLINGS * 3):
        made.client.get(f"/a?{n}")
    assert len(made.upstream.asked) == MOST_SPELLINGS * 2


def test_many_threads_get_whole_answers() -> None:
    made = behind(30)
    wrong: list[bytes] = []

    def ask(offset: int) -> None:
        for n in range(300):
            path = f"/{(n + offset) % 17}"
            found = made.client.get(path).get_data()
            if found != f"1{path}".encode():
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
