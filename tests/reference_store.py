"""A store that is slow and plain: lists of claims, written from the specification.

Nothing here is taken from the search index: matching, order and search are
derived anew from the served claim, so that a mistake in the index shows as a
difference. Shared is the table of filters.

What a question needs of a claim is noted once for each claim (``Row``), so that
hundreds of questions to 100,000 claims end in minutes; every question still
looks at every claim.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from schemas import filters
from schemas.date import bounds
from schemas.filter_kinds import Days, Either, Flag, Listed, Score, ServedRecords, Years
from schemas.filters import LISTED
from schemas.parameters import NONE
from schemas.query import SORTS, ClaimQuery
from schemas.records.change import CLAIM, Changes, RecordKey, record_of
from schemas.records.dataset import (
    Counts,
    DatasetInfo,
    Export,
    FileDescription,
    Group,
    Page,
    Rows,
    StoredFile,
)
from schemas.tables.claims import CLAIM_TABLES
from service.formats.tables import csv_chunks
from service.store.dataset_format import Dataset
from service.store.protocol import RELEVANCE_WINDOW, ClaimNotFound, ClaimRetired, Counted
from service.store.vocabulary import Vocabulary
from tests.plain_words import shows_nothing, stems, stems_by_run

Claim = Mapping[str, Any]
Date = Mapping[str, Any] | None
Keys = frozenset[str | None]
Place = tuple[bool, int, str]

BEFORE_ALL, AFTER_ALL = "0000-00-00", "9999-99-99"


@dataclass(frozen=True, slots=True)
class Period:
    """What filters ask of a date: the first and last day by which it is found, whether it carries
    ``?``, ``~`` or ``%``, and the days between which it must lie.
    """

    earliest: str
    latest: str
    unsure: bool
    not_before: str
    not_after: str


@dataclass(slots=True)
class Row:
    """What questions ask of one claim."""

    id: str
    body: bytes
    keys: dict[str, Keys]
    periods: dict[str, Period | None]
    """By the name of a date."""
    flags: frozenset[str]
    scores: dict[str, int | None]
    words: str
    """Every text that is searched on a line of its own, its words between blanks."""
    places: dict[str, Place]

    @classmethod
    def of(cls, body: bytes, records: ServedRecords) -> Row:
        claim: Claim = json.loads(body)
        return cls(
            id=claim["id"],
            body=body,
            keys={
                name: _shared(frozenset(row.terms(claim, records))) for name, row in LISTED.items()
            },
            periods={
                row.name if isinstance(row, Days) else str(row.dated): _period(row.date(claim))
                for row in filters.FILTERS
                if isinstance(row, Days | Years)
            },
            flags=frozenset(
                row.name for row in filters.FILTERS if isinstance(row, Flag) and row.holds(claim)
            ),
            scores={
                row.name: row.score(claim) for row in filters.FILTERS if isinstance(row, Score)
            },
            words="\n".join(f" {' '.join(text)} " for text in texts(claim, records)),
            places={order: _place(claim, order) for order in ORDERS},
        )


class ReferenceStore:
    """Answers every question by looking at every claim."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        lines, records = bytes(dataset.claims[:]).splitlines(), dataset.records
        self._rows = [Row.of(line, records) for line in lines]
        self._bodies = {row.id: row.body for row in self._rows}
        self._changes = [json.loads(line) for line in bytes(dataset.changes[:]).splitlines()]
        self._changes_of: dict[RecordKey, list[Claim]] = defaultdict(list)
        for change in self._changes:
            self._changes_of[record_of(change)].append(change)

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
        found = self.found(query)
        start = self._start(found, query)
        end = start + query.limit
        if query.order == "relevance":
            last = min(len(found), RELEVANCE_WINDOW)
            end = min(end, RELEVANCE_WINDOW)
            cursor = f"{end:016x}" if end < last else None
        else:
            cursor = cursor_at(found[end - 1], query.order) if end < len(found) else None
        return Page([row.body for row in found[start:end]], len(found), cursor)

    def export(self, query: ClaimQuery) -> Export:
        found = self.found(query)
        ndjson_bytes = sum(len(row.body) + 1 for row in found)
        return Export(len(found), ndjson_bytes, iter([row.body for row in found]))

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        """Made of the claims anew: nothing is looked up in the files."""
        (asked,) = [each for each in CLAIM_TABLES if each.name == table]
        claims = [json.loads(row.body) for row in self.found(query)]
        content = b"".join(csv_chunks(asked, claims, excel=False))
        return Rows(len(content), iter([content]))

    @property
    def files(self) -> Mapping[str, StoredFile]:
        return self._dataset.files

    @property
    def described(self) -> Mapping[str, FileDescription]:
        return {name: FileDescription(len(f.content), f.sha256) for name, f in self.files.items()}

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        found = self.matching(query)
        certain = query.date_match == "certain"
        counted = [row for row in found if all(_may_be_counted(row, d, certain) for d in by)]
        number: Counter[tuple[str | None, ...]] = Counter()
        years = {name: _years(name, counted) for name in by if name in YEARS}
        for row in counted:
            groups: list[tuple[str | None, ...]] = [()]
            for dimension in by:
                keys = row.keys[dimension]
                if dimension in years:
                    of_all = years[dimension]
                    keys = frozenset(y for y in of_all if _overlaps(YEARS[dimension], y, row))
                groups = [(*group, value) for group in groups for value in keys or (None,)]
            number.update(groups)
        listed = [Group(keys, count) for keys, count in number.items()]
        listed.sort(key=lambda g: (-g.count, *((key is None, key or "") for key in g.keys)))
        return Counts(listed, len(found))

    def answers(
        self, pages: Sequence[ClaimQuery], counts: Sequence[Counted] = ()
    ) -> tuple[list[Page], list[Counts]]:
        return [*map(self.search, pages)], [self.counts(*counted) for counted in counts]

    def changes(
        self, since: int, limit: int, identifier: str | None = None, kind: str = CLAIM
    ) -> Changes:
        key = RecordKey(kind, identifier or "")
        of_it = self._changes if identifier is None else self._changes_of.get(key, [])
        if identifier is not None and kind == CLAIM and not of_it:
            raise ClaimNotFound(identifier)
        found = [change for change in of_it if change["seq"] > since]
        states = [(change, self._after(change)) for change in found[:limit]]
        return Changes(states, len(of_it), len(found) > limit)

    def _after(self, change: Mapping[str, Any]) -> Mapping[str, Any] | None:
        kind, identifier = key = record_of(change)
        for later in self._changes_of[key]:
            if later["seq"] > change["seq"]:
                previous: Mapping[str, Any] = later["previous"]
                return previous
        if kind != CLAIM:
            return self._dataset.vocabularies[f"{kind}s"].record(identifier)
        active = self._bodies.get(identifier)
        return None if active is None else json.loads(active)

    def log_digest(self, seq: int) -> str | None:
        """By another way than that of the index, and only as good for being compared."""
        if seq > len(self._changes):
            return None
        told = json.dumps([self._dataset.info.feed.salt.decode(), self._changes[:seq]])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def ping(self) -> None:
        """A list is always there."""

    def matching(self, query: ClaimQuery) -> list[Row]:
        """Every claim that a question asks for, in the order in which the claims lie."""
        found = self._rows
        for rule in _rules(query):
            found = list(filter(rule, found))
        return found

    def found(self, query: ClaimQuery) -> list[Row]:
        """Every claim that a question asks for, in its order."""
        found = self.matching(query)
        if query.order == "relevance":
            assert query.q is not None
            wanted = {word for piece, minus in pieces(query.q) if not minus for word in piece}
            return sorted(found, key=lambda row: (-_occurrences(row, wanted), row.id))
        return sorted(found, key=lambda row: row.places[query.order])

    @staticmethod
    def _start(found: list[Row], query: ClaimQuery) -> int:
        if query.cursor is None:
            return 0
        place = int(query.cursor, 16)
        if query.order == "relevance":
            return place if place < RELEVANCE_WINDOW else len(found)
        return sum(_number(row.places[query.order]) <= place for row in found)


