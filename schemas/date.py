"""Dates in EDTF (ISO 8601-2) with how we know them; bounds come from the edtf library."""

import functools
import re
import time
from typing import Any, NamedTuple

from edtf import parse_edtf
from marshmallow import ValidationError

from schemas.fields import Choice, Day, Scalar, Text, computed, is_day
from schemas.patterns import DAY
from schemas.records.record import Record, rule

BASES = ("stated", "resolved", "inferred", "external")
PRECISIONS = ("day", "month", "year", "decade", "season", "interval")
"""How exact a date is. A season or a quarter is three months (of a winter, see ``_strict``)."""
OPEN, UNKNOWN = "..", ""
"""The two kinds of missing end of an interval: it goes on without end, or nobody says to when."""

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_SEASON = "(?:2[1-9]|3[0-6])"
_YEAR = rf"(?!0000)\d{{4}}(?:-(?:{_SEASON}|{_MONTH}(?:-{_DAY})?))?"
_POINT = rf"(?:{_YEAR}|(?!000)\d{{3}}X)[?~%]?"
FORM = re.compile(rf"{_POINT}|{_POINT}/(?:{_POINT}|\.\.)?|(?:\.\.)?/{_POINT}", re.ASCII)
"""The subset of EDTF that we take: level 1, and of level 2 the seasons of a hemisphere and the
quarters (21 to 36 in the place of the month). The library alone would take far more."""
_QUALIFIERS = re.compile("[?~%]")
"""Uncertain, approximate, and both (EDTF level 1)."""

ALLOWED = (
    "YYYY, YYYY-MM, YYYY-MM-DD, a season or quarter YYYY-21 to YYYY-36 or a decade YYYX, each "
    "optionally with ?, ~ or %; or an interval of two of them with / (one end .. where it is "
    "open, or left empty where it is unknown), not reversed"
)


class Bounds(NamedTuple):
    """The first and last day (``YYYY-MM-DD``) a date can mean; ``None`` is an open or an unknown
    end.
    """

    earliest: str | None
    latest: str | None
    precision: str


class Reach(NamedTuple):
    """The days by which a date is found, the first and the last; ``None`` is an open end.

    An open end reaches over everything beyond it. An unknown end is not guessed
    at: the interval is found by the end that is known. ``starts`` and ``ends``
    say whether that side is known, open ends included: what lies before an
    unknown start may be as early as anything.
    """

    first: str | None
    last: str | None
    starts: bool
    ends: bool


@functools.lru_cache(maxsize=100_000)
def bounds(edtf: str) -> Bounds:
    """The strict bounds of an EDTF string.

    Memoised, since a parse takes milliseconds and a data set repeats its dates.
    Raises ``ValueError`` for what is no date of an allowed form, and for an interval that ends
    before it starts.
    """
    if not FORM.fullmatch(edtf):
        raise ValueError(ALLOWED)
    first, last = _ends(edtf)
    earliest, latest = _strict(first)[0], _strict(last)[1]
    if earliest and latest and earliest > latest:
        raise ValueError(ALLOWED)
    return Bounds(earliest, latest, _precision(edtf))


@functools.lru_cache(maxsize=100_000)
def reach(edtf: str) -> Reach:
    """The days by which a date is found. Raises ``ValueError``."""
    earliest, latest, _ = bounds(edtf)
    first, last = _ends(edtf)
    if first == UNKNOWN:
        earliest = _strict(last)[0]
    if last == UNKNOWN:
        latest = _strict(first)[1]
    return Reach(earliest, latest, first != UNKNOWN, last != UNKNOWN)


def is_certain(edtf: str) -> bool:
    """Whether a date is beyond doubt: neither uncertain nor approximate in any part."""
    return not _QUALIFIERS.search(edtf)


def _ends(edtf: str) -> tuple[str, str]:
    """The two ends of an interval; of a date that is none, the date twice."""
    first, slash, last = edtf.partition("/")
    return first, last if slash else first


@functools.lru_cache(maxsize=100_000)
def _strict(point: str) -> tuple[str | None, str | None]:
    """The first and last day of one end of an interval, or of a date that is none.

    The library reads one end at a time, since it refuses an interval of a
    decade and an open end. A calendar day is its own bounds: the library takes
    29 February in every year, and large data sets hold thousands of different
    days, of which a parse of each would take minutes in all. It ends a season
    that goes on into the next year (a winter, or a summer of the southern
    hemisphere) with December.
    """
    if point in (OPEN, UNKNOWN):
        return None, None
    bare = _QUALIFIERS.sub("", point)  # they do not change its days
    if is_day(bare):
        return bare, bare
    if DAY.fullmatch(bare):
        raise ValueError(ALLOWED)
    parsed = parse_edtf(bare)
    return _day(parsed.lower_strict()), _day(parsed.upper_strict())


def _day(value: time.struct_time) -> str:
    return f"{value.tm_year:04}-{value.tm_mon:02}-{value.tm_mday:02}"


def _precision(edtf: str) -> str:
    if "/" in edtf:
        return "interval"
    bare = _QUALIFIERS.sub("", edtf)
    if bare.endswith("X"):
        return "decade"
    if is_season(bare):
        return "season"
    return ("year", "month", "day")[bare.count("-")]


def is_season(point: str) -> bool:
    """Whether a point, without its qualifier, is a season or a quarter."""
    return len(point) == len("YYYY-MM") and point[5:] > "12"


class Edtf(Scalar):
    """An EDTF string of an allowed form."""

    def __init__(self) -> None:
        super().__init__(ALLOWED)

    def takes(self, value: Any) -> bool:
        try:
            return isinstance(value, str) and bool(bounds(value))
        except ValueError:
            return False


class DateSchema(Record):
    """A date: the EDTF string, how it is known, and a note where that needs one; as served also
    its strict bounds and its precision.
    """

    edtf = Edtf()
    earliest = computed(Day(allow_none=True))
    latest = computed(Day(allow_none=True))
    precision = computed(Choice(*PRECISIONS))
    basis = Choice(*BASES)
    note = Text(500, allow_none=True)

    @rule
    def explained(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["basis"] in ("inferred", "external") and data["note"] is None:
            raise ValidationError("a sentence, since the basis is inferred or external", "note")

    @rule
    def consistent(self, data: dict[str, Any], **kwargs: Any) -> None:
        """The bounds are those of the EDTF string, so that neither can drift."""
        for key, value in zip(Bounds._fields, bounds(data["edtf"]), strict=True):
            if data.get(key, value) != value:
                raise ValidationError(f"{value}, as {data['edtf']} says", key)


def expanded(date: dict[str, Any] | None) -> dict[str, Any] | None:
    """A curated date with the keys of a served one."""
    return date and {**date, **bounds(date["edtf"])._asdict()}
