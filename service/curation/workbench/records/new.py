"""New records of the vocabularies, from what a person says of them; a program makes their ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records.vocabularies import VOCABULARIES
from service.curation.slugs import new_slug
from service.curation.workbench.session import ReadingSession


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
