"""The arguments of the command; those of filters are made from the contract."""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, NoReturn

from policy_claims.parameters import BY, FILTERS, SORT, Parameter

URL = "http://127.0.0.1:8000"
ROWS = 25
"""Rows of a table, unless told otherwise."""
VOCABULARIES = ("documents", "agents", "topics", "occasions", "places")
FORMATS = ("table", "csv", "json", "ndjson")
OPTIONS = [
    f"--{name.replace('_', '-')}"
    for name in (*FILTERS, "sort", "by", "url", "format", "rows", "receipt", "state")
]
USAGE = "%(prog)s [OPTION ...]"
"""In place of a usage that lists forty options."""
BEFORE_COMMAND = frozenset({"--url", "--format", "--rows"})
MAY_BEGIN_WITH_MINUS = frozenset({"--q", "--sort"})


class Parser(argparse.ArgumentParser):
    """Options are never abbreviated; all faults have one form."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(allow_abbrev=False, **arguments)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"policy-claims-query: {message}\n")

    def refuse(self, unknown: Sequence[str], known: Sequence[str]) -> NoReturn:
        """Ends, and names what was probably meant by each argument that is not known."""
        faults = []
        for argument in (text.partition("=")[0] for text in unknown):
            near = difflib.get_close_matches(argument, known, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            faults.append(f"{argument} is no argument{hint}")
        self.error("; ".join(faults))


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; ``claims`` is the command where none is named. Exits where one is wrong."""
    parser, commands = build()
    names = [*commands, "-h", "--help", "--version"]
    argv = _command_first(argv, names)
    arguments, unknown = parser.parse_known_args(_as_options(argv))
    if unknown:
        options = [text for text in unknown if text.startswith("-")]
        parser.refuse(options or unknown, [*OPTIONS, *commands])
    return arguments


def _command_first(argv: Sequence[str], commands: Sequence[str]) -> list[str]:
    """The arguments with the command at the front, ``claims`` if there is none. Options of every
    command may stand before it, as in ``--url URL topics``.
    """
    place = 0
    while place < len(argv) and argv[place].partition("=")[0] in BEFORE_COMMAND:
        place += 1 if "=" in argv[place] else 2
    if place < len(argv) and argv[place] in commands:
        return [argv[place], *argv[:place], *argv[place + 1 :]]
    return ["claims", *argv]


def _as_options(argv: Sequence[str]) -> list[str]:
    """Names of parameters as names of options (``--goals_only``), and ``--sort -announced`` as one
    argument, because argparse takes such a value for an option.
    """
    arguments: list[str] = []
    for argument in argv:
        if arguments and arguments[-1] in MAY_BEGIN_WITH_MINUS:
            arguments[-1] += f"={argument}"
        elif argument.startswith("--"):
            name, equals, value = argument.partition("=")
            arguments.append(name.replace("_", "-") + equals + value)
        else:
            arguments.append(argument)
    return arguments


def selection(arguments: argparse.Namespace) -> dict[str, str]:
    """The parameters of the request. Values of lists are joined; the service judges them."""
    names = (*FILTERS, "sort", "by")
    given = {name: getattr(arguments, name, None) for name in names}
    return {
        name: ",".join(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None
    }


def build() -> tuple[Parser, dict[str, Parser]]:
    """The parser, and that of each command by name."""
    parser = Parser(
        prog="policy-claims-query",
        description="Claims of a policy claims service, as a table, CSV, JSON or NDJSON. "
        "A list takes values with commas between, or the option several times.",
    )
    release = version("policy-claims-client")
    parser.add_argument("--version", action="version", version=release)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    _add_questions(commands.add_parser)
    _add_following(commands.add_parser)
    return parser, commands.choices


Adder = Callable[..., Parser]
"""Makes the parser of a command, by its name and what it is for."""


def _add_questions(add: Adder) -> None:
    """The commands that ask for claims, counts and vocabularies."""
    claims = add("claims", usage=USAGE, help="the claims that match (the default)")
    _add_filters(claims)
    _add(claims, "sort", SORT)
    counts = add(
        "counts", usage=f"{USAGE} --by LIST", help="how many claims there are in each group"
    )
    _add_filters(counts)
    _add(counts, "by", BY, required=True)
    for command in (claims, counts):
        command.add_argument(
            "--receipt", metavar="FILE", help="write a receipt of the answer, for check"
        )
    vocabularies = [
        add(name, help=f"the {name}, whose ids are values of filters") for name in VOCABULARIES
    ]
    for command in (claims, counts, *vocabularies):
        _add_output(command)
        command.add_argument(
            "--rows",
            type=_count,
            default=ROWS,
            help=f"most rows of a table ({ROWS}); others are whole",
        )


def _add_following(add: Adder) -> None:
    """The commands that go on from a file of an earlier run."""
    changes = add("changes", help="all changes, or those since the last run")
    changes.add_argument(
        "--state", metavar="FILE", help="begin where FILE says, and write there where it ended"
    )
    _add_output(changes)
    check = add("check", help="whether the answer of a receipt is still the same")
    check.add_argument("file", metavar="FILE", help="a receipt")
    check.add_argument("--url", help="the service (default: that of the receipt)")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url",
        default=os.environ.get("POLICY_CLAIMS_URL", URL),
        help=f"the service (default: POLICY_CLAIMS_URL, or {URL})",
    )
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.set_defaults(receipt=None)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rows")
    return int(text)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("filters (all of them must hold)")
    for name, parameter in FILTERS.items():
        _add(group, name, parameter)


def _add(
    parser: argparse._ActionsContainer, name: str, parameter: Parameter, required: bool = False
) -> None:
    how: dict[str, Any] = {"metavar": parameter.type.upper()}
    words = parameter.description.replace("`", "")
    if parameter.values:
        words += f" Known: {', '.join(parameter.values)}."
    if parameter.type == "list":
        how["action"] = "append"
    if parameter.type == "boolean":
        how |= {"nargs": "?", "const": "true", "metavar": "true|false"}
    parser.add_argument(
        f"--{name.replace('_', '-')}",
        dest=name,
        required=required,
        help=words.replace("%", "%%"),
        **how,
    )
