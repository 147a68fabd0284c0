"""A parsed query string: the values in it, and the links that lead on from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.parameters import Parameters, query_text, read_parameters
from schemas.query import ClaimQuery, claim_query

Link = Callable[[str, str], str]
"""Makes an address within the service of a path and a query string."""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The parameters of one request; ``text`` is the canonical query string."""

    path: str
    values: dict[str, Any]
    text: str
    schema: Parameters
    link: Link

    @classmethod
    def read(cls, path: str, query_string: bytes, schema: Parameters, link: Link) -> ParsedQuery:
        """Reads a query string strictly. Raises ``QueryRefused``."""
        values = read_parameters(query_string, schema)
        return cls(path, values, query_text(values, schema), schema, link)

    @property
    def claims(self) -> ClaimQuery:
        """Which claims are asked for."""
        return claim_query(self.values)

    def links(self, **following: Any) -> dict[str, str | None]:
        """The addresses of this page and of the next: the same query but for some values, or
        ``None`` when one of them is.
        """
        next_page = None
        if None not in following.values():
            text = query_text({**self.values, **following}, self.schema)
            next_page = self.link(self.path, text)
        return {"self": self.link(self.path, self.text), "next": next_page}
