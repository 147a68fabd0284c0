"""What a build holds in memory, until the index is written: few bytes of each claim, and what is
under way between its processes, which does not grow.

The engine then fills its heap of 128 MB, however many claims there are.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.generate import generate
from tests.at_size.conftest import ROOT

pytestmark = pytest.mark.at_size

BYTES = 150
"""Held of each claim; most of it are the documents, one for thirty claims."""
UNDER_WAY = 64 * 1024 * 1024
FEW, MANY = 100_000, 200_000
"""Both of them more than the cache of the database holds."""

PROGRAM = """
import ctypes, re, sys, threading, time
from pathlib import Path
from service.compiler import build_dataset

most, held, peaks = 0, [], []

def own():
    return int(re.search(r"RssAnon:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

def watch():
    global most
    while True:
        most = max(most, own())
        time.sleep(0.01)

def progress(items, total, description):
    peaks.append(most)
    ctypes.CDLL(None).malloc_trim(0)  # what is free is not held
    held.append(own())
    if description.startswith("Indexing"):
        print(max(held), max(peaks), flush=True)
        raise KeyboardInterrupt
    return items

threading.Thread(target=watch, daemon=True).start()
try:
    build_dataset(Path(sys.argv[1]), Path(sys.argv[2]), progress, durable=False)
except KeyboardInterrupt:
    pass
"""


def memory(claims: int, place: Path) -> tuple[int, int]:
    """Bytes of its own that a build of so many claims had between its steps, and in them."""
    generate(place / "in", claims)
    command = [sys.executable, "-c", PROGRAM, str(place / "in"), str(place / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    held, most = map(int, done.stdout.split())
    return held, most


def test_a_build_holds_at_most_150_bytes_of_each_claim(tmp_path: Path) -> None:
    before, _ = memory(FEW, tmp_path / "few")
    after, most = memory(MANY, tmp_path / "many")
    each = (after - before) / (MANY - FEW)
    print(f"{each:.0f} bytes of each, {most - after} under way")
    assert each <= BYTES
    assert most - after <= UNDER_WAY
