"""openapi-python-client, with its default settings."""

from __future__ import annotations

from typing import TypeVar

from asked import CLAIM, FROM, MEMBER, TO, TODAY, TOMORROW, tell, unknown
from policy_claims_client import Client
from policy_claims_client.api.changes import list_changes
from policy_claims_client.api.claims import list_claims
from policy_claims_client.api.comparison import compare_occasions
from policy_claims_client.api.counts import count_claims
from policy_claims_client.api.linked_data import get_claim_json_ld
from policy_claims_client.api.vocabularies import list_agents, list_documents
from policy_claims_client.models import (
    AgentPage,
    ClaimPage,
    ComparisonPage,
    Counts,
    DocumentPage,
    InvalidRequestProblem,
    KindFilter,
    KnownDimension,
    LinkedClaim,
    RecordChangesPage,
)

Kind = TypeVar("Kind")


def of(kind: type[Kind], value: object) -> Kind:
    assert isinstance(value, kind), value
    return value


with Client(base_url=TODAY) as client:
    kinds = [KindFilter.GOAL, KindFilter.DIRECTIVE]
    found = of(ClaimPage, list_claims.sync(client=client, kind=kinds, limit=100))
    lines = client.get_httpx_client().get("/v1/claims.ndjson", params={"kind": kinds}).content
    assert lines.count(b"\n") == len(found.data), "the bytes of a form that it does not type"
    refused = list_claims.sync_detailed(client=client, cursor="none-such")
    problem = of(InvalidRequestProblem, refused.parsed)
    faults = problem.errors or []
    tell(
        (claim.id for claim in found.data),
        refused.status_code,
        (fault.parameter for fault in faults),
    )

with Client(base_url=TOMORROW) as client:
    claims = of(ClaimPage, list_claims.sync(client=client, limit=100)).data
    by = [KnownDimension.TOPIC]
    counts = of(Counts, count_claims.sync(client=client, by=by)).meta
    changes = of(RecordChangesPage, list_changes.sync(client=client)).data
    rows = of(ComparisonPage, compare_occasions.sync(client=client, from_=FROM, to=TO)).data
    documents = of(DocumentPage, list_documents.sync(client=client)).data
    agents = of(AgentPage, list_agents.sync(client=client)).data
    linked = of(LinkedClaim, get_claim_json_ld.sync(CLAIM, client=client))
    error = of(InvalidRequestProblem, count_claims.sync(client=client, by=[]))
    unknown(
        (claim.kind for claim in claims),
        (relation.type_ for claim in claims for relation in claim.relations),
        (evidence.document.status for claim in claims for evidence in claim.evidence),
        (claim.dates.announced.precision for claim in claims if claim.dates.announced),
        [counts.unit],
        counts.by,
        (change.subject.kind for change in changes),
        (row.from_.record for row in rows),
        (document.status for document in documents),
        (agent.kind for agent in agents),
        [MEMBER if MEMBER in str(linked.to_dict()) else ""],
        [error.type_],
    )
