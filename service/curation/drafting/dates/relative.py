"""The rules for what is told from the day of publication alone: "yesterday", "two weeks ago"."""

import re

from service.curation.drafting.dates import calendar as cal
from service.curation.drafting.dates.words import (
    A_COUNT,
    COUNT,
    FULL_WEEKDAY,
    UNIT,
    WHICH,
    B,
    DateRule,
    Place,
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


def _weekday(place: Place) -> str | None:
    which = place.word("which") or ("ahead" if place.ahead else "")
    if place.ahead is None and not which and _IN_QUOTATION.search(place.before(60)):
        return None  # "Ask me on Monday"
    return None if place.is_habit else place.anchor.weekday(place.word("day"), which)


def _weekday_of_week(place: Place) -> str | None:
    week = place.anchor.week(place.offset())
    return week and cal.weekday_in(week, place.word("day"))


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


def _coming_year(place: Place) -> str | None:
    """Near the end of a year it is the next one; before that it may be twelve months. The new year
    has just begun in January.
    """
    month = place.anchor.month or 0
    if month == 1 and place.word("which") == "new":
        return place.anchor.years(0)
    return place.anchor.years(1) if month >= _YEAR_TURNS else None


def _year_earlier(place: Place) -> str | None:
    """The year before the date with which its own is compared."""
    if not place.earlier or not re.fullmatch(r"\d{4}(?:-\d\d){0,2}", place.earlier):
        return None
    return f"{int(place.earlier[:4]) - 1:04}{place.earlier[4:]}"


def _away(place: Place) -> str | None:
    return _shifted(place, -place.count("n") if place.word("back") else place.count("n"))


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
    if place.word("unit").startswith("month"):
        return None  # of which day of the month?
    return cal.interval(_shifted(place, 0), _shifted(place, place.count("n")))


_THE = rf"(?:the{B})"
RELATIVE: tuple[DateRule, ...] = (
    rule(
        rf"(?:(?:early|earlier|late|later){B})?(?P<day>{_RELATIVE_DAYS})",
        lambda place: place.anchor.days(_DAYS[place.word("day")]),
    ),
    rule(
        rf"(?:at|by|before|since|until){B}Christmas(?![’'])",
        lambda place: place.anchor.day_of_year(12, 25, place.ahead),
    ),
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
    rule(rf"{_THE}(?P<which>coming|upcoming|new){B}year(?![’'])", _coming_year),
    rule(
        rf"{_THE}(?P<which>past|last|next|coming){B}(?P<unit>week|month|year|decade)(?!{B}of\b)",
        _span,
    ),
    rule(rf"{_EARLY}?{_THE}?(?P<which>{WHICH}){B}(?P<unit>week|month|quarter|year|decade)", _unit),
    rule(rf"{_EARLY}{_THE}(?P<unit>week|month|quarter|year|decade)(?!{B}of\b)", _unit),
    rule(rf"(?:by|before|at){B}(?P<unit>year)[- ]end", _unit),
    rule(rf"{_THE}(?P<unit>week|month|year){B}(?P<which>after{B}next|before{B}last)", _unit),
    rule(rf"(?:than|from){B}a{B}year{B}(?:earlier|before)", _year_earlier),
    rule(rf"(?:(?:about|around|some){B})?{A_COUNT}{B}{UNIT}{B}(?:(?P<back>ago)|from{B}now)", _away),
    rule(rf"in{B}{A_COUNT}{B}{UNIT}[’']?{B}time", _away),
    rule(rf"within{B}(?:the{B}next{B})?{A_COUNT}{B}{UNIT}", _within),
    rule(rf"{_THE}?(?P<which>last|past|next|coming){B}(?P<n>{COUNT}){B}{UNIT}", _span),
)
"""Dates told from the day of publication."""
