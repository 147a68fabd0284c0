"""One JSON line a request, whatever the request, and never more than one line."""

from __future__ import annotations

import itertools
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from schemas.query import ClaimQuery
from schemas.records.dataset import Export, Rows
from service.app import create_app
from service.config import Config
from service.http.front import Front
from tests.samples import GOAL, SUPERSEDED, WITHDRAWN
from tests.wire import app_of, ask, environ, sample_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
KEYS = [
    *("time", "request_id", "method", "path", "query", "status", "bytes", "ms", "client"),
    "user_agent",
]


Output = pytest.CaptureFixture[bytes]
"""Standard output, as a server's terminal would get it."""


@pytest.fixture
def app() -> Flask:
    return app_of(sample_store(), access_log=True)


def logged(capfdbinary: Output) -> dict[str, Any]:
    """The one line that was written."""
    text = capfdbinary.readouterr().out.decode()
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1, "no character in it ends a line, U+2028 included"
    assert re.fullmatch("[ -~]+\n", text), "ASCII, so that no terminal obeys it"
    found: dict[str, Any] = json.loads(text)
    assert [key for key in found if key != "traceparent"] == KEYS
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
    app: Flask, capfdbinary: Output, target: str, method: str, status: int
) -> None:
    reply = ask(app, target, method, {"User-Agent": "tester/1"})
    line = logged(capfdbinary)
    assert line["status"] == status == reply.status
    assert line["method"] == method
    path = target.split("?", maxsplit=1)[0]
    assert line["path"] == path if len(path) < 1000 else path.startswith(line["path"][:-1])
    assert line["query"] == target.partition("?")[2]
    assert line["request_id"] == reply.headers["X-Request-ID"]
    assert line["user_agent"] == "tester/1"
    assert line["client"] == "127.0.0.1"
    assert line["ms"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
    if method == "GET":
        assert line["bytes"] == len(reply.body)


def test_a_304_is_logged_as_one(app: Flask, capfdbinary: Output) -> None:
    ask(app, "/v1/claims", headers={"If-None-Match": "*"})
    line = logged(capfdbinary)
    assert line["status"] == 304
    assert line["bytes"] in (None, 0)


EVIL = (
    *("\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\x00", "\x1b[2J", '"', "\\", "\x7f"),
    *('{"status": 200}', '"}\n{"status": 200', "\u2028", "\u2029", "é", "\uff02", "\ud7ff", "%0a"),
    *("😀", "a" * 8000),
)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_input_breaks_out_of_its_line(app: Flask, capfdbinary: Output, evil: str) -> None:
    """In every place a client fills in, as the bytes that a server hands on."""
    on_the_wire = evil.encode().decode("latin-1")
    encoded = "".join(f"%{byte:02x}" for byte in evil.encode())
    for header in ("User-Agent", "X-Request-ID", "Referer", "Host", "X-Forwarded-For"):
        ask(app, "/v1/claims?limit=1", headers={header: on_the_wire})
        assert logged(capfdbinary)["status"] in (200, 400)
    for target in (f"/v1/claims/{encoded}", f"/{encoded}", f"/v1/claims?q={encoded}"):
        ask(app, target)
        logged(capfdbinary)
    for target in (f"/v1/claims?q={evil}", f"/v1/claims?{evil}=1"):
        ask(app, target)
        logged(capfdbinary)


def test_a_well_formed_request_id_leads_to_its_line(app: Flask, capfdbinary: Output) -> None:
    ask(app, "/v1/claims", headers={"X-Request-ID": "trace-1.2_3"})
    assert logged(capfdbinary)["request_id"] == "trace-1.2_3"
    ask(app, "/v1/claims", headers={"X-Request-ID": "trace 1"})
    assert re.fullmatch("[0-9a-f]{32}", logged(capfdbinary)["request_id"])


def test_failures_and_absences_are_logged_too(capfdbinary: Output) -> None:
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
        assert logged(capfdbinary)["status"] == status


TRACE = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("sent", "parent"),
    [
        (f"00-{TRACE}", f"00-{TRACE}"),
        (f"cc-{TRACE}", f"cc-{TRACE}"),
        (f"cc-{TRACE}-what the-future-will-be\u00e9", f"cc-{TRACE}"),
        (f"00-{TRACE}-more", None),
        (f"ff-{TRACE}", None),
        (f"00-{TRACE.upper()}", None),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01", None),
        (f"00-{TRACE}\n", None),
        (f" 00-{TRACE}", None),
        (f"00-{TRACE[1:]}", None),
        (f"cc-{TRACE}x", None),
        (f'00-{TRACE}", "status": 1', None),
        ("", None),
    ],
)
def test_a_trace_is_logged_where_it_is_well_formed(
    app: Flask, capfdbinary: Output, sent: str, parent: str | None
) -> None:
    ask(app, "/v1/claims", headers={"Traceparent": sent})
    assert logged(capfdbinary).get("traceparent") == parent


