"""Under more load than can be answered, what has waited too long is told so, health excepted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from service.app import create_app
from service.config import Config
from service.http.headers import HEALTH_PATHS, WAITED
from service.http.problem_types import PROBLEMS
from service.http.shedding import MAX_WAIT_SECONDS, RETRY_SECONDS
from tests.wire import sample_store


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(create_app(Config(), sample_store()))


def asked(client: Client, path: str, waited: float, method: str = "GET") -> Any:
    told = {WAITED: waited, "HTTP_X_REQUEST_ID": "r-1"}
    return client.open(path, method=method, environ_overrides=told, buffered=True)


@pytest.mark.parametrize("path", ["/v1/claims", "/no-such-path", "/v1/claims?q=", "/openapi.json"])
def test_request_that_has_waited_too_long_is_told_to_come_again(client: Client, path: str) -> None:
    reply = asked(client, path, MAX_WAIT_SECONDS + 0.01)
    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == str(RETRY_SECONDS)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Request-ID"] == "r-1"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    problem = json.loads(reply.data)
    assert (problem["type"], problem["request_id"]) == ("/problems/overloaded", "r-1")
    assert problem["title"] == PROBLEMS["overloaded"].title


@pytest.mark.parametrize("path", ["/", "/docs", "/claims/clm_b0qp991b"])
def test_page_for_people_says_so_as_a_page(client: Client, path: str) -> None:
    reply = asked(client, path, MAX_WAIT_SECONDS + 0.01)
    assert (reply.status_code, reply.mimetype) == (503, "text/html")
    assert reply.headers["Retry-After"] == str(RETRY_SECONDS)
    assert PROBLEMS["overloaded"].title in reply.text


@pytest.mark.parametrize("path", HEALTH_PATHS)
def test_health_is_told_however_long_it_took(client: Client, path: str) -> None:
    assert asked(client, path, 100.0).status_code == 200


def test_request_that_has_waited_a_little_is_answered(client: Client) -> None:
    assert asked(client, "/v1/claims", MAX_WAIT_SECONDS).status_code == 200


def test_refusal_to_head_has_no_body(client: Client) -> None:
    reply = asked(client, "/v1/claims", 2.0, "HEAD")
    assert (reply.status_code, reply.data) == (503, b"")


def test_refusal_is_logged_like_an_answer(
    client: Client, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    asked(client, "/v1/claims", 2.0)
    line = json.loads(capfdbinary.readouterr().out.splitlines()[-1])
    assert (line["status"], line["path"], line["request_id"]) == (503, "/v1/claims", "r-1")


def test_refusal_repeats_nothing_of_the_request(client: Client) -> None:
    assert b"zq9mark" not in asked(client, "/v1/zq9mark?q=zq9mark", 2.0).data
