"""Building from files with a record a line: shared among processes, and never made twice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from schemas.faults import DataRefused
from service.compiler import (
    SHIPPED,
    build_dataset,
    check_fixtures,
    crew,
    desk,
    kept,
    rows,
    surveying,
)
from service.compiler.write import DRAFT
from service.store.dataset_format import DATA_FILES, MANIFEST
from service.store.tantivy.store import open_store
from service.store.temporary import locked_directory
from tests.samples import (
    FORECAST_AT,
    GOAL,
    GOAL_AT,
    HEADLINE,
    Data,
    edited,
    relation,
    sample,
    write,
)

FILES = (MANIFEST, *DATA_FILES)


def by_line(data: Data, directory: Path) -> Path:
    """The records as fixture files, claims and changes a line each."""
    write(data, directory)
    for name in ("claims", "changes"):
        (directory / f"{name}.json").unlink()
        lines = "".join(f"{json.dumps(record)}\n" for record in data[name])
        (directory / f"{name}.ndjson").write_text(lines)
    return directory


def shipped() -> Data:
    return {path.stem: json.loads(path.read_text()) for path in SHIPPED.glob("*.json")}


def content(place: Path) -> dict[str, bytes]:
    return {name: (place / name).read_bytes() for name in FILES}


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even few records are shared among two processes, a few at a time."""
    monkeypatch.setattr(crew, "SHARED_FROM", 1)
    monkeypatch.setattr(crew, "_PART", 7)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1})


@pytest.mark.usefixtures("shared")
def test_several_processes_build_what_one_does(tmp_path: Path) -> None:
    alone = build_dataset(SHIPPED, tmp_path / "lists")
    shared = build_dataset(by_line(shipped(), tmp_path / "in"), tmp_path / "lines")
    assert content(shared) == content(alone)
    line = (alone / "claims.ndjson").read_bytes().splitlines()[0]
    assert open_store(shared).get(json.loads(line)["id"]) == line


