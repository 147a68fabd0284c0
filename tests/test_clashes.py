"""What both data sets of a merge changed: one side of each is taken, with a reason."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from service.curation.recording import Occurrence
from service.curation.workbench.deciding.clashes import ClashChoices
from service.curation.workbench.lock import WorkbenchPlace
from service.curation.workbench.session import Conflict
from service.curation.workbench.views import create_settling
from service.curation.workbench.wording import names_of
from service.curation.writers import merging
from service.curation.writers.session import Session
from tests.curating import Json, contents, given, records, run, with_claims
from tests.documentation import ROOT

pytestmark = pytest.mark.slow

FREE = "clm_ferr1e10"
"""A claim to which no other is related."""


def change(place: Path, identifier: str, keys: Json | None) -> None:
    """Revises a record, or withdraws it."""
    why = ("--reason", "So.", "--fixtures", place)
    source = () if keys is None else ("--from", given(place.parent / "keys.json", keys))
    done = run("revise" if keys else "withdraw", identifier, *source, *why)
    assert done.status == 0, done.err


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    return parted(tmp_path)


def parted(tmp_path: Path) -> tuple[Path, Path]:
    """Two data sets that were one: an agent and a topic have other names in each, one claim was
    revised here and withdrawn there, and one the other way round.
    """
    here = with_claims(tmp_path / "here")
    there = tmp_path / "there"
    shutil.copytree(here, there)
    doubted = {"confidence": {"content": {"credibility": 4, "rationale": "Doubted."}}}
    for place, name in ((here, "Maren O."), (there, "M. Oduvald")):
        change(place, "council-chair", {"name": name})
        change(place, "ferries", {"label": f"Ferries of {name}"})
    change(here, FREE, doubted)
    change(there, FREE, None)
    change(here, "clm_ferr1e07", None)
    change(there, "clm_ferr1e07", doubted)
    return here, there


def choices_of(both: tuple[Path, Path]) -> ClashChoices:
    here, there = both
    with Session(here, Occurrence(None, "2029-06-01")) as session:
        clashes = merging.clashes_of(session, there)
        path = here / "revising" / "merge.there.json"
        return ClashChoices(path, clashes, names_of(session.fixtures))


def test_each_clash_is_shown_with_both_sides(both: tuple[Path, Path]) -> None:
    app = create_settling(choices_of(both), WorkbenchPlace(8799, "t"))
    answer = app.test_client().get("/t/state", base_url="http://127.0.0.1:8799")
    assert answer.json is not None
    shown = {each["fields"][0]: each for each in answer.json["differences"]}
    assert set(shown) == {
        "agent council-chair",
        "topic ferries",
        f"claim {FREE}",
        "claim clm_ferr1e07",
    }
    assert shown["agent council-chair"]["a"]["part"] == "name: Maren O."
    assert shown["agent council-chair"]["b"]["part"] == "name: M. Oduvald"
    assert shown[f"claim {FREE}"]["a"]["part"] == "still there"
    assert shown[f"claim {FREE}"]["b"]["part"] == "retired"


def test_what_is_chosen_is_merged(both: tuple[Path, Path]) -> None:
    here, there = both
    chosen = choices_of(both)
    names = {clash.key.id: clash.name for clash in chosen.clashes}
    with pytest.raises(Conflict, match="Say why"):
        chosen.decide(names["ferries"], "a", " ")
    with pytest.raises(Conflict, match="an id is used once"):
        chosen.decide(names["clm_ferr1e07"], "b", "Theirs.")
    chosen.decide(names["council-chair"], "b", "Her own spelling.")
    chosen.decide(names[FREE], "b", "It was taken back.")
    chosen.decide(names["clm_ferr1e07"], "a", "It was taken back here.")
    assert chosen.left == 1
    before = contents(here)
    refused = run("merge", there, "--fixtures", here)
    assert "ferries" in refused.err
    assert contents(here) == before
    chosen.decide(names["ferries"], "a", "Ours is shorter.")
    assert (choices_of(both).left, choices_of(both).decisions) == (0, chosen.decisions)
    with Session(here, Occurrence(None, "2029-06-01")) as session:
        merging.merge(session, there, choices=chosen.choices)
    agents = {each["id"]: each["name"] for each in records(here, "agents")}
    assert agents["council-chair"] == "M. Oduvald"
    topics = {each["id"]: each["label"] for each in records(here, "topics")}
    assert topics["ferries"] == "Ferries of Maren O."
    assert not {FREE, "clm_ferr1e07"} & {claim["id"] for claim in records(here, "claims")}
    told = {(c["change"], c["reason"]) for c in records(here, "changes")[-2:]}
    assert told == {("revised", "Her own spelling."), ("withdrawn", "It was taken back.")}
    assert run("check", "--fixtures", here).status == 0


def test_a_choice_is_of_what_clashed_then(both: tuple[Path, Path]) -> None:
    _, there = both
    chosen = choices_of(both)
    for clash in chosen.clashes:
        chosen.decide(clash.name, "a", "Ours.")
    change(there, "council-chair", {"name": "Changed once more"})
    assert choices_of(both).left == 1


@pytest.mark.parametrize("whole", [True, False])
def test_the_command_merges_when_all_is_decided(both: tuple[Path, Path], whole: bool) -> None:
    here, there = both
    before = contents(here)
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "merge", there, "--choose", "--fixtures", here],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
    )
    assert process.stdout is not None
    address = next(line.split()[1] for line in process.stdout if line.startswith("Workbench: "))
    differences: list[Any] = requests.get(f"{address}state", timeout=10).json()["differences"]
    for each in differences if whole else differences[1:]:
        said = {"key": each["key"], "taken": "a", "reason": "Ours."}
        assert requests.post(f"{address}decide", json=said, timeout=10).status_code == 200
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, "came" in out) == ((0, True) if whole else (1, False)), err
    assert ("1 left to decide" in err) is not whole
    after = contents(here)
    assert {name: raw for name, raw in after.items() if name in before} == before
    assert (here / "revising").exists() is not whole
