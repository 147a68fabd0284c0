"""From curated fixtures to a data set: read, check, compute, write, publish.

The one way a claim takes into the service. Whatever is wrong is reported all at once, with file,
place, what was found and what is allowed.
"""

from __future__ import annotations

import gc
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from schemas.claim import ClaimSchema
from schemas.faults import DataRefused, Faults
from service.compiler import compute
from service.compiler.check import Checked, Progress, check_records
from service.compiler.read import Fixtures, Record, read_fixtures
from service.compiler.write import BuildFailed, Draft, Prove
from service.store.dataset_format import CHANGES, CLAIMS, RETIRED, canonical
from service.store.tantivy.store import TantivyStore, open_store
from service.store.temporary import writable_directory

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures"
"""The curated data that comes with the service."""
_SERVED = ClaimSchema()
_PROGRESS_EVERY = 500

Source = Path | Fixtures
"""A directory of fixtures, or the records that would lie there."""

__all__ = [
    "SHIPPED",
    "BuildFailed",
    "Fixtures",
    "Progress",
    "Source",
    "build_dataset",
    "check_fixtures",
    "open_fixtures",
]


def _silent(task: str, done: int, total: int) -> None:
    """The progress that nobody sees."""


def check_fixtures(directory: Path, progress: Progress = _silent) -> Fixtures:
    """Reads and checks the fixtures of a directory. Raises ``DataRefused`` with every fault."""
    faults = Faults()
    fixtures = read_fixtures(directory, faults)
    with _without_garbage_collection():
        check_records(fixtures, faults, progress)
    return fixtures


def build_dataset(
    source: Source,
    out: Path,
    progress: Progress = _silent,
    *,
    epoch: int | None = None,
    prove: Prove | None = None,
    durable: bool = True,
) -> Path:
    """Builds a data set at ``out/<version>``, of any size in bounded memory; gives its directory.

    ``epoch`` decides what the data set says of when it was built (seconds since
    1970). ``prove`` is asked about the data set before it takes its place, and
    raises to refuse it. One that is not ``durable`` is not flushed to the disk.
    Raises ``DataRefused`` and ``BuildFailed``; then nothing was built.
    """
    faults = Faults()
    fixtures = source if isinstance(source, Fixtures) else read_fixtures(source, faults)
    with Draft(out, durable) as draft, _without_garbage_collection(), _Spool(draft.path) as spool:
        with draft.file(CHANGES) as file:
            checked = check_records(
                fixtures,
                faults,
                progress,
                keep_claim=spool.add,
                keep_change=lambda change: file.write(canonical(change) + b"\n"),
            )
        with draft.file(CLAIMS) as file:
            for claim in _compiled(checked, spool, progress):
                file.write(canonical(claim) + b"\n")
        for name, records in compute.served_vocabularies(fixtures, checked).items():
            draft.write(f"{name}.ndjson", _lines(records))
        draft.write(RETIRED, _lines(compute.tombstones(checked)))
        when = compute.built_at(checked.changes, epoch)
        return draft.finish(when, compute.counts(fixtures, checked), progress, prove)


def open_fixtures(source: Source = SHIPPED, epoch: int | None = None) -> TantivyStore:
    """A store over fixtures, compiled to a temporary directory.

    Its files are mapped and have no names any more: they are gone with the
    store. Raises ``DataRefused``, ``BuildFailed`` and ``DatasetUnavailable``.
    """
    with tempfile.TemporaryDirectory(
        prefix="policy-claims-", dir=writable_directory(), ignore_cleanup_errors=True
    ) as directory:
        return open_store(build_dataset(source, Path(directory), epoch=epoch, durable=False))


def _compiled(checked: Checked, spool: _Spool, progress: Progress) -> Iterator[Record]:
    """Every claim as it is served, in default order. Raises ``DataRefused``."""
    faults, claims = Faults(), checked.claims
    order = sorted(range(len(claims)), key=lambda place: claims[place].position)
    for done, place in enumerate(order, 1):
        claim = compute.served_claim(spool.read(place), checked)
        yield compute.reloaded("claims", _SERVED, claim, faults)
        if done % _PROGRESS_EVERY == 0 or done == len(order):
            progress("Compiling claims", done, len(order))
    if faults:
        raise DataRefused(faults)


def _lines(records: Iterable[Record]) -> bytes:
    return b"".join(canonical(record) + b"\n" for record in records)


class _Spool:
    """Checked claims in a temporary file, to be read again in another order.

    The source is read once, so that it cannot change between two readings.
    """

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115  # closed in __exit__
        self._ends = array("Q", [0])

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, claim: Record) -> None:
        line = canonical(claim)
        self._file.write(line)
        self._ends.append(self._ends[-1] + len(line))

    def read(self, place: int) -> Record:
        """One claim, by its place among those that were added."""
        self._file.flush()
        start, end = self._ends[place], self._ends[place + 1]
        claim: Record = orjson.loads(os.pread(self._file.fileno(), end - start, start))
        return claim


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Nothing here refers to itself, and a million facts take time to be looked through."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
