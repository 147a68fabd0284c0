"""What is proposed for the claim of a passage, by how often the rules are right.

Measured on audited claims: what is right in 88 of a hundred cases or more is filled in, in 55 to 80
offered, below that ranked; nothing is proposed for what only a person can tell (the statement, what
a goal consists of, grades, reasons, relations). A speaker who is told by a pronoun, or carried over
from an earlier sentence, is ranked and never offered.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from schemas.date import bounds
from service.curation.drafting.agents import Agents
from service.curation.drafting.dates import FoundDate
from service.curation.drafting.findings import Findings, Reported, Said
from service.curation.drafting.passages import Span, begun_in, start_of
from service.curation.rules.text import HEDGES

Proposal = dict[str, Any]
_TOLD_BY = {"name": "high", "nominal": "high", "pronoun": "moderate", "carried": "moderate"}
"""How sure it is who says it, by how the source is mentioned (codebook, rule 9)."""
_GOAL_WORDS = (
    r"pledg\w+|vow\w*|promis\w+|commits?|committed|aims?|goals?|targets?|plan(?:s|ned)? to"
    r"|intends?|intended|decid\w+ to|priorit\w+|(?:we|I)(?: will| shall|[’']ll)"
    r"|(?:ministry|government|country|party|company|agency|council|cabinet) (?:will|would)"
)
_GOAL = re.compile(rf"\b(?:{_GOAL_WORDS})\b", re.IGNORECASE)
_KINDS = (
    ("denial", r"denie[sd]|denying|rejected|rejects|refuted"),
    ("allegation", r"accus\w+|alleg\w+|blam\w+"),
    ("directive", r"order(?:s|ed)|instruct\w+|directed|tasked|commanded|ordering"),
    ("goal", _GOAL_WORDS),
    ("forecast", r"expects?|expected|forecasts?|predict\w*|project(?:s|ed)|will|likely"),
    ("position", r"must|should|urg\w+|welcom\w+|call(?:s|ed) (?:for|on)|support\w*|oppos\w+"),
    ("assessment", r"call(?:s|ed|ing)|describ\w+|deem\w*|doubts?|believ\w+|crucial|best|worst"),
    ("event", r"\w{2,}ed|was|were|has|have|had|said|fell|rose|took|began|met|held"),
    ("context", r"is|are"),
)
"""The first kind of which the passage has a word."""
_KIND = tuple((kind, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for kind, words in _KINDS)
_UP_TO = "The text gives no day; it was so by its publication."
_MAX_RANKED = 5


class Context(NamedTuple):
    """What a proposal rests on beside its passage."""

    text: str
    found: Findings
    agents: Agents
    names: Sequence[tuple[int, str]]
    words: Mapping[str, Sequence[tuple[str, re.Pattern[str]]]]
    published: Mapping[str, Any]
    publisher: str


def proposal(passage: Span, context: Context) -> Proposal:
    """What is proposed for a passage."""
    quotes = begun_in(context.found.quotes, passage)
    reported = [each for each in begun_in(context.found.indirect, passage) if each.cue is not None]
    turn = _turn(context.found.indirect, passage)
    dates = begun_in(context.found.dates, passage)
    written = {"quotes": [_quote(context.text, each) for each in quotes]} if quotes else {}
    teller = _teller(quotes, reported, turn)
    ranked = _ranked(passage, dates, context)
    offered = {
        **_kind(context.text[passage.start : passage.end]),
        **_manner(context.text, quotes, teller),
    }
    chain = _chain(teller, context)
    if teller is not None and teller.mention in ("pronoun", "carried") and chain:
        ranked["sources"] = chain[:1]
    elif chain:
        offered["sources"] = chain
    return {
        "written": written,
        "filled": _filled(passage, teller, _outside(dates, quotes), dates, context),
        "offered": offered,
        "ranked": ranked,
    }


def _turn(reported: Sequence[Reported], passage: Span) -> Reported | None:
    """The turn of a transcript in which a passage stands."""
    place = bisect_left(reported, passage.start + 1, key=start_of)
    for each in reversed(reported[max(0, place - 50) : place]):
        if each.cue is None and each.start <= passage.start < each.end:
            return each
    return None


def _quote(text: str, quote: Said) -> dict[str, Any]:
    return {"text": text[quote.start : quote.end], "start": quote.start, "end": quote.end}


class _Teller(NamedTuple):
    source: str
    cue: str | None
    mention: str


def _teller(
    quotes: Sequence[Said], reported: Sequence[Reported], turn: Reported | None
) -> _Teller | None:
    """Who says what a passage says; ``None`` where it is the document."""
    for quote in quotes:
        if quote.speaker is not None:
            return _Teller(quote.speaker, quote.cue, quote.mention or "carried")
    for each in (*reported, *([turn] if turn else [])):
        if each.source is not None:
            return _Teller(each.source, each.cue, each.mention)
    return None


def _chain(teller: _Teller | None, context: Context) -> list[dict[str, Any]]:
    """The speaker and the publisher; without a speaker the publisher alone."""
    publisher = {"agent": context.publisher, "role": "publisher", "cue": None}
    if teller is None:
        return [publisher]
    identifier = context.agents.id_of(teller.source, any(map(str.isupper, teller.source)))
    if identifier is None:
        return []
    cue = teller.cue and teller.cue[:100]
    return [{"agent": identifier, "role": "speaker", "cue": cue}, publisher]


def _manner(text: str, quotes: Sequence[Said], teller: _Teller | None) -> dict[str, Any]:
    """How the passage is attributed, and how sure that is."""
    level = {"confidence": {"attribution": {"level": "high"}}}
    if teller is None:
        return {"attribution": "narrator", "fidelity": "paraphrase", **level}
    level = {"confidence": {"attribution": {"level": _TOLD_BY[teller.mention]}}}
    if not quotes:
        return {"attribution": "indirect", "fidelity": "paraphrase", **level}
    whole = any(_is_clause(text[quote.start : quote.end]) for quote in quotes)
    manner = {"attribution": "direct", "fidelity": "verbatim"}
    return {**(manner if whole else {"attribution": "mixed", "fidelity": "mixed"}), **level}


def _is_clause(quotation: str) -> bool:
    """Whether a quotation is a whole clause: it begins with a capital and has three words."""
    return quotation[:1].isupper() and len(quotation.split()) >= 3


def _kind(passage: str) -> dict[str, Any]:
    return next(({"kind": kind} for kind, words in _KIND if words.search(passage)), {})


def _filled(
    passage: Span,
    teller: _Teller | None,
    unquoted: Sequence[FoundDate],
    dates: Sequence[FoundDate],
    context: Context,
) -> dict[str, Any]:
    """Hedges, addressees, whether there is a goal and until when, and when it was announced."""
    sentence = context.text[passage.start : passage.end]
    hedges = list(dict.fromkeys(match[0] for match in HEDGES.finditer(sentence)))
    filled: dict[str, Any] = {"addressees": [], "hedges": hedges, "goal": None}
    if _GOAL.search(sentence):
        ahead = [date for date in dates if _is_ahead(date, context.published["edtf"])]
        filled["goal"] = {"horizon": _date(ahead[0]) if ahead else None}
    if announced := _announced(teller, unquoted, context.published):
        filled["dates"] = {"announced": announced}
    return filled


def _outside(dates: Sequence[FoundDate], quotes: Sequence[Said]) -> list[FoundDate]:
    """The dates that stand in no quotation: when something was said is not in what was said."""
    return [date for date in dates if not any(q.start <= date.start < q.end for q in quotes)]


def _is_ahead(date: FoundDate, published: str) -> bool:
    last, day = bounds(date.edtf).latest, bounds(published).latest
    return last is None or day is None or last > day


def _date(date: FoundDate) -> dict[str, Any]:
    return {"edtf": date.edtf, "basis": date.basis, "note": None}


def _announced(
    teller: _Teller | None, dates: Sequence[FoundDate], published: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The day of publication in the document's own voice; the day that a cited source's sentence
    gives, else some day up to publication (codebook, rule 6).
    """
    if teller is None:
        return dict(published)
    days = [
        date for date in dates if len(date.edtf) == 10 and not _is_ahead(date, published["edtf"])
    ]
    if days:
        return _date(days[0])
    if "/" in published["edtf"]:
        return None
    return {"edtf": f"/{published['edtf']}", "basis": "inferred", "note": _UP_TO}


def _ranked(passage: Span, dates: Sequence[FoundDate], context: Context) -> dict[str, Any]:
    """Candidates, those first that stand first in the passage."""
    first = bisect_left(context.names, (passage.start, ""))
    last = bisect_left(context.names, (passage.end, ""))
    agents = list(dict.fromkeys(identifier for _, identifier in context.names[first:last]))
    sentence = context.text[passage.start : passage.end]
    found: dict[str, list[Any]] = {"actors": agents, "about": agents}
    for key, patterns in context.words.items():
        places = [(m.start(), each) for each, words in patterns if (m := words.search(sentence))]
        found[key] = [identifier for _, identifier in sorted(places)]
    past = [_date(date) for date in dates if not _is_ahead(date, context.published["edtf"])]
    found |= {"occurred": past, "refers_to": [_date(date) for date in dates]}
    unique = {key: _unique(each) for key, each in found.items()}
    return {key: each[:_MAX_RANKED] for key, each in unique.items() if each}


def _unique(values: Sequence[Any]) -> list[Any]:
    return [value for place, value in enumerate(values) if value not in values[:place]]
