"""The pieces of which the patterns of expressions of time are made."""

import re
from collections.abc import Callable
from typing import NamedTuple

from service.curation.drafting.dates.calendar import MONTH_NAMES, SEASONS, Anchor

B = r"(?:[^\S\n]{1,3}|[^\S\n]?\r?\n[^\S\n]{0,3})"
"""A blank, or the end of a line within a paragraph."""


def _names(full: str, short: str = "") -> str:
    """Names as they are printed, with a capital or in capitals; short ones may have a full stop."""
    long_forms = [form for name in full.split() for form in (name, name.upper())]
    short_forms = [form for name in short.split() for form in (name, name.upper())]
    abbreviated = rf"|(?:{'|'.join(short_forms)})\b\.?" if short else ""
    return rf"(?-i:(?:{'|'.join(long_forms)})\b{abbreviated})"


_MONTHS = " ".join(MONTH_NAMES)
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
MONTH = _names(_MONTHS, "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec")
WEEKDAY = _names(_WEEKDAYS, "Mon Tues Tue Wed Thurs Thur Thu Fri Sat Sun")
FULL_MONTH = _names(_MONTHS, "Sept")
FULL_WEEKDAY = _names(_WEEKDAYS)
"""Names that need no number beside them; "Jan" and "Sun" are other names too."""
_ONES = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = [
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
]
_TEENS += ["eighteenth", "nineteenth", "twentieth"]
_ORDINALS = [*_ONES, *_TEENS, *(f"twenty-{one}" for one in _ONES), "thirtieth", "thirty-first"]
DAYS = {name: number for number, name in enumerate(_ORDINALS, start=1)}
"""The days of a month in words."""
DAY = (
    r"(?:(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
    rf"|(?:{'|'.join(sorted(DAYS, key=len, reverse=True))})(?={B}of\b))"
)
YEAR = r"(?:1[5-9]|20|21)\d\d"
SEASON = rf"(?:{'|'.join(SEASONS)})"
COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
COUNTS |= {"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
COUNTS |= {"fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
COUNT = rf"(?:\d{{1,3}}|{'|'.join(word for word in COUNTS if len(word) > 2)})"
A_COUNT = rf"(?P<n>{COUNT}|an?)"
PART = (
    rf"(?:(?:early|mid|late|end)(?:[ -]|{B}(?:in{B})?)(?:the{B})?"
    rf"|(?:the{B})?(?:beginning|start|middle|end|close){B}of{B})"
)
WHICH = r"(?:last|past|this|current|next|coming|upcoming)"
YEAR_WORD = rf"(?:(?:{WHICH}|the){B}year)"
_ERA = rf"(?:(?-i:[A-Z][a-z]{{2,12}}){B}\d{{1,3}}{B}\((?={YEAR}\)))?"
_OF = rf"(?:,?{B}(?:of{B})?(?:the{B}year{B}(?=\d))?)"
OF_YEAR = rf"{_OF}{_ERA}(?P<y>{YEAR}|{YEAR_WORD})"
"""A year behind a month or a part of a year: in figures, after that of an era, or "last year"."""
UNIT = r"(?P<unit>days?|weeks?|months?|years?|decades?)"
OFFSETS = {"last": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1}
OFFSETS |= {"before last": -2, "after next": 2}


_DASH = r"(?:[^\S\n]?[-–—][^\S\n]?)"
TO = rf"(?:{_DASH}|{B}(?:to|until|till|through){B})"


_HABIT = re.compile(
    r"\b(?:only|usually|always|often|typically|normally|every|each|annually)\s(?:in\s)?\Z",
    re.IGNORECASE,
)
"""What happens again and again happens at no date."""


class Place(NamedTuple):
    """A match, what it is resolved against, and whether the verb before it looks ahead; ``None``,
    where there is no verb. ``earlier`` is the date before it in its sentence, in EDTF.
    """

    match: re.Match[str]
    anchor: Anchor
    ahead: bool | None
    earlier: str | None

    def word(self, name: str) -> str:
        """A group in lower case; empty, where it is not there."""
        found = self.match.groupdict().get(name) or ""
        return " ".join(found.lower().rstrip(".").split())

    def number(self, name: str) -> int:
        """The digits of a group as a number, or what a day is called in words."""
        return DAYS.get(self.word(name)) or int(re.sub(r"\D", "", self.match[name]))

    def count(self, name: str) -> int:
        """A number in digits or as a word."""
        word = self.word(name)
        return int(word) if word.isdecimal() else COUNTS[word]

    def offset(self) -> int:
        """What "last", "this" and "next" are away; 0 where there is no such word."""
        return OFFSETS.get(self.word("which"), 0)

    @property
    def is_habit(self) -> bool:
        """Whether what stands there happens again and again: "every March"."""
        return bool(_HABIT.search(self.before()))

    def before(self, length: int = 30) -> str:
        """The text before the match."""
        return self.match.string[max(0, self.match.start() - length) : self.match.start()]


class DateRule(NamedTuple):
    """A form of expression, and what it means in EDTF; ``None`` where that cannot be told."""

    pattern: re.Pattern[str]
    meaning: Callable[[Place], str | None]


def rule(pattern: str, meaning: Callable[[Place], str | None]) -> DateRule:
    """A rule for a pattern from word border to word border; no part of a number or of a range."""
    bordered = rf"(?<![\w/$€£.,-])(?<![–])(?:{pattern})(?!\w|[-–/]\d|[.,]\d)"
    return DateRule(re.compile(bordered, re.IGNORECASE), meaning)


def ranges(
    first: str, second: str, meaning: Callable[[Place], str | None]
) -> tuple[DateRule, DateRule]:
    """From one to the other, and between them; "and" alone joins two that are apart."""
    return (
        rule(rf"(?:from{B})?(?:the{B})?{first}{TO}(?:the{B})?{second}", meaning),
        rule(rf"(?P<from>between){B}(?:the{B})?{first}{B}and{B}(?:the{B})?{second}", meaning),
    )
