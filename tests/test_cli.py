"""The command ``policy-claims``: what it prints, where, and its exit status.

0 is well, 1 is wrong data, 2 is a wrong command line.
"""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import secrets
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service import cli, curation
from service.compiler import Fixtures, check_fixtures
from service.store.tantivy.store import open_store
from tests.at_size.data import write_verifiable
from tests.samples import (
    DIRECTIVE,
    FIRST,
    FORECAST,
    GOAL,
    GOAL_AT,
    POSITION,
    POSITION_AT,
    SECOND,
    SUPERSEDED,
    UNUSED,
    WITHDRAWN,
    Data,
    edited,
    sample,
    write,
)
from tests.test_build_by_line import by_line

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
Run = Callable[..., tuple[int, str, str]]
ESCAPE = "\x1b"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; its status, what it printed, and what it complained of."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(str(end.code))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def text_of(document: str) -> str:
    """The text of a sample document; not all ASCII, so that bytes and code points differ."""
    filler = "Für den Plan – so hieß es – wird mehr geerntet; 수확은 늘어난다. "
    if document == SECOND:
        return overlaid((filler * 9)[:300], {0: "reported, said: ", 88: "––––"})
    words = {0: "수확은 ", 12: "reportedly said", 39: "“a tenth more”", 119: "“We trade fairly.”"}
    return overlaid("–" * 200, {**words, 60: "für den Plan"})


def overlaid(text: str, pieces: dict[int, str]) -> str:
    """A text with other words at some places."""
    for start, piece in pieces.items():
        text = text[:start] + piece + text[start + len(piece) :]
    return text


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def honest() -> Data:
    """The sample with hashes and spans that its documents bear out; no claim breaks a rule."""
    data: Data = edited(sample(), (f"/claims/{GOAL_AT}/topics/1", "trade"))
    position = data["claims"][POSITION_AT]["evidence"]
    position[0]["role"] = "context"
    position.append(
        {**position[0], "role": "supports", "start": 119, "end": 137, "fidelity": "verbatim"}
    )
    texts = {document["id"]: text_of(document["id"]) for document in data["documents"]}
    for document in data["documents"]:
        document["sha256"] = digest(texts[document["id"]])
    for claim in data["claims"]:
        for span in claim["evidence"]:
            span["sha256"] = digest(texts[span["document"]][span["start"] : span["end"]])
    return data


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    return write(honest(), tmp_path / "fixtures")


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    directory = tmp_path / "documents"
    directory.mkdir()
    for document in sample()["documents"]:
        (directory / document["file"]).write_text(text_of(document["id"]), encoding="utf-8")
    return directory


# --- check --------------------------------------------------------------------------------------


def test_valid_fixtures_pass(run: Run, fixtures: Path) -> None:
    status, out, err = run("check", "--fixtures", fixtures)
    assert (status, err) == (0, "")
    assert "6 claims, 2 documents" in out


def test_the_shipped_fixtures_are_the_default(run: Run) -> None:
    status, out, _ = run("check")
    assert status == 0
    assert re.match("[0-9]{2,} claims, 2 documents", out)


