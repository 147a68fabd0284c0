"""Synthetic claims that look like curated ones: how many, how long, how skewed, how uncertain.

Agents are "Agent 17", topics "Field 3", and the words are invented: nothing here can be mistaken
for somebody's statement.
"""

from __future__ import annotations

import datetime as dt
import random
from array import array
from collections import deque
from collections.abc import Iterator
from typing import Any

from benchmarks.drawing import Shares, crockford, ranks, shuffled, word_list
from benchmarks.surroundings import Surroundings
from schemas.date import bounds

Record = dict[str, Any]

RETIRED_EVERY = 2_000
"""One claim in so many was withdrawn after it was made."""
KINDS = Shares({"goal": 92, "directive": 40, "position": 40, "assessment": 24, "allegation": 16,
                "event": 24, "forecast": 10, "context": 10})  # fmt: skip
ATTRIBUTIONS = Shares({"direct": 40, "mixed": 60, "indirect": 110, "narrator": 46})
SPECIFICITIES = Shares({"withheld": 50, "directional": 140, "measurable": 66})
CREDIBILITIES = Shares({2: 70, 3: 60, 4: 22, 5: 8, 6: 96})
LEVELS = Shares({"low": 30, "moderate": 120, "high": 106})
CUES = ("said", "called for", "announced", "told the meeting", "vowed", "stressed", None)
HEDGES = tuple(f"hedging {n}" for n in range(24))
RATIONALES = tuple(f"Rule {n}: the passage names the source." for n in range(40))
RELATED = tuple(f"Reason {n}: both passages concern the same measure." for n in range(20))
WORDS = 8_000
_REMEMBERED = 512
"""How many claims back a claim may be restated or supported."""


