"""Strict scalars, lists and objects: every field says in one phrase what it allows.

marshmallow's own fields parse leniently (``1_000``, full-width digits, ``yes``
for true, numbers for strings). Ours take the JSON type they name and nothing
else, and a pattern is matched whole before anything is parsed.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, TypeVar

from marshmallow import ValidationError, fields

ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford base32 in lower case, in the order of its values: no i, l, o or u to be misread."""
CLAIM_ID = re.compile(rf"clm_[{ID_DIGITS}]{{8}}")
DOCUMENT_ID = re.compile(rf"doc_[{ID_DIGITS}]{{8}}")
SLUG = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
RECORD_ID = re.compile(rf"(?:clm|doc)_[{ID_DIGITS}]{{8}}|{SLUG.pattern}")
SHA256 = re.compile(r"[0-9a-f]{64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2}|-[0-9]{3})?")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
URL = re.compile(r"https?://[!-~]{1,2000}")
COUNTRY = re.compile(r"[A-Z]{2}")


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

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not self.takes(value):
            raise ValidationError(self.allowed)
        return value


class Text(Scalar):
    """A string of 1 to ``maximum`` code points, not all blank, without control characters."""

    refused = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    """Control characters, line breaks among them; marks that turn the direction of what follows;
    and surrogates that have lost their partner."""

    def __init__(self, maximum: int = 2000, **options: Any) -> None:
        self.maximum = maximum
        super().__init__(
            f"a string of 1 to {maximum} characters, not all blank, no control characters",
            **options,
        )

    def takes(self, value: Any) -> bool:
        if not isinstance(value, str) or not 1 <= len(value) <= self.maximum:
            return False
        return not value.isspace() and not self.refused.search(value)


class Printed(Text):
    """Somebody else's text to the character: line breaks, tabs and marks of direction stand."""

    refused = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Pattern(Scalar):
    """A string that matches ``pattern`` whole."""

    def __init__(self, pattern: re.Pattern[str], allowed: str, **options: Any) -> None:
        self.pattern = pattern
        super().__init__(allowed, **options)

    def takes(self, value: Any) -> bool:
        return isinstance(value, str) and self.pattern.fullmatch(value) is not None


class Choice(Scalar):
    """One of a closed list of values, of the very same type (``True`` is not ``1``)."""

    def __init__(self, *choices: str | int, **options: Any) -> None:
        self.choices = choices
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


class Degrees(Scalar):
    """A number of degrees from ``-most`` to ``most``, kept as it is written; a boolean is none."""

    def __init__(self, most: int, **options: Any) -> None:
        self.minimum, self.maximum = -most, most
        super().__init__(f"a number of degrees from -{most} to {most}", **options)

    def takes(self, value: Any) -> bool:
        return type(value) in (int, float) and self.minimum <= value <= self.maximum


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


def slug(**options: Any) -> Pattern:
    return Pattern(SLUG, "an id: words of a-z and 0-9 joined by hyphens, at most 64", **options)
