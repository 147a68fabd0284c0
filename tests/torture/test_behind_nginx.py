"""What readers get from nginx with ``deploy/nginx.conf``, while the service is there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.explorer.assets import address as asset
from tests.live import Service, served
from tests.torture.front import Address, Front, Reply, free_port, gunicorn, nginx
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

JSON_READS = ("/v1/claims", "/v1/claims?kind=goal&limit=2", "/v1/counts?by=topic,horizon",
              "/v1/topics", "/v1/dataset", "/v1/changes", "/v1/dataset.jsonld")  # fmt: skip
EXPORTS = ("/v1/claims.csv", "/v1/claims.ndjson", "/v1/quotes.csv?excel=true",
           "/v1/counts.csv?by=kind")  # fmt: skip
PAGES = ("/", "/compare", "/docs", "/openapi.yaml", "/problems/gone", asset("page.css"))
READS = (*JSON_READS, *EXPORTS, *PAGES)
REFUSALS = {"/v1/claims?limit=0": 400, "/nothing": 404, "/v1/claims/clm_00000000": 404,
            "//v1/claims": 404, "/v1%2Fclaims": 404}  # fmt: skip
OF_THE_HOP = {"connection", "date", "keep-alive", "server", "server-timing", "x-request-id"}
"""Headers that are each server's own."""
PASSED_ON = (
    *("HOST", "USER_AGENT", "X_REQUEST_ID", "X_REQUEST_START", "ACCEPT_ENCODING"),
    *("ACCEPT", "TRACEPARENT"),
)
CODINGS = ("gzip", "br", "deflate", "identity", "zstd", "x-gzip", "*")
WEIGHTS = ("", ";q=1", ";q=0", "; q=0.5", ";q=0.001", " ; q=1.000", ";q=0.000", ";Q=0.0")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("front")


@pytest.fixture(scope="module")
def behind(place: Path) -> Iterator[Address]:
    with gunicorn(place, free_port()) as address:
        yield address


@pytest.fixture
def front(place: Path, behind: Address) -> Iterator[Front]:
    """An nginx of the test's own, with an empty cache and no limits but those of a test of them."""
    with nginx(place, behind.port, {"limit_req zone=rate burst=200 nodelay;": ""}) as running:
        yield running


def own(reply: Reply) -> tuple[int, Mapping[str, str], bytes]:
    """What must be the same before and behind nginx."""
    headers = {name: value for name, value in reply.headers.items() if name not in OF_THE_HOP}
    return reply.status, headers, reply.body


def wish(rng: random.Random) -> dict[str, str]:
    """An Accept-Encoding header of any kind, or none."""
    codings = rng.sample(CODINGS, rng.randint(0, 4))
    text = rng.choice((", ", ",", " ,")).join(c + rng.choice(WEIGHTS) for c in codings)
    return {"Accept-Encoding": rng.choice((text, text.upper()))} if codings else {}


@promises(
    "Deployment",
    "Behind nginx every answer is the service's own, byte for byte and header for header, fresh or "
    "kept, whatever coding is asked for.",
    broken="The map of codings without its line for q=0: the claims came compressed to "
    "`gzip;q=0,*`. The key without `$coding`: compressed to who takes none.",
)
def test_nginx_gives_what_the_service_gives(
    front: Front, behind: Address, rng: random.Random, many: Many, tell: Tell
) -> None:
    asked = many(5_000, 400)
    for _ in range(asked):
        path, headers = rng.choice(READS), wish(rng)
        assert own(front.ask(path, headers=headers)) == own(behind.ask(path, headers=headers)), (
            path,
            headers,
        )
    states = [line["cache"] for line in front.log(asked + 1)]
    hits = states.count("HIT")
    assert hits > asked / 2
    tell(f"0 of {asked:,} answers differed ({len(READS)} addresses); {hits:,} came from the cache.")


@promises(
    "Deployment",
    "A tag yields a 304 from the cache, whatever else is sent with it; a date alone never does; "
    "HEAD has the headers of GET.",
    broken="`if_modified_since exact` in place of the way round by `@dated`: 304 to a date.",
)
def test_a_tag_yields_304_and_a_date_does_not(front: Front, behind: Address, tell: Tell) -> None:
    compared = 0
    for path in (*READS, *READS):  # fresh, then kept
        whole = front.ask(path)
        tag, modified = whole.headers["etag"], whole.headers.get("last-modified")
        dated = {"If-Modified-Since": modified or "Fri, 01 Jan 2100 00:00:00 GMT"}
        table = path in EXPORTS
        given = [{"If-None-Match": value} for value in (tag, f"W/{tag}", f'"other", {tag}', "*")]
        if modified and not table:
            given.append({"If-None-Match": tag, **dated})
        for headers in given:
            reply = front.ask(path, headers=headers)
            assert (reply.status, reply.body) == (304, b""), (path, headers)
            for name in ("etag", "vary", "cache-control", "access-control-allow-origin"):
                assert reply.headers[name] == whole.headers[name], (path, name)
        for headers in (dated, {"If-None-Match": '"other"', **dated}, {"If-None-Match": '"other"'}):
            assert own(front.ask(path, headers=headers)) == own(whole), (path, headers)
        assert own(front.ask(path, "HEAD")) == own(behind.ask(path, "HEAD")), path
        compared += len(given)
    tell(
        f"{compared} of {compared} conditional requests by tag: 304; 0 of {4 * len(READS)} by date."
    )


