"""How the commands that write curated files are called."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from schemas.date import BASES
from schemas.records.change import CURATED
from service.cli import history
from service.cli.curators import drafting, workbench, writing
from service.curation.writers.proving import accepted_rule

Make = Callable[..., argparse.ArgumentParser]
"""Makes a command of a name and a function."""
_DIRECTORY: dict[str, Any] = {"type": Path, "metavar": "DIR"}
_PATH: dict[str, Any] = {"type": Path, "metavar": "FILE"}
_FROM: dict[str, Any] = {"dest": "source", **_PATH}
_ABOUT: Mapping[str, str] = {
    "id": "part of every identifier of linked data (default: the name of the directory)",
    "title": "what it is called (default: the name of the directory)",
    "description": "what it is about",
    "publisher": "who publishes it",
    "contact": "an e-mail address, or the address of a page",
    "licence": "the SPDX id of a licence, such as CC-BY-4.0",
    "attribution": "how others are to name it",
}
_ABOUT_DOCUMENT: Mapping[str, str] = {
    "title": "the headline (default: the first line)",
    "publisher": "id of an agent (default: an unnamed agent of its own)",
    "language": "a language tag (default: that of the data set)",
    "url": "where it was published",
    "dateline": "as it is printed",
    "note": "how the date of publication is known; needed for inferred and external",
}


def add_commands(commands: Any, make: Make) -> None:
    """Adds the commands; ``make`` gives each the option ``--fixtures``, unless told not to."""
    make = _writing(make)
    _init(make(commands, "init", writing.init, fixtures=None))
    _add_document(make(commands, "add-document", writing.add_document))
    _add(make(commands, "add", writing.add))
    _revise(make(commands, "revise", writing.revise))
    _withdraw(make(commands, "withdraw", writing.withdraw))
    _supersede(make(commands, "supersede", writing.supersede))
    _merge(make(commands, "merge", writing.merge))
    _relocate(make(commands, "relocate", writing.relocate))
    drafting.add_options(make(commands, "draft", drafting.draft))
    workbench.add_options(make(commands, "curate", workbench.curate))
    workbench.add_settling_options(make(commands, "settle", workbench.settle))


def _writing(make: Make) -> Make:
    """Makes commands of which is said, where they fail, that nothing was written; without a
    directory they write to the current one, and never to the shipped data.
    """

    def made(*arguments: Any, **options: Any) -> argparse.ArgumentParser:
        command = make(*arguments, **{"fixtures": "the current directory", **options})
        command.set_defaults(done="written")
        return command

    return made


def _init(command: argparse.ArgumentParser) -> None:
    command.add_argument("directory", **_DIRECTORY, help="where it is made")
    for name, told in _ABOUT.items():
        command.add_argument(f"--{name}", metavar=name.upper(), help=told)
    told = "a language that it is written in, such as en; may be given again"
    command.add_argument("--language", action="append", metavar="TAG", help=told)


def _add_document(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", **_PATH, help="plain text in UTF-8")
    day = "when it was published: an EDTF date such as 2026-03-10"
    command.add_argument("--published", metavar="EDTF", required=True, help=day)
    told = "how that date is known (default: stated, printed in the text)"
    command.add_argument("--basis", choices=BASES, default=BASES[0], help=told)
    for name, told in _ABOUT_DOCUMENT.items():
        command.add_argument(f"--{name}", metavar=name.upper(), help=told)
    told = "record a copy with line ends LF, NFC, no byte order mark; the file is left as it is"
    command.add_argument("--normalise", action="store_true", help=told)


def _add(command: argparse.ArgumentParser) -> None:
    command.add_argument("reading", nargs="?", type=Path, help="a file of readings/")
    command.add_argument("--from", **_FROM, help="JSON: a record, or a list of them")
    told = "make the agents, and other records, that the reading lists and the data set lacks"
    command.add_argument("--make-agents", action="store_true", help=told)
    command.add_argument("--reason", type=history.reason, help="why, if that is to be told")
    _add_kind(command)
    _add_proof(command)


def _revise(command: argparse.ArgumentParser) -> None:
    _change(command)
    told = "JSON: the keys that change, or the whole record"
    told += " (default: the record is opened in the workbench)"
    command.add_argument("--from", **_FROM, help=told)
    _add_proof(command)


def _withdraw(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", help="of the record")
    told = "why, as it is told with the change (default: asked for on a page that shows the record)"
    command.add_argument("--reason", type=history.reason, help=told)
    _add_kind(command)


def _supersede(command: argparse.ArgumentParser) -> None:
    _change(command)
    heir = command.add_mutually_exclusive_group()
    heir.add_argument("--by", metavar="ID", help="the record in its place")
    heir.add_argument(
        "--from",
        **_FROM,
        help="JSON: a new record in its place (default: the record is opened in the workbench)",
    )
    _add_proof(command)


def _merge(command: argparse.ArgumentParser) -> None:
    command.add_argument("other", **_DIRECTORY, help="directory of the other data set")
    clashing = command.add_mutually_exclusive_group()
    told = "where both changed a record, each otherwise, keep it as it is here"
    clashing.add_argument("--keep-ours", action="store_true", help=told)
    told = "choose one side of each such record on a page, with a reason"
    clashing.add_argument("--choose", action="store_true", help=told)


def _relocate(command: argparse.ArgumentParser) -> None:
    command.add_argument("document", metavar="ID", help="the document whose text was changed")
    command.add_argument("file", **_PATH, help="the changed text, under another file name")
    _add_reason(command)
    _add_proof(command)


def _change(command: argparse.ArgumentParser) -> None:
    """What is told of a record that changes."""
    command.add_argument("id", metavar="ID", help="of the record")
    _add_reason(command)
    _add_kind(command)


def _add_reason(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reason", type=history.reason, required=True, help="why, as it is told with the change"
    )


def _add_kind(command: argparse.ArgumentParser) -> None:
    told = "of the record (default: claim, or what the id tells)"
    command.add_argument("--kind", choices=tuple(CURATED), help=told)


def _add_proof(command: argparse.ArgumentParser) -> None:
    told = f"of the document files (default: {writing.DOCUMENTS} in that of the data set)"
    command.add_argument("--documents", **_DIRECTORY, help=f"directory {told}")
    told = "accept the warnings of a rule, for a reason that is recorded; may be given again"
    command.add_argument(
        "--accept", action="append", default=[], type=_accepted, metavar="RULE:REASON", help=told
    )


def _accepted(text: str) -> tuple[str, str]:
    try:
        name, why = accepted_rule(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return name, history.reason(why)
