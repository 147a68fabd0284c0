"""What is new, for feed readers: changes of records, and the claims that a search finds.

An entry keeps its id whatever becomes of its record, so that a reader shows a revised claim as one
that was updated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemas.filter_kinds import ServedClaim
from schemas.filters import TITLES, vocabulary_of
from schemas.parameters import query_text, value_text
from schemas.query import ClaimQuery
from schemas.records.change import RETIRING, record_of
from service.formats.discovery.feed_forms import Entry, NewsFeed, Writer, instant
from service.formats.envelopes import Body, ParsedQuery
from service.formats.jsonld.nodes import Nodes
from service.store.protocol import Store

_MAX_TITLE = 200
_CHANGES_AT_ONCE = 400
_MAX_ROUNDS = 10
"""How far back a feed of a search looks through the changes: 4,000 of them."""
_DID = {
    "created": "Recorded",
    "revised": "Revised",
    "superseded": "Superseded",
    "withdrawn": "Withdrawn",
}


def changes_feed(write: Writer, query: ParsedQuery, store: Store) -> Body:
    """The newest changes of all kinds of record."""
    return Body(write(_changes(query, store)))


def claims_feed(write: Writer, query: ParsedQuery, store: Store) -> Body:
    """The claims of a search that were recorded last."""
    return Body(write(_claims(query, store)))


def _feed(
    query: ParsedQuery, store: Store, title: str, page: str, entries: list[Entry]
) -> NewsFeed:
    """A feed whose id is that of its question, whatever the data set's version."""
    about = store.dataset.about
    kind = query.path.partition(".")[0].removeprefix("/v1/")
    asked = hashlib.sha256(f"{query.path} {query.text}".encode()).hexdigest()[:16]
    return NewsFeed(
        id=Nodes.of(store, query.link).identifier("feeds", f"{kind}-{asked}"),
        title=title,
        address=query.link(query.path, query.text),
        page=page,
        author=about.publisher or about.title,
        updated=max((instant(entry.day) for entry in entries), default=store.dataset.built_at),
        entries=entries,
    )


def _changes(query: ParsedQuery, store: Store) -> NewsFeed:
    limit = query.values["limit"]
    total = store.changes(0, 1).total
    states = store.changes(max(total - limit, 0), limit).states
    entries = [_change(change, state, query, store) for change, state in reversed(states)]
    return _feed(
        query, store, f"Changes: {store.dataset.about.title}", query.link("/", ""), entries
    )


def _change(
    change: Mapping[str, Any], state: Mapping[str, Any] | None, query: ParsedQuery, store: Store
) -> Entry:
    key = record_of(change)
    record = state or change["previous"] or {}
    name = next(
        (record[k] for k in ("statement", "title", "name", "label") if record.get(k)), key.id
    )
    done = _DID[change["change"]]
    said = change["reason"] or f"{key.kind.capitalize()} {key.id} was recorded."
    if change["replaced_by"] is not None:
        said += f" Replaced by {change['replaced_by']}."
    feed = store.dataset.feed.id
    return Entry(
        id=Nodes.of(store, query.link).identifier("changes", f"{feed}-{change['seq']}"),
        page=query.link(f"/{key.kind}s/{key.id}", ""),
        title=_short(f"{done}: {name}"),
        text=said,
        day=change["recorded_at"],
        author=None,
        tags=(key.kind, change["change"]),
    )


def _claims(query: ParsedQuery, store: Store) -> NewsFeed:
    claims = newest(query.claims, store)
    entries = [_claim(claim, query, store) for claim in claims]
    usual = {**query.values, "limit": query.schema.defaults["limit"]}
    page = query.link("/", query_text(usual, query.schema))
    title = " · ".join((*_asked(query, store), store.dataset.about.title))
    return _feed(query, store, title, page, entries)


def _asked(query: ParsedQuery, store: Store) -> Iterator[str]:
    """What a search asks for, in words, so that a reader tells its feed from others."""
    for name, value in sorted(query.values.items()):
        if value == query.schema.defaults.get(name) or name == "limit":
            continue
        title, words = TITLES.get(name, name), value_text(value)
        if vocabulary := vocabulary_of(name):
            names = store.vocabularies[vocabulary].names(value)
            words = ", ".join(names.get(each, each) for each in value)
        if name == "q":
            yield words
        else:
            yield title if value is True else f"{title}: {words}"


def _claim(claim: ServedClaim, query: ParsedQuery, store: Store) -> Entry:
    announced = claim["dates"]["announced"]
    chain = [source["agent"]["name"] for source in claim["sources"]]
    facts = [
        f"{claim['kind'].capitalize()}.",
        f"Announced {announced['edtf']}." if announced else "",
        f"Said by {chain[0]}." if claim["sourced"] else "",
        f"Revision {claim['revision']}.",
    ]
    return Entry(
        id=Nodes.of(store, query.link).identifier("claims", claim["id"]),
        page=query.link(f"/claims/{claim['id']}", ""),
        title=_short(claim["statement"]),
        text="\n".join((claim["statement"], " ".join(filter(None, facts)))),
        day=claim["recorded_at"],
        author=chain[0] if claim["sourced"] else None,
        tags=tuple(topic["name"] for topic in claim["topics"]),
    )


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TITLE else f"{text[: _MAX_TITLE - 1].rstrip()}…"


def newest(query: ClaimQuery, store: Store) -> list[ServedClaim]:
    """At most ``limit`` claims of a search, the one recorded last first.

    Few claims are sorted. Of many, those that the newest changes are about come first; where these
    are fewer than ``limit``, others follow in the usual order.
    """
    usual = replace(query, sort="-announced", cursor=None)
    page = store.search(usual)
    found = {claim["id"]: claim for claim in map(json.loads, page.bodies)}
    if page.total > query.limit:
        found = dict(_changed_last(usual, store)) | found
    claims = list(found.values())[: query.limit]
    return sorted(claims, key=lambda claim: str(claim["recorded_at"]), reverse=True)


def _changed_last(query: ClaimQuery, store: Store) -> Iterator[tuple[str, ServedClaim]]:
    """The claims of a search that the newest changes are about, newest first."""
    end, seen, count = store.changes(0, 1).total, set[str](), 0
    for _ in range(_MAX_ROUNDS):
        start = max(end - _CHANGES_AT_ONCE, 0)
        ids = _recorded(store.changes(start, end - start).states, seen)
        wanted = [each for each in ids if not query.id or each in query.id]
        seen.update(ids)
        if wanted:
            narrower: dict[str, Any] = {"id": tuple(wanted), "limit": len(wanted)}
            asked = replace(query, **narrower)
            matching = {c["id"]: c for c in map(json.loads, store.search(asked).bodies)}
            ordered = [each for each in wanted if each in matching]
            yield from ((each, matching[each]) for each in ordered)
            count += len(ordered)
        end = start
        if not end or count >= query.limit:
            return


def _recorded(states: Iterable[tuple[Mapping[str, Any], Any]], seen: set[str]) -> list[str]:
    """The claims that changes are about and did not retire, the one changed last first."""
    changes = [change for change, _ in states if change["claim"] is not None]
    ids = [c["claim"] for c in reversed(changes) if c["change"] not in RETIRING]
    return [each for each in dict.fromkeys(ids) if each not in seen]
