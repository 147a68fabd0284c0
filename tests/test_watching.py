"""``serve --watch``: what a curator sees while the files are edited."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.curating import CLAIMS, given, run, typed, without_claims
from tests.documentation import ROOT
from tests.gunicorn_live import STARTING
from tests.test_operations import eventually, free_port, is_alive


@dataclass
class Watching:
    """``policy-claims serve --watch``, in a session of its own."""

    process: subprocess.Popen[bytes]
    directory: Path
    url: str
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def total(self, query: str = "") -> int | None:
        """How many claims are served, ``None`` where nothing answers yet."""
        with suppress(requests.ConnectionError):
            answer = requests.get(f"{self.url}/v1/claims?{query}", timeout=STARTING)
            if answer.status_code == 200:
                return int(answer.json()["meta"]["total"])
        return None

    def processes(self) -> list[int]:
        """The command, and whatever it started."""
        pids = [self.process.pid]
        for pid in pids:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pids.extend(map(int, children))
        return pids


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    directory, log, port = without_claims(tmp_path / "data"), tmp_path / "log.txt", free_port()
    (tmp_path / "temporary").mkdir()
    environment = {
        **os.environ,
        "PORT": str(port),
        "TMPDIR": str(tmp_path / "temporary"),
        "CLAIMS_FIXTURES": str(directory),
        "CLAIMS_DATASET": str(
            tmp_path / "another"
        ),  # of what was exported once, nothing else counts
        "CLAIMS_STORE": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "service.cli", "serve", "--watch"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        try:
            watching = Watching(process, directory, f"http://127.0.0.1:{port}", log)
            eventually(lambda: watching.total() is not None, STARTING)
            yield watching
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=STARTING)


@pytest.mark.slow
def test_an_edit_is_served_at_once_and_a_faulty_one_is_told(
    watching: Watching, tmp_path: Path
) -> None:
    assert watching.total() == 0

    # a claim that a command adds
    added = run("add", "--from", given(tmp_path / "one.json", typed(CLAIMS[0])),
                "--fixtures", watching.directory)  # fmt: skip
    assert added.status == 0, added.err
    eventually(lambda: watching.total() == 1)
    page = requests.get(f"{watching.url}/claims/{added.out.strip()}", timeout=STARTING)
    assert CLAIMS[0]["statement"] in page.text
    assert page.headers["Cache-Control"] == "no-cache"  # so that a browser shows what is there now

    # an edit that cannot be served
    path = watching.directory / "claims.json"
    whole = path.read_text()
    path.write_text(whole.replace('"kind"', '"kin"'))
    eventually(lambda: "the state before goes on being served" in watching.said())
    assert "claims.json /0/kin" in watching.said()
    assert watching.total() == 1

    # the same, taken back
    said = watching.said().count("is served, version")
    path.write_text(whole)
    eventually(lambda: watching.said().count("is served, version") > said)

    # an edit by hand that no change records
    record = json.loads(whole)[0]
    given(path, [{**record, "statement": f"{record['statement']} Zebras."}])
    eventually(lambda: watching.total("q=zebras") == 1)
    assert "no change records it" in watching.said()

    # Ctrl+C
    processes = watching.processes()
    assert len(processes) == 3  # the command, the server, its worker
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(timeout=STARTING) == 0
    eventually(lambda: not any(map(is_alive, processes)))
    assert [*(tmp_path / "temporary").iterdir()] == []
    assert "Traceback" not in watching.said()


def test_what_is_not_published_is_shown_to_this_machine_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")
    monkeypatch.setenv("DIRECT_EXPOSURE", "accept")
    monkeypatch.setenv("CLAIMS_FIXTURES", str(without_claims(tmp_path)))
    ended = run("serve", "--watch")
    assert ended.status == 1
    assert "allowed with --watch: 127.0.0.1" in ended.err
