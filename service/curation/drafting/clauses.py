"""The clause that is reported: where it begins and ends in its sentence."""

import re

from service.curation.drafting.passages import MASK

MARKS = "“”„‟\"«»‹›「」『』‘’‚'"
THAT = re.compile(r"\bthat\b|\bwhether\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r";|,\s(?:but|though|although|which|who|while|whereas|calling|adding|saying|citing|a\s\w+\sthat)\b"
)
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
_BEFORE, _BEHIND = f"{_BLANKS},:;{MARKS}—–-", f"{_BLANKS},.;!?{MARKS}…—–-"
_NOTHING = f"{_BLANKS},.;:!?{MARKS}{MASK}"


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
    clause = text[start:end].lstrip(_BEFORE)
    start = max(start, end) - len(clause)
    return start, start + len(clause.rstrip(_BEHIND))


def is_empty(text: str) -> bool:
    """Whether a text has no word, and nothing that is quoted."""
    return not text.strip(_NOTHING)
