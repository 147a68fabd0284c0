"""Every page for people, as bytes of HTML. No Flask."""

from __future__ import annotations

import functools
import json
from typing import Any

from schemas.dataset import Tombstone
from schemas.query import DEFAULT_LIMIT
from service.contract import carried
from service.explorer.claims import cards, changes
from service.explorer.compare import Pair, comparison
from service.explorer.counts import Tally
from service.explorer.facets import all_values, applied, facet, switches, thresholds
from service.explorer.filters import FACETS, SORTS, THRESHOLDS
from service.explorer.goals import matrix
from service.explorer.state import PageState
from service.explorer.templating import markdown, render
from service.explorer.timeline import timeline
from service.formats.envelopes import Link
from service.store.protocol import Store

HOME_TOPICS, HOME_YEARS = 12, 6
"""Rows and columns of the table of goals in the explorer."""
GOALS_TOPICS, GOALS_YEARS = 400, 60
"""The same on the page of the goals."""


def home(state: PageState, store: Store) -> bytes:
    """The explorer: goals, timeline, filters and a page of claims."""
    return render("home.html", view=explore(state, store), stamp=store.dataset)


def explore(state: PageState, store: Store) -> dict[str, Any]:
    """What the explorer's templates read."""
    tally = Tally(store)
    page = store.search(state.query)
    cursor = page.next_cursor
    return {
        "state": state,
        "counts": store.dataset.counts,
        "sources": tally.sources(),
        "matrix": matrix(state, tally, HOME_TOPICS, HOME_YEARS),
        "timeline": timeline(state, page.total, tally),
        "facets": [facet(name, state, tally) for name in FACETS],
        "switches": switches(state, tally),
        "thresholds": {name: thresholds(name, state, tally) for name in THRESHOLDS},
        "applied": list(applied(state, store)),
        # Relevance needs words to be relevant to.
        "orders": {n: words for n, words in SORTS.items() if state.query.q or n != "relevance"},
        "default_limit": DEFAULT_LIMIT,
        "default_order": state.changed(sort=None).query.order,
        "total": page.total,
        "cards": cards(map(json.loads, page.bodies), store),
        "next": state.changed(cursor=cursor).claims() if cursor else None,
    }


def goals(state: PageState, store: Store) -> bytes:
    """The table of goals with as many rows as a page can hold."""
    return render(
        "goals.html",
        stamp=store.dataset,
        state=state,
        matrix=matrix(state, Tally(store), GOALS_TOPICS, GOALS_YEARS),
        filtered=bool(state.filters.keys() - {"goals_only", "distinct", "topic", "horizon"}),
    )


def values(name: str, find: str, state: PageState, store: Store) -> bytes:
    """The values of one filter with their counts; ``find`` selects by words in their names."""
    options = all_values(name, find, state, Tally(store))
    return render("values.html", stamp=store.dataset, name=name, find=find, state=state, **options)


def compare(pair: Pair, store: Store) -> bytes:
    """Two occasions side by side."""
    return render("compare.html", stamp=store.dataset, **comparison(pair, store))


def claim(identifier: str, store: Store, link: Link) -> bytes:
    """One claim, to be read, printed and cited. Raises ``ClaimNotFound`` or ``ClaimRetired``."""
    (card,) = cards([json.loads(store.get(identifier))], store)
    return render(
        "claim.html",
        card=card,
        api=link(f"/v1/claims/{identifier}", ""),
        address=link(f"/claims/{identifier}", ""),
        changes=changes(identifier, store),
        stamp=store.dataset,
    )


def withdrawn(tombstone: Tombstone, store: Store) -> bytes:
    """The tombstone of a withdrawn claim."""
    return render(
        "withdrawn.html",
        tombstone=tombstone,
        changes=changes(tombstone.id, store),
        stamp=store.dataset,
    )


def error_page(status: int, slug: str, title: str, detail: str, request_id: str) -> bytes:
    """A page for an HTTP error, by the ``slug`` of its problem type; needs no data set.

    ``request_id`` is for reports of the fault.
    """
    return render(
        "error.html", status=status, slug=slug, title=title, detail=detail, request_id=request_id
    )


@functools.cache
def docs() -> bytes:
    """Swagger UI on the contract."""
    return render("docs.html")


@functools.cache
def codebook() -> bytes:
    """The codebook, from its Markdown."""
    title, html, sections = markdown(carried("codebook.md").decode())
    return render("codebook.html", title=title, html=html, sections=sections)


@functools.cache
def problem_type(kind: Any) -> bytes:
    """What a problem type (RFC 9457) means and what to do about it."""
    return render("problem.html", kind=kind)
