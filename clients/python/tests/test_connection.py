"""The client when the service, or the way to it, misbehaves."""

from __future__ import annotations

import json
import socket
import time

import pytest
import requests
from script import AT_ONCE, DROPPED, Script, Scripted
from urllib3.util import Retry

from policy_claims import (
    Client,
    ConnectionFailed,
    NotFound,
    ProblemAnswer,
    Unavailable,
    UnexpectedAnswer,
)
from policy_claims.connection import TIMEOUT

pytestmark = pytest.mark.slow

GOOD = Scripted()
JSON = GOOD.headers


# --- retries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        Scripted(502, b"<html>"),
        Scripted(503),
        Scripted(504),
        DROPPED,
        Scripted(sent=0),
        Scripted(sent=10),
    ],
    ids=["502", "503", "504", "connection reset", "no body", "body cut short"],
)
def test_what_passes_is_asked_again(script: Script, client: Client, failure: Scripted) -> None:
    script.plays(failure, failure, GOOD)
    assert client.dataset().meta["dataset"]["version"] == "v1"
    assert len(script.headers) == 3


@pytest.mark.parametrize("failure", [Scripted(503), DROPPED, Scripted(sent=10)])
def test_asking_again_ends_after_five_attempts(
    script: Script, client: Client, failure: Scripted
) -> None:
    script.plays(failure)
    with pytest.raises((Unavailable, ConnectionFailed)):
        client.dataset()
    assert len(script.headers) == 5


@pytest.mark.parametrize("status", [400, 404, 405, 410, 414, 500, 501])
def test_what_would_be_the_same_again_is_not_asked_again(
    script: Script, client: Client, status: int
) -> None:
    script.plays(Scripted(status))
    with pytest.raises(ProblemAnswer) as answered:
        client.dataset()
    assert answered.value.status == status
    assert len(script.headers) == 1


@pytest.mark.parametrize("retries", [0, Retry(0), Retry(False)])
def test_retries_can_be_switched_off(script: Script, retries: int | Retry) -> None:
    for failure in (DROPPED, Scripted(sent=3)):
        script.plays(failure)
        script.headers.clear()
        with Client(script.url, retries=retries) as client, pytest.raises(ConnectionFailed):
            client.dataset()
        assert len(script.headers) == 1


def test_the_wait_grows_is_jittered_and_follows_retry_after_up_to_a_minute(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with Client(script.url) as client:
        script.plays(*[Scripted(503)] * 4, GOOD)
        client.dataset()
        growing = waits[-3:]  # the first repeat does not wait
        for least, waited in zip((0.5, 1, 2), growing, strict=True):
            assert least <= waited <= least + 0.5
        assert all(waited % 0.25 for waited in growing)
        for stated, followed in (("7", 7), ("86400", 60)):
            script.plays(Scripted(503, headers=(("Retry-After", stated),)), GOOD)
            client.dataset()
            assert waits[-1] == followed


def test_every_request_has_time_limits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(url, timeout=(5, 0.05), retries=0) as client:
            with pytest.raises(ConnectionFailed, match="timed out"):
                client.dataset()
            with pytest.raises(ConnectionFailed, match="timed out"):
                client.export()


def test_the_limits_hold_when_nobody_sets_any(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    original = requests.Session.send

    def send(
        self: requests.Session, request: requests.PreparedRequest, **how: object
    ) -> requests.Response:
        sent.append(how["timeout"])
        return original(self, request, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "send", send)
    script.plays(GOOD)
    with Client(script.url) as client:
        client.dataset()
        client.export().close()
    assert sent == [TIMEOUT, TIMEOUT]
    assert all(0 < seconds <= 60 for seconds in TIMEOUT)


def test_nobody_there_is_said_after_all_retries() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with (
        Client(f"http://127.0.0.1:{port}", retries=AT_ONCE) as client,
        pytest.raises(ConnectionFailed, match="/v1/dataset"),
    ):
        client.dataset()


# --- answers of others --------------------------------------------------------------------------


def test_an_error_that_is_no_problem_document_is_told_by_its_status(
    script: Script, client: Client
) -> None:
    script.plays(Scripted(404, b"<h1>nginx</h1>", (("Content-Type", "text/html"),)))
    with pytest.raises(NotFound) as found:
        client.dataset()
    assert (found.value.problem.type, found.value.errors) == ("about:blank", ())
    assert "404 Not Found" in str(found.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"errors": "many"}',
        b'{"errors": ["one"]}',
        b'{"errors": [{}], "tombstone": 1}',
    ],
)
def test_a_problem_of_another_form_is_still_a_problem(
    script: Script, client: Client, body: bytes
) -> None:
    script.plays(Scripted(410, body, (("Content-Type", "application/problem+json"),)))
    with pytest.raises(ProblemAnswer) as answered:
        client.dataset()
    assert answered.value.status == 410
    assert "410" in str(answered.value)


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("0", 0), ("7", 7), ("\u00b2", None), ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("", None)],
)
def test_an_unavailable_service_says_when_to_try_again(
    script: Script, stated: str, seconds: int | None
) -> None:
    headers = (("Retry-After", stated),) if stated else ()
    script.plays(Scripted(503, b"", (*headers, ("X-Request-ID", "r1"))))
    with Client(script.url, retries=0) as client, pytest.raises(Unavailable) as answered:
        client.dataset()
    assert answered.value.retry_after == seconds
    assert answered.value.request_id == "r1"


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(200, b"<html>log in</html>", (("Content-Type", "text/html"),)),
        Scripted(200, b'{"data": ', JSON),
        Scripted(200, b"[]", JSON),
        Scripted(200, b"{}", JSON),
        Scripted(200, b"{}", ()),
        Scripted(206, GOOD.body, JSON),
        Scripted(301, b"", (("Location", "https://elsewhere.example/v1/dataset"),)),
        Scripted(308, b"", (("Location", "/v1/claims/clm_00000000"),)),
    ],
)
def test_what_is_no_answer_of_this_service_is_never_taken_for_one(
    script: Script, client: Client, answer: Scripted
) -> None:
    script.plays(answer)
    with pytest.raises(UnexpectedAnswer):
        client.dataset()
    assert len(script.headers) == 1  # above all, elsewhere.example was not asked


