"""``claims.parquet``: its schema follows from the columns alone; without pyarrow there is none."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.tables.claims import CLAIMS
from service.compiler import Fixtures, open_fixtures
from tests import records
from tests.samples import sample
from tests.wire import app_of

pytestmark = pytest.mark.slow
pa: Any = pytest.importorskip("pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")

TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("id", "text", "edtf", "url"), pa.string()),
    **dict.fromkeys(("ids", "texts"), pa.list_(pa.string())),
    "date": pa.date32(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}


def read(client: FlaskClient) -> Any:
    return pq.read_table(io.BytesIO(client.get("/v1/claims.parquet").data))


def without_claims() -> FlaskClient:
    return app_of(open_fixtures(records.fixtures([]))).test_client()


def test_the_types_are_the_same_whatever_the_data(
    client: FlaskClient, sample_client: FlaskClient, worked_client: FlaskClient
) -> None:
    for each in (client, sample_client, worked_client, without_claims()):
        schema = read(each).schema
        assert schema.names == list(CLAIMS.header)
        for column in CLAIMS.columns:
            field = schema.field(column.name)
            assert field.type == TYPES[column.type], column.name
            assert field.metadata[b"description"].decode() == column.description


@pytest.mark.parametrize("which", ["client", "sample_client", "worked_client"])
def test_each_value_is_that_of_the_table(request: pytest.FixtureRequest, which: str) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    rows = read(client).to_pylist()
    lines = client.get("/v1/claims.ndjson").data.splitlines()
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        (values,) = CLAIMS.values(json.loads(line))
        for column, value in zip(CLAIMS.columns, values, strict=True):
            found = row[column.name]
            assert (found.isoformat() if column.type == "date" and found else found) == value


def test_without_pyarrow_there_is_none_and_the_answer_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    client = app_of(open_fixtures(Fixtures(sample()))).test_client()
    answer = client.get("/v1/claims.parquet")
    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/not-found")
    assert "parquet" in answer.get_json()["detail"]
    told = client.get("/v1/dataset").get_json()["data"]["exports"]
    assert "claims.parquet" not in {export["name"] for export in told}
    listed = client.get("/v1/datasets/current").get_json()["data"]["files"]
    assert "claims.parquet" not in {file["name"] for file in listed}
    assert client.get("/v1/claims.csv.gz").status_code == 200
