"""A store that is slow and plain: lists of claims, written from the specification.

Nothing here is taken from the search index: filters, years, order and search
are derived anew from the served claim, so that a mistake in the index shows
as a difference. Only what counts as a word is shared.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.dataset import Counts, DatasetInfo, Export, Group, Page, Vocabulary
from schemas.history import Changes
from schemas.query import ClaimQuery
from service.store import RELEVANCE_WINDOW, ClaimNotFound, ClaimRetired
from service.store.dataset import Dataset
from service.store.text import words
from service.tables import TABLES

Claim = Mapping[str, Any]
Date = Mapping[str, Any] | None
Keys = set[str | None]

BEFORE_ALL, AFTER_ALL = "0000-00-00", "9999-99-99"


class ReferenceStore:
    """Answers every question by looking at every claim."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        lines = bytes(dataset.claims[:]).splitlines()
        self._changes = [json.loads(line) for line in bytes(dataset.changes[:]).splitlines()]
        self._claims: list[Claim] = [json.loads(line) for line in lines]
        self._bodies: dict[str, bytes] = {
            claim["id"]: line for claim, line in zip(self._claims, lines, strict=True)
        }

    @property
    def dataset(self) -> DatasetInfo:
        return self._dataset.info

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        return self._dataset.vocabularies

    def get(self, claim_id: str) -> bytes:
        if claim_id in self._dataset.retired:
            raise ClaimRetired(self._dataset.retired[claim_id])
        if claim_id not in self._bodies:
            raise ClaimNotFound(claim_id)
        return self._bodies[claim_id]

    def search(self, query: ClaimQuery) -> Page:
        found = self._found(query)
        start = self._start(found, query)
        end = start + query.limit
        if query.order == "relevance":
            last = min(len(found), RELEVANCE_WINDOW)
            end = min(end, RELEVANCE_WINDOW)
            cursor = f"{end:016x}" if end < last else None
        else:
            cursor = f"{_place(found[end - 1], query.order):016x}" if end < len(found) else None
        return Page([self._bodies[c["id"]] for c in found[start:end]], len(found), cursor)

    def export(self, query: ClaimQuery) -> Export:
        found = self._found(query)
        bodies = [self._bodies[claim["id"]] for claim in found]
        sizes = {"json_lines": sum(len(body) + 1 for body in bodies)}
        for table in TABLES:
            for excel in (False, True):
                rows = [table.lines(claim, excel) for claim in found]
                sizes[table.size(excel)] = sum(map(len, rows))
        return Export(len(bodies), sizes, iter(bodies))

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        found = self._found(query)
        number: Counter[tuple[str | None, ...]] = Counter()
        for claim in found:
            rows: list[tuple[str | None, ...]] = [()]
            for dimension in by:
                values = DIMENSIONS[dimension](claim) or {None}
                rows = [(*row, value) for row in rows for value in values]
            number.update(rows)
        groups = [Group(keys, count) for keys, count in number.items()]
        groups.sort(key=lambda g: (-g.count, *((key is None, key or "") for key in g.keys)))
        return Counts(groups, len(found))

    def changes(self, since: int, limit: int, claim_id: str | None = None) -> Changes:
        of_it = [c for c in self._changes if claim_id in (None, c["claim"])]
        if claim_id is not None and not of_it:
            raise ClaimNotFound(claim_id)
        found = [change for change in of_it if change["seq"] > since]
        states = [(change, self._after(change)) for change in found[:limit]]
        return Changes(states, len(of_it), len(found) > limit)

    def _after(self, change: Mapping[str, Any]) -> Mapping[str, Any] | None:
        for later in self._changes[change["seq"] :]:
            if later["claim"] == change["claim"]:
                previous: Mapping[str, Any] = later["previous"]
                return previous
        active = self._bodies.get(change["claim"])
        return None if active is None else json.loads(active)

    def ping(self) -> None:
        """A list is always there."""

    def _found(self, query: ClaimQuery) -> list[Claim]:
        found = [claim for claim in self._claims if _matches(claim, query)]
        if query.order == "relevance":
            assert query.q is not None
            wanted = {word for piece, minus in pieces(query.q) if not minus for word in piece}
            return sorted(found, key=lambda claim: (-_occurrences(claim, wanted), claim["id"]))
        return sorted(found, key=lambda claim: _sort_key(claim, query.order))

    @staticmethod
    def _start(found: list[Claim], query: ClaimQuery) -> int:
        if query.cursor is None:
            return 0
        place = int(query.cursor, 16)
        if query.order == "relevance":
            return place if place < RELEVANCE_WINDOW else len(found)
        return sum(_place(claim, query.order) <= place for claim in found)


def _ids(references: Any) -> Keys:
    return {reference["id"] for reference in references}


def _documents(claim: Claim) -> Keys:
    return _ids(place["document"] for key in ("evidence", "quotes") for place in claim[key])


def _years(date: Date) -> Keys:
    """Every year between the bounds; of an open interval the one year known."""
    if date is None:
        return set()
    known = [int(date[end][:4]) for end in ("earliest", "latest") if date[end] is not None]
    return {f"{year:04d}" for year in range(min(known), max(known) + 1)}


def _horizon(claim: Claim) -> Date:
    horizon: Date = claim["goal"]["horizon"] if claim["goal"] else None
    return horizon


