"""datamodel-code-generator, with its default settings: models of pydantic, asked for with httpx."""

from __future__ import annotations

from typing import TypeVar

import httpx
from asked import CLAIM, FROM, MEMBER, TO, TODAY, TOMORROW, tell, unknown
from policy_claims_models import (
    AgentPage,
    ClaimPage,
    ComparisonPage,
    Counts,
    DocumentPage,
    InvalidRequestProblem,
    LinkedClaim,
    RecordChangesPage,
)
from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def get(model: type[Model], url: str, **params: str | list[str]) -> Model:
    found: Model = model.model_validate_json(httpx.get(url, params=params).content)
    return found


kinds = ["goal", "directive"]
found = get(ClaimPage, f"{TODAY}/v1/claims", kind=kinds, limit="100")
refused = get(InvalidRequestProblem, f"{TODAY}/v1/claims", cursor="none-such")
tell(
    (claim.id for claim in found.data),
    refused.status,
    (fault.parameter for fault in refused.errors or []),
)

claims = get(ClaimPage, f"{TOMORROW}/v1/claims", limit="100").data
counts = get(Counts, f"{TOMORROW}/v1/counts", by="topic").meta
changes = get(RecordChangesPage, f"{TOMORROW}/v1/changes").data
rows = get(ComparisonPage, f"{TOMORROW}/v1/compare", **{"from": FROM, "to": TO}).data
documents = get(DocumentPage, f"{TOMORROW}/v1/documents").data
agents = get(AgentPage, f"{TOMORROW}/v1/agents").data
linked = get(LinkedClaim, f"{TOMORROW}/v1/claims/{CLAIM}.jsonld")
error = get(InvalidRequestProblem, f"{TOMORROW}/v1/counts", by="horizn")
unknown(
    (claim.kind for claim in claims),
    (relation.type for claim in claims for relation in claim.relations),
    (evidence.document.status for claim in claims for evidence in claim.evidence),
    (claim.dates.announced.precision for claim in claims if claim.dates.announced),
    [counts.unit],
    counts.by,
    (change.subject.kind for change in changes),
    (row.from_.record for row in rows),
    (document.status for document in documents),
    (agent.kind for agent in agents),
    [MEMBER if MEMBER in linked.model_dump_json() else ""],
    [error.type],
)
