"""The command that compares two readings."""

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.table import Column, Table

from service.cli import terminal
from service.cli.common import fixtures_of
from service.compiler.pending import EditRefused
from service.curation import readings
from service.curation.agreement.figures import LEAST_ALPHA, Agreement, Difference, agreement_of
from service.curation.agreement.matching import claim_units, match
from service.curation.readings import Reading
from service.curation.writers.files.describing import write_agreement


def add_command(commands: Any, make: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds the command; ``make`` gives it the option ``--fixtures``."""
    comparing = make(commands, "agree", agree)
    comparing.set_defaults(done="written")
    for name in ("a", "b"):
        told = "a coder, all of whose readings are compared, or the file of one reading"
        comparing.add_argument(name, metavar=name.upper(), help=told)
    told = "file that the differences are written to, a line each"
    comparing.add_argument("--csv", type=Path, metavar="FILE", help=told)
    told = "write the figures into dataset.json"
    comparing.add_argument("--write", action="store_true", help=told)


def agree(options: argparse.Namespace) -> int:
    """agree: compares what two coders made of the same documents, field by field."""
    if options.write and options.fixtures is None:
        raise EditRefused("which data set? Name its directory with --fixtures DIR")
    directory = fixtures_of(options)
    sides = [_readings(directory, name) for name in (options.a, options.b)]
    both = [name for name in sides[0] if name in sides[1]]
    if not both:
        raise EditRefused(f"{options.a} and {options.b} have read no document in common")
    pairs = [(sides[0][document], sides[1][document]) for document in both]
    for one, other in pairs:
        readings.expect_comparable(one, other)
    try:
        agreement = agreement_of([match(claim_units(a), claim_units(b)) for a, b in pairs])
    except ImportError as error:
        raise EditRefused(f"{error}: pip install 'policy-claims[agreement]'") from None
    _print(agreement)
    if options.csv is not None:
        _write_csv(options.csv, agreement)
    if options.write:
        write_agreement(directory, agreement.as_json())
        terminal.err.print(f"written to {directory / 'dataset.json'}", soft_wrap=True)
    return 0


def _readings(directory: Path, name: str) -> dict[str, Reading]:
    """The readings of a coder, or the one in a file, by document."""
    paths = [Path(name)]
    if not paths[0].is_file():
        paths = sorted((directory / readings.DIRECTORY).glob(f"*.{name}.json"))
    if not paths:
        where = directory / readings.DIRECTORY
        raise EditRefused(f"{name} is no file, and no coder of a reading in {where}")
    read = [readings.read(path) for path in paths]
    return {reading["document"]: reading for reading in read}


def _print(agreement: Agreement) -> None:
    """A table of the figures, the differences, and which rules need mending."""
    numbers = (Column(heading, justify="right") for heading in ("per cent", "alpha", "n"))
    dice = "none" if agreement.dice is None else f"{agreement.dice:.3f}"
    table = Table("field", *numbers, title=f"{agreement.units} units matched, Dice {dice}")
    for figure in agreement.fields:
        alpha = "" if figure.alpha is None else f"{figure.alpha:.2f}"
        percent = "" if figure.percent is None else str(figure.percent)
        table.add_row(figure.field, percent, alpha, str(figure.n))
    terminal.out.print(table)
    for difference in agreement.differences:
        terminal.print_line(_line(difference))
    for figure in agreement.fields:
        if figure.is_low:
            said = f"{figure.field}: alpha {figure.alpha:.2f} is below {LEAST_ALPHA}"
            terminal.print_line(f"{said}: its rule in the codebook needs mending")


def _line(difference: Difference) -> str:
    document, a, b, field, one, other = difference
    where = a if a == b else f"{a or 'none'} | {b or 'none'}"
    return f"{document} {where}: {field}: {one} | {other}"


def _write_csv(path: Path, agreement: Agreement) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(Difference._fields)
        rows.writerows(agreement.differences)
    print(f"{len(agreement.differences)} difference(s) in {path}", file=sys.stderr)
