"""The rules for years and decades, alone or from one to another."""

import re

from service.curation.drafting.dates import calendar as cal
from service.curation.drafting.dates.words import PART, YEAR, B, DateRule, Place, ranges, rule


def _years(place: Place) -> str | None:
    first, last = place.word("y"), place.word("z")
    return cal.interval(first, first[: len(first) - len(last)] + last)


def _decade(place: Place) -> str | None:
    """A decade; that of two digits is the latest to have begun."""
    year = place.number("y")
    if year < 100:
        year += place.anchor.year // 100 * 100
        year -= 100 * (year > place.anchor.year)
    return f"{year // 10}X"


def _whole_year(place: Place) -> str | None:
    """A year, if what stands around it lets a year be expected: other numbers have four digits."""
    after = place.match.string[place.match.end() : place.match.end() + 10]
    expected = _BEFORE_YEAR.search(place.before(20)) or _AFTER_SUBJECT.match(after)
    if place.match[0][:1].isdigit() and not expected:
        return None
    return f"{place.number('y'):04}"


_UNITS = (
    r"(?:people|persons|men|women|children|troops|soldiers|jobs|homes|houses|families|workers"
    r"|hectares|acres|tons|tonnes|kilomet\w+|km|met(?:re|er)s|miles|megawatts|MW|dollars|euros"
    r"|pounds|francs|percent|per|degrees|seats|votes|members|hours|days|times|units|pages"
    r"|million|billion|thousand|hundred|o.clock|hrs?|agenda|tanks|vehicles|missiles|shells|schools)"
)
_BEFORE_YEAR = re.compile(
    r"(?:\A|[.!?(,;:/–—][”’]?\s?|\b(?:in|since|by|until|till|of|for|during|the|within|through|throughout"
    r"|to|between|and|from|into|as|or|than|over|on|a|its|their|our|year|around|beyond)\s{1,3})\Z",
    re.IGNORECASE,
)
_AFTER_SUBJECT = re.compile(r"\s(?:is|was|will|would|should|must|could|has|had)\b")
"""What follows a year that is a subject; what is counted has a plural."""
_Y = rf"(?P<y>{YEAR})(?!%|{B}{_UNITS}\b)"
_YEAR_IS = rf"(?:(?:fiscal|financial){B}(?:year{B})?|FY{B}?|year{B})"

YEARS: tuple[DateRule, ...] = (
    *ranges(rf"(?P<y>{YEAR})", rf"(?P<z>{YEAR})(?!%|{B}{_UNITS}\b)", _years),
    rule(rf"(?P<y>{YEAR})[-–/](?P<z>\d\d)", _years),
    rule(rf"before{B}{_Y}", lambda place: f"../{place.number('y') - 1:04}"),
    rule(rf"since{B}{_Y}", lambda place: f"{place.word('y')}/.."),
    rule(rf"after{B}{_Y}", lambda place: f"{place.number('y') + 1}/.."),
    rule(rf"(?:around|about|circa|c\.){B}{_Y}", lambda place: f"{place.word('y')}~"),
    rule(rf"{PART}?(?:the{B})?{_YEAR_IS}?{_Y}", _whole_year),
    rule(rf"(?:the{B})?(?:(?:early|mid|late)[ -])?(?P<y>(?:1[5-9]|20|21)\d0)[’']?s", _decade),
    rule(
        rf"(?:the{B})?(?:(?:early|late){B}|mid-)?(?:(?<=the )|(?=[’']))[’']?(?P<y>[1-9]0)s", _decade
    ),
)
"""Years and decades."""
