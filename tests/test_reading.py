"""Fixture files as they may lie on a disk: whatever is wrong is a fault, never a crash."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.faults import DataRefused, Fault
from service.compiler import check_fixtures
from service.compiler.read import FILES, OPTIONAL
from service.compiler.strict_json import parse_json
from tests.built import files_of
from tests.samples import (
    FORECAST_AT,
    GOAL_AT,
    REMOVED,
    Edit,
    edited,
    faults,
    faults_in_directory,
    places,
    sample,
    write,
)

REQUIRED = [name for name in FILES if name not in OPTIONAL]
GOOD = json.dumps(sample()["topics"]).encode()
DEEP = 100_000

BYTES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "JSON"),
    "blank": (b" \n", "JSON"),
    "cut": (GOOD[:-40], "JSON"),
    "cut in a string": (b'[{"id": "trade', "JSON"),
    "trailing bytes": (GOOD + b"]", "JSON"),
    "two documents": (GOOD + b"\n" + GOOD, "JSON"),
    "zeros after": (GOOD + b"\x00" * 16, "JSON"),
    "comment": (b"// topics\n" + GOOD, "JSON"),
    "trailing comma": (b"[1,]", "JSON"),
    "single quotes": (b"[{'id': 'trade'}]", "JSON"),
    "line feed in a string": (b'["a\nb"]', "JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "UTF-8"),
    "UTF-16, no mark": (GOOD.decode().encode("utf-16-le"), "JSON"),
    "UTF-32": (GOOD.decode().encode("utf-32"), "UTF-8"),
    "Latin-1": ('["é"]'.encode("latin-1"), "UTF-8"),
    "overlong": (b'["\xc0\xaf"]', "UTF-8"),
    "surrogate in UTF-8": (b'["\xed\xa0\x80"]', "UTF-8"),
    "half a character": ('["é'.encode()[:-1], "UTF-8"),
    "duplicate key": (GOOD.replace(b'"id"', b'"label": "X", "id"', 1), "label"),
    "duplicate key, escaped": (GOOD.replace(b'"id"', b'"\\u006cabel": "X", "id"', 1), "label"),
    "duplicate key, deep": (b'[{"a": [{"b": 1, "b": 1}]}]', "once"),
    "NaN": (b"[NaN]", "NaN"),
    "Infinity": (b"[Infinity]", "Infinity"),
    "-Infinity": (b"[-Infinity]", "-Infinity"),
    "5,000 digits": (b"[" + b"9" * 5000 + b"]", "digits"),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, "nested"),
    "deep lists, open": (b"[" * DEEP, "nested"),
    "deep objects": (b'[{"a":' * DEEP + b"1" + b"}]" * DEEP, "nested"),
    "object at the top": (b"{}", "list"),
    "null at the top": (b"null", "list"),
    "string at the top": (b'"[]"', "list"),
    "number at the top": (b"0", "list"),
    "true at the top": (b"true", "list"),
}


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("file", ["topics", "changes"])
def test_a_file_that_is_no_strict_json_is_refused_with_the_reason(
    name: str, file: str, tmp_path: Path
) -> None:
    content, reason = BYTES[name]
    (write(sample(), tmp_path) / f"{file}.json").write_bytes(content)
    [fault] = faults_in_directory(tmp_path)
    assert (fault.file, fault.pointer) == (f"{file}.json", "")
    assert reason in fault.allowed


def _missing(path: Path) -> None:
    path.unlink()


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _lost_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("gone.json"))


def _circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to(os.devnull)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Fails a test that waits for a pipe, rather than waiting with it."""

    def stop(*_: object) -> None:
        pytest.fail("the pipe was opened, and waited for")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("file", "spoil"),
    [
        *itertools.product(REQUIRED, [_missing]),
        *itertools.product(FILES, [_directory, _pipe, _lost_link, _circle, _device]),
    ],
)
def test_what_is_no_regular_file_is_refused_unopened(
    file: str, spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    """A pipe would otherwise wait for a writer, and a device might never end."""
    spoil(write(sample(), tmp_path) / f"{file}.json")
    [fault] = faults_in_directory(tmp_path)
    assert (fault.file, fault.pointer) == (f"{file}.json", "")
    assert "file" in fault.allowed


def test_without_a_directory_every_file_is_named(tmp_path: Path) -> None:
    found = faults_in_directory(tmp_path / "nowhere")
    assert places(found) == sorted((f"{name}.json", "") for name in REQUIRED)


PLACES: list[tuple[str, Edit, str, str]] = [
    ("documents", ("/1/length", "300"), '"300"', "an integer from 1"),
    ("documents", ("/0/published/edtf", "2021/2020"), '"2021/2020"', "YYYY-MM-DD"),
    ("agents", ("/5/kind", "planet"), '"planet"', "country"),
    ("agents", ("/0/reliability/grade", "b"), '"b"', "A, B, C, D, E, F"),
    ("topics", ("/2/cap_major", True), "true", "or null"),
    ("topics", ("/3/claim_count", 1), "1", "computed"),
    ("occasions", ("/1/dates/basis", REMOVED), "nothing", "stated"),
    ("claims", (f"/{GOAL_AT}/quotes/0/start", -1), "-1", "an integer from 0"),
    ("claims", (f"/{GOAL_AT}/statement", "\ud800"), '"\\ud800"', "string"),
    ("claims", (f"/{FORECAST_AT}/topics", []), "[]", "1 or more"),
    ("claims", (f"/{FORECAST_AT}/sources", REMOVED), "nothing", "1 or more"),
    ("claims", (f"/{FORECAST_AT}/confidence/content/credibility", 7), "7", "6"),
    ("changes", ("/3/reason", "\ud83d"), '"\\ud83d"', "string"),
    ("changes", ("/8/claim", REMOVED), "nothing", "a claim id"),
    ("changes", ("/8/recorded_at", "2023-02-30"), '"2023-02-30"', "YYYY-MM-DD"),
]


def test_faults_of_all_files_and_places_are_reported_at_once(tmp_path: Path) -> None:
    """Each with file, JSON pointer, what was found and what is allowed."""
    spoiled = edited(sample(), *((f"/{file}{at}", value) for file, (at, value), _, _ in PLACES))
    found = {(fault.file, fault.pointer): fault for fault in faults(spoiled, tmp_path)}
    assert sorted(found) == sorted((f"{file}.json", at) for file, (at, _), _, _ in PLACES)
    for file, (at, _), shown, allowed in PLACES:
        fault = found[f"{file}.json", at]
        assert fault.found == shown
        assert allowed in fault.allowed
        assert all(part in str(fault) for part in (fault.file, at, shown, allowed))


def test_an_unreadable_file_hides_no_fault_of_another(tmp_path: Path) -> None:
    spoiled = write(edited(sample(), ("/agents/0/name", 5)), tmp_path)
    (spoiled / "topics.json").write_bytes(b"[")
    assert places(faults_in_directory(spoiled)) == [("agents.json", "/0/name"), ("topics.json", "")]


@pytest.mark.parametrize("key", ["a/b", "~", "\ud800", "\x1b[2J", 'a"b', "é", ""])
def test_the_place_of_a_strange_key_can_be_told_on_any_terminal(key: str, tmp_path: Path) -> None:
    data = sample()
    data["topics"][0][key] = 1
    [fault] = faults(data, tmp_path)
    assert str(fault).isascii()
    assert str(fault).isprintable()
    escaped = key.replace("~", "~0").replace("/", "~1")
    assert json.loads(f'"{fault.pointer}"') == f"/0/{escaped}"


def test_a_flood_of_wrong_text_is_cut(tmp_path: Path) -> None:
    [fault] = faults(edited(sample(), ("/topics/0/label", "x" * 1_000_000)), tmp_path)
    assert len(str(fault)) < 500


def test_deep_nesting_that_can_be_parsed_is_refused_where_it_stands(tmp_path: Path) -> None:
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    [fault] = faults(edited(sample(), ("/topics/0/label", deep)), tmp_path)
    assert fault.pointer == "/0/label"


def test_numbers_beyond_floats_are_refused_where_they_stand(tmp_path: Path) -> None:
    content = json.dumps(sample()["documents"]).replace("200", "2e999")
    (write(sample(), tmp_path) / "documents.json").write_text(content)
    assert ("documents.json", "/0/length") in places(faults_in_directory(tmp_path))


@pytest.mark.parametrize(
    "raw", [b"[]", b'{"a":{"b":[]},"c":{"b":1}}', b"[999999999999999]", b'"\\u00e9"', b" 1.5e3\n"]
)
def test_strict_json_is_read_as_any_reader_would(raw: bytes) -> None:
    assert parse_json(raw) == json.loads(raw)


def test_the_sample_is_valid(tmp_path: Path) -> None:
    assert faults(sample(), tmp_path) == ()


def _by_line(directory: Path, *names: str) -> Path:
    """The same records, a line each instead of a list."""
    for name in names:
        whole = directory / f"{name}.json"
        lines = [json.dumps(record) for record in json.loads(whole.read_text())]
        (directory / f"{name}.ndjson").write_text("".join(f"{line}\n" for line in lines))
        whole.unlink()
    return directory


def test_claims_and_changes_may_come_a_record_a_line(tmp_path: Path) -> None:
    as_lists = files_of(write(sample(), tmp_path / "lists"))
    by_line = files_of(_by_line(write(sample(), tmp_path / "lines"), "claims", "changes"))
    assert by_line == as_lists


def test_a_line_at_fault_is_named_and_the_others_keep_their_places(tmp_path: Path) -> None:
    directory = _by_line(write(sample(), tmp_path), "claims")
    path = directory / "claims.ndjson"
    lines = path.read_text().splitlines()
    lines[1] = lines[1][:-1]
    lines[2] = lines[2].replace('"kind": "', '"kind": "no-')
    path.write_text("\n".join(lines))
    told = [(fault.file, fault.pointer) for fault in _faults_of(directory)]
    assert ("claims.ndjson", "/1") in told
    assert ("claims.ndjson", "/2/kind") in told


def test_faults_between_records_are_told_of_the_file_that_was_read(tmp_path: Path) -> None:
    data = edited(sample(), ("/claims/0/actors/0", "nobody"))
    directory = _by_line(write(data, tmp_path), "claims")
    assert {fault.file for fault in _faults_of(directory)} == {"claims.ndjson"}


def test_an_export_is_no_input_and_is_told_so_once(tmp_path: Path) -> None:
    directory = _by_line(write(sample(), tmp_path), "claims")
    (directory / "claims.ndjson").write_bytes(files_of()["claims.ndjson"])
    (fault,) = (f for f in _faults_of(directory) if f.file == "claims.ndjson")
    assert "export" in fault.allowed


def test_a_list_and_lines_of_the_same_are_refused(tmp_path: Path) -> None:
    directory = write(sample(), tmp_path)
    (directory / "claims.ndjson").write_text("")
    (fault,) = _faults_of(directory)
    assert (fault.file, fault.allowed) == ("claims.json", "one of the two")


def _faults_of(directory: Path) -> tuple[Fault, ...]:
    with pytest.raises(DataRefused) as refused:
        check_fixtures(directory)
    return refused.value.faults
