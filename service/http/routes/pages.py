"""Pages for people, and the files that they load."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Response, abort, current_app, request

from schemas.patterns import CLAIM_ID
from schemas.records.description import NEUTRAL
from schemas.records.vocabularies import VOCABULARIES
from service.explorer import assets
from service.explorer.filters import FACETS, all_values
from service.explorer.state import PageState, page_parameter, read_state
from service.explorer.templating import look, render
from service.explorer.texts import SHOWN, DocumentTexts
from service.explorer.views import lists, pages, records
from service.explorer.views.claims import changes
from service.explorer.views.compare import comparison, read_pair
from service.explorer.views.counts import Tally
from service.explorer.views.news import news
from service.formats.envelopes import Body
from service.http.headers import ASSET_CACHE
from service.http.problem_types import PROBLEMS
from service.http.replies import HTML, constant_reply, link, reply, uncached_reply
from service.http.routes.blueprint import api, provider, store_if_any
from service.store.protocol import ClaimNotFound, ClaimRetired, Store

PAGE_NUMBER = re.compile("[1-9][0-9]{0,4}")


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


def texts() -> DocumentTexts:
    """The files of documents that the service has."""
    here: DocumentTexts = current_app.extensions["claims.texts"]
    return here


def page_of_text(
    template: str,
    store: Store,
    documents: Iterable[Mapping[str, Any]],
    view: dict[str, Any],
    cite_as: str | None = None,
) -> Response:
    """A page that may show texts of documents: no cache keeps it without asking again, so that a
    text whose file is taken away is shown no longer.
    """
    states = [texts().state(document) for document in documents]
    answer = page_reply(template, store, " ".join(states), lambda: view, cite_as)
    if any(state in SHOWN for state in states) and answer.status_code in (200, 304):
        answer.headers["Cache-Control"] = "no-cache"
    return answer


def explorer_page(template: str, view: Callable[[PageState, Store], dict[str, Any]]) -> Response:
    """A page about the claims that its query string selects."""
    store, state = provider().current(), read_state(request.query_string, link)
    return page_reply(template, store, state.identity, lambda: view(state, store))


def home(state: PageState, store: Store) -> dict[str, Any]:
    return {"view": pages.explore(state, store)}


def codebook() -> bytes:
    store = store_if_any()
    return pages.codebook(NEUTRAL if store is None else store.dataset.about, link(""))


def docs() -> bytes:
    return render("docs.html", base=link(""))


api.add_url_rule("/", "home", lambda: explorer_page("home.html", home))
api.add_url_rule("/goals", "goals", lambda: explorer_page("goals.html", pages.goals))
api.add_url_rule("/docs", "docs", lambda: constant_reply(docs(), HTML))
api.add_url_rule("/codebook", "codebook", lambda: constant_reply(codebook(), HTML))


@api.get("/claims/<claim>")
def get_claim_page(claim: str) -> Response:
    store = provider().current()
    if not CLAIM_ID.fullmatch(claim):
        raise ClaimNotFound(claim)
    try:
        view = pages.claim(claim, store, link, texts())
        address = link(f"/claims/{claim}")
        return page_of_text("claim.html", store, view["documents"], view, address)
    except ClaimRetired as retired:
        if retired.tombstone.replaced_by is not None:
            raise
        view = {"tombstone": retired.tombstone, "changes": changes(claim, store)}
        return uncached_reply(render("withdrawn.html", store.dataset, **view), HTML, 410)


def record_page(vocabulary: str, identifier: str) -> Response:
    store = provider().current()
    try:
        view = records.record(vocabulary, identifier, store, link, texts())
    except records.RecordNotFound:
        abort(404, f"There is no {VOCABULARIES[vocabulary].singular} with this id.")
    documents = [view["record"]] if vocabulary == "documents" else []
    return page_of_text("record.html", store, documents, view)


def list_page(vocabulary: str) -> Response:
    store, text = provider().current(), request.query_string
    find, page = page_parameter(text, "find"), page_parameter(text, "page")
    number = int(page) if PAGE_NUMBER.fullmatch(page) else 1
    query = f"{quote(find)} {number}"
    return page_reply(
        "records.html", store, query, lambda: lists.listed(vocabulary, find, number, store)
    )


for name in VOCABULARIES:
    api.add_url_rule(f"/{name}", f"{name}_page", partial(list_page, name))
    api.add_url_rule(f"/{name}/<identifier>", f"{name}_record", partial(record_page, name))


@api.get("/dataset")
def get_dataset_page() -> Response:
    store = provider().current()
    return page_reply("dataset.html", store, "", lambda: pages.dataset(store, link), link("/"))


@api.get("/new")
def get_new_page() -> Response:
    store, since = provider().current(), page_parameter(request.query_string, "since")
    return page_reply("new.html", store, since, lambda: news(since, store))


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
