"""The clause that is reported: where it begins and ends in its sentence."""

import re

from service.curation.drafting.passages import MASK

MARKS = "“”„‟\"«»‹›「」『』‘’‚'"
THAT = re.compile(r"\bthat\b|\bwhether\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r";|,\s(?:but|though|although|which|who|while|whereas|calling|adding|saying|citing|a\s\w+\sthat)\b"
)
_TRAILING = re.compile(rf"[\s,.;!?{MARKS}…—–-]*\Z")
_LEADING = re.compile(rf"[\s,:;{MARKS}—–-]*")
EMPTY = re.compile(rf"[\s,.;:!?{MARKS}{MASK}]*\Z")


def clause_after(text: str, start: int) -> tuple[int, int]:
    """The clause after a verb, without "that"; "that" alone is what was said before."""
    that = THAT.match(text, start + 1) or THAT.match(text, start)
    end = end_of(text, start)
    if that and text[that.end() : end].strip(" ,."):
        start = that.end()
    return tight(text, start, end)


def end_of(text: str, start: int) -> int:
    end = _CLAUSE_END.search(text, start)
    return end.start() if end else len(text)


def tight(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without blanks, marks and punctuation around it."""
    start += len(_LEADING.match(text[start:end])[0])  # type: ignore[index]  # matches anything
    trailing = _TRAILING.search(text[start:end])
    end = start + trailing.start() if trailing else end
    return start, max(start, end)
