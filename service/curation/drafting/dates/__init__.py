"""Expressions of time in English texts, resolved to EDTF by closed rules.

Of several rules that match, that is taken which begins first, and then the longest. What no rule
covers stays empty: "in recent years", "within three months", fiscal years, feasts. A day of a month
without a year is the one nearest to publication; a weekday or a month alone is the latest one, or
the next where the words before it speak of what is to come.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from service.curation.drafting.dates.calendar import Anchor as Anchor
from service.curation.drafting.dates.relative import RULES
from service.curation.drafting.dates.words import Place, Rule


class FoundDate(NamedTuple):
    """An expression of time: offsets in code points, its EDTF, and whether it is printed in full
    (``stated``) or told from the day of publication (``resolved``).
    """

    start: int
    end: int
    edtf: str
    basis: str


_BEFORE = 90
"""Characters before an expression in which a verb is looked for."""
_CLAUSE = re.compile(r"[;:.!?—]|\b(?:that|which|who|while|but|because)\b", re.IGNORECASE)
_AHEAD = re.compile(
    r"\b(?:will|won[’']t|would|shall|going to"
    r"|(?:is|are|was|were) (?:to|due|set|scheduled|expected|planned|slated)"
    r"|(?:plans?|hopes?|intends?|expects?|aims?|pledges?|promises?|due|scheduled|expected"
    r"|able) ?(?:to)?|(?:planned|slated|set|called) for|takes?|expires?|ends?|holds?"
    r"|meets?|opens?|begins?|starts?|closes?|faces|resumes|returns|arrives|travels|convenes|goes"
    r"|(?:put off|postponed?|delay(?:ed)?|adjourn(?:ed)?|defer(?:red)?)\b[^.;]{0,60}\b(?:until|till|to)"
    r"|(?:agree|promise|pledge|vow|decide|threaten|undertake)[sd]? (?:not )?to"
    r"|must|can|may|should|deadline|ahead of|starting|beginning)\b|’ll|'ll",
    re.IGNORECASE,
)
_DEADLINE = re.compile(r"\b(?:by|until|till|before)\s+(?:the\s+)?\Z", re.IGNORECASE)
_DONE_BY = re.compile(r"\bhad (?:been )?\w+[^,]{0,60}\bby\s+\Z", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?<!be )\b(?:said|told|was|were|had|has|have|did|went|began|met|held|came|took|made|since|ago"
    r"|gave|saw|fell|rose|(?<!the )(?<!a )(?<!first )(?:cut|set|shut)|left|won|lost|\w{2,}ed)\b",
    re.IGNORECASE,
)


def dates(text: str, anchor: Anchor) -> list[FoundDate]:
    """The expressions of time of a text that a rule covers, in their order."""
    found: list[FoundDate] = []
    last = 0
    for match, rule in sorted(_matches(text), key=lambda each: _longest_first(each[0])):
        if match.start() < last:
            continue
        earlier = found[-1] if found else None
        if earlier and _SENTENCE_END.search(text, earlier.end, match.start()):
            earlier = None
        last = match.end()
        place = Place(match, anchor, _looks_ahead(text, match), earlier and earlier.edtf)
        edtf = rule.meaning(place)
        if edtf:
            basis = "stated" if re.fullmatch(r"\d{4}", place.word("y")) else "resolved"
            found.append(FoundDate(match.start(), match.end(), edtf, basis))
    return found


_SENTENCE_END = re.compile(r"[.!?]\s")


def _matches(text: str) -> Iterator[tuple[re.Match[str], Rule]]:
    for rule in RULES:
        for match in rule.pattern.finditer(text):
            yield match, rule


def _longest_first(match: re.Match[str]) -> tuple[int, int]:
    return match.start(), -match.end()


def _looks_ahead(text: str, match: re.Match[str]) -> bool | None:
    """Whether the nearest verb before an expression, in its clause, speaks of what is to come;
    ``None`` where there is no verb.
    """
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    borders = [border.end() for border in _CLAUSE.finditer(before)]
    clause = before[borders[-1] :] if borders else before
    if _DEADLINE.search(before):
        return not _DONE_BY.search(clause)
    ahead = max((each.end() for each in _AHEAD.finditer(clause)), default=0)
    behind = max((each.end() for each in _BEHIND.finditer(clause)), default=0)
    return None if ahead == behind == 0 else ahead >= behind
