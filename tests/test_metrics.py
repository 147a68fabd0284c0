"""Prometheus metrics: every answer counted once, by route, whichever worker gave it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from service.app import create_app
from service.compiler import SHIPPED
from service.config import Config
from service.http import problem_types
from tests.contract_tools import ROOT, all_paths
from tests.publishing import publish
from tests.wire import ask, shipped_store

pytestmark = pytest.mark.slow

REQUESTS = "claims_http_requests_total"
SECONDS = "claims_http_request_duration_seconds"
HITS = "claims_response_cache_hits_total"
PROBLEMS = "claims_http_problems_total"
STATE = "claims_dataset_state"
LOADS = "claims_dataset_loads_total"
IN_FLIGHT = "claims_http_requests_in_flight"

Labels = frozenset[tuple[str, str]]
Samples = dict[tuple[str, Labels], float]


def samples_in(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0)


def summed(found: Samples, name: str) -> float:
    return sum(number for (each, _), number in found.items() if each == name)


@pytest.fixture
def app() -> Flask:
    """A service of its own, which has counted nothing yet."""
    return create_app(Config(access_log=False), shipped_store())


def scraped(app: Flask) -> Samples:
    reply = ask(app, "/metrics")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    return samples_in(reply.body.decode())


# --- what is counted ----------------------------------------------------------------------------


def test_answers_are_counted_by_route_method_and_status(app: Flask) -> None:
    for target in ("/v1/claims/clm_b0qp991b", "/v1/claims/clm_tch2savb", "/v1/claims/clm_zzzzzzzz"):
        ask(app, target)
    ask(app, "/v1/claims/clm_b0qp991b.jsonld", method="HEAD")
    ask(app, "/v1/claims?limit=0")
    found = scraped(app)
    one = {"route": "/v1/claims/<claim>", "method": "GET"}
    assert value(found, REQUESTS, **one, status="200") == 2
    assert value(found, REQUESTS, **one, status="404") == 1
    linked = {"route": "/v1/claims/<claim>.jsonld", "method": "HEAD"}
    assert value(found, REQUESTS, **linked, status="200") == 1
    assert value(found, REQUESTS, route="/v1/claims", method="GET", status="400") == 1


def test_answers_of_the_response_cache_are_counted_and_told_apart(app: Flask) -> None:
    replies = [ask(app, "/v1/topics") for _ in range(5)]
    replies.append(ask(app, "/v1/topics", headers={"If-None-Match": "*"}))
    found = scraped(app)
    assert value(found, REQUESTS, route="/v1/topics", method="GET", status="200") == 5
    assert value(found, REQUESTS, route="/v1/topics", method="GET", status="304") == 1
    kept = [reply.headers["Server-Timing"].startswith("cache;") for reply in replies]
    assert kept == [False, *[True] * 5]
    assert value(found, HITS, route="/v1/topics") == 5


def test_each_answer_is_timed_once(app: Flask) -> None:
    for target in ("/v1/topics", "/v1/topics", "/v1/claims.ndjson", "/nowhere"):
        ask(app, target)
    found = scraped(app)
    assert summed(found, f"{SECONDS}_count") == summed(found, REQUESTS) == 4
    assert value(found, f"{SECONDS}_bucket", route="/v1/topics", le="+Inf") == 2
    assert value(found, f"{SECONDS}_sum", route="/v1/claims.ndjson") > 0


def test_endless_paths_and_methods_make_no_endless_labels(app: Flask) -> None:
    for n in range(50):
        ask(app, f"/nowhere/{n}")
        ask(app, f"/v1/claims/clm_0000000{n % 10}")
        ask(app, f"/v1/agents/agent-{n}?x={n}")
        ask(app, "/v1/claims", method=f"METHOD{n}")
    found = scraped(app)
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    labels = [dict(pairs) for name, pairs in found if name == REQUESTS]
    assert {each["route"] for each in labels} <= {"none", *rules}
    assert {each["method"] for each in labels} == {"GET", "other"}
    assert value(found, REQUESTS, route="none", method="GET", status="404") == 50


def test_every_operation_has_a_route_of_its_own(app: Flask) -> None:
    for each in all_paths():
        ask(app, each.address)
    labels = [dict(pairs)["route"] for name, pairs in scraped(app) if name == REQUESTS]
    assert len(set(labels)) == len(all_paths())
    assert "none" not in labels


def test_the_data_set_is_told_with_its_version_and_age(app: Flask) -> None:
    about = ask(app, "/v1/dataset").json["data"]
    found = scraped(app)
    assert value(found, "claims_dataset_info", version=about["version"]) == 1
    built = time.mktime(time.strptime(about["built_at"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    age = value(found, "claims_dataset_age_seconds")
    assert abs(time.time() - built - age) < 60


def test_what_alarms_are_set_on_is_there_before_it_happens(app: Flask) -> None:
    found = scraped(app)
    for name, label, values in (
        (LOADS, "result", {"opened", "refused"}),
        (PROBLEMS, "type", {*problem_types.PROBLEMS}),
    ):
        counts = {dict(labels)[label]: n for (each, labels), n in found.items() if each == name}
        assert counts == dict.fromkeys(values, 0)


def test_refusals_are_counted_by_problem_type(app: Flask) -> None:
    late = {"X-Request-Start": f"t={time.time() - 5:.3f}"}
    for target in (
        "/v1/claims?limit=0",
        "/v1/claims?x=1",
        "/v1/claims?y=1",
        "/nowhere",
        "/claims/a",
    ):
        ask(app, target)
    ask(app, "/v1/claims", method="POST")
    ask(app, "/v1/claims", headers=late)
    found = scraped(app)
    expected = {"invalid-parameter": 1, "unknown-parameter": 2, "not-found": 2}
    expected |= {"method-not-allowed": 1, "overloaded": 1}
    for slug, number in expected.items():
        assert value(found, PROBLEMS, type=slug) == number, slug
    assert summed(found, PROBLEMS) == 7


def test_requests_under_way_are_counted_and_none_is_left(app: Flask) -> None:
    seen = []

    @app.get("/watching")
    def watch() -> Response:
        seen.append(value(scraped(app), IN_FLIGHT))
        return Response("seen")

    for target in ("/v1/claims", "/nowhere", "/v1/claims.ndjson", "/watching"):
        ask(app, target)
    assert seen == [2], "itself, and the one that asks"
    assert value(scraped(app), IN_FLIGHT) == 1


def test_a_refused_data_set_and_a_new_one_are_told(tmp_path: Path) -> None:
    """Of the newest: by its state, and by how often one was opened or refused."""
    place = tmp_path / "published"
    publish(SHIPPED, place)
    app = create_app(Config(datasets=place, access_log=False))
    before = scraped(app)
    assert value(before, STATE, state="ready") == 1
    fixtures = tmp_path / "fixtures"
    shutil.copytree(SHIPPED, fixtures)
    topics = json.loads((fixtures / "topics.json").read_text())
    topics[0]["label"] = "Another"
    (fixtures / "topics.json").write_text(json.dumps(topics))
    publish(fixtures, place)
    manifest = place / "current" / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(b"{}")
    provider = app.extensions["claims.provider"]
    provider.look()
    found = scraped(app)
    assert value(found, STATE, state="degraded") == 1
    assert value(found, STATE, state="ready") == 0
    assert value(found, LOADS, result="refused") == value(before, LOADS, result="refused") + 1
    manifest.write_bytes(whole)
    provider.look()
    found = scraped(app)
    assert value(found, STATE, state="ready") == 1
    assert value(found, LOADS, result="opened") == value(before, LOADS, result="opened") + 1


PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
    "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (PROMETHEUS_3, "application/openmetrics-text"),
        ("application/openmetrics-text", "application/openmetrics-text"),
        ("application/openmetrics-text; version=abc", "application/openmetrics-text"),
        ("*/*", "text/plain"),
        ("", "text/plain"),
        ("text/html,*/*;q=0.8", "text/plain"),
        ("text/plain, application/openmetrics-text;q=0.1", "text/plain"),
        ("application/openmetrics-text;q=x;version=\xff", "text/plain"),
    ],
)
def test_metrics_are_openmetrics_for_who_asks_for_them(app: Flask, accept: str, form: str) -> None:
    ask(app, "/v1/topics")
    reply = ask(app, "/metrics", headers={"Accept": accept})
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith(form)
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    text = reply.body.decode()
    if form == "text/plain":
        assert (
            value(samples_in(text), REQUESTS, route="/v1/topics", method="GET", status="200") == 1
        )
        return
    families: Any = openmetrics_families(text)  # type: ignore[no-untyped-call]
    assert {family.name: family.type for family in families}["claims_http_requests"] == "counter"
    assert text.endswith("# EOF\n")


def test_without_a_data_set_there_are_metrics_still() -> None:
    app = create_app(Config(dataset=Path("no-such-data-set"), access_log=False))
    assert ask(app, "/v1/claims").status == 503
    found = scraped(app)
    assert value(found, REQUESTS, route="/v1/claims", method="GET", status="503") == 1
    told = {name for name, _ in found if name.startswith("claims_dataset")}
    assert told <= {STATE, LOADS, "claims_dataset_loads_created"}
    assert value(found, STATE, state="unavailable") == 1
    assert value(found, STATE, state="ready") == 0
    assert value(found, PROBLEMS, type="dataset-unavailable") == 1


def test_where_the_extra_is_not_installed_there_are_none_and_nothing_of_it_is_loaded() -> None:
    program = """
