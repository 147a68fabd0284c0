"""What ``excel=true`` makes of a cell: nothing that a spreadsheet would take for another value.

``make spreadsheet`` opens such files in LibreOffice; these are the rules that were found there.
"""

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tables.on_request import COUNTS
from service.compiler import open_fixtures
from service.formats.spreadsheet import MAX_UNITS, for_spreadsheet
from service.formats.tables import csv_chunks
from tests import records
from tests.tables import each_row
from tests.wire import app_of

MONTHS = (
    *("Jan", "JANUARY", "mar", "March", "Sept", "dec", "Mai", "März", "Dezember", "août", "enero"),
    *("мая", "января", "luglio", "oktober"),
)
DAY_FORMS = (
    *("{0} 5", "{0}-5", "{0}5", "{0} 2023", "{0}-2023", "5 {0}", "5. {0} 2023", "5-{0}-23"),
    *("{0} 5, 2023", "{0} 5th, 2023", "5th of {0} 2023", "5 de {0} de 2023", "05{0}2023"),
)
OTHERS = (
    *("007", "00", "1e5", "1E+10", "1.5e-3", "12345678901234567", "1,000", "1.000", "1'000", "1_0"),
    *("1 000", "1\u00a0000", "1\u202f000,5", ".5", "5.", "(5)", "5-", "5%", "5 %", "$5", "5 €"),
    *("£5", "1/2", "1 1/2", "2-1", "2/1", "2.1", "2\\1", "1-2-3", "2023-1", "2023-12", "2023/12"),
    *("12:30", "12:30:05.5", "5 a", "5 PM", "5 p.m.", "2023-01-02 10:00", "2023-01-02T10:00:00Z"),
    *("2022/2023", "１２３", "٣", "5,0", "5/6/2023", "2024年5月1日", "5月", "2024년 5월"),
    *("TRUE", "false", "Wahr", "#N/A", "#REF!", "#DIV/0!", "#NAME?"),
)
VALUES = (*OTHERS, *(form.format(month) for form in DAY_FORMS for month in MONTHS))
TEXTS = (
    *(
        "a",
        "kim-jong-un",
        "clm_00000000",
        "G20",
        "Group of 77",
        "kim-2",
        "Plan A",
        "0",
        "7",
        "2023",
    ),
    *("2023-12-28", "123456789012345", "2022-12-26/2022-12-28", "../2023-12-28", "2023-12?", "…"),
    *(
        "May be so.",
        "true or false",
        "12 drones",
        "Resolution 1718",
        "wpk-plenary-2022-12",
        "—",
        "",
    ),
    *("It rose by 5 %.", "농업", "# 1", "meeting-2022"),
)


def written(text: str) -> str:
    """A cell of a count as it is in the file."""
    row: dict[str, str | int | None] = dict.fromkeys(COUNTS.header)
    content = b"".join(csv_chunks(COUNTS, [{**row, "name": text, "count": 1}], excel=True))
    (read,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return read["name"]


@each_row("text", VALUES)
def test_what_reads_like_a_value_is_kept_a_text(text: str) -> None:
    assert written(text) == f"'{text}"


@each_row("text", TEXTS)
def test_other_texts_and_what_stays_the_same_are_left_alone(text: str) -> None:
    assert written(text) == text


DIGITS, MARKS = ("0", "1", "12", "2023", "٣"), tuple(".,:/-' \u00a0")


def test_no_run_of_digits_and_marks_is_left_that_is_no_plain_number_day_or_interval() -> None:
    for a, one, b, two, c in itertools.product(DIGITS, MARKS, DIGITS, MARKS, DIGITS):
        for text in (f"{a}{one}{b}", f"{a}{one}{b}{two}{c}", f"{a}{one}", f"{a}{b}{one}"):
            is_day = text in ("2023-12-12", "2023-12-01")
            assert is_day or for_spreadsheet(text) == f"'{text}", text


@given(st.integers(0, 10**15 - 1), st.dates())
def test_plain_numbers_and_days_stay_values(number: int, day: object) -> None:
    assert for_spreadsheet(str(number)) == str(number)
    assert for_spreadsheet(str(day)) == str(day)
    assert for_spreadsheet(number) == number


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(
    st.integers(MAX_UNITS - 6, MAX_UNITS + 6),
    st.sampled_from(["x", "é", "농", "\U0001f600"]),
    st.sampled_from(["", "=", "a", "ab\U0001f600"]),
)
def test_a_cell_is_cut_to_what_excel_keeps_and_says_so(
    length: int, letter: str, first: str
) -> None:
    text = (first + letter * length)[:length]
    cell = str(for_spreadsheet(text))
    whole = f"'{text}" if first == "=" else text
    assert units(cell) <= MAX_UNITS
    if units(whole) <= MAX_UNITS:
        assert cell == whole
    else:
        assert cell.endswith("…")
        assert whole.startswith(cell[:-1])
        assert units(cell) >= MAX_UNITS - 1  # no more is cut than must be


@pytest.mark.slow
def test_long_cells_are_cut_for_a_spreadsheet_alone() -> None:
    quotes = [records.quote(f"{chr(65 + n)}{'x' * 1899}") for n in range(20)]
    claim = records.claim(1, quotes=quotes, attribution="mixed", sources=records.chain("ministry"))
    client = app_of(open_fixtures(records.fixtures([claim]))).test_client()
    joined = "; ".join(quote["text"] for quote in quotes)
    csv.field_size_limit(10**6)
    for query, cell in (("", joined), ("?excel=true", f"{joined[: MAX_UNITS - 1]}…")):
        content = client.get(f"/v1/claims.csv{query}").data.decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(content, newline=""))
        assert row["quotes"] == cell
