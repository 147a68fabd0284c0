"""Quotations in a text: what stands between quotation marks, found by plain rules.

Known are curly and straight marks, single and double, guillemets in either direction, low opening
marks, and corner brackets. A quotation that runs on into the next paragraph is left open at the end
of the first, and opened again.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

CLOSERS = {
    "“": "”",
    "„": "“”",
    "‟": "”",
    "”": "”",
    '"': '"',
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "「": "」",
    "『": "』",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
}
"""Of each mark that opens a quotation those that close it."""
EITHER_WAY = "\"'”»›"
"""Marks that may also close: they open only after a blank or a bracket, and before no blank."""
SINGLE = "‘‚'"
"""Marks that are apostrophes as well, so that nobody can tell for sure where they close."""
_CLOSES_SINGLE = "’'‘"
_BEFORE = re.compile(r"[\s(\[{/—–\-:“„«‘\"'‹「『]")
_MARK_OR_BREAK = re.compile(
    "[" + re.escape("".join({*CLOSERS, *"".join(CLOSERS.values())})) + r"]|\n[ \t\r]*\n\s*"
)
_ELIDED = re.compile(
    r"['‘’](?:\d\ds?\b|n['’]|(?:tis|twas|em|til|cause|bout|round)\b)", re.IGNORECASE
)
"""An apostrophe that begins a word: the '90s, rock 'n' roll."""
_POSSESSIVE = re.compile(
    r"[sS]['’] (?!(?:he|she|they|it|we|i|said|says|told|in|on|at|by|and|but|as|was|is)\b)\w",
    re.IGNORECASE,
)
"""What may be a possessive: a word follows that goes on with no other clause."""
_FURTHER = 400
"""Characters within which a mark is looked for that closes a quotation better."""
_BLANK = " \t\u00a0\u202f"


class Quotation(NamedTuple):
    """A string between quotation marks: offsets in code points, the marks left out."""

    start: int
    end: int
    single: bool


@functools.lru_cache(maxsize=64)
def quotations(text: str) -> tuple[Quotation, ...]:
    """The quotations of a text in their order; of one inside another only the outer one."""
    return tuple(_quotations(text))


def _quotations(text: str) -> Iterator[Quotation]:
    last = -1
    for opening, closing in sorted(_Marks(text).pairs):
        if opening > last:
            start, end = _without_blanks(text, opening + 1, closing)
            if start < end:
                yield Quotation(start, end, text[opening] in SINGLE)
            last = closing


class _Marks:
    """The marks of a text in pairs, found in one pass.

    A mark closes the latest one that it can close; what was opened after that
    and not closed was no quotation. What is open at the end of a paragraph ends
    there if the next one opens it again, and was no quotation otherwise.
    """

    def __init__(self, text: str) -> None:
        self.pairs: list[tuple[int, int]] = []
        self._text = text
        self._open: list[int] = []
        self._closable: Counter[str] = Counter()
        for match in _MARK_OR_BREAK.finditer(text):
            if text[match.start()] == "\n":
                self._end_paragraph(match.start(), match.end())
            else:
                self._read(match.start())

    def _end_paragraph(self, end: int, start: int) -> None:
        """Between two paragraphs: the first ends at ``end``, the next begins at ``start``."""
        mark = self._text[start : start + 1]
        again = [place for place in self._open if self._text[place] == mark]
        if again:
            self.pairs.append((again[0], end))
        self._open, self._closable = [], Counter()

    def _read(self, place: int) -> None:
        text, mark = self._text, self._text[place]
        if self._open and text[self._open[-1]] == mark and text[place - 1] == "\n":
            self._end_paragraph(place - 1, place)
        if self._closable[mark] and _closes(text, place) and self._close(place, mark):
            return
        if _opens(text, place):
            self._open.append(place)
            self._closable.update(CLOSERS[mark])

    def _close(self, place: int, mark: str) -> bool:
        if mark in _CLOSES_SINGLE and mark not in CLOSERS[self._text[self._open[-1]]]:
            return False  # an apostrophe within a quotation of another kind
        while self._open:
            opening = self._open.pop()
            self._closable.subtract(CLOSERS[self._text[opening]])
            if mark in CLOSERS[self._text[opening]]:
                self.pairs.append((opening, place))
                return True
        return False


def is_quoted(text: str, start: int, end: int) -> bool:
    """Whether a span is all of what stands between two quotation marks, or between one and the end
    of a paragraph that is left open.
    """
    before, after = start, end
    while before > 1 and text[before - 1] in _BLANK and text[before - 2] in "«»‹›":
        before -= 1
    while after < len(text) and text[after] in _BLANK and text[after + 1 : after + 2] in "«»‹›":
        after += 1
    if before == 0 or text[before - 1] not in CLOSERS or not _opens(text, before - 1):
        return False
    mark = text[before - 1]
    if mark not in SINGLE and any(closer in text[start:end] for closer in CLOSERS[mark]):
        return False
    closed = after < len(text) and text[after] in CLOSERS[mark]
    return closed or not text[end:].partition("\n")[0].strip()


def _opens(text: str, at: int) -> bool:
    mark, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if mark not in CLOSERS or (mark in SINGLE and _ELIDED.match(text, at)):
        return False
    if mark in EITHER_WAY:
        begins = not before or bool(_BEFORE.match(before))
        return begins and bool(after.strip(_BLANK + "\r\n,;:!?)"))
    return mark not in SINGLE or not before.isalnum()


def _closes(text: str, at: int) -> bool:
    mark, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if mark in _CLOSES_SINGLE:
        return not (_is_apostrophe(text, at) or _is_possessive(text, at))
    return mark not in '"”' or not before.isspace() or not after.strip()


def _is_apostrophe(text: str, place: int) -> bool:
    return text[place] in "’'‘" and text[place + 1 : place + 2].isalnum()


def _is_possessive(text: str, at: int) -> bool:
    """Whether a mark stands as in "the workers' union": a word follows, and the quotation is closed
    later in the line, before another one opens.
    """
    if not _POSSESSIVE.match(text, at - 1):
        return False
    further = text.find(text[at], at + 1, at + _FURTHER)
    line_end = text.find("\n", at, at + _FURTHER)
    if further < 0 or 0 <= line_end < further or text[further - 1].isspace():
        return False
    if text[at] == "’" and "‘" in text[at:further]:
        return False
    return not (_is_apostrophe(text, further) or _POSSESSIVE.match(text, further - 1))


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _BLANK:
        start += 1
    while end > start and text[end - 1] in _BLANK + "\r":
        end -= 1
    return start, end
