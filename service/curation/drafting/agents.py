"""The agents that a text names: those of the vocabulary, and records for those that it lacks."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.fields import slug
from service.curation.drafting.phrases import is_body
from service.curation.slugs import plain_words

_SLUG = slug()
_MAX_ID = 60


class Agents:
    """Agents by the names that they go by; what is not known gets a new record."""

    def __init__(self, known: Iterable[Mapping[str, Any]]) -> None:
        self.new: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        self._taken: set[str] = set()
        for record in known:
            self._taken.add(record["id"])
            for name in (record["name"], *record.get("other_names", ())):
                self._ids.setdefault(_folded(name), record["id"])

    def id_of(self, name: str, named: bool) -> str | None:
        """The id of an agent; a new record is made where there is none. ``None`` for a name of
        which no id can be made. Who is not ``named`` is of the kind "unnamed".
        """
        known = self._ids.get(_folded(name))
        if known is not None:
            return known
        identifier = self._unused(name)
        if identifier is None:
            return None
        kind = "unnamed" if not named else None if is_body(name) or " " not in name else "person"
        self.new[identifier] = {"id": identifier, "name": name[:500], "kind": kind}
        self._taken.add(identifier)
        self._ids[_folded(name)] = identifier
        return identifier

    def known(self, name: str) -> str | None:
        """The id of an agent that has a record."""
        return self._ids.get(_folded(name))

    def _unused(self, name: str) -> str | None:
        base = plain_words(name)[:_MAX_ID].strip("-")
        for candidate in (base, *(f"{base}-{number}" for number in range(2, 100))):
            if candidate not in self._taken and _SLUG.takes(candidate):
                return candidate
        return None


def _folded(name: str) -> str:
    words = re.sub(r"[’'.]", "", name).casefold().split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)