def test_the_environment_may_name_the_fixtures(
    run: Run, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMS_FIXTURES", str(fixtures))
    assert "6 claims" in run("check")[1]


BROKEN = ("/claims/3/dates/occurred", {"edtf": "2023-01", "basis": "stated"})
"""What no schema refuses: a forecast that was made after its document was published."""


def test_what_breaks_a_rule_is_listed_with_its_claim(run: Run, tmp_path: Path) -> None:
    broken = write(edited(honest(), BROKEN), tmp_path / "broken")
    status, out, err = run("check", "--fixtures", broken)
    assert (status, err) == (1, "")
    line = rf"^claims.json /3/dates/occurred/edtf {FORECAST}: error: rule 6 \(.+\): found .+"
    assert len(re.findall(line, out, re.MULTILINE)) == 1
    assert out.splitlines()[-1].startswith(f"{broken}: 1 error(s)")


@pytest.mark.parametrize("command", [("build", "--out"), ("publish",)])
def test_with_the_documents_nothing_is_made_that_breaks_a_rule(
    run: Run, tmp_path: Path, fixtures: Path, documents: Path, command: tuple[str, ...]
) -> None:
    """Without them a data set of an earlier codebook is made as it always was."""
    broken, out = write(edited(honest(), BROKEN), tmp_path / "broken"), tmp_path / "out"
    asked = (*command, out, "--fixtures")
    status, printed, err = run(*asked, broken, "--documents", documents)
    assert (status, printed) == (1, "")
    assert "occurred-after-publication" in err
    assert not out.exists()
    assert run(*asked, fixtures, "--documents", documents)[0] == 0
    elsewhere = tmp_path / "elsewhere"  # since it continues no history of the fixtures
    assert run(*command, elsewhere, "--fixtures", broken)[0] == 0


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda text: text.replace("\n", "\r\n"), "line ends"),
        (lambda text: "\ufeff" + text, "byte order mark"),
        (lambda text: unicodedata.normalize("NFD", text), "normalisation"),
        (lambda text: text + "!", "another file"),
    ],
)
def test_how_a_file_differs_is_said(
    run: Run, tmp_path: Path, documents: Path, change: Callable[[str], str], difference: str
) -> None:
    text = (documents / f"{FIRST}.txt").read_text("utf-8")[:-1] + "\n"
    whole = write(edited(honest(), ("/documents/0/sha256", digest(text))), tmp_path / "whole")
    (documents / f"{FIRST}.txt").write_bytes(change(text).encode())
    status, out, _ = run("verify", "--fixtures", whole, "--documents", documents)
    assert status == 1
    assert difference in out


FAULTS = {
    "claims.json /0/kind": ("/claims/0/kind", "prophecy"),
    "claims.json /3/statement": ("/claims/3/statement", ""),
    "agents.json /2/reliability/grade": ("/agents/2/reliability/grade", "Z"),
    "topics.json /1/cap_major": ("/topics/1/cap_major", "4"),
    "documents.json /0/length": ("/documents/0/length", -1),
}


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return write(edited(sample(), *FAULTS.values()), tmp_path / "faulty")


def test_all_faults_are_listed_with_file_and_place(run: Run, faulty: Path) -> None:
    status, out, err = run("check", "--fixtures", faulty)
    assert (status, out) == (1, "")
    for place in FAULTS:
        line = f"^{re.escape(place)} [a-z0-9_-]+: found .+; allowed: .+$"
        assert len(re.findall(line, err, re.MULTILINE)) == 1
    assert len(re.findall("^(?!.* rule ).*: found ", err, re.MULTILINE)) == len(FAULTS)
    assert err.splitlines()[-1] == f"{len(FAULTS)} fault(s) in {faulty}"


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("build", "--out", "{out}"),
        ("verify", "--documents", "{out}"),
        ("locate", FIRST, "plan", "--documents", "."),
        ("new-id",),
        ("show", GOAL),
    ],
)
@pytest.mark.parametrize("wrong", ["faulty", "missing", "garbled"])
def test_no_command_works_on_faulty_fixtures(
    run: Run, tmp_path: Path, faulty: Path, command: tuple[str, ...], wrong: str
) -> None:
    if wrong == "garbled":
        (faulty / "claims.json").write_bytes(b'[{"id": "clm_\xff"}')
    place = faulty if wrong != "missing" else tmp_path / "missing"
    out = tmp_path / "out"
    status, printed, err = run(*(part.format(out=out) for part in command), "--fixtures", place)
    assert (status, printed) == (1, "")
    assert "claims.json" in err
    assert "Traceback" not in err
    assert not out.exists()


# --- build --------------------------------------------------------------------------------------


