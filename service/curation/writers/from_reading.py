"""Claims of a reading written, with the agents that it names."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused, Fault
from schemas.records.change import CLAIM, CURATED, RecordKey, without_empty
from schemas.records.reading import unit_names
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.pending import EditRefused
from service.curation import adding, readings
from service.curation.readings import Reading
from service.curation.texts import ProvedTexts
from service.curation.writers.files.layout import WrittenRecord, sparse
from service.curation.writers.proving import Origin, Proving
from service.curation.writers.records import Added, prove, put_in_place
from service.curation.writers.session import Session

NOT_JUDGED = {"grade": "F", "rationale": "Not judged yet."}
"""The reliability of an agent that a program made: it cannot be judged (Admiralty scale)."""


def add_reading(session: Session, path: Path, proving: Proving, make_agents: bool) -> Added:
    """Adds the claims of a reading; those that were added before are left as they are."""
    reading, text = _read(session, path, proving.documents)
    faults = _make_records(session, reading, path.name, make_agents)
    claims = _claims(session, reading, text, faults)
    origins, notes = dict[str, Origin](), []
    names = unit_names(reading["units"])
    for number, claim in zip(adding.claim_units(reading), claims, strict=True):
        if claim["id"] in session.taken(CLAIM):
            notes.append(f"{names[number]}: {_there(session, claim)}")
        else:
            steps = ("units", number, "claim")
            origins[claim["id"]] = Origin(path.name, steps, names[number])
            session.create(CLAIM, sparse(claim))
    if origins:
        prove(session, Proving(proving.documents, proving.accepted, origins), origins)
    return Added([*origins], notes)


def revise_by(session: Session, key: RecordKey, path: Path, proving: Proving) -> None:
    """Puts the one claim of a reading in the place of a claim, if it differs."""
    claim, origin = _only_claim(session, path, proving, key.id)
    before = session.find(key) or {}
    other = _other_keys({"id": key.id, **claim}, before)
    if not other:
        return
    changed = sparse({name: claim[name] for name in other if name in claim})
    session.revise(key, {name: before[name] for name in before if name not in other} | changed)
    prove(session, replace(proving, origins={key.id: origin}), [key.id])


def supersede_by(session: Session, key: RecordKey, path: Path, proving: Proving) -> str:
    """Takes a claim out in favour of the one claim of a reading; gives the id of that."""
    identifier = session.new_id(CLAIM)
    claim, origin = _only_claim(session, path, proving, identifier)
    session.create(CLAIM, sparse({"id": identifier, **claim}))
    return put_in_place(session, key, identifier, {identifier: origin}, proving)


def _only_claim(
    session: Session, path: Path, proving: Proving, name: str
) -> tuple[dict[str, Any], Origin]:
    """The one claim of a reading, without an id, and where it stands. What it names is made."""
    reading, text = _read(session, path, proving.documents)
    claims = adding.claim_units(reading)
    if not reading["finished"] or len(claims) != 1:
        raise EditRefused(
            f"{path} is not finished, or is not one claim any more ({len(claims)}). It is "
            "kept: give the command again to go on, or remove the file to begin again"
        )
    if faults := _make_records(session, reading, path.name, make=True):
        raise DataRefused(faults)
    claim = adding.claim_of_unit(reading, reading["units"][claims[0]], text, {})
    return claim, Origin(path.name, ("units", claims[0], "claim"), name)


def _read(session: Session, path: Path, documents: Path) -> tuple[Reading, str]:
    """A reading that fits the data set, and the text of its document."""
    reading = readings.read(path)
    document = _document(session, reading["document"], path.name)
    readings.expect_fit(path, reading, document, readings.codebook_of(session.fixtures))
    text = _text(session, reading["document"], documents)
    readings.expect_text(path, reading, text)
    return reading, text


def _there(session: Session, claim: WrittenRecord) -> str:
    """What is said of a claim that was made of its unit before."""
    key = RecordKey(CLAIM, claim["id"])
    before = session.find(key)
    if before is None:
        return f"{key.id} was made of it, and is retired; it was not added again"
    other = _other_keys(claim, before)
    differs = f", and differs from it in {', '.join(other)}" if other else ""
    return f"{key.id} is there already{differs}"


def _other_keys(claim: WrittenRecord, before: WrittenRecord) -> list[str]:
    """The keys in which a claim differs from what it was, but for those of its last change."""
    return [
        name
        for name in CURATED[CLAIM]().fields
        if name not in ("revision", "recorded_at")
        and without_empty(claim.get(name) or None) != without_empty(before.get(name) or None)
    ]


def _document(session: Session, identifier: str, file: str) -> WrittenRecord:
    if (found := session.find(RecordKey("document", identifier))) is not None:
        return found
    allowed = "a document of the data set: policy-claims add-document writes it"
    raise DataRefused([Fault(file, "/document", identifier, allowed)])


def _text(session: Session, document: str, directory: Path) -> str:
    """The text of a document, which is as it was recorded."""
    texts = ProvedTexts.of(session.fixtures["documents"], directory)
    reasons = [f"{texts.path(document)}: {reason}" for _, reason in texts.mismatches(document)]
    if reasons:
        advice = (
            "put the text there that was recorded, or name its directory with --documents; a "
            f"changed text is a new document: policy-claims relocate {document} FILE"
        )
        raise EditRefused("\n".join([*reasons, advice]))
    text = texts.text(document)
    return text or ""


def _claims(session: Session, reading: Reading, text: str, faults: list[Fault]) -> list[Any]:
    """The claims of a reading. Raises ``DataRefused`` with the ``faults`` and what else is wrong,
    but for references to the records of those.
    """
    missing = {fault.found for fault in faults}
    try:
        claims = adding.claims_of(reading, text, session.fixtures)
    except DataRefused as refused:
        others = (fault for fault in refused.faults if fault.found not in missing)
        raise DataRefused([*faults, *others]) from None
    if faults:
        raise DataRefused(faults)
    return claims


def _make_records(session: Session, reading: Reading, file: str, make: bool) -> list[Fault]:
    """Makes the records that the vocabularies lack; those that it does not make are faults."""
    faults = []
    for key, record in adding.unknown_records(reading, session.fixtures).items():
        vocabulary = VOCABULARIES[f"{key.kind}s"]
        if make and record is not None and record.get("kind", key.kind) is not None:
            _make(session, key, record)
            continue
        allowed = f"one of the {vocabulary.name}"
        if record is None:
            allowed += f", or one that the reading has under {vocabulary.name}"
        elif not make:
            allowed += "; with --make-agents what the reading has of it is added to them"
        else:
            allowed += ", or a kind in the reading, where it is still open"
        faults.append(Fault(file, f"/{vocabulary.name}", json.dumps(key.id), allowed))
    return faults


def _make(session: Session, key: RecordKey, record: WrittenRecord) -> None:
    """Adds a record of a vocabulary, and lets the claims know it."""
    made = dict(sparse(record))
    if key.kind == "agent":
        made.setdefault("reliability", NOT_JUDGED)
    session.create(key.kind, made)
    name = f"{key.kind}s"
    loaded = VOCABULARIES[name].curated().load(made)
    session.fixtures[name] = [*session.fixtures[name], loaded]
