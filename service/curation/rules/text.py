"""Rules of text: what a claim records stands in its document as it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from service.compiler.claim_dates import bounds_of
from service.curation.rules.findings import Breach, Claim, Known, Rule
from service.curation.rules.quotations import is_quoted, quotations
from service.curation.rules.words import (
    NUMERIC,
    cuts_word,
    figures,
    folded,
    numbers,
    spelt,
    stands_in,
    stems,
    word_count,
)

Texts = Callable[[str], str | None]
"""Gives the text of a document by its id; ``None`` where it is not at hand."""

EVIDENCE_BLANKS = Rule("evidence-with-outer-blanks", 8, True, "a span without blanks at its ends")
EVIDENCE_CUT = Rule("evidence-cuts-a-word", 8, True, "a span from word border to word border")
EVIDENCE_SHORT = Rule("evidence-too-short", 8, True, "a span of two words or more")
EVIDENCE_LONG = Rule(
    "evidence-of-several-sentences", 8, False, "the shortest span that supports the claim"
)
NOT_QUOTED = Rule(
    "quotation-without-marks", 8, True, "all of what stands between two quotation marks"
)
OUTSIDE_EVIDENCE = Rule("quotation-outside-evidence", 8, True, "a span inside the evidence")
UNRECORDED = Rule(
    "quotation-not-recorded", 8, True, "each quotation in the supporting evidence under quotes"
)
UNRECORDED_SINGLE = Rule(
    "single-quotation-not-recorded", 8, False, "each quotation in the evidence under quotes"
)
QUOTED_BESIDE = Rule(
    "quotation-in-narrated-evidence", 8, False, "a shorter span, where the quotation is not needed"
)
CUE_UNPRINTED = Rule("cue-not-printed", 3, True, "a reporting verb as the document prints it")
CUE_ELSEWHERE = Rule(
    "cue-outside-evidence", 3, False, "a cue inside the evidence, or a level below high"
)
HEDGE_UNPRINTED = Rule(
    "hedge-outside-evidence", 8, True, "hedging words as the evidence prints them"
)
HEDGE_UNRECORDED = Rule(
    "hedge-not-recorded", 8, False, "the hedging words of the evidence under hedges"
)
EVIDENCE_ASTRAY = Rule(
    "evidence-without-a-word-of-the-statement", 8, False, "the span that supports the claim"
)
NUMBER_UNKNOWN = Rule(
    "number-not-in-evidence", 8, True, "numbers of the evidence, the dates or the goal"
)
NUMBER_DOUBTFUL = Rule(
    "number-word-not-in-evidence", 8, False, "numbers of the evidence, the dates or the goal"
)
SOURCE_UNNAMED = Rule(
    "source-not-named", 3, False, "a source of which the document prints the name, or another name"
)
SPEECH_UNATTRIBUTED = Rule(
    "narrator-with-reported-speech", 3, False, "the chain of whoever is said to have said so"
)

SENTENCE_END = re.compile(r"[.!?…][”\"’»)\]]*\s+[“\"‘«(\[]*[A-ZÀ-Þ]|\n\s*\S")
INITIAL = re.compile(r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sen|Rep|Gov|St|No|vs))\.$")
HEDGES = re.compile(
    r"\b(?:apparent|apparently|reportedly|allegedly|alleged|presumably|purportedly|supposedly"
    r"|possibly|probably|seemingly|widely believed|believed to)\b"
)
REPORTING = re.compile(
    r"\b(?:said|says|reported|according to|as per|told|stated|stating|quoted|added|denied|warned"
    r"|confirmed|claimed|accused|accusations|cautioned|deemed|deeming|made (?:it )?clear|insisted"
    r"|promised|pledged|vowed|called for|expects?)\b"
)
YEARS_ON = {"this": 0, "current": 0, "new": 1, "next": 1, "coming": 1, "upcoming": 1}
YEARS_ON |= {"following": 1, "last": -1, "past": -1, "previous": -1}
RELATIVE_YEAR = re.compile(r"\b(" + "|".join(YEARS_ON) + r")(?: calendar)? year\b")

MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\d-\d")
"""Where a statement names a month or writes out a date, its numbers may be days and months."""


def text_breaches(claim: Claim, known: Known, texts: Texts) -> Iterator[Breach]:
    """What a claim records otherwise than its documents print it.

    Documents that are not at hand are left out, and so is what needs all of them.
    """
    held = {each["document"]: texts(each["document"]) for each in claim["evidence"]}
    yield from _spans(claim, held)
    yield from _quotes(claim, texts)
    whole = {name: text for name, text in held.items() if text is not None}
    if len(whole) == len(held):
        spans = [whole[each["document"]][each["start"] : each["end"]] for each in claim["evidence"]]
        passages, printed = (
            " … ".join(map(folded, texts)) for texts in (spans, list(whole.values()))
        )
        yield from _words(claim, passages, printed)
        if _in_english(claim, known) and not stems(claim["statement"]) & stems(passages):
            yield EVIDENCE_ASTRAY, ("evidence", 0), passages, ""
        if NUMERIC.search(folded(claim["statement"])):
            yield from _numbers(claim, known, passages)
        yield from _names(claim, known, printed)


def _spans(claim: Claim, held: Mapping[str, str | None]) -> Iterator[Breach]:
    """The ends of each piece of evidence, and how much it holds."""
    for n, each in enumerate(claim["evidence"]):
        text, start, end = held[each["document"]], each["start"], each["end"]
        if text is None:
            continue
        span = text[start:end]
        for key, place, edge in (("start", start, span[:1]), ("end", end, span[-1:])):
            if edge.isspace():
                yield EVIDENCE_BLANKS, ("evidence", n, key), span[:20] + "…" + span[-20:], ""
            elif cuts_word(text, place):
                around = text[max(0, place - 12) : place] + "|" + text[place : place + 12]
                yield EVIDENCE_CUT, ("evidence", n, key), around, ""
        if word_count(span) < 2:
            yield EVIDENCE_SHORT, ("evidence", n), span, ""
        for border in SENTENCE_END.finditer(span):
            if not INITIAL.search(span[: border.start() + 1]):
                yield EVIDENCE_LONG, ("evidence", n), span[border.start() - 15 :][:40], ""
                break


def _quotes(claim: Claim, texts: Texts) -> Iterator[Breach]:
    """Each recorded quotation is one, inside the evidence; and each in the evidence is recorded."""
    recorded = set()
    for n, quote in enumerate(claim.get("quotes") or ()):
        document, start, end = quote["document"], quote["start"], quote["end"]
        recorded.add((document, start, end))
        text = texts(document)
        if text is not None and not is_quoted(text, start, end):
            yield NOT_QUOTED, ("quotes", n), text[max(0, start - 3) : end + 3], ""
        if not any(
            each["document"] == document and each["start"] <= start and end <= each["end"]
            for each in claim["evidence"]
        ):
            yield OUTSIDE_EVIDENCE, ("quotes", n, "start"), quote["text"], ""
    whole = QUOTED_BESIDE if claim["attribution"] == "narrator" else UNRECORDED
    for n, each in enumerate(claim["evidence"]):
        text = texts(each["document"])
        if text is None or each["role"] != "supports":
            continue
        for start, end, single in quotations(text):
            inside = each["start"] <= start and end <= each["end"]
            if inside and (each["document"], start, end) not in recorded:
                rule = UNRECORDED_SINGLE if single else whole
                yield rule, ("evidence", n), text[start:end], ""


def _words(claim: Claim, passages: str, whole: str) -> Iterator[Breach]:
    """Cues and hedges as they are printed."""
    high = claim["confidence"]["attribution"]["level"] == "high"
    for n, source in enumerate(claim["sources"]):
        cue = source.get("cue")
        if cue and not stands_in(cue, whole):
            yield CUE_UNPRINTED, ("sources", n, "cue"), cue, ""
        elif cue and high and not stands_in(cue, passages):
            yield CUE_ELSEWHERE, ("sources", n, "cue"), cue, ""
    hedges = claim.get("hedges") or ()
    for n, hedge in enumerate(hedges):
        if not stands_in(hedge, passages):
            yield HEDGE_UNPRINTED, ("hedges", n), hedge, ""
    listed = folded(" … ".join(hedges))
    for printed in HEDGES.findall(passages):
        if printed not in listed:
            yield HEDGE_UNRECORDED, ("hedges",), printed, ""
    reporting = REPORTING.search(passages)
    if reporting and claim["attribution"] == "narrator" and not claim.get("alternatives"):
        yield SPEECH_UNATTRIBUTED, ("attribution",), reporting.group(), ""


def _numbers(claim: Claim, known: Known, passages: str) -> Iterator[Breach]:
    """Each number of the statement is one of the evidence, the dates, the goal or a name."""
    statement = claim["statement"]
    stated, words = list(figures(statement)), list(spelt(statement))
    said = numbers(passages) | numbers(" … ".join(_recorded(claim, known)))
    said = said.union(_years_meant(claim, known, passages))
    rule = NUMBER_UNKNOWN if _in_english(claim, known) else NUMBER_DOUBTFUL
    for figure, readings in stated:
        if not readings & said:
            yield rule, ("statement",), figure, ""
    for word, value in words:
        if Decimal(value) not in said:
            yield NUMBER_DOUBTFUL, ("statement",), word, ""


def _in_english(claim: Claim, known: Known) -> bool:
    """Whether the words of the documents can be compared with those of the statement."""
    documents = (known["documents"][each["document"]] for each in claim["evidence"])
    return all(each["language"].partition("-")[0] == "en" for each in documents)


def _years_meant(claim: Claim, known: Known, passages: str) -> Iterator[Decimal]:
    """The years that "last year", "this year" and the like mean, counted from publication."""
    for each in claim["evidence"]:
        for day in bounds_of(known["documents"][each["document"]]["published"]):
            for match in RELATIVE_YEAR.finditer(passages):
                if day is not None:
                    yield Decimal(int(day[:4]) + YEARS_ON[match.group(1)])


def _recorded(claim: Claim, known: Known) -> Iterator[str]:
    """What else may give a number of the statement: dates, goal, occasion, and names."""
    dates = [*claim["dates"].values(), (claim.get("goal") or {}).get("horizon")]
    if claim.get("occasion"):
        occasion = known["occasions"][claim["occasion"]]
        dates.append(occasion["dates"])
        yield occasion["name"]
    if not claim["dates"].get("announced"):
        dates += [known["documents"][each["document"]]["published"] for each in claim["evidence"]]
    named = MONTH.search(claim["statement"])
    for date in filter(None, dates):
        parts = re.split("[-/?~%.]+", date["edtf"].replace("X", "0"))
        yield " … ".join(part for part in parts if named or len(part) == 4)
    yield from _goal(claim.get("goal") or {})
    agents = [*claim["actors"], *(claim.get("addressees") or ()), *(claim.get("about") or ())]
    for agent in agents + [source["agent"] for source in claim["sources"]]:
        yield known["agents"][agent]["name"]
        yield from known["agents"][agent].get("other_names") or ()


def _goal(goal: Mapping[str, Any]) -> Iterator[str]:
    target = goal.get("target") or {}
    yield from filter(None, (goal.get("details"), goal.get("condition")))
    yield from (str(value) for value in target.values() if value is not None)


def _names(claim: Claim, known: Known, whole: str) -> Iterator[Breach]:
    """Every source but the publisher is named in the document."""
    for n, source in enumerate(claim["sources"]):
        if source["role"] != "publisher":
            agent = known["agents"][source["agent"]]
            names = (agent["name"], *(agent.get("other_names") or ()))
            if not any(stands_in(name, whole) for name in names):
                yield SOURCE_UNNAMED, ("sources", n, "agent"), agent["name"], ""
