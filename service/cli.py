"""The command ``policy-claims``: for curators, for whoever builds a data set, for whoever serves
it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from schemas.faults import DataRefused
from service import curation, terminal
from service.build import SHIPPED, check_fixtures, compile_files
from service.build.reading import Fixtures
from service.build.writing import write_dataset
from service.config import Config, SettingRefused
from service.store import ClaimNotFound, ClaimRetired, DatasetUnavailable
from service.store.dataset import from_files
from service.store.tantivy_store import TantivyStore

Command = Callable[[argparse.Namespace], int]

_FILES = "directory of the document files"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status 0 when all is well, 1 when something is wrong with the data,
    2 when something is wrong with the command line.
    """
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except DataRefused as refused:
        for fault in refused.faults:
            print(fault, file=sys.stderr)
        print(f"{len(refused.faults)} fault(s); nothing was built", file=sys.stderr)
    except (DatasetUnavailable, SettingRefused, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
    return 1


def check(options: argparse.Namespace) -> int:
    """check: validates the fixtures."""
    fixtures = _read(options)
    print(
        f"{len(fixtures.claims)} claims, {len(fixtures.documents)} documents, "
        f"{len(fixtures.agents)} agents, {len(fixtures.topics)} topics, "
        f"{len(fixtures.occasions)} occasions, {len(fixtures.changes)} changes: all valid"
    )
    return 0


def build(options: argparse.Namespace) -> int:
    """build: compiles a data set directory."""
    with terminal.working("Compiling the data set"):
        place = write_dataset(compile_files(options.fixtures), options.out)
    print(place)
    terminal.err.print(f"serve it with: CLAIMS_DATASET={place} policy-claims serve", soft_wrap=True)
    return 0


def verify(options: argparse.Namespace) -> int:
    """verify: proves hashes, spans and quotes against the documents."""
    results = curation.verify(_read(options), options.documents)
    terminal.print_verified(results)
    return 1 if any(result.mismatches for result in results) else 0


def locate(options: argparse.Namespace) -> int:
    """locate: prints the evidence object of a passage."""
    records = {record["id"]: record for record in _read(options).documents}
    document = records.get(options.document)
    if document is None:
        known = ", ".join(records) or "none"
        print(f"no document {options.document}; documents.json has: {known}", file=sys.stderr)
        return 2
    text = (options.documents / document["file"]).read_bytes().decode("utf-8")
    found = curation.locate(document, text, options.text)
    for evidence in found:
        print(json.dumps(evidence, indent=2))
    if not found:
        print(f"{document['file']} does not hold that passage, to the character", file=sys.stderr)
    return 0 if found else 1


def new_id(options: argparse.Namespace) -> int:
    """new-id: prints ids that nothing has."""
    prefix = f"{options.kind}_"
    for identifier in curation.new_ids(prefix, options.count, curation.taken_ids(_read(options))):
        print(identifier)
    return 0


def show(options: argparse.Namespace) -> int:
    """show: prints one claim to be read."""
    store = TantivyStore(from_files(compile_files(options.fixtures)))
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


def serve(options: argparse.Namespace) -> int:
    """serve: answers over HTTP until stopped."""
    Config.from_env()  # a setting that cannot be meant is refused here, not in every worker
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    if options.fixtures != SHIPPED:
        os.environ["CLAIMS_FIXTURES"] = str(options.fixtures)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(
        f"Policy claims on {address}\n"
        f"  in a browser:  {address}/\n"
        f"  in a terminal: curl '{address}/v1/claims?q=drones&limit=1'",
        flush=True,
    )
    command = [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"]
    os.execv(sys.executable, command)  # noqa: S606  # no shell is wanted


def _read(options: argparse.Namespace) -> Fixtures:
    with terminal.working("Checking the fixtures"):
        return check_fixtures(options.fixtures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policy-claims", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        text = (command.__doc__ or "").partition(": ")[2]
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        added.add_argument(
            "--fixtures",
            type=Path,
            default=Path(os.environ.get("CLAIMS_FIXTURES") or SHIPPED),
            metavar="DIR",
            help="directory of the curated JSON files (default: the shipped data)",
        )
        return added

    add("check", check)
    add("build", build).add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where data sets are kept"
    )
    verifying = add("verify", verify)
    verifying.add_argument("--documents", type=Path, required=True, metavar="DIR", help=_FILES)
    locating = add("locate", locate)
    locating.add_argument("document", help="id of the document in documents.json")
    locating.add_argument("text", help="the passage, to the character")
    locating.add_argument("--documents", type=Path, default=Path(), metavar="DIR", help=_FILES)
    ids = add("new-id", new_id)
    ids.add_argument("--kind", choices=("clm", "doc"), default="clm", help="claim or document")
    ids.add_argument("--count", type=_count, default=1, help="how many (default: 1)")
    add("show", show).add_argument("id", help="id of the claim")
    add("serve", serve)
    return parser


def _count(text: str) -> int:
    """A number of things; int() alone would take ``1_0`` and ``-1``."""
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 9999")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
