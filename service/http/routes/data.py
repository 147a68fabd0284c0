"""The operations on data: the path of each, what makes its answer, and its parameters.

What makes an answer gets the query, the store, and the id in the path if there is one.
"""

from functools import partial

from flask import abort

from schemas import query as schemas
from schemas.records.vocabularies import VOCABULARIES
from schemas.tables.claims import CLAIM_TABLES
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.formats import changes, envelopes, exports
from service.formats.comparison import comparison_page, comparison_table
from service.formats.discovery import citations, feeds
from service.formats.discovery.datapackage import DATAPACKAGE
from service.formats.discovery.feed_forms import FORMS
from service.formats.envelopes import (
    CSV,
    JSON_LD,
    NDJSON,
    WHOLE_FILES,
    XLSX,
    Body,
    ParsedQuery,
    file_type,
)
from service.formats.jsonld.claim import linked_claim
from service.formats.jsonld.dataset import linked_dataset
from service.http.routes.blueprint import operation
from service.store.dataset_format import canonical
from service.store.protocol import RecordRetired, Store


def vocabulary_record(name: str, _: ParsedQuery, store: Store, identifier: str) -> Body:
    vocabulary = store.vocabularies[name]
    if (tombstone := vocabulary.tombstone(identifier)) is not None:
        raise RecordRetired(tombstone)
    record = vocabulary.record(identifier)
    if record is None:
        abort(404, f"There is no {VOCABULARIES[name].singular} with this id.")
    return envelopes.single(canonical(record), store)


def vocabulary_history(name: str, query: ParsedQuery, store: Store, identifier: str) -> Body:
    vocabulary, kind = store.vocabularies[name], VOCABULARIES[name].singular
    if vocabulary.record(identifier) is None and vocabulary.tombstone(identifier) is None:
        abort(404, f"There is no {kind} with this id.")
    return changes.history(kind, query, store, identifier)


operation("/v1/claims", envelopes.claims_page, schemas.ClaimsParameters)
operation("/v1/claims/<claim>", envelopes.claim_record)
operation("/v1/claims/<claim>.jsonld", linked_claim, media_type=JSON_LD)
operation("/v1/claims/<claim>/history", changes.claim_history, schemas.HistoryParameters)
operation("/v1/changes", changes.changes_page, schemas.ChangesParameters)
for table in CLAIM_TABLES:
    make = partial(exports.claim_table, table)
    operation(f"/v1/{table.name}.csv", make, schemas.CsvParameters, CSV)
for table in VOCABULARY_TABLES.values():
    make = partial(exports.vocabulary_table, table)
    operation(f"/v1/{table.name}.csv", make, schemas.TableParameters, CSV)
operation("/v1/claims.ndjson", exports.claim_lines, schemas.ExportParameters, NDJSON)
operation("/v1/claims.xlsx", exports.claim_workbook, schemas.ExportParameters, XLSX)
for name in (*WHOLE_FILES, DATAPACKAGE):
    operation(f"/v1/{name}", partial(exports.stored_file, name), media_type=file_type(name))
operation("/v1/counts", envelopes.counts_page, schemas.CountsParameters)
operation("/v1/counts.csv", envelopes.counts_table, schemas.CountsCsvParameters, CSV)
operation("/v1/compare", comparison_page, schemas.CompareParameters)
operation("/v1/compare.csv", comparison_table, schemas.CompareCsvParameters, CSV)
for name in VOCABULARIES:
    page = schemas.DocumentsParameters if name == "documents" else schemas.VocabularyParameters
    operation(f"/v1/{name}", partial(envelopes.vocabulary_page, name), page)
    operation(f"/v1/{name}/<identifier>", partial(vocabulary_record, name))
    history, path = partial(vocabulary_history, name), f"/v1/{name}/<identifier>/history"
    operation(path, history, schemas.HistoryParameters)
for ending, (media_type, form) in citations.FORMS.items():
    for path, cite in (
        ("/v1/claims/<claim>", citations.claim_view),
        ("/v1/dataset", citations.dataset_view),
    ):
        view = partial(cite, form)
        operation(f"{path}/citation.{ending}", view, media_type=media_type, dated=True)
for ending, media_type, write in FORMS:
    news = partial(feeds.claims_feed, write)
    operation(f"/v1/claims.{ending}", news, schemas.FeedParameters, media_type)
    news = partial(feeds.changes_feed, write)
    operation(f"/v1/changes.{ending}", news, schemas.ChangesFeedParameters, media_type)
operation("/v1/dataset", envelopes.dataset_record)
operation("/v1/dataset.jsonld", linked_dataset, media_type=JSON_LD)
