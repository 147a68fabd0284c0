"""Strict scalars, lists and objects: every field says in one phrase what it allows.

marshmallow's own fields parse leniently (``1_000``, full-width digits, ``yes``
for true, numbers for strings). Ours take the JSON type they name and nothing
else, and a pattern is matched whole before anything is parsed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

AnyField: TypeAlias = fields.Field[Any]
"""The type of a field that a served schema replaces by its expanded form."""

ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford base32 in lower case, in the order of its values: no i, l, o or u to be misread."""
CLAIM_ID = re.compile(rf"clm_[{ID_DIGITS}]{{8}}")
DOCUMENT_ID = re.compile(rf"doc_[{ID_DIGITS}]{{8}}")
SLUG = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
SHA256 = re.compile(r"[0-9a-f]{64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2}|-[0-9]{3})?")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
URL = re.compile(r"https?://[!-~]{1,2000}")


class Takes(fields.Field[Any]):
    """A field that can judge a value without marshmallow's machinery (see ``Record.load``)."""

    def take(self, value: Any) -> Any:
        """The value as it is loaded. Raises ``ValidationError``."""
        if value is None:
            if self.allow_none:
                return None
            raise self.make_error("null")
        return self._deserialize(value, None, None)


class Scalar(Takes):
    """A required value. Its class says in ``allowed`` what may stand there."""

    def __init__(self, allowed: str, **options: Any) -> None:
        super().__init__(**{"required": True, **options})
        self.allowed = allowed + (", or null" if self.allow_none else "")
        for case in ("required", "null", "validator_failed"):
            self.error_messages[case] = self.allowed

    def refuse(self) -> ValidationError:
        return ValidationError(self.allowed)


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

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= self.maximum:
            raise self.refuse()
        if self.refused.search(value) or value.isspace():
            raise self.refuse()
        return value


