"""What a page of the workbench has to know before a key is pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.date import BASES
from schemas.records.claim import (
    ATTRIBUTIONS,
    CREDIBILITY_SCORES,
    KINDS,
    LEVEL_SCORES,
    RELATIONS,
    SPECIFICITIES,
)
from schemas.records.provenance import EVIDENCE_ROLES, FIDELITIES
from schemas.records.reading import NEW_RECORDS, REASONS
from schemas.records.vocabularies import AGENT_KINDS, GRADES, VOCABULARIES
from service.curation.agreement.matching import ReadUnit
from service.curation.rules.quotations import quotations
from service.curation.rules.text import HEDGES, REPORTING
from service.curation.rules.times import WITH_MATTER
from service.curation.workbench.deciding.settling import WHOLE, Settlement, part_of
from service.curation.workbench.session import ReadingSession
from service.curation.workbench.wording import Wording, names_in

CHOICES: Mapping[str, list[Any]] = {
    "kind": [*KINDS],
    "attribution": [*ATTRIBUTIONS],
    "fidelity": [*FIDELITIES],
    "evidence_role": [*EVIDENCE_ROLES],
    "specificity": [*SPECIFICITIES],
    "basis": [*BASES],
    "level": [*LEVEL_SCORES],
    "credibility": [*CREDIBILITY_SCORES],
    "relation": [*RELATIONS],
    "agent_kind": [*AGENT_KINDS],
    "grade": [*GRADES],
    "why": [*REASONS],
    "with_matter": sorted(WITH_MATTER),
}

ATTRIBUTION_REASONS = (
    ("high", "The sentence names the source, and the chain is clear."),
    ("high", "The document says so in its own voice."),
    ("moderate", "The source is carried over from an earlier sentence."),
    ("moderate", "A link of the chain is missing."),
    ("moderate", "A noun phrase takes it for granted."),
    ("low", "It is doubtful whether the attribution covers this clause."),
    ("low", "The source itself is doubtful."),
)
"""Phrases of the codebook (rule 9), each with the level that it gives the reason for."""

_NOTES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "agents": lambda record: (record["kind"] or "kind open").replace("_", " "),
    "occasions": lambda record: record["dates"]["edtf"],
    "documents": lambda record: record["published"]["edtf"],
    "topics": lambda record: "",
    "places": lambda record: record["country"] or "",
}


def page_state(session: ReadingSession) -> dict[str, Any]:
    """The document, its units, and everything there is to choose from."""
    document, reading = session.document, session.reading
    return {
        "document": {
            key: document[key] for key in ("id", "title", "language", "published", "publisher")
        },
        "coder": reading["coder"],
        "finished": reading["finished"],
        "text": session.text,
        "quotations": [[start, end] for start, end, _ in quotations(session.text)],
        "units": session.units(),
        "vocabularies": {name: [*_named(session, name)] for name in NEW_RECORDS},
        "claims": [[claim["id"], claim["statement"]] for claim in session.fixtures["claims"]],
        "choices": CHOICES,
        "attribution_reasons": ATTRIBUTION_REASONS,
        "patterns": {"hedges": HEDGES.pattern, "reporting": REPORTING.pattern},
    }


def _named(session: ReadingSession, name: str) -> Iterator[dict[str, Any]]:
    """The records of a vocabulary as a list to choose from shows them."""
    new = session.new_records()[name]
    for record in session.known[name].values():
        yield named(name, record, new=record["id"] in new)


def named(name: str, record: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """One record as a list to choose from shows it."""
    note = _NOTES[name](record)
    return {
        "id": record["id"],
        "name": record[VOCABULARIES[name].name_key],
        "other_names": record.get("other_names") or [],
        "open": "kind" in record and record["kind"] is None,
        "note": f"{note}, new".removeprefix(", ") if new else note,
    }


def settling_state(
    settlement: Settlement, text: str, names: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The differences of two readings, each with both sides in words, and what was decided.

    ``names`` are those of the records of the data set, by kind and id.
    """
    a, b = (Wording(names_in(each, names)) for each in (settlement.a, settlement.b))
    return {
        "a": settlement.a["coder"],
        "b": settlement.b["coder"],
        "told": _equal(settlement.equal),
        "decisions": settlement.decisions,
        "differences": [
            {
                "key": each.key,
                "fields": each.fields,
                "a": _side(each.a, each.path, text, a),
                "b": _side(each.b, each.path, text, b),
            }
            for each in settlement.differences
        ],
    }


def _equal(count: int) -> str:
    return f"{count} equal {'claim' if count == 1 else 'claims'} taken, "


def _side(unit: ReadUnit | None, path: str, text: str, wording: Wording) -> dict[str, str] | None:
    """What one reading has: the passage, the statement, and the part that differs."""
    if unit is None:
        return None
    key = path.rpartition(".")[2]
    part = "a claim" if path == WHOLE else wording.of(part_of(unit.claim, path), key)
    statement = str(unit.claim.get("statement", ""))
    return {"passage": text[unit.start : unit.end], "statement": statement, "part": part}
