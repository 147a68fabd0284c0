"""What ``check``, ``verify`` and ``locate`` say: everything at once, and where."""

from __future__ import annotations

import itertools
import json
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.records.change import without_empty
from tests.curating import (
    CLAIMS,
    DOCUMENT,
    FERRIES,
    TEXT,
    contents,
    records,
    run,
    with_claims,
)

pytestmark = pytest.mark.slow

Json = dict[str, Any]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return with_claims(tmp_path / "ferries")


FLAWS: dict[str, tuple[str, tuple[Any, ...], Any]] = {
    "a claim of no kind": ("claims", (0, "kind"), "prophecy"),
    "a claim of no agent": ("claims", (1, "actors", 0), "nobody"),
    "a relation to nothing": ("claims", (2, "relations", 0, "claim"), "clm_00000000"),
    "evidence beyond the end": ("claims", (3, "evidence", 0, "end"), 99_999),
    "a revision of its own": ("claims", (4, "revision"), 7),
    "a day after publication": ("claims", (5, "dates", "occurred"), {"edtf": "2030"}),
    "an agent of no kind": ("agents", (1, "kind"), "robot"),
    "an ungraded source": ("agents", (0, "reliability"), None),
    "a topic below nothing": ("topics", (0, "broader"), "nothing"),
    "topics in a circle": ("topics", (2, "broader"), "public-spending"),
    "a gap in the changes": ("changes", (6, "seq"), 9),
    "a change of no kind": ("changes", (7, "change"), "made"),
}


def spoiled(place: Path, flaws: list[str]) -> None:
    """Puts flaws into the files of a data set."""
    files: dict[str, Any] = {}
    for flaw in flaws:
        name, steps, value = FLAWS[flaw]
        files.setdefault(name, records(place, name))
        holder = files[name]
        for step in steps[:-1]:
            holder = holder[step]
        holder[steps[-1]] = value
    for name, listed in files.items():
        (place / f"{name}.json").write_text(json.dumps(listed))


def said(place: Path) -> set[str]:
    """What ``check`` lists: the file, pointer and record of each fault."""
    found = run("check", "--fixtures", place)
    assert "Traceback" not in found.err
    lines = re.findall(r"^(\w+\.json /\S*(?: [\w-]+)?)(?=: )", found.err + found.out, re.MULTILINE)
    assert found.status == (1 if lines else 0)
    return set(lines)


def test_a_sound_data_set_has_no_fault(place: Path) -> None:
    assert said(place) == set()


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_listed_with_its_place_and_its_record(flaw: str, place: Path) -> None:
    name, steps, _ = FLAWS[flaw]
    spoiled(place, [flaw])
    listed = records(place, name)
    change = listed[steps[0]]
    record = change["claim"] if name == "changes" else change["id"]
    if flaw == "an ungraded source":
        assert any("/sources/0/agent clm_" in each for each in said(place))
        return
    (each, *more) = said(place)
    assert more == [], "no fault is a mere consequence of another"
    assert each.startswith(f"{name}.json /{steps[0]}/")
    assert each.endswith(f" {record}")


def test_flaws_are_told_all_at_once(tmp_path: Path) -> None:
    """In pairs, and all of them: each is told whatever else is wrong."""
    alone = {}
    for flaw in FLAWS:
        place = with_claims(tmp_path / flaw.replace(" ", "-"))
        spoiled(place, [flaw])
        alone[flaw] = said(place)
    pairs = [*itertools.combinations(FLAWS, 2)]
    for one, other in random.Random(3).sample(pairs, 20):
        place = with_claims(tmp_path / "pair" / one.replace(" ", "-") / other.replace(" ", "-"))
        spoiled(place, [one, other])
        assert said(place) == alone[one] | alone[other], (one, other)
    place = with_claims(tmp_path / "all")
    spoiled(place, [*FLAWS])
    hidden = set().union(*alone.values()) - said(place)
    assert {each.split()[-1] for each in hidden} <= {CLAIMS[0]["id"]}, "a claim of no kind"


def test_a_file_that_cannot_be_read_hides_no_fault_of_another(place: Path) -> None:
    spoiled(place, ["a claim of no kind", "a topic below nothing"])
    (place / "agents.json").write_text("[")
    assert said(place) == {
        "agents.json /",
        f"claims.json /0/kind {CLAIMS[0]['id']}",
        f"topics.json /0/broader {records(FERRIES, 'topics')[0]['id']}",
    }


def test_the_directory_is_named(place: Path) -> None:
    assert f"{place}: 0 error(s)" in run("check", "--fixtures", place).out
    spoiled(place, ["a claim of no kind"])
    assert f"1 fault(s) in {place}" in run("check", "--fixtures", place).err


