"""The Python client's DataFrames of the service's tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from policy_claims import Client, InvalidRequest
from policy_claims.frames import TYPES, Table
from schemas.tables.claims import CLAIMS, QUOTES
from schemas.tables.on_request import COUNTS
from service.app import create_app
from service.config import Config
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


TABLES = {table.name: table for table in (CLAIMS, QUOTES, COUNTS)}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_columns_of_the_csv_each_of_its_type(client: Client, name: Table) -> None:
    by = {"by": ["topic", "horizon"]} if name == "counts" else {}
    found = client.to_dataframe(name, **by)  # type: ignore[arg-type]
    typed = {"date": "datetime64[s]", **TYPES}
    assert {column: str(kind) for column, kind in found.dtypes.items()} == {
        column.name: typed.get(column.type, "string") for column in TABLES[name].columns
    }
    assert list(found.columns) == list(TABLES[name].header)


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
