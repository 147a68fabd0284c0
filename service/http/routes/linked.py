"""Claims and the data set as linked data."""

from __future__ import annotations

import json

from flask import Response, current_app

from schemas.fields import CLAIM_ID
from schemas.query import NoParameters
from service.formats.bodies import Body
from service.formats.envelopes import JSON_LD
from service.formats.jsonld.claims import linked_claim
from service.formats.jsonld.dataset import linked_dataset
from service.formats.jsonld.nodes import Identifiers
from service.http.problems import not_found
from service.http.replies import data_reply
from service.http.routes.blueprint import api, asked, store
from service.store.dataset_format import canonical
from service.store.protocol import Store


def names() -> Identifiers:
    """The identifiers of this service."""
    return Identifiers(current_app.config["PUBLIC_URL"])


@api.get("/v1/claims/<claim>.jsonld")
def get_claim_jsonld(claim: str) -> Response:
    if not CLAIM_ID.fullmatch(claim):
        return not_found("claim")
    asked(NoParameters)
    source = store()
    return data_reply(source.dataset, JSON_LD, "", lambda: _claim(source, claim))


def _claim(source: Store, claim: str) -> Body:
    served = json.loads(source.get(claim))
    return Body(canonical(linked_claim(served, source.dataset, source.vocabularies, names())))


@api.get("/v1/dataset.jsonld")
def get_dataset_jsonld() -> Response:
    asked(NoParameters)
    dataset = store().dataset
    return data_reply(
        dataset, JSON_LD, "", lambda: Body(canonical(linked_dataset(dataset, names())))
    )
