"""What happened to claims over time, and how two occasions compare."""

from __future__ import annotations

from flask import Response

from schemas.fields import CLAIM_ID
from schemas.query import ChangesParameters, CompareParameters
from service.comparison import comparison_page
from service.history import changes_page
from service.http.problems import not_found
from service.http.replies import paged
from service.http.routes.blueprint import api, asked, store


@api.get("/v1/claims/<claim>/history")
def get_claim_history(claim: str) -> Response:
    if not CLAIM_ID.fullmatch(claim):
        return not_found("claim")
    question, source = asked(ChangesParameters), store()
    return paged(source, question, lambda: changes_page(source, question, claim))


@api.get("/v1/changes")
def list_changes() -> Response:
    question, source = asked(ChangesParameters), store()
    return paged(source, question, lambda: changes_page(source, question))


@api.get("/v1/compare")
def compare_occasions() -> Response:
    question, source = asked(CompareParameters), store()
    return paged(source, question, lambda: comparison_page(source, question))