def cursor_at(row: Row, order: str) -> str:
    """The cursor of a page that ends with a claim, in an order other than relevance."""
    return f"{_number(row.places[order]):016x}"


@functools.cache
def _shared(values: Keys) -> Keys:
    """One set for all that are equal, since a hundred thousand claims repeat theirs."""
    return values


YEARS = {row.name: str(row.dated) for row in filters.FILTERS if isinstance(row, Years)}
ORDERS = tuple(order for order in SORTS if order != "relevance")


def _rules(query: ClaimQuery) -> Iterator[Callable[[Row], bool]]:
    """What a claim must pass to be among the answers; nothing for what was not asked."""
    certain = query.date_match == "certain"
    for row in filters.FILTERS:
        match row:
            case Listed() if wanted := getattr(query, row.name):
                yield partial(_has, row, frozenset(wanted), certain)
            case Either():
                if (wanted := getattr(query, row.name)) is not None:
                    yield partial(_is_flagged, row.name, wanted)
            case Flag() if getattr(query, row.name):
                yield partial(_is_flagged, row.name, True)
            case Days():
                first, last = (getattr(query, f"{row.name}_{end}") for end in ("from", "to"))
                if first is not None or last is not None:
                    yield partial(_falls, row.name, first, last, certain)
            case Score() if (minimum := getattr(query, f"min_{row.name}")) is not None:
                yield partial(_at_least, row.name, minimum)
    if query.q is not None:
        yield partial(_says, pieces(query.q))


def _is_unsure(row: Row, date: str | None) -> bool:
    period = row.periods[date] if date else None
    return period is not None and period.unsure


def _may_be_counted(row: Row, dimension: str, certain: bool) -> bool:
    return not (certain and row.keys[dimension] and _is_unsure(row, LISTED[dimension].dated))