class Printed(Text):
    """Somebody else's text to the character: line breaks, tabs and marks of direction stand."""

    refused = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Pattern(Scalar):
    """A string that matches ``pattern`` whole."""

    def __init__(self, pattern: re.Pattern[str], allowed: str, **options: Any) -> None:
        self.pattern = pattern
        super().__init__(allowed, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise self.refuse()
        return value


class Choice(Scalar):
    """One of a closed list of values, of the very same type (``True`` is not ``1``)."""

    def __init__(self, *choices: str | int, **options: Any) -> None:
        self.choices = choices
        super().__init__("one of " + ", ".join(map(str, choices)), **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str | int:
        if type(value) not in (str, int) or value not in self.choices:
            raise self.refuse()
        return value  # type: ignore[no-any-return]  # type() was compared above


class Whole(Scalar):
    """An integer from ``minimum``, at most ``maximum``; a boolean is none."""

    def __init__(self, minimum: int, maximum: int | None = None, **options: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        upto = "" if maximum is None else f" to {maximum}"
        super().__init__(f"an integer from {minimum}{upto}", **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int or value < self.minimum:
            raise self.refuse()
        if self.maximum is not None and value > self.maximum:
            raise self.refuse()
        return value


def is_day(value: object) -> bool:
    """Whether a value is a calendar day ``YYYY-MM-DD`` (and no week date, no ``20230101``)."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


class Day(Scalar):
    """A calendar day, kept as the string ``YYYY-MM-DD``."""

    def __init__(self, **options: Any) -> None:
        super().__init__("a calendar day YYYY-MM-DD", **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not is_day(value):
            raise self.refuse()
        return str(value)


class ListOf(Takes, fields.List[Any]):
    """A list of ``minimum`` or more items; with ``unique`` none twice."""

    def __init__(self, item: Any, minimum: int = 0, unique: bool = False) -> None:
        super().__init__(item, required=True)
        self.minimum, self.unique = minimum, unique
        allowed = f"a list of {minimum} or more items" if minimum else "a list"
        self.allowed = allowed + (", none twice" if unique else "")
        for case in ("required", "null", "invalid"):
            self.error_messages[case] = self.allowed

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        return self._counted(super()._deserialize(value, attr, data, **kwargs))

    def take(self, value: Any) -> list[Any]:
        if type(value) is not list:
            raise ValidationError(self.allowed)
        take: Callable[[Any], Any] = self.inner.take  # type: ignore[attr-defined]  # items are ours
        return self._counted([take(item) for item in value])

    def _counted(self, loaded: list[Any]) -> list[Any]:
        several = self.unique and len(loaded) > 1
        repeated = several and len({repr(item) for item in loaded}) < len(loaded)
        if len(loaded) < self.minimum or repeated:
            raise ValidationError(self.allowed)
        return loaded


class ObjectOf(Takes, fields.Nested):
    """An object of another schema, ``null`` where ``allow_none`` says so."""

    def __init__(self, schema: Any, **options: Any) -> None:
        super().__init__(schema, required=True, **options)
        allowed = "an object, or null" if self.allow_none else "an object"
        self.error_messages.update(required=allowed, null=allowed, type=allowed)

    def take(self, value: Any) -> Any:
        if value is None:
            return super().take(value)
        schema = cast("Record", self.schema)
        return schema.take(value)


Rule = Callable[..., None]


def rule(method: Rule) -> Rule:
    """Marks what a schema checks between the keys of a record whose values are sound."""
    method.is_rule = True  # type: ignore[attr-defined]  # found again by Record
    return validates_schema(method)


class Record(Schema):
    """An object with exactly the keys it declares.

    ``computed`` names keys that the build writes and a curator may not.
    """

    computed: frozenset[str] = frozenset()
    _rules: tuple[Rule, ...] = ()
    error_messages = {"type": "an object", "unknown": "no such key"}  # noqa: RUF012  # as marshmallow declares it

    class Meta:
        unknown = RAISE

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        named = [getattr(cls, name, None) for name in dir(cls)]
        cls._rules = tuple(cast("Rule", found) for found in named if hasattr(found, "is_rule"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._takes = {
            name: field.take if isinstance(field, Takes) else field.deserialize
            for name, field in self.load_fields.items()
        }

    def load(self, data: Any, **options: Any) -> Any:
        """Loads a record, its keys in the order of the schema. Raises ``ValidationError``.

        Nearly every record of a data set is sound, and to find that out takes
        a quarter of what marshmallow's own way does, which gathers faults as
        it goes. It is gone where there may be some.
        """
        if not options:
            with contextlib.suppress(ValidationError):
                return self.take(data)
        return super().load(data, **options)

    def take(self, data: Any) -> dict[str, Any]:
        """A sound record. Raises ``ValidationError``, which does not say where it is not."""
        takes = self._takes
        if type(data) is not dict or data.keys() != takes.keys():
            raise ValidationError("an object with the keys of the schema")
        loaded = {name: take(data[name]) for name, take in takes.items()}
        for check in self._rules:
            check(self, loaded)
        return loaded

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Says of each unknown key whether it is computed, or which one was meant."""
        if isinstance(error.messages, dict):
            for key, messages in error.messages.items():
                if messages == ["no such key"]:
                    error.messages[key] = [self._unknown(str(key))]

    def _unknown(self, key: str) -> str:
        if key in self.computed:
            return "no such key: it is computed by the build"
        near = difflib.get_close_matches(key, self.fields, n=1)
        return f"no such key (meant {near[0]}?)" if near else "no such key"


def claim_id(**options: Any) -> Pattern:
    return Pattern(CLAIM_ID, "a claim id: clm_ and 8 characters of 0-9a-hjkmnp-tv-z", **options)


def document_id(**options: Any) -> Pattern:
    return Pattern(
        DOCUMENT_ID, "a document id: doc_ and 8 characters of 0-9a-hjkmnp-tv-z", **options
    )


def slug(**options: Any) -> Pattern:
    return Pattern(SLUG, "an id: words of a-z and 0-9 joined by hyphens, at most 64", **options)


def span_order(low: str = "start", high: str = "end") -> Any:
    """A rule for objects with two offsets: the end lies after the start."""

    @rule
    def check(self: Schema, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data[high] <= data[low]:
            raise ValidationError(f"an offset after {low} ({data[low]})", high)

    return check
