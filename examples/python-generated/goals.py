"""Goals announced for a year, through a client that openapi-python-client made of the contract.

    pip install --require-hashes -r examples/python-generated/requirements.txt
    openapi-python-client generate --path openapi.yaml --meta none \
        --config examples/python-generated/config.yaml --output-path generated_claims
    PYTHONPATH=. python examples/python-generated/goals.py http://127.0.0.1:8000 2023

It prints a goal a line, as JSON, and what two refused requests answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import httpx
from generated_claims import Client
from generated_claims.api.claims import get_claim, list_claims
from generated_claims.models import Claim, ClaimPage, InvalidRequestProblem, Problem
from generated_claims.types import UNSET, Unset


def goals(client: Client, year: str) -> Iterator[Claim]:
    """Every claim that announces a goal for the year, restatements left out, page by page."""
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = list_claims.sync(
            client=client,
            goals_only=True,
            distinct=True,
            horizon=[year],
            kind=["goal", "directive"],
            limit=1,
            cursor=cursor,
        )
        assert isinstance(page, ClaimPage), page
        yield from page.data
        cursor = page.meta.next_cursor


def main(base_url: str, year: str) -> None:
    with Client(base_url=base_url, timeout=httpx.Timeout(30)) as client:
        for claim in goals(client, year):
            announced = claim.dates.announced
            row = {
                "id": claim.id,
                "specificity": claim.goal.specificity if claim.goal else None,
                "chain": " → ".join(link.agent.name for link in claim.sources),
                "announced": announced.earliest.isoformat() if announced else None,
                "attribution": claim.confidence.attribution.score,
                "content": claim.confidence.content.score,
            }
            print(json.dumps(row, ensure_ascii=False))
        missing = get_claim.sync(client=client, id="clm_zzzzzzzz")
        assert isinstance(missing, Problem)
        print(json.dumps({"status": missing.status, "title": missing.title}))
        refused = list_claims.sync(client=client, horizon=["two thousand"])
        assert isinstance(refused, InvalidRequestProblem)
        print(json.dumps({"refused": refused.errors[0].parameter}))


if __name__ == "__main__":
    main(*sys.argv[1:])
