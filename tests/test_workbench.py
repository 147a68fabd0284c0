"""The workbench without a browser: who may ask, what is kept, and what is refused."""

import copy
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.faults import DataRefused
from schemas.records.claim import ATTRIBUTIONS, KINDS
from service.compiler.pending import EditRefused
from service.curation import readings
from service.curation.slugs import new_slug
from service.curation.workbench.lock import ReadingInUse
from service.curation.workbench.opening import open_session
from tests.reading_desk import DOCUMENT, TEXT, Desk, claim_of, make_set

pytestmark = pytest.mark.slow

HOME = "http://127.0.0.1:8799"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, make_set(tmp_path))
    yield desk
    desk.lock.close()


def unit_of(desk: Desk, words: str) -> dict[str, Any]:
    return next(u for u in desk.units() if words in TEXT[u["start"] : u["end"]])


# Who may ask.


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 200),
        ({"base_url": "http://localhost:8799"}, 200),
        ({"base_url": "http://evil.example:8799"}, 421),
        ({"base_url": "http://127.0.0.1:8798"}, 421),
        ({"headers": {"Origin": "http://evil.example"}}, 403),
        ({"headers": {"Origin": HOME}}, 200),
        ({"headers": {"Content-Type": "text/plain"}}, 415),
    ],
)
def test_only_the_page_itself_may_write(desk: Desk, options: Any, status: int) -> None:
    assert desk.post("finished", {"finished": False}, **options).status_code == status


def test_every_address_needs_the_token(desk: Desk) -> None:
    client = desk.app.test_client()
    for path in ("/", "/wrong/", "/wrong/state", "/wrong/static/workbench.js", "/static/text.js"):
        assert client.get(path, base_url=HOME).status_code == 403, path
    for path in ("", "state", "static/workbench.js"):
        answer = desk.get(path)
        assert answer.status_code == 200, path
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_has_no_inline_script_or_style(desk: Desk) -> None:
    page = desk.get("").text
    assert "<script>" not in page
    assert "style=" not in page
    assert "onclick" not in page


# What is kept.


def test_a_whole_claim_is_kept_and_a_part_of_one_is_still_to_do(desk: Desk) -> None:
    unit = desk.units()[0]
    part = desk.keep(unit, decision="claim", claim={"statement": "The port will buy cranes."}).json
    assert part["units"][0]["decision"] == "todo"
    assert {tuple(f["steps"]) for f in part["faults"][0] if f["severity"] == "todo"} >= {
        ("kind",),
        ("topics",),
        ("actors",),
        ("sources",),
        ("attribution",),
        ("fidelity",),
        ("dates", "announced"),
        ("confidence", "attribution", "level"),
        ("confidence", "content", "rationale"),
    }
    assert desk.on_disk()["units"][0]["claim"] == {"statement": "The port will buy cranes."}
    whole = desk.keep(part["units"][0], decision="claim", claim=claim_of(unit)).json
    assert [f for f in whole["faults"][0] if f["severity"] != "warning"] == []
    assert whole["units"][0]["decision"] == "claim"
    kept = desk.on_disk()["units"][0]
    assert kept["claim"]["addressees"] == []
    assert "tag" not in kept


@pytest.mark.parametrize(
    ("keys", "steps", "severity", "said"),
    [
        ({"kind": "hope"}, None, None, None),
        ({"statement": "The port will buy 60 cranes."}, ["statement"], "error", "number-not"),
        ({"actors": ["nobody"]}, ["actors", 0], "error", None),
        ({"hedges": ["perhaps"]}, ["hedges", 0], "error", "hedge-outside"),
        ({"goal": None}, ["goal"], "error", None),
        ({"topics": ["cranes", "ports"]}, ["topics", 1], "error", "topic-with-its-ancestor"),
        (
            {"goal": {"specificity": "measurable", "details": None}},
            ["goal", "details"],
            "error",
            None,
        ),
        (
            {
                "attribution": "indirect",
                "sources": [
                    {"agent": "port-of-harbourton", "role": "speaker", "cue": "yelled"},
                    {"agent": "harbour-post", "role": "publisher", "cue": None},
                ],
            },
            ["sources", 0, "agent"],
            "error",
            None,
        ),
    ],
)
def test_the_faults_of_schema_and_rules_stand_at_their_place(
    desk: Desk, keys: Any, steps: Any, severity: Any, said: Any
) -> None:
    unit = desk.units()[0]
    answer = desk.post("check", {"unit": {**unit, "claim": claim_of(unit, **keys)}})
    if steps is None:  # what no reading can hold is refused
        assert answer.status_code == 422
        return
    found = [fault for fault in answer.json["faults"] if fault["steps"] == steps]
    assert found, answer.json["faults"]
    assert severity in {fault["severity"] for fault in found}
    assert said is None or any(said in fault["rule"] for fault in found)


def test_rules_speak_while_other_fields_are_open(desk: Desk) -> None:
    unit = desk.units()[0]
    claim = claim_of(unit, hedges=["perhaps"])
    for key in ("statement", "topics", "actors", "confidence"):
        del claim[key]
    faults = desk.post("check", {"unit": {**unit, "claim": claim}}).json["faults"]
    assert any(fault["rule"] == "hedge-outside-evidence" for fault in faults)
    assert {f["steps"][0] for f in faults if f["severity"] == "todo"} >= {"statement", "topics"}


