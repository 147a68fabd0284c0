"""Rules of sense: fields of one claim that cannot be so together."""

from collections.abc import Iterator

from service.compiler.rules.dates import bounds_of
from service.curation.rules.findings import CuratedClaim, Known, Rule, RuleBreach

SPEAKER_ASTRAY = Rule(
    "speaker-not-in-chain", 3, True, "an agent of the claim's chain of sources, whose words it is"
)
NARRATOR_QUOTES = Rule(
    "narrator-with-quotation", 3, True, "words of the publisher alone, in the document's own voice"
)
UNQUOTED_WORDS = Rule(
    "indirect-with-quotation", 3, False, "mixed where part of what is claimed is quoted"
)
DIRECT_PARAPHRASE = Rule(
    "direct-with-paraphrase", 3, True, "verbatim, since the quoted words hold the whole proposition"
)
VERBATIM_UNQUOTED = Rule(
    "verbatim-without-quotation", 8, False, "paraphrase where no quotation is recorded"
)
INFERENCE_HIGH = Rule(
    "inference-with-high-attribution", 9, True, "moderate or low, since the evidence is inferred"
)
NO_SUPPORT = Rule(
    "no-supporting-evidence", None, True, "at least one piece of evidence that supports the claim"
)
GOAL_ASTRAY = Rule(
    "goal-of-a-kind-without", 5, True, "null, since an event or forecast announces no goal"
)
GOAL_UNLIKELY = Rule(
    "goal-of-an-unlikely-kind", 5, False, "null unless the announcing of a goal is reported"
)
DIRECTIVE_WITHOUT = Rule(
    "directive-without-goal", 5, True, "an object, since an order says what is to be done"
)
OCCASION_ASTRAY = Rule(
    "occasion-of-another-year", 7, True, "an occasion of the year in which it was done, or null"
)
TOPIC_AND_ANCESTOR = Rule(
    "topic-with-its-ancestor", None, True, "the most specific topic alone, without a broader one"
)
JUDGE_INTERESTED = Rule(
    "interested-judgement-graded-well", 9, False, "3 to 6 for a judgement by an interested party"
)

JUDGEMENTS = frozenset({"assessment", "allegation", "denial"})
DISINTERESTED = frozenset({"experts", "news_outlet", "court", "international_organisation"})
"""Kinds of agents that are no party to what they judge, as far as their kind says."""


def sense_breaches(claim: CuratedClaim, known: Known) -> Iterator[RuleBreach]:
    """What cannot be so together in one claim."""
    yield from _voices(claim)
    yield from _evidence(claim)
    yield from _goal(claim)
    yield from _occasion(claim, known)
    if len(claim["topics"]) > 1:
        yield from _topics(claim, known)
    yield from _judgement(claim, known)


def _voices(claim: CuratedClaim) -> Iterator[RuleBreach]:
    """Whose words the quotations are."""
    quotes = claim.get("quotes") or ()
    if not quotes:
        return
    chain = {source["agent"] for source in claim["sources"]}
    narrated = claim["attribution"] == "narrator"
    for n, quote in enumerate(quotes):
        if quote["speaker"] not in chain:
            rule = NARRATOR_QUOTES if narrated else SPEAKER_ASTRAY
            yield rule, ("quotes", n, "speaker"), quote["speaker"], ", ".join(sorted(chain))
    if claim["attribution"] == "indirect":
        yield UNQUOTED_WORDS, ("attribution",), "indirect", ""


def _evidence(claim: CuratedClaim) -> Iterator[RuleBreach]:
    """What kind of evidence goes with which attribution."""
    fidelities = {each["fidelity"] for each in claim["evidence"] if each["role"] == "supports"}
    if not fidelities:
        yield NO_SUPPORT, ("evidence", 0, "role"), claim["evidence"][0]["role"], ""
    elif fidelities == {"inference"} and claim["confidence"]["attribution"]["level"] == "high":
        yield INFERENCE_HIGH, ("confidence", "attribution", "level"), "high", ""
    if claim["attribution"] == "direct" and fidelities and not fidelities & {"verbatim", "mixed"}:
        yield DIRECT_PARAPHRASE, ("evidence", 0, "fidelity"), claim["evidence"][0]["fidelity"], ""
    if "verbatim" in fidelities and not claim.get("quotes"):
        yield VERBATIM_UNQUOTED, ("evidence", 0, "fidelity"), "verbatim", ""


def _goal(claim: CuratedClaim) -> Iterator[RuleBreach]:
    """Which kinds of claims announce goals."""
    kind, goal = claim["kind"], claim.get("goal")
    if goal is None:
        if kind == "directive":
            yield DIRECTIVE_WITHOUT, ("goal",), None, ""
    elif kind in ("event", "forecast"):
        yield GOAL_ASTRAY, ("goal",), f"a goal of a claim of kind {kind}", ""
    elif kind in ("context", "assessment", "allegation", "denial"):
        yield GOAL_UNLIKELY, ("goal",), f"a goal of a claim of kind {kind}", ""


def _occasion(claim: CuratedClaim, known: Known) -> Iterator[RuleBreach]:
    """An act at an occasion falls into a year of that occasion."""
    occasion, occurred = claim.get("occasion"), claim["dates"].get("occurred")
    if occasion is None or occurred is None:
        return
    first, last = bounds_of(known["occasions"][occasion]["dates"])
    begun, ended = bounds_of(occurred)
    before = ended and first and ended[:4] < first[:4]
    after = begun and last and begun[:4] > last[:4]
    if before or after:
        yield OCCASION_ASTRAY, ("occasion",), occasion, f"the act: {occurred['edtf']}"


def _topics(claim: CuratedClaim, known: Known) -> Iterator[RuleBreach]:
    """No topic stands beside one that is, in steps, broader; whether topics lead anywhere, and not
    in a circle, is checked elsewhere.
    """
    topics, records = claim["topics"], known["topics"]
    for topic in topics:
        above, passed = records[topic].get("broader"), {topic}
        while above is not None and above in records and above not in passed:
            if above in topics:
                yield TOPIC_AND_ANCESTOR, ("topics", topics.index(above)), above, f"of {topic}"
            passed.add(above)
            above = records[above].get("broader")


def _judgement(claim: CuratedClaim, known: Known) -> Iterator[RuleBreach]:
    """What a party to a matter says of it deserves little credit by itself."""
    grade = claim["confidence"]["content"]["credibility"]
    if grade > 2 or claim["kind"] not in JUDGEMENTS or claim["attribution"] == "narrator":
        return
    judge = claim["sources"][0]["agent"]
    if known["agents"][judge]["kind"] not in DISINTERESTED:
        yield JUDGE_INTERESTED, ("confidence", "content", "credibility"), grade, judge
