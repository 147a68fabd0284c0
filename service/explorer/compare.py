"""Year against year: two occasions side by side, topic by topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.fields import SLUG
from service.comparison import Comparison, compare_occasions
from service.explorer import words
from service.explorer.cards import claims_by_id
from service.explorer.dates import Dated, in_words
from service.explorer.state import own_parameter
from service.explorer.templating import page
from service.store.protocol import Store

TOPICS = 25
"""Topics on a page."""
RESTATEMENTS = 6
"""Restatements that are spelled out where they are folded away."""
OFFERED = 200
"""Occasions that the lists offer; of more, the ones with most claims."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two occasions; ``dates`` are null for one that the data set does not know."""

    id: str
    name: str
    dates: Dated | None
    total: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A claim that restates another."""

    id: str
    statement: str


@dataclass(frozen=True, slots=True)
class Item:
    """A claim of one occasion, and the claims that restate it, ``more`` of them unnamed."""

    id: str
    statement: str
    kind: str
    goal: str | None
    speaker: str
    restated_by: list[Folded]
    more: int


@dataclass(frozen=True, slots=True)
class Column:
    """What the record holds of one occasion on one topic; ``folded`` claims restate others."""

    items: list[Item]
    total: int
    folded: int
    address: str

    @property
    def more(self) -> int:
        """How many claims have no room here."""
        return self.total - len(self.items)


@dataclass(frozen=True, slots=True)
class Joined:
    """A curated relation from one claim to another, and its reason."""

    id: str
    statement: str
    phrase: str
    other: str
    other_statement: str
    rationale: str


@dataclass(frozen=True, slots=True)
class Topic:
    id: str
    name: str
    columns: list[Column]
    joined: list[Joined]
    more_joined: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two occasions, and after which topic; empty texts where there are none."""

    first: str
    second: str
    after: str

    @property
    def identity(self) -> str:
        return f"{self.first} {self.second} {self.after}"

    @property
    def address(self) -> str:
        return f"/compare?from={self.first}&to={self.second}" if self.first else "/compare"


def read_pair(query_string: bytes, store: Store) -> Pair:
    """What a query string names; unless that is two occasions, the two latest of one series."""
    given = [own_parameter(query_string, name) for name in ("from", "to")]
    first, second = given if all(map(SLUG.fullmatch, given)) else _two_latest(store)
    after = own_parameter(query_string, "cursor")
    return Pair(first, second, after if SLUG.fullmatch(after) else "")


def compare(pair: Pair, store: Store) -> bytes:
    """Two occasions side by side."""
    both, after, address = [pair.first, pair.second], pair.after, pair.address
    found = None
    if pair.first:
        found = compare_occasions(store, pair.first, pair.second, after or None, TOPICS)
    return page(
        "compare.html",
        stamp=store.dataset,
        offers=_offers(store, both),
        sides=[_side(name, store) for name in both if name],
        topics=_topics(found, both, store) if found else [],
        canonical=address + (f"&cursor={after}" if after else ""),
        swapped=f"/compare?from={pair.second}&to={pair.first}",
        next=f"{address}&cursor={found.next_cursor}" if found and found.next_cursor else None,
        beginning=address if after else None,
        api=f"/v1{address}",
    )


def _two_latest(store: Store) -> tuple[str, str]:
    """The two latest occasions with claims, of one series where a series has two."""
    held = [o for o in store.vocabularies["occasions"].records.values() if o["claim_count"]]
    held.sort(key=lambda o: o["dates"]["earliest"] or o["dates"]["latest"] or "", reverse=True)
    for latest in held:
        earlier = [o for o in held if o["series"] == latest["series"] and o is not latest]
        if earlier:
            return str(earlier[0]["id"]), str(latest["id"])
    return (held[1]["id"], held[0]["id"]) if len(held) > 1 else ("", "")


def _offers(store: Store, chosen: list[str]) -> list[tuple[str, str]]:
    """The occasions to choose from, by series and date, the chosen ones among them."""
    records = store.vocabularies["occasions"].records
    ranked = sorted(records.values(), key=lambda o: (o["id"] not in chosen, -o["claim_count"]))
    dated = sorted(ranked[:OFFERED], key=lambda o: (o["series"], o["dates"]["earliest"] or ""))
    return [(o["id"], f"{in_words(o['dates']['edtf'], short=True)}: {o['name']}") for o in dated]


def _side(identifier: str, store: Store) -> Side:
    record = store.vocabularies["occasions"].records.get(identifier)
    if record is None:
        return Side(identifier, identifier, None, 0)
    return Side(identifier, record["name"], Dated.of(record["dates"]), record["claim_count"])


def _topics(found: Comparison, occasions: list[str], store: Store) -> list[Topic]:
    ids = {end for row in found.rows for r in row["relations"] for end in (r["claim"], r["other"])}
    sides = [row[side] for row in found.rows for side in ("from", "to")]
    known = {claim["id"]: claim for side in sides for claim in side["claims"]}
    ids |= {one for claim in known.values() for one in claim["restated_by"][:RESTATEMENTS]}
    known |= claims_by_id(ids - set(known), store)
    return [_topic(row, occasions, known) for row in found.rows]


def _topic(row: Record, occasions: list[str], known: Mapping[str, Record]) -> Topic:
    topic = row["topic"]
    return Topic(
        topic["id"],
        topic["name"],
        [
            _column(row[side], known, f"/?occasion={occasion}&topic={topic['id']}#claims")
            for side, occasion in zip(("from", "to"), occasions, strict=True)
        ],
        [_joined(relation, known) for relation in row["relations"]],
        row["relation_count"] - len(row["relations"]),
    )


def _column(side: Record, known: Mapping[str, Record], address: str) -> Column:
    items = [_item(claim, known) for claim in side["claims"]]
    return Column(items, side["total"], side["restatements"], address)


def _item(claim: Record, known: Mapping[str, Record]) -> Item:
    goal, restated_by = claim["goal"], claim["restated_by"]
    return Item(
        claim["id"],
        claim["statement"],
        words.KIND[claim["kind"]][0],
        _goal(goal) if goal else None,
        claim["speaker"]["name"],
        [Folded(one, _said(one, known)) for one in restated_by[:RESTATEMENTS]],
        max(0, len(restated_by) - RESTATEMENTS),
    )


def _said(identifier: str, known: Mapping[str, Record]) -> str:
    """What a claim says; its id where that is not at hand."""
    return str(known[identifier]["statement"]) if identifier in known else identifier


def _goal(goal: Record) -> str:
    horizon = f"for {in_words(goal['horizon']['edtf'])}" if goal["horizon"] else "no year stated"
    return f"{horizon}, {words.SPECIFICITY[goal['specificity']]}"


def _joined(relation: Record, known: Mapping[str, Record]) -> Joined:
    one, other = relation["claim"], relation["other"]
    phrase = words.RELATION[relation["type"]][0]
    said, other_said = _said(one, known), _said(other, known)
    return Joined(one, said, phrase, other, other_said, relation["rationale"])
