"""Parts of records in words: what they refer to has its name, and its id beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schemas.records.change import CLAIM, CURATED
from schemas.records.reading import NEW_RECORDS, unit_names
from schemas.records.vocabularies import CLAIM_REFERENCES, VOCABULARIES
from service.curation.readings import Reading

_REFERENCES: Mapping[str, str] = {
    **{inner or key: vocabulary for key, inner, vocabulary in CLAIM_REFERENCES},
    **{key: name for kind in VOCABULARIES.values() for key, name in kind.references.items()},
    "occasion": "occasions",
    "claim": "claims",
}
"""By the key that holds the id of a record, the kind of that record, in the plural."""


_WORD = re.compile("[a-z]+(?:_[a-z]+)*")
"""A key, or a value of a closed list."""


class Wording:
    """Says parts of records in words. ``names`` are those of records, by kind and id."""

    def __init__(self, names: Mapping[str, Mapping[str, str]]) -> None:
        self._names = names

    def of(self, value: Any, key: str = "") -> str:
        """What stands under a key, in words, in lines where it has several parts."""
        if isinstance(value, Mapping):
            parts = (f"{plain(k)}: {self.of(v, k)}" for k, v in value.items() if v is not None)
            nested = any(isinstance(each, Mapping) for each in value.values())
            return ("\n" if nested else "; ").join(parts)
        if isinstance(value, list):
            return "\n".join(self.of(each, key) for each in value) or "none"
        if key in _REFERENCES and isinstance(value, str):
            name = self._names.get(_REFERENCES[key], {}).get(value)
            return value if name is None else f"{name} ({value})"
        if value is None or isinstance(value, bool):
            return {None: "none", True: "yes", False: "no"}[value]
        return plain(str(value))


def plain(word: str) -> str:
    """A word of a schema as people write it; any other text as it is."""
    return word.replace("_", " ") if _WORD.fullmatch(word) else word


def name_of(record: Mapping[str, Any], kind: str) -> str:
    """What a record of a kind is called; a claim by its statement."""
    return str(record["statement" if kind == CLAIM else VOCABULARIES[f"{kind}s"].name_key])


def names_of(records: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What claims and the records of vocabularies are called, by kind and id."""
    return {
        f"{kind}s": {each["id"]: name_of(each, kind) for each in records[f"{kind}s"]}
        for kind in CURATED
    }


def names_in(reading: Reading, names: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The same, with the claims and the new records of a reading."""
    known = {name: {**called} for name, called in names.items()}
    for name in NEW_RECORDS:
        kind = VOCABULARIES[name].singular
        known[name] |= {each["id"]: name_of(each, kind) for each in reading[name]}
    for name, unit in zip(unit_names(reading["units"]), reading["units"], strict=True):
        if statement := (unit["claim"] or {}).get("statement"):
            known["claims"][name] = statement
    return known
