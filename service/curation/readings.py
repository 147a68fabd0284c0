"""Readings on disk: one file a document and coder, read strictly and replaced in one step."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.faults import Breach, DataRefused, Fault, Faults, faults_at, shown
from schemas.records.description import NO_COVERAGE, Description, described
from schemas.records.reading import NEW_RECORDS, ReadingSchema
from service.compiler.disk import replace_file
from service.compiler.pending import EditRefused
from service.compiler.read import Fixtures, reported
from service.compiler.strict_json import NotStrict, parse_json
from service.contract import codebook_version

Reading = dict[str, Any]
"""A reading as ``ReadingSchema`` loads it, its keys in the order of the schema."""

Unit = dict[str, Any]
"""A unit as ``UnitSchema`` loads it."""

DIRECTORY = "readings"
"""Where the readings of a data set lie, in the directory of its curated files."""
MAX_READING_BYTES = 64 * 1024 * 1024
"""A larger file is refused unread: a reading of 100,000 characters has about a megabyte."""


def path_of(fixtures: Path, document: str, coder: str) -> Path:
    """The file of a reading in the directory of a data set's curated files."""
    return fixtures / DIRECTORY / f"{document}.{coder}.json"


def file_of(reading: Mapping[str, Any]) -> str:
    """The name of the file of a reading."""
    return f"{reading['document']}.{reading['coder']}.json"


def new_reading(document: Mapping[str, Any], units: Sequence[Unit], **keys: Any) -> Reading:
    """A reading of a document, not finished yet; ``keys`` are those that its units do not tell."""
    return {
        "document": document["id"],
        "sha256": document["sha256"],
        "finished": False,
        **{name: [] for name in NEW_RECORDS},
        **keys,
        "units": [*units],
    }


def new_unit(start: int, end: int, **keys: Any) -> Unit:
    """A unit by its span, still to do; ``keys`` are what is known of it already."""
    empty = dict.fromkeys(("why", "claim", "proposed", "changed"))
    return {"start": start, "end": end, "decision": "todo", **empty, **keys}


def read(path: Path) -> Reading:
    """The reading of a file, whose name is that of its document and coder.

    Raises ``DataRefused`` with all that is wrong with it.
    """
    faults = Faults()
    reading: Reading = {}
    with reported(path.name, faults):
        raw = _bytes_of(path)
        reading = ReadingSchema().load(parse_json(raw))
        if path.name != file_of(reading):
            faults.append(Fault(path.name, "", f"a reading of {file_of(reading)}", "its own name"))
    if faults:
        raise DataRefused(faults)
    return reading


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():  # opening a pipe would block
        raise NotStrict("a regular file", "something else" if path.exists() else "no file")
    if path.stat().st_size > MAX_READING_BYTES:
        raise NotStrict(f"a file of at most {MAX_READING_BYTES} bytes")
    return path.read_bytes()


def write(path: Path, reading: Mapping[str, Any]) -> None:
    """Replaces the file of a reading: afterwards the old or the new one is there, never a part.

    The directory is made if there is none. Raises ``DataRefused`` for what could
    not be read again, and ``OSError``; the old file then stands as it was.
    """
    faults = Faults()
    with reported(path.name, faults):
        loaded = ReadingSchema().load(dict(reading))
        content = (json.dumps(loaded, indent=2, ensure_ascii=False) + "\n").encode()
    if faults:
        raise DataRefused(faults)
    replace_file(path, content)


def codebook_of(fixtures: Fixtures) -> str:
    """The version of the codebook by which a data set is read: its own, else that of the service;
    ``none`` for a codebook that states none.
    """
    about = Description(**described(fixtures.about, NO_COVERAGE))
    return codebook_version(about) or "none"


def expect_comparable(a: Reading, b: Reading) -> None:
    """Both are of one text by one codebook, and finished: nobody sees the other's before.

    Raises ``EditRefused`` and ``DataRefused``.
    """
    faults = []
    if a["coder"] == b["coder"]:
        raise EditRefused(f"both readings of {a['document']} are by {a['coder']}")
    for reading, other in ((a, b), (b, a)):
        file = file_of(reading)
        if not reading["finished"]:
            allowed = "true: readings are compared when both are finished"
            faults.append(Fault(file, "/finished", "false", allowed))
        for key in ("document", "sha256", "codebook"):
            if reading[key] != other[key]:
                allowed = f"that of the other reading ({other[key]})"
                faults.append(Fault(file, f"/{key}", reading[key], allowed))
    if faults:
        raise DataRefused(faults)


def expect_fit(
    path: Path, reading: Mapping[str, Any], document: Mapping[str, Any], codebook: str
) -> None:
    """Holds a reading to the record of its document and to the codebook of the data set.

    Raises ``DataRefused``.
    """
    if faults := list(faults_at(path.name, _misfits(reading, document, codebook))):
        raise DataRefused(faults)


def _misfits(
    reading: Mapping[str, Any], document: Mapping[str, Any], codebook: str
) -> Iterator[Breach]:
    if reading["document"] != document["id"]:
        allowed = f"{document['id']}: this is a reading of another document"
        yield ("document",), reading["document"], allowed
    elif reading["sha256"] != document["sha256"]:
        allowed = (
            f"{document['sha256']}, which documents.json has: the document was changed after it "
            "was read; a changed document is a new document"
        )
        yield ("sha256",), reading["sha256"], allowed
    if reading["codebook"] != codebook:
        allowed = f"{shown(codebook)}, the codebook of the data set: read the document again by it"
        yield ("codebook",), reading["codebook"], allowed
    for place, unit in enumerate(reading["units"]):
        if unit["end"] > document["length"]:
            allowed = f"at most {document['length']}, the length of the document"
            yield ("units", place, "end"), unit["end"], allowed


def expect_text(path: Path, reading: Mapping[str, Any], text: str) -> None:
    """Holds every quotation of a reading, decided or proposed, to the text of the document.

    Raises ``DataRefused``.
    """
    if faults := list(faults_at(path.name, _misquoted(reading, text))):
        raise DataRefused(faults)


def _misquoted(reading: Mapping[str, Any], text: str) -> Iterator[Breach]:
    for place, unit in enumerate(reading["units"]):
        proposed = unit["proposed"] or {}
        for steps, claim in (
            (("claim",), unit["claim"]),
            *((("proposed", outcome), proposed.get(outcome)) for outcome in ("written", "offered")),
        ):
            for number, quote in enumerate((claim or {}).get("quotes", ())):
                stands = text[quote.get("start", 0) : quote.get("end", 0)]
                if quote.get("text", stands) != stands:
                    at = ("units", place, *steps, "quotes", number, "text")
                    yield at, quote["text"], f"{shown(stands)}, which stands there"
