"""Pages of the record of changes, and the positions by which it is followed.

A position is a token of 40 hexadecimal digits: 16 for the feed, 8 for the number of the last change
that was read, 16 for a digest of the log up to it. So a client that comes back learns at once
whether what it holds is still the beginning of the history that is served.
"""

from typing import Any

from schemas.records.change import CLAIM, Changes, served_change
from service.formats.envelopes import Body, ParsedQuery, page_of
from service.store.dataset_format import canonical
from service.store.protocol import HistoryChanged, Store

_ANEW = "Begin anew with since=0."
_OTHER = f"The history that is served is another one than the one asked about. {_ANEW}"
_UNKNOWN = f"A number alone cannot tell one history from another; go on with meta.next. {_ANEW}"


def changes_page(query: ParsedQuery, store: Store) -> Body:
    """A page of all changes after a position. Raises ``HistoryChanged``."""
    position = query.values["since"]
    since = _start(position, query.values["feed"], store)
    changes = store.changes(since, query.values["limit"])
    token = _token(_last(changes, since), store)
    if token is None and isinstance(position, str):
        token = position  # beyond the last change, of which this data set has no digest
    return _page(changes, query, store, since, token, token)


def claim_history(query: ParsedQuery, store: Store, claim: str) -> Body:
    """A page of the changes of a claim. Raises ``ClaimNotFound`` for an id never used."""
    return history(CLAIM, query, store, claim)


def history(kind: str, query: ParsedQuery, store: Store, identifier: str) -> Body:
    """A page of the changes of one record of a kind."""
    since = query.values["since"]
    changes = store.changes(since, query.values["limit"], identifier, kind)
    return _page(changes, query, store, since, None, _last(changes, since))


def _page(
    changes: Changes,
    query: ParsedQuery,
    store: Store,
    since: int,
    token: str | None,
    following: Any,
) -> Body:
    """A page; ``token`` is where a follower goes on, ``following`` where the next page begins."""
    rows = [canonical(served_change(*state)) for state in changes.states]
    meta = {
        "total": changes.total,
        "limit": query.values["limit"],
        "last_seq": _last(changes, since),
        "feed": store.dataset.feed.id,
        "next": token,
    }
    return page_of(rows, meta, query, store, since=following if changes.more else None)


def _last(changes: Changes, since: int) -> int:
    """The number of the last change of a page; of an empty one that of the change before it."""
    last: int = changes.states[-1][0]["seq"] if changes.states else since
    return last


def _token(seq: int, store: Store) -> str | None:
    """The position after a change; none beyond the last."""
    digest = store.log_digest(seq)
    return digest and f"{store.dataset.feed.id}{seq:08x}{digest}"


def _start(position: int | str, feed: str | None, store: Store) -> int:
    """The number of the change after which to begin. Raises ``HistoryChanged``.

    A position of the same feed beyond the last change is that of a client that
    was told of a newer data set by another worker: nothing is new to it here.
    """
    served = store.dataset.feed.id
    if feed not in (None, served):
        raise HistoryChanged(_OTHER)
    if isinstance(position, int):
        if position > 0 and feed is None:
            raise HistoryChanged(_UNKNOWN)
        return position
    seq = int(position[16:24], 16)
    digest = store.log_digest(seq)
    if digest != position[24:] and (digest is not None or position[:16] != served):
        raise HistoryChanged(_OTHER)
    return seq
