"""The rules for what is told from the day of publication alone: "yesterday", "two weeks ago"."""

import re

from service.curation.drafting.dates import calendar as cal
from service.curation.drafting.dates.absolute import ABSOLUTE, is_habit
from service.curation.drafting.dates.words import (
    A_COUNT,
    COUNT,
    FULL_WEEKDAY,
    UNIT,
    WHICH,
    B,
    Place,
    Rule,
    rule,
)

_DAYS = {
    "the day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "today": 0,
    "tonight": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "tomorrow": 1,
    "the day after tomorrow": 2,
}
_RELATIVE_DAYS = "|".join(sorted(_DAYS, key=len, reverse=True)).replace(" ", B)
_YEAR_TURNS = 10
"""The month from which on "the coming year" and "the new year" are the next calendar year."""
_IN_QUOTATION = re.compile(r"[“‘\"«](?=\w)[^”’\"»]{0,60}\Z")
_PROMISED = ("promised", "pledged", "vowed", "agreed", "ordered", "demanded", "undertook")
_EARLY = (
    rf"(?:(?:early|earlier|late|later|sometime){B}(?:in{B})?|(?:(?:at|by){B})?(?:the{B})?"
    rf"(?:end|close|beginning|start|middle){B}of{B})"
)


def _relative_day(place: Place) -> str | None:
    return place.anchor.days(_DAYS[place.word("day")])


def _christmas(place: Place) -> str | None:
    return place.anchor.day_of_year(12, 25, place.ahead)


def _weekday(place: Place) -> str | None:
    which = place.word("which") or ("ahead" if place.ahead else "")
    if place.ahead is None and not which and _IN_QUOTATION.search(place.before(60)):
        return None  # "Ask me on Monday"
    return None if is_habit(place) else place.anchor.weekday(place.word("day"), which)


def _weekday_of_week(place: Place) -> str | None:
    week = place.anchor.week(place.offset())
    return week and cal.day_from(week[:10], cal.WEEKDAYS[place.word("day")])


def _weekend(place: Place) -> str | None:
    """A weekend; that "at the weekend" is the last or the coming one, as the verb says."""
    if place.word("which"):
        return place.anchor.weekend(place.offset())
    return None if place.ahead is None else place.anchor.weekend(0 if place.ahead else -1)


def _unit(place: Place) -> str | None:
    """A week, month, quarter, year or decade of the calendar."""
    unit, count, anchor = place.word("unit"), place.offset(), place.anchor
    if unit == "decade":
        return f"{anchor.year // 10 + count}X"
    told = {"week": anchor.week, "month": anchor.months, "quarter": anchor.quarter}
    return told.get(unit, anchor.years)(count)


def _after_next(place: Place) -> str | None:
    unit = {"week": place.anchor.week, "month": place.anchor.months, "year": place.anchor.years}
    return unit[place.word("unit")](2 if place.word("which") == "after next" else -2)


def _nothing(place: Place) -> None:
    """What is told from another date than that of publication, or is no calendar year."""


def _coming_year(place: Place) -> str | None:
    """Near the end of a year it is the next one; before that it may be twelve months."""
    if place.anchor.month is None or place.anchor.month < _YEAR_TURNS:
        return None
    return place.anchor.years(1)


def _new_year(place: Place) -> str | None:
    return place.anchor.years(0) if place.anchor.month == 1 else _coming_year(place)


def _year_earlier(place: Place) -> str | None:
    """The year before the date with which its own is compared."""
    earlier = place.earlier or ""
    if not earlier[:4].isdecimal() or (
        not earlier[4:].replace("-", "").isdecimal() and earlier[4:]
    ):
        return None
    return f"{int(earlier[:4]) - 1:04}{earlier[4:]}"


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
    count = place.count("n") if place.word("n") else 1
    here, there = _shifted(place, 0), _shifted(place, count if place.offset() > 0 else -count)
    return cal.interval(*((here, there) if place.offset() > 0 else (there, here)))


def _within(place: Place) -> str | None:
    """The time from publication on, where that is promised, or said at the head of a sentence: what
    "will pay for itself within ten years" may begin to do so at any time.
    """
    promised = any(word in place.before(60) for word in _PROMISED)
    if not (promised or place.match[0].startswith("W")):
        return None
    count, unit = place.count("n"), place.word("unit")
    if not unit.startswith("month"):
        return cal.interval(_shifted(place, 0), _shifted(place, count))
    return cal.interval(place.anchor.days(0), place.anchor.days_of_months(count))


_THE = rf"(?:the{B})"
RELATIVE: tuple[Rule, ...] = (
    rule(rf"(?:(?:early|earlier|late|later){B})?(?P<day>{_RELATIVE_DAYS})", _relative_day),
    rule(rf"(?:at|by|before|since|until){B}Christmas(?![’'])", _christmas),
    rule(
        rf"(?:(?:early|earlier|late|later){B})?(?:on{B})?(?:(?P<which>last|next|this|coming){B})?"
        rf"(?P<day>{FULL_WEEKDAY})",
        _weekday,
    ),
    rule(
        rf"(?:on{B})?(?P<day>{FULL_WEEKDAY}){B}(?:of{B})?(?P<which>{WHICH}){B}week",
        _weekday_of_week,
    ),
    rule(
        rf"{_EARLY}?(?P<which>last|this|next){B}weekend|(?:over|at|during){B}the{B}weekend",
        _weekend,
    ),
    rule(rf"{_THE}(?:coming|upcoming){B}year", _coming_year),
    rule(
        rf"{_THE}(?P<which>past|last|next|coming){B}(?P<unit>week|month|year|decade)(?!{B}of\b)",
        _span,
    ),
    rule(rf"{_EARLY}?{_THE}?(?P<which>{WHICH}){B}(?P<unit>week|month|quarter|year|decade)", _unit),
    rule(rf"{_EARLY}{_THE}(?P<unit>week|month|quarter|year|decade)(?!{B}of\b)", _unit),
    rule(rf"(?:by|before|at){B}(?P<unit>year)[- ]end", _unit),
    rule(rf"{_THE}(?P<unit>week|month|year){B}(?P<which>after{B}next|before{B}last)", _after_next),
    rule(rf"the{B}new{B}year(?![’'])", _new_year),
    rule(
        rf"(?:the|that){B}(?:previous|following|same|preceding){B}(?:day|week|month|year)", _nothing
    ),
    rule(rf"(?:than|from){B}a{B}year{B}(?:earlier|before)", _year_earlier),
    rule(rf"(?:(?:about|around|some){B})?{A_COUNT}{B}{UNIT}{B}ago", _ago),
    rule(rf"{A_COUNT}{B}{UNIT}{B}from{B}now", _from_now),
    rule(rf"in{B}{A_COUNT}{B}{UNIT}[’']?{B}time", _from_now),
    rule(rf"within{B}(?:the{B}next{B})?{A_COUNT}{B}{UNIT}", _within),
    rule(rf"{_THE}?(?P<which>last|past|next|coming){B}(?P<n>{COUNT}){B}{UNIT}", _span),
)
"""Dates told from the day of publication."""

RULES = (*ABSOLUTE, *RELATIVE)
