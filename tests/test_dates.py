"""Dates in EDTF: what is taken, what it means to the day, and what is refused."""

from __future__ import annotations

import itertools

import pytest
from marshmallow import ValidationError

from schemas.date import DateSchema, bounds, expanded, is_certain, reach
from schemas.records.record import curated
from tests.samples import date, edited
from tests.tables import each_row

CuratedDateSchema = curated(DateSchema)

TAKEN = [
    ("2021", "2021-01-01", "2021-12-31", "year"),
    ("0001", "0001-01-01", "0001-12-31", "year"),
    ("9999", "9999-01-01", "9999-12-31", "year"),
    ("2021-04", "2021-04-01", "2021-04-30", "month"),
    ("2023-02", "2023-02-01", "2023-02-28", "month"),
    ("2024-02", "2024-02-01", "2024-02-29", "month"),
    ("1900-02", "1900-02-01", "1900-02-28", "month"),
    ("2024-02-29", "2024-02-29", "2024-02-29", "day"),
    ("2022-12-28", "2022-12-28", "2022-12-28", "day"),
    ("199X", "1990-01-01", "1999-12-31", "decade"),
    ("001X", "0010-01-01", "0019-12-31", "decade"),
    ("2021/2022", "2021-01-01", "2022-12-31", "interval"),
    ("2021-12-26/2021-12-31", "2021-12-26", "2021-12-31", "interval"),
    ("2021-11/2022", "2021-11-01", "2022-12-31", "interval"),
    ("2021-05/2021", "2021-05-01", "2021-12-31", "interval"),
    ("2021-05-01/2021-05-01", "2021-05-01", "2021-05-01", "interval"),
    ("199X/2003", "1990-01-01", "2003-12-31", "interval"),
    ("199X/200X", "1990-01-01", "2009-12-31", "interval"),
    ("2021-03/..", "2021-03-01", None, "interval"),
    ("199X/..", "1990-01-01", None, "interval"),
    ("../2021-02", None, "2021-02-28", "interval"),
    ("../199X", None, "1999-12-31", "interval"),
    ("2021-03/", "2021-03-01", None, "interval"),
    ("199X/", "1990-01-01", None, "interval"),
    ("/2021-02", None, "2021-02-28", "interval"),
    ("/199X", None, "1999-12-31", "interval"),
    ("2021-21", "2021-03-01", "2021-05-31", "season"),
    ("2021-24", "2021-12-01", "2021-12-31", "season"),
    ("2021-26", "2021-06-01", "2021-08-31", "season"),
    ("2021-29", "2021-09-01", "2021-11-30", "season"),
    ("2024-33", "2024-01-01", "2024-03-31", "season"),
    ("2021-36", "2021-10-01", "2021-12-31", "season"),
    ("2021-21/2021-23", "2021-03-01", "2021-11-30", "interval"),
    ("2021-36/2022", "2021-10-01", "2022-12-31", "interval"),
    ("2021-34/..", "2021-04-01", None, "interval"),
    ("/2021-34", None, "2021-06-30", "interval"),
]

POINTS = ["2021", "2021-04", "2021-04-30", "199X", "2021-22", "2021-33"]
FORMS = [*POINTS, "2021-04/..", "../199X", "2021-04/", "/199X", "2021/2022-21", "/2021-22"]

REFUSED = {
    "empty": "",
    "blank": " ",
    "padded": " 2021",
    "blank after": "2021 ",
    "line feed after": "2021\n",
    "reversed years": "2022/2021",
    "reversed months": "2021-02/2021-01",
    "reversed days": "2021-12-31/2021-12-30",
    "reversed by precision": "2021-05-01/2021-04",
    "reversed though uncertain": "2022?/2021?",
    "reversed decades": "200X/199X",
    "open at both ends": "../..",
    "open alone": "..",
    "unknown at both ends": "/",
    "unknown start, open end": "/..",
    "open start, unknown end": "../",
    "reversed seasons": "2021-23/2021-21",
    "reversed quarters": "2021-36~/2021-33",
    "day of a season": "2021-21-01",
    "uncertain unknown end": "2021/?",
    "three ends": "2020/2021/2022",
    "blanks around the slash": "2021 / 2022",
    "qualified before": "~2021",
    "both, apart": "2021?~",
    "approximate part": "2021~-05",
    "uncertain part": "2021?-05",
    "uncertain twice": "2021??",
    "uncertain open end": "2021/..?",
    "century": "19XX",
    "any month": "2021-XX",
    "lower-case decade": "199x",
    "decade zero": "000X",
    "year zero": "0000",
    "before year zero": "-0044",
    "signed": "+2021",
    "5 digits": "12021",
    "long year": "Y12021",
    "3 digits": "999",
    "2 digits": "21",
    "basic form": "20210501",
    "short month": "2021-5",
    "short day": "2021-05-1",
    "month 0": "2021-00",
    "month 13": "2021-13",
    "day 0": "2021-01-00",
    "day 32": "2021-01-32",
    "30 February": "2023-02-30",
    "29 February in a common year": "2023-02-29",
    "29 February 1900": "1900-02-29",
    "31 April": "2023-04-31",
    "no such day in an interval": "2023-02-29/2023-03-01",
    "week date": "2023-W01-1",
    "ordinal date": "2023-001",
    "time": "2021-05-01T00:00:00Z",
    "set": "[2021,2022]",
    "words": "last year",
    "full-width digits": "２０２１",
    "other digits": "٢٠٢١",
    "other dash": "2021\u201304",
    **{f"season {code}": f"2021-{code}" for code in (13, 20, *range(37, 42), 99)},
}


