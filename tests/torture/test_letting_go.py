"""What a worker holds on to when its data set is replaced: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from service.compiler import build_dataset
from tests.torture.editions import edition
from tests.torture.promises import ROOT, promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

MOST_KB = 4_096
"""What the allocator may be behind with. A store that stays takes some 110 kB here, and seven
files, of which none may."""


@promises(
    "Publishing and reloading",
    "A worker that has moved on to another data set many times holds no more memory, files, "
    "mappings and threads than before; what it has open is read to the end though its directory "
    "is removed.",
    broken="A store that refers back to itself, with the collector of cycles off; stores kept in a "
    "list.",
)
def test_old_data_sets_are_let_go(tmp_path: Path, many: Many, tell: Tell) -> None:
    times = many(2_000, 200)
    sets = [str(build_dataset(edition(number), tmp_path / "sets")) for number in range(2)]
    given = {"out": str(tmp_path / "out"), "sets": sets, "times": times}
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.moving_on"],
        cwd=ROOT, input=json.dumps(given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    before, after = seen["before"], seen["after"]
    assert seen["wrong"] == 0
    for what in ("files", "mappings", "threads"):
        assert after[what] <= before[what] + 2, f"{what}: {before[what]} → {after[what]}"
    assert after["kB"] <= before["kB"] + MOST_KB, f"{before['kB']} → {after['kB']} kB"
    told = ", ".join(f"{before[what]:,} → {after[what]:,} {what}" for what in before)
    tell(f"{times:,} times another data set: {told} after {times // 10:,} and after all of them.")
