"""What a page was asked for, read kindly: what cannot be understood is named, and left out.

The API refuses what these pages forgive. Both share the parameters and their canonical text, so
that the address of a page and of the API's answer differ by their path alone.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from marshmallow import ValidationError

from schemas.parameters import CommaSeparated, query_text
from schemas.query import ClaimQuery, ClaimsParameters, claim_query
from service.parsed_query import Link

_SHOWN = 80
_OF_PAGES: tuple[str, ...] = ("limit", "cursor")
_LONGEST = 100
"""Characters of a parameter that only a page has."""
_MOST_IGNORED = 20
"""Faults that a page names; the rest are ignored in silence."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A value of a known parameter that could not be used, and what could have been."""

    parameter: str
    given: str
    allowed: str


@dataclass(frozen=True, slots=True)
class State:
    """The values of every parameter that ``/v1/claims`` has, and what was left out."""

    values: dict[str, Any]
    ignored: tuple[Ignored, ...]
    link: Link

    @property
    def query(self) -> ClaimQuery:
        return claim_query(self.values)

    @property
    def text(self) -> str:
        """The canonical query string."""
        return query_text(self.values, parameters())

    @property
    def filters(self) -> dict[str, Any]:
        """What narrows the claims: everything given but the order and the page."""
        schema = parameters().fields
        return {
            name: value
            for name, value in self.values.items()
            if name not in ("sort", "limit", "cursor") and value != schema[name].load_default
        }

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The canonical query string as the fields of a form."""
        return parse_qsl(self.text)

    @property
    def identity(self) -> str:
        """All of the query string that decides what the page says."""
        said = [(i.parameter, i.given) for i in self.ignored]
        return f"{self.text} {urlencode(said)}" if said else self.text

    def changed(self, **values: Any) -> State:
        """The same question with other values, from its first page on."""
        return State({**self.values, "cursor": None, **values}, (), self.link)

    def cleared(self) -> State:
        """No filter at all; the order stays."""
        schema = parameters().fields
        kept = {name: self.values[name] for name in ("sort", "limit")}
        return State({n: f.load_default for n, f in schema.items()} | kept, (), self.link)

    def without(self, name: str, value: str | None = None) -> State:
        """Without one filter, or without one value of it."""
        before = self.values[name]
        left = tuple(v for v in before if v != value) if value is not None else ()
        return self.changed(**{name: left or parameters().fields[name].load_default})

    def only(self, name: str, value: str) -> State:
        """One value of a filter, whichever it had before."""
        return self.changed(**{name: (value,)})

    def address(self, path: str = "/", **more: Any) -> str:
        """The address of a page about this question; ``more`` are the page's own parameters."""
        text = "&".join(filter(None, [self.text, urlencode({k: v for k, v in more.items() if v})]))
        return f"{path}?{text}" if text else path

    def api(self, path: str = "/v1/claims", **more: str) -> str:
        """The API's request for this question, or for the same filters on another path."""
        left_out: tuple[str, ...] = () if path == "/v1/claims" else _OF_PAGES
        if path.startswith("/v1/counts"):
            left_out = (*_OF_PAGES, "sort")
        kept = {n: v for n, v in self.values.items() if n not in left_out}
        text = query_text(kept, parameters())
        pairs = sorted([*filter(None, text.split("&")), *(f"{k}={v}" for k, v in more.items())])
        return self.link(path, "&".join(pairs))


@functools.cache
def parameters() -> ClaimsParameters:
    return ClaimsParameters()


def read_state(query_string: bytes, link: Link) -> State:
    """Reads a query string; unknown and empty parameters say nothing, ill-formed ones are named.

    A list may come as repeated parameters too, since that is how a form sends it.
    """
    known = parameters().fields
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True):
        if name in known and value != "":
            given.setdefault(name, []).append(value)
    used: dict[str, str] = {}
    ignored: list[Ignored] = []
    for name, values in given.items():
        found, left_out = _read(known[name], values)
        if found:
            used[name] = found
        allowed = getattr(known[name], "allowed", "")
        ignored += [Ignored(name, _cut(value), allowed) for value in left_out]
    return State(parameters().load(used), tuple(ignored[:_MOST_IGNORED]), link)


def _read(field: Any, values: list[str]) -> tuple[str, list[str]]:
    """What of the values given can be used, as the API would be sent it; and the rest."""
    if isinstance(field, CommaSeparated):
        parts = list(dict.fromkeys(part for value in values for part in value.split(",") if part))
        fitting = sorted(part for part in parts if _fits(field, part))
        kept = fitting[: field.maximum]
        return ",".join(kept), [part for part in parts if part not in kept]
    first, *others = dict.fromkeys(values)
    return (first, others) if _fits(field, first) else ("", [first, *others])


def _fits(field: Any, value: str) -> bool:
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def own_parameter(query_string: bytes, name: str) -> str:
    """The last value of a parameter that only a page has; cut, never refused."""
    pairs = dict(parse_qsl(query_string.decode("utf-8", "replace")))
    return pairs.get(name, "").strip()[:_LONGEST]
