"""Opens one claim of a data set in the workbench, to be revised or replaced as it is left there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.records.change import without_empty
from service.compiler import check_fixtures
from service.compiler.pending import EditRefused
from service.compiler.read import Fixtures
from service.curation import adding, readings
from service.curation.texts import sha256_of
from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.opening import text_of
from service.curation.workbench.session import ReadingSession

DIRECTORY = "revising"
"""Where readings of single claims, and records that are edited, lie until they are done."""
_STAMP = ("id", "revision", "recorded_at")


def open_claim(
    directory: Path, identifier: str, documents: Path
) -> tuple[ReadingSession, ReadingLock]:
    """The session of a reading with one claim, and the lock that it holds. What was left unfinished
    is gone on with.

    Raises ``EditRefused``, ``ReadingInUse``, ``DataRefused`` or ``OSError``.
    """
    fixtures = check_fixtures(directory)
    claim = next((dict(each) for each in fixtures["claims"] if each["id"] == identifier), None)
    if claim is None:
        raise EditRefused(f"{identifier} is the id of no claim of {directory}")
    known = {record["id"]: record for record in fixtures["documents"]}
    document = known[claim["evidence"][0]["document"]]
    text = _text_of(document, documents / document["file"])
    made = _reading(claim, document, text, fixtures)
    path = directory / DIRECTORY / readings.file_of(made)
    with ReadingLock.opening(path) as lock:
        if path.exists():
            _expect_the_same(path, made, document)
        else:
            readings.write(path, made)
        return ReadingSession(path, readings.read(path), document, text, fixtures), lock


def leave(path: Path, *, remove: bool = True) -> None:
    """Leaves a file of ``DIRECTORY``, removed where what it said was written; the last one takes
    the directory with it.
    """
    if remove:
        path.unlink(missing_ok=True)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def _text_of(document: Mapping[str, Any], file: Path) -> str:
    text = text_of(file)
    if sha256_of(text) != document["sha256"]:
        raise EditRefused(
            f"{file}: another text than {document['id']} was taken from. Put the old text back, or "
            f"move its claims to the new one: policy-claims relocate {document['id']} FILE"
        )
    return text


def _reading(
    claim: dict[str, Any], document: Mapping[str, Any], text: str, fixtures: Fixtures
) -> readings.Reading:
    """A reading whose one unit is a claim. Raises ``EditRefused`` for one that a page cannot hold,
    such as a claim of several documents.
    """
    unit = adding.unit_of_claim(claim)
    reading = readings.new_reading(
        document,
        [unit],
        coder=claim["id"].replace("_", "-"),
        codebook=readings.codebook_of(fixtures),
        drafted_by=f"{claim['id']}, revision {claim['revision']}",
    )
    again = adding.claim_of_unit(reading, unit, text, {})
    whole = {key: value for key, value in claim.items() if key not in _STAMP}
    narrated = claim["attribution"] == "narrator" and claim.get("quotes")
    if narrated or without_empty(again) != without_empty(whole):
        raise EditRefused(f"{claim['id']} cannot be shown there whole: use --from FILE")
    return reading


def _expect_the_same(path: Path, made: readings.Reading, document: Mapping[str, Any]) -> None:
    """Holds a reading that was left unfinished to the claim as it is now."""
    left = readings.read(path)
    readings.expect_fit(path, left, document, made["codebook"])
    if left["drafted_by"] != made["drafted_by"]:
        raise EditRefused(
            f"{path} was begun with {left['drafted_by']}, and it is {made['drafted_by']} now: "
            "remove the file to begin again"
        )
