"""Pages for people, and the files that they load."""

from __future__ import annotations

from flask import Response, abort

from service import assets, pages
from service.api.blueprint import api, store
from service.problems import KINDS, not_found
from service.replies import ASSET_CACHE, content_reply
from service.store import DatasetUnavailable

HTML = "text/html; charset=utf-8"


@api.get("/")
def get_home() -> Response:
    try:
        dataset = store().dataset
    except DatasetUnavailable:
        dataset = None
    return content_reply(pages.home(dataset), HTML)


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
