"""Strict scalars, lists and objects: every field says in one phrase what it allows.

marshmallow's own fields parse leniently (``1_000``, full-width digits, ``yes``
for true, numbers for strings). Ours take the JSON type they name and nothing
else, and a pattern is matched whole before anything is parsed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any, TypeVar

from marshmallow import ValidationError, fields

from schemas.patterns import (
    CLAIM_ID,
    DAY,
    DOCUMENT_ID,
    RECORD_SLUG,
    SEPARATORS,
    SHOWS_NOTHING,
    SLUG,
    TURNS,
    UNASSIGNABLE,
)


class FastField(fields.Field[Any]):
    """A field that can load a value without marshmallow's bookkeeping (see ``Record.load``)."""

    is_computed = False

    def load_valid(self, value: Any) -> Any:
        """The value as it is loaded. Raises ``ValidationError``."""
        if value is None:
            if self.allow_none:
                return None
            raise self.make_error("null")
        return self._deserialize(value, None, None)

    def curated_form(self) -> FastField:
        """What a curator writes in the place of a served value; the same where a class does not
        say otherwise.
        """
        return self


FieldType = TypeVar("FieldType", bound=FastField)


def computed(field: FieldType) -> FieldType:
    """Marks a key of a served record that the build writes and a curator may not."""
    field.is_computed = True
    return field


class Scalar(FastField):
    """A value that ``takes`` decides on, and of which ``allowed`` says in words what it may be.

    Required and not null, unless the options of marshmallow say otherwise.
    """

    def __init__(self, allowed: str, **options: Any) -> None:
        required = "load_default" not in options
        super().__init__(**{"required": required, "allow_none": False, **options})
        self.allowed = allowed + (", or null" if self.allow_none else "")
        for case in ("required", "null", "validator_failed"):
            self.error_messages[case] = self.allowed

    def takes(self, value: Any) -> bool:
        """Whether a value, which is not null, is allowed."""
        raise NotImplementedError

    def load_valid(self, value: Any) -> Any:
        if value is None and self.allow_none:
            return None
        if value is None or not self.takes(value):
            raise ValidationError(self.allowed)
        return value

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not self.takes(value):
            raise ValidationError(self.allowed)
        return value


class Text(Scalar):
    """A string of 1 to ``maximum`` code points that shows something and keeps to one line."""

    refused = re.compile(f"[{UNASSIGNABLE}{SEPARATORS}{TURNS}]")
    excepted = ", no control characters, line separators or noncharacters"

    def __init__(self, maximum: int = 2000, **options: Any) -> None:
        self.maximum = maximum
        super().__init__(
            f"a string of 1 to {maximum} characters, not all blank or invisible{self.excepted}",
            **options,
        )

    def takes(self, value: Any) -> bool:
        if not isinstance(value, str) or not 1 <= len(value) <= self.maximum:
            return False
        if SHOWS_NOTHING.fullmatch(value):
            return False
        # What Python calls printable has none of the characters that are refused anywhere.
        return value.isprintable() or not self.refused.search(value)


class Printed(Text):
    """Somebody else's text to the character: whatever its document has, since offsets count the
    file as it stands. A surrogate is in no UTF-8 file.
    """

    refused = re.compile("[\ud800-\udfff]")
    excepted = ""


class Pattern(Scalar):
    """A string that matches ``pattern`` whole."""

    def __init__(self, pattern: re.Pattern[str], allowed: str, **options: Any) -> None:
        self.pattern = pattern
        super().__init__(allowed, **options)

    def takes(self, value: Any) -> bool:
        return isinstance(value, str) and self.pattern.fullmatch(value) is not None


class Choice(Scalar):
    """One of a closed list of values, of the very same type (``True`` is not ``1``).

    ``absent`` is the one that a curator means by leaving the key out, if any.
    """

    def __init__(self, *choices: str | int, absent: str | None = None, **options: Any) -> None:
        self.choices, self.absent = choices, absent
        super().__init__("one of " + ", ".join(map(str, choices)), **options)

    def takes(self, value: Any) -> bool:
        return type(value) in (str, int) and value in self.choices


class Whole(Scalar):
    """An integer from ``minimum``, at most ``maximum``; a boolean is none."""

    def __init__(self, minimum: int, maximum: int | None = None, **options: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        upto = "" if maximum is None else f" to {maximum}"
        super().__init__(f"an integer from {minimum}{upto}", **options)

    def takes(self, value: Any) -> bool:
        if type(value) is not int or value < self.minimum:
            return False
        return self.maximum is None or value <= self.maximum


_MAX_WHOLE = 10**15
"""Integers up to it are the same in every language that reads JSON (RFC 8259, section 6)."""


class Number(Scalar):
    """A finite number, as it is written, from ``minimum`` to ``maximum`` if they are given; a
    boolean is none. ``what`` says what it counts.
    """

    def __init__(
        self,
        minimum: int | None = None,
        maximum: int | None = None,
        what: str = "a number",
        **options: Any,
    ) -> None:
        self.minimum, self.maximum = minimum, maximum
        bounds = "" if minimum is None else f" from {minimum} to {maximum}"
        super().__init__(what + bounds, **options)

    def takes(self, value: Any) -> bool:
        if type(value) is int:
            fits = abs(value) < _MAX_WHOLE
        else:
            fits = type(value) is float and math.isfinite(value)
        if self.minimum is None or self.maximum is None:
            return fits
        return fits and self.minimum <= value <= self.maximum


class TrueOrFalse(Scalar):
    """A boolean; no number and no word stands for one."""

    def __init__(self, **options: Any) -> None:
        super().__init__("true or false", **options)

    def takes(self, value: Any) -> bool:
        return value is True or value is False


def is_day(value: object) -> bool:
    """Whether a value is a calendar day ``YYYY-MM-DD`` (and no week date, no ``20230101``)."""
    try:
        return isinstance(value, str) and bool(
            DAY.fullmatch(value) and dt.date.fromisoformat(value)
        )
    except ValueError:
        return False


class Day(Scalar):
    """A calendar day, kept as the string ``YYYY-MM-DD``."""

    def __init__(self, **options: Any) -> None:
        super().__init__("a calendar day YYYY-MM-DD", **options)

    def takes(self, value: Any) -> bool:
        return is_day(value)


def claim_id(**options: Any) -> Pattern:
    return Pattern(CLAIM_ID, "a claim id: clm_ and 8 characters of 0-9a-hjkmnp-tv-z", **options)


def document_id(**options: Any) -> Pattern:
    return Pattern(
        DOCUMENT_ID, "a document id: doc_ and 8 characters of 0-9a-hjkmnp-tv-z", **options
    )


def word(**options: Any) -> Pattern:
    """A word by which records are grouped, such as the series of an occasion; no id."""
    allowed = "words of a-z and 0-9 joined by hyphens, at most 64 characters"
    return Pattern(SLUG, allowed, **options)


def slug(**options: Any) -> Pattern:
    """An id that a curator chooses. One that begins with a digit is refused: a spreadsheet takes
    ``007``, ``1e5`` and ``2-1`` for numbers and days. So is ``none``, which is what filters call
    the claims that name no record.
    """
    allowed = "an id: words of a-z and 0-9 joined by hyphens, a letter first, at most 64, not none"
    return Pattern(RECORD_SLUG, allowed, **options)
