"""A query string that was read: the values in it, and the links that lead on from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.parameters import Parameters, query_text, read_parameters
from schemas.query import ClaimQuery, claim_query

Link = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks for; ``text`` is the canonical query string."""

    path: str
    values: dict[str, Any]
    text: str
    schema: Parameters
    link: Link

    @classmethod
    def read(cls, path: str, query_string: bytes, schema: Parameters, link: Link) -> Asked:
        """Reads a query string strictly. Raises ``QueryRefused``."""
        values = read_parameters(query_string, schema)
        return cls(path, values, query_text(values, schema), schema, link)

    @property
    def query(self) -> ClaimQuery:
        return claim_query(self.values)

    @property
    def here(self) -> str:
        return self.link(self.path, self.text)

    def links(self, cursor: str | None) -> dict[str, str | None]:
        """The addresses of this page and of the next, if there is one."""
        return {"self": self.here, "next": self._going_on_at(cursor)}

    def _going_on_at(self, cursor: str | None) -> str | None:
        """The address of the next page, if there is one."""
        return None if cursor is None else self.with_values(cursor=cursor)

    def with_values(self, **values: Any) -> str:
        """The address of the same question but for some values."""
        return self.link(self.path, query_text({**self.values, **values}, self.schema))
