"""The Python client's tables for Polars: the types of the contract, whatever the data are."""

from __future__ import annotations

import sys
import typing
from typing import Any

import pytest

from policy_claims.frames import POLARS_TYPES, Table
from policy_claims.types import COLUMNS
from service.app import create_app
from service.config import Config
from tests.in_process import Application, client_of
from tests.wire import shipped_store


@pytest.fixture(scope="module")
def polars() -> Any:
    return pytest.importorskip("polars")


@pytest.fixture(scope="module")
def shipped() -> Application:
    return Application(create_app(Config(access_log=False), shipped_store()))


def expected(polars: Any, column: str) -> Any:
    kind = COLUMNS[column]
    if kind == "ids":
        return polars.List(polars.String)
    return getattr(polars, POLARS_TYPES.get(kind, "String"))


def test_every_table_has_the_types_of_the_contract_with_and_without_rows(
    polars: Any, shipped: Application
) -> None:
    empty: dict[str, Any] = {"id": "clm_00000000"}
    for table in typing.get_args(Table):
        filtered = table in ("claims", "quotes", "counts")
        by: dict[str, Any] = {"by": "kind"} if table == "counts" else {}
        with client_of(shipped) as client:
            for parameters in ({}, empty) if filtered else ({},):
                frame = client.to_polars(table, **by, **parameters)
                types = {name: expected(polars, name) for name in frame.columns}
                assert dict(frame.schema) == types, table
                assert bool(parameters) == frame.is_empty(), table


def test_a_table_holds_what_the_claims_and_the_pandas_table_hold(
    polars: Any, shipped: Application
) -> None:
    with client_of(shipped) as client:
        frame = client.to_polars(sort="announced")
        claims = list(client.claims(sort="announced"))
        table = client.to_dataframe(sort="announced")
    assert frame["statement"].to_list() == [claim["statement"] for claim in claims]
    assert frame["topics"].to_list() == [[t["id"] for t in claim["topics"]] for claim in claims]
    addressees = [[agent["id"] for agent in claim["addressees"]] for claim in claims]
    assert [] in addressees
    assert frame["addressees"].to_list() == addressees
    assert frame["hedges"].null_count() == table["hedges"].isna().sum()
    for name in ("revision", "content_score", "sourced", "goal_target_value"):
        assert frame[name].sum() == table[name].sum()
    days = [claim["dates"]["announced"] for claim in claims]
    assert frame["announced_earliest"].cast(polars.String).to_list() == [
        day and day["earliest"] for day in days
    ]


def test_without_polars_one_sentence_says_what_to_install(
    shipped: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with client_of(shipped) as client, pytest.raises(ImportError, match="pip install 'polars"):
        client.to_polars()
