"""A directory of data sets: which of them is current, and which others there are."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from service.store.files import regular

CURRENT = "current"
"""The symbolic link to the data set that is to be served."""
PUBLISHED = ".published"
"""A file with the versions that were published, a line each, the last one at the end. What is not
named there was only built, and is nobody's to remove."""
_MOST_LISTED = 64 * 1024
VERSION = re.compile("[0-9a-f]{16}")
"""The name of a data set's directory."""


def current(directory: Path) -> Path | None:
    """Where ``current`` leads, be anything there or not; ``None`` when there is no such name.

    By its own path, so that all of one data set is read though the link moves on.
    """
    link = directory / CURRENT
    return Path(os.path.realpath(link)) if os.path.lexists(link) else None


def published(directory: Path) -> list[str]:
    """The versions that were published, the last one at the end; none where that is unknown.

    Raises ``OSError`` for a list that is there and cannot be read.
    """
    with suppress(FileNotFoundError, ValueError), regular(directory / PUBLISHED) as file:
        versions = file.read(_MOST_LISTED).decode().split()
        return [version for version in versions if VERSION.fullmatch(version)]
    return []


def candidates(directory: Path) -> list[Path]:
    """The data sets of a directory in the order in which they are to be served, none twice.

    The current one, then those that were published, the last one first, then
    the others, the newest first.
    """
    home, first = Path(os.path.realpath(directory)), current(directory)
    places = [first] if first else []
    with suppress(OSError):  # then the order is that of the directories
        listed = (home / version for version in reversed(published(directory)))
        places += filter(Path.is_dir, listed)
    with suppress(OSError):
        built = (path for path in home.iterdir() if VERSION.fullmatch(path.name))
        places += sorted(built, key=_age, reverse=True)
    return list(dict.fromkeys(places))


def _age(path: Path) -> int:
    with suppress(OSError):  # removed in between
        return path.stat().st_mtime_ns
    return 0
