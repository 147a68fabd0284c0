"""Pages for people, and the files that they load. Whatever a page is asked, a page answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec
from urllib.parse import quote

from flask import Response, abort, request

from schemas.dataset import Tombstone
from schemas.fields import CLAIM_ID
from service.explorer import assets, pages
from service.explorer.compare import read_pair
from service.explorer.filters import FACETS
from service.explorer.state import PageState, page_parameter, read_state
from service.explorer.templating import look
from service.formats.bodies import Body
from service.http.problems import KINDS, not_found
from service.http.replies import ASSET_CACHE, content_reply, data_reply, link
from service.http.routes.blueprint import api, store
from service.store.protocol import ClaimNotFound, ClaimRetired, DatasetUnavailable, Store
from service.store.provider import RETRY_SECONDS

HTML = "text/html; charset=utf-8"

P = ParamSpec("P")


def with_data(view: Callable[Concatenate[Store, P], Response]) -> Callable[P, Response]:
    """Hands a view the data set that answers; without one a page says so."""

    @functools.wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(store(), *args, **kwargs)
        except DatasetUnavailable:
            return refused(pages.unavailable(), 503, {"Retry-After": str(RETRY_SECONDS)})

    return answered


def shown(source: Store, asked: str, make: Callable[[], bytes]) -> Response:
    """A page about one data set; ``asked`` is all of the query string that it depends on."""
    identity = f"{asked} {look()}"
    return data_reply(source.dataset, HTML, identity, lambda: Body(make()))


def refused(content: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    """A page that says why there is no other; never kept."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, status=status, content_type=HTML, headers=kept)


def state() -> PageState:
    return read_state(request.query_string, link)


@api.get("/")
@with_data
def get_home(source: Store) -> Response:
    asked = state()
    return shown(source, asked.identity, lambda: pages.home(asked, source))


@api.get("/claims/<claim>")
@with_data
def get_claim_page(source: Store, claim: str) -> Response:
    try:
        if not CLAIM_ID.fullmatch(claim):
            raise ClaimNotFound(claim)
        return shown(source, "", lambda: pages.claim(claim, source, link))
    except ClaimNotFound:
        return refused(
            pages.error_page(404, "No such claim", "No claim has, or ever had, this id."), 404
        )
    except ClaimRetired as retired:
        return _retired(retired.tombstone, source)


def _retired(tombstone: Tombstone, source: Store) -> Response:
    if tombstone.replaced_by is None:
        return refused(pages.withdrawn(tombstone, source), 410)
    response = refused(b"", 308, {"Location": f"/claims/{tombstone.replaced_by}"})
    del response.headers["Content-Type"]
    return response


@api.get("/compare")
@with_data
def get_compare_page(source: Store) -> Response:
    asked = read_pair(request.query_string, source)
    return shown(source, asked.identity, lambda: pages.compare(asked, source))


@api.get("/goals")
@with_data
def get_goals(source: Store) -> Response:
    asked = state()
    return shown(source, asked.identity, lambda: pages.goals(asked, source))


@api.get("/values/<name>")
@with_data
def get_values(source: Store, name: str) -> Response:
    if name not in FACETS:
        page = pages.error_page(404, "No such filter", "No filter has this name.")
        return refused(page, 404)
    asked = state()
    find = page_parameter(request.query_string, "find")
    identity = f"{asked.identity} {quote(find)}"
    return shown(source, identity, lambda: pages.values(name, find, asked, source))


@api.get("/docs")
def get_docs() -> Response:
    return content_reply(pages.docs(), HTML)


@api.get("/codebook")
def get_codebook() -> Response:
    return content_reply(pages.codebook(), HTML)


@api.get("/problems/<slug>")
def get_problem_type(slug: str) -> Response:
    if slug not in KINDS:
        return not_found("problem type")
    return content_reply(pages.problem_type(KINDS[slug]), HTML)


@api.get("/static/<version>/<name>")
def get_asset(version: str, name: str) -> Response:
    asset = assets.assets().get(name)
    if asset is None or asset.version != version:
        abort(404)
    return content_reply(asset.content, asset.media_type, ASSET_CACHE)