def built(directory: Path) -> dict[str, bytes]:
    """Every file of a built data set but the index, which tantivy names and orders at random."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and not str(path.relative_to(directory)).startswith("index")
    }


def test_a_build_can_be_served(run: Run, fixtures: Path, tmp_path: Path) -> None:
    status, out, _ = run("build", "--fixtures", fixtures, "--out", tmp_path / "out")
    place = Path(out.strip())
    assert status == 0
    assert place.parent == tmp_path / "out"
    assert open_store(place).dataset.version == place.name
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_building_twice_gives_the_same_bytes(run: Run, fixtures: Path, tmp_path: Path) -> None:
    places = [
        Path(run("build", "--fixtures", fixtures, "--out", tmp_path / out)[1].strip())
        for out in ("one", "two", "two")
    ]
    assert places[1] == places[2]
    assert places[0].name == places[1].name
    assert built(places[0]) == built(places[1])
    assert {"claims.ndjson", "manifest.json"} <= set(built(places[0]))


def test_another_content_has_another_name(run: Run, tmp_path: Path) -> None:
    places = []
    for name, data in {"a": sample(), "b": edited(sample(), ("/topics/3/label", "Crop"))}.items():
        fixtures = write(data, tmp_path / name)
        places.append(run("build", "--fixtures", fixtures, "--out", tmp_path / "out")[1].strip())
    assert places[0] != places[1]


def test_a_place_that_cannot_be_written_is_told(run: Run, fixtures: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("taken")
    status, out, err = run("build", "--fixtures", fixtures, "--out", tmp_path / "file")
    assert (status, out) == (1, "")
    assert "file" in err


# --- verify -------------------------------------------------------------------------------------


def test_honest_data_is_verified(run: Run, fixtures: Path, documents: Path) -> None:
    status, out, _ = run("verify", "--fixtures", fixtures, "--documents", documents)
    assert status == 0
    assert FIRST in out
    assert SECOND in out


TAMPERED: dict[str, tuple[Any, set[tuple[str, str, str]]]] = {
    "another hash of a document": (
        ("/documents/0/sha256", "0" * 64),
        {(FIRST, "-", "SHA-256")},
    ),
    "another length": (("/documents/1/length", 299), {(SECOND, "-", "code points")}),
    "a span moved by one": (
        ("/claims/4/evidence/0/start", 11),
        {(FIRST, POSITION, "11–90")},
    ),
    "a span with another end": (
        ("/claims/5/evidence/0/end", 91),
        {(SECOND, DIRECTIVE, "10–91")},
    ),
    "another hash of a span": (
        ("/claims/5/evidence/0/sha256", "0" * 64),
        {(SECOND, DIRECTIVE, "hash")},
    ),
    "a quote of one other letter": (
        ("/claims/0/quotes/0/text", "a Tenth more"),
        {(FIRST, GOAL, "quote 40–52")},
    ),
}


def mismatches(out: str) -> set[tuple[str, str]]:
    named = {document["file"]: document["id"] for document in sample()["documents"]}
    files = "|".join(map(re.escape, named))
    found = re.findall(rf"^({files})  (\S+)  ", out, re.MULTILINE)
    return {(named[file], claim) for file, claim in found}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_a_document_does_not_bear_out_is_named(
    run: Run, tmp_path: Path, documents: Path, case: str
) -> None:
    edit, expected = TAMPERED[case]
    fixtures = write(edited(honest(), edit), tmp_path / "tampered")
    status, out, _ = run("verify", "--fixtures", fixtures, "--documents", documents)
    assert status == 1
    assert mismatches(out) == {(document, claim) for document, claim, _ in expected}
    for _, _, reason in expected:
        assert reason in out


@pytest.mark.parametrize(
    ("change", "claims"),
    [
        (lambda text: text[:50] + "X" + text[51:], {"-", GOAL, "clm_0000000b", POSITION}),
        (lambda text: text[:195] + "X" + text[196:], {"-"}),
        (lambda text: text + "\n", {"-"}),
        (lambda text: text.replace("We trade", "He trade"), {"-", POSITION}),
        (lambda text: text[:60], {"-", GOAL, "clm_0000000b", POSITION}),
        (lambda text: "", {"-", GOAL, "clm_0000000b", POSITION}),
    ],
)
def test_a_changed_document_is_named_with_all_it_touches(
    run: Run, fixtures: Path, documents: Path, change: Callable[[str], str], claims: set[str]
) -> None:
    path = documents / f"{FIRST}.txt"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    status, out, _ = run("verify", "--fixtures", fixtures, "--documents", documents)
    assert status == 1
    assert mismatches(out) == {(FIRST, claim) for claim in claims}


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\xed\xa0\x80"])
def test_an_unreadable_document_fails_and_leaves_the_others(
    run: Run, fixtures: Path, documents: Path, content: bytes | None
) -> None:
    path = documents / f"{FIRST}.txt"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    status, out, _ = run("verify", "--fixtures", fixtures, "--documents", documents)
    assert status == 1
    assert mismatches(out) == {(FIRST, "-")}
    assert SECOND in out


def test_every_claim_is_read_once_however_many_documents_there_are(tmp_path: Path) -> None:
    """Else the time is that of claims times documents."""

    class Counted(list[Any]):
        passes = 0

        def __iter__(self) -> Iterator[Any]:
            self.passes += 1
            return super().__iter__()

    write_verifiable(tmp_path / "in", tmp_path / "documents", 1_500, 1)
    fixtures = check_fixtures(tmp_path / "in")
    claims = Counted(fixtures["claims"])
    fixtures = Fixtures({**fixtures, "claims": claims})
    results = curation.verify(fixtures, tmp_path / "documents").documents
    assert len(results) == 150
    assert not any(result.mismatches for result in results)
    assert sum(result.spans for result in results) == 1_500
    assert claims.passes == 1


@pytest.fixture
def lines(fixtures: Path) -> Path:
    """The same fixtures with claims and changes a record a line."""
    return by_line(honest(), fixtures)


def test_all_commands_read_lines_as_they_read_lists(
    run: Run, lines: Path, tmp_path: Path, documents: Path
) -> None:
    lists = write(honest(), tmp_path / "lists")
    place = ("--documents", documents)
    for command in (
        ("check",),
        ("verify", *place),
        ("locate", FIRST, "We trade fairly.", *place),
        ("show", GOAL),
        ("show", WITHDRAWN),
    ):
        status, out, err = run(*command, "--fixtures", lines)
        alike = out.replace(str(lines), str(lists)).replace("claims.ndjson", "claims.json")
        assert (status, alike, err) == run(*command, "--fixtures", lists), command


def test_what_a_document_does_not_bear_out_is_named_in_lines_too(
    run: Run, tmp_path: Path, documents: Path
) -> None:
    edit, expected = TAMPERED["a span moved by one"]
    fixtures = by_line(edited(honest(), edit), tmp_path / "tampered")
    status, out, _ = run("verify", "--fixtures", fixtures, "--documents", documents)
    assert status == 1
    assert mismatches(out) == {(document, claim) for document, claim, _ in expected}


@pytest.mark.parametrize("taken", [GOAL, WITHDRAWN, SUPERSEDED])
def test_no_id_of_a_line_is_given_out_twice(
    run: Run, lines: Path, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    wanted = iter([*taken[4:], *UNUSED[4:]])
    monkeypatch.setattr(secrets, "choice", lambda _: next(wanted))
    assert run("new-id", "--fixtures", lines)[1].strip() == UNUSED


# --- locate, new-id, show -----------------------------------------------------------------------


def test_a_located_passage_is_evidence_that_verifies(
    run: Run, tmp_path: Path, fixtures: Path, documents: Path
) -> None:
    place = ("--fixtures", fixtures, "--documents", documents)
    status, out, _ = run("locate", FIRST, "We trade fairly.", *place)
    evidence = json.loads(out)
    assert status == 0
    assert (evidence["document"], evidence["start"], evidence["end"]) == (FIRST, 120, 136)
    told = write(edited(honest(), ("/claims/3/evidence/-", evidence)), tmp_path / "told")
    assert run("verify", "--fixtures", told, "--documents", documents)[0] == 0


def test_every_match_is_printed(run: Run, fixtures: Path, documents: Path) -> None:
    text, passage = text_of(SECOND), "수확은"
    arguments = (SECOND, passage, "--fixtures", fixtures, "--documents", documents)
    _, out, _ = run("locate", *arguments)
    starts = [int(start) for start in re.findall(r'"start": (\d+)', out)]
    assert len(starts) > 1
    assert starts == [m.start() for m in re.finditer(passage, text)]


@pytest.mark.parametrize(
    ("document", "passage", "expected"),
    [
        (FIRST, "we trade fairly.", 1),
        (FIRST, "not in there", 1),
        (FIRST, "", 1),
        ("doc_zzzzzzzz", "plan", 2),
        ("nonsense", "plan", 2),
    ],
)
def test_what_cannot_be_located_prints_nothing(
    run: Run, fixtures: Path, documents: Path, document: str, passage: str, expected: int
) -> None:
    place = ("--fixtures", fixtures, "--documents", documents)
    status, out, err = run("locate", document, passage, *place)
    assert (status, out) == (expected, "")
    assert err


def test_a_document_that_is_no_text_is_told(run: Run, fixtures: Path, documents: Path) -> None:
    (documents / f"{FIRST}.txt").write_bytes(b"\xff")
    place = ("--fixtures", fixtures, "--documents", documents)
    status, out, err = run("locate", FIRST, "plan", *place)
    assert (status, out) == (1, "")
    assert err


@pytest.mark.parametrize(("kind", "prefix"), [("clm", "clm"), ("doc", "doc")])
def test_new_ids_are_well_formed_and_unused(
    run: Run, fixtures: Path, kind: str, prefix: str
) -> None:
    status, out, _ = run("new-id", "--kind", kind, "--count", "50", "--fixtures", fixtures)
    made = out.split()
    assert status == 0
    assert len(set(made)) == 50
    assert all(
        re.fullmatch(rf"{prefix}_[0-9a-hjkmnp-tv-z]{{8}}", identifier) for identifier in made
    )


def test_one_new_id_is_a_claims(run: Run, fixtures: Path) -> None:
    assert re.fullmatch(r"clm_\w{8}\n", run("new-id", "--fixtures", fixtures)[1])


def test_no_id_is_given_out_twice(
    run: Run, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not that of a retired claim."""
    wanted = iter([*WITHDRAWN[4:], *GOAL[4:], *SUPERSEDED[4:], *UNUSED[4:]])
    monkeypatch.setattr(secrets, "choice", lambda _: next(wanted))
    assert run("new-id", "--fixtures", fixtures)[1].strip() == UNUSED


