"""What one can ask: plain data that knows nothing of HTTP or of any store."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from schemas.claim import ATTRIBUTIONS, KINDS
from schemas.fields import CLAIM_ID, DOCUMENT_ID, SLUG, Choice, Pattern
from schemas.parameters import (
    CLAIM_CURSOR,
    SEARCH_TEXT,
    YEAR,
    Calendar,
    Matched,
    Number,
    OneOf,
    Parameters,
    Several,
    Truth,
)

TERMS = (
    "id",
    "kind",
    "topic",
    "actor",
    "addressee",
    "about",
    "source",
    "speaker",
    "document",
    "occasion",
    "attribution",
)
"""The filters that compare whole values; each takes several, any of which may hold."""

DIMENSIONS = (*TERMS[1:], "specificity", "horizon", "announced_year", "occurred_year")
"""What claims can be counted by."""

SORTS = ("-announced", "announced", "-occurred", "occurred", "-content", "relevance")
DATE_MATCHES = ("possible", "certain")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQuery:
    """A question to a store; the attributes are the parameters of the contract.

    Filters are joined by AND, the values of one by OR. Dates are inclusive
    ``YYYY-MM-DD``. Under ``possible`` an uncertain date matches when it may
    fall inside the range, under ``certain`` when it must.
    """

    id: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()
    addressee: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    occasion: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    goals_only: bool = False
    distinct: bool = False
    horizon: tuple[str, ...] = ()
    announced_from: str | None = None
    announced_to: str | None = None
    occurred_from: str | None = None
    occurred_to: str | None = None
    date_match: str = "possible"
    min_attribution: int | None = None
    min_content: int | None = None
    q: str | None = None
    sort: str | None = None
    limit: int = 25
    cursor: str | None = None

    @property
    def order(self) -> str:
        """The sort order that holds."""
        return _order(self.sort, self.q)


def _order(sort: str | None, q: str | None) -> str:
    """The sort order that holds: relevance needs words to be relevant to."""
    if q is None:
        return "-announced" if sort in (None, "relevance") else sort
    return sort or "relevance"


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a search text asks for, before any store makes terms of it.

    Every word and phrase must occur, nothing of ``without`` may.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = field(default=())


_PIECE = re.compile(r'(-?)"([^"]*)"|(-?)(\S+)')


def search_text(text: str) -> SearchText:
    """Words, ``"phrases"`` and ``-words`` (or ``-"phrases"``) of a search text.

    Every text has a reading: what is no phrase and no ``-word`` is words.
    """
    words, phrases, without = [], [], []
    for match in _PIECE.finditer(text):
        no_phrase, phrase, no_word, word = match.groups()
        if no_phrase or no_word:
            without.append(phrase if phrase is not None else word)
        elif phrase is not None:
            phrases.append(phrase)
        else:
            words.append(word)
    return SearchText(tuple(words), tuple(phrases), tuple(without))


def _slugs() -> Several:
    return Several(Pattern(SLUG, "an id of a-z, 0-9 and single hyphens, at most 64 characters"))


class FilterParameters(Parameters):
    """The filters that claims, exports and counts share."""

    id = Several(Pattern(CLAIM_ID, "a claim id"))
    kind = Several(Choice(*KINDS))
    topic = _slugs()
    actor = _slugs()
    addressee = _slugs()
    about = _slugs()
    source = _slugs()
    speaker = _slugs()
    document = Several(Pattern(DOCUMENT_ID, "a document id"))
    occasion = _slugs()
    attribution = Several(Choice(*ATTRIBUTIONS))
    goals_only = Truth()
    distinct = Truth()
    horizon = Several(Pattern(YEAR, "a year of four digits"))
    announced_from = Calendar()
    announced_to = Calendar()
    occurred_from = Calendar()
    occurred_to = Calendar()
    date_match = OneOf(*DATE_MATCHES, default="possible")
    min_attribution = Number(0, 100)
    min_content = Number(0, 100)
    q = Matched(SEARCH_TEXT, "1 to 200 characters, none a control character")


class ExportParameters(FilterParameters):
    """The filters and the order of a whole result."""

    sort = OneOf(*SORTS)

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """An order that would hold anyway is left out, so that equal questions read alike."""
        if _order(values["sort"], values["q"]) == _order(None, values["q"]):
            values["sort"] = None
        return values


class ClaimsParameters(ExportParameters):
    """The filters, the order and the page."""

    limit = Number(1, 100, default=25)
    cursor = Matched(CLAIM_CURSOR, "a next_cursor of an earlier answer")


class CsvParameters(ExportParameters):
    """An export that a spreadsheet may ask to be made safe for it."""

    excel = Truth()


class CountsParameters(FilterParameters):
    """What to count by, and which claims to count."""

    by = Several(Choice(*DIMENSIONS), maximum=2, ordered=True, required=True)


class CountsCsvParameters(CountsParameters):
    excel = Truth()


class VocabularyParameters(Parameters):
    """A page of a vocabulary; the cursor is the id after which it goes on."""

    limit = Number(1, 100, default=25)
    cursor = Matched(SLUG, "a next_cursor of an earlier answer")


class DocumentsParameters(VocabularyParameters):
    cursor = Matched(DOCUMENT_ID, "a next_cursor of an earlier answer")


class NoParameters(Parameters):
    """An operation without parameters."""


def claim_query(values: dict[str, Any]) -> ClaimQuery:
    """The question in the values of any of the parameter sets above."""
    asked = {name: value for name, value in values.items() if name not in ("excel", "by")}
    return ClaimQuery(**asked)
