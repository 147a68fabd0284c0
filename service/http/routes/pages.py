"""Pages for people, and the files that they load."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Response, abort, request

from schemas.fields import CLAIM_ID
from service.explorer import assets, pages
from service.explorer.compare import read_pair
from service.explorer.filters import FACETS
from service.explorer.state import PageState, page_parameter, read_state
from service.explorer.templating import look
from service.formats.envelopes import Body
from service.http.headers import ASSET_CACHE
from service.http.problem_types import PROBLEMS
from service.http.replies import HTML, constant_reply, link, reply, uncached_reply
from service.http.routes.blueprint import api, provider
from service.store.protocol import ClaimNotFound, ClaimRetired, Store


def page_reply(store: Store, query: str, render: Callable[[], bytes]) -> Response:
    """A page about the data set; ``query`` is all of the query string that it depends on."""
    return reply(lambda: Body(render()), store.dataset, HTML, f"{query} {look()}")


def explorer_page(render: Callable[[PageState, Store], bytes]) -> Response:
    """A page about the claims that its query string selects."""
    store, state = provider().current(), read_state(request.query_string, link)
    return page_reply(store, state.identity, lambda: render(state, store))


api.add_url_rule("/", "home", lambda: explorer_page(pages.home))
api.add_url_rule("/goals", "goals", lambda: explorer_page(pages.goals))
api.add_url_rule("/docs", "docs", lambda: constant_reply(pages.docs(), HTML))
api.add_url_rule("/codebook", "codebook", lambda: constant_reply(pages.codebook(), HTML))


@api.get("/claims/<claim>")
def get_claim_page(claim: str) -> Response:
    store = provider().current()
    if not CLAIM_ID.fullmatch(claim):
        raise ClaimNotFound(claim)
    try:
        return page_reply(store, "", lambda: pages.claim(claim, store, link))
    except ClaimRetired as retired:
        if retired.tombstone.replaced_by is not None:
            raise
        return uncached_reply(pages.withdrawn(retired.tombstone, store), HTML, 410)


@api.get("/compare")
def get_compare_page() -> Response:
    store = provider().current()
    pair = read_pair(request.query_string, store)
    return page_reply(store, pair.identity, lambda: pages.compare(pair, store))


@api.get("/values/<name>")
def get_values(name: str) -> Response:
    store, state = provider().current(), read_state(request.query_string, link)
    if name not in FACETS:
        abort(404, "No filter has this name.")
    find = page_parameter(request.query_string, "find")
    query = f"{state.identity} {quote(find)}"
    return page_reply(store, query, lambda: pages.values(name, find, state, store))


@api.get("/problems/<slug>")
def get_problem_type(slug: str) -> Response:
    if slug not in PROBLEMS:
        abort(404, "There is no problem type with this name.")
    return constant_reply(pages.problem_type(PROBLEMS[slug]), HTML)


@api.get("/static/<version>/<name>")
def get_asset(version: str, name: str) -> Response:
    asset = assets.assets().get(name)
    if asset is None or asset.version != version:
        abort(404)
    return constant_reply(asset.content, asset.media_type, ASSET_CACHE)
