"""What a curator needs besides the build: proof against the documents, spans and ids."""

import hashlib
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.change import record_of
from schemas.fields import ID_DIGITS
from service.compiler.read import Fixtures, PlainRecord


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared with one document, and what did not hold.

    ``mismatches`` are claims (``-`` for the document as a whole), each with the
    reason.
    """

    document: str
    file: str
    spans: int
    quotes: int
    mismatches: Sequence[tuple[str, str]]


_Passage = tuple[str, str, int, int, str]
"""The claim, its key, start and end in code points, and the recorded hash or text."""


def verify(fixtures: Fixtures, documents: Path) -> list[Verified]:
    """Compares hashes, spans and quotes with the documents, in one pass over the claims."""
    passages = defaultdict[str, list[_Passage]](list)
    for claim in fixtures["claims"]:
        for key, recorded in (("evidence", "sha256"), ("quotes", "text")):
            for span in claim.get(key, ()):
                passage = (claim["id"], key, span["start"], span["end"], span[recorded])
                passages[span["document"]].append(passage)
    return [_verified(each, documents, passages[each["id"]]) for each in fixtures["documents"]]


def _verified(document: PlainRecord, directory: Path, passages: list[_Passage]) -> Verified:
    mismatches = list(_mismatches(document, directory / document["file"], passages))
    spans = sum(key == "evidence" for _, key, *_ in passages)
    quotes = len(passages) - spans
    return Verified(document["id"], document["file"], spans, quotes, mismatches)


def _mismatches(
    document: PlainRecord, path: Path, passages: list[_Passage]
) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield "-", f"cannot be read: {error}"
        return
    if (digest := _sha256(text)) != document["sha256"]:
        yield "-", f"the file's SHA-256 is {digest}, another file"
    if len(text) != document["length"]:
        yield "-", f"the file has {len(text)} code points"
    for claim, key, start, end, recorded in passages:
        if reason := _reason(text, key, start, end, recorded):
            yield claim, f"{key.removesuffix('s')} {start}–{end} {reason}"


def _reason(text: str, key: str, start: int, end: int, recorded: str) -> str | None:
    """Why a passage is not as recorded; ``None`` where it is."""
    if key == "quotes":
        return None if text[start:end] == recorded else "does not read as quoted"
    if end > len(text):
        return "lies beyond the end"
    return None if _sha256(text[start:end]) == recorded else "has another hash"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
            "sha256": _sha256(passage),
            "fidelity": "paraphrase",
            "role": "supports",
        }
        for match in matches
    ]


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
