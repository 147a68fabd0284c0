"""One JSON line a request, whatever the request, and never more than one line."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service.app import create_app
from service.config import Config
from tests.samples import GOAL, SUPERSEDED, WITHDRAWN
from tests.wire import app_of, ask, sample_store

KEYS = [
    *("time", "request_id", "method", "path", "query", "status", "bytes", "ms", "client"),
    "user_agent",
]


Output = pytest.CaptureFixture[bytes]
"""Standard output, as a server's terminal would get it."""


@pytest.fixture
def app() -> Flask:
    return app_of(sample_store(), access_log=True)


def logged(capsysbinary: Output) -> dict[str, Any]:
    """The one line that was written."""
    text = capsysbinary.readouterr().out.decode()
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1, "no character in it ends a line, U+2028 included"
    assert re.fullmatch("[ -~]+\n", text), "ASCII, so that no terminal obeys it"
    found: dict[str, Any] = json.loads(text)
    assert list(found) == KEYS
    return found


@pytest.mark.parametrize(
    ("target", "method", "status"),
    [
        ("/v1/claims", "GET", 200),
        ("/v1/claims", "HEAD", 200),
        ("/v1/claims", "OPTIONS", 204),
        ("/v1/claims", "POST", 405),
        ("/v1/claims", "FOO", 405),
        ("/v1/claims.csv", "GET", 200),
        (f"/v1/claims/{GOAL}", "GET", 200),
        (f"/v1/claims/{SUPERSEDED}", "GET", 308),
        (f"/v1/claims/{WITHDRAWN}", "GET", 410),
        ("/v1/claims?limit=0", "GET", 400),
        ("/nothing", "GET", 404),
        ("", "GET", 404),
        ("//v1/claims", "GET", 404),
        (f"/{'a' * 9000}", "GET", 414),
        ("/healthz", "GET", 200),
        ("/docs", "GET", 200),
    ],
)
def test_every_request_is_one_line(
    app: Flask, capsysbinary: Output, target: str, method: str, status: int
) -> None:
    reply = ask(app, target, method, {"User-Agent": "tester/1"})
    line = logged(capsysbinary)
    assert line["status"] == status == reply.status
    assert line["method"] == method
    assert line["path"] == target.split("?", maxsplit=1)[0]
    assert line["query"] == target.partition("?")[2]
    assert line["request_id"] == reply.headers["X-Request-ID"]
    assert line["user_agent"] == "tester/1"
    assert line["client"] == "127.0.0.1"
    assert line["ms"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
    if method == "GET":
        assert line["bytes"] == len(reply.body)


def test_a_304_is_logged_as_one(app: Flask, capsysbinary: Output) -> None:
    ask(app, "/v1/claims", headers={"If-None-Match": "*"})
    line = logged(capsysbinary)
    assert line["status"] == 304
    assert line["bytes"] in (None, 0)


EVIL = (
    *("\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\x00", "\x1b[2J", '"', "\\", "\x7f"),
    *('{"status": 200}', '"}\n{"status": 200', "\u2028", "\u2029", "é", "\uff02", "\ud7ff", "%0a"),
    *("😀", "a" * 8000),
)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_input_breaks_out_of_its_line(app: Flask, capsysbinary: Output, evil: str) -> None:
    """In every place a client fills in, as the bytes that a server hands on."""
    on_the_wire = evil.encode().decode("latin-1")
    encoded = "".join(f"%{byte:02x}" for byte in evil.encode())
    for header in ("User-Agent", "X-Request-ID", "Referer", "Host", "X-Forwarded-For"):
        ask(app, "/v1/claims?limit=1", headers={header: on_the_wire})
        assert logged(capsysbinary)["status"] in (200, 400)
    for target in (f"/v1/claims/{encoded}", f"/{encoded}", f"/v1/claims?q={encoded}"):
        ask(app, target)
        logged(capsysbinary)
    for target in (f"/v1/claims?q={evil}", f"/v1/claims?{evil}=1"):
        ask(app, target)
        logged(capsysbinary)


def test_a_well_formed_request_id_leads_to_its_line(app: Flask, capsysbinary: Output) -> None:
    ask(app, "/v1/claims", headers={"X-Request-ID": "trace-1.2_3"})
    assert logged(capsysbinary)["request_id"] == "trace-1.2_3"
    ask(app, "/v1/claims", headers={"X-Request-ID": "trace 1"})
    assert re.fullmatch("[0-9a-f]{32}", logged(capsysbinary)["request_id"])


def test_failures_and_absences_are_logged_too(capsysbinary: Output) -> None:
    class Broken:
        dataset = sample_store().dataset

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("line one\nline two")

    broken: Any = Broken()
    for app, status in (
        (app_of(broken, access_log=True), 500),
        (create_app(Config(dataset=Path("no-such-data-set"))), 503),
    ):
        ask(app, "/v1/claims")
        assert logged(capsysbinary)["status"] == status


def test_the_log_can_be_off(capsysbinary: Output) -> None:
    ask(app_of(sample_store(), access_log=False), "/v1/claims")
    assert capsysbinary.readouterr().out == b""


def test_a_log_that_cannot_be_written_fails_no_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = app_of(sample_store(), access_log=True)
    with (tmp_path / "full").open("w") as closed:
        pass
    for stream in (None, io.StringIO(), closed):
        monkeypatch.setattr(sys, "stdout", stream)
        assert ask(app, "/v1/claims").status == 200


TWO_APPLICATIONS = """
from tests.wire import app_of, ask, sample_store
apps = [app_of(sample_store(), access_log=True) for _ in range(2)]
for app in apps:
    ask(app, "/v1/claims", headers={"User-Agent": "line\\nbreak"})
"""


def test_the_log_goes_to_standard_output_once() -> None:
    """In a process of its own, since a test runner rearranges loggers and streams."""
    command = [sys.executable, "-c", TWO_APPLICATIONS]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)
    assert done.stderr == ""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["status"] for line in lines] == [200, 200]