def test_the_log_can_be_off(capfdbinary: Output) -> None:
    ask(app_of(sample_store(), access_log=False), "/v1/claims")
    assert capfdbinary.readouterr().out == b""


FORKS = """
import json, os, pathlib, sys, threading
from tests.wire import app_of, ask, sample_store

folder = pathlib.Path(sys.argv[1])
sample_store()

def fork(work, stdout=1, stderr=2):
    worker = os.fork()
    if worker:
        return worker
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    try:
        work()
        sys.stdout.flush()  # as at the end of a process
    except BaseException:
        os._exit(1)
    os._exit(0)

def ended(worker):
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])

def one_request():
    assert ask(app_of(sample_store(), access_log=True), "/v1/claims").status == 200

def two_applications():
    apps = [app_of(sample_store(), access_log=True) for _ in range(2)]
    for app in apps:
        ask(app, "/v1/claims", headers={"User-Agent": "line\\nbreak"})

def many_requests():
    app = app_of(sample_store(), access_log=True)
    path = "/" + "%C3%A9" * 1300

    def ask_many():
        for n in range(20):
            ask(app, path, headers={"User-Agent": "x" * n})

    threads = [threading.Thread(target=ask_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

reader, nobody = os.pipe()
os.close(reader)
full = os.open("/dev/full", os.O_WRONLY)
out, err = [os.open(folder / name, os.O_WRONLY | os.O_CREAT) for name in ("out", "err")]
statuses = {
    "/dev/full": ended(fork(one_request, full)),
    "a pipe that nobody reads": ended(fork(one_request, nobody)),
    "two applications": ended(fork(two_applications, out, err)),
}
for number, worker in enumerate([fork(many_requests) for _ in range(4)]):
    statuses[f"worker {number}"] = ended(worker)
(folder / "statuses.json").write_text(json.dumps(statuses))
"""


@dataclass(frozen=True)
class Forks:
    """What processes wrote that share nothing but what they had loaded, and how they ended."""

    statuses: dict[str, int]
    two_applications: tuple[str, str]
    """What they wrote to standard output and to standard error."""
    many_requests: bytes
    """What four processes of four threads each wrote to one pipe with a slow reader."""


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Forks:
    """In processes of their own, since a test runner rearranges loggers and streams."""
    folder = tmp_path_factory.mktemp("forks")
    reader, writer = os.pipe()
    server = subprocess.Popen([sys.executable, "-c", FORKS, folder], cwd=ROOT, stdout=writer)
    os.close(writer)
    received = b""
    with open(reader, "rb", buffering=0) as pipe:  # noqa: PTH123  # of a descriptor
        while chunk := pipe.read(3000):
            received += chunk
            time.sleep(0.0005)
    assert server.wait() == 0
    statuses = json.loads((folder / "statuses.json").read_text())
    return Forks(statuses, ((folder / "out").read_text(), (folder / "err").read_text()), received)


@pytest.mark.parametrize("standard_output", ["/dev/full", "a pipe that nobody reads"])
def test_a_log_that_cannot_be_written_fails_no_request(forks: Forks, standard_output: str) -> None:
    assert forks.statuses[standard_output] == 0


ONE_REQUEST = """
import sys
from tests.wire import app_of, ask, sample_store
sys.exit(ask(app_of(sample_store(), access_log=True), "/v1/claims").status != 200)
"""


def test_where_standard_output_is_closed_from_the_start_no_request_fails() -> None:
    closing = ["sh", "-c", 'exec "$@" >&-', "sh"]
    subprocess.run([*closing, sys.executable, "-c", ONE_REQUEST], check=True, cwd=ROOT)


def test_the_log_goes_to_standard_output_once(forks: Forks) -> None:
    out, err = forks.two_applications
    assert forks.statuses["two applications"] == 0
    assert err == ""
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["status"] for line in lines] == [200, 200]


LONG = {"plain": "a", "latin": "\u00e9", "quoted": '"', "control": "\x01", "mixed": 'a\u00e9"\\\t'}


