"""The JSON-LD contexts of ``context.json``: what each key means, in vocabularies that others share.

What none of them says has a term of our own (``pc``), named after the field of
a claim whose value it has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.claim import RELATIONS

_FILE: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("context.json").read_text(encoding="utf-8")
)

PREFIXES: dict[str, str] = _FILE["prefixes"]
CLAIM: dict[str, Any] = {"@version": 1.1, **PREFIXES, **_FILE["claim"]}
DATASET: dict[str, Any] = {"@version": 1.1, **PREFIXES, **_FILE["dataset"]}
EDTF: str = CLAIM["edtf"]["@type"]
INVERSE: dict[str, str] = {
    kind: name
    for kind in RELATIONS
    for name, term in CLAIM.items()
    if isinstance(term, dict) and term.get("@reverse") == f"pc:{kind}"
}
"""What each relation is called from its other end."""