@each_row(("edtf", "earliest", "latest", "precision"), TAKEN)
def test_bounds_are_the_first_and_last_day_a_date_can_mean(
    edtf: str, earliest: str | None, latest: str | None, precision: str
) -> None:
    served = expanded(date(edtf))
    assert served == {
        "edtf": edtf,
        "earliest": earliest,
        "latest": latest,
        "precision": precision,
        "basis": "stated",
        "note": None,
    }
    assert DateSchema().load(served) == served
    assert CuratedDateSchema().load(date(edtf)) == date(edtf)


@each_row("edtf", FORMS)
@each_row("marks", [*itertools.product(("", "?", "~", "%"), repeat=2)])
def test_a_qualifier_of_either_end_makes_a_date_uncertain_and_moves_no_bound(
    edtf: str, marks: tuple[str, str]
) -> None:
    ends = zip(edtf.split("/"), marks, strict=False)
    doubted = "/".join(end if end in ("..", "") else end + mark for end, mark in ends)
    assert bounds(doubted) == bounds(edtf)
    assert reach(doubted) == reach(edtf)
    assert is_certain(doubted) == (doubted == edtf)


@pytest.mark.parametrize("point", POINTS)
def test_a_date_is_found_by_the_ends_that_are_known_and_over_those_that_are_open(
    point: str,
) -> None:
    earliest, latest, _ = bounds(point)
    assert reach(point) == (earliest, latest, True, True)
    assert reach(f"{point}/..") == (earliest, None, True, True)
    assert reach(f"../{point}") == (None, latest, True, True)
    assert reach(f"{point}/") == (earliest, latest, True, False)
    assert reach(f"/{point}") == (earliest, latest, False, True)


@each_row("edtf", REFUSED.values())
def test_every_other_form_is_refused(edtf: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        bounds(edtf)
    with pytest.raises(ValidationError) as refused:
        CuratedDateSchema().load(date(edtf))
    assert set(refused.value.messages) == {"edtf"}
    assert "YYYY-MM-DD" in str(refused.value.messages)


@pytest.mark.parametrize("value", [None, 2021, True, 2021.0, ["2021"], {"edtf": "2021"}])
def test_a_date_is_a_string(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        CuratedDateSchema().load({**date("2021"), "edtf": value})
    assert set(refused.value.messages) == {"edtf"}


def test_a_date_that_was_parsed_is_not_parsed_again() -> None:
    bounds("1987-06-05")
    before = bounds.cache_info()
    assert bounds("1987-06-05") is bounds("1987-06-05")
    after = bounds.cache_info()
    assert (after.hits, after.misses) == (before.hits + 2, before.misses)


@pytest.mark.parametrize("basis", ["inferred", "external"])
@pytest.mark.parametrize("schema", [CuratedDateSchema, DateSchema])
def test_what_the_document_does_not_print_needs_a_note(schema: type, basis: str) -> None:
    """``basis`` inferred or external: the note says from what."""
    known = date("2021", basis, "The season's games name the year.")
    given = known if schema is CuratedDateSchema else expanded(known)
    assert schema().load(given) == given
    with pytest.raises(ValidationError) as refused:
        schema().load(edited(given, ("/note", None)))
    assert set(refused.value.messages) == {"note"}
    assert basis in str(refused.value.messages)


@pytest.mark.parametrize("basis", ["stated", "resolved"])
def test_what_the_document_prints_needs_no_note(basis: str) -> None:
    assert CuratedDateSchema().load(date("2021", basis)) == date("2021", basis)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("earliest", "2021-01-02"),
        ("earliest", None),
        ("latest", "2022-12-31"),
        ("precision", "month"),
    ],
)
def test_a_served_date_has_the_bounds_of_its_edtf(key: str, wrong: str | None) -> None:
    served = expanded(date("2021"))
    with pytest.raises(ValidationError) as refused:
        DateSchema().load(edited(served, (f"/{key}", wrong)))
    assert set(refused.value.messages) == {key}


@pytest.mark.parametrize("key", ["earliest", "latest", "precision"])
def test_a_curator_may_not_type_what_is_computed(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CuratedDateSchema().load({**date("2021"), key: "2021-01-01"})
    assert set(refused.value.messages) == {key}
    assert "computed" in str(refused.value.messages)
