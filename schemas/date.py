"""Dates in EDTF (ISO 8601-2) with how we know them; bounds come from the edtf library."""

import functools
import re
import time
from typing import Any, NamedTuple

from edtf import parse_edtf
from marshmallow import ValidationError

from schemas.fields import DAY, Choice, Day, Scalar, Text, computed, is_day
from schemas.record import Record, rule

BASES = ("stated", "resolved", "inferred", "external")
PRECISIONS = ("day", "month", "year", "decade", "interval")

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_POINT = rf"(?:(?!0000)\d{{4}}(?:-{_MONTH}(?:-{_DAY})?)?|(?!000)\d{{3}}X)\??"
FORM = re.compile(rf"{_POINT}|{_POINT}/(?:{_POINT}|\.\.)|\.\./{_POINT}", re.ASCII)
"""The subset of EDTF level 1 that we take; the library alone would take far more, such as seasons
(``2023-21``) in the place of the month."""

ALLOWED = (
    "YYYY, YYYY-MM, YYYY-MM-DD or a decade YYYX, each optionally with ?, or an interval of two "
    "of them with / (.. for an open end), not reversed"
)


class Bounds(NamedTuple):
    """The first and last day (``YYYY-MM-DD``) a date can mean; ``None`` is an open end."""

    earliest: str | None
    latest: str | None
    precision: str


@functools.lru_cache(maxsize=100_000)
def bounds(edtf: str) -> Bounds:
    """The strict bounds of an EDTF string.

    Memoised, since a parse takes milliseconds and a data set repeats its dates.
    Raises ``ValueError`` for what is no date of an allowed form, and for an interval that ends
    before it starts.
    """
    if not FORM.fullmatch(edtf):
        raise ValueError(ALLOWED)
    first, _, last = edtf.partition("/")
    earliest, latest = _strict(first)[0], _strict(last or first)[1]
    if earliest and latest and earliest > latest:
        raise ValueError(ALLOWED)
    return Bounds(earliest, latest, _precision(edtf))


@functools.lru_cache(maxsize=100_000)
def _strict(point: str) -> tuple[str | None, str | None]:
    """The first and last day of one end of an interval, or of a date that is none.

    The library reads one end at a time, since it refuses an interval of a
    decade and an open end. A calendar day is its own bounds: the library takes
    29 February in every year, and large data sets hold thousands of different
    days, of which a parse of each would take minutes in all.
    """
    if point == "..":
        return None, None
    bare = point.removesuffix("?")  # in doubt, and yet the same days
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
    bare = edtf.rstrip("?")
    return "decade" if bare.endswith("X") else PRECISIONS[2 - bare.count("-")]


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
        for key, value in bounds(data["edtf"])._asdict().items():
            if data.get(key, value) != value:
                raise ValidationError(f"{value}, as {data['edtf']} says", key)


def expanded(date: dict[str, Any] | None) -> dict[str, Any] | None:
    """A curated date with the keys of a served one."""
    return date and {**date, **bounds(date["edtf"])._asdict()}
