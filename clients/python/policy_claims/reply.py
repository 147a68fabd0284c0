"""An answer of the service as it came, whichever library received it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (their names are found in any case) and body.

    ``reason`` is the phrase of the status line. ``unchanged`` means that the service answered 304
    and the body is from a cache.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = b""
    reason: str = ""
    unchanged: bool = False

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case; empty where there is none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def location(self) -> str | None:
        """Where a redirect leads; None for other answers."""
        return self.headers.get("Location") if self.status in REDIRECTS else None
