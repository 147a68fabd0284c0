"""Addresses that programs try on every site. None of them is an operation of the contract."""

import datetime as dt
from collections.abc import Callable

from flask import Response, abort, current_app

from schemas.records.description import NEUTRAL
from service.explorer import assets
from service.explorer.words import GENERAL
from service.formats.discovery import files as discovery
from service.formats.envelopes import Body
from service.http.replies import constant_reply, link, reply
from service.http.routes.blueprint import api, provider, store_if_any
from service.store.protocol import Store

TEXT, XML = "text/plain; charset=utf-8", "application/xml"


def _about_the_data(make: Callable[[Store], Body | None], media_type: str) -> Response:
    """An answer from the data set that is served; a 404 where ``make`` has none."""
    store = provider().current()

    def made() -> Body:
        return make(store) or abort(404)

    return reply(made, store.dataset, media_type)


@api.get("/robots.txt")
def get_robots() -> Response:
    return constant_reply(discovery.robots(link), TEXT)


@api.get("/sitemap.xml")
def get_sitemap() -> Response:
    return _about_the_data(lambda store: discovery.sitemap(store, link), XML)


@api.get("/sitemap/<int:number>.xml")
def get_sitemap_part(number: int) -> Response:
    return _about_the_data(lambda store: discovery.sitemap_part(number, store, link), XML)


@api.get("/llms.txt")
def get_llms() -> Response:
    store = store_if_any()
    about = NEUTRAL if store is None else store.dataset.about
    return constant_reply(discovery.llms(about, about.description or GENERAL, link), TEXT)


@api.get("/.well-known/api-catalog")
def get_api_catalog() -> Response:
    response = constant_reply(discovery.api_catalog(link), discovery.LINKSET)
    if response.status_code == 200:
        response.headers["Link"] = '</.well-known/api-catalog>; rel="api-catalog"'
    return response


@api.get("/.well-known/security.txt")
def get_security_contact() -> Response:
    contact = current_app.config["SECURITY_CONTACT"]
    if not contact:
        abort(404, "Whoever runs this service has named no contact for security.")
    today = dt.datetime.now(dt.UTC).date()
    return constant_reply(discovery.security_contact(contact, today, link), TEXT, "no-cache")


@api.get("/favicon.ico")
def get_favicon() -> Response:
    icon = assets.assets()["favicon.ico"]
    return constant_reply(icon.content, icon.media_type)
