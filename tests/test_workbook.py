"""``claims.xlsx``: days are days, numbers numbers, texts texts; nothing is a formula."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from schemas.tables.claims import CLAIMS
from service.compiler import open_fixtures
from service.formats import exports, workbook
from service.formats.spreadsheet import MAX_UNITS
from tests import records
from tests.wire import app_of

pytestmark = pytest.mark.slow

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAY_ZERO = dt.date(1899, 12, 30)
HOSTILE = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "007", "1e5", "2-1", "TRUE", "#N/A"),
    *("<r><t>rich</t></r>", "<r></r><c><f>1+1</f></c><r></r>", "_x0041_", "a_x000D_b", "&amp;<&>"),
    *("http://example.org/", "https://example.org", "mailto:a@b.c", "internal:A1", "{=1}", "'=1"),
    *("  blanks  ", "농업 – “curly”", "😀" * 900, "a\u00a0b", '"quoted"'),
)


class Cell(NamedTuple):
    kind: str
    value: str


def unescaped(text: str) -> str:
    """What a reader makes of ``_xHHHH_`` (ECMA-376, part 1, section 22.9.2.19)."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def sheets(content: bytes) -> dict[str, list[dict[str, Cell]]]:
    """The cells of each sheet by row and column; anything that could be run is refused."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert not [name for name in names if "macro" in name or "external" in name.lower()]
        found = {}
        for number, name in enumerate(("Claims", "Columns", "About"), 1):
            root = ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            assert root.find(f".//{MAIN}f") is None, "a formula"
            assert root.find(f".//{MAIN}hyperlink") is None
            found[name] = [
                {re.sub("[0-9]", "", cell.attrib["r"]): read(cell) for cell in row}
                for row in root.iter(f"{MAIN}row")
            ]
        return found


def read(cell: ET.Element) -> Cell:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        texts = list(cell.iter(f"{MAIN}t"))
        assert len(texts) == 1
        return Cell("text", unescaped(texts[0].text or ""))
    value = cell.find(f"{MAIN}v")
    assert value is not None
    assert kind == "n"
    return Cell("number", value.text or "")


def letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


def table(content: bytes) -> list[dict[str, Cell | None]]:
    """The rows of claims, by the names of their columns."""
    head, *rows = sheets(content)["Claims"]
    names = {letters(place): column.name for place, column in enumerate(CLAIMS.columns)}
    assert {names[place]: cell.value for place, cell in head.items()} == {
        name: name for name in CLAIMS.header
    }
    return [{name: row.get(place) for place, name in names.items()} for row in rows]


def expected(kind: str, value: Any, cell: Any) -> Cell | None:
    if value is None or cell == "":
        return None
    if kind == "date":
        day = dt.date.fromisoformat(value)
        days = (day - DAY_ZERO).days
        return Cell("number", str(days)) if value >= "1900-03-01" else Cell("text", value)
    if kind in ("integer", "number"):
        return Cell("number", f"{value:.16g}")
    return Cell("text", cell)


@pytest.mark.parametrize("which", ["client", "sample_client", "worked_client"])
@pytest.mark.parametrize("query", ["", "kind=goal&sort=announced", "topic=of-nothing"])
def test_each_cell_is_what_the_table_says(
    request: pytest.FixtureRequest, which: str, query: str
) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    lines = client.get(f"/v1/claims.ndjson?{query}").data.splitlines()
    rows = table(client.get(f"/v1/claims.xlsx?{query}").data)
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        (values,) = CLAIMS.values(json.loads(line))
        for column, value in zip(CLAIMS.columns, values, strict=True):
            assert row[column.name] == expected(column.type, value, column.cell(value)), column.name


@pytest.fixture(scope="module")
def hostile() -> FlaskClient:
    claims = [
        records.claim(n, statement=text.strip() and text, hedges=[text.strip()[:90]])
        for n, text in enumerate(HOSTILE)
    ]
    return app_of(open_fixtures(records.fixtures(claims))).test_client()


def test_a_hostile_text_stays_that_text(hostile: FlaskClient) -> None:
    statements = {row["statement"] for row in table(hostile.get("/v1/claims.xlsx").data)}
    assert statements == {Cell("text", text) for text in HOSTILE}


def of_quotes(client: FlaskClient, texts: list[str]) -> bytes:
    """A workbook of a served claim that has these quotations."""
    lines = client.get("/v1/claims.ndjson?attribution=direct").data.splitlines()
    claim = json.loads(lines[0])
    quotes = [{**claim["quotes"][0], "text": text} for text in texts]
    made = workbook.workbook(CLAIMS, [{**claim, "quotes": quotes}], {}, "2026-01-01T00:00:00Z")
    return made[:]


def test_what_a_document_prints_stays_though_xml_has_no_such_character(client: FlaskClient) -> None:
    printed = "a\x00b\x0bc\ufffed\uffffe\r\nf\tg\x1f_x0007_"
    (row,) = table(of_quotes(client, [printed]))
    assert row["quotes"] is not None
    assert row["quotes"].value.replace("\r\n", "\n") == printed.replace("\r\n", "\n")


def test_no_cell_is_longer_than_a_spreadsheet_takes(client: FlaskClient) -> None:
    (row,) = table(of_quotes(client, ["😀" * 1900 + str(n) for n in range(12)]))
    cell = row["quotes"]
    assert cell is not None
    assert MAX_UNITS - 1 <= len(cell.value.encode("utf-16-le")) // 2 <= MAX_UNITS
    assert cell.value.endswith("…")


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "1900-01-01", "1900-02-28"])
def test_a_day_about_which_spreadsheets_disagree_is_a_text(day: str) -> None:
    made = [records.claim(1, day)]
    client = app_of(open_fixtures(records.fixtures(made))).test_client()
    (row,) = table(client.get("/v1/claims.xlsx").data)
    assert row["announced_earliest"] == Cell("text", day)
    for later in ("1900-03-01", "9999-12-31"):
        made = [records.claim(1, later)]
        client = app_of(open_fixtures(records.fixtures(made))).test_client()
        (row,) = table(client.get("/v1/claims.xlsx").data)
        number = (dt.date.fromisoformat(later) - DAY_ZERO).days
        assert row["announced_earliest"] == Cell("number", str(number))


def test_a_workbook_says_what_its_columns_are_and_where_it_is_from(client: FlaskClient) -> None:
    found = sheets(client.get("/v1/claims.xlsx?kind=goal&sort=announced").data)
    columns = [[cell.value for cell in row.values()] for row in found["Columns"][1:]]
    assert columns == [[c.name, c.type, c.description] for c in CLAIMS.columns]
    about = {row["A"].value: row["B"].value for row in found["About"][1:]}
    dataset = client.get("/v1/dataset").get_json()["data"]
    assert about["version"] == dataset["version"]
    assert about["query"] == "kind=goal&sort=announced"


def test_the_same_question_gives_the_same_bytes(client: FlaskClient) -> None:
    first, second = (client.get("/v1/claims.xlsx") for _ in range(2))
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]


def test_more_claims_than_a_workbook_takes_are_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = client.get("/v1/claims?kind=goal&limit=1").get_json()["meta"]["total"]
    assert exports.MAX_ROWS == 50_000
    monkeypatch.setattr(exports, "MAX_ROWS", total)
    assert client.get("/v1/claims.xlsx?kind=goal").status_code == 200
    monkeypatch.setattr(exports, "MAX_ROWS", total - 1)
    for answer in (client.get("/v1/claims.xlsx?kind=goal"), client.head("/v1/claims.xlsx")):
        assert answer.status_code == 422
    problem = client.get("/v1/claims.xlsx?kind=goal").get_json()
    assert problem["type"] == "/problems/result-too-large"
    assert f"{total} claims" in problem["detail"]
