"""What a curator needs besides the build: proof by rules and documents, spans and ids."""

import secrets
from collections.abc import Iterator, Mapping, Set
from typing import Any

from schemas.fields import ID_DIGITS
from schemas.records.change import record_of
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
    return [
        {
            "document": document["id"],
            "start": start,
            "end": start + len(passage),
            "sha256": sha256_of(passage),
            "fidelity": "paraphrase",
            "role": "supports",
        }
        for start in starts_of(text, passage)
    ]


def starts_of(text: str, passage: str) -> Iterator[int]:
    """Where a passage begins in a text, each place once; nowhere, if it is empty."""
    start = text.find(passage) if passage else -1
    while start >= 0:
        yield start
        start = text.find(passage, start + 1)


def new_ids(fixtures: Fixtures, prefix: str, count: int) -> set[str]:
    """Random ids that were never given out to a claim or a document."""
    taken = {record["id"] for kind in ("documents", "claims") for record in fixtures[kind]}
    taken |= {record_of(change).id for change in fixtures["changes"]}
    return unused_ids(taken, prefix, count)


def unused_ids(taken: Set[str], prefix: str, count: int) -> set[str]:
    """Random ids of a claim or a document that are not ``taken``."""
    ids = set[str]()
    while len(ids) < count:
        ids |= {prefix + "".join(secrets.choice(ID_DIGITS) for _ in range(8))} - taken
    return ids
