"""The rules by which an expression of time is read that is told from the day of publication."""

import re

from service.curation.drafting import calendar as cal
from service.curation.drafting.date_rules import ABSOLUTE, BY_YEAR
from service.curation.drafting.date_words import (
    COUNT,
    DAY,
    FULL_MONTH,
    FULL_WEEKDAY,
    MONTH,
    OFFSETS,
    ORDINALS,
    PART,
    SEASON,
    WEEKDAY,
    WHICH,
    B,
    Place,
    Rule,
    resolved,
)

_DAYS = {
    "today": 0,
    "tonight": 0,
    "yesterday": -1,
    "tomorrow": 1,
    "the day before yesterday": -2,
    "the day after tomorrow": 2,
    "last night": -1,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
}
_IN = re.compile(
    r"\b(?:in|by|until|till|since|during|through|from|before|after|of|mid|to|and|for|between|late|early)"
    r"[\s-]{1,3}\Z",
    re.IGNORECASE,
)
_HABIT = re.compile(
    r"\b(?:only|usually|always|often|typically|normally|every|each|annually)\s(?:in\s)?\Z",
    re.IGNORECASE,
)
"""What happens again and again happens at no date."""
_FIRST_NAMES = ("april", "june", "august")
_YEAR_TURNS = 10
"""The month from which on "the coming year" and "the new year" are the next calendar year."""
_WITHIN = (
    rf"(?:(?:early|earlier|late|later|sometime|(?:(?:at|by){B})?the{B}(?:end|beginning|start)){B}"
    rf"(?:of{B})?)?"
)
_ON = rf"(?:(?:early|late|earlier|later){B})?(?:on{B})?"


def _relative_day(place: Place) -> str | None:
    return place.anchor.days(_DAYS[" ".join(place.word("day").split())])


def _weekday(place: Place) -> str | None:
    if _HABIT.search(_before(place)):
        return None
    return place.anchor.weekday(
        place.word("day"), place.word("which") or ("next" if place.ahead else "")
    )


def _before(place: Place) -> str:
    return place.match.string[max(0, place.match.start() - 30) : place.match.start()]


def _week(place: Place) -> str | None:
    return place.anchor.week(OFFSETS[place.word("which")])


def _weekend(place: Place) -> str | None:
    return place.anchor.weekend(OFFSETS[place.word("which")])


def _month_named(place: Place) -> str | None:
    which, number = place.word("which"), cal.MONTHS[place.word("m")]
    before, after = _before(place), place.match.string[place.match.end() :][:2]
    if _HABIT.search(before):
        return None
    if not which and not _IN.search(before):
        if place.word("m") in ("may", "march"):
            return None  # a verb, or a walk
        if place.word("m") in _FIRST_NAMES and after[1:].isupper():
            return None
    return place.anchor.month_named(number, which, place.ahead)


def _day_and_month(place: Place) -> str | None:
    month, day = cal.MONTHS[place.word("m")], place.number("d")
    return place.anchor.day_of_year(month, day, place.ahead)


def _days_and_month(place: Place) -> str | None:
    month = cal.MONTHS[place.word("m")]
    first, last = (place.anchor.day_of_year(month, place.number(name)) for name in "de")
    return cal.interval(first, last)


def _month_unit(place: Place) -> str | None:
    return place.anchor.months(OFFSETS[place.word("which")])


def _quarter_unit(place: Place) -> str | None:
    return place.anchor.quarter(OFFSETS[place.word("which")])


def _quarter_of_year(place: Place) -> str | None:
    """A quarter without a year is that of the year of publication."""
    return cal.part_of_year(place.anchor.year, ORDINALS[place.word("q")], 3)


def _half_of_year(place: Place) -> str | None:
    return cal.part_of_year(place.anchor.year, 0 if place.word("h") == "first" else 1, 6)


def _year_unit(place: Place) -> str | None:
    return place.anchor.years(OFFSETS[place.word("which")])


def _nothing(place: Place) -> None:
    """What is told from another date than that of publication, or is no calendar year."""


def _coming_year(place: Place) -> str | None:
    """Near the end of a year it is the next one; before that it may be twelve months."""
    if place.anchor.month is None or place.anchor.month < _YEAR_TURNS:
        return None
    return place.anchor.years(1)


def _new_year(place: Place) -> str | None:
    return place.anchor.years(0) if place.anchor.month == 1 else _coming_year(place)


def _decade_unit(place: Place) -> str | None:
    decade = place.anchor.year // 10 + OFFSETS[place.word("which")]
    return f"{decade}X"


def _season_named(place: Place) -> str | None:
    return place.anchor.season(place.word("s"), OFFSETS[place.word("which")])


def _ago(place: Place) -> str | None:
    return _shifted(place, -place.count("n"))


def _from_now(place: Place) -> str | None:
    return _shifted(place, place.count("n"))