DIMENSIONS: dict[str, Callable[[Claim], Keys]] = {
    "id": lambda c: {c["id"]},
    "kind": lambda c: {c["kind"]},
    "topic": lambda c: _ids(c["topics"]),
    "actor": lambda c: _ids(c["actors"]),
    "addressee": lambda c: _ids(c["addressees"]),
    "about": lambda c: _ids(c["about"]),
    "source": lambda c: _ids(link["agent"] for link in c["sources"]),
    "speaker": lambda c: {c["sources"][0]["agent"]["id"]},
    "document": _documents,
    "occasion": lambda c: {c["occasion"]["id"]} if c["occasion"] else set(),
    "attribution": lambda c: {c["attribution"]},
    "specificity": lambda c: {c["goal"]["specificity"]} if c["goal"] else set(),
    "horizon": lambda c: _years(_horizon(c)),
    "announced_year": lambda c: _years(c["dates"]["announced"]),
    "occurred_year": lambda c: _years(c["dates"]["occurred"]),
}
NO_FILTERS = ("specificity", "horizon", "announced_year", "occurred_year")
FILTERS = tuple(name for name in DIMENSIONS if name not in NO_FILTERS)


def _matches(claim: Claim, query: ClaimQuery) -> bool:
    return all(_rules(claim, query))


def _rules(claim: Claim, query: ClaimQuery) -> Iterator[bool]:
    for name in FILTERS:
        wanted = getattr(query, name)
        yield not wanted or not DIMENSIONS[name](claim).isdisjoint(wanted)
    certain = query.date_match == "certain"
    dates = claim["dates"]
    yield _falls(dates["announced"], query.announced_from, query.announced_to, certain)
    yield _falls(dates["occurred"], query.occurred_from, query.occurred_to, certain)
    yield not query.horizon or any(_overlaps(_horizon(claim), y, certain) for y in query.horizon)
    yield claim["goal"] is not None or not query.goals_only
    yield not query.distinct or all(r["type"] != "restates" for r in claim["relations"])
    scores = claim["confidence"]
    yield _at_least(scores["attribution"]["score"], query.min_attribution)
    yield _at_least(scores["content"]["score"], query.min_content)
    yield query.q is None or _says(claim, query.q)


def _at_least(score: int | None, minimum: int | None) -> bool:
    return minimum is None or (score is not None and score >= minimum)


def _falls(date: Date, first: str | None, last: str | None, certain: bool) -> bool:
    """Whether a date may, or must, fall inside a range of days; ISO days order as text."""
    if first is None and last is None:
        return True
    low, high = first or BEFORE_ALL, last or AFTER_ALL
    if date is None or low > high:
        return False
    earliest, latest = date["earliest"] or BEFORE_ALL, date["latest"] or AFTER_ALL
    if certain:
        return "?" not in date["edtf"] and low <= earliest and latest <= high
    return bool(earliest <= high and latest >= low)


def _overlaps(period: Date, year: str, certain: bool) -> bool:
    if period is None or (certain and "?" in period["edtf"]):
        return False
    first, last = (period["earliest"] or BEFORE_ALL)[:4], (period["latest"] or AFTER_ALL)[:4]
    return bool(first <= year <= last)


def texts(claim: Claim) -> list[list[str]]:
    """The words of every text that is searched: statement, quotes, names of all concerned."""
    references = [*claim["topics"], *claim["actors"], *claim["addressees"], *claim["about"]]
    references += [link["agent"] for link in claim["sources"]]
    references += [quote["speaker"] for quote in claim["quotes"]]
    references += [claim["occasion"]] if claim["occasion"] else []
    found = [claim["statement"], *(quote["text"] for quote in claim["quotes"])]
    found += [reference["name"] for reference in references]
    return [words(text) for text in found]


def pieces(text: str) -> list[tuple[list[str], bool]]:
    """What a search text asks for: runs of words that must stand together, and whether not to.

    A wanted word that falls into several is several pieces; an unwanted one is
    a phrase.
    """
    found = []
    rest = text.lstrip()
    while rest:
        minus = rest.startswith("-") and len(rest) > 1 and not rest[1].isspace()
        body = rest[1:] if minus else rest
        if body.startswith('"') and '"' in body[1:]:
            end = body.index('"', 1)
            found.append((words(body[1:end]), minus))
            rest = body[end + 1 :].lstrip()
        else:
            piece = body.split(maxsplit=1)[0]
            said = words(piece)
            found += [(said, True)] if minus else [([word], False) for word in said]
            rest = body[len(piece) :].lstrip()
    return [(said, minus) for said, minus in found if said]


def _says(claim: Claim, text: str) -> bool:
    asked, within = pieces(text), texts(claim)
    return bool(asked) and all(_stands(said, within) is not minus for said, minus in asked)


def _stands(said: list[str], within: list[list[str]]) -> bool:
    """Whether some text has these words in this order next to each other."""
    size = len(said)
    return any(text[n : n + size] == said for text in within for n in range(len(text)))


def _occurrences(claim: Claim, wanted: set[str]) -> int:
    return sum(word in wanted for text in texts(claim) for word in text)


def _sort_key(claim: Claim, order: str) -> tuple[bool, int, str]:
    """Claims without a value last, whichever the direction; then the value; then the id."""
    value = _sorted_by(claim, order)
    down = order.startswith("-")
    return (value is None, 0 if value is None else -value if down else value, claim["id"])


def _sorted_by(claim: Claim, order: str) -> int | None:
    name = order.lstrip("-")
    if name == "content":
        score: int | None = claim["confidence"]["content"]["score"]
        return score
    date = claim["dates"][name]
    if date is None or date["earliest"] is None:
        return None
    return dt.date.fromisoformat(date["earliest"]).toordinal()


def _place(claim: Claim, order: str) -> int:
    """The sort key as one number, for cursors: 1 bit, 23 bits, and 40 bits of id."""
    absent, value, identifier = _sort_key(claim, order)
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    number = sum(digits.index(d) << 5 * n for n, d in enumerate(reversed(identifier[4:])))
    return absent << 63 | (value + (1 << 22)) << 40 | number