def test_a_claim_is_shown_whole(run: Run, fixtures: Path) -> None:
    status, out, err = run("show", GOAL, "--fixtures", fixtures)
    claim = honest()["claims"][0]
    assert (status, err) == (0, "")
    flat = " ".join(out.split())
    for text in (
        *(claim["statement"], claim["quotes"][0]["text"], "Ministry", "State agency", "Gazette"),
        *("2021-12-28?", "2021-12", "2022", "reportedly", "measurable", "mixed"),
        *(part["rationale"] for part in claim["confidence"].values()),
    ):
        assert text in flat, text
    assert ESCAPE not in out


@pytest.mark.parametrize("status", ["active", "corrected", "retracted"])
def test_a_document_that_does_not_stand_marks_the_claim_that_is_shown(
    run: Run, tmp_path: Path, status: str
) -> None:
    data = sample()
    for document in data["documents"]:
        note = {"date": "2023-02-11", "text": "Its publisher says why."}
        document |= {"status": status, "status_note": None if status == "active" else note}
    out = run("show", GOAL, "--fixtures", write(data, tmp_path / status))[1]
    for each in ("corrected", "retracted"):
        assert (f"from a document {each}" in out) is (f", {each})" in out) is (each == status)


def test_what_a_claim_refers_to_is_shown_by_name(run: Run, tmp_path: Path) -> None:
    data = sample()
    occasion, place = data["occasions"][0], data["places"][0]
    goal = data["claims"][0]["goal"]
    target = {"value": 8, "unit": "per cent", "baseline": "the year before", "indicator": None}
    data["claims"][0] |= {
        "occasion": occasion["id"],
        "places": [place["id"]],
        "goal": {**goal, "elaborated": True, "target": target, "condition": "If it rains."},
    }
    out = run("show", GOAL, "--fixtures", write(data, tmp_path / "whole"))[1]
    for text in (f"occasion: {occasion['name']}", f"places: {place['name']}", "8 per cent"):
        assert text in out
    for text in ("elaborated", "baseline: the year before", "If it rains."):
        assert text in out


