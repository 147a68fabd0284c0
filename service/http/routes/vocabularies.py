"""What claims refer to, and the data set that all of it comes from."""

from __future__ import annotations

from flask import abort

from schemas.parameters import Parameters
from schemas.query import DocumentsParameters, VocabularyParameters
from service import __version__, contract
from service.formats.bodies import Body
from service.formats.envelopes import about, single, vocabulary_page
from service.http.replies import link
from service.http.routes.blueprint import operation
from service.parsed_query import ParsedQuery
from service.store.dataset_format import canonical
from service.store.protocol import Store


def serve_vocabulary(name: str, parameters: type[Parameters]) -> None:
    """Registers the list of a vocabulary and its single records."""

    @operation(f"/v1/{name}", parameters)
    def list_records(query: ParsedQuery, store: Store) -> Body:
        return vocabulary_page(store.vocabularies[name], query, store.dataset)

    @operation(f"/v1/{name}/<identifier>")
    def get_record(_: ParsedQuery, store: Store, identifier: str) -> Body:
        record = store.vocabularies[name].records.get(identifier)
        if record is None:
            abort(404, f"There is no {name.removesuffix('s')} with this id.")
        return single(canonical(record), store.dataset)


serve_vocabulary("documents", DocumentsParameters)
serve_vocabulary("agents", VocabularyParameters)
serve_vocabulary("topics", VocabularyParameters)
serve_vocabulary("occasions", VocabularyParameters)


@operation("/v1/dataset")
def get_dataset(_: ParsedQuery, store: Store) -> Body:
    record = about(store.dataset, __version__, contract.codebook_version(), link)
    return single(canonical(record), store.dataset)
