"""What several commands share: which fixtures are meant, and how options are called."""

import argparse
from pathlib import Path
from typing import Any

from service.cli import terminal
from service.compiler import SHIPPED, Fixtures, check_fixtures
from service.config import Config

DIRECTORY: dict[str, Any] = {"type": Path, "metavar": "DIR"}
FILES = "directory of the document files"
SCHEDULER: dict[str, Any] = {
    "metavar": "ADDRESS",
    "help": "a scheduler of dask whose workers build it, such as tcp://one.example:8786",
}


def fixtures_of(options: argparse.Namespace) -> Path:
    """The directory that was named, else the exported one, else the shipped data."""
    return options.fixtures or Config.from_env().fixtures or SHIPPED


def read_fixtures_of(options: argparse.Namespace) -> Fixtures:
    """The fixtures that are meant, which are valid. Raises ``DataRefused``."""
    with terminal.progress() as bars:
        return check_fixtures(fixtures_of(options), bars.track)