class Claims:
    """The claims of one seed, one after the other. Memory does not grow with their number."""

    def __init__(self, total: int, seed: int, retired_every: int = RETIRED_EVERY) -> None:
        self.total, self.seed, self._retired_every = total, seed, retired_every
        self._rng = random.Random(seed)
        self.around = Surroundings(total, seed)
        self._words = word_list(random.Random(seed + 1), WORDS)
        self._word_ranks = ranks(WORDS, flatten=2.7)
        self._agent_ranks = ranks(len(self.around.agents))
        self._topic_ranks = ranks(len(self.around.topics))
        # Id and witness of the claims before, the newest last.
        self._recent: deque[tuple[str, str | None]] = deque(maxlen=_REMEMBERED)

    def __iter__(self) -> Iterator[Record]:
        """Every claim ever made, the withdrawn ones included (see ``is_retired``)."""
        for number in range(self.total):
            yield self._claim(number)

    def identifier(self, number: int) -> str:
        return "clm_" + crockford(shuffled(number, self.seed))

    @property
    def retired(self) -> int:
        """How many claims are withdrawn."""
        return self.total // self._retired_every

    def is_retired(self, number: int) -> bool:
        return number % self._retired_every == self._retired_every - 1

    def frequent_words(self, first: int, last: int) -> list[str]:
        """Words by how often they are drawn."""
        return self._words[first:last]

    def text(self, least: int) -> str:
        """A run of words, ``least`` of them and up to seven more."""
        size = least + self._rng.getrandbits(3)
        drawn = array("H", self._rng.randbytes(2 * size))
        words, order = self._words, self._word_ranks
        return " ".join([words[order[place]] for place in drawn])

    def _claim(self, number: int) -> Record:
        rng, around = self._rng, self.around
        document = around.document_of(number, rng)
        attribution = ATTRIBUTIONS.draw(rng)
        sources = self._sources(attribution, document)
        speaker: str = sources[0]["agent"]
        witness = around.origin(speaker) if len(sources) == len(("speaker", "publisher")) else None
        relations, confirmed = self._relations(number, witness)
        kind = KINDS.draw(rng)
        cue = sources[0]["cue"] or "reports"
        record: Record = {
            "id": self.identifier(number),
            "statement": f"{around.agent_name(speaker)} {cue}: {self.text(14)}.",
            "kind": kind,
            "topics": self._topics(),
            "actors": self._agents(1),
            "addressees": self._agents(0) if rng.getrandbits(2) == 0 else [],
            "about": self._agents(1) if rng.getrandbits(2) == 0 else [],
            "occasion": around.occasion_of(document, rng),
            "places": [],
            "goal": self._goal(kind),
            "sources": sources,
            "attribution": attribution,
            "alternatives": [],
            "quotes": self._quotes(attribution, speaker, document["id"]),
            "evidence": self._evidence(attribution, document["id"]),
            "dates": around.dates.of_claim(document["published"], rng),
            "hedges": [HEDGES[rng.getrandbits(4)]] if rng.getrandbits(2) == 0 else [],
            "confidence": self._confidence(confirmed),
            "relations": relations,
            "revision": 1,
            "recorded_at": around.recorded_on(number),
        }
        if kind == "event" and _foretold(record["dates"], document["published"]):
            record["kind"] = "context"
        if not self.is_retired(number):
            self._recent.append((record["id"], witness))
        return record

    def _agents(self, least: int) -> list[str]:
        """One or two agents that are named often, or none."""
        bits = self._rng.getrandbits
        count = least + (bits(2) == 0)
        agents = self.around.agents
        found = [agents[self._agent_ranks[bits(16)]]["id"] for _ in range(count)]
        return found if count < 2 or found[0] != found[1] else found[:1]

    def _topics(self) -> list[str]:
        bits, topics = self._rng.getrandbits, self.around.topics
        count = (1, 1, 2, 3)[bits(2)]
        drawn = [topics[self._topic_ranks[bits(16)]]["id"] for _ in range(count)]
        return list(dict.fromkeys(drawn))

    def _sources(self, attribution: str, document: Record) -> list[Record]:
        publisher = {"agent": document["publisher"], "role": "publisher", "cue": None}
        if attribution == "narrator":
            return [publisher]
        bits, agents = self._rng.getrandbits, self.around.agents
        speaker = agents[self._agent_ranks[bits(16)]]["id"]
        chain = [{"agent": speaker, "role": "speaker", "cue": CUES[bits(3) % len(CUES)]}]
        if bits(1):
            relayer = self.around.relayers[bits(16) % len(self.around.relayers)]
            chain.append({"agent": relayer, "role": "relayer", "cue": None})
        return [*chain, publisher]

    def _quotes(self, attribution: str, speaker: str, document: str) -> list[Record]:
        if attribution not in ("direct", "mixed"):
            return []
        text, start = self.text(5), self._rng.getrandbits(14)
        return [
            {
                "text": text,
                "speaker": speaker,
                "document": document,
                "start": start,
                "end": start + len(text),
            }
        ]

    def _evidence(self, attribution: str, document: str) -> list[Record]:
        bits = self._rng.getrandbits
        start = bits(14)
        fidelity = {"direct": "verbatim", "mixed": "mixed"}.get(attribution, "paraphrase")
        return [
            {
                "document": document,
                "start": start,
                "end": start + 40 + bits(7),
                "sha256": f"{bits(256):064x}",
                "fidelity": fidelity,
                "role": "supports",
                "locator": None,
            }
        ]

    def _goal(self, kind: str) -> Record | None:
        """Every goal has one, and a directive now and then."""
        rng = self._rng
        if kind != "goal" and (kind != "directive" or rng.getrandbits(1)):
            return None
        specificity = SPECIFICITIES.draw(rng)
        details = None if specificity == "withheld" else f"To be achieved: {self.text(4)}."
        horizon = self.around.dates.horizon(rng)
        further = dict.fromkeys(("elaborated", "target", "condition"))
        return {"horizon": horizon, "specificity": specificity, "details": details, **further}

    def _confidence(self, confirmed: bool) -> Record:
        rng = self._rng
        level, credibility = LEVELS.draw(rng), CREDIBILITIES.draw(rng)
        if confirmed and rng.getrandbits(1):
            credibility = 1  # a second origin stands behind it
        reasons = RATIONALES[rng.getrandbits(5)], RATIONALES[8 + rng.getrandbits(5)]
        return {
            "attribution": {"level": level, "rationale": reasons[0]},
            "content": {"credibility": credibility, "rationale": reasons[1]},
        }

    def _relations(self, number: int, witness: str | None) -> tuple[list[Record], bool]:
        """Relations to earlier claims alone, so that they form no circle; and whether another
        origin supports the claim.

        The ``witness`` is an origin that counts whatever other claims say: none where the document
        speaks itself, or where the speaker may be known through a relayer alone.
        """
        rng, found, confirmed = self._rng, list[Record](), False
        chance = rng.getrandbits(8)
        if chance < 36 and self._recent:
            kind = "restates" if chance < 24 else "supports"
            target, other = self._recent[rng.getrandbits(16) % len(self._recent)]
            found.append(_relation(kind, target, chance))
            confirmed = kind == "supports" and None not in (witness, other) and other != witness
        elif chance < 84 and number:
            earlier = rng.getrandbits(40) % number
            if not self.is_retired(earlier):
                kind = "details" if chance < 66 else "continues"
                found.append(_relation(kind, self.identifier(earlier), chance))
        return found, confirmed


def _foretold(dates: Record, published: Record) -> bool:
    """Whether something would have happened after it was reported, as no event can."""
    announced, occurred = dates["announced"] or published, dates["occurred"]
    reported = bounds(announced["edtf"]).latest or bounds(published["edtf"]).latest
    begun = occurred and bounds(occurred["edtf"]).earliest
    return bool(begun and reported and begun > reported)


def _relation(kind: str, target: str, chance: int) -> Record:
    return {"type": kind, "claim": target, "rationale": RELATED[chance % len(RELATED)]}


def revised(claim: Record, words: str) -> Record:
    """The claim one revision later: other words, the next day."""
    day = dt.date.fromisoformat(claim["recorded_at"]) + dt.timedelta(days=1)
    statement = f"{claim['statement'].split(':')[0]}: {words}."
    revision = claim["revision"] + 1
    return {**claim, "statement": statement, "revision": revision, "recorded_at": day.isoformat()}
