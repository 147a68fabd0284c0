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
import os, pathlib, re, sys, time
from service import cli

def checked(fixtures):
    status = cli.main(["check", "--fixtures", str(fixtures / "data")])
    # Not ru_maxrss, which begins with the memory of the process that started this one.
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]
    told = f"{status} {int(peak) / 1024} {time.process_time()}"
    (fixtures / "told").write_text(told)

for fixtures in map(pathlib.Path, sys.argv[1:]):
    worker = os.fork()
    if not worker:
        out = os.open(fixtures / "out", os.O_WRONLY | os.O_CREAT)
        err = os.open(fixtures / "err", os.O_WRONLY | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(err, 2)
        checked(fixtures)
        sys.stderr.flush()
        os._exit(0)
    os.waitpid(worker, 0)
"""


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


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a check of each flood told and complained of, in a process of its own: a fork of one
    that has loaded the modules."""
    folders = {name: tmp_path_factory.mktemp("flood") for name in FLOODS}
    for name, folder in folders.items():
        fixtures = write(sample(), folder / "data")
        (fixtures / "claims.json").write_text(FLOODS[name]())
    subprocess.run(
        [sys.executable, "-c", _WATCHED, *folders.values()],
        cwd=ROOT,
        check=True,
        timeout=300,
        env={**os.environ, "COLUMNS": "200"},
    )
    return folders


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_faults_takes_little_memory_and_time(
    checked: dict[str, Path], flood: str
) -> None:
    """100,000 empty objects took more than 1.2 GB, and 500,000 keys of one object 34 seconds."""
    status, megabytes, seconds = (checked[flood] / "told").read_text().split()
    assert int(status) == 1
    assert "fault(s)" in (checked[flood] / "err").read_text().splitlines()[-1]
    assert float(megabytes) < MAX_MEGABYTES
    assert float(seconds) < MAX_CPU_SECONDS


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
