"""The command ``policy-claims``: for curators, and for those who build or serve a data set."""

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused
from schemas.records.vocabularies import VOCABULARIES
from service import curation
from service.cli import history, terminal
from service.compiler import SHIPPED, BuildFailed, Fixtures, check_fixtures, open_fixtures
from service.compiler import build_dataset as build_at
from service.compiler.publish import publish as publish_in
from service.compiler.write import reindex as reindex_at
from service.config import Config, ServerConfig, SettingRefused
from service.store.dataset_format import CLAIMS, current
from service.store.files import regular
from service.store.protocol import ClaimNotFound, ClaimRetired, DatasetUnavailable

Command = Callable[[argparse.Namespace], int]

_PLACE = "CLAIMS_DATASET={place}"
_FIRST_TOPIC = re.compile(rb'"topics":\s*\[\s*(?:\{\s*"id":\s*)?"([a-z0-9-]{1,64})"')
_BEGINNING_BYTES = 64 * 1024
"""Bytes of a file of claims in which the first claim is looked for."""
_FILES = "directory of the document files"
_VERIFIED = f"{_FILES}: verify first, and refuse what does not hold"
_DIRECTORY: dict[str, Any] = {"type": Path, "metavar": "DIR"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status 0 when all is well, 1 when something is wrong with the data,
    2 when something is wrong with the command line.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # as standard error does by itself
        sys.stdout.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except DataRefused as refused:
        for fault in refused.faults:
            print(fault, file=sys.stderr)
        where = f" in {_fixtures(options)}" if "fixtures" in options else ""
        print(f"{refused.summary}{where}; nothing was built", file=sys.stderr)
    except BrokenPipeError:  # `head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{error.filename or 'the files'}: {error.strerror or error}", file=sys.stderr)
    except (BuildFailed, DatasetUnavailable, SettingRefused, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
    return 1


def check(options: argparse.Namespace) -> int:
    """check: validates the fixtures, and holds the claims to the rules that need no document."""
    fixtures = _read(options)
    with terminal.progress() as bars:
        findings = curation.check(fixtures, bars.track)
    kinds = ("claims", *VOCABULARIES, "changes")
    print(", ".join(f"{len(fixtures[kind])} {kind}" for kind in kinds) + ": all valid")
    terminal.print_findings(findings, _fixtures(options))
    return 1 if findings.errors else 0


def build(options: argparse.Namespace) -> int:
    """build: compiles a data set directory."""
    if not _holds(options):
        return 1
    epoch = Config.from_env().epoch
    return _make(_PLACE, build_at, _fixtures(options), options.out, epoch=epoch)


def publish(options: argparse.Namespace) -> int:
    """publish: builds a data set and makes it the one that running servers answer from."""
    if not _holds(options):
        return 1
    config, setting = Config.from_env(), "CLAIMS_DATASETS={place.parent}"
    places = _fixtures(options), options.directory
    settings = {"epoch": config.epoch, "restart": options.restart, "keep": config.keep}
    return _make(setting, publish_in, *places, **settings)


def reindex(options: argparse.Namespace) -> int:
    """reindex: builds the index of a data set anew, after an update of the service."""
    return _make(_PLACE, reindex_at, options.directory)


def _make(setting: str, make: Callable[..., Path], *arguments: Path, **options: Any) -> int:
    """Makes a data set, proves it, and says with which ``setting`` it is served."""
    from service.cli.proof import prove_answers  # loads the whole service, which few commands need

    with terminal.progress() as bars:
        place = make(*arguments, bars.track, prove=prove_answers, **options)
    print(place)
    setting = setting.format(place=place)
    terminal.err.print(f"serve it with: {setting} policy-claims serve", soft_wrap=True)
    return 0


def verify(options: argparse.Namespace) -> int:
    """verify: proves hashes, spans and quotes against the documents, and holds the claims to all
    rules.
    """
    verification = _verification(options)
    terminal.print_verified(verification)
    terminal.print_findings(verification.findings, _fixtures(options))
    return 0 if verification.holds else 1


def _verification(options: argparse.Namespace) -> curation.Verification:
    fixtures = _read(options)
    with terminal.progress() as bars:
        return curation.verify(fixtures, options.documents, bars.track)


def _holds(options: argparse.Namespace) -> bool:
    """Whether a data set may be made as far as the documents tell, where they are at hand."""
    if options.documents is None:
        return True
    verification = _verification(options)
    terminal.print_mismatches(verification, terminal.err)
    terminal.print_findings(verification.findings, _fixtures(options), terminal.err)
    return verification.holds


def locate(options: argparse.Namespace) -> int:
    """locate: prints the evidence object of a passage."""
    records = {record["id"]: record for record in _read(options)["documents"]}
    document = records.get(options.document)
    if document is None:
        known = ", ".join(records) or "none"
        print(f"no document {options.document}; documents.json has: {known}", file=sys.stderr)
        return 2
    text = (options.documents / document["file"]).read_bytes().decode("utf-8")
    places = curation.locate(document, text, options.text)
    for evidence in places:
        print(json.dumps(evidence, indent=2))
    if not places:
        print(f"{document['file']} does not hold that passage, to the character", file=sys.stderr)
    return 0 if places else 1


def new_id(options: argparse.Namespace) -> int:
    """new-id: prints ids that nothing has."""
    for identifier in curation.new_ids(_read(options), f"{options.kind}_", options.count):
        print(identifier)
    return 0


def show(options: argparse.Namespace) -> int:
    """show: prints one claim to be read."""
    store = open_fixtures(_fixtures(options))
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
    config = Config.from_env()  # a setting that cannot be meant is refused here, not by workers
    if options.fixtures is not None:  # named here and now, it wins over what was exported once
        os.environ["CLAIMS_FIXTURES"] = str(options.fixtures)
        os.environ.pop("CLAIMS_DATASET", None)
        os.environ.pop("CLAIMS_DATASETS", None)
        config = Config.from_env()
    address = ServerConfig.from_env().url
    print(
        f"Policy claims on {address}\n"
        f"  in a browser:  {address}/\n"
        f"  in a terminal: curl '{address}/v1/claims?{example_query(config)}'",
        flush=True,
    )
    command = [sys.executable, "-m", "service.server"]
    os.execv(sys.executable, command)  # noqa: S606  # nosec B606  # no shell is wanted


def example_query(config: Config) -> str:
    """A query that finds something: claims on the first topic of the first claim, or any claims
    where that is not to be had from the first bytes of a file.
    """
    if config.dataset or config.datasets:
        place = config.dataset or current(config.datasets or Path())
        files = [place / CLAIMS] if place else []
    else:
        fixtures = config.fixtures or SHIPPED
        files = [fixtures / "claims.json", fixtures / CLAIMS]
    for path in files:
        with suppress(OSError, ValueError), regular(path) as file:
            if topic := _FIRST_TOPIC.search(file.read(_BEGINNING_BYTES)):
                return f"topic={topic[1].decode()}&limit=1"
    return "limit=1"


def _fixtures(options: argparse.Namespace) -> Path:
    """The directory that was named, else the exported one, else the shipped data."""
    return options.fixtures or Config.from_env().fixtures or SHIPPED


def _read(options: argparse.Namespace) -> Fixtures:
    with terminal.progress() as bars:
        return check_fixtures(_fixtures(options), bars.track)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policy-claims", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "check", check)
    building = _add(commands, "build", build)
    building.add_argument("--out", **_DIRECTORY, required=True, help="where data sets are kept")
    building.add_argument("--documents", **_DIRECTORY, help=_VERIFIED)
    publishing = _add(commands, "publish", publish)
    publishing.add_argument("directory", **_DIRECTORY, help="where the servers' data sets are kept")
    publishing.add_argument("--documents", **_DIRECTORY, help=_VERIFIED)
    because = "why it begins another history, and is no continuation of what was published"
    publishing.add_argument("--restart", type=history.reason, metavar="REASON", help=because)
    verifying = _add(commands, "verify", verify)
    verifying.add_argument("--documents", **_DIRECTORY, required=True, help=_FILES)
    locating = _add(commands, "locate", locate)
    locating.add_argument("document", help="id of the document in documents.json")
    locating.add_argument("text", help="the passage, to the character")
    locating.add_argument("--documents", **_DIRECTORY, required=True, help=_FILES)
    ids = _add(commands, "new-id", new_id)
    ids.add_argument("--kind", choices=("clm", "doc"), default="clm", help="claim or document")
    ids.add_argument("--count", type=_count, default=1, help="how many (default: 1)")
    _add(commands, "show", show).add_argument("id", help="id of the claim")
    recorder = _add(commands, "record", history.record, fixtures=False)
    history.add_options(recorder, required=True)
    returning = _add(commands, "rollback", history.rollback, fixtures=False)
    returning.add_argument("version", type=history.version, help="of a data set that is kept there")
    history.add_options(returning, required=False)
    reindexing = _add(commands, "reindex", reindex, fixtures=False)
    reindexing.add_argument("directory", **_DIRECTORY, help="a built data set")
    _add(commands, "serve", serve)
    return parser


def _add(
    commands: Any, name: str, command: Command, fixtures: bool = True
) -> argparse.ArgumentParser:
    """A command, explained by its docstring, with the option that nearly all of them have."""
    text = (command.__doc__ or "").partition(": ")[2]
    added: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    added.set_defaults(command=command)
    if fixtures:
        text = "directory of the curated JSON files (default: the shipped data)"
        added.add_argument("--fixtures", **_DIRECTORY, help=text)
    return added


def _count(text: str) -> int:
    """A number of things; int() alone would take ``1_0`` and ``-1``."""
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 9999")
    return int(text)
