"""Documents written, from their files."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused
from schemas.fields import Text
from schemas.records.change import RecordKey
from schemas.records.vocabularies import UNNAMED
from service.compiler.pending import EditRefused
from service.curation.texts import sha256_of
from service.curation.writers.files.layout import sparse
from service.curation.writers.from_reading import NOT_JUDGED
from service.curation.writers.session import Session

MAX_DOCUMENT_BYTES = 50_000_000
"""A longer text is none that a person reads."""
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"%PDF": "PDF", b"PK\x03\x04": "ZIP"}
"""How files begin that are no plain text, but often taken for one."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_TITLE = Text(500)
NORMALISED = ".normalised"
"""What stands before the suffix of the file that a normalised text is written to."""


@dataclass(frozen=True, slots=True)
class DocumentDescription:
    """What is said of a document besides its text. ``publisher`` is the id of an agent."""

    published: Mapping[str, Any]
    title: str | None = None
    publisher: str | None = None
    language: str | None = None
    url: str | None = None
    dateline: str | None = None


def read_text(path: Path, most: int = MAX_DOCUMENT_BYTES) -> str:
    """The text of a document. Raises ``EditRefused`` with why it is none, or has more than the
    ``most`` bytes, and ``OSError``.
    """
    if not path.is_file():
        said = " is no file" if path.exists() else ": there is no such file"
        raise EditRefused(f"{path}{said}")
    if path.stat().st_size > most:
        limit = most // 1_000_000
        raise EditRefused(
            f"{path} has more than {limit} MB: save the text alone, or cut it into parts"
        )
    raw = path.read_bytes()
    kind = next((name for begin, name in _MARKS.items() if raw.startswith(begin)), None)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"is {kind}, and no text" if kind else f"is no text in UTF-8 (byte {error.start})"
        raise EditRefused(f"{path} {what}: save it as plain text in UTF-8") from None
    if kind or _CONTROLS.search(text):
        raise EditRefused(f"{path} is {kind or 'binary'}, and no plain text: save its text alone")
    if not text.strip("\ufeff \t\r\n\xa0"):
        raise EditRefused(f"{path} is empty: a document has a text")
    return text


def peculiarities(text: str) -> list[str]:
    """What in a text may be written otherwise by the next program that saves it."""
    found = {
        "a byte order mark": text.startswith("\ufeff"),
        "line ends CR LF": "\r" in text,
        "characters that are decomposed (not NFC)": not unicodedata.is_normalized("NFC", text),
    }
    return [what for what, there in found.items() if there]


def add_normalised(session: Session, path: Path, about: DocumentDescription) -> tuple[Path, str]:
    """Adds a document without the peculiarities of its text; gives the file of it and the id.

    That file lies beside the first one, and is there only if the document is added.
    """
    beside, is_new = _normalised(path)
    try:
        return beside, add_document(session, beside, about)
    except (DataRefused, EditRefused, OSError):
        if is_new:
            beside.unlink()
        raise


def _normalised(path: Path) -> tuple[Path, bool]:
    """Writes a text beside its file: line ends LF, NFC, no byte order mark; says whether that file
    is new. Raises ``EditRefused`` where another one lies there.
    """
    plain = read_text(path).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    content = unicodedata.normalize("NFC", plain).encode()
    beside = path.with_name(f"{path.stem}{NORMALISED}{path.suffix}")
    is_new = not beside.exists()
    if not is_new and beside.read_bytes() != content:
        raise EditRefused(f"{beside} is there, and holds another text")
    if is_new:
        beside.write_bytes(content)
    return beside, is_new


def add_document(session: Session, path: Path, about: DocumentDescription) -> str:
    """Adds a document, and its own publisher if none is named; gives its id."""
    identifier = document_of(session, path, about)
    session.commit()
    return identifier


def document_of(session: Session, path: Path, about: DocumentDescription) -> str:
    """The same, as part of a larger edit."""
    text = read_text(path)
    title = about.title or _first_line(text)
    if title is None:
        raise EditRefused(f"{path.name} does not begin with a title: name one with --title")
    digest = sha256_of(text)
    _expect_new(session, path.name, digest, about)
    identifier = session.new_id("document")
    publisher = about.publisher or _own_publisher(session, identifier, title)
    if about.publisher and not session.has(RecordKey("agent", publisher)):
        raise EditRefused(
            f"there is no agent {publisher}; leave --publisher out for a publisher that the "
            "document does not name, or add it: policy-claims add --kind agent --from FILE"
        )
    record = {
        "id": identifier,
        "title": title,
        "publisher": publisher,
        "dateline": about.dateline,
        "published": about.published,
        "language": about.language or _language(session),
        "url": about.url,
        "file": path.name,
        "sha256": digest,
        "length": len(text),
    }
    session.create("document", sparse(record))
    return identifier


def _expect_new(session: Session, name: str, digest: str, about: DocumentDescription) -> None:
    for record in session.fixtures["documents"]:
        if record["sha256"] == digest and about.publisher in (None, record["publisher"]):
            raise EditRefused(f"{record['id']} has this text already")
        if record["file"] == name:
            raise EditRefused(
                f"{record['id']} has a file of the name {name}, with another text. A changed "
                f"document is a new one: give its file another name, and run "
                f"policy-claims relocate {record['id']} FILE"
            )


def _first_line(text: str) -> str | None:
    line = next((each.strip() for each in text.lstrip("\ufeff").splitlines() if each.strip()), "")
    return line if _TITLE.takes(line) else None


def _language(session: Session) -> str:
    languages: list[str] = session.fixtures.about["languages"]
    if len(languages) != 1:
        raise EditRefused("name the language of the document, such as --language en")
    return languages[0]


def _own_publisher(session: Session, document: str, title: str) -> str:
    identifier = f"publisher-of-{document.partition('_')[2]}"
    name = f"Publisher of “{title[:450]}”"
    record = {"id": identifier, "name": name, "kind": UNNAMED, "reliability": NOT_JUDGED}
    return session.create("agent", record)
