"""Commands that write changes into fixtures, and how their options are read."""

import argparse
import datetime as dt
from pathlib import Path

from schemas.fields import Text
from schemas.records.dataset import MAX_REASON
from service.compiler.pending import Edit
from service.config import Config
from service.curation import recording
from service.curation.writers.files.rewriting import write_state
from service.store.dataset_format import VERSION, current
from service.store.protocol import DatasetUnavailable


def record(options: argparse.Namespace) -> int:
    """record: writes the changes that fixtures lack since they were published."""
    published = recording.published_state(_current(options.datasets))
    with Edit(options.fixtures) as edit:
        fixtures = recording.fixtures_state(edit.directory)
        recorded = recording.record_changes(published, fixtures, occurrence(options.reason))
        write_state(edit, recorded)
    return _recorded(len(recorded.changes) - len(fixtures.changes), options.fixtures)


def rollback(options: argparse.Namespace) -> int:
    """rollback: writes fixtures that lead back to an earlier publication by further changes."""
    published = recording.published_state(_current(options.datasets))
    earlier = recording.published_state(options.datasets / options.version)
    why = occurrence(options.reason or f"Back to the data set {options.version}.")
    state, renamed = recording.roll_back(published, earlier, why)
    with Edit(options.fixtures) as edit:
        write_state(edit, state)
    for before, identifier in renamed.items():
        print(f"{before} was retired since, and an id is used once: it is {identifier} now")
    return _recorded(len(state.changes) - len(published.changes), options.fixtures)


def _current(datasets: Path) -> Path:
    """The published data set of a directory. Raises ``DatasetUnavailable``."""
    place = current(datasets)
    if place is None:
        raise DatasetUnavailable("nothing was published there", datasets)
    return place


def occurrence(reason: str | None) -> recording.Occurrence:
    """What happens today, for a reason; ``SOURCE_DATE_EPOCH`` may say which day that is."""
    epoch = Config.from_env().epoch
    now = dt.datetime.now(dt.UTC) if epoch is None else dt.datetime.fromtimestamp(epoch, dt.UTC)
    return recording.Occurrence(reason, now.date().isoformat())


def _recorded(count: int, fixtures: Path) -> int:
    print(f"{count} change(s) recorded in {fixtures}")
    return 0


def add_options(command: argparse.ArgumentParser, *, required: bool) -> None:
    """What both commands are told; whether a reason is ``required``."""
    published = "directory of the servers' data sets"
    command.add_argument("--datasets", type=Path, metavar="DIR", required=True, help=published)
    written = "directory of the curated JSON files, which are written"
    command.add_argument("--fixtures", type=Path, metavar="DIR", required=True, help=written)
    why = "why, as it is recorded with each change"
    command.add_argument("--reason", type=reason, metavar="REASON", required=required, help=why)


def version(text: str) -> str:
    """The name of a data set's directory, and no path."""
    if not VERSION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version: 16 hexadecimal digits")
    return text


def reason(text: str) -> str:
    """A sentence that says why, as it is recorded with a change."""
    field = Text(MAX_REASON)
    if not field.takes(text):
        raise argparse.ArgumentTypeError(f"a reason is {field.allowed}")
    return text
