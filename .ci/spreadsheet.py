"""Open CSV and workbook in LibreOffice, without a screen, and look at every cell.

Numbers must be numbers, days days, texts what the CSV says to the character, and no cell a
formula: in the data that comes with the service, and in claims made of what spreadsheets take for
formulas, numbers and days. A control opens the latter carelessly and must find a formula, else
this check would see none. So with a great many hostile cells, of which none may be a formula.

LibreOffice Calc is Debian's package; where it is missing it is installed when root asks, else this
says so and passes.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import requests
from live_contract import live_server

from policy_claims.frames import DAYS
from policy_claims.types import COLUMNS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schemas.tables.claims import CLAIMS  # noqa: E402
from schemas.tables.column import Column  # noqa: E402
from schemas.tables.on_request import COUNTS  # noqa: E402
from service.formats.tables import csv_chunks  # noqa: E402
from tests import samples  # noqa: E402
from tests.torture.cells import hostile_cells, rows  # noqa: E402

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
#: Comma, quotation mark, UTF-8, from the first line; every column is left at "Standard".
CARELESS = "CSV:44,34,76,1,,1033,false,false"
#: A year or a day becomes one where no type is chosen.
KEPT = re.compile(r"[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}")

HOSTILE = (
    '=HYPERLINK("https://example.org","click")',
    "+1+1",
    "-2",
    "@SUM(1,2)",
    "%1",
    "|1",
    "1,000",
    "007",
    "1e5",
    "2023-01-02",
    "1/2",
    "12:30",
    "TRUE",
    "2-1",
    "SEPT2",
    "5. März 2024",
    "2024年5月1日",
    "1.234,5 €",
    "#N/A",
    "= 1",
    'é à ñ ü “curly” ‘single’ ""plain"" «guillemets» 농업 – …',
    "a, b; c 'd' e",
    "'apostrophe first",
)


MANY_CELLS = 100_000


class Cell(NamedTuple):
    kind: str | None
    value: str
    formula: str | None


def installed() -> bool:
    """Whether LibreOffice is there, after an attempt to install it."""
    if not shutil.which("soffice") and not os.geteuid() and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in ("update", "install -y --no-install-recommends libreoffice-calc-nogui"):
            asked = ["apt-get", "-qq", *command.split()]
            subprocess.run(asked, env=environment, stdout=subprocess.DEVNULL, check=False)
    return shutil.which("soffice") is not None


def careful(url: str, what: str, place: Path) -> Path:
    """Opened as examples/libreoffice.sh does: columns of text are "Text"."""
    command = ["bash", str(ROOT / "examples" / "libreoffice.sh"), url, what, "fods"]
    done = subprocess.run(command, cwd=place, check=True, text=True, stdout=subprocess.PIPE)
    return place / done.stdout.strip()


def careless(content: bytes, place: Path) -> Path:
    """Opened with every column left as it is."""
    source = place / "careless.csv"
    source.write_bytes(content)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{place}/profile",
         "--convert-to", "fods", f"--infilter={CARELESS}", "--outdir", str(place), str(source)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return place / "careless.fods"


def cells(path: Path) -> Iterator[list[Cell]]:
    """The rows of a flat OpenDocument spreadsheet, repeated cells written out."""
    for row in ET.parse(path).getroot().iter(f"{TABLE}table-row"):
        found = []
        for cell in row.iter(f"{TABLE}table-cell"):
            value = cell.get(f"{OFFICE}date-value") or cell.get(f"{OFFICE}value") or written(cell)
            one = Cell(cell.get(f"{OFFICE}value-type"), value, cell.get(f"{TABLE}formula"))
            found += [one] * min(int(cell.get(f"{TABLE}number-columns-repeated", "1")), 100)
        yield found


def written(cell: ET.Element) -> str:
    """The text of a cell: paragraphs are lines, and several blanks are an element."""
    lines = []
    for paragraph in cell.iter(f"{TEXT}p"):
        for blanks in paragraph.iter(f"{TEXT}s"):
            blanks.text = " " * int(blanks.get(f"{TEXT}c", "1"))
        lines.append("".join(paragraph.itertext()))
    return "\n".join(lines)


def wrong(column: str, text: str, cell: Cell, strict: bool, loose: bool) -> str | None:
    """What is wrong with a cell; ``strict`` says that texts must have stayed texts, ``loose`` that
    a year or a day need not.
    """
    if cell.formula is not None:
        return f"the formula {cell.formula}"
    if not text:
        return None if cell.kind is None else "not empty"
    if column in DAYS:
        return None if cell[:2] == ("date", text) else "no day"
    if COLUMNS[column] in ("integer", "number"):
        good = cell.kind == "float" and float(cell.value) == float(text)
        return None if good else "no number"
    if cell.kind != "string":
        same = loose and KEPT.fullmatch(text) and cell.value == text
        return f"a {cell.kind}" if strict and not same else None
    return None if cell.value == text else "another text"


def faults(content: bytes, sheet: Path, strict: bool, loose: bool = False) -> list[str]:
    """Every cell that is not what the CSV says."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    opened = list(cells(sheet))
    found = []
    for number, row in enumerate(rows[1:], 1):
        padded = [*opened[number], *[Cell(None, "", None)] * len(row)]
        for column, text, cell in zip(rows[0], row, padded, strict=False):
            fault = wrong(column, text, cell, strict, loose)
            if fault:
                found.append(f"row {number}, {column}: {text!r} is {fault}: {cell}")
    return found


