"""What is wrong costs no more than its report: faults are bounded in number, memory and time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.faults import MAX_FAULTS, DataRefused
from service.compiler import check_fixtures
from service.compiler.strict_json import MAX_KEYS
from tests.samples import sample, write
from tests.test_build_by_line import by_line

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
MAX_MEGABYTES = 200
MAX_CPU_SECONDS = 30
"""Of which a start takes one; on a busy machine all of it takes longer than it should."""

_WATCHED = """
import pathlib, re, sys, time
from service import cli
status = cli.main(["check", "--fixtures", sys.argv[1]])
# Not ru_maxrss, which begins with the memory of the process that started this one.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]
print(status, int(peak) / 1024, time.process_time())
"""


def checked(fixtures: Path) -> tuple[int, float, float, str]:
    """Status, megabytes and seconds of a check in a process of its own, and its complaints."""
    ended = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(fixtures)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        env={**os.environ, "COLUMNS": "200"},
    )
    status, megabytes, seconds = ended.stdout.split()[-3:]
    return int(status), float(megabytes), float(seconds), ended.stderr


def _nested(key: str) -> str:
    claim = {**sample()["claims"][0], key: [{} for _ in range(100_000)]}
    return json.dumps([claim])


def _keys() -> str:
    return ",".join(f'"key{number}":1' for number in range(500_000))


FLOODS: dict[str, Callable[[], str]] = {
    "empty objects": lambda: f"[{','.join(['{}'] * 100_000)}]",
    "numbers": lambda: f"[{','.join(['1'] * 150_000)}]",
    "keys of one object": lambda: f"[{{{_keys()}}}]",
    "keys of one object, one of them twice": lambda: f'[{{{_keys()},"key499999":1}}]',
    "items of one list": lambda: _nested("quotes"),
    "one claim again and again": lambda: json.dumps([sample()["claims"][1]] * 3_000),
}
"""Made by the test that writes them, since each process reads this module."""


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_faults_takes_little_memory_and_time(flood: str, tmp_path: Path) -> None:
    """100,000 empty objects took more than 1.2 GB, and 500,000 keys of one object 34 seconds."""
    fixtures = write(sample(), tmp_path)
    (fixtures / "claims.json").write_text(FLOODS[flood]())
    status, megabytes, seconds, complaints = checked(fixtures)
    assert status == 1
    assert "fault(s)" in complaints.splitlines()[-1]
    assert megabytes < MAX_MEGABYTES
    assert seconds < MAX_CPU_SECONDS


def test_a_check_stops_at_a_stated_number_of_faults(tmp_path: Path) -> None:
    fixtures = write(sample(), tmp_path)
    (fixtures / "claims.json").write_text(json.dumps([{}] * 1_000))
    with pytest.raises(DataRefused) as refused:
        check_fixtures(fixtures)
    assert len(refused.value.faults) == MAX_FAULTS
    assert refused.value.summary == f"{MAX_FAULTS} fault(s), and more: mend these first"


def test_as_many_faults_as_are_told_are_all_told(tmp_path: Path) -> None:
    data = sample()
    for number in range(MAX_FAULTS):
        data["topics"].append({**data["topics"][0], "id": f"t-{number}", "label": 5})
    with pytest.raises(DataRefused) as refused:
        check_fixtures(write(data, tmp_path))
    assert len(refused.value.faults) == MAX_FAULTS
    assert refused.value.summary == f"{MAX_FAULTS} fault(s)"


def test_an_object_has_a_bounded_number_of_keys(tmp_path: Path) -> None:
    fixtures = by_line(sample(), tmp_path)
    wide = json.dumps({f"key{number}": 1 for number in range(MAX_KEYS + 1)})
    (fixtures / "claims.ndjson").write_text(f"{wide}\n")
    with pytest.raises(DataRefused) as refused:
        check_fixtures(fixtures)
    (fault,) = (fault for fault in refused.value.faults if fault.file == "claims.ndjson")
    assert str(MAX_KEYS) in fault.allowed