import sys
sys.modules["prometheus_client"] = None  # what cannot be imported
from service.app import create_app
from service.config import Config
client = create_app(Config(access_log=False)).test_client()
for target in ("/metrics", "/metrics?x=1"):
    reply = client.get(target)
    assert (reply.status_code, reply.content_type) == (404, "application/problem+json")
    assert reply.json["type"] == "/problems/not-found"
assert "service.http.metrics" not in sys.modules
import service.server.gunicorn_conf
assert not [name for name in sys.modules if name.startswith("prometheus_client.")]
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_an_answer_that_fails_while_it_is_sent_is_counted_once() -> None:
    app = create_app(Config(access_log=False), shipped_store())

    @app.get("/halting")
    def halt() -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"one"
            raise RuntimeError

        return Response(pieces())

    with pytest.raises(RuntimeError):
        ask(app, "/halting")
    found = scraped(app)
    assert value(found, REQUESTS, route="/halting", method="GET", status="200") == 1
    assert summed(found, f"{SECONDS}_count") == summed(found, REQUESTS) == 1


# --- several workers ----------------------------------------------------------------------------

SETTINGS = """
from service.server.gunicorn_conf import *  # noqa: F403

bind = "127.0.0.1:0"
"""
PATIENCE = 30
"""Seconds; what takes longer hangs."""


