"""What the templates of the pages read, and the pages that need no data set. No Flask."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from schemas.query import ClaimQuery
from schemas.records.description import Description
from service.contract import codebook_text
from service.explorer.filter_names import unknown
from service.explorer.filters import form
from service.explorer.state import PageState
from service.explorer.templating import markdown, render
from service.explorer.texts import DocumentTexts, passages
from service.explorer.views.claims import cards, changes, documents_of, records_of
from service.explorer.views.counts import Tally
from service.explorer.views.goals import matrix
from service.explorer.views.nothing import nothing
from service.explorer.views.records import TITLES as LISTS
from service.explorer.views.timeline import timeline
from service.formats.envelopes import Link
from service.formats.jsonld.pages import claim_on_page, dataset_on_page
from service.store.protocol import Store

HOME_TOPICS, HOME_YEARS = 12, 4
"""Rows and columns of the table of goals in the explorer."""
GOALS_TOPICS, GOALS_YEARS = 400, 60
"""The same on the page of the goals."""


def explore(state: PageState, store: Store) -> dict[str, Any]:
    """The explorer: filters, a page of claims, goals and timeline; ``within`` a search it goes
    without what it says of the data set as a whole.
    """
    tally = Tally(state, store)
    page = store.search(state.query)
    cursor = page.next_cursor
    return {
        "state": state,
        "within": bool(state.filters or state.values["cursor"]),
        "counts": store.dataset.counts,
        "documents": len(tally.values(ClaimQuery(), "document")[0]),
        "unknown": unknown(state, store),
        "matrix": matrix(tally, HOME_TOPICS, HOME_YEARS),
        "timeline": timeline(page.total, tally),
        **form(tally),
        "total": page.total,
        "cards": cards(map(json.loads, page.bodies), store),
        "nothing": nothing(tally) if not page.total and state.values["q"] else None,
        "next": state.changed(cursor=cursor).claims() if cursor else None,
        "linked": dataset_on_page(store, state.link),
    }


def goals(state: PageState, store: Store) -> dict[str, Any]:
    """The table of goals with as many rows as a page can hold."""
    return {
        "state": state,
        "matrix": matrix(Tally(state, store), GOALS_TOPICS, GOALS_YEARS),
        "filtered": bool(state.filters.keys() - {"goals_only", "distinct", "topic", "horizon"}),
    }


def dataset(store: Store, link: Link) -> dict[str, Any]:
    """What the data set says of itself, and how to cite it."""
    return {
        "counts": store.dataset.counts,
        "lists": [(name, title) for name, (title, _) in LISTS.items()],
        "api": link("/v1/dataset", ""),
    }


def claim(identifier: str, store: Store, link: Link, texts: DocumentTexts) -> dict[str, Any]:
    """One claim, to be read, printed and cited. Raises ``ClaimNotFound`` or ``ClaimRetired``."""
    record = json.loads(store.get(identifier))
    (card,) = cards([record], store)
    documents = documents_of(card["claim"], store)
    return {
        "card": card,
        "documents": documents,
        "passages": [passages([card["claim"]], each, texts, excerpt=True) for each in documents],
        "records": records_of(card["claim"], store),
        "api": link(f"/v1/claims/{identifier}", ""),
        "address": link(f"/claims/{identifier}", ""),
        "changes": changes(identifier, store),
        "linked": claim_on_page(record, store, link),
    }


def error_page(
    status: int,
    slug: str,
    title: str,
    detail: str,
    request_id: str,
    extensions: Mapping[str, Any] = MappingProxyType({}),
) -> bytes:
    """A page for an HTTP error, by the ``slug`` of its problem type; needs no data set.

    ``request_id`` is for reports of the fault; ``extensions`` are further members of the problem
    document (``errors``, ``tombstone`` and ``newest``).
    """
    return render(
        "error.html",
        status=status,
        slug=slug,
        title=title,
        detail=detail,
        request_id=request_id,
        faults=extensions.get("errors", ()),
        tombstone=extensions.get("tombstone"),
        newest=extensions.get("newest"),
    )


@functools.lru_cache(maxsize=2)
def codebook(about: Description, base: str) -> bytes:
    """The codebook of a data set, from its Markdown, and how far its readings agreed."""
    title, html, sections = markdown(codebook_text(about))
    return render(
        "codebook.html", title=title, html=html, sections=sections, about=about, base=base
    )
