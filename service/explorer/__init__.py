"""Pages for people, from what the store answers. No Flask."""

from __future__ import annotations

import functools
import json
from typing import Any

from schemas.dataset import Tombstone
from service.contract import carried
from service.explorer.cards import cards
from service.explorer.compare import compare, read_pair
from service.explorer.dates import in_words
from service.explorer.history import changes
from service.explorer.home import explore
from service.explorer.listing import goals, values
from service.explorer.prose import prose
from service.explorer.state import State
from service.explorer.templating import look, page
from service.parsed_query import Link
from service.store.protocol import Store

__all__ = [
    "claim",
    "codebook",
    "compare",
    "docs",
    "error_page",
    "goals",
    "gone",
    "home",
    "look",
    "problem_type",
    "read_pair",
    "values",
]


def home(state: State, store: Store) -> bytes:
    """The explorer."""
    return page("home.html", view=explore(state, store), stamp=store.dataset)


def claim(identifier: str, store: Store, link: Link) -> bytes:
    """One claim, to be read, printed and cited. Raises ``ClaimNotFound`` or ``ClaimRetired``."""
    (card,) = cards([json.loads(store.get(identifier))], store)
    return page(
        "claim.html",
        card=card,
        api=link(f"/v1/claims/{identifier}", ""),
        changes=changes(identifier, store),
        address=link(card.address, ""),
        stamp=store.dataset,
    )


def gone(tombstone: Tombstone, store: Store) -> bytes:
    """What is left of a withdrawn claim."""
    return page(
        "gone.html",
        tombstone=tombstone,
        withdrawn=in_words(tombstone.withdrawn_on),
        changes=changes(tombstone.id, store),
        stamp=store.dataset,
    )


def error_page(kind: Any, detail: str, request_id: str) -> bytes:
    """What a page answers that cannot be shown; ``kind`` is the problem type."""
    return page("error.html", kind=kind, detail=detail, request_id=request_id)


@functools.cache
def docs() -> bytes:
    """Swagger UI on the contract."""
    return page("docs.html")


@functools.cache
def codebook() -> bytes:
    """The codebook, from its Markdown."""
    return page("codebook.html", prose=prose(carried("codebook.md").decode()))


@functools.cache
def problem_type(kind: Any) -> bytes:
    """What a problem type means and what to do about it."""
    return page("problem.html", kind=kind)