@pytest.mark.usefixtures("shared")
def test_several_processes_find_the_faults_that_one_does(tmp_path: Path) -> None:
    data = shipped()
    data["claims"][5]["kind"] = "rumour"
    data["claims"][30]["actors"] = ["nobody-known"]
    data["changes"][20]["recorded_at"] = "yesterday"
    with pytest.raises(DataRefused) as refused:
        check_fixtures(by_line(data, tmp_path))
    assert {(fault.file, fault.pointer) for fault in refused.value.faults} == {
        ("claims.ndjson", "/5/kind"),
        ("claims.ndjson", "/30/actors/0"),
        ("changes.ndjson", "/20/recorded_at"),
    }


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was looked at (``claims`` or ``changes``) and compiled (``rows``), not taken as kept."""
    seen: list[str] = []

    def noting(module: Any, name: str, note: Any) -> None:
        real = getattr(module, name)

        def noted(*given: Any) -> Any:
            seen.append(note(*given))
            return real(*given)

        monkeypatch.setattr(module, name, noted)

    noting(surveying, "_loaded", lambda file, *_: file.partition(".")[0])
    noting(rows, "served_claim", lambda claim, *_: f"row {claim['id']}")
    return seen


def rebuilt(data: Data, tmp_path: Path, judged: list[str]) -> list[str]:
    """What is judged anew when these records are built where the sample was built before."""
    build_dataset(by_line(sample(), tmp_path / "before"), tmp_path / "out")
    judged.clear()
    place = build_dataset(by_line(data, tmp_path / "after"), tmp_path / "out")
    anew = sorted(judged)
    assert content(place) == content(build_dataset(by_line(data, tmp_path / "a"), tmp_path / "b"))
    return anew


def test_what_was_judged_before_is_not_judged_again(tmp_path: Path, judged: list[str]) -> None:
    assert rebuilt(sample(), tmp_path, judged) == []


def test_a_changed_line_is_judged_again_and_no_other(tmp_path: Path, judged: list[str]) -> None:
    data = edited(sample(), (f"/claims/{GOAL_AT}/statement", "Something else was said."))
    assert rebuilt(data, tmp_path, judged) == ["claims", f"row {GOAL}"]


def test_what_another_claim_adds_is_compiled_again(tmp_path: Path, judged: list[str]) -> None:
    more = relation("contrasts", HEADLINE)
    data = edited(sample(), (f"/claims/{FORECAST_AT}/relations/-", more))
    forecast = data["claims"][FORECAST_AT]["id"]
    assert rebuilt(data, tmp_path, judged) == sorted(
        ["claims", f"row {HEADLINE}", f"row {forecast}"]
    )


def test_another_name_is_not_lost_on_claims_that_did_not_change(
    tmp_path: Path, judged: list[str]
) -> None:
    occasion = sample()["claims"][GOAL_AT]["occasion"]
    (at,) = (n for n, known in enumerate(sample()["occasions"]) if known["id"] == occasion)
    anew = rebuilt(edited(sample(), (f"/occasions/{at}/name", "Renamed")), tmp_path, judged)
    assert f"row {GOAL}" in anew
    assert anew.count("claims") < len(sample()["claims"])


def test_a_fault_of_the_vocabularies_is_found_in_claims_that_did_not_change(
    tmp_path: Path,
) -> None:
    build_dataset(by_line(sample(), tmp_path / "before"), tmp_path / "out")
    shorter = edited(sample(), ("/documents/0/length", 1))
    with pytest.raises(DataRefused) as refused:
        build_dataset(by_line(shorter, tmp_path / "after"), tmp_path / "out")
    assert {fault.file for fault in refused.value.faults} == {"claims.ndjson"}


@pytest.mark.parametrize("change", ["code", "damaged", "cut", "no file", "nonsense"])
def test_nothing_is_taken_from_what_cannot_be_trusted(
    change: str, tmp_path: Path, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = content(build_dataset(by_line(sample(), tmp_path / "in"), out))
    made = out / kept.DIRECTORY / "claims.made"
    if change == "code":
        monkeypatch.setattr(kept, "_code", lambda: "newer")
    elif change == "damaged":
        raw = made.read_bytes()
        made.write_bytes(raw.replace(b'"kind":"goal"', b'"kind":"loag"'))
        assert made.read_bytes() != raw
    elif change == "cut":
        made.write_bytes(made.read_bytes()[:100])
    elif change == "no file":
        made.unlink()
    else:
        (out / kept.DIRECTORY / "about.json").write_bytes(b"[1]")
    judged.clear()
    assert content(build_dataset(tmp_path / "in", out)) == first
    assert f"row {GOAL}" in judged


def test_a_build_that_fails_keeps_what_was_kept(tmp_path: Path, judged: list[str]) -> None:
    out = tmp_path / "out"
    build_dataset(by_line(sample(), tmp_path / "in"), out)
    with pytest.raises(DataRefused):
        build_dataset(by_line(edited(sample(), ("/claims/0/kind", "?")), tmp_path / "bad"), out)
    judged.clear()
    build_dataset(tmp_path / "in", out)
    assert judged == []
    assert sorted(path.name for path in out.iterdir() if path.name.startswith(".")) == [".kept"]


def test_what_killed_builds_left_is_swept_and_what_others_work_on_is_not(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (left, ended), (busy, lock) = (locked_directory(out, DRAFT) for _ in range(2))
    os.close(ended)
    (left / "claims.made").write_bytes(b"half")
    place = build_dataset(by_line(sample(), tmp_path / "in"), out)
    assert {path.name for path in out.iterdir()} == {place.name, kept.DIRECTORY, busy.name}
    os.close(lock)


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = by_line(sample(), tmp_path / "in")
    real = rows.compile_part

    def meanwhile(*given: Any) -> Any:
        with (source / "claims.ndjson").open("a") as file:
            file.write("\n")
        return real(*given)

    monkeypatch.setattr(rows, "compile_part", meanwhile)
    with pytest.raises(DataRefused) as refused:
        build_dataset(source, tmp_path / "out")
    assert [fault.file for fault in refused.value.faults] == ["claims.ndjson"]
    assert not (tmp_path / "out").exists()


def test_a_line_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    source = by_line(sample(), tmp_path)
    path = source / "claims.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b" " * desk.MOST_LINE + lines[2]
    path.write_bytes(b"".join(lines))
    with pytest.raises(DataRefused) as refused:
        check_fixtures(source)
    assert [(fault.file, fault.pointer) for fault in refused.value.faults] == [
        ("claims.ndjson", "/2")
    ]
    assert str(desk.MOST_LINE) in refused.value.faults[0].allowed


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_line_may_do_without_its_end(end: bytes, tmp_path: Path) -> None:
    source = by_line(sample(), tmp_path)
    path = source / "claims.ndjson"
    path.write_bytes(path.read_bytes().rstrip(b"\n") + end)
    assert len(check_fixtures(source).claims) == len(sample()["claims"])


def test_a_blank_line_is_a_fault_and_not_a_claim(tmp_path: Path) -> None:
    source = by_line(sample(), tmp_path)
    path = source / "claims.ndjson"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(DataRefused) as refused:
        check_fixtures(source)
    assert [fault.pointer for fault in refused.value.faults] == [f"/{len(sample()['claims'])}"]
