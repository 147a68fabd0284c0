"""What of a record can be edited on a page, from the schema of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.date import DateSchema
from schemas.fields import Choice, FastField, Number, Scalar, Text, Whole
from schemas.records.change import CLAIM, CURATED
from schemas.records.record import ListOf, ObjectOf, Record
from schemas.records.vocabularies import VOCABULARIES

FIXED = ("id", "sha256", "length")
"""Keys that a program writes, and that stay with a record."""
_SHORT = ("url", "cap")
"""Words that stand for others by their first letters."""
FormField = dict[str, Any]
"""A field of the page: ``path`` (keys joined by dots), ``label``, ``control``, and what that needs.

Controls are ``text``, ``choice`` (of ``choices``), ``number``, ``date``, ``record`` (of a
``vocabulary``), ``words`` (a list of texts), and ``rows`` (a list of objects with ``columns``).
"""


def form_of(kind: str) -> list[FormField]:
    """The fields of a record of a vocabulary, in the order of its keys; of a claim none, whose
    page is another one.
    """
    if kind == CLAIM:
        return []
    references = VOCABULARIES[f"{kind}s"].references
    return [*_fields(CURATED[kind](), references)]


def _fields(schema: Record, references: dict[str, str], above: str = "") -> Iterator[FormField]:
    for name, field in schema.fields.items():
        path = f"{above}.{name}" if above else name
        if path in FIXED:
            continue
        told = {"path": path, "label": _label(path)}
        if name in references:
            yield {**told, "control": "record", "vocabulary": references[name]}
        elif isinstance(field, ObjectOf) and not issubclass(field.nested, DateSchema):
            yield from _fields(field.schema, {}, path)
        else:
            yield {**told, **_control(field)}


def _label(path: str) -> str:
    words = path.replace(".", ": ").replace("_", " ").split(" ")
    label = " ".join(word.upper() if word in _SHORT else word for word in words)
    return label[0].upper() + label[1:]


def _control(field: Any) -> FormField:
    """How a value is edited that refers to nothing."""
    if isinstance(field, ObjectOf):
        return {"control": "date"}
    if isinstance(field, ListOf):
        inner = field.inner
        if isinstance(inner, ObjectOf):
            return {"control": "rows", "columns": [*inner.schema.fields]}
        return {"control": "words"}
    if isinstance(field, Choice):
        none = [None] if field.allow_none else []
        return {"control": "choice", "choices": [*field.choices, *none]}
    control = "number" if isinstance(field, Whole | Number) else "text"
    return {"control": control, "hint": _hint(field)}


def _hint(field: FastField) -> str:
    """What is allowed, where that is more than any text."""
    if not isinstance(field, Scalar) or isinstance(field, Text):
        return ""
    return field.allowed.removesuffix(", or null")
