"""The pieces of which the patterns of expressions of time are made."""

import re
from collections.abc import Callable
from typing import NamedTuple

from service.curation.drafting.calendar import Anchor

B = r"(?:[^\S\n]{1,3}|[^\S\n]?\r?\n[^\S\n]{0,3})"
"""A blank, or the end of a line within a paragraph."""


def _names(full: str, short: str) -> str:
    """Names as they are printed, with a capital or in capitals; short ones may have a full stop."""
    long_forms = [form for name in full.split() for form in (name, name.upper())]
    short_forms = [form for name in short.split() for form in (name, name.upper())]
    return rf"(?-i:(?:{'|'.join(long_forms)})\b|(?:{'|'.join(short_forms)})\b\.?)"


MONTH = _names(
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec",
)
WEEKDAY = _names(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Mon Tues Tue Wed Thurs Thur Thu Fri Sat Sun",
)
FULL_MONTH = _names(
    "January February March April May June July August September October November December Sept",
    "Sept",
)
FULL_WEEKDAY = _names("Monday Tuesday Wednesday Thursday Friday Saturday Sunday", "Mon")
"""Names that need no number beside them; "Jan" and "Sun" are other names too."""
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
YEAR = r"(?:1[5-9]|20|21)\d\d"
SEASON = r"(?:spring|summer|autumn|fall|winter)"
DASH = r"(?:[^\S\n]?[-–—][^\S\n]?)"
COUNT = (
    r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|fifty)"
)
PART = (
    rf"(?:(?:early|mid|late)(?:[ -]|{B}(?:in{B})?)(?:the{B})?"
    rf"|(?:the{B})?(?:beginning|start|middle|end|close){B}of{B})"
)
WHICH = r"(?:last|past|this|current|next|coming|upcoming)"
OF = rf"(?:,?{B}(?:of{B})?)"

COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
COUNTS |= {"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
COUNTS |= {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": 3, "final": 3}
OFFSETS = {"last": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1}


class Place(NamedTuple):
    """A match, what it is resolved against, and whether the verb before it looks ahead; ``None``,
    where there is no verb.
    """

    match: re.Match[str]
    anchor: Anchor
    ahead: bool | None

    def word(self, name: str) -> str:
        """A group in lower case; empty, where it is not there."""
        return (self.match[name] or "").lower().rstrip(".")

    def number(self, name: str) -> int:
        """The digits of a group as a number."""
        return int(re.sub(r"\D", "", self.match[name]))

    def count(self, name: str) -> int:
        """A number in digits or as a word."""
        word = self.word(name)
        return int(word) if word.isdecimal() else COUNTS[word]


class Rule(NamedTuple):
    """A form of expression, and what it means in EDTF; ``None`` where that cannot be told.

    ``basis`` is ``stated`` where the whole date is printed, ``resolved`` where
    it is told from the day of publication.
    """

    pattern: re.Pattern[str]
    meaning: Callable[[Place], str | None]
    basis: str


def stated(pattern: str, meaning: Callable[[Place], str | None]) -> Rule:
    return Rule(_compiled(pattern), meaning, "stated")


def resolved(pattern: str, meaning: Callable[[Place], str | None]) -> Rule:
    return Rule(_compiled(pattern), meaning, "resolved")


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern from word border to word border; no part of a number or of a range."""
    return re.compile(rf"(?<![\w/$€£.,-])(?<![–])(?:{pattern})(?!\w|[-–/]\d|[.,]\d)", re.IGNORECASE)