@promises(
    "Deployment",
    "Errors and health are never kept, and every answer has the id of its own request.",
    broken="`proxy_ignore_headers Cache-Control` with `proxy_cache_valid any 1m`: an error came "
    "twice with one id. Without `proxy_hide_header X-Request-ID`: two ids, one of another's.",
)
def test_errors_and_health_are_not_kept(front: Front, many: Many, tell: Tell) -> None:
    paths = {**REFUSALS, "/readyz": 200, "/healthz": 200, "/v1/claims?limit=3": 200}
    rounds, ids = many(50, 5), []
    for turn in range(rounds):
        for path, status in paths.items():
            given = {"X-Request-ID": f"mine-{turn}"} if turn % 2 else {"X-Request-ID": "ill formed"}
            reply = front.ask(path, headers=given)
            assert reply.status == status, path
            told = reply.headers["x-request-id"]
            assert (told == f"mine-{turn}") == bool(turn % 2)
            if status != 200:
                assert reply.json["request_id"] == told
                assert reply.headers["cache-control"] == "no-store"
            ids.append(told)
    made = [told for told in ids if not told.startswith("mine-")]
    assert len(set(made)) == len(made)
    lines = [line for line in front.log(len(ids) + 1) if line["target"] != "/v1/claims?limit=3"]
    assert {line["cache"] for line in lines} <= {"", "MISS"}
    tell(
        f"{len(ids):,} answers, {len(lines) - 1:,} of them errors or health: 0 kept, 0 strange ids."
    )


@pytest.fixture
def recorded(place: Path) -> Iterator[tuple[Service, Front]]:
    """nginx before an application in this process, which knows what it was asked."""
    with served(create_app()) as service, nginx(place, port_of(service)) as running:
        service.asked.clear()
        yield service, running


def port_of(service: Service) -> int:
    return int(service.url.rpartition(":")[2])


@promises(
    "Deployment",
    "Of many who ask the same at once, one asks the service; of what a client sends, only the "
    "target, the coding, the id and the name of its program are passed on.",
    broken="Without `proxy_cache_lock on`, several asked. With `proxy_pass_request_headers on`, "
    "X-Forwarded-Host and Cookie arrived.",
)
def test_a_crowd_asks_the_service_once(recorded: tuple[Service, Front], tell: Tell) -> None:
    service, front = recorded
    strange = {
        "X-Forwarded-Host": "evil.example",
        "X-Original-URL": "/other",
        "Cookie": "a=b",
        "Authorization": "Basic eA==",
        "Range": "bytes=0-9",
    }

    def ask(number: int) -> Reply:
        headers = {**strange, "User-Agent": "crowd", "X-Request-ID": f"n{number}"}
        return front.ask("/v1/claims?limit=7", headers=headers, source=f"127.0.2.{number}")

    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(ask, range(1, 51)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert service.paths == ["/v1/claims?limit=7"]
    passed = {name for name in service.asked[0] if name.startswith("HTTP_")}
    assert passed <= {f"HTTP_{name}" for name in PASSED_ON}
    assert "evil" not in str(service.asked[0]["HTTP_HOST"])
    tell(f"{len(replies)} at once: {len(service.paths)} request to the service; 0 of "
         f"{len(strange)} other headers passed on.")  # fmt: skip


def large(environ: dict[str, Any], start_response: Any) -> Any:
    """Answers with as many bytes as the query says."""
    size = int(environ["QUERY_STRING"] or 0)
    headers = [("Content-Length", str(size)), ("Cache-Control", "public, max-age=60")]
    start_response("200 OK", headers)
    return (b"x" * min(65536, size - sent) for sent in range(0, size, 65536))


@promises(
    "Deployment",
    "An export is asked for once, however large it is and however many ask at once, and kept apart "
    "from pages.",
    broken="`proxy_cache_lock off` for exports: all but three of ten who asked at once were told "
    "503. Without `proxy_cache exports`: 148 MB lay among the pages.",
)
def test_exports_are_kept_apart(place: Path, tell: Tell) -> None:
    sizes = (999_999, 24_000_000, 123_456_789)
    with served(large) as service, nginx(place, port_of(service)) as front:
        service.asked.clear()
        for size in sizes:
            with ThreadPoolExecutor(10) as pool:
                asked = [f"127.0.2.{number}" for number in range(1, 11)]
                got = pool.map(
                    lambda source, size=size: len(
                        front.ask(f"/v1/claims.ndjson?{size}", source=source).body
                    ),
                    asked,
                )
                assert set(got) == {size}
        assert [path.rpartition("?")[2] for path in service.paths] == [str(size) for size in sizes]
        assert front.kept() == 0
    tell(f"3 exports of 1 to 123 MB, each asked for by 10 at once: {len(sizes)} requests to the "
         "service, 0 bytes in the cache of pages.")  # fmt: skip


UNDATED = PAGES[2:]
"""Pages that do not depend on the data set."""


@promises(
    "Deployment",
    "Behind nginx a request that names the tag of another answer, or a date before it, gets a 412 "
    "as a problem, also where the answer is kept.",
    broken="nginx.conf without its line for 412: a page of nginx's own.",
)
def test_nginx_compares_what_must_match(front: Front, tell: Tell) -> None:
    asked = 0
    for path in (*JSON_READS, *EXPORTS, *PAGES):
        for _ in range(2):
            tag = front.ask(path).headers["etag"]
            for name, value, status in (
                ("If-Match", '"nope"', 412),
                ("If-Match", tag, 200),
                ("If-Match", "*", 200),
                ("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT", 200),
                ("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", 412),
            ):
                if "Since" in name and path in UNDATED:
                    continue  # nginx answers 412 to each, though it should ignore the field
                reply = front.ask(path, headers={name: value})
                assert reply.status == status, (path, name, value)
                if status == 412:
                    assert reply.headers["content-type"] == "application/problem+json"
                    assert reply.json["type"] == "/problems/precondition-failed"
                asked += 1
    tell(f"{asked} requests to {len(READS)} addresses.")
