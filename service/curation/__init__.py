"""What a curator needs beside the build: proof against the documents, spans and ids."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.fields import ID_DIGITS
from service.compiler.read import Fixtures, Record


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something a document does not bear out: which file, which claim, and why."""

    file: str
    claim: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared with one document, and what did not hold."""

    document: str
    file: str
    spans: int
    quotes: int
    mismatches: tuple[Mismatch, ...]


def verify(fixtures: Fixtures, documents: Path) -> list[Verified]:
    """Compares hashes, spans and quotes with the bytes of every document."""
    return [_verify_document(fixtures, document, documents) for document in fixtures.documents]


def _verify_document(fixtures: Fixtures, document: Record, directory: Path) -> Verified:
    spans = list(_of_document(fixtures, "evidence", document["id"]))
    quotes = list(_of_document(fixtures, "quotes", document["id"]))
    file = document["file"]
    try:
        raw = (directory / file).read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        wrong = [Mismatch(file, "-", f"cannot be read: {error}")]
        return Verified(document["id"], file, len(spans), len(quotes), tuple(wrong))
    wrong = [
        *_whole(document, raw, text),
        *_spans(file, text, spans),
        *_quotes(file, text, quotes),
    ]
    return Verified(document["id"], file, len(spans), len(quotes), tuple(wrong))


def _of_document(fixtures: Fixtures, key: str, identifier: str) -> Iterator[tuple[str, Record]]:
    for claim in fixtures.claims:
        for item in claim[key]:
            if item["document"] == identifier:
                yield claim["id"], item


def _whole(document: Record, raw: bytes, text: str) -> Iterator[Mismatch]:
    found = hashlib.sha256(raw).hexdigest()
    if found != document["sha256"]:
        yield Mismatch(document["file"], "-", f"the file's SHA-256 is {found}, another file")
    if len(text) != document["length"]:
        yield Mismatch(document["file"], "-", f"the file has {len(text)} code points")


def _spans(file: str, text: str, spans: list[tuple[str, Record]]) -> Iterator[Mismatch]:
    for claim, span in spans:
        where = f"evidence {span['start']}–{span['end']}"
        if span["end"] > len(text):
            yield Mismatch(file, claim, f"{where} lies beyond the end")
        elif _sha256(text[span["start"] : span["end"]]) != span["sha256"]:
            yield Mismatch(file, claim, f"{where} has another hash")


def _quotes(file: str, text: str, quotes: list[tuple[str, Record]]) -> Iterator[Mismatch]:
    for claim, quote in quotes:
        if text[quote["start"] : quote["end"]] != quote["text"]:
            where = f"quote {quote['start']}–{quote['end']}"
            yield Mismatch(file, claim, f"{where} does not read as quoted")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def locate(document: Mapping[str, Any], text: str, passage: str) -> list[dict[str, Any]]:
    """The evidence object for every place where a passage stands in a document's text.

    Offsets count code points of the file as it stands; matches may overlap.
    ``fidelity`` and ``role`` are the commonest and for the curator to change.
    """
    found = []
    start = text.find(passage) if passage else -1
    while start >= 0:
        found.append(
            {
                "document": document["id"],
                "start": start,
                "end": start + len(passage),
                "sha256": _sha256(passage),
                "fidelity": "paraphrase",
                "role": "supports",
            }
        )
        start = text.find(passage, start + 1)
    return found


def new_ids(prefix: str, count: int, taken: set[str]) -> list[str]:
    """Random ids that nothing has, or ever had."""
    made: list[str] = []
    while len(made) < count:
        candidate = prefix + "".join(secrets.choice(ID_DIGITS) for _ in range(8))
        if candidate not in taken:
            taken.add(candidate)
            made.append(candidate)
    return made


def taken_ids(fixtures: Fixtures) -> set[str]:
    """Every claim and document id that was ever given out."""
    return (
        {document["id"] for document in fixtures.documents}
        | {claim["id"] for claim in fixtures.claims}
        | {change["claim"] for change in fixtures.changes}
    )
