"""The command ``policy-claims-query`` against the service, in this process."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_claims import Client
from policy_claims.command import main
from policy_claims.command.output import columns, cut
from policy_claims.parameters import BY, FILTERS, SORT
from service.app import create_app
from service.config import Config
from tests import samples
from tests.contract_tools import operation
from tests.in_process import URL, Application, client_of
from tests.wire import app_of, sample_store, shipped_store, store_of

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
RESTATED = ("/claims/0/statement", "Another wording of the same plan.")


@pytest.fixture(scope="module")
def shipped() -> Application:
    return Application(create_app(Config(access_log=False), shipped_store()))


@pytest.fixture
def sample() -> Application:
    return Application(app_of(sample_store()))


@pytest.fixture
def run(shipped: Application, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command; exit status, standard output and standard error."""

    def ran(*arguments: str, app: Application = shipped) -> tuple[int, str, str]:
        try:
            status = main(arguments, lambda _: client_of(app))
        except SystemExit as end:
            status = int(str(end.code))
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return ran


def test_every_filter_of_the_contract_is_an_option_of_what_takes_it(run: Run) -> None:
    names = {p["name"] for p in operation("exportClaimsNdjson").parameters("query")}
    assert FILTERS.keys() | {"sort"} == names
    for command in ("claims", "counts"):
        status, text, _ = run(command, "--help")
        assert status == 0
        for name, parameter in FILTERS.items():
            assert f"--{name.replace('_', '-')} " in text, name
            assert parameter.description
    assert {"-announced"} < {*SORT.values}
    assert {"topic", "horizon"} < {*BY.values}


def test_what_is_printed_is_what_the_client_finds(run: Run, shipped: Application) -> None:
    with client_of(shipped) as client:
        claims = list(client.claims(topic=["nuclear", "defence"], goals_only=True))
    assert len(claims) > 5
    asked = ("--topic", "nuclear", "--topic=defence", "--goals_only")
    ids = [claim["id"] for claim in claims]
    _, table, _ = run(*asked, "--rows", "1000")
    assert [line.split()[0] for line in table.splitlines()] == ["id", *ids]
    assert all(claim["statement"] in table for claim in claims)
    _, text, _ = run("claims", *asked, "--format", "csv")
    assert [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))] == ids
    _, text, _ = run(*asked, "--format", "ndjson")
    assert [json.loads(line) for line in text.splitlines()] == claims
    _, text, _ = run(*asked, "--format", "json")
    body = json.loads(text)
    assert (body["data"], body["meta"]["total"]) == (claims, len(claims))


@pytest.mark.parametrize("command", [("claims",), ("counts", "--by=kind"), ("topics",)])
def test_what_every_command_takes_may_stand_before_it(run: Run, command: tuple[str, ...]) -> None:
    general = ("--url", URL, "--format=csv", "--rows", "3")
    expected = run(*command, *general)
    assert expected[0] == 0
    assert run(*general, *command) == expected
    assert run("--url", URL, "chek")[0] == 2


def test_a_table_says_how_much_it_leaves_out(run: Run) -> None:
    status, table, rest = run("--rows=3")
    assert (status, len(table.splitlines())) == (0, 4)
    assert rest.startswith("3 of ")


def test_counts_and_vocabularies_are_printed(run: Run, shipped: Application) -> None:
    with client_of(shipped) as client:
        counts = client.counts(by=["kind", "topic"], distinct=True)
        topics = list(client.topics())
    asked = ("counts", "--by", "kind,topic", "--distinct")
    _, text, _ = run(*asked, "--format", "json")
    assert json.loads(text) == {"data": counts.data, "meta": counts.meta}
    _, text, _ = run(*asked, "--format", "ndjson")
    assert [json.loads(line) for line in text.splitlines()] == counts.data
    _, text, _ = run(*asked, "--rows", "1000")
    assert len(text.splitlines()) == len(counts.data) + 1
    _, text, _ = run(*asked, "--format", "csv")
    assert len(text.splitlines()) == len(counts.data) + 1
    _, text, _ = run("topics", "--format", "ndjson")
    assert [json.loads(line) for line in text.splitlines()] == topics
    assert topics[0]["label"] in run("topics")[1]
    rows = csv.DictReader(io.StringIO(run("topics", "--format", "csv")[1], newline=""))
    assert [row["id"] for row in rows] == [topic["id"] for topic in topics]
    assert json.loads(run("places", "--format", "json")[1])["data"]


