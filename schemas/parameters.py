"""Query parameters: text matched strictly against a pattern before it is parsed.

marshmallow alone would take ``limit=1_0``, ``２``, ``yes`` or a week date; each
field here matches the whole text first. A field's attributes (``pattern``,
``choices``, ``minimum``, ``maximum``, ``load_default``) are what the contract
states, and a test compares the two.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes

from marshmallow import Schema, ValidationError, missing

from schemas.faults import MAX_ECHO, ParameterFault, QueryRefused, cut
from schemas.fields import Choice, Pattern, Scalar

MAX_VALUES = 20
"""Values of a list parameter."""
NONE, ALL = "none", "*"
"""What a list of filter values may name beside values: claims without a value; alone, all claims
(what a dashboard sends for "All")."""
MAX_EXPLAINED = 20
"""Unknown parameters whose fault lists the known ones. Further ones are only named, so that the
answer does not grow a hundred times as fast as the request."""
_NO_PARAMETER = "is no parameter of this operation"

WHOLE = re.compile("0|[1-9][0-9]{0,8}")
YEAR = re.compile("(?!0000)[0-9]{4}")
MONTH = re.compile(f"{YEAR.pattern}-(0[1-9]|1[0-2])")
DAY = re.compile(f"{MONTH.pattern}-(0[1-9]|[12][0-9]|3[01])")
"""A day as a name of a group: one that no calendar has finds nothing."""
SEARCH_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,200}")
CHANGES_TOKEN = re.compile("[0-9a-f]{40}")


class Boolean(Scalar):
    """``true`` or ``false``; false by default, or with ``load_default=None`` neither."""

    choices = ("true", "false")

    def __init__(self, load_default: bool | None = False) -> None:
        super().__init__("true or false", load_default=load_default)

    def takes(self, value: Any) -> bool:
        return value in self.choices

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        return bool(super()._deserialize(value, attr, data) == "true")


class WholeNumber(Scalar):
    """A whole number in plain digits; may be left out."""

    def __init__(self, minimum: int, maximum: int, default: int | None = None) -> None:
        self.minimum, self.maximum = minimum, maximum
        allowed = f"a whole number from {minimum} to {maximum}, in plain digits"
        super().__init__(allowed, load_default=default)

    def takes(self, value: Any) -> bool:
        return bool(WHOLE.fullmatch(value)) and self.minimum <= int(value) <= self.maximum

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        return int(super()._deserialize(value, attr, data))


class Since(WholeNumber):
    """Where to go on in the record of changes: a number of a change, or a token (40 hexadecimal
    digits) that an earlier answer gave.
    """

    pattern = CHANGES_TOKEN

    def __init__(self, maximum: int) -> None:
        super().__init__(0, maximum, default=0)
        self.allowed = f"meta.next of an earlier answer, or {self.allowed}"

    def takes(self, value: Any) -> bool:
        return self.pattern.fullmatch(value) is not None or super().takes(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if self.pattern.fullmatch(value):
            return value
        return super()._deserialize(value, attr, data)


class CommaSeparated(Scalar):
    """1 to ``maximum`` values with commas between them, loaded as a tuple.

    Sorted and each once, since any of them may hold; ``ordered`` keeps the
    order and refuses a value that is given twice. ``*`` alone is the same as
    no such parameter, where it may be left out.
    """

    def __init__(
        self, item: Scalar, maximum: int = MAX_VALUES, *, ordered: bool = False, **options: Any
    ) -> None:
        self.item, self.maximum, self.ordered = item, maximum, ordered
        self.choices: tuple[str | int, ...] = getattr(item, "choices", ())
        allowed = f"1 to {maximum} values with commas between, each {item.allowed}"
        super().__init__(allowed, **options)
        if not self.required:
            self.allowed += f"; or {ALL} alone"

    def takes(self, value: Any) -> bool:
        values = value.split(",")
        if self._is_all(values):
            return True
        repeated = self.ordered and len(set(values)) < len(values)
        return len(values) <= self.maximum and not repeated and all(map(self.item.takes, values))

    def _is_all(self, values: list[str]) -> bool:
        return not self.required and set(values) == {ALL}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        values = super()._deserialize(value, attr, data).split(",")
        if self._is_all(values):
            return ()
        return tuple(values) if self.ordered else tuple(sorted(set(values)))


def or_none(item: Pattern | Choice) -> Pattern | Choice:
    """A value of a filter, or ``none``."""
    if isinstance(item, Choice):
        return Choice(*item.choices, NONE)
    return Pattern(re.compile(f"{NONE}|{item.pattern.pattern}"), f"{item.allowed} or {NONE}")


class Parameters(Schema):
    """The parameters of one operation, those in ``needed`` and those in ``defaults``."""

    def __init__(self) -> None:
        super().__init__()
        self.defaults = {
            name: field.load_default for name, field in self.fields.items() if not field.required
        }
        self.needed = self.fields.keys() - self.defaults.keys()

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values in the form that all spellings of one question have in common."""
        return values


