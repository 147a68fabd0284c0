"""Arithmetic with days, weeks, months and years, told from the day of publication, in EDTF."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

MONTH_NAMES = tuple(calendar.month_name)[1:]
MONTHS = {name.lower(): number for number, name in enumerate(MONTH_NAMES, start=1)}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if number}
MONTHS["sept"] = 9
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
WEEKDAYS |= {name.lower(): number for number, name in enumerate(calendar.day_abbr)}
WEEKDAYS |= {"tues": 1, "wednes": 2, "thur": 3, "thurs": 3}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month in which a season of the northern hemisphere begins."""
_MAX_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Anchor:
    """When a text was published: a day, a month or a year, as far as that is known."""

    year: int
    month: int | None = None
    date: dt.date | None = None

    @classmethod
    def of(cls, published: str) -> "Anchor":
        """Of an EDTF date, doubt left out. Nothing is resolved against an interval, a season or a
        decade: they anchor no year. Raises ``ValueError`` for these.
        """
        match = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?[?~%]?", published)
        if not match:
            raise ValueError("a day, a month or a year, such as 2026-03-10, 2026-03 or 2026")
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        date = dt.date(year, month, day) if month and day else None
        return cls(year, month, date)

    def days(self, offset: int) -> str | None:
        """The day so many days from publication."""
        return _iso(self.date, offset)

    def weekday(self, name: str, which: str) -> str | None:
        """The latest such weekday up to publication, or the first from it on ("ahead"); the "last"
        before it, the "next" after it, and "this" in the same week.
        """
        if self.date is None:
            return None
        ahead = (WEEKDAYS[name] - self.date.weekday()) % 7
        if which == "this":
            return self.days(WEEKDAYS[name] - self.date.weekday())
        if which == "ahead":
            return self.days(ahead)
        if which in ("next", "coming", "upcoming"):
            return self.days(ahead or 7)
        return self.days(ahead - 7 if ahead or which == "last" else 0)

    def week(self, offset: int) -> str | None:
        """The week, Monday to Sunday, so many weeks from that of publication."""
        if self.date is None:
            return None
        monday = 7 * offset - self.date.weekday()
        first, last = self.days(monday), self.days(monday + 6)
        return f"{first}/{last}" if first and last else None

    def months(self, offset: int) -> str | None:
        """The month so many months from that of publication."""
        if self.month is None:
            return None
        return _month(self.year, self.month + offset)

    def quarter(self, offset: int) -> str | None:
        """The quarter so many quarters from that of publication."""
        if self.month is None:
            return None
        return months_of(self.year, (self.month - 1) // 3 * 3 + 1 + 3 * offset, 3)

    def quarter_named(self, number: int, ahead: bool | None) -> str | None:
        """A quarter of the year of publication (0 to 3); that of the year before where it is told
        as past and had not begun.
        """
        begun = self.month is None or 3 * number < self.month
        return months_of(self.year - (ahead is False and not begun), 1 + 3 * number, 3)

    def years(self, offset: int) -> str | None:
        """The year so many years from that of publication."""
        return f"{self.year + offset:04}" if 0 < self.year + offset <= _MAX_YEAR else None

    def month_named(self, number: int, which: str, ahead: bool | None) -> str | None:
        """A month by its name: the latest up to that of publication, or the first from it on, or
        the nearer one where nobody says whether it lies ``ahead``.
        """
        if self.month is None:
            return None
        last = self.year - (number > self.month or (number == self.month and which == "last"))
        coming = self.year + (number < self.month or (number == self.month and which == "next"))
        if which in ("this", "current"):
            return _month(self.year, number)
        if not which and ahead is None:
            ahead = (number - self.month) % 12 < 6
        return _month(
            coming if which in ("next", "coming", "upcoming") or (not which and ahead) else last,
            number,
        )

    def weekend(self, offset: int) -> str | None:
        """Saturday and Sunday of the week so many weeks from that of publication."""
        if self.date is None:
            return None
        saturday = 7 * offset + 5 - self.date.weekday()
        return interval(self.days(saturday), self.days(saturday + 1))

    def day_of_year(self, month: int, day: int, ahead: bool | None = None) -> str | None:
        """Such a day: the one nearest to publication, the next one where it lies ``ahead``."""
        if self.month is None:
            return None
        near = self.date or dt.date(self.year, self.month, 15)
        years = (self.year - 1, self.year, self.year + 1)
        days = [found for year in years if (found := _date(year, month, day))]
        days = [day for day in days if day >= near] or days if ahead else days
        return min(days, key=lambda each: abs(each - near)).isoformat() if days else None

    def season(self, name: str, which: str) -> str | None:
        """The season that lies "ahead" or "behind", either of which may still go on, the "next" or
        "coming" one, the "last" one, and "this": a winter goes on for a month more.
        """
        if self.month is None:
            return None
        now, first = self.month, SEASONS[name]
        if which == "this":
            return season_of(name, self.year - (first == 12 and now <= 4))
        begins = [12 * ahead + first - now for ahead in (-2, -1, 0, 1)]
        if which in ("last", "behind"):
            chosen = max(each for each in begins if each <= (0 if which == "behind" else -3))
        else:
            chosen = min(each for each in begins if each > (-3 if which == "ahead" else 0))
        return months_of(self.year, now + chosen, 3)


def _iso(date: dt.date | None, offset: int) -> str | None:
    try:
        return None if date is None else (date + dt.timedelta(days=offset)).isoformat()
    except OverflowError:
        return None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def day_of(year: int, month: int, day: int) -> str | None:
    """A calendar day, if there is one."""
    date = _date(year, month, day)
    return None if date is None else date.isoformat()


def _month(year: int, month: int) -> str | None:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{year:04}-{month:02}" if 0 < year <= _MAX_YEAR else None


def months_of(year: int, first: int, count: int) -> str | None:
    """So many months, from one of a year on."""
    start, end = _month(year, first), _month(year, first + count - 1)
    return f"{start}/{end}" if start and end else None


def weekday_in(week: str, name: str) -> str | None:
    """Such a weekday of seven days that are told as an interval."""
    first = dt.date.fromisoformat(week[:10])
    return _iso(first, (WEEKDAYS[name] - first.weekday()) % 7)


def week_of(year: int, month: int, number: int) -> str | None:
    """The week at a place in a month, 0 being its first seven days, and -1 the last ones."""
    if not 0 < year <= _MAX_YEAR:
        return None
    last = calendar.monthrange(year, month)[1]
    first = last - 6 if number < 0 else 1 + 7 * number
    return interval(day_of(year, month, first), day_of(year, month, first + 6))


def season_of(name: str, year: int) -> str | None:
    """A season of the northern hemisphere as its three months; a winter is that which begins in the
    year.
    """
    return months_of(year, SEASONS[name], 3)


def interval(start: str | None, end: str | None) -> str | None:
    """An interval of two dates, if there are both and the second is not the earlier one."""
    if not start or not end or end < start[: len(end)]:
        return None
    return f"{start}/{end}"