def test_a_fault_of_a_request_is_told_with_what_was_meant(run: Run) -> None:
    for arguments, said in (
        (("--tpoic", "nuclear"), "--tpoic is no argument (did you mean --topic?)"),
        (("chek", "file"), "chek is no argument (did you mean check?)"),
        (("--sort", "-anounced"), "did you mean -announced?"),
        (("--horizon", "20", "--kind", "gaol"), "horizon"),
        (("counts", "--by", "topics"), "did you mean topic?"),
        (("counts",), "--by"),
        (("--format", "xml"), "xml"),
        (("--rows", "-3"), "--rows"),
        (("--rows", "many"), "'many' is no number of rows"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (2, ""), arguments
        assert said in err, arguments
        assert err.startswith("policy-claims-query: ")


def test_an_id_that_names_nothing_is_told_in_every_format(run: Run) -> None:
    for format_ in ("table", "csv", "json", "ndjson"):
        status, _, err = run("--topic", "nuclera", "--format", format_)
        assert (status, err) == (0, "topic nuclera names nothing (did you mean nuclear?)\n")
    assert "did you mean kcna?" in run("counts", "--by", "kind", "--speaker", "kcnaa")[2]


def test_values_may_begin_with_a_minus(run: Run) -> None:
    status, text, _ = run("--sort", "-content", "--q", "-kim nuclear", "--format", "ndjson")
    assert status == 0
    assert text


def test_a_service_that_cannot_be_reached_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def connect(url: str) -> Client:
        return Client(url, retries=0)

    assert main(["--url", "http://127.0.0.1:9"], connect) == 1
    assert "/v1/claims" in capsys.readouterr().err


# --- receipts -----------------------------------------------------------------------------------


def test_a_receipt_says_what_was_asked_and_what_came_of_it(
    run: Run, sample: Application, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.json"
    for arguments, path in (
        (("--goals-only", "--sort=announced"), "/v1/claims.ndjson?goals_only=true&sort=announced"),
        (("counts", "--by=kind"), "/v1/counts.csv?by=kind"),
    ):
        assert run(*arguments, "--receipt", str(file), app=sample)[0] == 0
        receipt = json.loads(file.read_text("utf-8"))
        answer = create_body(sample, path)
        assert receipt["path"] == path
        assert receipt["service"] == URL
        assert receipt["sha256"] == hashlib.sha256(answer).hexdigest()
        assert receipt["dataset_version"] == sample_store().dataset.version
        assert receipt["total"] == answer.count(b"\n") - path.startswith("/v1/counts")
        status, out, _ = run("check", str(file), app=sample)
        assert status == 0
        assert out.startswith("The same answer as on ")


def create_body(app: Application, path: str) -> bytes:
    with client_of(app) as client:
        return client._session.get(URL + path).content  # noqa: SLF001


def test_a_check_says_whether_a_later_run_gives_the_same(
    run: Run, sample: Application, tmp_path: Path
) -> None:
    every, quotes = tmp_path / "every.json", tmp_path / "none.json"
    run("--receipt", str(every), app=sample)
    run("--id", samples.UNUSED, "--receipt", str(quotes), app=sample)
    sample.app = app_of(store_of(samples.edited(samples.sample(), RESTATED)))
    status, out, _ = run("check", str(every), app=sample)
    assert status == 1
    assert out.startswith("Another answer as on ")
    version = sample_store().dataset.version
    assert f"in place of {version}.\nThe service does not keep data set {version}" in out
    status, out, _ = run("check", str(quotes), app=sample)
    assert status == 0
    assert "The same answer" in out
    assert "in place of" in out


def test_a_digest_alone_decides(run: Run, sample: Application, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    run("--receipt", str(file), app=sample)
    receipt = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**receipt, "sha256": "0" * 64, "service_version": "0.9"}), "utf-8")
    status, out, _ = run("check", str(file), app=sample)
    assert status == 1
    assert "from the same data set, written by version" in out
    assert f"listed at {URL}/v1/datasets/{receipt['dataset_version']}\n" in out


def test_a_file_that_is_no_receipt_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    for text in (None, "", "[]", "{}", '{"form": "other"}', '{"form": "policy-claims-receipt-1"}'):
        if text is not None:
            file.write_text(text, "utf-8")
        status, out, err = run("check", str(file))
        assert (status, out) == (1, ""), text
        assert str(file) in err


# --- tables -------------------------------------------------------------------------------------


def test_a_text_is_cut_where_a_terminal_ends() -> None:
    for text, width in (("abc", 3), ("농업", 4), ("é", 1), ("e\u0301", 1)):
        assert columns(text) == width
    for text in ("a long sentence", "농업과 국방", "e\u0301" * 20):
        for room in range(2, 30):
            assert columns(cut(text, room)) <= room
            assert cut(text, 100) == text


def test_a_reader_that_has_enough_is_no_error(shipped: Any) -> None:
    """``policy-claims-query | head -1``."""
    program = (
        "import sys; from policy_claims.command import main\n"
        "from tests.in_process import *; from tests.wire import shipped_store\n"
        "from service.app import create_app; from service.config import Config\n"
        "app = create_app(Config(access_log=False), shipped_store())\n"
        "sys.exit(main(['--format', 'ndjson'], lambda _: client_of(app)))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
