"""The one table of columns, and whatever follows from it: the contract and the client say the same,
and the type of a column is that of its values, whatever the data are.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from policy_claims.types import COLUMNS
from schemas.tables.claims import CLAIM_TABLES, CLAIMS
from schemas.tables.column import Table
from schemas.tables.on_request import COMPARISON, COUNTS, tidy_counts
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.formats.discovery.datapackage import TABLES as STORED
from service.formats.discovery.datapackage import table_schema
from tests.contract_tools import columns_told, operation_at

TABLES = {table.name: table for table in (*STORED, COUNTS, COMPARISON)}
ASKED = {"counts": "by=topic,horizon", "compare": "from=wpk-plenary-2022-12&to=wpk-plenary-2023-12"}

IS_OF: dict[str, Callable[[str], object]] = {
    "date": dt.date.fromisoformat,
    "integer": int,
    "number": float,
    "boolean": ("true", "false").index,
    "id": re.compile(r"[^\s;]+").fullmatch,
    "ids": re.compile(r"[^\s;]+(?: [^\s;]+)*").fullmatch,
    "edtf": re.compile("[0-9X~?%/.-]+").fullmatch,
    "url": re.compile(r"https?://\S+").fullmatch,
    "text": str.strip,
    "texts": str.strip,
}


@pytest.fixture(params=["client", "sample_client", "worked_client"])
def any_client(request: pytest.FixtureRequest) -> FlaskClient:
    client: FlaskClient = request.getfixturevalue(request.param)
    return client


def rows(client: FlaskClient, name: str, query: str = "") -> Iterator[dict[str, str]]:
    text = client.get(f"/v1/{name}.csv?{query}").data.decode()
    yield from csv.DictReader(io.StringIO(text, newline=""), strict=True)


@pytest.mark.parametrize("name", TABLES)
def test_the_contract_tells_each_column_as_the_table_has_it(name: str) -> None:
    asked = operation_at(f"/v1/{name}.csv")
    assert asked is not None
    assert columns_told(asked) == [(c.name, c.type, c.description) for c in TABLES[name].columns]


def test_the_client_types_each_column_as_the_tables_do() -> None:
    assert {c.name: c.type for table in TABLES.values() for c in table.columns} == COLUMNS


@pytest.mark.parametrize("name", TABLES)
def test_every_value_is_of_the_type_of_its_column(client: FlaskClient, name: str) -> None:
    found = list(rows(client, name, ASKED.get(name, "")))
    assert found
    for row in found:
        for column in TABLES[name].columns:
            cell = row[column.name]
            assert cell == "" or IS_OF[column.type](cell) not in (None, ""), (column.name, cell)


def test_a_table_of_a_vocabulary_has_a_row_for_each_record(any_client: FlaskClient) -> None:
    for name in VOCABULARY_TABLES:
        listed = any_client.get(f"/v1/{name}?limit=100").get_json()["data"]
        found = list(rows(any_client, name))
        assert [row["id"] for row in found] == [record["id"] for record in listed]
        assert [row["claim_count"] for row in found] == [str(r["claim_count"]) for r in listed]


def claims(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.get(f"/v1/claims.ndjson?{query}").data.splitlines()]


@pytest.mark.parametrize("query", ["", "kind=goal", "q=war", "sort=announced&goals_only=true"])
def test_sources_and_relations_have_a_row_for_each_of_a_claim(
    any_client: FlaskClient, query: str
) -> None:
    found = claims(any_client, query)
    chains = [
        (claim["id"], reading, place, link["agent"]["id"], link["role"], link["cue"] or "")
        for claim in found
        for reading, chain in enumerate([claim, *claim["alternatives"]])
        for place, link in enumerate(chain["sources"], 1)
    ]
    assert [
        (r["claim"], int(r["reading"]), int(r["position"]), r["agent"], r["role"], r["cue"])
        for r in rows(any_client, "sources", query)
    ] == chains
    assert [
        (r["claim"], r["type"], r["related_claim"], r["rationale"])
        for r in rows(any_client, "relations", query)
    ] == [
        (claim["id"], each["type"], each["claim"], each["rationale"])
        for claim in found
        for each in claim["relations"]
    ]


@pytest.mark.parametrize(
    ("by", "head"),
    [
        ("kind", ["kind", "count"]),
        ("topic", ["topic", "topic_name", "count"]),
        ("topic,horizon", ["topic", "topic_name", "horizon", "count"]),
        ("horizon,topic_exact", ["horizon", "topic_exact", "topic_exact_name", "count"]),
        ("announced_day,credibility", ["announced_day", "credibility", "count"]),
    ],
)
def test_tidy_counts_are_called_after_their_dimensions(
    client: FlaskClient, by: str, head: list[str]
) -> None:
    found = list(rows(client, "counts", f"by={by}&tidy=true"))
    plain = list(rows(client, "counts", f"by={by}&tidy=false"))
    assert list(found[0]) == head
    dimensions = by.split(",")
    assert [[row[name] for name in (*dimensions, "count")] for row in found] == [
        [row[f"key{'' if n == 0 else 2}"] for n in range(len(dimensions))] + [row["count"]]
        for row in plain
    ]
    for column in tidy_counts(tuple(dimensions)).columns:
        for row in found:
            assert row[column.name] == "" or IS_OF[column.type](row[column.name]) is not None


def test_the_names_of_columns_are_words_that_every_language_takes() -> None:
    for table in TABLES.values():
        assert len(set(table.header)) == len(table.header)
        for name in table.header:
            assert re.fullmatch("[a-z][a-z0-9_]*", name)
        for name in (*table.key, *(name for name, _ in table.refers)):
            assert name in table.header


@pytest.mark.parametrize("table", STORED)
def test_a_table_schema_has_the_columns_of_its_table(table: Table) -> None:
    fields = table_schema(table)["fields"]
    assert [(each["name"], each["description"]) for each in fields] == [
        (column.name, column.description) for column in table.columns
    ]


def test_claims_are_in_each_of_their_tables_under_one_name() -> None:
    assert CLAIM_TABLES[0] is CLAIMS
    for table in CLAIM_TABLES[1:]:
        assert table.header[0] == "claim"
        assert ("claim", "claims") in table.refers
