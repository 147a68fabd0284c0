"""What HTTP asks of every answer: tags, caching, encodings, origins, policies, refusals.

Rules that hold for every read are tables over all of them; where the bytes on the wire matter,
requests go through ``tests.wire``.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tantivy import Index
from werkzeug.http import parse_date
from werkzeug.test import TestResponse

from schemas.query import ClaimQuery
from schemas.records.change import Changes
from schemas.records.dataset import Counts, DatasetInfo, Export, Page, Rows
from service.config import Config
from service.explorer.assets import address
from service.store.protocol import Counted, DatasetUnavailable, Store
from service.store.tantivy.store import TantivyStore
from service.store.vocabulary import Vocabulary
from tests.built import parts_of, records_of
from tests.samples import FIRST, GOAL, SUPERSEDED, UNUSED, WITHDRAWN, sample
from tests.tables import each_row
from tests.wire import app_of, ask, sample_store, store_of

JSON_READS = (
    "/v1/claims",
    "/v1/claims?limit=2&kind=goal",
    f"/v1/claims/{GOAL}",
    "/v1/counts?by=kind",
    "/v1/documents",
    f"/v1/documents/{FIRST}",
    "/v1/agents",
    "/v1/agents/ministry",
    "/v1/topics",
    "/v1/topics/economy",
    "/v1/occasions",
    "/v1/occasions/assembly-2021",
    "/v1/places",
    "/v1/places/valley",
    "/v1/dataset",
    f"/v1/claims/{GOAL}/history",
    f"/v1/claims/{WITHDRAWN}/history",
    "/v1/changes",
    "/v1/changes?limit=2",
    "/v1/compare?from=assembly-2021&to=assembly-2022",
)
EXPORTS = ("/v1/claims.csv", "/v1/claims.ndjson", "/v1/quotes.csv", "/v1/counts.csv?by=kind,topic")
LINKED = (f"/v1/claims/{GOAL}.jsonld", "/v1/dataset.jsonld")
DATA = (*JSON_READS, *LINKED, *EXPORTS)
CONTRACT = ("/openapi.yaml", "/openapi.json")
EXPLORER = ("/", f"/claims/{GOAL}", "/compare", "/goals", "/values/topic")
"""Pages for people that show the data set."""
PAGES = ("/docs", "/codebook", "/problems/not-found")
HTML = "text/html; charset=utf-8"
ASSETS = (address("page.css"), address("docs.js"), address("icon.svg"))
READS = (*DATA, *EXPLORER, *CONTRACT, *PAGES, *ASSETS)
HEALTH = ("/healthz", "/readyz", "/metrics")
REFUSALS = {
    "/v1/claims?limit=0": 400,
    "/nothing/here": 404,
    f"/v1/claims/{UNUSED}": 404,
    f"/v1/claims/{UNUSED}/history": 404,
    f"/v1/claims/{UNUSED}.jsonld": 404,
    "/v1/compare?from=assembly-2021": 400,
    f"/v1/claims/{WITHDRAWN}": 410,
    f"/v1/claims?q={'a' * 8190}": 414,
}

CORS = {
    *(
        "ETag",
        "Link",
        "Content-Disposition",
        "Retry-After",
        "X-Request-ID",
        "Deprecation",
        "Sunset",
    ),
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"),
    "connect-src 'self'",
)


@pytest.fixture
def client(sample_client: FlaskClient) -> FlaskClient:
    """Here every test asks the small data set, which has claims that were retired."""
    return sample_client


def etag(reply: TestResponse) -> str:
    found = reply.headers["ETag"]
    assert re.fullmatch(r'"[!#-~]+"', found), "a strong tag"
    return str(found)


# --- tags and 304 -------------------------------------------------------------------------------


@each_row("path", READS)
def test_every_read_has_a_tag_and_answers_304_to_it(client: FlaskClient, path: str) -> None:
    whole = client.get(path)
    tag = etag(whole)
    assert whole.status_code == 200
    for given in (tag, f"W/{tag}", f'"other", {tag}', f'W/"other",W/{tag} , "more"', "*"):
        reply = client.get(path, headers={"If-None-Match": given})
        assert reply.status_code == 304, given
        assert reply.data == b""
        assert "Content-Type" not in reply.headers
        for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"):
            assert reply.headers[name] == whole.headers[name]
        assert reply.headers["Access-Control-Expose-Headers"]


@each_row("path", READS)
def test_another_tag_gets_the_whole_answer(client: FlaskClient, path: str) -> None:
    tag = etag(client.get(path))
    for given in (
        '"other"',
        f'"{tag[2:]}',
        f'"{tag.strip(chr(34))}x"',
        '""',
        tag.upper(),
        "W/",
        "",
    ):
        reply = client.get(path, headers={"If-None-Match": given})
        assert reply.status_code == 200, given
        assert reply.data


@each_row("path", READS)
def test_a_date_alone_never_yields_304(client: FlaskClient, path: str) -> None:
    for day in ("Fri, 01 Jan 2100 00:00:00 GMT", client.get(path).headers.get("Last-Modified", "")):
        reply = client.get(path, headers={"If-Modified-Since": day})
        assert reply.status_code == 200
        wrong = {"If-Modified-Since": day, "If-None-Match": '"other"'}
        assert client.get(path, headers=wrong).status_code == 200


@each_row("path", [*REFUSALS, *HEALTH])
def test_refusals_and_health_know_no_304(client: FlaskClient, path: str) -> None:
    reply = client.get(path, headers={"If-None-Match": "*"})
    assert reply.status_code == REFUSALS.get(path, 200)
    assert "ETag" not in reply.headers


def test_no_two_reads_share_a_tag(client: FlaskClient) -> None:
    """Tags tell apart queries, paths, representations and encodings."""
    asked = [
        *READS,
        *("/v1/claims?limit=1", "/v1/claims?limit=3", "/v1/claims?q=plan", "/v1/claims?q=plans"),
        *("/v1/claims?kind=goal", "/v1/claims?kind=event", "/v1/claims?cursor=0000000000000001"),
        *("/v1/claims?q=Plan", "/v1/claims?topic=goal", "/v1/claims?q=plan&sort=announced"),
        *("/v1/claims.csv?excel=true", "/v1/claims.csv?kind=goal", "/v1/quotes.csv?excel=true"),
        *("/v1/counts?by=topic,kind", "/v1/counts?by=kind,topic", "/v1/counts.csv?by=kind"),
        *(
            "/v1/topics?limit=1",
            "/v1/agents?limit=1",
            "/v1/topics?cursor=economy",
            "/v1/topics/trade",
        ),
    ]
    tags = [etag(client.get(path)) for path in asked]
    squeezed = [etag(client.get(path, headers={"Accept-Encoding": "gzip"})) for path in asked]
    changed = [s for path, s, t in zip(asked, squeezed, tags, strict=True) if s != t]
    every = tags + changed
    assert len(set(every)) == len(every)
    assert len(changed) == len([path for path in asked if compressible(path)])


@each_row(
    "same",
    [
        ("/v1/claims", "/v1/claims?limit=25", "/v1/claims?date_match=possible", "/v1/claims?"),
        ("/v1/claims?goals_only=false", "/v1/claims?distinct=false&limit=25", "/v1/claims"),
        (
            "/v1/claims?topic=trade,economy&limit=3",
            "/v1/claims?limit=3&topic=economy,trade",
            "/v1/claims?limit=3&topic=economy,trade,economy",
            "/v1/claims?%6Cimit=3&topic=economy%2Ctrade",
        ),
        ("/v1/claims?q=a+plan", "/v1/claims?q=a%20plan", "/v1/claims?q=%61+plan"),
        ("/v1/counts?by=kind&topic=b,a", "/v1/counts?topic=a,b&by=kind"),
        ("/v1/claims.csv?excel=false", "/v1/claims.csv"),
        ("/v1/topics", "/v1/topics?limit=25"),
        ("/v1/changes", "/v1/changes?since=0", "/v1/changes?limit=25&since=0"),
        (
            "/v1/compare?from=assembly-2021&to=assembly-2022",
            "/v1/compare?to=assembly-2022&limit=25&from=assembly%2D2021",
        ),
    ],
)
def test_equal_questions_have_equal_answers_and_tags(
    client: FlaskClient, same: tuple[str, ...]
) -> None:
    replies = [client.get(path) for path in same]
    assert len({etag(reply) for reply in replies}) == 1
    assert len({reply.data for reply in replies}) == 1


def test_links_carry_the_canonical_query(client: FlaskClient) -> None:
    asked = "/v1/claims?topic=trade,economy,trade&date_match=possible&limit=2&q=a%20plan"
    page = client.get(asked).get_json()
    assert page["links"]["self"] == "/v1/claims?limit=2&q=a+plan&topic=economy,trade"


def test_a_tag_changes_with_the_data_and_the_address() -> None:
    dataset = sample_store().dataset
    stores: tuple[Any, ...] = (
        sample_store(),
        Renamed(sample_store(), replace(dataset, digest="f" * 64)),
        Renamed(sample_store(), replace(dataset, built_at="2031-01-01T00:00:00Z")),
    )
    apps = (*map(app_of, stores), app_of(sample_store(), "https://example.org"))
    for path in (*DATA, *EXPLORER):
        assert len({etag(app.test_client().get(path)) for app in apps}) == 4, path


class Watched:
    """The sample store; it counts how often it was searched."""

    def __init__(self) -> None:
        self.searched = 0

    @property
    def dataset(self) -> DatasetInfo:
        return sample_store().dataset

    @property
    def vocabularies(self) -> Any:
        return sample_store().vocabularies

    def get(self, claim_id: str) -> bytes:
        self.searched += 1
        return sample_store().get(claim_id)

    def search(self, query: ClaimQuery) -> Page:
        self.searched += 1
        return sample_store().search(query)

    def export(self, query: ClaimQuery) -> Export:
        self.searched += 1
        return sample_store().export(query)

    @property
    def files(self) -> Any:
        return sample_store().files

    @property
    def described(self) -> Any:
        return sample_store().described

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        self.searched += 1
        return sample_store().rows(query, table)

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        self.searched += 1
        return sample_store().counts(query, by)

    def answers(
        self, pages: Sequence[ClaimQuery], counts: Sequence[Counted] = ()
    ) -> tuple[list[Page], list[Counts]]:
        return [*map(self.search, pages)], [self.counts(*each) for each in counts]

    def changes(
        self, since: int, limit: int, identifier: str | None = None, kind: str = "claim"
    ) -> Changes:
        self.searched += 1
        return sample_store().changes(since, limit, identifier, kind)

    def log_digest(self, seq: int) -> str | None:
        return sample_store().log_digest(seq)

    def ping(self) -> None:
        sample_store().ping()


@each_row(
    "path",
    [
        *("/v1/claims?q=plan", "/v1/counts?by=kind", f"/v1/claims/{GOAL}", *EXPORTS),
        *("/v1/changes", f"/v1/claims/{GOAL}/history", f"/v1/claims/{GOAL}.jsonld"),
        "/v1/compare?from=assembly-2021&to=assembly-2022",
    ],
)
def test_a_304_is_given_before_anything_is_searched(path: str) -> None:
    store = Watched()
    client = app_of(store).test_client()
    tag = etag(client.get(path))
    searched = store.searched
    assert searched > 0
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert store.searched == searched


# --- caching ------------------------------------------------------------------------------------

FRESH = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"


@each_row(
    ("path", "expected"),
    [
        *((path, FRESH) for path in (*DATA, *EXPLORER, *CONTRACT, *PAGES)),
        *((path, "public, max-age=31536000, immutable") for path in ASSETS),
        *((path, "no-store") for path in (*HEALTH, *REFUSALS, f"/v1/claims/{SUPERSEDED}")),
    ],
)
def test_each_kind_of_answer_says_how_long_it_keeps(
    client: FlaskClient, path: str, expected: str
) -> None:
    for method in ("GET", "HEAD"):
        assert client.open(path, method=method).headers.getlist("Cache-Control") == [expected]


@each_row("path", [*READS, *HEALTH, *REFUSALS, f"/v1/claims/{SUPERSEDED}"])
@each_row("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_answers_vary_by_encoding_alone_and_errors_by_accept_too(
    sample_app: Flask, path: str, method: str
) -> None:
    answer = ask(sample_app, path, method)
    negotiated = answer.status >= 400 or path == "/metrics"  # of which there are two forms
    expected = "Accept, Accept-Encoding" if negotiated else "Accept-Encoding"
    assert answer.headers.getlist("Vary") == [expected]


@each_row("path", [*DATA, *EXPLORER])
def test_every_data_answer_names_its_data_set(client: FlaskClient, path: str) -> None:
    about = sample_store().dataset
    whole, unchanged = client.get(path), client.get(path, headers={"If-None-Match": "*"})
    for reply in (whole, unchanged):
        assert reply.headers["Dataset-Version"] == about.version
    modified = parse_date(whole.headers["Last-Modified"])
    assert modified is not None
    assert modified.strftime("%Y-%m-%dT%H:%M:%SZ") == about.built_at


@pytest.mark.parametrize("path", [*CONTRACT, *PAGES, *HEALTH])
def test_what_is_no_data_names_no_data_set(client: FlaskClient, path: str) -> None:
    assert "Dataset-Version" not in client.get(path).headers


def test_the_same_question_gets_the_same_bytes_from_every_worker() -> None:
    """Two data sets that were compiled apart, as two workers do."""
    workers = [app_of(store_of(sample())).test_client() for _ in range(2)]
    for path in READS:
        first, second = (worker.get(path) for worker in workers)
        assert first.data == second.data
        assert etag(first) == etag(second)


def lasting(reply: TestResponse) -> list[tuple[str, str]]:
    """The headers that say the same of the same answer each time it is given."""
    return sorted(header for header in reply.headers if header[0] != "Server-Timing")


# --- HEAD, encodings, Accept --------------------------------------------------------------------


@each_row(
    "path", [*READS, *HEALTH, *REFUSALS, f"/v1/claims/{SUPERSEDED}", f"/v1/claims/{GOAL}?x=1"]
)
def test_head_is_get_without_the_body(client: FlaskClient, path: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}):
        sent = {**headers, "X-Request-ID": "the-same"}
        whole, head = client.get(path, headers=sent), client.head(path, headers=sent)
        assert head.data == b""
        assert head.status_code == whole.status_code
        length, told = (
            whole.headers.pop("Content-Length", None),
            head.headers.pop("Content-Length", None),
        )
        assert lasting(head) == lasting(whole)
        # It may be left out where only the body would tell (RFC 9110, section 9.3.2). The second
        # count of requests may be longer by a digit.
        assert told in (None, length) or path == "/metrics"


def unread(_: bytes) -> bytes:
    raise RuntimeError("the body was made")


class Unread(Watched):
    """A store whose exports may be asked for and not be read."""

    def export(self, query: ClaimQuery) -> Export:
        export = super().export(query)
        return replace(export, bodies=map(unread, export.bodies), verbatim=None)

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        rows = super().rows(query, table)
        return replace(rows, pieces=map(unread, rows.pieces), verbatim=None)


@pytest.mark.parametrize("path", EXPORTS[:3])
def test_head_of_an_export_makes_none_of_it(path: str) -> None:
    client = app_of(Unread()).test_client()
    assert client.head(path).status_code == 200
    assert client.get(path).status_code == 500


def compressible(path: str) -> bool:
    return not path.startswith((*EXPORTS[:3], "/v1/counts.csv", address("icon.svg")))


@each_row("path", READS)
def test_pages_and_json_are_compressed_and_nothing_else(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    for asked in ("gzip", "*", "deflate, gzip;q=0.5", "gzip, br, zstd"):
        reply = client.get(path, headers={"Accept-Encoding": asked})
        assert int(reply.headers["Content-Length"]) == len(reply.data)
        if compressible(path):
            assert reply.headers.getlist("Content-Encoding") == ["gzip"]
            assert gzip.decompress(reply.data) == plain.data
        else:
            assert "Content-Encoding" not in reply.headers
            assert reply.data == plain.data


@pytest.mark.parametrize("refusal", ["identity", "br", "gzip;q=0", "gzip;q=0, *", "", "gzip;q=0.0"])
def test_who_cannot_read_gzip_is_sent_none(client: FlaskClient, refusal: str) -> None:
    reply = client.get("/v1/claims", headers={"Accept-Encoding": refusal})
    assert "Content-Encoding" not in reply.headers
    assert reply.get_json()["data"]


@each_row("path", READS)
def test_accept_never_changes_a_byte(client: FlaskClient, path: str) -> None:
    sent = {"X-Request-ID": "the-same"}
    plain = client.get(path, headers=sent)
    for accept in ("text/csv", "application/ld+json", "text/html,*/*;q=0.1", "*/*;q=0", "nonsense"):
        reply = client.get(path, headers={**sent, "Accept": accept, "Accept-Language": "fr"})
        assert (reply.status_code, reply.data) == (plain.status_code, plain.data)
        assert reply.content_type == plain.content_type


# --- other origins, policies, Host --------------------------------------------------------------


class Failing(Watched):
    """A store that fails whatever it is asked."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def get(self, claim_id: str) -> bytes:
        raise self.error

    def search(self, query: ClaimQuery) -> Page:
        raise self.error

    def export(self, query: ClaimQuery) -> Export:
        raise self.error

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        raise self.error

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        raise self.error

    def changes(
        self, since: int, limit: int, identifier: str | None = None, kind: str = "claim"
    ) -> Changes:
        raise self.error

    def log_digest(self, seq: int) -> str | None:
        raise self.error

    def ping(self) -> None:
        raise self.error


