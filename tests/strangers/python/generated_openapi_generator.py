"""OpenAPI Generator, its client for Python with default settings."""

from __future__ import annotations

from asked import CLAIM, FROM, MEMBER, TO, TODAY, TOMORROW, tell, unknown
from openapi_client import (
    ApiClient,
    ApiException,
    ChangesApi,
    ClaimsApi,
    ComparisonApi,
    Configuration,
    CountsApi,
    KindFilter,
    KnownDimension,
    LinkedDataApi,
    VocabulariesApi,
)

with ApiClient(Configuration(host=TODAY)) as client:
    kinds = [KindFilter.GOAL, KindFilter.DIRECTIVE]
    found = ClaimsApi(client).list_claims(kind=kinds, limit=100)
    try:
        ClaimsApi(client).list_claims(cursor="none-such")
    except ApiException as error:
        problem = error.data
        parameters = [fault.parameter for fault in problem.errors]
        tell((claim.id for claim in found.data), error.status, parameters)

with ApiClient(Configuration(host=TOMORROW)) as client:
    claims = ClaimsApi(client).list_claims(limit=100).data
    counts = CountsApi(client).count_claims(by=[KnownDimension.TOPIC]).meta
    changes = ChangesApi(client).list_changes().data
    rows = ComparisonApi(client).compare_occasions(var_from=FROM, to=TO).data
    documents = VocabulariesApi(client).list_documents().data
    agents = VocabulariesApi(client).list_agents().data
    linked = LinkedDataApi(client).get_claim_json_ld(CLAIM)
    refusals = []
    try:
        ClaimsApi(client).list_claims(cursor="none-such")
    except ApiException as error:
        refusals = [error.data.type]
    unknown(
        (claim.kind for claim in claims),
        (relation.type for claim in claims for relation in claim.relations),
        (evidence.document.status for claim in claims for evidence in claim.evidence),
        (claim.dates.announced.precision for claim in claims if claim.dates.announced),
        [counts.unit],
        counts.by,
        (change.subject.kind for change in changes),
        (row.var_from.record for row in rows),
        (document.status for document in documents),
        (agent.kind for agent in agents),
        [MEMBER if MEMBER in str(linked.to_dict()) else ""],
        refusals,
    )
