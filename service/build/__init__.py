"""From curated fixtures to a data set: read, check, compute, write.

The one way a claim takes into the service; whatever is wrong is reported all
at once, with file, place, what was found and what is allowed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from schemas.faults import DataRefused, Fault
from service.build.checks import cross_check
from service.build.computing import compute
from service.build.reading import Fixtures, fixture_file, read_fixtures
from service.store.dataset import Dataset, from_files

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures"
"""The curated data that comes with the service."""

__all__ = [
    "SHIPPED",
    "Fixtures",
    "check_fixtures",
    "compile_files",
    "compile_fixtures",
    "compile_records",
]


def check_fixtures(directory: Path) -> Fixtures:
    """Reads the fixtures of a directory. Raises ``DataRefused`` with every fault."""
    fixtures = read_fixtures(directory)
    try:
        cross_check(fixtures)
    except DataRefused as refused:
        raise DataRefused([_named(fault, directory) for fault in refused.faults]) from None
    return fixtures


def _named(fault: Fault, directory: Path) -> Fault:
    """A fault under the name of the file that was really read."""
    return replace(fault, file=fixture_file(directory, fault.file.removesuffix(".json")).name)


def compile_files(directory: Path = SHIPPED) -> dict[str, bytes]:
    """The files of the data set that a directory of fixtures describes.

    Raises ``DataRefused`` with every fault.
    """
    return compute(check_fixtures(directory))


def compile_fixtures(directory: Path = SHIPPED) -> Dataset:
    """The data set that a directory of fixtures describes, in memory. Raises ``DataRefused``."""
    return from_files(compile_files(directory))


def compile_records(fixtures: Fixtures) -> Dataset:
    """The data set of records that were read already. Raises ``DataRefused``."""
    cross_check(fixtures)
    return from_files(compute(fixtures))
