"""No text of ours runs when a spreadsheet opens a file that was asked for with ``excel=true``."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable, Iterable
from random import Random

from schemas.tables.on_request import COUNTS
from service.app import create_app
from service.config import Config
from service.formats.tables import csv_chunks
from tests.torture.cells import STARTS, claims_saying, hostile_cells, rows
from tests.torture.conftest import FULL
from tests.torture.promises import ROOT, promises
from tests.wire import ask, store_of

Many = Callable[[int, int], int]
Tell = Callable[[str], None]


def read(content: bytes) -> list[list[str]]:
    return [*csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)][1:]


def pairs(plain: bytes, marked: bytes) -> Iterable[tuple[str, str]]:
    """Each cell as it is, and as a spreadsheet gets it."""
    for row, other in zip(read(plain), read(marked), strict=True):
        yield from zip(row, other, strict=True)


def in_libreoffice() -> str:
    """What LibreOffice makes of 100,000 cells; it takes a minute."""
    command = [sys.executable, str(ROOT / ".ci" / "spreadsheet.py"), "cells"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@promises(
    "Hostile input",
    "Under `excel=true` no cell begins with a character that a spreadsheet would run, each is "
    "as it was but for an apostrophe before it, and LibreOffice finds no formula.",
    broken="`@` not among the first characters that are defused; NUL not among them, upon which "
    "LibreOffice found 193 formulas.",
)
def test_no_cell_runs_in_a_spreadsheet(rng: Random, many: Many, tell: Tell) -> None:
    cells = hostile_cells(rng, many(100_000, 4_000))
    made = rows(cells)
    found = [*pairs(*(b"".join(csv_chunks(COUNTS, made, excel)) for excel in (False, True)))]
    app = create_app(
        Config(access_log=False),
        store_of(claims_saying(cells[: many(40_000, 4_000)])),
    )
    for path in ("/v1/claims.csv", "/v1/quotes.csv"):
        found += pairs(ask(app, path).body, ask(app, f"{path}?excel=true").body)
    for plain, marked in found:
        assert not marked.startswith(STARTS), repr(plain)
        assert marked in (f"'{plain}", plain), repr(plain)
    dangerous = sum(plain.startswith(STARTS) for plain, _ in found)
    office = in_libreoffice() if FULL else "LibreOffice is asked by .ci/spreadsheet.py"
    tell(f"{len(found):,} cells, {dangerous:,} of which would run: 0 do; {office}")
