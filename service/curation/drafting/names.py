"""The names in a text, with what stands beside them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.curation.drafting.calendar import MONTHS, WEEKDAYS
from service.curation.drafting.lexicon import (
    ADVERBS,
    CUTS,
    DETERMINERS,
    LEADS,
    PRONOUNS,
    QUANTIFIERS,
    TITLES,
)
from service.curation.drafting.phrases import (
    TOKEN,
    after_titles,
    bare,
    is_body,
    is_capital,
    is_office,
    run_end,
    unpossessed,
)

_BEFORE = re.compile(
    r"(?:\b(?:the|a|an|its|his|her|their|our)|\w[’']s?)[^\S\n]"
    r"((?:[^\W\d_][\w’'-]*[^\S\n]){0,4}[^\W\d_][\w’'-]*),?[^\S\n]\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r",[^\S\n](?:(?:the|a|an|its|his|her|their|our)|[\w-]+[’']s?)[^\S\n]"
    r"((?:[a-z][\w’'-]*[^\S\n]){0,4}[a-z][\w’'-]*)(?=[,.;)])"
)
_SHORT = re.compile(r"[^\S\n]\(([A-Z][\w&.-]{1,10})\)")
_OPENERS = DETERMINERS | PRONOUNS | QUANTIFIERS | ADVERBS | CUTS | LEADS
_NO_NAMES = frozenset({*MONTHS, *WEEKDAYS})
_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "lord"})
_MAX_PERSON = 4
"""Words of a person's name; a longer run of capitals that names no body is a heading."""


class Mention(NamedTuple):
    """A name in the text, what it is described as beside it, and its short form in brackets."""

    start: int
    name: str
    description: str
    short: str


def mentions(text: str) -> Iterator[Mention]:
    """The names of a text: two capital words or more, or one after a title or in capitals."""
    tokens = [match for match in TOKEN.finditer(text) if not match[0].startswith("(")]
    words = [token[0] for token in tokens]
    place = 0
    while place < len(tokens):
        if not is_capital(words[place]) or bare(words[place]) in _OPENERS:
            place += 1
            continue
        last = _touching(text, tokens, place, run_end(words, place))
        yield from _mention(text, tokens[place:last])
        place = last


def _touching(text: str, tokens: Sequence[re.Match[str]], first: int, last: int) -> int:
    """The end of a run of words with nothing but a blank between them."""
    for place in range(first + 1, last):
        if text[tokens[place - 1].end() : tokens[place].start()] not in (" ", "\u00a0"):
            return place
    return last


def _nearest(described: str) -> str:
    """The last noun phrase of a description."""
    words = described.split()
    cuts = [place for place, word in enumerate(words) if bare(word) in DETERMINERS]
    return " ".join(words[cuts[-1] + 1 :] if cuts else words)


def _mention(text: str, tokens: Sequence[re.Match[str]]) -> Iterator[Mention]:
    words = [token[0] for token in tokens]
    kept = words if is_office(words) else after_titles(words)
    titles = words[: len(words) - len(kept)]
    begin, end, start = tokens[0].start(), tokens[-1].end(), tokens[len(titles)].start()
    name = unpossessed(" ".join(kept))
    before = _BEFORE.search(text[max(0, begin - 80) : begin])
    after = _AFTER.match(text, end)
    if any(bare(word) in _NO_NAMES for word in kept) or (
        len(kept) > _MAX_PERSON and not is_body(name)
    ):
        return
    if len(kept) == 1 and not (titles or before or after or name.isupper()):
        return
    if bare(name) in TITLES:
        return
    if before and bare(before[1].split()[-1]) in CUTS:
        before = None
    described = _nearest(before[1]) if before else ""
    for title in titles:  # what somebody is called later ends with an office, not with "Mr"
        honorific = bare(title) in _HONORIFICS
        described = f"{title} {described}" if honorific else f"{described} {title}"
    described = described.strip()
    short = _SHORT.match(text, end)
    yield Mention(start, name, described or (after[1] if after else ""), short[1] if short else "")
