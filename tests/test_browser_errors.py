"""Who prefers HTML gets an error as a page, whatever the path; everybody else gets a problem."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from service.http.headers import PAGE_POLICY
from tests import samples
from tests.contract_tools import PROBLEM, ContractClient

BROWSERS = {
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Chrome": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
        "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
    ),
    "Lynx": "text/html, text/plain, text/sgml, */*;q=0.01",
}
PROGRAMS = {
    "curl, fetch, requests": "*/*",
    "nothing": None,
    "axios": "application/json, text/plain, */*",
    "problem": "application/problem+json",
    "R": "application/json, text/xml, application/xml, */*",
    "refuses HTML": "text/html;q=0, */*",
    "endless": "text/html," * 100,
}
FAILING = {
    "/v1/claims?limit=0": 400,
    "/v1/claims.csv?topics=a": 400,
    "/v1/claims/clm_zzzzzzzz": 404,
    "/nowhere": 404,
    "/v1/claims/": 404,
    "//v1/claims": 404,
    f"/v1/claims/{samples.WITHDRAWN}": 410,
    "/v1/claims?q=" + "x" * 8200: 414,
    "/healthz?x=1": 400,
    "/static/0/page.css": 404,
    "/robots.txtt": 404,
}
ON_PAGES = {"/claims/clm_zzzzzzzz": 404, "/values/colour": 404}


@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
def test_a_browser_gets_every_error_as_a_page(sample_client: FlaskClient, accept: str) -> None:
    for path, status in {**FAILING, **ON_PAGES}.items():
        answer = sample_client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (status, "text/html"), path
        assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
        assert answer.headers["Vary"] == "Accept, Accept-Encoding"
        assert answer.headers["Cache-Control"] == "no-store"
        assert f"Error {status}" in answer.text
        assert answer.headers["X-Request-ID"] in answer.text


@pytest.mark.parametrize("accept", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_gets_every_error_as_a_problem(
    sample_client: FlaskClient, accept: str | None
) -> None:
    for path, status in FAILING.items():
        answer = sample_client.get(path, headers={"Accept": accept} if accept else {})
        assert (answer.status_code, answer.mimetype) == (status, PROBLEM), path
        assert answer.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_page_for_people_is_a_problem_for_those_alone_who_prefer_json(
    sample_client: FlaskClient,
) -> None:
    for path in ON_PAGES:
        for accept, kind in (("*/*", "text/html"), ("application/json, */*;q=0.1", PROBLEM)):
            assert sample_client.get(path, headers={"Accept": accept}).mimetype == kind


@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
def test_a_browser_sees_a_refused_method_and_an_unready_service(
    client: FlaskClient, empty_client: FlaskClient, accept: str
) -> None:
    refused = client.post("/v1/claims", headers={"Accept": accept})
    assert (refused.status_code, refused.mimetype) == (405, "text/html")
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"
    waiting = empty_client.get("/v1/claims", headers={"Accept": accept})
    assert (waiting.status_code, waiting.mimetype) == (503, "text/html")
    assert waiting.headers["Retry-After"]


def test_a_failure_of_ours_is_a_page_too(
    client: ContractClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(client.application, "dispatch_request", fail)
    answer = client.get("/v1/claims", headers={"Accept": BROWSERS["Firefox"]})
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "inside" not in answer.text


def test_the_page_of_a_refused_query_lists_every_fault_and_escapes_what_was_sent(
    client: FlaskClient,
) -> None:
    target = "/v1/claims?limit=0&tpoic=a&kind=%3Cscript%3E"
    text = client.get(target, headers={"Accept": BROWSERS["Firefox"]}).text
    for name in ("limit", "tpoic", "kind"):
        assert f"<code>{name}</code>" in text
    assert "did you mean <code>topic</code>" in text
    assert "<script>" not in text.partition("<main")[2]


def test_the_page_of_a_withdrawn_record_says_when_and_why(sample_client: FlaskClient) -> None:
    target = f"/v1/claims/{samples.WITHDRAWN}"
    gone = sample_client.get(target).get_json()["tombstone"]
    text = sample_client.get(target, headers={"Accept": BROWSERS["Firefox"]}).text
    assert gone["withdrawn_on"] in text
    assert gone["reason"] in text


@pytest.mark.parametrize("path", ["/v1/claims", "/v1/claims.csv", "/openapi.json", "/healthz", "/"])
def test_what_is_there_is_the_same_for_all(client: FlaskClient, path: str) -> None:
    answers = [client.get(path, headers={"Accept": a}) for a in ("*/*", *BROWSERS.values())]
    assert len({answer.data for answer in answers}) == 1
    assert {answer.headers["Vary"] for answer in answers} == {"Accept-Encoding"}
