"""Rules of words: cues, hedges, numbers and names are those that the document prints."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from service.compiler.rules.dates import bounds_of
from service.curation.rules.findings import CuratedClaim, Known, Rule, RuleBreach
from service.curation.rules.passages import Texts, quote_breaches, span_breaches
from service.curation.rules.words import (
    NUMERIC,
    ROUND,
    figures,
    folded,
    numbers,
    spelt,
    stands_in,
    stems,
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
SOURCE_ELSEWHERE = Rule(
    "high-without-a-named-source", 9, False, "a source named in the evidence, or moderate or low"
)
SPEECH_UNATTRIBUTED = Rule(
    "narrator-with-reported-speech", 3, False, "the chain of whoever is said to have said so"
)

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


def text_breaches(claim: CuratedClaim, known: Known, texts: Texts) -> Iterator[RuleBreach]:
    """What a claim records otherwise than its documents print it.

    Documents that are not at hand are left out, and so is what needs all of them.
    """
    held = {each["document"]: texts(each["document"]) for each in claim["evidence"]}
    yield from span_breaches(claim, held)
    yield from quote_breaches(claim, texts)
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
        yield from _names(claim, known, passages, printed)


def _words(claim: CuratedClaim, passages: str, whole: str) -> Iterator[RuleBreach]:
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


def _numbers(claim: CuratedClaim, known: Known, passages: str) -> Iterator[RuleBreach]:
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
        if value not in ROUND and Decimal(value) not in said:
            yield NUMBER_DOUBTFUL, ("statement",), word, ""


def _in_english(claim: CuratedClaim, known: Known) -> bool:
    """Whether the words of the documents can be compared with those of the statement."""
    documents = (known["documents"][each["document"]] for each in claim["evidence"])
    return all(each["language"].partition("-")[0] == "en" for each in documents)


def _years_meant(claim: CuratedClaim, known: Known, passages: str) -> Iterator[Decimal]:
    """The years that "last year", "this year" and the like mean, counted from publication."""
    for each in claim["evidence"]:
        for day in bounds_of(known["documents"][each["document"]]["published"]):
            for match in RELATIVE_YEAR.finditer(passages):
                if day is not None:
                    yield Decimal(int(day[:4]) + YEARS_ON[match.group(1)])


def _recorded(claim: CuratedClaim, known: Known) -> Iterator[str]:
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


def _names(claim: CuratedClaim, known: Known, passages: str, printed: str) -> Iterator[RuleBreach]:
    """Every source but the publisher is named in the document, and one of them beside the words."""
    cited = [source for source in claim["sources"] if source["role"] != "publisher"]
    beside = not cited or claim["confidence"]["attribution"]["level"] != "high"
    for n, source in enumerate(cited):
        agent = known["agents"][source["agent"]]
        names = (agent["name"], *(agent.get("other_names") or ()))
        if not any(stands_in(name, printed) for name in names):
            yield SOURCE_UNNAMED, ("sources", n, "agent"), agent["name"], ""
        beside = beside or any(stands_in(name, passages) for name in names)
    if not beside:
        yield SOURCE_ELSEWHERE, ("confidence", "attribution", "level"), "high", ""