def _shifted(place: Place, count: int) -> str | None:
    """The day so many days or weeks away, or the month or year."""
    unit, anchor = place.word("unit"), place.anchor
    if unit.startswith("day"):
        return anchor.days(count)
    if unit.startswith("week"):
        return anchor.days(7 * count)
    if unit.startswith("month"):
        return anchor.months(count)
    return anchor.years(count if unit.startswith("year") else 10 * count)


def _span(place: Place) -> str | None:
    """A number of days to decades up to publication or from it on."""
    back = OFFSETS[place.word("which")] < 0
    count = place.count("n") if place.word("n") else 1
    here, there = _shifted(place, 0), _shifted(place, -count if back else count)
    return cal.interval(there, here) if back else cal.interval(here, there)


_UNIT = r"(?P<unit>days?|weeks?|months?|years?|decades?)"

RELATIVE: tuple[Rule, ...] = (
    resolved(
        rf"(?:earlier{B}|late{B}|later{B}|early{B})?(?P<day>today|tonight|yesterday|tomorrow|the{B}day{B}before"
        rf"{B}yesterday|the{B}day{B}after{B}tomorrow|last{B}night|this{B}(?:morning|afternoon|evening))",
        _relative_day,
    ),
    resolved(rf"{_ON}(?:(?P<which>last|next|this|coming){B})?(?P<day>{FULL_WEEKDAY})", _weekday),
    resolved(rf"{_WITHIN}(?:the{B})?(?P<which>{WHICH}){B}week", _week),
    resolved(rf"{_WITHIN}(?P<which>last|this|next){B}weekend", _weekend),
    resolved(rf"{_WITHIN}(?:the{B})?(?P<which>{WHICH}){B}month", _month_unit),
    resolved(rf"{_WITHIN}(?P<which>last|this|next){B}quarter", _quarter_unit),
    resolved(rf"the{B}(?P<q>first|second|third|fourth){B}quarter", _quarter_of_year),
    resolved(rf"the{B}(?P<h>first|second){B}half{B}of{B}the{B}year", _half_of_year),
    resolved(rf"{_WITHIN}(?P<which>last|this|next|current){B}year", _year_unit),
    resolved(rf"(?:the{B})(?P<which>past|last){B}year", _nothing),
    resolved(
        rf"(?:the|that){B}(?:previous|following|same|preceding){B}(?:day|week|month|year)", _nothing
    ),
    resolved(rf"{_WITHIN}the{B}(?:coming|upcoming|next){B}year", _coming_year),
    resolved(rf"the{B}new{B}year(?![’'])", _new_year),
    resolved(
        rf"(?:by{B})?(?:the{B})?(?:end|close){B}of{B}the{B}year|(?:by|before|at){B}year[- ]end"
        rf"|later{B}in{B}the{B}year",
        lambda place: place.anchor.years(0),
    ),
    resolved(rf"(?P<which>this|next){B}decade", _decade_unit),
    resolved(rf"{_WITHIN}(?P<which>last|this|next|coming){B}(?P<s>{SEASON})", _season_named),
    resolved(rf"(?:the{B})(?P<which>coming){B}(?P<s>{SEASON})", _season_named),
    resolved(
        rf"(?:on{B})?(?:{WEEKDAY},?{B})?(?:the{B})?(?P<d>{DAY}){B}(?:of{B})?(?P<m>{MONTH})",
        _day_and_month,
    ),
    resolved(
        rf"(?:on{B})?(?:{WEEKDAY},?{B})?(?P<m>{MONTH}){B}(?:the{B})?(?P<d>{DAY})", _day_and_month
    ),
    resolved(
        rf"(?P<d>{DAY})(?:{B}(?:and|to){B}|[-–])(?P<e>{DAY}){B}(?P<m>{MONTH})", _days_and_month
    ),
    resolved(
        rf"(?P<m>{MONTH}){B}(?P<d>{DAY})(?:{B}(?:and|to){B}|[-–])(?P<e>{DAY})", _days_and_month
    ),
    resolved(rf"{PART}?(?:(?P<which>{WHICH}){B})?(?P<m>{FULL_MONTH})", _month_named),
    resolved(rf"(?:(?:about|around|some){B})?(?P<n>{COUNT}|an?|one){B}{_UNIT}{B}ago", _ago),
    resolved(rf"(?P<n>{COUNT}|an?|one){B}{_UNIT}{B}from{B}now", _from_now),
    resolved(rf"in{B}(?P<n>{COUNT}|an?|one){B}{_UNIT}[’']?{B}time", _from_now),
    resolved(rf"(?:the{B})?(?P<which>last|past|next|coming){B}(?P<n>{COUNT}){B}{_UNIT}", _span),
    resolved(rf"the{B}(?P<which>last|past|next|coming){B}(?P<unit>decade)(?P<n>)", _span),
)
"""Dates told from the day of publication."""

RULES = (*ABSOLUTE, *BY_YEAR, *RELATIVE)