def hostile() -> samples.Data:
    """The small data set, with a claim for each text that a spreadsheet takes for another thing."""
    data = samples.sample()
    last = len(data["changes"])
    for number, text in enumerate(HOSTILE):
        identifier = f"clm_000001{number:02d}"
        quote = samples.quote(text, "ministry", samples.FIRST, 40)
        data["claims"].append(
            samples.claim(
                identifier,
                samples.FIRST,
                statement=text,
                hedges=[text],
                quotes=[quote],
                recorded_at="2023-03-01",
            )
        )
        data["changes"].append(samples.change(last + number + 1, identifier, "2023-03-01"))
    data["agents"][0]["name"] = HOSTILE[0]
    return data


def converted(source: Path) -> Path:
    """A workbook as LibreOffice opens it, as a flat OpenDocument spreadsheet."""
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{source.parent}/profile",
         "--convert-to", "fods", "--outdir", str(source.parent), str(source)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return source.with_suffix(".fods")


def wrong_in_workbook(column: Column, value: Any, cell: Cell) -> str | None:
    """What is wrong with a cell of the workbook."""
    text = column.cell(value)
    if cell.formula is not None:
        return f"the formula {cell.formula}"
    if text in (None, ""):
        return None if cell.kind is None else "not empty"
    if column.type == "date" and value >= "1900-03-01":
        return None if cell[:2] == ("date", value) else "no day"
    if column.type in ("integer", "number"):
        return None if cell.kind == "float" and float(cell.value) == value else "no number"
    return None if cell[:2] == ("string", text) else "another text"


def check_workbook(url: str, place: Path) -> int:
    """Looks through the workbook; the number of cells that are not as the claims say."""
    lines = requests.get(f"{url}/v1/claims.ndjson", timeout=60).content.splitlines()
    source = place / "claims.xlsx"
    source.write_bytes(requests.get(f"{url}/v1/claims.xlsx", timeout=60).content)
    rows, found = cells(converted(source)), []
    next(rows)
    for line, opened in zip(lines, rows, strict=False):
        (values,) = CLAIMS.values(json.loads(line))
        padded = [*opened, *[Cell(None, "", None)] * len(values)]
        for column, value, cell in zip(CLAIMS.columns, values, padded, strict=False):
            if fault := wrong_in_workbook(column, value, cell):
                found.append(f"{column.name}: {value!r} is {fault}: {cell}")
    print(f"claims.xlsx: {len(lines)} rows, {len(found)} cells wrong")
    print("\n".join(found[:20]), end="\n" if found else "")
    return len(found)


def check(url: str, place: Path, made_hostile: bool) -> int:
    """Looks through every table; the number of cells that are wrong."""
    total = 0
    for what in ("claims.csv", "quotes.csv", "counts.csv?by=topic,horizon"):
        content = requests.get(f"{url}/v1/{what}", timeout=60).content
        found = faults(content, careful(url, what, place), True)
        separator = "&" if "?" in what else "?"
        marked = requests.get(f"{url}/v1/{what}{separator}excel=true", timeout=60).content
        # Whoever sees no import dialog: formulas are defused, and 007 stays a text.
        found += faults(marked, careless(marked, place), True, loose=True)
        rows = len(content.splitlines()) - 1
        print(f"{what}: {rows} rows, {len(found)} cells wrong")
        print("\n".join(found[:20]), end="\n" if found else "")
        total += len(found)
    total += check_workbook(url, place)
    if made_hostile:
        content = requests.get(f"{url}/v1/claims.csv", timeout=60).content
        formulas = [
            one for one in faults(content, careless(content, place), False) if "the formula" in one
        ]
        print(f"control: {len(formulas)} formulas where nobody chose a type for the columns")
        total += not formulas
    return total


def check_cells(place: Path) -> int:
    """Counts the formulas among hostile cells: none where they were made safe, some where not."""
    made = rows(hostile_cells(Random("cells"), MANY_CELLS))
    safe, unsafe = (
        formulas(careless(b"".join(csv_chunks(COUNTS, made, excel)), place))
        for excel in (True, False)
    )
    print(
        f"LibreOffice: {safe} formulas in {MANY_CELLS:,} hostile cells, {unsafe} without excel=true"
    )
    return safe + (not unsafe)


def formulas(sheet: Path) -> int:
    """How many cells of a sheet are formulas; the sheet is read, never held."""
    return sum(f"{TABLE}formula" in element.attrib for _, element in ET.iterparse(sheet))


def main() -> int:
    if not installed():
        print("NOT CHECKED: LibreOffice Calc is not there, and cannot be installed from here")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        total = check_cells(Path(folder))
    if sys.argv[1:] == ["cells"]:
        return 1 if total else 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        fixtures = samples.write(hostile(), place / "hostile")
        for made_hostile in (False, True):
            if made_hostile:
                os.environ["CLAIMS_FIXTURES"] = str(fixtures)
            with live_server(place / "server.log") as port:
                total += check(f"http://127.0.0.1:{port}", place, made_hostile)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