def test_what_may_be_left_out_changes_no_finding(place: Path) -> None:
    """A claim without dates was no claim at all for the rules."""
    claims = [without_empty(claim) for claim in CLAIMS]
    del claims[0]["dates"]
    (place / "claims.json").write_text(json.dumps(claims))
    found = run("verify", "--fixtures", place, "--documents", FERRIES)
    assert (found.status, found.err) == (0, "")
    assert "0 error(s)" in found.out


def test_a_document_that_differs_in_how_it_was_saved_is_told_as_such(
    place: Path, tmp_path: Path
) -> None:
    text = "Café prices\n\nThey rose.\n"
    (tmp_path / "text.txt").write_text(text)
    asked = ("add-document", tmp_path / "text.txt", "--published", "2029", "--language", "en")
    assert run(*asked, "--fixtures", place).status == 0
    (tmp_path / "ferries.txt").write_bytes(TEXT.encode())
    ways: dict[str, Callable[[str], str]] = {
        "its line ends": lambda t: t.replace("\n", "\r\n"),
        "a byte order mark": lambda t: "\ufeff" + t,
        "its normalisation": lambda t: unicodedata.normalize("NFD", t),
    }
    for count in (1, 2, 3):
        for names in itertools.combinations(ways, count):
            made = text
            for name in reversed(names):
                made = ways[name](made)
            (tmp_path / "text.txt").write_bytes(made.encode())
            out = run("verify", "--fixtures", place, "--documents", tmp_path).out
            assert f"the same but for {' and '.join(names)}" in out
    (tmp_path / "text.txt").write_text(text + "!")
    assert "another file" in run("verify", "--fixtures", place, "--documents", tmp_path).out


NEAR = {
    "Deckhands’ Union accused": "Deckhands' Union accused",
    "'all of them electric,' she": "all of them electric,” she",
    "Nobody should wait an hour for a crosing": "Nobody should wait an hour for a crossing",
    "two boats  collided": "two boats collided",
    "The Collision on 7 May": "The collision on 7 May",
    "the plan will cost 38,5 million crowns": "the plan will cost 38.5 million crowns",
    "by the summer of 2030.\n\nOduvald": "by the summer of 2030.”\n\nOduvald",
}


@pytest.mark.parametrize("typed", NEAR)
def test_the_nearest_passage_is_offered(typed: str) -> None:
    asked = ("locate", DOCUMENT, typed, "--fixtures", FERRIES, "--documents", FERRIES)
    found = run(*asked)
    assert (found.status, found.out) == (1, "")
    assert NEAR[typed] in found.err
    evidence = json.loads(run(*asked, "--nearest").out)
    assert NEAR[typed] in TEXT[evidence["start"] : evidence["end"]]
    assert len(TEXT[evidence["start"] : evidence["end"]]) <= len(typed) + 4


def test_one_character_changed_anywhere_leads_to_the_same_passage() -> None:
    rng = random.Random(7)
    for _ in range(60):
        start = rng.randrange(len(TEXT) - 60)
        passage = TEXT[start : start + rng.randrange(25, 60)].strip()
        at = rng.randrange(1, len(passage) - 1)
        typed = passage[:at] + rng.choice("xq§") + passage[at + 1 :]
        if typed in TEXT:
            continue
        asked = ("locate", DOCUMENT, typed, "--fixtures", FERRIES, "--documents", FERRIES)
        evidence = json.loads(run(*asked, "--nearest").out)
        assert TEXT[evidence["start"] : evidence["end"]] == passage


def test_nothing_is_offered_for_what_is_like_nothing() -> None:
    found = run("locate", DOCUMENT, "Fish and chips for everybody", "--fixtures", FERRIES,
                "--documents", FERRIES, "--nearest")  # fmt: skip
    assert (found.status, found.out) == (1, "")
    assert "nearest" not in found.err


def test_several_places_are_shown_in_their_context() -> None:
    before = contents(FERRIES)
    found = run("locate", DOCUMENT, "the gazette", "--fixtures", FERRIES, "--documents", FERRIES)
    assert found.status == 0
    places = re.findall(r'"start": (\d+)', found.out)
    assert len(places) == TEXT.count("the gazette") > 1
    for start, line in zip(places, found.err.splitlines(), strict=True):
        assert line.startswith(f"{start}–")
        assert "[the gazette]" in line
    assert contents(FERRIES) == before


@pytest.mark.parametrize("evil", ["\x00", "\x1b[2J", "a\nb", "\x7f"])
def test_an_id_that_a_terminal_would_obey_is_not_repeated(evil: str, place: Path) -> None:
    topics = records(place, "topics")
    (place / "topics.json").write_text(json.dumps([{**topics[0], "id": evil}, *topics[1:]]))
    found = run("check", "--fixtures", place)
    assert found.status == 1
    assert evil not in found.err + found.out
    assert (found.err + found.out).replace("\n", "").isprintable()
