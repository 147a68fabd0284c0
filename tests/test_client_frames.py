"""The Python client's DataFrames of the service's tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from policy_claims import Client, InvalidRequest
from policy_claims.frames import DAYS, DECIMALS, NUMBERS, Table
from service.app import create_app
from service.config import Config
from service.formats.tables import CLAIMS, COUNT_COLUMNS, QUOTES
from tests.live import Service, served
from tests.wire import shipped_store


@pytest.fixture(scope="module", autouse=True)
def pandas() -> Any:
    """Loaded by the tests alone, since each process that runs tests reads this module."""
    return pytest.importorskip("pandas", minversion="2.2")


@pytest.fixture(scope="module")
def shipped() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as service:
        yield service


@pytest.fixture
def client(shipped: Service) -> Iterator[Client]:
    with Client(shipped.url) as client:
        yield client


TABLES: dict[Table, list[str]] = {
    "claims": list(CLAIMS.columns),
    "quotes": list(QUOTES.columns),
    "counts": list(COUNT_COLUMNS),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_the_columns_of_the_csv_each_of_its_type(client: Client, table: Table) -> None:
    by = {"by": ["topic", "horizon"]} if table == "counts" else {}
    found = client.to_dataframe(table, **by)  # type: ignore[arg-type]
    assert list(found.columns) == TABLES[table]
    for name, kind in found.dtypes.items():
        numeric = "Int64" if name in NUMBERS else "Float64" if name in DECIMALS else "string"
        expected = "datetime64[s]" if name in DAYS else numeric
        assert str(kind) == expected, name


def test_what_holds_whole_numbers_alone_is_typed_as_a_number(shipped: Service) -> None:
    texts_that_may_be_a_year = {"horizon", "key", "name", "key2", "name2"}
    found = set()
    for what in ("claims.csv", "quotes.csv", "counts.csv?by=kind"):
        text = requests.get(f"{shipped.url}/v1/{what}", timeout=30).content.decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        for column in rows[0]:
            values = [row[column] for row in rows if row[column]]
            if values and all(re.fullmatch("[0-9]+", value) for value in values):
                found.add(column)
    assert found - texts_that_may_be_a_year == NUMBERS


def test_every_day_and_number_that_is_typed_is_a_column() -> None:
    columns = {name for names in TABLES.values() for name in names}
    assert columns >= DAYS | NUMBERS | DECIMALS
    for name in columns - DAYS:
        assert not name.endswith(("_earliest", "_latest", "_at")), name
    for name in columns - NUMBERS:
        assert not name.endswith(("_score", "_year", "_credibility")), name


def test_a_table_holds_what_the_claims_hold(client: Client, pandas: Any) -> None:
    table = client.to_dataframe(sort="announced")
    claims = list(client.claims(sort="announced"))
    assert list(table["id"]) == [claim["id"] for claim in claims]
    assert list(table["statement"]) == [claim["statement"] for claim in claims]
    for row, claim in zip(table.itertuples(), claims, strict=True):
        score = claim["confidence"]["content"]["score"]
        assert row.content_score is pandas.NA if score is None else row.content_score == score
        announced = claim["dates"]["announced"]
        day = announced and announced["earliest"]
        assert row.announced_earliest is pandas.NaT if day is None else True
        if day:
            assert row.announced_earliest == pandas.Timestamp(day)


def test_a_table_says_which_dataset_it_is_from(client: Client) -> None:
    version = client.dataset().data["version"]
    assert client.to_dataframe(kind="goal").attrs["dataset_version"] == version
    again = client.to_dataframe(kind="goal")  # this one the service does not send again
    assert again.attrs["dataset_version"] == version


def test_a_table_without_rows_has_its_columns_and_types(client: Client) -> None:
    nothing = client.to_dataframe(topic="no-such-topic")
    assert len(nothing) == 0
    assert nothing.dtypes.equals(client.to_dataframe().dtypes)


def test_the_service_names_what_is_wrong_with_a_table(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="by"):
        client.to_dataframe("counts")
    with pytest.raises(InvalidRequest, match="by"):
        client.to_dataframe("claims", by="kind")