def test_claims_that_replace_each_other_in_a_circle_end(script: Script, client: Client) -> None:
    script.plays(Scripted(308, b"", (("Location", "/v1/claims/clm_00000000"),)))
    with pytest.raises(UnexpectedAnswer):
        client.claim("clm_00000000")
    assert len(script.headers) <= 12


def test_a_next_page_that_is_the_same_page_ends_the_walk(script: Script, client: Client) -> None:
    page = json.loads(GOOD.body) | {"links": {"next": "/v1/agents?limit=100"}}
    script.plays(Scripted(200, json.dumps(page).encode()))
    with pytest.raises(UnexpectedAnswer, match="/v1/agents"):
        list(client.agents())


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://", "", "http://h/?a=b"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        Client(url)


def test_a_path_before_the_service_and_a_slash_behind_it_are_kept_out_of_the_way(
    script: Script,
) -> None:
    script.plays(GOOD)
    with Client(f"{script.url}/") as client:
        assert client.dataset().path == "/v1/dataset"
    with Client(f"{script.url}/claims/") as client:
        client.dataset()


# --- exports ------------------------------------------------------------------------------------

LINES = b'{"id": "a"}\n{"id": "b"}\n{"id": "c"}\n'


def test_an_export_that_is_cut_short_never_looks_complete(script: Script, client: Client) -> None:
    for sent in range(len(LINES)):
        script.plays(Scripted(200, LINES, (("Content-Type", "application/x-ndjson"),), sent))
        with pytest.raises(ConnectionFailed):
            list(client.export())


def test_an_export_can_be_left_in_the_middle(script: Script, client: Client) -> None:
    script.plays(Scripted(200, LINES, (("Dataset-Version", "v7"),)))
    with client.export() as claims:
        assert next(claims)["id"] == "a"
        assert claims.dataset_version == "v7"
    assert list(claims) == []


def test_an_export_is_asked_for_again_while_nothing_of_it_came(
    script: Script, client: Client
) -> None:
    script.plays(DROPPED, Scripted(503), Scripted(200, LINES))
    assert [claim["id"] for claim in client.export()] == ["a", "b", "c"]


# --- sessions -----------------------------------------------------------------------------------


def test_a_session_of_ones_own_is_used_as_it_is_and_left_open(script: Script) -> None:
    closed: list[str] = []

    class Session(requests.Session):
        def close(self) -> None:
            closed.append("session")
            super().close()

    script.plays(GOOD)
    with Session() as session:
        session.headers["Authorization"] = "Bearer token"
        with Client(script.url, session=session) as client:
            client.dataset()
        assert not closed
    assert script.headers[0]["Authorization"] == "Bearer token"


def test_the_service_can_tell_the_client_by_its_name(script: Script, client: Client) -> None:
    script.plays(GOOD)
    client.dataset()
    assert script.headers[0]["User-Agent"].startswith("policy-claims-client/")
