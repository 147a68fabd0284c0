"""Opens the reading of a document for one coder: the one that is there, or a draft."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from schemas.records.vocabularies import VOCABULARIES
from service.compiler import check_fixtures
from service.compiler.pending import EditRefused
from service.compiler.read import Fixtures
from service.curation import readings
from service.curation.texts import sha256_of
from service.curation.workbench.deciding.settling import Settlement
from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.page_state import settling_state
from service.curation.workbench.session import ReadingSession
from service.curation.workbench.wording import names_of
from service.curation.writers.documents import read_text

MAX_READ_BYTES = 10_000_000
"""A longer text is none that is read on one page."""


def open_session(directory: Path, file: Path, coder: str) -> tuple[ReadingSession, ReadingLock]:
    """The session of a coder with the document in a file, and the lock that it holds.

    Raises ``EditRefused``, ``ReadingInUse``, ``DataRefused`` or ``OSError``.
    """
    text = text_of(file)
    fixtures = check_fixtures(directory)
    document = record_of(fixtures, text, file, directory)
    path = readings.path_of(directory, document["id"], coder)
    with ReadingLock.opening(path) as lock:
        reading = _reading(path, document, text, fixtures, coder)
        return ReadingSession(path, reading, document, text, fixtures), lock


class OpenSettlement(NamedTuple):
    """Two readings of a document to be settled, the text of that and its title; and what records
    are called, by kind and id.
    """

    settlement: Settlement
    text: str
    title: str
    names: Mapping[str, Mapping[str, str]]

    @property
    def sides(self) -> tuple[str, str]:
        """The two coders."""
        return self.settlement.a["coder"], self.settlement.b["coder"]

    @property
    def decisions(self) -> Mapping[str, Mapping[str, str]]:
        """What was decided, by the keys of the differences."""
        return self.settlement.decisions

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        return settling_state(self.settlement, self.text, self.names)

    def decide(self, key: str, taken: str, reason: str) -> None:
        """Takes one side of a difference; raises as the settlement does."""
        self.settlement.decide(key, taken, reason)


def open_settlement(
    directory: Path, files: tuple[Path, Path], documents: Path | None
) -> OpenSettlement:
    """Two readings of a document to be settled.

    Raises ``EditRefused``, ``DataRefused`` or ``OSError``.
    """
    fixtures = check_fixtures(directory)
    a, b = (readings.read(file) for file in files)
    settlement = Settlement(directory, a, b)
    known = {record["id"]: record for record in fixtures["documents"]}
    if a["document"] not in known:
        raise EditRefused(f"{a['document']} is no document of {directory}: add it first")
    document = known[a["document"]]
    for file, reading in zip(files, (a, b), strict=True):
        readings.expect_fit(file, reading, document, readings.codebook_of(fixtures))
    where = [documents] if documents else [directory / "documents", directory]
    for place in where:
        if (place / document["file"]).is_file():
            text = text_of(place / document["file"])
            record_of(fixtures, text, place / document["file"], directory)
            return OpenSettlement(settlement, text, document["title"], names_of(fixtures))
    raise EditRefused(f"{document['file']} is not there; name its directory with --documents DIR")


def text_of(file: Path) -> str:
    """A text that can be read by people on one page. Raises ``EditRefused``."""
    return read_text(file, MAX_READ_BYTES)


def record_of(fixtures: Fixtures, text: str, file: Path, directory: Path) -> dict[str, Any]:
    """The record of a document, found by the hash of its text."""
    digest = sha256_of(text)
    for record in fixtures["documents"]:
        if record["sha256"] == digest:
            return dict(record)
    named = [record for record in fixtures["documents"] if record["file"] == file.name]
    if named:
        raise EditRefused(
            f"{file}: another text than {named[0]['id']} in {directory} was taken from. A changed "
            "document is a new document: add it (add-document), or put the old text back"
        )
    raise EditRefused(
        f"{file}: no document of {directory} has this text; add it first (add-document)"
    )


def drafted(
    document: dict[str, Any], text: str, fixtures: Fixtures, published: str, coder: str
) -> readings.Reading:
    """The draft of a reading of a document, by the codebook of the data set.

    Raises ``EditRefused`` for a text in which no sentence is found that has a letter.
    """
    from service.curation.drafting import draft  # its many patterns take a moment to load

    vocabularies = {name: fixtures[name] for name in VOCABULARIES}
    reading = draft(
        text, document=document, vocabularies=vocabularies, published=published, coder=coder
    )
    passages = "".join(text[unit["start"] : unit["end"]] for unit in reading["units"])
    if not any(map(str.isalpha, passages)):
        raise EditRefused(f"{document['file']}: there is no sentence in it, and nothing to read")
    return {**reading, "codebook": readings.codebook_of(fixtures)}


def _reading(
    path: Path, document: dict[str, Any], text: str, fixtures: Fixtures, coder: str
) -> readings.Reading:
    """The reading that is there, or a draft, which is written at once."""
    if path.exists():
        reading = readings.read(path)
        readings.expect_fit(path, reading, document, readings.codebook_of(fixtures))
        readings.expect_text(path, reading, text)
        return reading
    reading = drafted(document, text, fixtures, document["published"]["edtf"], coder)
    readings.write(path, reading)
    return readings.read(path)
