"""What happened to claims over time."""

from __future__ import annotations

from schemas.query import ChangesParameters
from service.formats.bodies import Body
from service.history import changes_page
from service.http.routes.blueprint import operation
from service.parsed_query import ParsedQuery
from service.store.protocol import Store


@operation("/v1/claims/<claim>/history", ChangesParameters)
def get_claim_history(query: ParsedQuery, store: Store, claim: str) -> Body:
    return changes_page(store, query, claim)


@operation("/v1/changes", ChangesParameters)
def list_changes(query: ParsedQuery, store: Store) -> Body:
    return changes_page(store, query)