def read_parameters(query_string: bytes, schema: Parameters) -> dict[str, Any]:
    """The values of a query string, every default filled in.

    Raises ``QueryRefused`` with all faults at once. Only the fields of the
    parameters in the query string are asked: loading the whole schema would
    cost four times as much.
    """
    fields: Mapping[str, Any] = schema.fields
    texts, faults = _split(query_string, fields)
    values = dict(schema.defaults)
    unknown = [name for name in texts if name not in fields]
    faults += [_unknown(name, fields) for name in unknown[:MAX_EXPLAINED]]
    faults += [
        ParameterFault(name, _NO_PARAMETER, unknown=True) for name in unknown[MAX_EXPLAINED:]
    ]
    absent = schema.needed - texts.keys()
    faults += [ParameterFault(n, "is required", fields[n].allowed) for n in absent]
    for name, text in texts.items():
        if name in fields and text != "":
            try:
                values[name] = fields[name].deserialize(text, name, texts)
            except ValidationError:
                faults.append(_wrong(name, text, fields[name]))
    if faults:
        raise QueryRefused(sorted(faults, key=lambda fault: fault.parameter))
    return schema.settled(values)


def list_name(name: str, fields: Mapping[str, Any]) -> str | None:
    """The list parameter that a name in a query string means, if any: ``topic`` or ``topic[]``."""
    bare = name.removesuffix("[]")
    return bare if isinstance(fields.get(bare), CommaSeparated) else None


def _split(
    query_string: bytes, fields: Mapping[str, Any]
) -> tuple[dict[str, str], list[ParameterFault]]:
    """The text of each parameter, with the faults that are seen before a value is read.

    WHATWG URL Standard, form-urlencoded parsing: pieces at ``&``, ``+`` is a
    blank. Bytes that are no UTF-8 are a fault, never a replacement character.
    A list that comes in several pieces is joined by commas, as others write it.
    """
    texts: dict[str, str] = {}
    faults: list[ParameterFault] = []
    for piece in filter(None, query_string.replace(b"+", b" ").split(b"&")):
        raw_name, _, raw_value = map(unquote_to_bytes, piece.partition(b"="))
        try:
            name, value = raw_name.decode(), raw_value.decode()
        except UnicodeDecodeError:
            name = raw_name.decode("utf-8", "replace")
            faults.append(ParameterFault(name, "is not valid UTF-8", "percent-encoded UTF-8"))
            continue
        several = list_name(name, fields)
        name = several or name
        if name in texts and not several:
            faults.append(ParameterFault(name, "is given more than once", "it once, as one value"))
        elif value == "":
            faults.append(ParameterFault(name, "is empty", "a value, or no such parameter"))
        texts[name] = ",".join(filter(None, [texts.get(name), value])) if several else value
    return texts, faults


def _unknown(name: str, known: Iterable[str]) -> ParameterFault:
    names = sorted(known)
    allowed = "one of " + ", ".join(names) if names else "no parameters"
    return ParameterFault(name, _NO_PARAMETER, allowed, nearest(name, names), unknown=True)


def nearest(text: str, names: Iterable[str], least: float = 0.6) -> str | None:
    """The name that a near miss meant, at ``least`` so much like it (1: the same); names are in
    lower case, so case is the nearest miss.
    """
    close = difflib.get_close_matches(text[:MAX_ECHO].lower(), names, n=1, cutoff=least)
    return next(iter(close), None)


def _wrong(name: str, value: str, field: Any) -> ParameterFault:
    """A value that the field does not take."""
    choices = [str(choice) for choice in getattr(field, "choices", ())]
    meant = next((nearest(part, choices) for part in value.split(",") if part not in choices), None)
    return ParameterFault(name, f"does not take {cut(value, MAX_ECHO)!r}", field.allowed, meant)


def query_text(values: Mapping[str, Any], schema: Parameters) -> str:
    """The canonical query string: names sorted, lists sorted, defaults left out."""
    names = sorted(n for n, value in values.items() if value != schema.defaults.get(n, missing))
    return "&".join(f"{name}={quote_plus(value_text(values[name]), safe=',')}" for name in names)


def value_text(value: Any) -> str:
    """A value as a query string has it, before it is percent-encoded."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
