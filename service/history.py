"""What happened to claims: the record of changes, each with the states before and after it."""

from __future__ import annotations

from typing import Any

from schemas.change import served_change
from service.formats.bodies import Body
from service.formats.envelopes import stamp
from service.parsed_query import ParsedQuery
from service.store.dataset_format import canonical
from service.store.protocol import Store

MOST = 100
"""Changes of a claim that its page for people shows."""


def history(store: Store, claim_id: str, limit: int = MOST) -> list[dict[str, Any]]:
    """The first changes of a claim, oldest first, retired or not.

    Raises ``ClaimNotFound`` for an id that was never used.
    """
    return [served_change(*state) for state in store.changes(0, limit, claim_id).states]


def changes_page(store: Store, query: ParsedQuery, claim_id: str | None = None) -> Body:
    """A page of changes, of one claim or of all, as asked with ``since`` and ``limit``.

    Raises ``ClaimNotFound`` for an id that was never used.
    """
    since, limit = query.values["since"], query.values["limit"]
    found = store.changes(since, limit, claim_id)
    told = [served_change(*state) for state in found.states]
    last = told[-1]["seq"] if told else since
    meta = {
        "total": found.total,
        "limit": limit,
        "last_seq": last,
        "dataset": stamp(store.dataset),
    }
    links = query.links(since=last if found.more else None)
    content = canonical({"data": told, "meta": meta, "links": links})
    return Body(content, links["next"])
