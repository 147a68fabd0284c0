"""Query parameters: text matched strictly against a pattern before it is parsed.

marshmallow alone would take ``limit=1_0``, ``２``, ``yes`` or a week date; each
field here matches the whole text first. A field's attributes (``pattern``,
``choices``, ``minimum``, ``maximum``, ``load_default``) are what the contract
states, and a test compares the two.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes

from marshmallow import RAISE, Schema, ValidationError, missing

from schemas.faults import ParameterFault, QueryRefused
from schemas.fields import Choice, Day, Pattern, Scalar

MAX_VALUES = 20
"""Values of a list parameter."""
MAX_EXPLAINED = 20
"""Unknown parameters whose fault lists the known ones. Further ones are only named, so that the
answer does not grow a hundred times as fast as the request."""
_MAX_ECHO = 100
"""Characters of a wrong value that a fault repeats."""

WHOLE = re.compile("0|[1-9][0-9]{0,8}")
YEAR = re.compile("(?!0000)[0-9]{4}")
SEARCH_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,200}")
CLAIM_CURSOR = re.compile("[0-9a-f]{16}")


class OptionalText(Scalar):
    """A parameter that may be left out; ``load_default`` is then its value."""

    def __init__(self, allowed: str, default: Any = None, *, required: bool = False) -> None:
        super().__init__(allowed, required=required, load_default=default, allow_none=False)


class Matching(Pattern):
    """A text that matches a pattern whole."""

    def __init__(self, pattern: re.Pattern[str], allowed: str, *, required: bool = False) -> None:
        default = missing if required else None
        super().__init__(
            pattern, allowed, required=required, load_default=default, allow_none=False
        )


class Boolean(OptionalText):
    """``true`` or ``false``; false by default."""

    choices = ("true", "false")

    def __init__(self) -> None:
        super().__init__("true or false", default=False)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if value not in self.choices:
            raise self.refuse()
        return bool(value == "true")


class WholeNumber(OptionalText):
    """A whole number in plain digits."""

    def __init__(self, minimum: int, maximum: int, default: int | None = None) -> None:
        self.minimum, self.maximum = minimum, maximum
        super().__init__(f"a whole number from {minimum} to {maximum}, in plain digits", default)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not WHOLE.fullmatch(value) or not self.minimum <= int(value) <= self.maximum:
            raise self.refuse()
        return int(value)


class CalendarDay(Day):
    """A calendar day that may be left out."""

    def __init__(self) -> None:
        super().__init__(required=False, load_default=None, allow_none=False)


class OneOf(Choice):
    """One of some words; may be left out."""

    def __init__(self, *choices: str, default: str | None = None) -> None:
        super().__init__(*choices, required=False, load_default=default, allow_none=False)


class CommaSeparated(OptionalText):
    """1 to ``maximum`` values with commas between them, loaded as a tuple.

    Sorted and each once, since any of them may hold; ``ordered`` keeps the
    order and refuses a value that is given twice.
    """

    def __init__(
        self,
        item: Pattern | Choice,
        maximum: int = MAX_VALUES,
        *,
        ordered: bool = False,
        required: bool = False,
    ) -> None:
        self.item, self.maximum, self.ordered = item, maximum, ordered
        allowed = f"1 to {maximum} values with commas between, each {item.allowed}"
        super().__init__(allowed, missing if required else (), required=required)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        values = str(value).split(",")
        if len(values) > self.maximum or not all(map(self._is_allowed, values)):
            raise self.refuse()
        if self.ordered and len(set(values)) < len(values):
            raise self.refuse()
        return tuple(values) if self.ordered else tuple(sorted(set(values)))

    def _is_allowed(self, value: str) -> bool:
        try:
            self.item.deserialize(value)
        except ValidationError:
            return False
        return True

    @property
    def choices(self) -> tuple[str | int, ...]:
        return getattr(self.item, "choices", ())


class Parameters(Schema):
    """The parameters of one operation; any other is refused by name."""

    class Meta:
        unknown = RAISE

    def __init__(self) -> None:
        super().__init__()
        self.required = [name for name, field in self.fields.items() if field.required]
        self.defaults = {
            name: field.load_default for name, field in self.fields.items() if not field.required
        }

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values in the form that all spellings of one question have in common."""
        return values


