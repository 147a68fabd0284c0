"""Building from files with a record a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.faults import DataRefused
from service.compiler import SHIPPED, build_dataset, check_fixtures
from service.compiler.read import MAX_LINE_BYTES
from service.store.tantivy.store import open_store
from tests.built import files_of
from tests.samples import Data, sample, write


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


def test_lines_build_what_lists_do(tmp_path: Path) -> None:
    source = by_line(shipped(), tmp_path / "in")
    assert files_of(source) == files_of(SHIPPED)
    store = open_store(build_dataset(source, tmp_path / "out"))
    line = files_of(SHIPPED)["claims.ndjson"].splitlines()[0]
    assert store.get(json.loads(line)["id"]) == line


def test_faults_are_found_in_every_line(tmp_path: Path) -> None:
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


def test_a_line_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    source = by_line(sample(), tmp_path)
    path = source / "claims.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b" " * MAX_LINE_BYTES + lines[2]
    path.write_bytes(b"".join(lines))
    with pytest.raises(DataRefused) as refused:
        check_fixtures(source)
    assert [(fault.file, fault.pointer) for fault in refused.value.faults] == [
        ("claims.ndjson", "/2")
    ]
    assert str(MAX_LINE_BYTES) in refused.value.faults[0].allowed


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_line_may_do_without_its_end(end: bytes, tmp_path: Path) -> None:
    source = by_line(sample(), tmp_path)
    path = source / "claims.ndjson"
    path.write_bytes(path.read_bytes().rstrip(b"\n") + end)
    assert len(check_fixtures(source)["claims"]) == len(sample()["claims"])


def test_a_blank_line_is_a_fault_and_not_a_claim(tmp_path: Path) -> None:
    source = by_line(sample(), tmp_path)
    path = source / "claims.ndjson"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(DataRefused) as refused:
        check_fixtures(source)
    assert [fault.pointer for fault in refused.value.faults] == [f"/{len(sample()['claims'])}"]
