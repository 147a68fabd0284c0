"""The command ``policy-claims``: for curators, and for those who build or serve a data set."""

import argparse
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused
from schemas.records.vocabularies import VOCABULARIES
from service import curation
from service.cli import cluster, history, looking, terminal
from service.cli.beginning import become_the_server, example_query
from service.cli.common import DIRECTORY, FILES, SCHEDULER, fixtures_of, read_fixtures_of
from service.cli.curators import agreeing
from service.cli.curators import arguments as curators
from service.compiler import BuildFailed
from service.compiler import build_dataset as build_at
from service.compiler.pending import EditRefused, EditUnfinished
from service.compiler.publish import publish as publish_in
from service.compiler.scheduler import workers_at
from service.compiler.write import reindex as reindex_at
from service.config import Config, ServerConfig, SettingRefused
from service.store.protocol import DatasetUnavailable

Command = Callable[[argparse.Namespace], int]

_TOLD = (BuildFailed, DatasetUnavailable, EditUnfinished, SettingRefused)
"""Exceptions whose words say all."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a full disk, a full quota and a limit on the size of files are told by."""
_PLACE = "CLAIMS_DATASET={place}"
_VERIFIED = f"{FILES}: verify first, and refuse what does not hold"


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
        where = f" in {fixtures_of(options)}" if "fixtures" in options else ""
        print(f"{refused.summary}{where}; nothing was {options.done}", file=sys.stderr)
    except EditRefused as refused:
        print(f"{refused}\nnothing was written", file=sys.stderr)
    except BrokenPipeError:  # `head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        room = f"; nothing was {options.done}: make room, and run it again"
        reason = f"{error.strerror or error}{room if error.errno in _NO_ROOM else ''}"
        print(f"{error.filename or 'the files'}: {reason}", file=sys.stderr)
    except (*_TOLD, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
    return 1


def check(options: argparse.Namespace) -> int:
    """check: validates the fixtures, and holds the claims to the rules that need no document."""
    directory = fixtures_of(options)
    with terminal.progress() as bars:
        checked = curation.check(directory, bars.track)
    if checked.refused is not None:
        for fault in checked.refused.faults:
            print(fault, file=sys.stderr)
        terminal.print_findings(checked.findings, directory, terminal.err)
        print(f"{checked.refused.summary} in {directory}", file=sys.stderr)
        return 1
    kinds = ("claims", *VOCABULARIES, "changes")
    print(", ".join(f"{len(checked.fixtures[kind])} {kind}" for kind in kinds) + ": all valid")
    terminal.print_findings(checked.findings, directory)
    return 1 if checked.findings.errors else 0


def build(options: argparse.Namespace) -> int:
    """build: compiles a data set directory."""
    epoch, verification = Config.from_env().epoch, _verified(options)
    if verification is not None and not verification.holds:
        return 1
    verified = verification and verification.record(epoch)
    places = fixtures_of(options), options.out
    how = {"epoch": epoch, "verified": verified, "scheduler": options.scheduler}
    return _make(_PLACE, build_at, *places, **how)


def publish(options: argparse.Namespace) -> int:
    """publish: builds a data set and makes it the one that running servers answer from."""
    epoch, verification = Config.from_env().epoch, _verified(options)
    if verification is not None and not verification.holds:
        return 1
    verified = verification and verification.record(epoch)
    places, setting = (fixtures_of(options), options.directory), "CLAIMS_DATASETS={place.parent}"
    how = {"epoch": epoch, "restart": options.restart, "verified": verified}
    how |= {"keep": Config.from_env().keep, "scheduler": options.scheduler}
    made = _make(setting, publish_in, *places, **how)
    return made if options.to is None else cluster.publish(options)


def reindex(options: argparse.Namespace) -> int:
    """reindex: builds the index of a data set anew, after an update of the service."""
    return _make(_PLACE, reindex_at, options.directory)


def _make(
    setting: str,
    make: Callable[..., Path],
    *arguments: Path,
    scheduler: str | None = None,
    **options: Any,
) -> int:
    """Makes a data set, proves it, and says with which ``setting`` it is served."""
    from service.cli.proof import prove_answers  # loads the whole service, which few commands need

    with terminal.progress() as bars, ExitStack() as stack:
        if scheduler is not None:
            options["workers"] = stack.enter_context(workers_at(scheduler))
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
    terminal.print_findings(verification.findings, fixtures_of(options))
    return 0 if verification.holds else 1


def _verification(options: argparse.Namespace) -> curation.Verification:
    fixtures = read_fixtures_of(options)
    with terminal.progress() as bars:
        return curation.verify(fixtures, options.documents, bars.track)


def _verified(options: argparse.Namespace) -> curation.Verification | None:
    """What the documents tell of the claims, where they are at hand; says what does not hold."""
    if options.documents is None:
        return None
    verification = _verification(options)
    terminal.print_mismatches(verification, terminal.err)
    terminal.print_findings(verification.findings, fixtures_of(options), terminal.err)
    if not verification.holds:
        print("nothing was built: mend what does not hold", file=sys.stderr)
    return verification


def serve(options: argparse.Namespace) -> int:
    """serve: answers over HTTP until stopped."""
    config = Config.from_env()  # a setting that cannot be meant is refused here, not by workers
    if options.fixtures is not None:  # named here and now, it wins over what was exported once
        os.environ["CLAIMS_FIXTURES"] = str(options.fixtures)
        os.environ.pop("CLAIMS_DATASET", None)
        os.environ.pop("CLAIMS_DATASETS", None)
        os.environ.pop("CLAIMS_STORE", None)
        config = Config.from_env()
    settings = ServerConfig.from_env()
    told = (
        f"Policy claims on {settings.url}\n"
        f"  in a browser:  {settings.url}/\n"
        f"  in a terminal: curl '{settings.url}/v1/claims?{example_query(config)}'"
    )
    if options.watch:
        from service.cli import watching  # loads the whole service, which few commands need

        watching.refuse_others(settings)
        return watching.watch(fixtures_of(options), told)
    print(told, flush=True)
    return become_the_server()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policy-claims", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "check", check)
    building = _add(commands, "build", build)
    building.add_argument("--out", **DIRECTORY, required=True, help="where data sets are kept")
    building.add_argument("--documents", **DIRECTORY, help=_VERIFIED)
    building.add_argument("--scheduler", **SCHEDULER)
    publishing = _add(commands, "publish", publish)
    publishing.add_argument("directory", **DIRECTORY, help="where the servers' data sets are kept")
    publishing.add_argument("--documents", **DIRECTORY, help=_VERIFIED)
    publishing.add_argument("--scheduler", **SCHEDULER)
    because = "why it begins another history, and is no continuation of what was published"
    publishing.add_argument("--restart", type=history.reason, metavar="REASON", help=because)
    cluster.add_options(publishing)
    verifying = _add(commands, "verify", verify)
    verifying.add_argument("--documents", **DIRECTORY, required=True, help=FILES)
    looking.add_commands(commands, _add)
    recorder = _add(commands, "record", history.record, fixtures=None)
    history.add_options(recorder, required=True)
    returning = _add(commands, "rollback", history.rollback, fixtures=None)
    returning.add_argument("version", type=history.version, help="of a data set that is kept there")
    history.add_options(returning, required=False)
    reindexing = _add(commands, "reindex", reindex, fixtures=None)
    reindexing.add_argument("directory", **DIRECTORY, help="a built data set")
    curators.add_commands(commands, _add)
    agreeing.add_command(commands, _add)
    serving = _add(commands, "serve", serve)
    watched = "serve the fixtures again after each edit of them, on this machine only"
    serving.add_argument("--watch", action="store_true", help=watched)
    return parser


def _add(
    commands: Any, name: str, command: Command, fixtures: str | None = "the shipped data"
) -> argparse.ArgumentParser:
    """A command, explained by its docstring, with the option that nearly all of them have, which
    says what its default is.
    """
    text = (command.__doc__ or "").partition(": ")[2]
    added: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    added.set_defaults(command=command, done="built")
    if fixtures is not None:
        default = f"what CLAIMS_FIXTURES says, else {fixtures}"
        text = f"directory of the curated JSON files (default: {default})"
        added.add_argument("--fixtures", **DIRECTORY, help=text)
    return added
