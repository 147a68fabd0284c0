"""Records written: added from a file, revised, retired."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused, Fault
from schemas.records.change import CLAIM, CURATED, RecordKey, without_empty
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.pending import EditRefused
from service.compiler.strict_json import NotStrict, parse_json
from service.curation.references import renamed
from service.curation.slugs import new_slug
from service.curation.texts import ProvedTexts
from service.curation.writers.files.layout import WrittenRecord
from service.curation.writers.filling import filled
from service.curation.writers.proving import Origin, Proving
from service.curation.writers.session import Session


@dataclass(frozen=True, slots=True)
class Added:
    """The ids of what was added, and what is to be said besides."""

    ids: Sequence[str]
    notes: Sequence[str] = ()


def prove(session: Session, proving: Proving, changed: Iterable[str]) -> int:
    """Commits a session of which the ``changed`` claims are proved first."""
    ids = [*changed]
    return session.commit(lambda after: proving.prove(session.fixtures, after, ids))


def records_in(path: Path) -> list[dict[str, Any]]:
    """The record or the records of a JSON file. Raises ``DataRefused`` and ``OSError``."""
    try:
        found = parse_json(path.read_bytes())
    except NotStrict as error:
        raise DataRefused([Fault(path.name, "", error.found, str(error))]) from None
    listed = found if isinstance(found, list) else [found]
    wrong = [
        Fault(path.name, f"/{n}", type(each).__name__, "an object, or a list of objects")
        for n, each in enumerate(listed)
        if not isinstance(each, dict)
    ]
    if wrong or not listed:
        nothing = [Fault(path.name, "", "an empty list", "a record")]
        raise DataRefused(wrong or nothing)
    return listed


def add_records(session: Session, kind: str, path: Path, proving: Proving) -> Added:
    """Adds the records of a file: claims, or records of a vocabulary."""
    made = records_in(path)
    listed = isinstance(parse_json(path.read_bytes()), list)
    origins = {}
    ids = [session.new_id(CLAIM) for _ in made] if kind == CLAIM else []
    for number, record in enumerate(made):
        steps = (number,) if listed else ()
        whole = new_record(session, kind, record, proving.documents, path.name)
        if kind == CLAIM:
            whole = {**whole, "id": ids[number], **_related(whole, ids)}
        origins[session.create(kind, whole)] = Origin(path.name, steps, kind)
    _commit(session, proving, origins if kind == CLAIM else {})
    return Added([*origins])


def _related(claim: WrittenRecord, ids: Sequence[str]) -> dict[str, Any]:
    """The relations of a claim, which may name other claims of its file by their places there, as
    faults do: ``/0`` is the first one.
    """
    if not isinstance(claim.get("relations"), list):
        return {}
    places = {f"/{number}": identifier for number, identifier in enumerate(ids)}
    relations = [
        {**each, "claim": places.get(str(each["claim"]), each["claim"])}
        if isinstance(each, dict) and "claim" in each
        else each
        for each in claim["relations"]
    ]
    return {"relations": relations}


def new_record(
    session: Session, kind: str, record: WrittenRecord, documents: Path, file: str
) -> dict[str, Any]:
    """A record with what a program writes into it: the id, and of a claim the spans."""
    whole = dict(record)
    if kind == CLAIM:
        _expect_unwritten(whole, {}, ("id", "revision", "recorded_at"), file)
        texts = ProvedTexts.of(session.fixtures["documents"], documents)
        whole = {"id": session.new_id(CLAIM), **filled(whole, texts, file)}
    elif kind == "document":
        raise EditRefused("a document is added by: policy-claims add-document FILE")
    elif "id" not in whole:
        name = str(whole.get(VOCABULARIES[f"{kind}s"].name_key) or "")
        whole = {"id": new_slug(name, kind, session.taken(kind)), **whole}
    return whole


def _expect_unwritten(
    record: WrittenRecord, before: WrittenRecord, keys: Sequence[str], file: str
) -> None:
    """Refuses keys that a program writes, unless they say what they said before."""
    faults = [
        Fault(file, f"/{key}", json.dumps(record[key]), "no such key: it is written by the program")
        for key in keys
        if key in record and record[key] != before.get(key)
    ]
    if faults:
        raise DataRefused(faults)


def revise(session: Session, key: RecordKey, path: Path, proving: Proving) -> None:
    """Puts what a file says into a record: a JSON merge patch (RFC 7396), in which a key that is
    null takes its value out.
    """
    (patch, *more) = records_in(path)
    if more:
        raise EditRefused(f"{path.name} holds several records; revise takes one")
    before = session.find(key)
    if before is not None:
        if patch.get("id", key.id) != key.id:
            raise EditRefused(f"{path.name} is of {patch['id']}, and not of {key.id}")
        _expect_unwritten(patch, before, ("revision", "recorded_at"), path.name)
        after = merged(before, patch)
        if key.kind == CLAIM:
            texts = ProvedTexts.of(session.fixtures["documents"], proving.documents)
            after = filled(after, texts, path.name)
        if without_empty(after) == without_empty(before):
            raise EditRefused(f"{key.id} is as {path.name} says already")
    else:
        after = patch  # so that the session says what is wrong
    session.revise(key, after)
    _commit(session, proving, {key.id: Origin(path.name, (), key.id)} if key.kind == CLAIM else {})


def merged(before: Any, patch: Any) -> Any:
    """A value after a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(before) if isinstance(before, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def withdraw(session: Session, key: RecordKey) -> None:
    """Takes a record out for good. What still refers to it is refused, and named."""
    session.retire(key)
    session.commit()


def supersede(session: Session, key: RecordKey, heir: str | Path, proving: Proving) -> str:
    """Takes a record out in favour of another: one that is there, or a new one from a file.

    What refers to it refers to the new one from then on. Gives the id of that.
    """
    origins = {}
    if isinstance(heir, Path):
        records = records_in(heir)
        if len(records) > 1:
            raise EditRefused(f"{heir.name} holds several records; one replaces the other")
        whole = new_record(session, key.kind, records[0], proving.documents, heir.name)
        by = session.create(key.kind, whole)
        origins[by] = Origin(heir.name, (), by)
    else:
        by = heir
        if by == key.id or not session.has(RecordKey(key.kind, by)):
            raise EditRefused(f"{by} is no other {key.kind} that is there")
    return put_in_place(session, key, by, origins if key.kind == CLAIM else {}, proving)


def put_in_place(
    session: Session, key: RecordKey, by: str, origins: Mapping[str, Origin], proving: Proving
) -> str:
    """Takes a record out in favour of one that is there; ``origins`` are of claims made for it."""
    led_on = _led_on(session, key, by)
    session.retire(key, by)
    _commit(session, proving, {**origins, **led_on})
    return by


def _led_on(session: Session, key: RecordKey, by: str) -> dict[str, Origin]:
    """Revises the records that refer to one that is replaced; of claims among them says where they
    stand. What refers to a document does so for its text, and stays.
    """
    if key.kind == "document":
        return {}
    led = {}
    for kind in CURATED:
        for record in session.fixtures[f"{kind}s"]:
            other = RecordKey(kind, record["id"])
            made, refers = renamed(record, kind, {key: by})
            if refers and other not in (key, RecordKey(key.kind, by)):
                session.revise(other, made)
                if kind == CLAIM:
                    led[other.id] = Origin(session.fixtures.file("claims"), (), other.id)
    return led


def _commit(session: Session, proving: Proving, origins: Mapping[str, Origin]) -> None:
    if origins:
        prove(session, Proving(proving.documents, proving.accepted, origins), origins)
    else:
        session.commit()
