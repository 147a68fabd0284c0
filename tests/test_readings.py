"""A reading on disk: strict, in one step, and kept while its claims are half done."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from schemas.faults import DataRefused
from schemas.records.reading import NEW_RECORDS, ReadingSchema, unit_names
from schemas.records.reading_claim import CLAIM_KEYS
from service.curation import readings

SHIPPED = Path(__file__).resolve().parent.parent / "service" / "fixtures"
DOCUMENT = {"id": "doc_00000000", "sha256": "a" * 64, "length": 100}
PROPOSED = {
    "written": {"quotes": [{"text": "yes", "start": 4, "end": 7}]},
    "filled": {"hedges": [], "goal": {"horizon": {"edtf": "2030", "basis": "stated"}}},
    "offered": {"sources": [{"agent": "jane-roe", "role": "speaker", "cue": "said"}]},
    "ranked": {"topics": ["water"], "occurred": [{"edtf": "2026-03", "basis": "stated"}]},
}
"""Of each outcome something, none of it a whole claim."""


def unit(start: int, end: int, **keys: Any) -> dict[str, Any]:
    empty = {"decision": "todo", "why": None, "claim": None, "proposed": None, "changed": None}
    return {"start": start, "end": end, **empty, **keys}


def reading(*units: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {
        "document": DOCUMENT["id"],
        "sha256": DOCUMENT["sha256"],
        "coder": "jr",
        "codebook": "2.0",
        "drafted_by": None,
        "finished": False,
        **{name: [] for name in NEW_RECORDS},
        "units": list(units),
        **keys,
    }


def written(directory: Path, made: Any, name: str = "doc_00000000.jr.json") -> Path:
    path = directory / name
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(DataRefused) as refused:
        readings.read(path)
    return [f"{fault.pointer}: {fault.allowed}" for fault in refused.value.faults]


def test_the_shipped_readings_are_as_they_would_be_written(tmp_path: Path) -> None:
    for path in sorted((SHIPPED / "readings").iterdir()):
        kept = tmp_path / path.name
        readings.write(kept, readings.read(path))
        assert kept.read_bytes() == path.read_bytes()


def test_a_claim_is_kept_whichever_of_its_keys_are_still_open(tmp_path: Path) -> None:
    whole = readings.read(SHIPPED / "readings" / "doc_jb5kxzpf.a.json")["units"][3]["claim"]
    whole["relations"] = [{"type": "details", "claim": "0-9.2"}]
    for key in CLAIM_KEYS:
        part = {name: value for name, value in whole.items() if name != key}
        half_done = unit(0, 9, decision="claim", claim=part, proposed=PROPOSED, changed=[])
        kept = reading(half_done, unit(0, 9), unit(5, 8, decision="none", why="colour"))
        path = readings.path_of(tmp_path, "doc_00000000", "jr")
        readings.write(path, kept)
        assert readings.read(path) == kept


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (reading(unit(5, 5)), "/units/0/end: an offset after start (5)"),
        (reading(unit(5, 9), unit(4, 9)), "/units/1/start: units in the order of their spans"),
        (reading(unit(0, 9, decision="claim")), "/units/0/claim: an object, since the decision"),
        (reading(unit(0, 9, why="colour")), "/units/0/why: null, since the decision is todo"),
        (reading(unit(0, 9), finished=True), "/finished: false, while a unit is still to do"),
        (reading(unit(0, 9, claim={"kynd": "goal"})), "/units/0/claim/kynd: no such key (meant"),
        (reading(unit(0, 9, claim={"kind": "gaol"})), "/units/0/claim/kind: one of goal,"),
        (
            reading(unit(0, 9, claim={"relations": [{"claim": "0-9"}]})),
            "/units/0/claim/relations/0/claim: another unit of this reading",
        ),
        (
            reading(unit(0, 9, proposed={**PROPOSED, "written": {"hedges": []}})),
            "/units/0/proposed/offered: hedges in one of written, filled and offered",
        ),
        (reading(coder="J. Roe"), "/coder: words of a-z"),
        (reading(coder="kl"), ": its own name"),
        ([], ": an object"),
    ],
)
def test_a_reading_edited_by_hand_is_refused_with_the_place_and_what_is_allowed(
    made: Any, fault: str, tmp_path: Path
) -> None:
    told = faults(written(tmp_path, made))
    assert len(told) == 1
    assert told[0].startswith(fault)


def test_what_is_no_reading_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "doc_00000000.jr.json"
    assert faults(path) == [": a regular file"]
    for content, told in (
        (b"\xff", "UTF-8 (byte 0 is none)"),
        (b"", "JSON (at line 1 column 1"),
        (b'{"a": 1, "a": 1}', "each key once in an object"),
    ):
        path.write_bytes(content)
        assert told in faults(path)[0]


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        ({"document": "doc_00000001"}, "/document"),
        ({"sha256": "b" * 64}, "/sha256"),
        ({"codebook": "1.0"}, "/codebook"),
        ({"units": [unit(90, 101)]}, "/units/0/end"),
    ],
)
def test_a_reading_of_another_document_or_codebook_is_told(
    edit: dict[str, Any], place: str, tmp_path: Path
) -> None:
    path = tmp_path / "doc_00000000.jr.json"
    readings.expect_fit(path, reading(unit(90, 100)), DOCUMENT, "2.0")
    with pytest.raises(DataRefused) as refused:
        readings.expect_fit(path, reading(**edit), DOCUMENT, "2.0")
    assert [fault.pointer for fault in refused.value.faults] == [place]


def test_a_quotation_that_does_not_stand_there_is_told(tmp_path: Path) -> None:
    path, made = tmp_path / "doc_00000000.jr.json", reading(unit(0, 9, proposed=PROPOSED))
    readings.expect_text(path, made, "He “yes”")
    with pytest.raises(DataRefused) as refused:
        readings.expect_text(path, made, "He «no!»")
    assert [f.pointer for f in refused.value.faults] == ["/units/0/proposed/written/quotes/0/text"]


def test_a_write_that_fails_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = readings.path_of(tmp_path, "doc_00000000", "jr")
    readings.write(path, reading(unit(0, 9)))
    before = path.read_bytes()
    with pytest.raises(DataRefused):
        readings.write(path, reading(unit(9, 0)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        readings.write(path, reading(unit(0, 5)))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_units_are_named_by_their_spans_and_told_apart() -> None:
    made = [unit(0, 9), unit(0, 9), unit(3, 5)]
    assert unit_names(made) == ["0-9", "0-9.2", "3-5"]
    related = copy.deepcopy(made)
    related[2]["claim"] = {"relations": [{"type": "details", "claim": "0-9.2"}]}
    assert ReadingSchema().validate(reading(*related)) == {}
