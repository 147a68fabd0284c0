"""Ways to damage sound claims, each in one place and with the right hash, as a slip of a curator
or of a program would.

A way yields damaged copies of a claim. The rules of the codebook are measured by how many of them
they find.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Sound:
    """A sound data set: its claims, the vocabularies by id, and the texts of its documents."""

    claims: Sequence[Record]
    known: Mapping[str, Mapping[str, Record]]
    texts: Mapping[str, str]

    def text(self, claim: Record) -> str:
        return self.texts[claim["evidence"][0]["document"]]

    def published(self, claim: Record) -> str:
        """The year of publication and all behind it, such as ``2023-12-28``."""
        document = self.known["documents"][claim["evidence"][0]["document"]]
        return str(document["published"]["edtf"])


Way = Callable[[Record, Sound], Iterator[Record]]


def damaged(sound: Sound, way: Way) -> list[Record]:
    """Every claim that a way can damage, damaged."""
    return [made for claim in sound.claims for made in way(copy.deepcopy(claim), sound)]


def _spanning(claim: Record, sound: Sound, start: int, end: int) -> Record:
    span = sound.text(claim)[start:end]
    sha256 = hashlib.sha256(span.encode()).hexdigest()
    claim["evidence"][0].update(start=start, end=end, sha256=sha256)
    return claim


def evidence_shifted(claim: Record, sound: Sound) -> Iterator[Record]:
    """Offsets that count something else than characters: both are three too large."""
    start, end = (claim["evidence"][0][key] for key in ("start", "end"))
    shift = 3 if end + 3 <= len(sound.text(claim)) else -3
    yield _spanning(claim, sound, start + shift, end + shift)


def evidence_into_the_next_sentence(claim: Record, sound: Sound) -> Iterator[Record]:
    """The span goes on to the end of the sentence behind its own."""
    text, end = sound.text(claim), claim["evidence"][0]["end"]
    ends = [match.end() for match in re.finditer(r"[.!?][”\"]?(?=\s|$)", text)]
    own = next((place for place in ends if place >= end), None)
    after = next((place for place in ends if own is not None and place > own), None)
    if after is not None:
        yield _spanning(claim, sound, claim["evidence"][0]["start"], after)


def quotation_outside_the_evidence(claim: Record, sound: Sound) -> Iterator[Record]:
    for quote in claim["quotes"][:1]:
        start, end = (claim["evidence"][0][key] for key in ("start", "end"))
        before, after = sound.text(claim)[start : quote["start"] - 1], quote["end"] + 2
        if len(before.split()) > 1:
            yield _spanning(claim, sound, start, start + len(before.rstrip()))
        elif end - after > 5:
            yield _spanning(claim, sound, after, end)
        else:
            yield _spanning(claim, sound, start, start + (end - start) // 2)


def quotation_not_recorded(claim: Record, sound: Sound) -> Iterator[Record]:
    if claim["quotes"]:
        yield {**claim, "quotes": [], "attribution": "indirect"}


def quotation_of_somebody_else(claim: Record, sound: Sound) -> Iterator[Record]:
    chain = {source["agent"] for source in claim["sources"]}
    others = (agent for agent in sound.known["agents"] if agent not in chain)
    for quote, other in zip(claim["quotes"][:1], others, strict=False):
        quote["speaker"] = other
        yield claim


def cue_of_another_verb(claim: Record, sound: Sound) -> Iterator[Record]:
    for source in claim["sources"]:
        if source["cue"]:
            source["cue"] = "insisted"
            yield claim
            return


def hedge_of_another_word(claim: Record, sound: Sound) -> Iterator[Record]:
    claim["hedges"] = ["ostensibly", *claim["hedges"][1:]]
    if claim["attribution"] != "direct":
        yield claim


def number_of_the_statement(claim: Record, sound: Sound) -> Iterator[Record]:
    statement = claim["statement"]
    if number := re.search(r"\d+", statement):
        other = str(int(number.group()) + 3)
        changed = statement[: number.start()] + other + statement[number.end() :]
        yield {**claim, "statement": changed}


def _year_later(edtf: str, years: int) -> str:
    return str(int(edtf[:4]) + years) + edtf[4:]


def announced_after_publication(claim: Record, sound: Sound) -> Iterator[Record]:
    if announced := claim["dates"]["announced"]:
        announced["edtf"] = _year_later(sound.published(claim), 1)
        yield claim


def occurred_after_publication(claim: Record, sound: Sound) -> Iterator[Record]:
    if occurred := claim["dates"]["occurred"]:
        occurred["edtf"] = _year_later(sound.published(claim), 1)
        yield claim


def horizon_before_announcement(claim: Record, sound: Sound) -> Iterator[Record]:
    if claim["goal"]:
        year = _year_later(sound.published(claim)[:4], -2)
        claim["goal"]["horizon"] = {"edtf": year, "basis": "stated", "note": None}
        yield claim


def origin_of_no_name(claim: Record, sound: Sound) -> Iterator[Record]:
    """The chain begins with an agent whom the document does not name."""
    text = sound.text(claim).casefold()
    first = claim["sources"][0]
    for identifier, agent in sound.known["agents"].items():
        names = (agent["name"], *agent["other_names"])
        named = any(name.casefold() in text for name in names)
        if not named and agent["reliability"] and agent["kind"] != "unnamed":
            if first["role"] == "speaker" and first["agent"] != identifier:
                first["agent"] = identifier
                yield claim
            return


def voice_exchanged(claim: Record, sound: Sound) -> Iterator[Record]:
    """What somebody said becomes the document's own voice."""
    if claim["attribution"] != "narrator":
        yield {**claim, "attribution": "narrator", "sources": claim["sources"][-1:]}


