"""The command that drafts the reading of a document."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.date import bounds
from service.cli.curators.workbench import coder
from service.cli.curators.writing import data_set
from service.compiler import check_fixtures
from service.compiler.pending import EditRefused
from service.curation import readings
from service.curation.workbench.opening import drafted, record_of, text_of

if TYPE_CHECKING:
    from service.curation.drafting import Findings

_CODER = "draft"


def draft(options: argparse.Namespace) -> int:
    """draft: reads a document by rules into the draft of a reading; no model, and no guesses."""
    from service.curation.drafting import find  # its many patterns take a moment to load

    text = text_of(options.file)
    if options.findings:
        print(json.dumps(_told(find(text, options.published)), indent=1, ensure_ascii=False))
        return 0
    directory = data_set(options)
    fixtures = check_fixtures(directory)
    document = record_of(fixtures, text, options.file, directory)
    if options.document not in (None, document["id"]):
        raise EditRefused(f"{options.file} is the text of {document['id']}, not {options.document}")
    path = readings.path_of(directory, document["id"], options.coder)
    if path.exists():
        raise EditRefused(
            f"{path} is there already, and is left as it is: go on with it (curate), or draft "
            "under another name (--coder)"
        )
    reading = drafted(document, text, fixtures, options.published, options.coder)
    readings.write(path, reading)
    quoted = sum(len(unit["proposed"]["written"].get("quotes", ())) for unit in reading["units"])
    print(f"{path}: {len(reading['units'])} passages, {quoted} quotations")
    return 0


def _told(found: "Findings") -> dict[str, Any]:
    """What was found, in the form of the annotated texts of tests/fixtures/drafting."""
    return {
        "sentences": [list(sentence) for sentence in found.sentences],
        "quotes": [
            {"span": [q.start, q.end], "speaker": q.speaker, "cue": q.cue, "mention": q.mention}
            for q in found.quotes
        ],
        "indirect": [
            {"source": r.source, "cue": r.cue, "span": [r.start, r.end]} for r in found.indirect
        ],
        "dates": [
            {"span": [d.start, d.end], "edtf": d.edtf, "basis": d.basis} for d in found.dates
        ],
    }


def published(text: str) -> str:
    """A date of publication in EDTF."""
    try:
        bounds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; allowed: {error}") from None
    return text


def add_options(command: argparse.ArgumentParser) -> None:
    """What ``draft`` is told."""
    command.add_argument("file", type=Path, metavar="FILE", help="the text of a document")
    day = "when it was published, which relative dates are told from: 2026-03-10, 2026-03, 2026"
    command.add_argument("--published", type=published, metavar="EDTF", required=True, help=day)
    known = "id of the document (default: the one that has this text)"
    command.add_argument("--document", metavar="ID", help=known)
    told = f"who is to go on with it, part of the file's name (default: {_CODER})"
    command.add_argument("--coder", type=coder, default=_CODER, metavar="NAME", help=told)
    shown = "print quotations, reported speech and dates as JSON instead; needs no data set"
    command.add_argument("--findings", action="store_true", help=shown)
