"""Ids of records of the vocabularies, made of what the records are called."""

import re
import unicodedata
from collections.abc import Container

_MAX_SLUG = 64
_NOT_IN_A_SLUG = re.compile("[^a-z0-9]+")


def plain_words(name: str) -> str:
    """The words of a name in the letters and digits of an id, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_SLUG.sub("-", plain).strip("-")


def new_slug(name: str, kind: str, taken: Container[str]) -> str:
    """The words of a name, with a number where that is taken; of a name that makes no id with the
    kind of the record before it.
    """
    words = plain_words(name)[: _MAX_SLUG - 5].strip("-")
    if not words or not words[0].isalpha() or words == "none":
        words = f"{kind}-{words}".strip("-")[: _MAX_SLUG - 5].strip("-")
    identifier, number = words, 2
    while identifier in taken:
        identifier, number = f"{words}-{number}", number + 1
    return identifier
