"""Readings that become claims: what is added holds, and what is refused leaves nothing behind."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.records.change import without_empty
from tests.curating import (
    CLAIMS,
    DOCUMENT,
    FERRIES,
    TEXT,
    Json,
    contents,
    put_reading,
    reading_of,
    records,
    run,
    with_claims,
    without_claims,
)
from tests.mutations import HARD_WAYS, WAYS, Sound, damaged
from tests.test_rules import FOUND, read

pytestmark = pytest.mark.slow

SENTENCES = "evidence-of-several-sentences"
ACCEPTED = ("--accept", f"{SENTENCES}:The quotation has two.")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return without_claims(tmp_path / "ferries")


def add(place: Path, reading: Json, *options: str) -> Any:
    return run("add", put_reading(place, reading), *options, "--fixtures", place)


def assert_sound(place: Path) -> None:
    found = run("verify", "--fixtures", place, "--documents", place / "documents")
    assert found.status == 0, found.out + found.err
    assert run("check", "--fixtures", place).status == 0


def words(claim: Json, ids: dict[str, int]) -> Any:
    """What a claim says; relations by the place of their claim."""
    apart = ("id", "revision", "recorded_at")
    said = {key: value for key, value in claim.items() if key not in apart}
    said["relations"] = [{**r, "claim": ids[r["claim"]]} for r in claim.get("relations", ())]
    return without_empty(said)


def listed(claims: list[Json]) -> list[Any]:
    ordered = sorted(claims, key=lambda each: each["evidence"][0]["start"])
    ids = {claim["id"]: number for number, claim in enumerate(ordered)}
    return [words(claim, ids) for claim in ordered]


def test_a_reading_becomes_the_claims_that_it_was_made_of(place: Path) -> None:
    added = add(place, reading_of(CLAIMS), *ACCEPTED)
    assert added.status == 0, added.err
    claims = records(place, "claims")
    assert listed(claims) == listed(CLAIMS)
    assert added.out.split() == [claim["id"] for claim in claims]
    assert not {claim["id"] for claim in claims} & {claim["id"] for claim in CLAIMS}
    reasons = {c["claim"]: c.get("reason") for c in records(place, "changes")}
    told = [why for why in reasons.values() if why]
    assert told == [f"{SENTENCES}: The quotation has two."]
    assert_sound(place)


def test_what_was_added_is_not_added_again(place: Path) -> None:
    assert add(place, reading_of(CLAIMS[:4]), *ACCEPTED).status == 0
    before = contents(place)
    again = add(place, reading_of(CLAIMS[:4]), *ACCEPTED)
    assert (again.status, again.out) == (0, "")
    assert again.err.count("is there already") == 4
    assert contents(place) == before
    more = add(place, reading_of(CLAIMS), *ACCEPTED)
    assert len(more.out.split()) == len(CLAIMS) - 4
    assert listed(records(place, "claims")) == listed(CLAIMS)


def test_a_claim_that_was_revised_or_withdrawn_since_is_left_as_it_is(
    place: Path, tmp_path: Path
) -> None:
    ids = add(place, reading_of(CLAIMS[:4]), *ACCEPTED).out.split()
    patch = tmp_path / "p.json"
    patch.write_text('{"statement": "Maren Oduvald said that delays will be halved by 2031."}')
    starts = {c["id"]: c["evidence"][0]["start"] for c in records(place, "claims")}
    revised = next(each for each in ids if starts[each] == CLAIMS[0]["evidence"][0]["start"])
    gone = next(each for each in ids if starts[each] == CLAIMS[1]["evidence"][0]["start"])
    why = ("--reason", "It was clumsy.", "--fixtures", place)
    assert run("revise", revised, "--from", patch, *why).status == 0
    assert run("withdraw", gone, *why).status == 0
    before = contents(place)
    again = add(place, reading_of(CLAIMS[:4]), *ACCEPTED)
    assert (again.status, again.out) == (0, "")
    assert f"{revised} is there already, and differs from it in statement" in again.err
    assert f"{gone} was made of it, and is retired" in again.err
    assert contents(place) == before


def to_do(reading: Json) -> None:
    reading["finished"] = False
    reading["units"][1]["decision"] = "todo"


def open_key(reading: Json) -> None:
    del reading["units"][1]["claim"]["kind"]


def of_nobody(reading: Json) -> None:
    reading["units"][1]["claim"]["about"] = ["harbour-police"]


def on_nothing(reading: Json) -> None:
    reading["units"][1]["claim"]["topics"] = ["piers"]


def of_another_text(reading: Json) -> None:
    reading["sha256"] = "0" * 64


def of_another_document(reading: Json) -> None:
    reading["document"] = "doc_00000000"


def with_another_cue(reading: Json) -> None:
    unit = next(u for u in reading["units"] if u["claim"]["sources"][0]["cue"])
    unit["claim"]["sources"][0]["cue"] = "insisted"


def with_a_doubt(reading: Json) -> None:
    reading["units"][2]["claim"]["hedges"] = []
    unit = next(u for u in reading["units"] if u["claim"]["sources"][0]["cue"])
    unit["claim"]["evidence"] = []


def with_a_date_of_its_own(reading: Json) -> None:
    unit = next(u for u in reading["units"] if u["claim"]["attribution"] == "narrator")
    unit["claim"]["dates"]["announced"] = {"edtf": "2029-05-13", "basis": "stated"}


def misquoted(reading: Json) -> None:
    unit = next(u for u in reading["units"] if u["claim"]["quotes"])
    quote = unit["claim"]["quotes"][0]
    quote["text"] = quote["text"][:-1] + "X"


def related_to_nothing(reading: Json) -> None:
    reason = {"rationale": "It says so."}
    relation = {"type": "details", "claim": "clm_00000000", **reason}
    reading["units"][1]["claim"]["relations"] = [relation]


def beyond_the_end(reading: Json) -> None:
    reading["units"][-1]["end"] = len(TEXT) + 1


REFUSED: dict[str, tuple[Callable[[Json], None], str]] = {
    "a unit to do": (to_do, '/units/1/decision: found "todo"'),
    "a key that is open": (open_key, "/units/1/claim/kind: found nothing"),
    "an agent that is not there": (of_nobody, '/agents: found "harbour-police"'),
    "a topic that is not there": (on_nothing, "/topics"),
    "another text": (of_another_text, "a changed document is a new document"),
    "another document": (of_another_document, "add-document"),
    "a cue that is not printed": (with_another_cue, "cue-not-printed"),
    "a warning": (with_a_date_of_its_own, "--accept narrator-announced-otherwise:REASON"),
    "a quotation that is not printed": (misquoted, "which stands there"),
    "a relation to nothing": (related_to_nothing, "/units/1/claim/relations/0/claim"),
    "a span beyond the end": (beyond_the_end, "the length of the document"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_reading_lacks_is_said_and_nothing_is_written(name: str, place: Path) -> None:
    spoil, said = REFUSED[name]
    reading = reading_of(CLAIMS)
    spoil(reading)
    path = put_reading(place, reading)
    before = contents(place)
    refused = run("add", path, *ACCEPTED, "--fixtures", place)
    assert (refused.status, refused.out) == (1, "")
    assert said in refused.err, refused.err
    assert path.name in refused.err
    assert "nothing was written" in refused.err
    assert "Traceback" not in refused.err
    assert contents(place) == before


def test_everything_that_is_open_is_said_at_once(place: Path) -> None:
    reading = reading_of(CLAIMS)
    to_do(reading)
    reading["units"][4]["claim"]["topics"] = []
    del reading["units"][5]["claim"]["confidence"]
    reading["units"][6]["claim"]["about"] = ["harbour-police"]
    refused = add(place, reading)
    assert [f"/units/{n}/" in refused.err for n in (1, 4, 5)] == [True] * 3
    assert refused.err.count("harbour-police") == 1


def test_a_reading_that_an_edit_by_hand_broke_is_told(place: Path) -> None:
    path = put_reading(place, reading_of(CLAIMS))
    path.write_text(path.read_text()[:-9])
    refused = run("add", path, "--fixtures", place)
    assert refused.status == 1
    assert path.name in refused.err
    assert "JSON (at line" in refused.err


@pytest.mark.parametrize(
    ("described", "version"),
    [
        (None, "2.0"),
        ({}, "2.0"),
        ({"codebook_version": "3.1"}, "3.1"),
        ({"codebook": "rules.md"}, "1.4"),
        ({"codebook": "bare.md"}, "none"),
    ],
)
def test_a_reading_is_by_the_codebook_of_its_data_set(
    described: Json | None, version: str, place: Path
) -> None:
    """That is the one it names, by the version that this states; else that of the service."""
    (place / "rules.md").write_text("# Rules\n\nVersion: 1.4\n")
    (place / "bare.md").write_text("# Rules\n")
    if described is not None:
        (place / "dataset.json").write_text(json.dumps(described))
    text = place / "documents" / "ferries.txt"
    asked = ("--published", "2029-03-12", "--coder", "jr", "--fixtures", place)
    assert run("draft", text, *asked).status == 0
    (drafted,) = (place / "readings").glob("*.jr.json")
    assert json.loads(drafted.read_text("utf-8"))["codebook"] == version
    assert add(place, reading_of(CLAIMS, codebook=version), *ACCEPTED).status == 0
    refused = add(place, reading_of(CLAIMS, "bob", codebook="0.9"))
    assert refused.status == 1
    assert f'/codebook: found "0.9"; allowed: "{version}"' in refused.err


def test_a_text_that_was_saved_otherwise_is_told_as_such(place: Path) -> None:
    (place / "documents" / "ferries.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    refused = add(place, reading_of(CLAIMS))
    assert refused.status == 1
    assert "the same but for its line ends" in refused.err
    assert "policy-claims relocate" in refused.err
    (place / "documents" / "ferries.txt").unlink()
    absent = add(place, reading_of(CLAIMS)).err
    assert "cannot be read: No such file or directory" in absent
    assert "--documents" in absent


def test_agents_are_made_when_asked(place: Path) -> None:
    new = {"id": "harbour-police", "name": "Harbour Police", "kind": "government"}
    reading = reading_of(CLAIMS, agents=[new])
    of_nobody(reading)
    assert "--make-agents" in add(place, reading, *ACCEPTED).err
    made = add(place, reading, *ACCEPTED, "--make-agents")
    assert made.status == 0, made.err
    (agent,) = (each for each in records(place, "agents") if each["id"] == new["id"])
    assert agent["reliability"]["grade"] == "F"
    first = records(place, "changes")[0]
    assert (first["record"]["id"], first["change"]) == (new["id"], "created")
    unknown = reading_of(CLAIMS[:1], "bob", agents=[{**new, "id": "coast-guard", "kind": None}])
    unknown["units"][0]["claim"] |= {"about": ["coast-guard"], "statement": "She said so."}
    assert "a kind in the reading" in add(place, unknown, "--make-agents").err
    assert_sound(place)


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("no-such-rule:Why not.", "RULE:reason"),
        (SENTENCES, "RULE:reason"),
        ("cue-not-printed:It is meant.", "is an error"),
        (f"{SENTENCES}:{'x' * 1001}", "a reason is"),
    ],
)
def test_only_a_warning_is_accepted_and_with_a_reason(
    accepted: str, said: str, place: Path
) -> None:
    refused = add(place, reading_of(CLAIMS), "--accept", accepted)
    assert refused.status == 2
    assert said in refused.err


# --- the ways of damage, through add ------------------------------------------------------------


@pytest.fixture(scope="module")
def sound() -> Sound:
    return read(FERRIES, FERRIES)


def others(place: Path, claim: Json) -> None:
    """The data set with every claim but one, and no relation to that."""
    claims = [copy.deepcopy(each) for each in CLAIMS if each["id"] != claim["id"]]
    for each in claims:
        each["relations"] = [r for r in each["relations"] if r["claim"] != claim["id"]]
    kept = [each for each in records(FERRIES, "changes") if each["claim"] != claim["id"]]
    changes = [{**each, "seq": number} for number, each in enumerate(kept, 1)]
    (place / "claims.json").write_text(json.dumps(claims))
    (place / "changes.json").write_text(json.dumps(changes))


def test_nothing_damaged_gets_into_a_data_set(tmp_path: Path, sound: Sound) -> None:
    """What ``add`` refuses leaves every file as it was; what it takes breaks no rule."""
    place = without_claims(tmp_path / "ferries")
    told: Counter[bool] = Counter()
    hard = 0
    for way in (*WAYS, *HARD_WAYS):
        for claim in damaged(sound, way):
            others(place, claim)
            path = put_reading(place, reading_of([claim]))
            before = contents(place)
            added = run("add", path, *ACCEPTED, "--fixtures", place)
            if added.status:
                assert contents(place) == before, way.__name__
            else:
                assert_sound(place)
            if way in HARD_WAYS:
                hard += 1
            else:
                told[bool(added.status)] += 1
    assert hard > 0
    assert told[True] >= FOUND * told.total(), told


# --- readings of every kind ---------------------------------------------------------------------

decisions = st.lists(st.sampled_from(["claim", "claim", "none", "todo"]), min_size=10, max_size=10)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(decided=decisions, twice=st.booleans(), coder=st.sampled_from(["ada", "bob-2"]))
def test_whatever_add_takes_can_be_checked_and_verified(
    decided: list[str],
    twice: bool,
    coder: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = without_claims(tmp_path_factory.mktemp("read") / "ferries")
    reading = reading_of(CLAIMS, coder)
    for unit, decision in zip(reading["units"], decided, strict=True):
        unit["decision"] = decision
        if decision == "none":
            unit |= {"why": "colour", "claim": None}
    kept = {
        f"{u['start']}-{u['end']}"
        for u, d in zip(reading["units"], decided, strict=True)
        if d != "none"
    }
    for unit in reading["units"]:
        if unit["claim"]:
            relations = unit["claim"]["relations"]
            unit["claim"]["relations"] = [r for r in relations if r["claim"] in kept]
    reading["finished"] = "todo" not in decided
    before = contents(place)
    added = add(place, reading, *ACCEPTED)
    if "todo" in decided:
        assert added.status == 1
        assert {**before, **contents(place)}["claims.json"] == before["claims.json"]
        return
    assert added.status == 0, added.err
    assert len(added.out.split()) == decided.count("claim") == len(records(place, "claims"))
    assert_sound(place)
    if twice:
        assert add(place, reading, *ACCEPTED).out == ""
        assert len(records(place, "claims")) == decided.count("claim")


def test_a_reading_of_a_data_set_with_claims_is_added_beside_them(tmp_path: Path) -> None:
    """The claims are those of the data set: their ids are kept, and nothing is added."""
    place = with_claims(tmp_path / "ferries")
    before = contents(place)
    assert add(place, reading_of(CLAIMS), *ACCEPTED).out == ""
    after = contents(place)
    after.pop(f"readings/{DOCUMENT}.ada.json")
    assert after == before
