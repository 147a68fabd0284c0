"""The query string of a page, read leniently: what cannot be used is named and left out.

The API answers 400 where these pages go on. Both share the parameters and their canonical text,
so that the addresses of a page and of the same answer of the API differ by their path alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from marshmallow import ValidationError

from schemas.parameters import ALL, CommaSeparated, list_name, nearest, query_text
from schemas.query import ClaimQuery, ClaimsParameters, claim_query
from service.formats.envelopes import Link

PARAMETERS = ClaimsParameters()
_MAX_LENGTH = 100
"""Characters of a parameter that only pages have."""
_OF_PAGES = frozenset({"find", "from", "to"})
"""Parameters that only some pages have."""
_MAX_IGNORED = 20
"""Faults that a page names; more are ignored silently."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A value of a parameter that could not be used, and what the parameter takes; or a parameter
    that there is not, and the one that was ``meant``.
    """

    parameter: str
    value: str
    allowed: str
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class PageState:
    """The value of every parameter of ``/v1/claims``, and what was ignored."""

    values: dict[str, Any]
    ignored: tuple[Ignored, ...]
    link: Link

    @classmethod
    def empty(cls) -> PageState:
        """The question for all claims; its addresses are those of pages alone."""
        return cls(dict(PARAMETERS.defaults), (), lambda path, _: path)

    @property
    def query(self) -> ClaimQuery:
        return claim_query(self.values)

    @property
    def text(self) -> str:
        """The canonical query string."""
        return query_text(self.values, PARAMETERS)

    @property
    def filters(self) -> dict[str, Any]:
        """The values that narrow the claims: without order, page and defaults."""
        return {
            name: value
            for name, value in self.values.items()
            if name not in ("sort", "limit", "cursor") and value != PARAMETERS.defaults.get(name)
        }

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The canonical query string as the fields of a form."""
        return parse_qsl(self.text)

    @property
    def identity(self) -> str:
        """Everything in the query string that the page depends on."""
        ignored = [(fault.parameter, fault.value) for fault in self.ignored]
        return f"{self.text} {urlencode(ignored)}"

    def changed(self, **values: Any) -> PageState:
        """The same question with other values, from its first page on."""
        return PageState({**self.values, "cursor": None, **values}, (), self.link)

    def cleared(self) -> PageState:
        """Without filters, in the same order."""
        return self.changed(**{name: PARAMETERS.defaults[name] for name in self.filters})

    def without(self, name: str, value: str | None = None) -> PageState:
        """Without one filter, or without one value of it."""
        others = tuple(v for v in self.values[name] if v != value) if value is not None else ()
        return self.changed(**{name: others or PARAMETERS.defaults.get(name)})

    def address(self, path: str = "/", **more: Any) -> str:
        """The address of a page; ``more`` are parameters that only this page has."""
        text = "&".join(filter(None, [self.text, urlencode({k: v for k, v in more.items() if v})]))
        return f"{path}?{text}" if text else path

    def claims(self) -> str:
        """The address of the list of claims in the explorer."""
        return f"{self.address()}#claims"

    def api(self, path: str = "/v1/claims", **more: str) -> str:
        """The request to the API for these claims; order and page only where ``path`` has them."""
        unused = set() if path == "/v1/claims" else {"limit", "cursor"}
        if path.startswith(("/v1/counts", "/v1/claims.atom")):
            unused.add("sort")
        values = {name: value for name, value in self.values.items() if name not in unused}
        text = query_text(values, PARAMETERS)
        pairs = sorted([*filter(None, text.split("&")), *(f"{k}={v}" for k, v in more.items())])
        return self.link(path, "&".join(pairs))


def read_state(query_string: bytes, link: Link) -> PageState:
    """Reads a query string; unknown and empty parameters have no effect. Of the unknown ones those
    are named that are close to a filter: the others are mostly what sites add to links.
    """
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for name, text in parse_qsl(query_string.decode("utf-8", "replace")):
        texts[list_name(name, PARAMETERS.fields) or name].append(text)
    usable: dict[str, str] = {}
    ignored: list[Ignored] = []
    for name, values in texts.items():
        field: Any = PARAMETERS.fields.get(name)
        if field is not None:
            text, faulty = _usable(field, values)
            if text:
                usable[name] = text
            ignored += [Ignored(name, value, field.allowed) for value in faulty]
        elif name not in _OF_PAGES and (meant := nearest(name, PARAMETERS.fields, 0.8)):
            ignored.append(Ignored(name, "", "", meant))
    return PageState(PARAMETERS.load(usable), tuple(ignored[:_MAX_IGNORED]), link)


def _usable(field: Any, values: list[str]) -> tuple[str, list[str]]:
    """The usable values as the API takes them, and the others."""
    if isinstance(field, CommaSeparated):
        parts = list(dict.fromkeys(part for value in values for part in value.split(",") if part))
        if parts == [ALL]:
            return "", []
        valid = sorted(part for part in parts if part != ALL and _is_valid(field, part))
        valid = valid[: field.maximum]
        return ",".join(valid), [part for part in parts if part not in valid]
    first, *others = dict.fromkeys(values)
    return (first, others) if _is_valid(field, first) else ("", [first, *others])


def _is_valid(field: Any, value: str) -> bool:
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True


def page_parameter(query_string: bytes, name: str) -> str:
    """The last value of a parameter that only a page has; cut to length, never refused."""
    pairs = dict(parse_qsl(query_string.decode("utf-8", "replace")))
    return pairs.get(name, "").strip()[:_MAX_LENGTH]