def read_parameters(query_string: bytes, schema: Parameters) -> dict[str, Any]:
    """The values of a query string, every default filled in.

    Raises ``QueryRefused`` with all faults at once. Only the fields of the
    parameters in the query string are asked: loading the whole schema would
    cost four times as much.
    """
    texts, faults = _split(query_string)
    fields, values = schema.fields, dict(schema.defaults)
    unknown = [name for name in texts if name not in fields]
    faults += [_unknown(name, fields) for name in unknown[:MAX_EXPLAINED]]
    faults += [_unexplained(name) for name in unknown[MAX_EXPLAINED:]]
    faults += [_wrong(n, None, fields[n]) for n in schema.required if n not in texts]
    for name, text in texts.items():
        if name in fields and text != "":
            try:
                values[name] = fields[name].deserialize(text, name, texts)
            except ValidationError:
                faults.append(_wrong(name, text, fields[name]))
    if faults:
        raise QueryRefused(sorted(faults, key=lambda fault: fault.parameter))
    return schema.settled(values)


def _split(query_string: bytes) -> tuple[dict[str, str], list[ParameterFault]]:
    """The text of each parameter, with the faults that need no schema to be seen.

    WHATWG URL Standard, form-urlencoded parsing: pieces at ``&``, ``+`` is a
    blank. Bytes that are no UTF-8 are a fault, never a replacement character.
    """
    texts: dict[str, str] = {}
    faults: list[ParameterFault] = []
    for piece in filter(None, query_string.split(b"&")):
        raw_name, _, raw_value = piece.replace(b"+", b" ").partition(b"=")
        name = unquote_to_bytes(raw_name).decode("utf-8", "replace")
        try:
            unquote_to_bytes(raw_name).decode("utf-8")
            value = unquote_to_bytes(raw_value).decode("utf-8")
        except UnicodeDecodeError:
            faults.append(ParameterFault(_cut(name), "is not valid UTF-8", "percent-encoded UTF-8"))
            continue
        if name in texts:
            faults.append(
                ParameterFault(_cut(name), "is given more than once", "once, values with commas")
            )
        elif value == "":
            faults.append(ParameterFault(_cut(name), "is empty", "a value, or no such parameter"))
        texts[name] = value
    return texts, faults


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_ECHO else text[: _MAX_ECHO - 1] + "…"


def _unknown(name: str, known: Iterable[str]) -> ParameterFault:
    names = sorted(known)
    return ParameterFault(
        _cut(name),
        "is no parameter of this operation",
        "one of " + ", ".join(names) if names else "no parameters",
        _nearest(name, names),
        unknown=True,
    )


def _nearest(text: str, names: Iterable[str]) -> str | None:
    """The name that a near miss meant; names are in lower case, so case is the nearest miss."""
    return next(iter(difflib.get_close_matches(text[:_MAX_ECHO].lower(), names, n=1)), None)


def _unexplained(name: str) -> ParameterFault:
    return ParameterFault(_cut(name), "is no parameter of this operation", unknown=True)


def _wrong(name: str, value: str | None, field: Any) -> ParameterFault:
    """A value that the field does not take; ``None`` for a required parameter that is missing."""
    if value is None:
        return ParameterFault(name, "is required", field.allowed)
    choices = [str(choice) for choice in getattr(field, "choices", ())]
    meant = next(
        (_nearest(part, choices) for part in value.split(",") if part not in choices), None
    )
    return ParameterFault(name, f"does not take {_cut(value)!r}", field.allowed, meant)


def query_text(values: Mapping[str, Any], schema: Parameters) -> str:
    """The canonical query string: names sorted, lists sorted, defaults left out."""
    names = sorted(n for n, value in values.items() if value != schema.defaults.get(n, missing))
    return "&".join(f"{name}={quote_plus(_text(values[name]), safe=',')}" for name in names)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)