def test_no_line_is_folded_in_a_pipe(run: Run, tmp_path: Path) -> None:
    statement = "The ministry said " + "that the harvest grew and " * 20 + "that it was enough."
    fixtures = write(edited(sample(), ("/claims/3/statement", statement)), tmp_path / "long")
    out = run("show", sample()["claims"][3]["id"], "--fixtures", fixtures)[1]
    assert out.splitlines()[0] == statement


def test_markup_in_a_text_is_shown_as_it_stands(run: Run, tmp_path: Path) -> None:
    text = "[bold]Loud[/bold] [link=https://example.org]words[/] \\[red] :smile:"
    fixtures = write(edited(sample(), ("/claims/3/statement", text)), tmp_path / "markup")
    assert text in run("show", sample()["claims"][3]["id"], "--fixtures", fixtures)[1]


def test_a_retired_claim_is_shown_as_such(run: Run, fixtures: Path) -> None:
    status, out, _ = run("show", WITHDRAWN, "--fixtures", fixtures)
    assert status == 0
    assert "The document does not say so." in out
    assert DIRECTIVE in run("show", SUPERSEDED, "--fixtures", fixtures)[1]


@pytest.mark.parametrize("identifier", [UNUSED, "nonsense", "", "clm_0000000A"])
def test_an_unknown_claim_is_told(run: Run, fixtures: Path, identifier: str) -> None:
    status, out, err = run("show", identifier, "--fixtures", fixtures)
    assert (status, out) == (1, "")
    assert err


