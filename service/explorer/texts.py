"""The texts of documents on the pages, where the service has the files and may show them.

A text is shown only if the file has the recorded hash, so that what is marked is what was read.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000
"""Bytes of a file that a page shows; a longer one is left to the reader's own browser."""
_MAX_CACHED = 32
SHOWN = ("show", "excerpt")
"""The states of documents whose text is shown, as a whole or in part."""
_BETWEEN_PARAGRAPHS = re.compile(r"(?:\r?\n[ \t]*){2,}")
_LINE_END = re.compile(r"\r?\n")

EvidenceSpan = Mapping[str, Any]
"""A passage: ``start`` and ``end`` in code points, ``sha256``, ``claim``, ``number`` or null. Where
``quoted`` is true it is what a claim quotes, which has no hash of its own.
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that ``depth`` passages hold; ``label`` has the numbers of those that end
    with it. ``quoted`` is what a claim quotes.
    """

    text: str
    depth: int
    label: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in pieces; ``claims`` are those whose passages begin in it, in order, and whether
    something was left out before it.
    """

    pieces: tuple[Piece, ...]
    claims: tuple[str, ...]
    after_gap: bool


class TextWithheld(LookupError):
    """A text that is not shown. ``reason`` says why, in words for a reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DocumentTexts:
    """The files in a directory of documents; without a directory there is none."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def text(self, document: Mapping[str, Any]) -> str:
        """The text of a document that may be shown. Raises ``TextWithheld``."""
        if document["text"] == "none":
            raise TextWithheld("It may not be shown here.")
        if self._directory is None:
            raise TextWithheld("The service does not have its file.")
        path = self._directory / document["file"]
        try:
            state = path.stat()
            mark = (state.st_mtime_ns, state.st_size, state.st_ino)
            return _checked(path, document["sha256"], mark)
        except OSError:
            raise TextWithheld("The service does not have its file.") from None

    def state(self, document: Mapping[str, Any]) -> str:
        """What an answer about a document depends on, beside the data set."""
        try:
            self.text(document)
        except TextWithheld as withheld:
            return withheld.reason
        return str(document["text"])


@functools.lru_cache(maxsize=_MAX_CACHED)
def _checked(path: Path, sha256: str, mark: tuple[int, ...]) -> str:
    """The text of a file with that hash; ``mark`` tells a file from another put in its place."""
    if mark[1] > MAX_BYTES:
        raise TextWithheld("Its file is too long for a page.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TextWithheld("The file that the service has is another: its SHA-256 differs.")
    return content.decode("utf-8")


def spans_of(
    claims: Iterable[Mapping[str, Any]], document: str, *, numbered: bool = False
) -> list[EvidenceSpan]:
    """The passages of a document that claims rest on, in the order of the text; ``numbered`` by the
    order of the claims.
    """
    spans = [
        {
            **{key: place[key] for key in ("start", "end", "sha256")},
            "claim": claim["id"],
            "number": number if numbered else None,
            "quoted": False,
        }
        for number, claim in enumerate(claims, 1)
        for place in claim["evidence"]
        if place["document"]["id"] == document
    ]
    return sorted(spans, key=lambda span: (span["start"], span["end"]))


def quotations_of(claims: Iterable[Mapping[str, Any]], document: str) -> list[EvidenceSpan]:
    """What claims quote from a document."""
    return [
        {
            **{key: quote[key] for key in ("start", "end")},
            "sha256": None,
            "claim": claim["id"],
            "number": None,
            "quoted": True,
        }
        for claim in claims
        for quote in claim["quotes"]
        if quote["document"]["id"] == document
    ]


def passages(
    claims: list[Mapping[str, Any]],
    document: Mapping[str, Any],
    texts: DocumentTexts,
    *,
    excerpt: bool,
) -> dict[str, Any]:
    """What a page shows of a document: its paragraphs with the passages of some claims marked, or
    why there are none. Of an ``excerpt`` those with a passage alone; then nothing is numbered, and
    quotations are told from the passages around them.
    """
    spans = spans_of(claims, document["id"], numbered=not excerpt)
    if excerpt:
        spans += quotations_of(claims, document["id"])
    shown: dict[str, Any] = {"document": document, "spans": spans, "reason": None}
    try:
        text = texts.text(document)
    except TextWithheld as withheld:
        return {**shown, "paragraphs": [], "reason": withheld.reason}
    part = excerpt or document["text"] == "excerpt"
    return {**shown, "paragraphs": paragraphs(text, spans, excerpt=part)}


def paragraphs(
    text: str, spans: Sequence[EvidenceSpan], *, excerpt: bool = False
) -> list[Paragraph]:
    """A text with its passages marked; of an ``excerpt`` the paragraphs with a passage alone."""
    found: list[Paragraph] = []
    gap = False
    for start, end in _bounds(text):
        within = [span for span in spans if span["start"] < end and span["end"] > start]
        if excerpt and not within:
            gap = True
            continue
        begun = dict.fromkeys(span["claim"] for span in within if span["start"] >= start)
        pieces = tuple(_pieces(text, start, end, within))
        found.append(Paragraph(pieces, tuple(begun), gap))
        gap = False
    return found


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph begins and ends: between blank lines, or lines where there are none."""
    between = _BETWEEN_PARAGRAPHS if _BETWEEN_PARAGRAPHS.search(text.strip()) else _LINE_END
    start = 0
    for match in between.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def _pieces(text: str, start: int, end: int, spans: Sequence[EvidenceSpan]) -> Iterator[Piece]:
    """A paragraph cut wherever a passage begins or ends."""
    edges = {min(max(span[edge], start), end) for span in spans for edge in ("start", "end")}
    for first, last in itertools.pairwise(sorted(edges | {start, end})):
        on = [span for span in spans if span["start"] <= first and last <= span["end"]]
        ending = [str(span["number"]) for span in on if span["end"] == last and span["number"]]
        quoted = [span for span in on if span["quoted"]]
        yield Piece(text[first:last], len(on) - len(quoted), " ".join(ending), bool(quoted))
