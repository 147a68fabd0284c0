"""Year against year: two occasions side by side, topic by topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.fields import SLUG
from service.comparison import Comparison, compare_occasions
from service.explorer import words
from service.explorer.claims import claims_by_id
from service.explorer.state import page_parameter
from service.explorer.words import DateText, date_words
from service.store.protocol import Store

TOPICS = 25
"""Topics on a page."""
MAX_RESTATEMENTS = 6
"""Restatements of one claim that are spelled out; the others are counted."""
MAX_OFFERS = 200
"""Occasions in the select lists; of more, the ones with most claims."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two occasions, and the topic after which the page starts; empty where there is none."""

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
    """The occasions of a query string; the two latest of one series unless it names two."""
    ends = [page_parameter(query_string, name) for name in ("from", "to")]
    first, second = ends if all(map(SLUG.fullmatch, ends)) else _two_latest(store)
    after = page_parameter(query_string, "cursor")
    return Pair(first, second, after if SLUG.fullmatch(after) else "")


def comparison(pair: Pair, store: Store) -> dict[str, Any]:
    """What the template reads; without two occasions ``sides`` and ``topics`` are empty."""
    occasions = [pair.first, pair.second] if pair.first else []
    result = None
    if occasions:
        result = compare_occasions(store, pair.first, pair.second, pair.after or None, TOPICS)
    cursor = result.next_cursor if result else None
    return {
        "offers": _offers(store, occasions),
        "sides": [_side(identifier, store) for identifier in occasions],
        "topics": _topics(result, occasions, store) if result else [],
        "canonical": pair.address + (f"&cursor={pair.after}" if pair.after else ""),
        "swapped": f"/compare?from={pair.second}&to={pair.first}",
        "next": f"{pair.address}&cursor={cursor}" if cursor else None,
        "beginning": pair.address if pair.after else None,
        "api": f"/v1{pair.address}",
    }


def _two_latest(store: Store) -> tuple[str, str]:
    """The two latest occasions with claims, of one series where a series has two."""
    held = [o for o in store.vocabularies["occasions"].records.values() if o["claim_count"]]
    held.sort(key=lambda o: o["dates"]["earliest"] or o["dates"]["latest"] or "", reverse=True)
    for latest in held:
        earlier = [o for o in held if o["series"] == latest["series"] and o is not latest]
        if earlier:
            return str(earlier[0]["id"]), str(latest["id"])
    return (held[1]["id"], held[0]["id"]) if len(held) > 1 else ("", "")


def _offers(store: Store, selected: list[str]) -> list[tuple[str, str]]:
    """Ids and names of the occasions to choose from, the selected ones among them."""
    records = store.vocabularies["occasions"].records
    ranked = sorted(records.values(), key=lambda o: (o["id"] not in selected, -o["claim_count"]))
    dated = sorted(ranked[:MAX_OFFERS], key=lambda o: (o["series"], o["dates"]["earliest"] or ""))
    return [(o["id"], f"{date_words(o['dates']['edtf'], short=True)}: {o['name']}") for o in dated]


def _side(identifier: str, store: Store) -> dict[str, Any]:
    """The heading of a column; without ``dates`` for an occasion that is not in the data set."""
    record = store.vocabularies["occasions"].records.get(identifier)
    if record is None:
        return {"id": identifier, "name": identifier, "dates": None, "total": 0}
    dates = DateText.of(record["dates"])
    return {
        "id": identifier,
        "name": record["name"],
        "dates": dates,
        "total": record["claim_count"],
    }


def _topics(result: Comparison, occasions: list[str], store: Store) -> list[dict[str, Any]]:
    rows = result.rows
    by_id = {
        claim["id"]: claim for row in rows for end in ("from", "to") for claim in row[end]["claims"]
    }
    ids = {end for row in rows for r in row["relations"] for end in (r["claim"], r["other"])}
    ids |= {one for claim in by_id.values() for one in claim["restated_by"][:MAX_RESTATEMENTS]}
    by_id |= claims_by_id(ids - set(by_id), store)
    statements = {identifier: claim["statement"] for identifier, claim in by_id.items()}
    return [_topic(row, occasions, statements) for row in rows]


def _topic(
    row: Mapping[str, Any], occasions: list[str], statements: Mapping[str, str]
) -> dict[str, Any]:
    """One topic: a column an occasion, and the relations between them with both statements."""
    topic = row["topic"]
    return {
        **topic,
        "columns": [
            _column(row[end], statements, f"/?occasion={occasion}&topic={topic['id']}#claims")
            for end, occasion in zip(("from", "to"), occasions, strict=True)
        ],
        "relations": [
            {
                **relation,
                "phrase": words.RELATION[relation["type"]][0],
                "statement": statements.get(relation["claim"], relation["claim"]),
                "other_statement": statements.get(relation["other"], relation["other"]),
            }
            for relation in row["relations"]
        ],
        "more_relations": row["relation_count"] - len(row["relations"]),
    }


def _column(side: Mapping[str, Any], statements: Mapping[str, str], address: str) -> dict[str, Any]:
    """The claims of one occasion on one topic, and how many have no room on the page."""
    return {
        **side,
        "claims": [_item(claim, statements) for claim in side["claims"]],
        "more": side["total"] - len(side["claims"]),
        "address": address,
    }


def _item(claim: Mapping[str, Any], statements: Mapping[str, str]) -> dict[str, Any]:
    restated_by = claim["restated_by"]
    return {
        **claim,
        "kind": words.KIND[claim["kind"]][0],
        "goal": _goal(claim["goal"]) if claim["goal"] else None,
        "restated_by": [(one, statements.get(one, one)) for one in restated_by[:MAX_RESTATEMENTS]],
        "more": max(0, len(restated_by) - MAX_RESTATEMENTS),
    }


def _goal(goal: Mapping[str, Any]) -> str:
    horizon = f"for {date_words(goal['horizon']['edtf'])}" if goal["horizon"] else "no year stated"
    return f"{horizon}, {words.SPECIFICITY[goal['specificity']]}"