@dataclass
class Live:
    """A running server."""

    port: int
    log: Path

    def get(self, path: str) -> str:
        """An answer on a connection of its own, which any worker may take."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == 200
            return answer.read().decode()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The process ids of all workers that ever started."""
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.said())]

    def said(self) -> str:
        return self.log.read_text()

    def counts_of(self, pid: int) -> Path | None:
        """The file of a worker's counters, wherever the server put it."""
        for base in ("/dev/shm", tempfile.gettempdir()):
            for path in Path(base).glob(f"policy-claims-metrics-*/counter_{pid}.db"):
                return path
        return None


def eventually(done: Any) -> None:
    """Waits until something is so."""
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.05)


@contextmanager
def workers(number: int, tmp_path: Path, **given: str) -> Iterator[Live]:
    """A live server of so many workers, stopped by its own process id."""
    (tmp_path / "settings.py").write_text(SETTINGS, encoding="utf-8")
    log = tmp_path / "log.txt"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ACCESS_LOG": "off"}
    environment["WEB_CONCURRENCY"] = str(number)
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    environment.update(given)
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(tmp_path / "settings.py")],
            cwd=tmp_path,
            env=environment,
            stderr=stream,
        )
        try:
            address = r"Listening at: http://127\.0\.0\.1:(\d+)"
            eventually(lambda: re.search(address, log.read_text()) or server.poll() is not None)
            found = re.search(address, log.read_text())
            assert found is not None, log.read_text()
            yield Live(int(found[1]), log)
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def test_workers_are_counted_together_whichever_is_killed_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    with workers(2, tmp_path) as running:
        counts = counted_together(running)
        assert counts.parent.is_dir()
    assert not counts.parent.exists()


def counted_together(live: Live) -> Path:
    """Kills one of two workers, after which no count is lower; gives the file of its counts."""
    asked = 0

    def ask_until_both_have_counted() -> bool:
        nonlocal asked
        live.get("/v1/topics")
        asked += 1
        return all(live.counts_of(pid) for pid in live.workers()) and len(live.workers()) == 2

    eventually(ask_until_both_have_counted)
    first, _ = live.workers()

    def counted() -> float:
        found = samples_in(live.get("/metrics"))
        return value(found, REQUESTS, route="/v1/topics", method="GET", status="200")

    eventually(lambda: counted() == asked)  # an answer is counted once it was sent
    assert {counted() for _ in range(10)} == {asked}  # whichever worker is asked
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(live.workers()) == 3)
    assert {counted() for _ in range(10)} == {asked}
    live.get("/v1/topics")
    eventually(lambda: counted() == asked + 1)
    counts = live.counts_of(first)
    assert counts is not None, "the counts of an ended worker stay"
    assert "Traceback" not in live.said()
    return counts


def test_a_directory_that_the_environment_names_is_used_and_left(tmp_path: Path) -> None:
    place = tmp_path / "counts"
    place.mkdir()
    with workers(1, tmp_path, PROMETHEUS_MULTIPROC_DIR=str(place)) as running:
        running.get("/v1/topics")
        eventually(lambda: list(place.glob("counter_*.db")))
    assert list(place.glob("counter_*.db"))
