"""The rules for days, months, quarters, halves, seasons and years, with their year or without.

Without a year a day, a month or a quarter is told from the day of publication.
"""

import re

from service.curation.drafting.dates import calendar as cal
from service.curation.drafting.dates.words import (
    A_COUNT,
    DAY,
    FULL_MONTH,
    FULL_WEEKDAY,
    MONTH,
    OF_YEAR,
    OFFSETS,
    PART,
    SEASON,
    TO,
    WEEKDAY,
    WHICH,
    B,
    DateRule,
    Place,
    ranges,
    rule,
)

ON = rf"(?:on{B}(?:the{B})?)?(?:{WEEKDAY},?{B})?(?:the{B})?"
_AND = rf"(?:{TO}|{B}and{B})"
ORDINALS = {
    "first": 0,
    "second": 1,
    "third": 2,
    "fourth": 3,
    "last": -1,
    "final": -1,
    "latter": -1,
    "other": -1,
}
_IN = re.compile(
    r"\b(?:in|by|until|till|since|during|through|from|before|after|of|mid|to|and|for|between|late|early)"
    r"[\s-]{1,3}\Z",
    re.IGNORECASE,
)
_IN_SEASON = re.compile(
    r"\b(?:in|by|until|till|since|during|before)\s(?:the\s)?(?:early\s|late\s)?\Z", re.IGNORECASE
)
_FIRST_NAMES = ("april", "june", "august")


def _year(place: Place) -> int | None:
    """The year of a match: printed, told by "last year" and the like, or none."""
    text = place.word("y")
    if not text or text.isdecimal():
        return int(text) if text else None
    return place.anchor.year + OFFSETS.get(text.split()[0], 0)


def _month_number(place: Place, group: str) -> int:
    return cal.MONTHS[place.word(group)]


def _day_in(place: Place, month: str, day: str) -> str | None:
    year, number = _year(place), _month_number(place, month)
    if year is None:
        return place.anchor.day_of_year(number, place.number(day), place.ahead)
    return cal.day_of(year, number, place.number(day))


def _days(place: Place) -> str | None:
    """A day, or those from one (``e``, of the month ``n`` if it has one of its own) to another."""
    last = _day_in(place, "m", "d")
    if not place.word("e"):
        return last
    return cal.interval(_day_in(place, "n" if place.word("n") else "m", "e"), last)


def _month(place: Place) -> str | None:
    year = _year(place)
    return None if year is None else f"{year:04}-{_month_number(place, 'm'):02}"


def _months(place: Place) -> str | None:
    year, first, last = _year(place), _month_number(place, "n"), _month_number(place, "m")
    return None if year is None else cal.months_of(year, first, (last - first) % 12 + 1)


def _month_named(place: Place) -> str | None:
    which, number = place.word("which"), _month_number(place, "m")
    if place.is_habit:
        return None
    if not which and not _IN.search(place.before()):
        if place.word("m") in ("may", "march"):
            return None  # a verb, or a walk
        after = place.match.string[place.match.end() : place.match.end() + 2]
        if place.word("m") in _FIRST_NAMES and after[1:].isupper():
            return None
    return place.anchor.month_named(number, which, place.ahead)


def _months_named(place: Place) -> str | None:
    """Months without a year: what happens from one to the other may do so every year."""
    between = place.word("from") == "between"
    if place.is_habit or not (place.ahead or (between and place.ahead is False)):
        return None
    last = place.anchor.month_named(_month_number(place, "m"), "", place.ahead)
    count = (_month_number(place, "m") - _month_number(place, "n")) % 12 + 1
    return last and cal.months_of(int(last[:4]), int(last[5:]) - count + 1, count)


def _numeric(place: Place) -> str | None:
    """Day and month in figures; with slashes both orders are in use, so one must exceed twelve."""
    first, second, year = (place.number(name) for name in "any")
    day_first, month_first = cal.day_of(year, second, first), cal.day_of(year, first, second)
    if place.word("sep") != "/" or first == second:
        return day_first
    return None if day_first and month_first else day_first or month_first


def _week(place: Place) -> str | None:
    """A week of a month or year, counted from its first day, or the seven days before its end; or
    such a weekday.
    """
    number, told = ORDINALS[place.word("o")], _year(place)
    month = None if told is None else f"{told:04}-{12 if number < 0 else 1:02}"
    if place.word("m"):
        month = _month(place) or _month_named(place)
    week = month and cal.week_of(int(month[:4]), int(month[5:]), number)
    return cal.weekday_in(week, place.word("day")) if week and place.word("day") else week or None