# --- command line, progress, serve --------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("check", "--nonsense"),
        ("check", "extra"),
        ("build",),
        ("verify",),
        ("locate", FIRST),
        ("show",),
        ("new-id", "--kind", "agent"),
        *(("new-id", "--count", count) for count in ("0", "-1", "1_0", "１", "1.0", "x", "")),
    ],
)
def test_a_wrong_command_line_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("usage:")


def test_fixtures_named_for_serving_win_over_an_exported_data_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setenv("CLAIMS_DATASET", "elsewhere")
    monkeypatch.setenv("CLAIMS_DATASETS", "elsewhere")
    monkeypatch.setenv("CLAIMS_STORE", "https://elsewhere")
    monkeypatch.setenv("CLAIMS_FIXTURES", "elsewhere")
    monkeypatch.setattr(os, "execv", lambda *_: seen.update(os.environ))
    cli.main(["serve", "--fixtures", "here"])
    assert seen["CLAIMS_FIXTURES"] == "here"
    assert not {"CLAIMS_DATASET", "CLAIMS_DATASETS", "CLAIMS_STORE"} & seen.keys()


COMMANDS = ("check", "build", "publish", "verify", "locate", "new-id", "show", "serve")


def test_help_names_every_command(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    for command in COMMANDS:
        assert command in out
        assert "--fixtures" in run(command, "--help")[1]


BUILD_TWICE = """
import os, sys
import service.cli.proof
from service import cli, contract

contract.contract()  # is read once for both
terminal, *command = sys.argv[1:]
worker = os.fork()
if not worker:
    os.dup2(int(terminal), 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
status = cli.main(command)
if worker:
    status = status or os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
sys.exit(status)
"""
"""Once with standard error as it is, and once with a terminal in its place."""


def test_progress_shows_on_a_terminal_and_not_in_a_pipe(fixtures: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", BUILD_TWICE, str(theirs), "build"]
    command += ["--fixtures", str(fixtures), "--out", str(tmp_path / "out")]
    env = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    for name in ("NO_COLOR", "TTY_INTERACTIVE", "FORCE_COLOR"):
        env.pop(name, None)
    pipe = subprocess.PIPE
    shown = subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=env, pass_fds=(theirs,)
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:
        pass  # how the other end of a terminal says that it is closed
    stdout, stderr = shown.communicate()
    assert shown.returncode == 0
    assert b"Compiling" in seen
    assert re.fullmatch(r"\S+\n", stdout)
    assert ESCAPE not in stderr
    assert "Compiling" not in stderr


def test_serve_starts_gunicorn_and_says_where(
    run: Run, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    monkeypatch.setenv("CLAIMS_FIXTURES", "")
    monkeypatch.setenv("HOST", "::1")
    monkeypatch.setenv("PORT", "8123")
    run("serve", "--fixtures", fixtures)
    ((_, *command),) = started
    assert command == ["-m", "service.server"]
    assert os.environ["CLAIMS_FIXTURES"] == str(fixtures)


def test_serve_prints_the_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "execv", lambda *_: None)
    for host, port, address in (
        ("127.0.0.1", "8000", "http://127.0.0.1:8000"),
        ("::1", "80", "http://[::1]:80"),
    ):
        monkeypatch.setenv("HOST", host)
        monkeypatch.setenv("PORT", port)
        assert f"{address}/v1/claims" in run("serve")[1]


def test_serve_refuses_a_setting_that_cannot_be_meant(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("it was started"))
    monkeypatch.setenv("PUBLIC_URL", "claims.example.org")
    status, out, err = run("serve")
    assert (status, out) == (1, "")
    assert "PUBLIC_URL" in err
