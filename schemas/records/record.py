"""Records: lists and objects of strict fields, and the rules between their keys."""

from __future__ import annotations

import contextlib
import difflib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, pre_load, validates_schema

from schemas.fields import FastField

MAX_ITEMS = 10_000
"""Items of a list in a record: a longer one is refused before its items are looked at."""


class ListOf(FastField, fields.List[Any]):
    """A list of ``minimum`` to ``maximum`` items; with ``unique`` none twice."""

    inner: FastField

    def __init__(
        self,
        item: FastField,
        minimum: int = 0,
        unique: bool = False,
        maximum: float = MAX_ITEMS,
        allow_none: bool = False,
    ) -> None:
        super().__init__(item, required=True, allow_none=allow_none)
        self.minimum, self.maximum, self.unique = minimum, maximum, unique
        allowed = f"a list of {minimum} or more items" if minimum else "a list"
        self.allowed = allowed + (", none twice" if unique else "")
        self.allowed += ", or null" if allow_none else ""
        for case in ("required", "null", "invalid"):
            self.error_messages[case] = self.allowed

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is list and len(value) > self.maximum:
            raise ValidationError(f"{self.allowed}, at most {self.maximum}")
        return self._counted(super()._deserialize(value, attr, data, **kwargs))

    def load_valid(self, value: Any) -> list[Any] | None:
        if value is None and self.allow_none:
            return None
        if type(value) is not list or len(value) > self.maximum:
            raise ValidationError(self.allowed)
        load = self.inner.load_valid
        loaded = [load(item) for item in value]
        return self._counted(loaded) if self.minimum or self.unique else loaded

    def curated_form(self) -> ListOf:
        inner = self.inner.curated_form()
        return ListOf(inner, self.minimum, self.unique, self.maximum, self.allow_none)

    def _counted(self, loaded: list[Any]) -> list[Any]:
        several = self.unique and len(loaded) > 1
        repeated = several and len({repr(item) for item in loaded}) < len(loaded)
        if len(loaded) < self.minimum or repeated:
            raise ValidationError(self.allowed)
        return loaded


class ObjectOf(FastField, fields.Nested):
    """An object of another schema, ``null`` where ``allow_none`` says so."""

    nested: type[Record]

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        super().__init__(schema, required=True, **options)
        allowed = "an object, or null" if self.allow_none else "an object"
        self.error_messages.update(required=allowed, null=allowed, type=allowed)

    @functools.cached_property
    def schema(self) -> Record:
        """One for all fields of a kind: to make each its own took a tenth of a small build."""
        return schema_of(self.nested)

    def load_valid(self, value: Any) -> Any:
        if value is None and self.allow_none:
            return None
        return self.schema.load_valid(value)

    def curated_form(self) -> FastField:
        return ObjectOf(curated(self.nested), allow_none=self.allow_none)


Method = Callable[..., None]


def rule(method: Method) -> Method:
    """Marks a method that checks one key of a record against another, once each is valid."""
    method.is_rule = True  # type: ignore[attr-defined]  # read by Record
    return validates_schema(method)


class Record(Schema):
    """An object with exactly the keys it declares; those of a served record are never absent.

    With ``fills_in`` a key whose value may be null or an empty list (or an
    object of such keys) may be left out: absent means just that, or what a
    ``Choice`` says it means, and loading fills it in. ``Meta.exclude`` names
    what the build computes and a curator may not write.
    """

    fills_in = False
    error_messages = {"type": "an object", "unknown": "no such key"}  # noqa: RUF012  # as marshmallow declares it

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loaders = {
            name: field.load_valid if isinstance(field, FastField) else field.deserialize
            for name, field in self.load_fields.items()
        }
        named = [getattr(self, name, None) for name in dir(type(self))]
        self._rules = [cast("Method", found) for found in named if hasattr(found, "is_rule")]
        self.absent = dict(_absent_values(self.load_fields)) if self.fills_in else {}

    @pre_load
    def fill(self, data: Any, **kwargs: Any) -> Any:
        """A record with the value that each absent key stands for."""
        return {**self.absent, **data} if type(data) is dict else data

    def load(self, data: Any, **options: Any) -> Any:
        """Loads a record, its keys in the order of the schema. Raises ``ValidationError``.

        Nearly every record is valid, and finding that out field by field takes
        a quarter of the time of marshmallow's own way. On any error, fall back
        to marshmallow, which reports all of them.
        """
        if not options:
            with contextlib.suppress(ValidationError):
                return self.load_valid(data)
        return super().load(data, **options)

    def load_valid(self, data: Any) -> dict[str, Any]:
        """Loads a valid record. Raises ``ValidationError`` that does not say where the fault is."""
        loaders = self._loaders
        if type(data) is dict and data.keys() != loaders.keys():
            data = self.fill(data)
        if type(data) is not dict or data.keys() != loaders.keys():
            raise ValidationError("an object with the keys of the schema")
        loaded = {name: load(data[name]) for name, load in loaders.items()}
        for check in self._rules:
            check(loaded)
        return loaded

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Says of each unknown key whether it is computed, or which one was meant."""
        if isinstance(error.messages, dict):
            for key, messages in error.messages.items():
                if messages == ["no such key"]:
                    error.messages[key] = [self._unknown(str(key))]

    def _unknown(self, key: str) -> str:
        if key in self.exclude:
            return "no such key: it is computed by the build"
        near = difflib.get_close_matches(key, self.fields, n=1)
        return f"no such key (meant {near[0]}?)" if near else "no such key"


def _absent_values(declared: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, field in declared.items():
        if (meant := getattr(field, "absent", None)) is not None:
            yield name, meant
        elif field.allow_none:
            yield name, None
        elif isinstance(field, ListOf) and field.minimum == 0:
            yield name, []
        elif isinstance(field, ObjectOf) and len(field.schema.absent) == len(field.schema.fields):
            yield name, {}


@functools.cache
def schema_of(kind: type[Record]) -> Record:
    """The one schema of a kind that all fields share."""
    return kind()


def fields_of(kind: type[Record]) -> dict[str, FastField]:
    """The fields of a kind by key: copies, which may be changed."""
    return {name: cast("FastField", field) for name, field in kind().fields.items()}


@functools.cache
def curated(served: type[Record]) -> type[Record]:
    """The schema of a record as a curator writes it, from that of the record as it is served.

    Without the keys that are computed, each other one in the form that a
    curator writes; what may be null or empty may be absent. The rules are the same.
    """
    keys = fields_of(served)
    computed = tuple(name for name, field in keys.items() if field.is_computed)
    attributes = {
        **{name: field.curated_form() for name, field in keys.items()},
        "Meta": type("Meta", (served.Meta,), {"exclude": computed}),
        "fills_in": True,
    }
    return type(f"Curated{served.__name__}", (served,), attributes)
