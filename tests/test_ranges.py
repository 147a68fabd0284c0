"""Parts of files by ``Range`` and ``If-Range`` (RFC 9110, sections 13.1.5 and 14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.query import ClaimQuery
from schemas.records.dataset import Export
from service.compiler import open_fixtures
from service.http.ranges import cut
from tests import records
from tests.tables import each_row
from tests.wire import app_of, sample_store

pytestmark = pytest.mark.slow

FILES = (
    *("/v1/claims.csv", "/v1/claims.csv?kind=goal", "/v1/claims.ndjson", "/v1/claims.ndjson?q=war"),
    *("/v1/quotes.csv?sort=announced", "/v1/sources.csv", "/v1/relations.csv", "/v1/agents.csv"),
    *("/v1/claims.csv?excel=true", "/v1/counts.csv?by=kind", "/v1/claims.csv.gz"),
    *("/v1/claims.ndjson.gz", "/v1/claims.parquet", "/v1/claims.xlsx?kind=goal"),
    *("/v1/datasets/current/claims.csv", "/v1/datasets/current/claims.parquet"),
    "/v1/compare.csv?from=wpk-plenary-2022-12&to=wpk-plenary-2023-12",
)
PARTS = (
    *(("0-0", 0, 1), ("0-9", 0, 10), ("5-", 5, None), ("-7", -7, None), ("0-", 0, None)),
    *(("10-99999999", 10, None), ("-99999999", 0, None), ("007-0010", 7, 11), (" 1-2 ", 1, 3)),
)
WHOLE = (
    *("", "0-0", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-3", "bytes=--5", "bytes=1"),
    *("bytes=0-1,4-5", "bytes=0-1,", "lines=0-1", "bytes=0-1;", "bytes=１-２", "bytes=+1-2"),
    *("bytes=0x1-2", "bytes=1_0-2_0", "bytes=1-2-3", f"bytes={'9' * 400}-", f"bytes=-{'9' * 5000}"),
    "bytes = 0-1",
)


def part(client: FlaskClient, path: str, given: str, **headers: str) -> TestResponse:
    return client.get(path, headers={"Range": given, **headers})


@each_row("path", FILES)
def test_a_range_is_that_part_of_the_whole(client: FlaskClient, path: str) -> None:
    whole = client.get(path)
    assert whole.headers["Accept-Ranges"] == client.head(path).headers["Accept-Ranges"] == "bytes"
    for given, first, end in PARTS:
        found = part(client, path, f"bytes={given}")
        assert (found.status_code, found.data) == (206, whole.data[first:end]), given
        start = first if first >= 0 else len(whole.data) + first
        last = start + len(found.data) - 1
        assert found.headers["Content-Range"] == f"bytes {start}-{last}/{len(whole.data)}"
        assert found.headers["Content-Length"] == str(len(found.data))
        for name in ("ETag", "Content-Type", "Content-Disposition", "Cache-Control", "Link"):
            assert found.headers.get(name) == whole.headers.get(name)


@each_row("path", FILES)
def test_what_is_no_single_range_is_answered_whole(client: FlaskClient, path: str) -> None:
    whole = client.get(path)
    for given in WHOLE:
        found = part(client, path, given)
        assert (found.status_code, found.data) == (200, whole.data), given[:40]
        assert "Content-Range" not in found.headers


@each_row("path", FILES)
def test_a_range_behind_the_end_is_a_problem_that_tells_the_length(
    client: FlaskClient, path: str
) -> None:
    size = len(client.get(path).data)
    for given in (f"{size}-", f"{size}-{size + 5}", "999999999999999999-", "-0"):
        found = part(client, path, f"bytes={given}")
        assert found.status_code == 416, given
        assert found.headers["Content-Range"] == f"bytes */{size}"
        assert found.get_json()["type"] == "/problems/range-not-satisfiable"
        assert found.headers["Cache-Control"] == "no-store"


@each_row("path", FILES)
def test_a_range_counts_for_the_very_file_that_if_range_names(
    client: FlaskClient, path: str
) -> None:
    whole = client.get(path)
    tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    assert part(client, path, "bytes=2-4", **{"If-Range": tag}).data == whole.data[2:5]
    for other in (f"W/{tag}", '"another"', date, "", "*", tag.strip('"'), f'{tag}, "x"'):
        found = part(client, path, "bytes=2-4", **{"If-Range": other})
        assert (found.status_code, found.data) == (200, whole.data), other
        behind = part(client, path, "bytes=999999999-", **{"If-Range": other})
        assert behind.status_code == 200


@each_row("path", FILES)
def test_conditions_come_before_a_range(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    for given in ("bytes=2-4", "bytes=999999999-"):
        assert part(client, path, given, **{"If-None-Match": tag}).status_code == 304
        assert part(client, path, given, **{"If-Match": '"another"'}).status_code == 412
    assert part(client, path, "bytes=2-4", **{"If-Match": tag}).status_code == 206
    assert part(client, path, "bytes=2-4", **{"If-None-Match": '"another"'}).status_code == 206


@each_row("path", FILES)
def test_head_makes_nothing_that_only_the_body_needs(path: str) -> None:
    """Counting, comparing, writing a workbook; what is known without is told."""

    class Unmade:
        def __getattr__(self, name: str) -> Any:
            return getattr(sample_store(), name)

        def counts(self, *_: Any) -> Any:
            raise AssertionError("a count")

        def export(self, query: ClaimQuery) -> Export:
            return replace(sample_store().export(query), bodies=iter(Unread()))

    client = app_of(cast("Any", Unmade())).test_client()
    assert client.head(path).status_code == 200


class Unread:
    """What must not be read."""

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        raise AssertionError("the claims")


def test_head_and_answers_that_are_no_files_have_no_parts(client: FlaskClient) -> None:
    sent = {"Range": "bytes=2-4"}
    assert client.head("/v1/claims.csv", headers=sent).status_code == 200
    for path in ("/v1/claims", "/v1/dataset", "/", "/openapi.yaml", "/v1/datapackage.json"):
        found = client.get(path, headers=sent)
        assert found.status_code == 200, path
        assert "Accept-Ranges" not in found.headers
    assert client.get("/v1/claims.csv?limit=1", headers=sent).status_code == 400


def test_a_result_without_claims_has_no_part(client: FlaskClient) -> None:
    for given in ("bytes=0-0", "bytes=-5", "bytes=7-"):
        found = part(client, "/v1/claims.ndjson?topic=of-nothing", given)
        assert (found.status_code, found.data) == (200, b"")


def test_a_download_that_goes_on_ends_as_the_whole() -> None:
    """Of results larger than what is made before it is sent, in pieces of uneven size."""
    text = "The harvest grew. " * 100
    claims = [records.claim(n, statement=f"{n}. {text}".strip()) for n in range(700)]
    client = app_of(open_fixtures(records.fixtures(claims))).test_client()
    for path in ("/v1/claims.csv", "/v1/claims.csv?kind=event&sort=announced", "/v1/claims.ndjson"):
        whole, found, step = client.get(path), b"", 300_007
        tag = {"If-Range": whole.headers["ETag"]}
        while len(found) < len(whole.data):
            piece = part(client, path, f"bytes={len(found)}-{len(found) + step - 1}", **tag)
            assert piece.status_code == 206
            found += piece.data
        assert found == whole.data
    excel = part(client, "/v1/claims.csv?excel=true", "bytes=0-9")
    assert (excel.status_code, excel.headers.get("Accept-Ranges")) == (200, None)


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_stream_is_cut_as_its_bytes_are(length: int) -> None:
    pieces = [b"ab", b"", b"cdef", b"g"]
    whole = b"".join(pieces)
    for start in range(len(whole)):
        for end in range(start, len(whole) + 1):
            made = iter([piece[:length] + piece[length:] for piece in pieces])
            assert b"".join(cut(made, start, end)) == whole[start:end]
            assert b"".join(cut(whole, start, end)) == whole[start:end]


def test_a_repeated_answer_has_parts_like_the_first(client: FlaskClient) -> None:
    from service.app import create_app
    from service.config import Config

    cached = create_app(Config(access_log=False)).test_client()
    for _ in range(3):
        whole = cached.get("/v1/claims.csv")
        found = part(cached, "/v1/claims.csv", "bytes=3-8")
        assert (found.status_code, found.data) == (206, whole.data[3:9])
        assert whole.status_code == 200
