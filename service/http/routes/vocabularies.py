"""What claims refer to, and the data set that all of it comes from."""

from __future__ import annotations

from flask import Response

from schemas.fields import DOCUMENT_ID, SLUG
from schemas.query import DocumentsParameters, NoParameters, VocabularyParameters
from service import __version__, contract
from service.formats import envelopes
from service.formats.bodies import Body
from service.formats.envelopes import JSON
from service.http.problems import not_found
from service.http.replies import data_reply, link, listed
from service.http.routes.blueprint import api, asked, store
from service.store.dataset_format import canonical


@api.get("/v1/documents", defaults={"name": "documents"})
@api.get("/v1/agents", defaults={"name": "agents"})
@api.get("/v1/topics", defaults={"name": "topics"})
@api.get("/v1/occasions", defaults={"name": "occasions"})
def list_vocabulary(name: str) -> Response:
    question = asked(DocumentsParameters if name == "documents" else VocabularyParameters)
    source, limit, cursor = store(), question.values["limit"], question.values["cursor"]
    vocabulary = source.vocabularies[name]
    return listed(source, question, lambda: envelopes.vocabulary_page(vocabulary, limit, cursor))


@api.get("/v1/documents/<identifier>", defaults={"name": "documents"})
@api.get("/v1/agents/<identifier>", defaults={"name": "agents"})
@api.get("/v1/topics/<identifier>", defaults={"name": "topics"})
@api.get("/v1/occasions/<identifier>", defaults={"name": "occasions"})
def get_vocabulary_record(name: str, identifier: str) -> Response:
    if not (DOCUMENT_ID if name == "documents" else SLUG).fullmatch(identifier):
        return not_found(name.removesuffix("s"))
    asked(NoParameters)
    source = store()
    record = source.vocabularies[name].records.get(identifier)
    if record is None:
        return not_found(name.removesuffix("s"))
    body = canonical(record)
    return data_reply(
        source.dataset, JSON, "", lambda: Body(envelopes.single(body, source.dataset))
    )


@api.get("/v1/dataset")
def get_dataset() -> Response:
    asked(NoParameters)
    dataset = store().dataset
    about = envelopes.about(dataset, __version__, contract.codebook_version(), link)
    return data_reply(dataset, JSON, "", lambda: Body(envelopes.single(canonical(about), dataset)))
