"""The texts of documents, and whether what was recorded of them is what they print."""

import functools
import hashlib
import itertools
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from service.compiler.read import PlainRecord

MAX_TEXTS = 256
"""Texts of documents that are held at a time: claims of one document stand close together."""


def compared(claim: PlainRecord, texts: "ProvedTexts") -> Iterator[tuple[str, str, str | None]]:
    """The document and key of each passage, and why it is not as recorded, if so."""
    for key, recorded in (("evidence", "sha256"), ("quotes", "text")):
        for span in claim.get(key) or ():
            text, start, end = texts.text(span["document"]), span["start"], span["end"]
            reason = None if text is None else _reason(text, key, start, end, span[recorded])
            where = f"{key.removesuffix('s')} {start}–{end} {reason}"
            yield span["document"], key, None if reason is None else where


def _reason(text: str, key: str, start: int, end: int, recorded: str) -> str | None:
    """Why a passage is not as recorded; ``None`` where it is."""
    if key == "quotes":
        return None if text[start:end] == recorded else "does not read as quoted"
    if end > len(text):
        return "lies beyond the end"
    return None if sha256_of(text[start:end]) == recorded else "has another hash"


class ProvedTexts:
    """The texts of documents, read when they are needed."""

    @classmethod
    def of(cls, records: Iterable[Mapping[str, Any]], directory: Path) -> "ProvedTexts":
        """The texts of some documents, by the records of these."""
        return cls({each["id"]: each for each in records}, directory)

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], directory: Path) -> None:
        self._documents, self._directory = documents, directory
        self.text = functools.lru_cache(maxsize=MAX_TEXTS)(self._text)

    def _text(self, document: str) -> str | None:
        """The text of a document, ``None`` where it cannot be read."""
        try:
            return self._read(document)
        except (OSError, UnicodeDecodeError):
            return None

    def known_text(self, document: str) -> str | None:
        """The same, and ``None`` for a document that is not known either."""
        return self.text(document) if document in self._documents else None

    def id_of(self, name: str) -> str:
        """The id of the one document whose file has that name; else what was given."""
        named = [key for key, record in self._documents.items() if record["file"] == name]
        return named[0] if len(named) == 1 and name not in self._documents else name

    def path(self, document: str) -> Path:
        """Where the file of a document is looked for."""
        file: str = self._documents[document]["file"]
        return self._directory / file

    def _read(self, document: str) -> str:
        return self.path(document).read_bytes().decode("utf-8")

    def mismatches(self, document: str) -> list[tuple[str, str]]:
        """What is wrong with a document as a whole."""
        record = self._documents[document]
        try:
            text = self._read(document)
        except OSError as error:
            return [("-", f"cannot be read: {error.strerror or error}")]
        except UnicodeDecodeError as error:
            return [("-", f"cannot be read: no text in UTF-8 (byte {error.start})")]
        reasons = []
        if (digest := sha256_of(text)) != record["sha256"]:
            reasons.append(f"the file's SHA-256 is {digest}, {_difference(text, record['sha256'])}")
        if len(text) != record["length"]:
            reasons.append(f"the file has {len(text)} code points")
        return [("-", reason) for reason in reasons]


def _difference(text: str, recorded: str) -> str:
    """In what a file differs from the one with the recorded hash."""
    for count in (1, 2, 3):
        for names in itertools.combinations(_WRITTEN_OTHERWISE, count):
            variants = {text}
            for name in names:
                variants = {made for each in variants for made in _WRITTEN_OTHERWISE[name](each)}
            if any(sha256_of(variant) == recorded for variant in variants):
                return f"the same but for {' and '.join(names)}"
    return "another file"


_WRITTEN_OTHERWISE: Mapping[str, Callable[[str], list[str]]] = {
    "its line ends": lambda text: [
        text.replace("\r\n", "\n"),
        text.replace("\r\n", "\n").replace("\n", "\r\n"),
    ],
    "a byte order mark": lambda text: [text.removeprefix("\ufeff"), "\ufeff" + text],
    "its normalisation": lambda text: [
        unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")
    ],
}
"""How else programs write a text that they save, by what then differs."""


def sha256_of(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
