"""What the engines are asked: every kind of query, with values as skewed as those of the data."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drawing import ranks, word_list
from benchmarks.surroundings import FIRST_DAY, TOPICS, YEARS
from benchmarks.synthetic import KINDS, WORDS
from schemas.query import ClaimQuery
from service.store.search.index_fields import SORT_KEYS, sort_keys

SEED = 1
"""Of the data sets that are measured."""
_TOPIC_RANKS = ranks(TOPICS)
_SINGLE = (("kind",), ("topic",), ("actor",), ("attribution",), ("horizon",), ("announced_year",))
_DOUBLE = (("kind", "attribution"), ("topic", "kind"), ("horizon", "specificity"),
           ("kind", "announced_year"), ("topic", "horizon"))  # fmt: skip
EVERYTHING = (*_SINGLE, *_DOUBLE)
"""Counts of all claims; none has so many groups that it must be split."""


@dataclass(frozen=True)
class Question:
    """One query; with ``by`` a count, with ``identifier`` one claim."""

    query: ClaimQuery
    by: tuple[str, ...] = ()
    identifier: str = ""


class Asker:
    """Draws questions for one built data set; the same ones for every engine."""

    def __init__(self, claims: Path) -> None:
        self._rng = random.Random(SEED + 5)
        self._claims, self._size = claims, claims.stat().st_size
        self._words = word_list(random.Random(SEED + 1), WORDS)
        self.kinds: dict[str, Callable[[], Question]] = {
            "topic page": lambda: Question(ClaimQuery(topic=(self.topic(),))),
            "three filters": self.three_filters,
            "date range, by confidence": self.date_range,
            "cursor in the middle": self.cursor,
            "text, common term": lambda: Question(ClaimQuery(q=self.word(0, 30))),
            "text and two filters": self.text_and_filters,
            "phrase": self.phrase,
            "text without a word": self.without,
            "relevance, hits 976 to 1,000": self.deep,
            "goals for a year, once each": self.goals,
            "one claim by id": self.one,
            "counts under a filter": self.counts,
        }

    def questions(self, kind: str) -> Iterator[Question]:
        """Without end."""
        make = self.kinds[kind]
        while True:
            yield make()

    def topic(self) -> str:
        return f"field-{_TOPIC_RANKS[self._rng.getrandbits(16)]}"

    def word(self, first: int, last: int) -> str:
        return self._words[self._rng.randrange(first, last)]

    def kind(self) -> str:
        return KINDS.draw(self._rng)

    def three_filters(self) -> Question:
        query = ClaimQuery(topic=(self.topic(),), kind=(self.kind(),), min_attribution=50)
        return Question(query)

    def date_range(self) -> Question:
        first = FIRST_DAY + dt.timedelta(days=self._rng.randrange(YEARS * 365 - 400))
        last = first + dt.timedelta(days=self._rng.randrange(30, 400))
        days = {"announced_from": first.isoformat(), "announced_to": last.isoformat()}
        return Question(ClaimQuery(**days, sort="-content"))

    def cursor(self) -> Question:
        line = self._line(0.45, 0.55)
        position = sort_keys(json.loads(line))[SORT_KEYS["-announced"]]
        return Question(ClaimQuery(cursor=f"{position:016x}"))

    def text_and_filters(self) -> Question:
        return Question(ClaimQuery(q=self.word(0, 300), topic=(self.topic(),), kind=(self.kind(),)))

    def phrase(self) -> Question:
        statement = json.loads(self._line(0, 0.9))["statement"].rstrip(".").split()
        place = self._rng.randrange(4, len(statement) - 2)
        return Question(ClaimQuery(q=f'"{statement[place]} {statement[place + 1]}"'))

    def without(self) -> Question:
        return Question(ClaimQuery(q=f"{self.word(0, 60)} -{self.word(0, 60)}"))

    def deep(self) -> Question:
        return Question(ClaimQuery(q=self.word(0, 10), cursor=f"{975:016x}"))

    def goals(self) -> Question:
        year = str(self._rng.randrange(FIRST_DAY.year, FIRST_DAY.year + YEARS))
        return Question(ClaimQuery(goals_only=True, distinct=True, horizon=(year,)))

    def one(self) -> Question:
        return Question(ClaimQuery(), identifier=json.loads(self._line(0, 0.95))["id"])

    def counts(self) -> Question:
        by = self._rng.choice((("kind",), ("attribution",), ("kind", "attribution")))
        return Question(ClaimQuery(topic=(self.topic(),)), by=by)

    def _line(self, first: float, last: float) -> bytes:
        """A claim from some part of the file, which is in default order."""
        with self._claims.open("rb") as file:
            file.seek(int(self._size * self._rng.uniform(first, last)))
            file.readline()
            return file.readline()


def page_paths() -> list[str]:
    """Distinct pages of 15 to 35 claims, 25 on average, on one topic, with the total.

    More than the cache of answers holds, so that asked in turn none is answered from it.
    """
    return _shuffled(
        f"/v1/claims?limit={limit}&topic=field-{topic}"
        for limit in range(15, 36)
        for topic in range(TOPICS)
    )


def filtered_paths() -> list[str]:
    """Pages of 20 to 30 claims on either of two common topics, most of them of one kind."""
    kinds = ("", "kind=goal&", "kind=directive&", "kind=position&")
    pairs = [f"field-{a},field-{b}" for a in range(40) for b in range(a)]
    return _shuffled(
        f"/v1/claims?{kind}limit={limit}&topic={pair}"
        for kind in kinds
        for limit in range(20, 31)
        for pair in pairs
    )


def _shuffled(paths: Iterable[str]) -> list[str]:
    found = list(paths)
    random.Random(SEED).shuffle(found)
    return found
