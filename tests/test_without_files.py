"""A store that has a data set but not its files, as one in a cluster, and what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.records.dataset import FileDescription
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.store.csv_lines import exactly
from service.store.protocol import DatasetUnavailable, Store
from tests.wire import app_of, ask, sample_store

REQUEST = {"X-Request-ID": "same"}
BUILT = ("claims.csv.gz", "quotes.csv.gz", "claims.ndjson.gz", "claims.parquet")


class WithoutFiles:
    """The samples, of whose files nothing but the description is there."""

    def __init__(self) -> None:
        self.whole: Any = sample_store()
        self.files: dict[str, Any] = {}
        self.described = dict.fromkeys(BUILT, FileDescription(1, "0" * 64)) | {
            **self.whole.described
        }

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


def test_a_file_that_lies_elsewhere_is_said_and_not_offered() -> None:
    app = app_of(WithoutFiles())
    for name in BUILT:
        answer = ask(app, f"/v1/{name}")
        assert answer.status == 404, name
        assert "/v1/claims.ndjson" in answer.json["detail"]
    offered = [each["link"] for each in ask(app, "/v1/dataset").json["data"]["exports"]]
    assert offered
    assert {path: ask(app, path).status for path in offered} == dict.fromkeys(offered, 200)
    page = ask(app, "/", headers={"Accept": "text/html"}).body.decode()
    (linked,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert [each["contentUrl"] for each in json.loads(linked)["distribution"]] == offered
    assert ask(app, "/v1/datasets").json["data"][0]["files"] == []


@pytest.mark.parametrize("name", VOCABULARY_TABLES)
def test_a_table_that_is_made_is_the_file_headers_included(name: str) -> None:
    asked = [ask(app_of(store), f"/v1/{name}.csv", headers=REQUEST) for store in stores()]
    for answer in asked:
        answer.headers.pop("Server-Timing", None)
        answer.headers.pop("Date", None)
    made, stored = asked
    assert (made.status, made.body) == (200, stored.body)
    assert [*made.headers] == [*stored.headers]
    assert int(made.headers["Content-Length"]) == len(made.body)


def stores() -> tuple[Store, Store]:
    without: Any = WithoutFiles()
    return without, sample_store()


@pytest.mark.parametrize("size", [*range(8), 100])
def test_no_byte_too_many_is_sent_and_none_is_missing_unsaid(size: int) -> None:
    sent: list[bytes] = []

    def read(pieces: Iterator[bytes]) -> None:
        sent.extend(pieces)

    if size == 6:
        read(exactly(size, [b"ab", b"", b"cdef"]))
        assert b"".join(sent) == b"abcdef"
        return
    with pytest.raises(DatasetUnavailable):
        read(exactly(size, [b"ab", b"", b"cdef"]))
    assert len(b"".join(sent)) <= size
