"""A document that was changed: its claims are found again in the new text."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.records.change import CLAIM, RecordKey
from schemas.records.vocabularies import UNNAMED
from service.compiler.pending import EditRefused
from service.curation.references import renamed
from service.curation.rules.words import cuts_word
from service.curation.texts import sha256_of
from service.curation.writers.documents import DocumentDescription, document_of, read_text
from service.curation.writers.files.layout import WrittenRecord
from service.curation.writers.proving import Origin, Proving
from service.curation.writers.records import prove
from service.curation.writers.session import Session


@dataclass(frozen=True, slots=True)
class Relocated:
    """The document of the changed text, the claims that rest on it now, and of each claim that
    does not what was not found, or found more than once.
    """

    document: str
    claims: list[str]
    left: dict[str, str]


def relocate(session: Session, old: str, path: Path, proving: Proving) -> Relocated:
    """Adds the changed text of a document as a document of its own, and revises the claims of which
    every passage still stands in it: spans are found by their hashes, quotations by their words.
    """
    before = session.find(RecordKey("document", old))
    if before is None:
        raise EditRefused(f"there is no document {old}")
    new = document_of(session, path, _described(session, before))
    text = read_text(path)
    claims = [c for c in session.fixtures["claims"] if old in _documents(c)]
    places = _found(
        text, [span for c in claims for span in c["evidence"] if span["document"] == old]
    )
    record = session.find(RecordKey("document", new)) or {}
    names = {
        RecordKey("document", old): new,
        RecordKey("agent", before["publisher"]): record["publisher"],
    }
    moved, left = list[str](), dict[str, str]()
    for claim in claims:
        made, reason = _moved(claim, text, places, names)
        if made is None:
            left[claim["id"]] = reason
        else:
            session.revise(RecordKey(CLAIM, claim["id"]), made)
            moved.append(claim["id"])
    file = session.fixtures.file("claims")
    origins = {name: Origin(file, (), name) for name in moved}
    prove(session, Proving(proving.documents, proving.accepted, origins), moved)
    return Relocated(new, moved, left)


def _described(session: Session, before: WrittenRecord) -> DocumentDescription:
    """What is said of a document, for the one that takes its text on; one whose publisher nobody
    knows has another such one.
    """
    agent = session.find(RecordKey("agent", before["publisher"])) or {}
    publisher = None if agent.get("kind") == UNNAMED else before["publisher"]
    keys = ("title", "language", "url", "dateline")
    told = {key: before.get(key) for key in keys}
    return DocumentDescription(before["published"], publisher=publisher, **told)


def _documents(claim: WrittenRecord) -> set[str]:
    return {each["document"] for key in ("evidence", "quotes") for each in claim.get(key) or ()}


_Places = Mapping[tuple[int, str], list[int]]


def _found(text: str, spans: list[WrittenRecord]) -> _Places:
    """By length and hash, where spans begin in a text. A span begins at the border of a word."""
    wanted = defaultdict[int, set[str]](set)
    for span in spans:
        wanted[span["end"] - span["start"]].add(span["sha256"])
    starts = [n for n in range(len(text)) if not text[n].isspace() and not cuts_word(text, n)]
    found = defaultdict[tuple[int, str], list[int]](list)
    for length, digests in wanted.items():
        for start in starts:
            digest = sha256_of(text[start : start + length])
            if digest in digests and start + length <= len(text):
                found[length, digest].append(start)
    return found


def _moved(
    claim: WrittenRecord, text: str, places: _Places, names: Mapping[RecordKey, str]
) -> tuple[dict[str, Any] | None, str]:
    """A claim whose passages stand in another document; ``None`` and why not, if one does not."""
    made, _ = renamed(claim, CLAIM, names)
    shifts: list[tuple[int, int, int]] = []
    new = {*names.values()}
    for n, (was, span) in enumerate(zip(claim["evidence"], made["evidence"], strict=True)):
        if span["document"] not in new:
            continue
        length = was["end"] - was["start"]
        starts = places.get((length, was["sha256"]), [])
        if len(starts) != 1:
            times = "is not there any more" if not starts else f"stands there {len(starts)} times"
            return None, f"evidence {n} ({was['start']}–{was['end']}) {times}"
        span |= {"start": starts[0], "end": starts[0] + length}
        shifts.append((was["start"], was["end"], starts[0] - was["start"]))
    for n, quote in enumerate(made.get("quotes") or ()):
        if quote["document"] not in new:
            continue
        shift = next((s for a, b, s in shifts if a <= quote["start"] and quote["end"] <= b), None)
        if shift is None or text[quote["start"] + shift : quote["end"] + shift] != quote["text"]:
            return None, f"quotation {n} is not inside the evidence"
        quote |= {"start": quote["start"] + shift, "end": quote["end"] + shift}
    return made, ""
