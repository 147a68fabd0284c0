"""REDbot, a lint for HTTP, asks the service as it is deployed. What it recommends and does not get
stands in a table of docs/api.md, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.contract_tools import ROOT, Operation, all_paths
from tests.gunicorn_live import gunicorn

pytestmark = [pytest.mark.strangers, pytest.mark.filterwarnings("default")]

APPLICATION = """
from service.app import create_app
from service.config import Config
app = create_app(Config(access_log=False))
"""
DEADLINE = 120
"""Seconds for all requests together, which take two."""
OF_THE_REQUEST = ("STATUS_BAD_REQUEST", "STATUS_URI_TOO_LONG")
"""What REDbot warns of because it was asked to send a faulty request."""
REFUSAL = re.compile(r"^\| “([^”|]+)”(?: of `([^`|]+)`)? \| [^|]+ \|$", re.MULTILINE)
"""A row of the table: what REDbot says, and the one address where it may say it."""
FILTERED = (
    "/?topic=defence",
    "/?q=nothing-at-all",
    "/v1/claims?topic=defence",
    "/v1/claims.csv?kind=goal",
    "/v1/claims.csv?excel=true",
    "/v1/claims.ndjson?kind=goal",
    "/v1/claims.xlsx?kind=goal",
    "/v1/claims.atom?topic=defence",
    "/v1/claims.feed.json?topic=defence",
)
NOT_FOUND = ("/nothing", "/v1/nothing", "/claims/clm_zzzzzzzz", "/v1/claims/clm_zzzzzzzz")
REFUSED = ("/v1/claims?kind=nonsense", "/v1/claims?tpoic=defence", "/v1/changes?since=yesterday")
OTHERS = (
    ("HEAD", "/v1/claims.csv", (), 200),
    ("POST", "/v1/claims", (), 405),
    ("GET", "/v1/claims", (("Accept", "text/html"), ("If-Match", '"another"')), 412),
    ("GET", "/v1/claims.csv", (("Range", "bytes=0-99"),), 206),
    ("GET", "/v1/claims.csv", (("Range", "bytes=99999999-"),), 416),
    ("GET", "/v1/claims", (("If-None-Match", "*"),), 304),
    ("GET", f"/v1/claims?q={'x' * 9000}", (), 414),
)


@dataclass(frozen=True)
class Asked:
    """A request, and the status that it is about."""

    address: str
    status: int
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()


def asked() -> Iterator[Asked]:
    """Every operation and page by the examples of the contract; then filters, faults, parts."""
    yield from (Asked(_address(each), 200) for each in all_paths())
    for addresses, status in ((FILTERED, 200), (NOT_FOUND, 404), (REFUSED, 400)):
        yield from (Asked(address, status) for address in addresses)
    for method, address, headers, status in OTHERS:
        yield Asked(address, status, method, headers)


def _address(operation: Operation) -> str:
    query = urlencode(operation.required)
    return f"{operation.address}?{query}" if query else operation.address


def test_redbot_finds_nothing_that_is_not_refused_with_a_reason(tmp_path: Path) -> None:
    pytest.importorskip("redbot", reason="NOT CHECKED: REDbot, which is not installed")
    table = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    refusals = set(REFUSAL.findall(table))
    assert refusals
    with gunicorn(tmp_path, APPLICATION) as server:
        found = look(f"http://127.0.0.1:{server.port}", list(asked()))
    left = [
        (request, words)
        for request, words in found
        if not {(words, ""), (words, request.address)} & refusals
    ]
    assert left == []
    told = {(words, place) for request, words in found for place in ("", request.address)}
    assert refusals <= told, "a reason is given for something that REDbot does not say"


def look(service: str, requests: list[Asked]) -> list[tuple[Asked, str]]:
    """What REDbot calls bad, or warns of, in the answers and in those of its further requests."""
    import thor
    from redbot.resource import HttpResource

    settings = ConfigParser()
    settings.read_dict({"redbot": {"enable_local_access": "True"}})
    found: list[tuple[Asked, str]] = []
    left = iter(requests)

    def next_one() -> None:
        request = next(left, None)
        if request is None:
            thor.stop()
            return
        one = HttpResource(settings["redbot"])
        one.set_request(f"{service}{request.address}", request.method, list(request.headers))
        one.on("check_done", lambda: done(request, one))
        one.check()

    def done(request: Asked, one: Any) -> None:
        assert one.fetch_error is None, (request, one.fetch_error)
        assert one.response.status_code == request.status, request
        found.extend((request, words) for words in warnings(one))
        next_one()

    thor.schedule(DEADLINE, thor.stop)
    next_one()
    thor.run()
    assert next(left, None) is None, "REDbot took too long"
    return found


def warnings(resource: Any) -> set[str]:
    """In words."""
    answers = [resource.response, *(each.response for each in resource.subreqs.values())]
    notes = [note for answer in answers for note in answer.notes]
    notes += [below for note in notes for below in note.subnotes]
    return {
        note.summary
        for note in notes
        if note.level.value in ("bad", "warning") and type(note).__name__ not in OF_THE_REQUEST
    }
