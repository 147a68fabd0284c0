"""What a curator needs besides the build: proof by rules and documents, spans and ids."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from schemas.fields import ID_DIGITS
from service.compiler.read import Fixtures
from service.curation.proof import Findings as Findings
from service.curation.proof import Verification as Verification
from service.curation.proof import check as check
from service.curation.proof import sha256_of
from service.curation.proof import verify as verify


def locate(document: Mapping[str, Any], text: str, passage: str) -> list[dict[str, Any]]:
    """The evidence object for every place where a passage stands in a document's text.

    Offsets count code points of the file as it stands; matches may overlap.
    ``fidelity`` and ``role`` are the commonest and for the curator to change.
    """
    matches = re.finditer(f"(?={re.escape(passage)})", text) if passage else ()
    return [
        {
            "document": document["id"],
            "start": match.start(),
            "end": match.start() + len(passage),
            "sha256": sha256_of(passage),
            "fidelity": "paraphrase",
            "role": "supports",
        }
        for match in matches
    ]


def new_ids(prefix: str, count: int, taken: set[str]) -> list[str]:
    """Random ids that are not ``taken``."""
    ids = dict[str, None]()
    while len(ids) < count:
        candidate = prefix + "".join(secrets.choice(ID_DIGITS) for _ in range(8))
        if candidate not in taken:
            ids[candidate] = None
    return list(ids)


def taken_ids(fixtures: Fixtures) -> set[str]:
    """Every claim and document id that was ever given out."""
    return (
        {document["id"] for document in fixtures["documents"]}
        | {claim["id"] for claim in fixtures["claims"]}
        | {change["claim"] for change in fixtures["changes"]}
    )
