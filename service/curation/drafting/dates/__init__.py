"""Expressions of time in English texts, resolved to EDTF by closed rules.

Of several rules that match, that is taken which begins first, and then the longest. What no rule
covers stays empty: "in recent years", "within three months", fiscal years, feasts. A day of a month
without a year is the one nearest to publication; a weekday or a month alone is the latest one, or
the next where the words before it speak of what is to come.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from service.curation.drafting.dates.absolute import ABSOLUTE
from service.curation.drafting.dates.calendar import Anchor
from service.curation.drafting.dates.relative import RELATIVE
from service.curation.drafting.dates.words import DateRule, Place
from service.curation.drafting.dates.years import YEARS


class FoundDate(NamedTuple):
    """An expression of time: offsets in code points, its EDTF, and whether it is printed in full
    (``stated``) or told from the day of publication (``resolved``).
    """

    start: int
    end: int
    edtf: str
    basis: str


_RULES = (*ABSOLUTE, *YEARS, *RELATIVE)
_BEFORE = 90
"""Characters before an expression in which a verb is looked for."""
_CLAUSE = re.compile(r"[;:.!?—]|\b(?:that|which|who|while|but|because)\b", re.IGNORECASE)
_CLAUSE_OR_MARK = re.compile(r"[;:.!?—“\"‘«]")
_AHEAD = re.compile(
    r"\b(?:(?:will|won[’']t|would|shall|going to|must|can|(?-i:may)|should)"
    r"(?: (?:not|be))?(?: [a-z]+)?"
    r"|(?:is|are|was|were) (?:to|due|set|scheduled|expected|planned|slated)"
    r"|(?:plans?|hopes?|intends?|expects?|aims?|pledges?|promises?|due|scheduled|expected"
    r"|able) ?(?:to)?|(?:planned|slated|set|called) for|deadline|ahead of|starting|beginning"
    r"|takes|expires?|ends|holds|meets?|opens?|begins?|starts|closes|faces|resumes?|returns|arrives"
    r"|travels|convenes|goes|go on"
    r"|(?:put off|postponed?|delay(?:ed)?|adjourn(?:ed)?)\b[^.;]{0,60}\b(?:until|till|to)"
    r"|(?:agree|promise|pledge|vow|decide|threaten|undertake)[sd]? (?:not )?to)\b|’ll|'ll",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?<!be )\b(?:said|told|was|were|had|has|have|did|went|began|met|held|came|took|made|since|ago"
    r"|gave|saw|fell|rose|wrote|spoke|ran|drew|sent|paid|sold|bought|brought|built|grew|struck|became"
    r"|(?<!the )(?<!a )(?<!first )(?:cut|set|shut)|left|won|lost|\w{2,}ed)\b",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:by|until|till|before)\s+(?:the\s+)?(?:(?:end|close|middle|start|beginning)\s+of\s+)?\Z",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\bhad been (?:due|scheduled|expected|set|planned|slated)\b[^,]{0,30}\Z"
    r"|\b(?:had|(?:should|would|could|must) have) (?:been )?"
    r"(?!promised|pledged|vowed|ordered|told|asked|urged|agreed|given)\w*(?:ed|en|ne|wn|ft|pt|lt|ld|nt|ut|de)\b[^,]{0,60}\bby\s\Z",
    re.IGNORECASE,
)
"""What had been done by a day, or should have been, lies behind."""


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


def _matches(text: str) -> Iterator[tuple[re.Match[str], DateRule]]:
    for rule in _RULES:
        for match in rule.pattern.finditer(text):
            yield match, rule


def _longest_first(match: re.Match[str]) -> tuple[int, int]:
    return match.start(), -match.end()


def _looks_ahead(text: str, match: re.Match[str]) -> bool | None:
    """Whether the nearest verb before an expression, in its clause, speaks of what is to come;
    ``None`` where there is no verb. At the head of a sentence it is the first verb behind it.
    """
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    borders = [border.end() for border in _CLAUSE.finditer(before)]
    clause = before[borders[-1] :] if borders else before
    if _DONE.search(clause):
        return False
    if _DEADLINE.search(before):
        return True
    if not clause.strip(' \r\n“"‘«') or clause.strip().casefold() in ("in", "on", "at"):
        after = _CLAUSE_OR_MARK.split(text[match.end() : match.end() + _BEFORE], 1)[0]
        behind, ahead = (
            -min((each.start() for each in verbs.finditer(after)), default=_BEFORE)
            for verbs in (_BEHIND, _AHEAD)
        )
    else:
        ahead, behind = (
            max((each.end() for each in verbs.finditer(clause)), default=-_BEFORE)
            for verbs in (_AHEAD, _BEHIND)
        )
    return None if ahead == behind == -_BEFORE else ahead >= behind
