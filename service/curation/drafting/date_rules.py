"""The rules by which an expression of time is read: absolute dates, years, parts of years."""

import re

from service.curation.drafting import calendar as cal
from service.curation.drafting.date_words import (
    DASH,
    DAY,
    MONTH,
    OF,
    OFFSETS,
    ORDINALS,
    PART,
    SEASON,
    WEEKDAY,
    WHICH,
    YEAR,
    B,
    Place,
    Rule,
    resolved,
    stated,
)

_DAY_FIRST = rf"(?:the{B})?(?P<d>{DAY}){B}(?:of{B})?(?P<m>{MONTH})"
_MONTH_FIRST = rf"(?P<m>{MONTH}){B}(?:the{B})?(?P<d>{DAY})"
_ON = rf"(?:on{B}(?:the{B})?)?(?:{WEEKDAY},?{B})?"
_RANGE = rf"(?:{DASH}|{B}(?:to|and|until|till|through){B})"
_FROM = rf"(?:(?:from|between){B})?"
_YEAR_WORD = rf"(?:{WHICH}{B}year|the{B}year)"


def _year(place: Place) -> int | None:
    """The year of a match: printed, or told by "last year" and the like."""
    if (text := place.word("y")).isdecimal():
        return int(text)
    which = text.split()[0] if text else ""
    return place.anchor.year + OFFSETS.get(which, 0)


def _day(place: Place) -> str | None:
    year = _year(place)
    return None if year is None else cal.day_of(year, _month_number(place, "m"), place.number("d"))


def _month_number(place: Place, group: str) -> int:
    return cal.MONTHS[place.word(group)]


def _month(place: Place) -> str | None:
    year = _year(place)
    return None if year is None else cal.months_of(year, _month_number(place, "m"), 1)


def _one_month(place: Place) -> str | None:
    months = _month(place)
    return months and months.partition("/")[0]


def _iso(place: Place) -> str | None:
    return cal.day_of(place.number("y"), place.number("n"), place.number("d"))


def _numeric(place: Place) -> str | None:
    """Day and month in figures; with slashes both orders are in use, so one must exceed twelve."""
    first, second, year = (place.number(name) for name in "any")
    day_first, month_first = cal.day_of(year, second, first), cal.day_of(year, first, second)
    if place.match["sep"] == "." or first == second:
        return day_first
    return None if day_first and month_first else day_first or month_first


def _days_of_month(place: Place) -> str | None:
    year, month = _year(place), _month_number(place, "m")
    if year is None:
        return None
    first, last = (cal.day_of(year, month, place.number(name)) for name in ("d", "e"))
    return cal.interval(first, last)


def _days_of_months(place: Place) -> str | None:
    year = _year(place)
    if year is None:
        return None
    first = cal.day_of(year, _month_number(place, "n"), place.number("e"))
    return cal.interval(first, cal.day_of(year, _month_number(place, "m"), place.number("d")))


def _months(place: Place) -> str | None:
    year, first, last = _year(place), _month_number(place, "n"), _month_number(place, "m")
    return None if year is None else cal.months_of(year, first, (last - first) % 12 + 1)


def _years(place: Place) -> str | None:
    first, last = place.word("y"), place.word("z")
    last = first[: len(first) - len(last)] + last
    return cal.interval(first, last)


def _before(place: Place) -> str | None:
    return f"../{place.number('y') - 1:04}"


def _decade(place: Place) -> str | None:
    return f"{place.number('y') // 10}X"


def _short_decade(place: Place) -> str | None:
    """The decade of two digits that is the latest to have begun."""
    decade = place.anchor.year // 100 * 10 + place.number("y") // 10
    return f"{decade if decade * 10 <= place.anchor.year else decade - 10}X"


def _quarter(place: Place) -> str | None:
    name, year = place.word("q"), _year(place)
    number = ORDINALS[name] if name in ORDINALS else int(name) - 1
    return None if year is None else cal.part_of_year(year, number, 3)


def _half(place: Place) -> str | None:
    name, year = place.word("h"), _year(place)
    number = {"first": 0, "1": 0}.get(name, 1)
    return None if year is None else cal.part_of_year(year, number, 6)


def _season(place: Place) -> str | None:
    name, year = place.word("s"), _year(place)
    if year is None or (name == "winter" and not place.word("z")):
        return None  # that which begins in the year, or that which ends in it?
    return cal.season_of(name, year)


def _whole_year(place: Place) -> str | None:
    """A year, if what stands before it lets a year be expected: other numbers have four digits."""
    before = place.match.string[max(0, place.match.start() - 20) : place.match.start()]
    if place.match[0][:1].isdigit() and not _BEFORE_YEAR.search(before):
        return None
    return f"{place.number('y'):04}"


