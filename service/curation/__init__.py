"""What a curator needs besides the build: proof by rules and documents, spans and ids."""

import secrets
from collections.abc import Set

from schemas.patterns import ID_DIGITS
from schemas.records.change import record_of
from service.compiler.read import Fixtures
from service.curation.locating import locate as locate
from service.curation.proof import ProofFindings as ProofFindings
from service.curation.proof import Verification as Verification
from service.curation.proof import check as check
from service.curation.proof import verify as verify


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
