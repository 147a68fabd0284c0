"""How two occasions compare."""

from __future__ import annotations

from schemas.query import CompareParameters
from service.comparison import comparison_page
from service.formats.bodies import Body
from service.http.routes.blueprint import operation
from service.parsed_query import ParsedQuery
from service.store.protocol import Store


@operation("/v1/compare", CompareParameters)
def compare_occasions(query: ParsedQuery, store: Store) -> Body:
    return comparison_page(store, query)