_Y = rf"(?P<y>{YEAR})"
_Y_TOLD = rf"(?P<y>{_YEAR_WORD})"
_HALF = rf"(?:the{B})?(?P<h>first|second|last|latter|other){B}half"
_QUARTER = rf"(?:the{B})?(?P<q>first|second|third|fourth|last|final){B}quarter"
_UNITS = (
    r"(?:people|persons|men|women|children|troops|soldiers|jobs|homes|houses|families|workers"
    r"|hectares|acres|tons|tonnes|kilomet\w+|km|met(?:re|er)s|miles|megawatts|MW|dollars|euros"
    r"|pounds|francs|percent|per|degrees|seats|votes|members|hours|days|times|units|pages"
    r"|million|billion|thousand|hundred|o.clock|hrs?|tanks|vehicles|missiles|shells|schools)"
)
_AFTER_YEAR = rf"(?!%|{B}{_UNITS}\b)"
_BEFORE_YEAR = re.compile(
    r"(?:\A|[.!?(,;:/–—][”’]?\s?|\b(?:in|since|by|until|till|of|for|during|the|within|through|throughout"
    r"|to|between|and|from|into|as|or|than|over|on|a|its|their|our|year|around|beyond)\s{1,3})\Z",
    re.IGNORECASE,
)

ABSOLUTE: tuple[Rule, ...] = (
    stated(rf"{_ON}{_DAY_FIRST}{OF}{_Y}", _day),
    stated(rf"{_ON}{_MONTH_FIRST},?{B}{_Y}", _day),
    stated(r"(?P<y>\d{4})-(?P<n>\d\d)-(?P<d>\d\d)", _iso),
    stated(r"(?P<a>\d{1,2})(?P<sep>[./])(?P<n>\d{1,2})(?P=sep)(?P<y>\d{4})", _numeric),
    stated(rf"{_FROM}(?P<d>{DAY}){_RANGE}(?P<e>{DAY}){B}(?P<m>{MONTH}){OF}{_Y}", _days_of_month),
    stated(rf"{_FROM}(?P<m>{MONTH}){B}(?P<d>{DAY}){_RANGE}(?P<e>{DAY}),?{B}{_Y}", _days_of_month),
    stated(
        rf"{_FROM}(?P<e>{DAY}){B}(?P<n>{MONTH}){_RANGE}(?P<d>{DAY}){B}(?P<m>{MONTH}){OF}{_Y}",
        _days_of_months,
    ),
    stated(
        rf"{_FROM}(?P<n>{MONTH}){B}(?P<e>{DAY}){_RANGE}(?P<m>{MONTH}){B}(?P<d>{DAY}),?{B}{_Y}",
        _days_of_months,
    ),
    stated(rf"{PART}?(?P<m>{MONTH}){OF}{_Y}", _one_month),
    stated(rf"{_FROM}(?P<n>{MONTH}){_RANGE}(?P<m>{MONTH}){OF}{_Y}", _months),
    stated(rf"{_FROM}{_Y}{_RANGE}(?P<z>{YEAR}){_AFTER_YEAR}", _years),
    stated(rf"{_Y}[-–/](?P<z>\d\d)", _years),
    stated(rf"before{B}{_Y}{_AFTER_YEAR}", _before),
    stated(rf"since{B}{_Y}{_AFTER_YEAR}", lambda place: f"{place.word('y')}/.."),
    stated(rf"after{B}{_Y}{_AFTER_YEAR}", lambda place: f"{place.number('y') + 1}/.."),
    stated(rf"(?:around|about|circa|c\.){B}{_Y}{_AFTER_YEAR}", lambda p: f"{p.word('y')}~"),
    stated(rf"{PART}?(?:the{B})?(?:year{B})?{_Y}{_AFTER_YEAR}", _whole_year),
    stated(rf"(?:the{B})?(?:early|mid|late)?[ -]?(?P<y>(?:1[5-9]|20|21)\d0)[’']?s", _decade),
    stated(rf"{_QUARTER}{B}of{B}{_Y}", _quarter),
    stated(rf"(?:Q(?P<q>[1-4])|(?P<f>(?!))){OF}{_Y}", _quarter),
    stated(rf"{_HALF}{B}of{B}{_Y}", _half),
    stated(rf"H(?P<h>[12]){OF}{_Y}", _half),
    stated(rf"{PART}?(?:the{B})?(?P<s>{SEASON}){OF}{_Y}(?:[-–/](?P<z>\d\d(?:\d\d)?))?", _season),
)
"""Dates that are printed in full."""

BY_YEAR: tuple[Rule, ...] = (
    resolved(rf"{_ON}{_DAY_FIRST}{OF}{_Y_TOLD}", _day),
    resolved(rf"{_ON}{_MONTH_FIRST}{OF}{_Y_TOLD}", _day),
    resolved(rf"{PART}?(?P<m>{MONTH}){OF}{_Y_TOLD}", _one_month),
    resolved(rf"{_QUARTER}{B}of{B}{_Y_TOLD}", _quarter),
    resolved(rf"{_HALF}{B}of{B}{_Y_TOLD}", _half),
    resolved(rf"(?:the{B})?(?P<s>(?!w){SEASON}){OF}(?P<y>{WHICH}{B}year)(?P<z>)", _season),
    resolved(rf"(?:the{B})?[’'](?P<y>[1-9]0)s", _short_decade),
    resolved(rf"the{B}(?:early{B}|late{B}|mid-)?(?P<y>[1-9]0)s", _short_decade),
)
"""Dates of a year that is told from the day of publication."""
