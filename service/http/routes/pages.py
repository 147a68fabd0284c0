"""Pages for people, and the files that they load."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, abort, request

from schemas.fields import CLAIM_ID
from schemas.records.description import NEUTRAL
from service.explorer import assets, pages
from service.explorer.claims import changes
from service.explorer.compare import comparison, read_pair
from service.explorer.counts import Tally
from service.explorer.filters import FACETS, all_values
from service.explorer.state import PageState, page_parameter, read_state
from service.explorer.templating import look, render
from service.formats.envelopes import Body
from service.http.headers import ASSET_CACHE
from service.http.problem_types import PROBLEMS
from service.http.replies import HTML, constant_reply, link, reply, uncached_reply
from service.http.routes.blueprint import api, provider, store_if_any
from service.store.protocol import ClaimNotFound, ClaimRetired, Store


def page_reply(
    template: str,
    store: Store,
    query: str,
    view: Callable[[], dict[str, Any]],
    cite_as: str | None = None,
) -> Response:
    """A page about the data set; ``query`` is all of the query string that it depends on, ``view``
    makes what the template reads.
    """
    return reply(
        lambda: Body(render(template, store.dataset, base=link(""), **view()), cite_as=cite_as),
        store.dataset,
        HTML,
        f"{query} {look()}",
    )


def explorer_page(template: str, view: Callable[[PageState, Store], dict[str, Any]]) -> Response:
    """A page about the claims that its query string selects."""
    store, state = provider().current(), read_state(request.query_string, link)
    return page_reply(template, store, state.identity, lambda: view(state, store))


def home(state: PageState, store: Store) -> dict[str, Any]:
    return {"view": pages.explore(state, store)}


def codebook() -> bytes:
    store = store_if_any()
    return pages.codebook(NEUTRAL if store is None else store.dataset.about)


api.add_url_rule("/", "home", lambda: explorer_page("home.html", home))
api.add_url_rule("/goals", "goals", lambda: explorer_page("goals.html", pages.goals))
api.add_url_rule("/docs", "docs", lambda: constant_reply(render("docs.html"), HTML))
api.add_url_rule("/codebook", "codebook", lambda: constant_reply(codebook(), HTML))


@api.get("/claims/<claim>")
def get_claim_page(claim: str) -> Response:
    store = provider().current()
    if not CLAIM_ID.fullmatch(claim):
        raise ClaimNotFound(claim)
    try:
        address = link(f"/claims/{claim}")
        return page_reply("claim.html", store, "", lambda: pages.claim(claim, store, link), address)
    except ClaimRetired as retired:
        if retired.tombstone.replaced_by is not None:
            raise
        view = {"tombstone": retired.tombstone, "changes": changes(claim, store)}
        return uncached_reply(render("withdrawn.html", store.dataset, **view), HTML, 410)


@api.get("/compare")
def get_compare_page() -> Response:
    store = provider().current()
    pair = read_pair(request.query_string, store, link)
    return page_reply("compare.html", store, pair.identity, lambda: comparison(pair, store))


@api.get("/values/<name>")
def get_values(name: str) -> Response:
    store, state = provider().current(), read_state(request.query_string, link)
    if name not in FACETS:
        abort(404, "No filter has this name.")
    find = page_parameter(request.query_string, "find")
    query = f"{state.identity} {quote(find)}"
    return page_reply(
        "values.html", store, query, lambda: all_values(name, find, Tally(state, store))
    )


@api.get("/problems/<slug>")
def get_problem_type(slug: str) -> Response:
    if slug not in PROBLEMS:
        abort(404, "There is no problem type with this name.")
    return constant_reply(render("problem.html", kind=PROBLEMS[slug]), HTML)


@api.get("/static/<version>/<name>")
def get_asset(version: str, name: str) -> Response:
    asset = assets.assets().get(name)
    if asset is None or asset.address != f"/static/{version}/{name}":
        abort(404)
    return constant_reply(asset.content, asset.media_type, ASSET_CACHE)
