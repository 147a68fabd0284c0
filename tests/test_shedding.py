"""A request that waited too long in front of the application is refused, health excepted."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from werkzeug.test import Client

from service.app import create_app
from service.config import Config
from service.http.front import MAX_WAIT_SECONDS, RETRY_AFTER_SECONDS
from service.http.problem_types import PROBLEMS
from tests.tables import each_row
from tests.wire import sample_store


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(create_app(Config(), sample_store()))


def ask(client: Client, path: str, waited: float, method: str = "GET") -> Any:
    """A request that nginx passed on so many seconds ago."""
    headers = {"X-Request-Start": f"t={time.time() - waited:.3f}", "X-Request-ID": "r-1"}
    return client.open(path, method=method, headers=headers, buffered=True)


@pytest.mark.parametrize("path", ["/v1/claims", "/no-such-path", "/v1/claims?q="])
def test_request_that_waited_too_long_is_refused(client: Client, path: str) -> None:
    reply = ask(client, path, MAX_WAIT_SECONDS + 0.01)
    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == str(RETRY_AFTER_SECONDS)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Request-ID"] == "r-1"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    problem = json.loads(reply.data)
    assert (problem["type"], problem["request_id"]) == ("/problems/overloaded", "r-1")
    assert problem["title"] == PROBLEMS["overloaded"].title


@pytest.mark.parametrize("path", ["/", "/docs", "/claims/clm_b0qp991b"])
def test_page_for_people_says_so_as_a_page(client: Client, path: str) -> None:
    reply = ask(client, path, MAX_WAIT_SECONDS + 0.01)
    assert (reply.status_code, reply.mimetype) == (503, "text/html")
    assert reply.headers["Retry-After"] == str(RETRY_AFTER_SECONDS)
    assert PROBLEMS["overloaded"].title in reply.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_however_long_it_waited(client: Client, path: str) -> None:
    assert ask(client, path, 30.0).status_code == 200


def test_request_that_waited_a_little_is_answered(client: Client) -> None:
    assert ask(client, "/v1/claims", MAX_WAIT_SECONDS / 2).status_code == 200


#: Times are filled in. Five seconds ago is too long ago: whoever read these leniently would refuse.
UNTRUE = (
    "", "t=", "t=now", "{recent}", "T={recent}", "t= {recent}", "t={recent} ", "t={recent}.1",
    "t=+{recent}", "t={exponent}", "t={recent},t={recent}", "t=0", "t={ancient}", "t={future}",
    "t={milliseconds}",
)  # fmt: skip


@each_row("header", UNTRUE)
def test_header_that_is_ill_formed_or_cannot_be_true_is_ignored(
    client: Client, header: str
) -> None:
    now = time.time()
    value = header.format(
        recent=f"{now - 5:.3f}", future=f"{now + 5:.3f}", ancient=f"{now - 3600:.3f}",
        milliseconds=f"{1000 * (now - 5):.0f}", exponent=f"{now - 5:.12e}",
    )  # fmt: skip
    reply = client.get("/v1/claims", environ_overrides={"HTTP_X_REQUEST_START": value})
    assert reply.status_code == 200


def test_nothing_is_refused_without_the_header(client: Client) -> None:
    assert client.get("/v1/claims").status_code == 200


def test_refusal_to_head_has_no_body(client: Client) -> None:
    reply = ask(client, "/v1/claims", 2.0, "HEAD")
    assert (reply.status_code, reply.data) == (503, b"")


def test_refusal_is_logged_like_an_answer(
    client: Client, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    ask(client, "/v1/claims", 2.0)
    line = json.loads(capfdbinary.readouterr().out.splitlines()[-1])
    assert (line["status"], line["path"], line["request_id"]) == (503, "/v1/claims", "r-1")


def test_refusal_repeats_nothing_of_the_request(client: Client) -> None:
    assert b"zq9mark" not in ask(client, "/v1/zq9mark?q=zq9mark", 2.0).data
