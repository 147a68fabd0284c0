"""What one can ask: plain data that knows nothing of HTTP or of any store."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field, fields, make_dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from schemas.fields import Choice, Pattern
from schemas.filters import DIMENSIONS, filter_parameters
from schemas.folding import as_typed
from schemas.parameters import (
    SEARCH_TEXT,
    Boolean,
    CommaSeparated,
    Parameters,
    Since,
    WholeNumber,
)
from schemas.patterns import DOCUMENT_ID, HEX_16, SLUG

SORTS = ("-announced", "announced", "-occurred", "occurred", "-content", "relevance")
DATE_MATCHES = ("possible", "certain")
MAX_LIMIT, DEFAULT_LIMIT = 100, 25
"""Records a page."""
MAX_SEQ = 999_999_999
"""The greatest number of a change that can be asked for; a client may hold it in 32 bits."""


_FILTERS: Any = make_dataclass(
    "_FILTERS",
    [(name, Any, field(default=row.load_default)) for name, row in filter_parameters().items()],
    frozen=True,
    slots=True,
    kw_only=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQuery(_FILTERS):  # type: ignore[misc]  # its attributes are those of the table
    """A question to a store, hashable; the attributes are the parameters of the contract.

    Filters are joined by AND, the values of one by OR. Dates are inclusive
    ``YYYY-MM-DD``. Under ``date_match="possible"`` an uncertain date matches
    when it may fall inside the range, under ``certain`` when it must.
    """

    date_match: str = "possible"
    q: str | None = None
    sort: str | None = None
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None

    if TYPE_CHECKING:

        def __init__(self, **parameters: Any) -> None: ...

    @property
    def order(self) -> str:
        """The sort order that holds."""
        return _order(self.sort, self.q)

    @property
    def given(self) -> list[str]:
        """The parameters that have another value than where they are left out."""
        values = zip(_NAMES, _values_of(self), _DEFAULTS, strict=True)
        return [name for name, value, default in values if value != default]

    @property
    def is_everything(self) -> bool:
        """Whether every claim is asked for, in default order."""
        return {"limit"}.issuperset(self.given)


_NAMES = tuple(each.name for each in fields(ClaimQuery))
_values_of = operator.attrgetter(*_NAMES)
_DEFAULTS = _values_of(ClaimQuery())


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
    without: tuple[str, ...] = ()


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»‹›「」『』〝〞〟", '"'))
"""Quotation marks that keyboards and telephones put for ``"``, opening or closing."""
_PIECE = re.compile(r'([-‐‑‒–—―−]?)(?:"([^"]*)"|(\S+))')
"""A word or a phrase, with any hyphen, dash or minus sign before it."""


def search_text(text: str) -> SearchText:
    """Words, ``"phrases"`` and ``-words`` (or ``-"phrases"``) of a search text.

    Every text has a reading: what is no phrase and no ``-word`` is words.
    Quotation marks and dashes of any kind are as good as the plain ones.
    """
    words, phrases, without = [], [], []
    for match in _PIECE.finditer(as_typed(text).translate(_QUOTES)):
        refused, phrase, word = match.groups()
        if refused:
            without.append(word if phrase is None else phrase)
        elif phrase is None:
            words.append(word)
        else:
            phrases.append(phrase)
    return SearchText(tuple(words), tuple(phrases), tuple(without))


_PAGE_SIZE = WholeNumber(1, MAX_LIMIT, default=DEFAULT_LIMIT)


def _cursor(pattern: re.Pattern[str]) -> Pattern:
    return Pattern(pattern, "a next_cursor of an earlier answer", load_default=None)


class FilterParameters(Parameters):
    """The filters that claims, exports and counts share."""

    class Meta:
        include: ClassVar[dict[str, Any]] = filter_parameters()

    date_match = Choice(*DATE_MATCHES, load_default="possible")
    q = Pattern(SEARCH_TEXT, "1 to 200 characters, none a control character", load_default=None)


class ExportParameters(FilterParameters):
    """The filters and the order of a whole result."""

    sort = Choice(*SORTS, load_default=None)

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Leaves out an order that would hold anyway, so that equal questions read alike."""
        if _order(values["sort"], values["q"]) == _order(None, values["q"]):
            values["sort"] = None
        return values


class ClaimsParameters(ExportParameters):
    """The filters, the order and the page."""

    limit = _PAGE_SIZE
    cursor = _cursor(HEX_16)


class FeedParameters(FilterParameters):
    """The filters of a feed of claims, and its number of entries."""

    limit = _PAGE_SIZE


class ChangesFeedParameters(Parameters):
    """The number of entries of a feed of changes."""

    limit = _PAGE_SIZE


class CsvParameters(ExportParameters):
    """An export that a spreadsheet may ask to be made safe for it."""

    excel = Boolean()


class CountsParameters(FilterParameters):
    """What to count by, and which claims to count."""

    by = CommaSeparated(Choice(*DIMENSIONS), maximum=2, ordered=True)


class CountsCsvParameters(CountsParameters):
    """Counts for a spreadsheet, or with columns named after the dimensions."""

    excel = Boolean()
    tidy = Boolean()


class VocabularyParameters(Parameters):
    """A page of a vocabulary; the cursor is the id after which it goes on."""

    limit = _PAGE_SIZE
    cursor = _cursor(SLUG)


class DocumentsParameters(VocabularyParameters):
    """A page of the documents, whose ids have a form of their own."""

    cursor = _cursor(DOCUMENT_ID)


class TableParameters(Parameters):
    """A whole table that a spreadsheet may ask to be made safe for it."""

    excel = Boolean()


class ComparedParameters(FilterParameters):
    """Which two occasions, and which of their claims."""

    class Meta:
        # ``from`` is no name that a class body could hold.
        include: ClassVar[dict[str, Any]] = {
            name: Pattern(SLUG, "the id of an occasion") for name in ("from", "to")
        }
        exclude: ClassVar[tuple[str, ...]] = ("occasion",)


class CompareParameters(ComparedParameters, VocabularyParameters):
    """The same, and which of their topics; the cursor is a topic's id."""


class CompareCsvParameters(ComparedParameters):
    """A whole comparison, which a spreadsheet may ask to be made safe for it."""

    excel = Boolean()


class HistoryParameters(Parameters):
    """A stretch of the changes of one record: how many after which one."""

    since = WholeNumber(0, MAX_SEQ, default=0)
    limit = _PAGE_SIZE


class ChangesParameters(Parameters):
    """A stretch of the record of changes: how many after which position in which feed."""

    since = Since(MAX_SEQ)
    feed = Pattern(HEX_16, "meta.feed of an earlier answer", load_default=None)
    limit = _PAGE_SIZE


class NoParameters(Parameters):
    """An operation without parameters."""


def claim_query(values: dict[str, Any]) -> ClaimQuery:
    """Which claims the values of any of the parameter sets above select, and which page of them."""
    return ClaimQuery(**{name: values[name] for name in _NAMES if name in values})