SECRET = "zq9secret"


def broken_app() -> Flask:
    return app_of(Failing(RuntimeError(SECRET)))


@pytest.fixture
def situations(client: FlaskClient, empty_client: FlaskClient) -> dict[int, TestResponse]:
    """An answer of each status."""
    found = {REFUSALS[path]: client.get(path) for path in REFUSALS}
    return {
        **found,
        200: client.get("/v1/claims"),
        204: client.options("/v1/claims"),
        304: client.get("/v1/claims", headers={"If-None-Match": "*"}),
        308: client.get(f"/v1/claims/{SUPERSEDED}"),
        405: client.post("/v1/claims"),
        412: client.get("/v1/claims", headers={"If-Match": '"other"'}),
        500: broken_app().test_client().get("/v1/claims"),
        503: empty_client.get("/v1/claims"),
    }


def test_every_origin_may_read_every_answer(situations: dict[int, TestResponse]) -> None:
    for status, reply in situations.items():
        assert reply.status_code == status
        assert reply.headers.getlist("Access-Control-Allow-Origin") == ["*"], status
        assert set(reply.headers["Access-Control-Expose-Headers"].split(", ")) >= CORS, status
        assert reply.headers.getlist("Timing-Allow-Origin") == ["*"]
        assert "Access-Control-Allow-Credentials" not in reply.headers
        assert "Set-Cookie" not in reply.headers