def _has(asked: Listed, wanted: Keys, certain: bool, row: Row) -> bool:
    keys = row.keys[asked.name]
    if not keys:
        return NONE in wanted
    if certain and _is_unsure(row, asked.dated):
        return False
    if isinstance(asked, Years):
        return any(_overlaps(str(asked.dated), str(year), row) for year in wanted - {NONE})
    return not keys.isdisjoint(wanted)


def _is_flagged(flag: str, wanted: bool, row: Row) -> bool:
    return (flag in row.flags) is wanted


def _at_least(name: str, minimum: int, row: Row) -> bool:
    score = row.scores[name]
    return score is not None and score >= minimum


def _period(date: Date) -> Period | None:
    if date is None:
        return None
    not_before, not_after = date["earliest"] or BEFORE_ALL, date["latest"] or AFTER_ALL
    earliest, latest = not_before, not_after
    if date["edtf"].startswith("/"):
        earliest = str(bounds(date["edtf"][1:]).earliest)
    elif date["edtf"].endswith("/"):
        latest = str(bounds(date["edtf"][:-1]).latest)
    unsure = any(mark in date["edtf"] for mark in "?~%")
    return Period(earliest, latest, unsure, not_before, not_after)


def _years(name: str, found: list[Row]) -> list[str]:
    """The years that are groups: those in which a date has a known day, or may have one."""
    return sorted({str(year) for row in found for year in row.keys[name]})


def _falls(
    name: str,
    first: str | None,
    last: str | None,
    certain: bool,
    row: Row,
) -> bool:
    """Whether a date may, or must, fall inside a range of days; ISO days order as text."""
    low, high = first or BEFORE_ALL, last or AFTER_ALL
    date = row.periods[name]
    if date is None or low > high:
        return False
    if certain:
        return not date.unsure and low <= date.not_before and date.not_after <= high
    return date.earliest <= high and date.latest >= low


def _overlaps(date: str, year: str, row: Row) -> bool:
    period = row.periods[date]
    return period is not None and period.earliest[:4] <= year <= period.latest[:4]


def texts(claim: Claim, records: ServedRecords) -> list[list[str]]:
    """The words of every text that is searched: statement, quotes, names of all concerned.

    A name is one text, however many parts of the claim have it.
    """
    agents = [*claim["actors"], *claim["addressees"], *claim["about"]]
    *others, publisher = (link["agent"] for link in claim["sources"])
    agents += others
    agents += [q["speaker"] for q in claim["quotes"] if q["speaker"] != publisher]
    names: list[str] = []
    for agent in agents:
        record = records["agents"][agent["id"]]
        made_up = agent == publisher and record["kind"] == "unnamed"
        names += record["other_names"] if made_up else [agent["name"], *record["other_names"]]
    names += [topic["name"] for topic in claim["topics"]]
    names += [claim["occasion"]["name"]] if claim["occasion"] else []
    for place in claim["places"]:
        names += [place["name"], *records["places"][place["id"]]["other_names"]]
    said = [claim["statement"], *(quote["text"] for quote in claim["quotes"])]
    return [stems(text) for text in (*said, *dict.fromkeys(names))]


QUOTES, DASHES = '"“”„‟«»‹›「」『』〝〞〟', "-‐‑‒–—―−"


def pieces(text: str) -> list[tuple[list[str], bool]]:
    """What a search text asks for: runs of words that must stand together, and whether not to.

    A wanted word that falls into several is several pieces; an unwanted one is
    a phrase.
    """
    shown = "".join(character for character in text if not shows_nothing(character))
    rest = unicodedata.normalize("NFKC", shown).lstrip()
    found = []
    while rest:
        minus = rest[0] in DASHES and len(rest) > 1 and not rest[1].isspace()
        body = rest[1:] if minus else rest
        end = next((place for place, c in enumerate(body) if place and c in QUOTES), None)
        if body[0] in QUOTES and end is not None:
            found.append((stems(body[1:end]), minus))
            rest = body[end + 1 :].lstrip()
        else:
            piece = body.split(maxsplit=1)[0]
            found += [(stems(piece), True)] if minus else [(r, False) for r in stems_by_run(piece)]
            rest = body[len(piece) :].lstrip()
    return [(said, minus) for said, minus in found if said]


def _says(asked: list[tuple[list[str], bool]], row: Row) -> bool:
    return bool(asked) and all(_stands(said, row.words) is not minus for said, minus in asked)


def _stands(said: list[str], within: str) -> bool:
    """Whether some text has these words in this order next to each other."""
    return f" {' '.join(said)} " in within


def _occurrences(row: Row, wanted: set[str]) -> int:
    return sum(word in wanted for word in row.words.split())


def _place(claim: Claim, order: str) -> Place:
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


def _number(place: Place) -> int:
    """A place as one number, for cursors: 1 bit, 23 bits, and 40 bits of id."""
    absent, value, identifier = place
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    number = sum(digits.index(d) << 5 * n for n, d in enumerate(reversed(identifier[4:])))
    return absent << 63 | (value + (1 << 22)) << 40 | number
