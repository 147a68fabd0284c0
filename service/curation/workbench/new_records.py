"""New records of the vocabularies, from what a person says of them; a program makes their ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from typing import Any

from schemas.records.vocabularies import VOCABULARIES
from service.curation.workbench.session import ReadingSession

_MAX_SLUG = 64
_NOT_IN_A_SLUG = re.compile("[^a-z0-9]+")


def make_record(
    session: ReadingSession, vocabulary: str, said: Mapping[str, Any]
) -> dict[str, Any]:
    """A new record with what was said of it, under an id of its own; one that was drafted keeps
    its id.
    """
    if said.get("id") in session.new_records()[vocabulary]:
        return {**said}
    kind = VOCABULARIES[vocabulary]
    name = said.get(kind.name_key)
    taken = session.known[vocabulary]
    identifier = new_slug(name if isinstance(name, str) else "", kind.singular, taken)
    return {**said, "id": identifier}


def new_slug(name: str, kind: str, taken: Container[str]) -> str:
    """The words of a name joined by hyphens, with a number where that is taken or is none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = _NOT_IN_A_SLUG.sub("-", plain).strip("-")[: _MAX_SLUG - 5].strip("-")
    if not words or not words[0].isalpha() or words == "none":
        words = f"{kind}-{words}".strip("-")[: _MAX_SLUG - 5].strip("-")
    identifier, number = words, 2
    while identifier in taken:
        identifier, number = f"{words}-{number}", number + 1
    return identifier
