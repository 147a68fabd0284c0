"""Commands that look something up in fixtures: a passage, a new id, a claim."""

import argparse
import json
import re
import sys
from collections.abc import Callable
from typing import Any

from service import curation
from service.cli import terminal
from service.cli.common import DIRECTORY, FILES, fixtures_of, read_fixtures_of
from service.compiler import open_fixtures
from service.curation import locating
from service.store.protocol import ClaimNotFound, ClaimRetired


def add_commands(commands: Any, make: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds the commands; ``make`` gives each the option ``--fixtures``."""
    finding = make(commands, "locate", locate)
    finding.add_argument("document", help="id of the document in documents.json")
    finding.add_argument("text", help="the passage, to the character")
    finding.add_argument("--documents", **DIRECTORY, required=True, help=FILES)
    told = "print that of the passage most like it, where it is not there"
    finding.add_argument("--nearest", action="store_true", help=told)
    ids = make(commands, "new-id", new_id)
    ids.add_argument("--kind", choices=("clm", "doc"), default="clm", help="claim or document")
    ids.add_argument("--count", type=_count, default=1, help="how many (default: 1)")
    make(commands, "show", show).add_argument("id", help="id of the claim")


def locate(options: argparse.Namespace) -> int:
    """locate: prints the evidence object of a passage."""
    records = {record["id"]: record for record in read_fixtures_of(options)["documents"]}
    document = records.get(options.document)
    if document is None:
        known = ", ".join(records) or "none"
        print(f"no document {options.document}; documents.json has: {known}", file=sys.stderr)
        return 2
    text = (options.documents / document["file"]).read_bytes().decode("utf-8")
    passage, near = options.text, None
    places = curation.locate(document, text, passage)
    if not places and (near := locating.nearest(text, passage)) is not None and options.nearest:
        passage, places = near, curation.locate(document, text, near)
    for evidence in places:
        print(json.dumps(evidence, indent=2))
    terminal.print_located(document["file"], options.text, text, places, near)
    return 0 if places else 1


def new_id(options: argparse.Namespace) -> int:
    """new-id: prints ids that nothing has."""
    for identifier in curation.new_ids(
        read_fixtures_of(options), f"{options.kind}_", options.count
    ):
        print(identifier)
    return 0


def show(options: argparse.Namespace) -> int:
    """show: prints one claim to be read."""
    store = open_fixtures(fixtures_of(options))
    try:
        terminal.print_claim(json.loads(store.get(options.id)))
    except ClaimNotFound:
        print(f"there is no claim {options.id}", file=sys.stderr)
        return 1
    except ClaimRetired as retired:
        tombstone = retired.tombstone
        print(f"{tombstone.id} was retired on {tombstone.withdrawn_on}: {tombstone.reason}")
        if tombstone.replaced_by:
            print(f"replaced by {tombstone.replaced_by}")
    return 0


def _count(text: str) -> int:
    """A number of things; int() alone would take ``1_0`` and ``-1``."""
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 9999")
    return int(text)
