"""Clients that generators make of the served contract by their defaults: they compile, filter by
two values, read a refusal, and read what an open list gains after they were made.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from service.app import create_app
from service.config import Config
from tests.live import served
from tests.strangers.generated import GENERATORS
from tests.strangers.grown import Grown, open_lists
from tests.wire import shipped_store

pytestmark = pytest.mark.strangers

CLAIM = "clm_295vf0z5"
OCCASIONS = ("wpk-plenary-2022-12", "wpk-plenary-2023-12")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Config(access_log=False), shipped_store())


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generated_client_works_with_the_service_of_today_and_of_tomorrow(
    name: str, app: Flask, tmp_path: Path
) -> None:
    client, grown = app.test_client(), Grown(app)
    contract = tmp_path / "openapi.yaml"
    contract.write_bytes(client.get("/openapi.yaml").data)
    (tmp_path / "client").mkdir()
    with served(app) as today, served(grown) as tomorrow:
        asked = [today.url, tomorrow.url, CLAIM, *OCCASIONS]
        told = json.loads(GENERATORS[name](contract, tmp_path / "client", asked))
    expected = client.get("/v1/claims?kind=goal,directive&limit=100").get_json()["data"]
    assert told["ids"] == [claim["id"] for claim in expected]
    assert (told["status"], told["parameters"]) == (400, ["cursor"])
    assert set(grown.grown) == open_lists()