def test_whatever_is_still_open_the_rest_is_judged(desk: Desk) -> None:
    unit = unit_of(desk, "forty")
    whole = claim_of(
        unit,
        quotes=[{"text": "x", "speaker": "zoe-martens", "start": 0, "end": 1}],
        relations=[{"type": "details", "claim": "0-5", "rationale": "So."}],
        further_evidence=[{"start": 0, "end": 4, "fidelity": "paraphrase", "role": "context"}],
        hedges=["apparently"],
        alternatives=[{"sources": [], "attribution": "indirect", "rationale": "So."}],
    )
    cases: list[tuple[str, str, tuple[Any, ...]]]
    cases = [(kind, attribution, ()) for kind in KINDS for attribution in ATTRIBUTIONS]
    cases += [
        (KINDS[n % len(KINDS)], ATTRIBUTIONS[n % len(ATTRIBUTIONS)], path)
        for n, path in enumerate(paths_of(whole))
    ]
    for kind, attribution, path in cases:
        claim = copy.deepcopy(whole) | {"kind": kind, "attribution": attribution}
        holder: Any = claim
        for step in path[:-1]:
            holder = holder[step]
        if path:
            del holder[path[-1]]
        assert all(fault.steps for fault in desk.session.check({**unit, "claim": claim}))


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key and place in a claim."""
    if path:
        yield path
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for step, part in parts:
        yield from paths_of(part, (*path, step))


def test_a_quotation_of_astral_characters_holds(desk: Desk) -> None:
    state = desk.get("state").json
    start, end = state["quotations"][0]
    assert TEXT[start:end] == "will buy forty cranes 🏗🏗"
    unit = unit_of(desk, "forty")
    claim = claim_of(
        unit,
        statement="The port director, Zoë Mårtens, said that the port would buy forty cranes.",
        attribution="mixed",
        fidelity="mixed",
        sources=[
            {"agent": "zoe-martens", "role": "speaker", "cue": "said"},
            {"agent": "harbour-post", "role": "publisher", "cue": None},
        ],
        quotes=[{"text": TEXT[start:end], "speaker": "zoe-martens", "start": start, "end": end}],
    )
    answer = desk.keep(unit, decision="claim", claim=claim).json
    assert [f for f in answer["faults"][0] if f["severity"] == "error"] == []
    assert answer["units"][0]["decision"] == "claim"


def test_relations_follow_the_unit_they_mean(desk: Desk) -> None:
    first, second = desk.units()[:2]
    first = desk.keep(first, decision="claim", claim=claim_of(first)).json["units"][0]
    name = f"{first['start']}-{first['end']}"
    related = claim_of(
        second, relations=[{"type": "details", "claim": name, "rationale": "It says how."}]
    )
    desk.keep(second, claim=related)
    answer = desk.keep(first, end=first["end"] - 5).json
    moved = f"{first['start']}-{first['end'] - 5}"
    assert answer["related"][0]["unit"]["claim"]["relations"][0]["claim"] == moved
    assert desk.on_disk()["units"][1]["claim"]["relations"][0]["claim"] == moved
    gone = desk.post("units", {"remove": [answer["units"][0]["tag"]], "add": []})
    assert gone.status_code == 409
    assert "related" in gone.json["message"]


def test_a_new_record_gets_an_id_and_may_be_referred_to(desk: Desk) -> None:
    said = {"name": "Zoë Mårtens", "kind": "person"}
    made = desk.post("records/agents", said).json
    assert made["id"] == "zoe-martens-2"
    assert "zoe-martens-2" in [agent["id"] for agent in desk.on_disk()["agents"]]
    wrong = desk.post("records/agents", {"name": "X", "kind": "wizard"})
    assert wrong.status_code == 422
    assert wrong.json["faults"][0]["steps"] == ["kind"]
    unit = desk.units()[0]
    claim = claim_of(unit, actors=["zoe-martens-2"])
    assert desk.keep(unit, decision="claim", claim=claim).json["units"][0]["decision"] == "claim"
    date = {"edtf": "2026-03", "basis": "stated"}
    assert desk.post("records/occasions", {"name": "Fair", "dates": date}).json["id"] == "fair"
    drafted = dict(desk.session.reading["agents"][-1]) | {"id": "minister", "kind": None}
    desk.session.reading["agents"].append(drafted)
    undescribed = desk.session.check({**unit, "claim": claim_of(unit, actors=["minister"])})
    assert ("actors", 0) in [fault.steps for fault in undescribed]
    told = {"id": "minister", "name": "Minister", "kind": "ministry"}
    assert desk.post("records/agents", told).json["open"] is False
    assert [a["kind"] for a in desk.on_disk()["agents"] if a["id"] == "minister"] == ["ministry"]
    assert desk.post("records/documents", {}).status_code == 404


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Layla al-Khatib", "layla-al-khatib"),
        ("Ζωή", "agent"),
        ("3 Sheets", "agent-3-sheets"),
        ("none", "agent-none"),
        ("É" * 100, "e" * 59),
        ("taken", "taken-2"),
    ],
)
def test_an_id_is_made_of_the_name(name: str, slug: str) -> None:
    assert new_slug(name, "agent", {"taken"}) == slug


# One writer, and nothing lost.


def test_two_windows_do_not_write_over_each_other(desk: Desk) -> None:
    unit = desk.units()[0]
    desk.keep(unit, claim={"statement": "Of one window."})
    late = desk.keep(unit, claim={"statement": "Of the other."})
    assert late.status_code == 409
    assert "another window" in late.json["message"]
    assert desk.on_disk()["units"][0]["claim"]["statement"] == "Of one window."


def test_a_file_changed_by_hand_is_not_written_over(desk: Desk) -> None:
    path = desk.session.path
    changed = desk.on_disk()
    changed["units"][0] |= {"decision": "none", "why": "colour"}
    path.write_text(json.dumps(changed, ensure_ascii=False, indent=1), encoding="utf-8")
    before = path.read_bytes()
    late = desk.keep(desk.units()[1], claim={"statement": "Something."})
    assert late.status_code == 409
    assert "changed outside" in late.json["message"]
    assert path.read_bytes() == before


def test_a_full_disk_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = desk.units()[0]
    before = desk.session.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    refused = desk.keep(unit, claim={"statement": "Something."})
    assert refused.status_code == 507
    assert "No space left" in refused.json["message"]
    assert desk.session.path.read_bytes() == before
    monkeypatch.undo()
    assert desk.keep(unit, claim={"statement": "Something."}).status_code == 200


def test_a_reading_is_open_once(desk: Desk, tmp_path: Path) -> None:
    desk.lock.tell(desk.place)
    with pytest.raises(ReadingInUse, match=r"http://127\.0\.0\.1:8799/token-of-a-test/"):
        open_session(tmp_path, tmp_path / "harbour.txt", "jr")
    other = Desk(tmp_path, tmp_path / "harbour.txt", "kl")
    other.lock.close()


def test_a_reading_with_work_left_is_not_finished(desk: Desk) -> None:
    refused = desk.post("finished", {"finished": True})
    assert refused.status_code == 409
    assert "still to do" in refused.json["message"]
    for unit in desk.units():
        desk.keep(unit, decision="none", why="colour")
    assert desk.post("finished", {"finished": True}).json == {"finished": True}
    assert desk.on_disk()["finished"]
    unit = desk.units()[0]
    assert desk.keep(unit, decision="todo", why=None).json["finished"] is False


# What cannot be read.


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"caf\xe9 is closed", "no text in UTF-8 (byte 3)"),
        (b"", "empty"),
        (b" \n\r\n", "empty"),
        (b"a\0b", "binary"),
        (b"x" * 10_000_001, "more than 10 MB"),
        (b"Another text altogether.", "another text than doc_0000000d"),
        (TEXT.replace("\r\n", "\n").encode(), "another text than doc_0000000d"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    file = make_set(tmp_path)
    file.write_bytes(raw)
    with pytest.raises(EditRefused) as refused:
        open_session(tmp_path, file, "jr")
    assert said in str(refused.value)
    assert not (tmp_path / "readings").exists()


@pytest.mark.parametrize("text", ["...\n", "* * *\n\n1 2 3\n", "—", "12.5 % (2026)\n"])
def test_a_document_without_sentences_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(EditRefused) as refused:
        open_session(tmp_path, make_set(tmp_path, text), "jr")
    assert "there is no sentence in it" in str(refused.value)
    assert not [*tmp_path.rglob("*.jr.json*")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda reading: reading | {"document": "doc_00000000"}, "its own name"),
        (lambda reading: reading | {"sha256": "0" * 64}, "a changed document is a new document"),
        (lambda reading: reading | {"unit": []}, "no such key"),
        (lambda reading: "{", "an object"),
    ],
)
def test_a_broken_reading_is_refused_and_left_alone(tmp_path: Path, change: Any, said: str) -> None:
    file = make_set(tmp_path)
    Desk(tmp_path, file).lock.close()
    path = readings.path_of(tmp_path, DOCUMENT, "jr")
    path.write_text(json.dumps(change(json.loads(path.read_text()))), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(DataRefused) as refused:
        open_session(tmp_path, file, "jr")
    assert said in str(refused.value)
    assert path.read_bytes() == before
    assert not [*path.parent.glob(".*.lock")]


@pytest.mark.slow
def test_a_killed_workbench_answers_again_where_its_page_asks(tmp_path: Path) -> None:
    file = make_set(tmp_path)
    command = [sys.executable, "-m", "service.cli", "curate", str(file), "--coder", "jr"]
    command += ["--fixtures", str(tmp_path)]
    addresses = []
    for ending in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        addresses.append(process.stdout.readline().split()[-1])
        process.send_signal(ending)
        process.communicate(timeout=20)
    assert addresses[0] == addresses[1]
    assert addresses[2] == addresses[3]
    assert not [*(tmp_path / "readings").glob(".*")]