def _some_months(place: Place) -> str | None:
    """The first or last months of a year."""
    year, count = _year(place), place.count("n")
    if year is None or count > 12:
        return None
    return cal.months_of(year, 13 - count if place.word("o") == "last" else 1, count)


def _part(place: Place) -> str | None:
    """A quarter or half of a year; a quarter without one is told from the day of publication."""
    name, year, size = place.word("q") or place.word("h"), _year(place), 3 if place.word("q") else 6
    number = int(name) - 1 if name.isdecimal() else ORDINALS[name] % (12 // size)
    if year is None:
        return place.anchor.quarter_named(number, place.ahead)
    return cal.months_of(year, 1 + size * number, size)


def _season(place: Place) -> str | None:
    name, year = place.word("s"), _year(place)
    if year is None or (name == "winter" and not place.word("z")):
        return None  # that which begins in the year, or that which ends in it?
    return cal.season_of(name, year)


def _season_named(place: Place) -> str | None:
    which = place.word("which")
    if not which and (place.ahead is None or not _IN_SEASON.search(place.before())):
        return None
    return place.anchor.season(place.word("s"), which or ("ahead" if place.ahead else "behind"))


_D, _E = rf"(?P<d>{DAY})", rf"(?P<e>{DAY})"
_M, _N = rf"(?P<m>{MONTH})", rf"(?P<n>{MONTH})"
_OF_MONTH = rf"{B}(?:of{B})?{_M}(?:{OF_YEAR})?"

ABSOLUTE: tuple[DateRule, ...] = (
    rule(rf"{ON}{_D}{_OF_MONTH}", _days),
    rule(rf"{ON}{_M}{B}(?:the{B})?{_D}(?:{OF_YEAR})?", _days),
    rule(r"(?P<y>\d{4})-(?P<n>\d\d)-(?P<a>\d\d)", _numeric),
    rule(r"(?P<a>\d{1,2})(?P<sep>[./])(?P<n>\d{1,2})(?P=sep)(?P<y>\d{4})", _numeric),
    rule(
        rf"(?:(?:from|between|on){B}(?:the{B})?)?{_E}{_AND}(?:the{B})?{_D}{_OF_MONTH}",
        _days,
    ),
    rule(rf"(?:(?:from|between|on){B})?{_M}{B}{_E}{_AND}{_D}(?:{OF_YEAR})?", _days),
    *ranges(rf"{_E}{B}(?:of{B})?{_N}", rf"{_D}{_OF_MONTH}", _days),
    *ranges(rf"{_N}{B}{_E}", rf"{_M}{B}{_D}(?:{OF_YEAR})?", _days),
    rule(rf"{PART}?{_M}{OF_YEAR}", _month),
    rule(rf"(?:(?:from|between){B})?{_N}{_AND}{_M}{OF_YEAR}", _months),
    rule(rf"{PART}?(?:(?P<which>{WHICH}){B})?(?P<m>{FULL_MONTH})", _month_named),
    *ranges(rf"(?P<n>{FULL_MONTH})", rf"(?P<m>{FULL_MONTH})", _months_named),
    rule(
        rf"{ON}(?P<o>first|second|third|fourth|last|final){B}(?:week|(?P<day>{FULL_WEEKDAY}))"
        rf"(?={B}(?:of|in)\b)(?:{B}(?:of|in){B}(?P<m>{FULL_MONTH}))?(?:{OF_YEAR})?",
        _week,
    ),
    rule(rf"(?:the{B})?(?P<o>first|last){B}{A_COUNT}{B}months{OF_YEAR}", _some_months),
    rule(
        rf"{PART}?(?:the{B})?(?P<q>first|second|third|fourth|last|final){B}quarter{OF_YEAR}",
        _part,
    ),
    rule(rf"the{B}(?P<q>first|second|third|fourth){B}quarter(?!{B}of\b)", _part),
    rule(rf"(?:Q(?P<q>[1-4])|H(?P<h>[12])){OF_YEAR}", _part),
    rule(rf"(?:the{B})?(?P<h>first|second|last|latter|other){B}half{OF_YEAR}", _part),
    rule(rf"{PART}?(?:the{B})?(?P<s>{SEASON}){OF_YEAR}(?:[-–/](?P<z>\d\d(?:\d\d)?))?", _season),
    rule(
        rf"{PART}?(?:the{B})?(?:(?P<which>last|this|next|coming){B})?(?P<s>{SEASON})(?!{B}of\b)",
        _season_named,
    ),
)
"""Dates of the calendar."""
