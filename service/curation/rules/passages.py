"""Rules of passages: the ends of evidence, and quotations between their marks and inside it."""

import re
from collections.abc import Callable, Iterator, Mapping

from service.curation.rules.findings import CuratedClaim, Rule, RuleBreach
from service.curation.rules.quotations import is_quoted, quotations
from service.curation.rules.words import cuts_word, word_count

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

SENTENCE_END = re.compile(r"[.!?…][”\"’»)\]]*\s+[“\"‘«(\[]*[A-ZÀ-Þ]|\n\s*\S")
INITIAL = re.compile(r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sen|Rep|Gov|St|No|vs))\.$")


def span_breaches(claim: CuratedClaim, held: Mapping[str, str | None]) -> Iterator[RuleBreach]:
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


def quote_breaches(claim: CuratedClaim, texts: Texts) -> Iterator[RuleBreach]:
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
