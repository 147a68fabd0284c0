"""Quotations in a text: what stands between quotation marks, found by plain rules.

Known are curly and straight marks, single and double, guillemets in either direction, low opening
marks, and corner brackets. A quotation that runs on into the next paragraph is left open at the end
of the first, and opened again.
"""

import functools
import re
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
_BEFORE = re.compile(r"[\s(\[{/—–\-:“„«‘]")
_MARK = re.compile("[" + re.escape("".join(CLOSERS)) + "]")
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
    place = 0
    while opening := _MARK.search(text, place):
        at = opening.start()
        place = at + 1
        if _opens(text, at) and (end := _end(text, at)) is not None:
            start, last = _without_blanks(text, at + 1, end)
            yield Quotation(start, last, text[at] in SINGLE)
            place = end + 1


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
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] in EITHER_WAY:
        return (not before or bool(_BEFORE.match(before))) and bool(after.strip())
    return text[at] not in SINGLE or not before.isalnum()


def _end(text: str, at: int) -> int | None:
    """Where the quotation ends that opens at a place; ``None`` where it does not."""
    mark, place = text[at], at + 1
    while place < len(text):
        if text[place] == "\n":
            after = text[place:].lstrip()[:1] if place + 1 < len(text) else ""
            if after == mark:
                return place
            if text[place : place + 2].strip("\n \t\r") == "" and _blank_line(text, place):
                return None
        elif text[place] in CLOSERS[mark] and not _is_apostrophe(text, place):
            return place
        place += 1
    return None


def _blank_line(text: str, place: int) -> bool:
    """Whether a line feed is followed by a line without a word."""
    return not text[place + 1 :].partition("\n")[0].strip()


def _is_apostrophe(text: str, place: int) -> bool:
    return text[place] in "’'‘" and text[place + 1 : place + 2].isalnum()


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _BLANK:
        start += 1
    while end > start and text[end - 1] in _BLANK + "\r":
        end -= 1
    return start, end
