"""``policy-claims-query changes``: what has changed since it ran last, by a token in a file."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_claims import Client
from policy_claims.command import main
from policy_claims.command.following import ANEW, HEAD
from service.compiler import open_fixtures
from service.compiler.publish import publish
from service.store.dataset_format import current
from service.store.tantivy.store import open_store
from tests.in_process import Application, client_of
from tests.lives import EVENTS, KINDS, Curator
from tests.wire import app_of

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def curator() -> Curator:
    return Curator()


@pytest.fixture
def service(curator: Curator) -> Application:
    return Application(app_of(open_fixtures(curator.fixtures())))


@pytest.fixture
def run(service: Application, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command; exit status, standard output and standard error."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        status = main(("changes", *arguments), lambda _: client_of(service))
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return ran


def printed(out: str) -> list[int]:
    """The numbers of the changes that were printed as NDJSON."""
    return [json.loads(line)["seq"] for line in out.splitlines()]


def grow(curator: Curator, service: Application) -> int:
    """Lets everything happen that may; how many changes there are now."""
    for kind in KINDS:
        for event in EVENTS:
            curator.live(kind, event, curator.create(kind))
    curator.day += 1
    service.app = app_of(open_fixtures(curator.fixtures()))
    return len(curator.changes)


def test_every_run_tells_what_came_since_the_one_before_and_nothing_twice(
    run: Run, curator: Curator, service: Application, tmp_path: Path
) -> None:
    state, told, count = str(tmp_path / "state"), list[int](), len(curator.changes)
    for _ in range(3):
        for expected in (range(len(told) + 1, count + 1), range(0)):
            status, out, err = run("--state", state, "--format", "ndjson")
            assert (status, err) == (0, "")
            assert printed(out) == list(expected)
            told += printed(out)
        count = grow(curator, service)
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_without_a_state_all_changes_are_told_in_each_format(
    run: Run, curator: Curator, service: Application
) -> None:
    count = grow(curator, service)
    with client_of(service) as client:
        changes = list(client.changes())
    assert [json.loads(line) for line in run("--format", "ndjson")[1].splitlines()] == changes
    body = json.loads(run("--format", "json")[1])
    assert (body["data"], body["meta"]["last_seq"]) == (changes, count)
    head, *rows = csv.reader(io.StringIO(run("--format", "csv")[1], newline=""))
    assert tuple(head) == HEAD
    assert [(row[0], row[3]) for row in rows] == [
        (str(change["seq"]), change["subject"]["id"]) for change in changes
    ]
    table = run()[1].splitlines()
    assert [line.split()[0] for line in table] == ["seq", *(row[0] for row in rows)]


def test_another_history_is_told_from_its_beginning_and_by_the_exit_status(
    run: Run, service: Application, tmp_path: Path
) -> None:
    """Published twice, the second time begun anew, so that the changes look the same."""
    state, curator = str(tmp_path / "state"), Curator()
    for restart in (None, "The agents were mixed up."):
        publish(curator.fixtures(), tmp_path / "out", restart=restart)
        place = current(tmp_path / "out")
        assert place is not None
        service.app = app_of(open_store(place))
        status, out, err = run("--state", state, "--format", "ndjson")
        assert status == (ANEW if restart else 0)
        assert ("another history" in err) == bool(restart)
        assert printed(out) == list(range(1, len(curator.changes) + 1))
        assert run("--state", state) == (0, "  ".join(HEAD) + "\n", "")


def test_a_run_that_fails_leaves_the_state_as_it_was(
    service: Application, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    assert main(["changes", "--state", str(state)], lambda _: client_of(service)) == 0
    before = state.read_text()
    arguments = ["changes", "--state", str(state), "--url", "http://127.0.0.1:9"]
    assert main(arguments, lambda url: Client(url, retries=0)) == 1
    assert "/v1/changes" in capsys.readouterr().err
    assert state.read_text() == before


@pytest.mark.parametrize("text", ["yesterday", "2026-11-28", "0.x", "\x00", "a b"])
def test_a_state_that_is_no_token_is_refused_and_kept(run: Run, tmp_path: Path, text: str) -> None:
    state = tmp_path / "state"
    state.write_text(text)
    status, out, err = run("--state", str(state))
    assert (status, out) == (2, "")
    assert "since" in err
    assert state.read_text() == text


def test_an_empty_state_is_the_beginning(run: Run, curator: Curator, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.touch()
    assert len(printed(run("--state", str(state), "--format", "ndjson")[1])) == len(curator.changes)
    assert state.read_text().strip()


def test_a_state_that_cannot_be_read_or_written_is_told(run: Run, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere" / "state"):
        status, _, err = run("--state", str(place))
        assert status == 1
        assert str(place) in err