def voice_given_away(claim: Record, sound: Sound) -> Iterator[Record]:
    """What the document says itself is said by the first source that it names somewhere."""
    text = sound.text(claim).casefold()
    for identifier, agent in sound.known["agents"].items():
        names = (agent["name"], *agent["other_names"])
        if agent["reliability"] and any(name.casefold() in text for name in names):
            if claim["attribution"] == "narrator":
                speaker = {"agent": identifier, "role": "speaker", "cue": None}
                chain = [speaker, *claim["sources"]]
                yield {**claim, "attribution": "indirect", "sources": chain}
            return


def inferred_and_certain(claim: Record, sound: Sound) -> Iterator[Record]:
    claim["evidence"][0]["fidelity"] = "inference"
    claim["confidence"]["attribution"]["level"] = "high"
    yield claim


def kind_exchanged(claim: Record, sound: Sound) -> Iterator[Record]:
    """A goal becomes a forecast, all else an order."""
    if claim["goal"]:
        yield {**claim, "kind": "forecast"}
    else:
        yield {**claim, "kind": "directive"}


def restates_another_kind(claim: Record, sound: Sound) -> Iterator[Record]:
    for other in sound.claims:
        if other["kind"] != claim["kind"] and claim["id"] not in str(other["relations"]):
            made = {"type": "restates", "claim": other["id"], "rationale": "It says the same."}
            yield {**claim, "relations": [made]}
            return


def topic_beside_its_ancestor(claim: Record, sound: Sound) -> Iterator[Record]:
    for topic in claim["topics"]:
        broader = sound.known["topics"][topic]["broader"]
        if broader and broader not in claim["topics"]:
            yield {**claim, "topics": [*claim["topics"], broader]}
            return


def other_grade_for_one_reason(claim: Record, sound: Sound) -> Iterator[Record]:
    content = claim["confidence"]["content"]
    same = [c for c in sound.claims if c["confidence"]["content"] == content]
    if len(same) > 2:
        content["credibility"] = 4 if content["credibility"] != 4 else 5
        yield claim


def direct_and_paraphrased(claim: Record, sound: Sound) -> Iterator[Record]:
    if claim["quotes"]:
        claim["evidence"][0]["fidelity"] = "paraphrase"
        yield {**claim, "attribution": "direct"}


WAYS: tuple[Way, ...] = (
    evidence_shifted,
    evidence_into_the_next_sentence,
    quotation_outside_the_evidence,
    quotation_not_recorded,
    quotation_of_somebody_else,
    cue_of_another_verb,
    hedge_of_another_word,
    number_of_the_statement,
    announced_after_publication,
    occurred_after_publication,
    horizon_before_announcement,
    origin_of_no_name,
    voice_exchanged,
    inferred_and_certain,
    kind_exchanged,
    restates_another_kind,
    topic_beside_its_ancestor,
    other_grade_for_one_reason,
    direct_and_paraphrased,
)


def evidence_of_another_sentence(claim: Record, sound: Sound) -> Iterator[Record]:
    """The span of the claim that comes next in the text."""
    evidence = claim["evidence"][0]
    spans = sorted(
        (each["start"], each["end"])
        for other in sound.claims
        for each in other["evidence"]
        if each["document"] == evidence["document"] and each["start"] >= evidence["end"]
    )
    if spans and not claim["quotes"]:
        yield _spanning(claim, sound, *spans[0])


HARD_WAYS: tuple[Way, ...] = (evidence_of_another_sentence, voice_given_away)
"""Of these a plain rule finds some; the others take a reader."""
