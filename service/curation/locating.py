"""Passages found in the text of a document: to the character, or the nearest to what was typed."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.curation.texts import sha256_of

_ALIKE = ("'’‘ʼ‛´`", '"“”„‟«»', "-‐‑‒–—−")
"""Characters that a keyboard or a program puts for one another: marks and dashes."""
_PIECES = 5
"""Into how many pieces a passage is cut: where a few characters differ, one of them is the same."""
_LEAST_PIECE, _LEAST_LIKENESS = 4, 0.8
_CONTEXT = 30
"""Characters of context on either side of a passage."""


def locate(document: Mapping[str, Any], text: str, passage: str) -> list[dict[str, Any]]:
    """The evidence object for every place where a passage stands in a document's text.

    Offsets count code points of the file as it stands; matches may overlap.
    ``fidelity`` and ``role`` are the commonest and for the curator to change.
    """
    return [
        {
            "document": document["id"],
            "start": start,
            "end": start + len(passage),
            "sha256": sha256_of(passage),
            "fidelity": "paraphrase",
            "role": "supports",
        }
        for start in starts_of(text, passage)
    ]


def starts_of(text: str, passage: str) -> Iterator[int]:
    """Where a passage begins in a text, each place once; nowhere, if it is empty."""
    start = text.find(passage) if passage else -1
    while start >= 0:
        yield start
        start = text.find(passage, start + 1)


def nearest(text: str, passage: str) -> str | None:
    """The passage of a text that is most like one that does not stand in it, if any is like it.

    One that differs in its marks, dashes, blanks or case alone comes first.
    """
    passage = passage.strip()
    if not passage:
        return None
    same = re.compile("".join(_pattern(passage)), re.IGNORECASE).search(text)
    if same is not None:
        return same.group()
    judged = [(_likeness(window, passage), window) for window in _windows(text, passage)]
    best = max(judged, key=lambda each: each[0], default=(0.0, ""))
    return best[1].strip() if best[0] >= _LEAST_LIKENESS else None


def _pattern(passage: str) -> Iterator[str]:
    """A pattern of everything that reads like a passage."""
    for piece in re.findall(r"\s+|\S", passage):
        alike = next((group for group in _ALIKE if piece in group), None)
        if piece.isspace():
            yield r"\s+"
        else:
            yield re.escape(piece) if alike is None else f"[{re.escape(alike)}]"


def _windows(text: str, passage: str) -> Iterator[str]:
    """The stretches of a text, about as long as a passage, that have a piece of it at its place."""
    size, seen = max(_LEAST_PIECE, len(passage) // _PIECES), set[tuple[int, int]]()
    for offset in range(0, max(1, len(passage) - size + 1), size):
        for place in starts_of(text, passage[offset : offset + size]):
            start = max(0, place - offset)
            for first, last in _around(start, start + len(passage)):
                if 0 <= first < last <= len(text) and (first, last) not in seen:
                    seen.add((first, last))
                    yield text[first:last]
            if len(seen) > 5_000:  # a passage of one word over and over
                return


def _around(start: int, end: int) -> Iterator[tuple[int, int]]:
    for more in (0, -1, 1, -2, 2):
        yield start, end + more
        yield start + more, end


def _likeness(window: str, passage: str) -> float:
    return difflib.SequenceMatcher(None, window, passage, autojunk=False).ratio()


def differences(passage: str, found: str) -> str:
    """In which characters a passage that stands in a text differs from what was typed."""
    matcher = difflib.SequenceMatcher(None, passage, found, autojunk=False)
    changed = [
        f"{found[c:d] or 'nothing'} for {passage[a:b] or 'nothing'}"
        for what, a, b, c, d in matcher.get_opcodes()
        if what != "equal"
    ]
    return ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")


def in_context(text: str, start: int, end: int) -> str:
    """A passage between what stands around it, on one line."""
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    shown = f"…{before}[{text[start:end]}]{after}…"
    return f"{start}–{end}: " + re.sub(r"\s+", " ", shown)
