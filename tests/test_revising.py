"""A claim that is revised or replaced in the workbench, by the command as a person gives it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from service.compiler import SHIPPED
from service.compiler.pending import EditRefused
from service.curation.workbench.checking import blocks
from service.curation.workbench.revising import open_claim
from tests.curating import (
    CLAIMS,
    TEXT,
    Ended,
    Json,
    contents,
    records,
    run,
    with_claims,
)
from tests.documentation import ROOT

pytestmark = pytest.mark.slow

FIRST = CLAIMS[0]["id"]
WHY = ("--reason", "The council corrected it.")
OTHERWISE = {
    "confidence": {
        **CLAIMS[0]["confidence"],
        "content": {"credibility": 4, "rationale": "Doubted."},
    }
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return with_claims(tmp_path / "ferries")


def at_the_workbench(
    place: Path, command: str, keys: Json, *options: str, finish: bool = True
) -> Ended:
    """What a command says that is stopped after some keys of its claim were given values."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", command, FIRST, *WHY, *options, "--fixtures", place],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Workbench: "):
            _keep(line.split()[1], keys, finish=finish)
        elif line.strip().startswith("stop it"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=30)
    return Ended(process.returncode, "".join(said) + out, err)


def _keep(address: str, keys: Json, *, finish: bool) -> None:
    (unit,) = requests.get(f"{address}state", timeout=10).json()["units"]
    kept = {**unit, "decision": "claim", "claim": {**unit["claim"], **keys}}
    body: Json = {"remove": [unit["tag"]], "add": [kept]}
    assert requests.post(f"{address}units", json=body, timeout=10).status_code == 200
    if finish:
        answer = requests.post(f"{address}finished", json={"finished": True}, timeout=10)
        assert answer.status_code == 200, answer.text


def found(place: Path, identifier: str) -> Any:
    return next((each for each in records(place, "claims") if each["id"] == identifier), None)


def assert_sound(place: Path) -> None:
    verified = run("verify", "--fixtures", place, "--documents", place / "documents")
    assert verified.status == 0, verified.out + verified.err
    assert not (place / "revising").exists()


def test_a_claim_is_revised_as_it_was_left(place: Path) -> None:
    before = found(place, FIRST)
    done = at_the_workbench(place, "revise", OTHERWISE)
    assert (done.status, "1 change(s) written" in done.err) == (0, True), done
    after = found(place, FIRST)
    assert after == {
        **before,
        **OTHERWISE,
        "revision": before["revision"] + 1,
        "recorded_at": after["recorded_at"],
    }
    change = records(place, "changes")[-1]
    assert (change["change"], change["reason"]) == ("revised", WHY[1])
    assert_sound(place)


def test_a_claim_that_was_left_alone_is_no_change(place: Path) -> None:
    before = contents(place)
    done = at_the_workbench(place, "revise", {})
    assert (done.status, "0 change(s) written" in done.err) == (0, True), done
    assert contents(place) == before


def test_what_was_not_finished_is_gone_on_with(place: Path) -> None:
    before = contents(place)
    left = at_the_workbench(place, "revise", OTHERWISE, finish=False)
    assert left.status == 1
    assert "give the command again" in left.err
    assert {name: raw for name, raw in contents(place).items() if name in before} == before
    assert at_the_workbench(place, "revise", {}).status == 0
    assert found(place, FIRST)["confidence"]["content"]["rationale"] == "Doubted."
    assert_sound(place)


def test_what_breaks_a_rule_is_still_to_do_and_not_written(place: Path) -> None:
    before = contents(place)
    refused = at_the_workbench(place, "revise", {"hedges": ["allegedly"]}, finish=False)
    assert refused.status == 1
    assert "not finished" in refused.err
    (left,) = (place / "revising").iterdir()
    (unit,) = json.loads(left.read_text("utf-8"))["units"]
    assert (unit["decision"], unit["claim"]["hedges"]) == ("todo", ["allegedly"])
    assert {name: raw for name, raw in contents(place).items() if name in before} == before


def test_a_claim_is_replaced_by_what_was_made_of_it(place: Path) -> None:
    related = [
        claim["id"]
        for claim in records(place, "claims")
        if any(each["claim"] == FIRST for each in claim.get("relations", ()))
    ]
    done = at_the_workbench(place, "supersede", OTHERWISE)
    assert done.status == 0, done
    new = next(line for line in done.out.splitlines() if line.startswith("clm_"))
    assert found(place, FIRST) is None
    assert found(place, new)["confidence"] == OTHERWISE["confidence"]
    assert any(each.get("replaced_by") == new for each in records(place, "changes"))
    for identifier in related:
        assert new in [each["claim"] for each in found(place, identifier)["relations"]]
    assert_sound(place)


@pytest.mark.parametrize("place_of_claims", ["ferries", "shipped"])
def test_every_claim_is_whole_at_the_workbench(
    place_of_claims: str, place: Path, tmp_path: Path
) -> None:
    documents = place / "documents"
    if place_of_claims == "shipped":
        place = tmp_path / "shipped"
        shutil.copytree(SHIPPED, place)
        documents = ROOT.parents[1] / "shared" / "documents"
    for claim in records(place, "claims"):
        try:
            session, lock = open_claim(place, claim["id"], documents)
        except EditRefused as refused:
            if "there is no such file" in str(refused):
                pytest.skip("NOT TESTED: the documents of the shipped claims lie elsewhere")
            raise
        lock.close()
        (unit,) = session.units()
        assert not blocks(session.check(unit)), claim["id"]


def test_what_cannot_be_opened_is_told(place: Path) -> None:
    before = contents(place)
    told = {
        "clm_zzzzzzzz": "is the id of no claim",
        "nobody-at-all": "is the id of no record",
    }
    for identifier, said in told.items():
        refused = run("revise", identifier, *WHY, "--fixtures", place)
        assert refused.status == 1
        assert said in refused.err
    (place / "documents" / "ferries.txt").write_text(TEXT + "More.\n")
    assert "relocate" in run("revise", FIRST, *WHY, "--fixtures", place).err
    (place / "documents" / "ferries.txt").write_bytes(TEXT.encode())
    assert contents(place) == before
