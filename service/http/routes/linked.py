"""Claims and the data set as linked data."""

from __future__ import annotations

import json

from flask import current_app

from schemas.query import NoParameters
from service.formats.bodies import Body
from service.formats.envelopes import JSON_LD
from service.formats.jsonld.claims import linked_claim
from service.formats.jsonld.dataset import linked_dataset
from service.formats.jsonld.nodes import Identifiers
from service.http.routes.blueprint import operation
from service.parsed_query import ParsedQuery
from service.store.dataset_format import canonical
from service.store.protocol import Store


@operation("/v1/claims/<claim>.jsonld", NoParameters, JSON_LD)
def get_claim_jsonld(_: ParsedQuery, store: Store, claim: str) -> Body:
    record = json.loads(store.get(claim))
    return Body(canonical(linked_claim(record, store.dataset, store.vocabularies, _identifiers())))


@operation("/v1/dataset.jsonld", NoParameters, JSON_LD)
def get_dataset_jsonld(_: ParsedQuery, store: Store) -> Body:
    return Body(canonical(linked_dataset(store.dataset, _identifiers())))


def _identifiers() -> Identifiers:
    """The identifiers of things, which begin with PUBLIC_URL."""
    return Identifiers(current_app.config["PUBLIC_URL"])