@pytest.mark.parametrize("letters", LONG.values(), ids=LONG)
def test_what_is_too_long_for_a_line_is_cut_and_says_so(
    app: Flask, capfdbinary: Output, letters: str
) -> None:
    """A write of at most PIPE_BUF bytes to a pipe is never mixed with another's (POSIX, write)."""
    text = (letters * 8000)[:8000]
    reply = ask_raw(app, PATH_INFO=f"/{text}", QUERY_STRING=text, HTTP_USER_AGENT=text)
    (line,) = capfdbinary.readouterr().out.splitlines(keepends=True)
    assert 2000 < len(line) <= select.PIPE_BUF
    logged = json.loads(line)
    assert logged["status"] == reply == 414
    for name, value in (("path", f"/{text}"), ("query", text), ("user_agent", text)):
        assert logged[name].endswith("…")
        assert value.startswith(logged[name][:-1])
        assert len(logged[name]) > 90


def ask_raw(app: Flask, **fields: str) -> int:
    """The status of a request whose fields need not go into a request line."""
    started: list[str] = []
    body = app.wsgi_app(environ("/") | fields, lambda status, *_: started.append(status))  # type: ignore[arg-type]
    b"".join(body)
    body.close()  # type: ignore[attr-defined]
    return int(started[0][:3])


def test_lines_of_many_workers_in_one_pipe_are_whole(forks: Forks) -> None:
    """With long paths."""
    assert [forks.statuses[f"worker {number}"] for number in range(4)] == [0] * 4
    lines = forks.many_requests.splitlines(keepends=True)
    assert len(lines) == 4 * 4 * 20
    assert max(map(len, lines)) <= select.PIPE_BUF
    assert {json.loads(line)["status"] for line in lines} == {404}


# --- answers that fail --------------------------------------------------------------------------


class Halting:
    """A store whose export fails after so many claims of about a kibibyte."""

    def __init__(self, claims: int) -> None:
        self.dataset, self._claims = sample_store().dataset, claims

    def export(self, query: ClaimQuery) -> Export:
        whole, body = sample_store().export(query), sample_store().get(GOAL)

        def halting() -> Iterator[bytes]:
            yield from itertools.repeat(body, self._claims)
            raise RuntimeError("line one\nline two")

        return Export(whole.total, whole.ndjson_bytes, halting())

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        return Rows(10**9, self.export(query).bodies)

    @property
    def files(self) -> dict[str, Any]:
        return {}

    described = files


@pytest.mark.parametrize(
    ("path", "claims", "status", "error"),
    [
        ("/v1/claims.ndjson", 0, 500, "RuntimeError"),
        ("/v1/claims.ndjson", 3, 500, "RuntimeError"),
        ("/v1/claims.ndjson", 2_000, 200, "RuntimeError"),
        ("/v1/claims.csv", 3, 500, "RuntimeError"),
        ("/v1/claims.csv", 10_000, 200, "RuntimeError"),
        ("/v1/quotes.csv", 3, 500, "RuntimeError"),
        ("/v1/quotes.csv", 20_000, 200, "RuntimeError"),
    ],
)
def test_a_stream_that_fails_is_logged_under_the_id_of_its_answer(
    capfdbinary: Output, path: str, claims: int, status: int, error: str | None
) -> None:
    """With 500 where nothing was sent yet; in its midst the status is out."""
    store: Any = Halting(claims)
    app = app_of(store, access_log=True)
    started: list[Any] = []
    body = app.wsgi_app(environ(path), lambda *answer: started.append(answer))  # type: ignore[arg-type]
    try:
        b"".join(body)
    except RuntimeError:
        assert status == 200
    finally:
        body.close()  # type: ignore[attr-defined]
    (line,) = map(json.loads, capfdbinary.readouterr().out.splitlines())
    headers = dict(started[-1][1])
    assert len(started) == 1
    assert line["request_id"] == headers["X-Request-ID"]
    assert line["status"] == int(started[0][0][:3]) == status
    assert line.get("error") == error
    assert list(line) == [*KEYS, *(["error"] if error else [])]


def test_an_application_that_raises_is_answered_logged_and_closed(capfdbinary: Output) -> None:
    """As where the failure is in Flask's own handling of failures."""

    def failing(_: Any, __: Any) -> Any:
        raise ValueError("secret")

    provider: Any = SimpleNamespace(edition=1)
    for method, path, kind in (
        ("GET", "/v1/claims", "application/problem+json"),
        ("HEAD", "/v1/claims", "application/problem+json"),
        ("GET", "/goals", "text/html"),
    ):
        front = Front(failing, provider, cache_bytes=1000, access_log=True, metrics=None)
        reply = Client(front).open(path, method=method, buffered=True)
        (line,) = map(json.loads, capfdbinary.readouterr().out.splitlines())
        assert (reply.status_code, reply.mimetype) == (500, kind)
        assert (line["status"], line["error"]) == (500, "ValueError")
        assert line["request_id"] == reply.headers["X-Request-ID"]
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "secret" not in reply.text
        assert bool(reply.data) == (method == "GET")