def test_headers_do_not_depend_on_who_asks(client: FlaskClient) -> None:
    """A cache between would hand one origin's answer to another."""
    sent = {"X-Request-ID": "the-same"}
    plain = client.get("/v1/claims", headers=sent)
    asked = client.get(
        "/v1/claims", headers={**sent, "Origin": "https://a.example", "Cookie": "a=b"}
    )
    assert lasting(asked) == lasting(plain)


@each_row("path", [*READS, *HEALTH])
def test_options_says_what_may_be_asked(client: FlaskClient, path: str) -> None:
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    for headers in ({}, preflight):
        reply = client.options(path, headers=headers)
        assert reply.status_code == 204
        assert reply.data == b""
        for name in ("Allow", "Access-Control-Allow-Methods"):
            assert set(reply.headers[name].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        allowed = set(reply.headers["Access-Control-Allow-Headers"].split(", "))
        # The star stands for all but one of them (Fetch, section 3.3.4).
        assert allowed >= {"*", "Authorization", "If-None-Match", "traceparent", "baggage"}


def test_every_answer_has_its_security_headers(
    client: FlaskClient, situations: dict[int, TestResponse]
) -> None:
    replies = [*situations.values(), *map(client.get, (*READS, *HEALTH))]
    for reply in replies:
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        policy = reply.headers["Content-Security-Policy"]
        if reply.mimetype == "text/html":
            assert set(PAGE_POLICY) <= set(policy.split("; "))
            assert "unsafe" not in policy
        else:
            assert policy == API_POLICY


HOSTS = (
    *(
        "evil.zq9host",
        "evil.zq9host:99999",
        "zq9host/a",
        "zq9host a",
        'zq9host"a',
        "[zq9host",
        "..",
    ),
    *("zq9host\u00e9", "user@zq9host", "", "zq9host?x", "zq9host#x", "<zq9host>", "zq9host,b"),
)


@pytest.mark.slow
@each_row("host", HOSTS)
@each_row("name", ["Host", "X-Forwarded-Host"])
def test_the_host_header_is_never_repeated(sample_app: Flask, host: str, name: str) -> None:
    """Half of the paths are asked with each, so that every path is asked with half of them."""
    paths = (
        *READS,
        *HEALTH,
        *REFUSALS,
        f"/v1/claims/{SUPERSEDED}",
        "/v1/claims/",
        "",
        "//v1/claims",
    )
    for path in paths[HOSTS.index(host) % 2 :: 2]:
        reply = ask(sample_app, path, headers={name: host, "Forwarded": f"host={host}"})
        assert reply.status < 500
        assert "zq9host" not in str(reply.headers)
        assert b"zq9host" not in reply.body


def test_the_public_url_goes_before_every_link_and_changes_nothing_else(
    client: FlaskClient,
) -> None:
    public = "https://claims.example.org/api"
    behind = app_of(sample_store(), public).test_client()
    paths = (
        "/v1/claims?limit=1",
        f"/v1/claims/{GOAL}",
        "/v1/counts?by=kind",
        "/v1/dataset",
        *EXPORTS,
    )
    for path in (*paths, "/v1/topics?limit=1"):
        plain, prefixed = client.get(path), behind.get(path)
        assert prefixed.data.replace(public.encode(), b"") == plain.data
        assert prefixed.data.count(public.encode()) == plain.data.count(
            b'"/v1/'
        ) + plain.data.count(b'"/codebook"')
        assert prefixed.headers.get("Link", "").replace(public, "") == plain.headers.get("Link", "")
    for path in ("/v1/claims?limit=1", "/v1/topics?limit=1"):
        assert behind.get(path).headers["Link"].startswith(f"<{public}/v1/")


@pytest.mark.parametrize(
    "path", ["/v1/claims?limit=2&q=plan", "/v1/claims?limit=2", "/v1/agents?limit=2"]
)
def test_three_ways_lead_to_the_next_page(client: FlaskClient, path: str) -> None:
    """The cursor, the link in the body and the Link header (RFC 8288) say the same."""
    reply = client.get(path)
    page = reply.get_json()
    target = page["links"]["next"]
    assert reply.headers["Link"] == f'<{target}>; rel="next"'
    with_cursor = client.get(f"{path}&cursor={page['meta']['next_cursor']}")
    assert client.get(target).get_json() == with_cursor.get_json()
    last = client.get(path.replace("limit=2", "limit=100"))
    assert last.get_json()["links"]["next"] is None
    assert last.get_json()["meta"]["next_cursor"] is None
    assert "Link" not in last.headers


@each_row("limit", [1, 2, 3])
@each_row("name", ["agents", "documents", "occasions", "places", "topics"])
def test_a_walk_tells_each_record_once_and_in_order(
    client: FlaskClient, name: str, limit: int
) -> None:
    whole = client.get(f"/v1/{name}?limit=100").get_json()["data"]
    told: list[Any] = []
    target: str | None = f"/v1/{name}?limit={limit}"
    while target is not None and len(told) <= len(whole):
        page = client.get(target).get_json()
        assert page["meta"]["total"] == len(whole)
        told += page["data"]
        target = page["links"]["next"]
    assert told == whole
    assert [record["id"] for record in whole] == sorted(record["id"] for record in whole)


def test_a_link_header_holds_nothing_but_ascii(client: FlaskClient) -> None:
    """Whatever was asked, a header is one line of ASCII, and its target stands between < and >."""
    for text in ('plan -"<b>"', "plan -é", "plan -핵", 'plan -">;rel=x'):
        link = client.get("/v1/claims", query_string={"q": text, "limit": 1}).headers["Link"]
        assert re.fullmatch(r'<[!-;=?-~]+>; rel="next"', link)


# --- request ids --------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["a", "0", "Az09._-", "a" * 128, "..", "-"])
def test_a_well_formed_request_id_is_echoed(client: FlaskClient, given: str) -> None:
    for path in ("/v1/claims", "/nothing", "/healthz"):
        reply = client.get(path, headers={"X-Request-ID": given})
        assert reply.headers.getlist("X-Request-ID") == [given]
    assert client.get("/nothing", headers={"X-Request-ID": given}).get_json()["request_id"] == given


@each_row(
    "given",
    [
        "",
        " ",
        "a" * 129,
        "a b",
        "a\n",
        "a\r\nSet-Cookie: a=b",
        "a\x00",
        "é",
        "\uff11",
        '{"a":1}',
        "a,b",
        "a/b",
    ],
)
def test_an_ill_formed_request_id_is_replaced(sample_app: Flask, given: str) -> None:
    sent = {"X-Request-ID": given.encode().decode("latin-1")}
    reply = ask(sample_app, "/nothing", headers=sent)
    (made,) = reply.headers.getlist("X-Request-ID")
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", made)
    assert made != given
    assert reply.json["request_id"] == made


def test_every_answer_has_a_request_id_of_its_own(situations: dict[int, TestResponse]) -> None:
    made = [reply.headers["X-Request-ID"] for reply in situations.values()]
    assert len(set(made)) == len(made)


# --- problems -----------------------------------------------------------------------------------


def problem(reply: Any, status: int, slug: str) -> dict[str, Any]:
    """The body of a refusal, after what holds for all of them."""
    headers = reply.headers
    body = json.loads(reply.data if isinstance(reply, TestResponse) else reply.body)
    assert (reply.status_code if isinstance(reply, TestResponse) else reply.status) == status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert list(body)[:6] == ["type", "title", "status", "detail", "instance", "request_id"]
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == headers["X-Request-ID"]
    found: dict[str, Any] = body
    return found


MORE = {400: {"errors"}, 410: {"tombstone"}}


@pytest.mark.parametrize(
    ("status", "slug"),
    [
        (400, "invalid-parameter"),
        (404, "not-found"),
        (405, "method-not-allowed"),
        (410, "gone"),
        (414, "too-long"),
        (500, "internal-error"),
        (503, "dataset-unavailable"),
    ],
)
def test_every_refusal_is_a_problem_of_one_shape(
    client: FlaskClient, situations: dict[int, TestResponse], status: int, slug: str
) -> None:
    body = problem(situations[status], status, slug)
    assert set(list(body)[6:]) == MORE.get(status, set())
    page = client.get(body["type"])
    assert (page.status_code, page.mimetype) == (200, "text/html")


def test_an_unknown_parameter_is_a_problem_of_its_own(client: FlaskClient) -> None:
    body = problem(client.get("/v1/claims?limits=1"), 400, "unknown-parameter")
    assert body["errors"][0]["did_you_mean"] == "limit"
    assert client.get(body["type"]).status_code == 200


def test_instance_is_the_path_that_was_asked(client: FlaskClient) -> None:
    for path in ("/nothing/here", f"/v1/claims/{WITHDRAWN}", "/v1/claims/%C3%A9%20%3C"):
        assert client.get(path).get_json()["instance"] == path
    assert client.get("/v1/claims?limit=0").get_json()["instance"] == "/v1/claims"


def test_a_withdrawn_claim_leaves_its_tombstone(client: FlaskClient) -> None:
    body = problem(client.get(f"/v1/claims/{WITHDRAWN}"), 410, "gone")
    assert body["tombstone"] == {
        "id": WITHDRAWN,
        "withdrawn_on": "2023-02-02",
        "reason": "The document does not say so.",
    }


def test_a_superseded_claim_leads_to_what_replaced_it(client: FlaskClient) -> None:
    for method in ("GET", "HEAD"):
        reply = client.open(f"/v1/claims/{SUPERSEDED}", method=method)
        assert reply.status_code == 308
        assert reply.data == b""
        assert client.get(reply.headers["Location"]).status_code == 200


def test_retired_claims_are_in_no_list(client: FlaskClient) -> None:
    page = client.get(f"/v1/claims?id={SUPERSEDED},{WITHDRAWN},{GOAL}").get_json()
    assert [claim["id"] for claim in page["data"]] == [GOAL]


PanicException = type("PanicException", (BaseException,), {})
"""What a panic in the index's native code arrives as: no ``Exception``, and of this name."""


class PanickingIndex:
    """An index whose every use panics, but that it says which fields it has."""

    def __init__(self, index: Index) -> None:
        self.schema = index.schema

    def searcher(self) -> PanickingIndex:
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def panic(*_: Any, **__: Any) -> Any:
            raise PanicException(SECRET)

        return panic


SEARCHING = (
    *("/v1/claims", "/v1/claims?q=plan", f"/v1/claims/{GOAL}", "/v1/counts?by=kind"),
    *EXPORTS,
    "/readyz",
)


@pytest.mark.parametrize("path", SEARCHING)
def test_a_failure_is_answered_and_leaks_nothing(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    dataset, index, log = parts_of(records_of(sample()))
    panicking: Any = PanickingIndex(index)
    stores = (
        Failing(RuntimeError(SECRET)),
        Failing(KeyError(SECRET)),
        TantivyStore(dataset, panicking, log),
    )
    for store in stores:
        reply = ask(app_of(store), path)
        problem(reply, 500, "internal-error")
        assert SECRET not in str(reply.headers)
        assert SECRET.encode() not in reply.body
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["X-Request-ID"] in caplog.text, (
            "the log leads from the id to the cause"
        )


class Halting(Failing):
    """A store whose exports fail after so many claims."""

    def __init__(self, claims: int, error: Exception | None = None) -> None:
        super().__init__(error or RuntimeError(SECRET))
        self.claims = claims

    @property
    def vocabularies(self) -> Any:
        raise self.error

    def export(self, query: ClaimQuery) -> Export:
        whole = sample_store().export(query)
        body = sample_store().get(GOAL)

        def halting() -> Iterator[bytes]:
            yield from itertools.repeat(body, self.claims)
            raise self.error

        return Export(whole.total, whole.ndjson_bytes, halting())

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        return Rows(sample_store().rows(query, table).size, self.export(query).bodies)


@pytest.mark.parametrize("path", EXPLORER)
def test_a_page_that_fails_is_a_page(path: str) -> None:
    reply = ask(app_of(Halting(0)), path)
    refusal_in_kind(reply, path, 500, "internal-error")
    assert SECRET.encode() not in reply.body


@pytest.mark.parametrize("path", EXPLORER)
def test_a_page_without_a_data_set_is_a_page(empty_app: Flask, path: str) -> None:
    reply = ask(empty_app, path)
    refusal_in_kind(reply, path, 503, "dataset-unavailable")
    assert re.fullmatch("[1-9][0-9]*", reply.headers["Retry-After"])


@pytest.mark.parametrize("path", EXPORTS[:3])
def test_a_stream_that_fails_before_anything_is_sent_is_a_problem(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_of(Halting(1))
    reply = ask(app, path, headers={"X-Request-ID": "traced"})
    assert problem(reply, 500, "internal-error")["request_id"] == "traced"
    assert SECRET.encode() not in reply.body
    assert "traced" in caplog.text


@pytest.mark.parametrize("path", EXPORTS[:3])
def test_an_export_that_cannot_be_read_whole_is_a_503_or_ends_short(path: str) -> None:
    """Never a part of it that looks like the whole."""
    lost = DatasetUnavailable(SECRET, retry_after=2)
    reply = ask(app_of(Halting(1, lost)), path)
    problem(reply, 503, "dataset-unavailable")
    assert reply.headers["Retry-After"] == "2"
    with pytest.raises(DatasetUnavailable):
        ask(app_of(Halting(10_000, lost)), path)


@each_row("path", [*DATA, "/readyz", "/v1/claims?q=%22"])
def test_without_a_data_set_there_is_a_time_to_come_back(
    empty_client: FlaskClient, path: str
) -> None:
    reply = empty_client.get(path)
    problem(reply, 503, "dataset-unavailable")
    assert re.fullmatch("[1-9][0-9]*", reply.headers["Retry-After"])


def test_a_data_set_lost_while_serving_is_a_503() -> None:
    """The reason, which names no directory, is for whoever asks whether the service is ready."""
    app = app_of(Failing(DatasetUnavailable(SECRET, Path("/somewhere/else"))))
    for path in SEARCHING:
        reply = ask(app, path)
        problem(reply, 503, "dataset-unavailable")
        assert (SECRET.encode() in reply.body) == (path == "/readyz")
        assert b"somewhere" not in reply.body


@pytest.mark.parametrize("path", ["/docs", "/codebook", "/problems/gone", *CONTRACT, "/healthz"])
def test_what_needs_no_data_answers_without(empty_client: FlaskClient, path: str) -> None:
    assert empty_client.get(path).status_code == 200


def test_a_faulty_question_is_a_400_even_without_data(empty_client: FlaskClient) -> None:
    assert empty_client.get("/v1/claims?limit=0").status_code == 400
    assert empty_client.get("/v1/claims/nonsense").status_code == 404


def refusal_in_kind(reply: Any, path: str, status: int, slug: str) -> None:
    """A page where a page was asked for, a problem everywhere else."""
    if path not in (*EXPLORER, *PAGES):
        problem(reply, status, slug)
        return
    assert (reply.status, reply.headers["Content-Type"]) == (status, HTML)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src")
    assert f'href="/problems/{slug}"'.encode() in reply.body
    assert reply.headers["X-Request-ID"].encode() in reply.body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO"])
def test_any_other_method_is_refused_with_those_allowed(sample_app: Flask, method: str) -> None:
    for path in (*READS, *HEALTH):
        reply = ask(sample_app, path, method)
        refusal_in_kind(reply, path, 405, "method-not-allowed")
        assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("method", ["get", "Get", "head", "options"])
def test_a_method_in_another_case_is_another_method(sample_app: Flask, method: str) -> None:
    for path in (*READS, *HEALTH):
        refusal_in_kind(ask(sample_app, path, method), path, 405, "method-not-allowed")
    problem(ask(sample_app, "/nothing/here", method), 404, "not-found")


@pytest.mark.parametrize("method", ["POST", "DELETE", "FOO", "OPTIONS"])
def test_no_method_makes_a_path_of_nothing(sample_app: Flask, method: str) -> None:
    problem(ask(sample_app, "/nothing/here", method), 404, "not-found")


# --- paths --------------------------------------------------------------------------------------

HOSTILE = (
    *("/v1/claims/", "//v1/claims", "///v1/claims", "/v1//claims", "/v1/claims//", "/V1/claims"),
    *("", "*", "v1/claims", "\\v1\\claims", "/v1/claims;a=1", "/v1/./claims", "/v1/x/../claims"),
    *(
        f"/v1/claims/{GOAL}/",
        f"/v1/claims/{GOAL}%0A",
        f"/v1/claims/{GOAL}%00",
        f"/v1/claims/%20{GOAL}",
    ),
    *("/v1/claims/..", "/v1/claims/%2e%2e", "/v1/claims/..%2f..%2fetc", "/%00", "/%ff", "/%c0%af"),
    *("/v1/claims/%ff", "/v1/claims/%ED%A0%80", "/v1/claims/é", "/v1/topics/핵", "/v1/agents/😀"),
    *("/v1/claims/%", "/v1/claims/%zz", "/v1/claims/%0d%0aSet-Cookie:%20a=b", "/v1/claims/<b>"),
    *("/v1/topics/Economy", "/v1/topics/%00", "/v1/topics/a--b", f"/v1/topics/{'a' * 4000}"),
    *(f"/v1/documents/{GOAL}", f"/v1/claims/{FIRST}", f"/v1/claims/{GOAL.upper()}"),
    *("/problems/", "/problems/not-found/", "/claims/a/b", "/goals/", "/values/", "/compare/"),
    *("/static/", "/static/x/y", "/static/../../etc/passwd", "/static/%2e%2e/page.css"),
    *("/static/0000000000000000/page.css", "/docs/", "/healthz/", "/openapi.yaml/", "/.env"),
    *("/v1/changes/", "/v1/compare/", "/v1/dataset.jsonld/", "/v1/claims.jsonld", "/metrics/"),
    *("/v1/claims/.jsonld", "/v1/claims/x.jsonld", f"/v1/claims/{GOAL}.jsonld.jsonld"),
    *(f"/v1/claims/{GOAL}.jsonld/", f"/v1/claims/{GOAL}/history/", f"/v1/claims/{GOAL}.JSONLD"),
    *("/v1/claims//history", "/v1/claims/x/history", f"/v1/claims/{GOAL}.jsonld/history"),
    *("/v1", "/v1/", "/v2/claims", "/v1/claims.json", "/v1/claims.CSV"),
)


@each_row("path", HOSTILE)
def test_a_strange_path_is_a_404_and_no_redirect(sample_app: Flask, path: str) -> None:
    for method, allowed in (("GET", {404}), ("HEAD", {404}), ("POST", {404, 405})):
        reply = ask(sample_app, path, method)
        assert reply.status in allowed, method
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert "Location" not in reply.headers
    body = problem(ask(sample_app, path), 404, "not-found")
    assert body["instance"].isascii()


@pytest.mark.parametrize("path", ["/problems/..", "/problems/%00", "/problems/nonsense"])
def test_a_problem_type_that_is_none_has_a_page_that_says_so(sample_app: Flask, path: str) -> None:
    for method, expected in (("GET", 404), ("HEAD", 404), ("POST", 405)):
        reply = ask(sample_app, path, method)
        assert (reply.status, reply.headers["Content-Type"]) == (expected, HTML)
        assert "Location" not in reply.headers


@pytest.mark.parametrize("path", ["/v1/claims?q=", "/", "/v1/claims/", "/docs?", "/v1/topics/"])
def test_a_request_line_above_8190_bytes_is_too_long(sample_app: Flask, path: str) -> None:
    frame = len(f"GET {path} HTTP/1.1")
    for length, expected in ((8190, False), (8191, True), (100_000, True)):
        reply = ask(sample_app, path + "a" * (length - frame))
        assert (reply.status == 414) is expected
        assert reply.status < 500


# --- one answer, one data set -------------------------------------------------------------------


def test_an_answer_comes_from_one_data_set_even_while_it_changes() -> None:
    """The supply may hand out another store to the next request, never within one."""
    first = sample_store()
    other = store_of(sample())
    info = replace(other.dataset, version="f" * 16, digest="f" * 64)
    second: Any = Renamed(other, info)
    app = app_of(first)
    stores = alternating(first, second)

    class FailingProvider:
        def current(self) -> Any:
            return next(stores)

    app.extensions["claims.provider"] = FailingProvider()
    for path in JSON_READS:
        reply = app.test_client().get(path)
        version = reply.get_json()["meta"]["dataset"]["version"]
        assert reply.headers["Dataset-Version"] == version


class Renamed:
    """A store whose data set goes by another name."""

    def __init__(self, store: Store, info: DatasetInfo) -> None:
        self._store, self.dataset = store, info

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        return self._store.vocabularies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def alternating(*stores: Any) -> Iterator[Any]:
    while True:
        yield from stores


def test_settings_of_one_application_leave_another_alone() -> None:
    assert Config().public_url == ""
    one, two = app_of(sample_store(), "https://one.example"), app_of(sample_store())
    assert one.test_client().get("/v1/claims").get_json()["links"]["self"].startswith("https://one")
    assert unquote(two.test_client().get("/v1/claims").get_json()["links"]["self"]) == "/v1/claims"
