"""From curated fixtures to a data set: read, check, compute, write, publish.

Whatever is wrong is reported at once, with file, place, what was found and what is allowed.
"""

import gc
import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

import orjson

from schemas.faults import DataRefused, Faults
from schemas.records.claim import ClaimSchema
from schemas.records.dataset import DESCRIPTION
from schemas.records.description import described
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import compute
from service.compiler.check import Checked, Keep, check_records
from service.compiler.continuation import FIRST, Succession
from service.compiler.description import Coverage
from service.compiler.pending import reading
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures as Fixtures
from service.compiler.read import PlainRecord, read_fixtures
from service.compiler.write import BuildFailed as BuildFailed
from service.compiler.write import Draft, Prove, line_of
from service.store.dataset_format import CHANGES, CLAIMS, RETIRED
from service.store.files import writable_directory
from service.store.tantivy.store import TantivyStore, open_store

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures"
"""The curated data that comes with the service."""

Source = Path | Fixtures
"""A directory of fixtures, or the records that would lie there."""

_CLAIM = ClaimSchema()
_SERVED = {name: kind.served() for name, kind in VOCABULARIES.items()}


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Nothing here refers to itself, and a million facts take time to be looked through."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@without_garbage_collection()
def check_fixtures(directory: Path, progress: Progress = untracked) -> Fixtures:
    """Reads and checks the fixtures of a directory. Raises ``DataRefused`` with every fault."""
    faults = Faults()
    with reading(directory):
        fixtures = read_fixtures(directory, faults)
        check_records(fixtures, faults, progress)
    return fixtures


@without_garbage_collection()
def build_dataset(  # noqa: PLR0913  # each has a default, and none belongs to another
    source: Source,
    out: Path,
    progress: Progress = untracked,
    *,
    epoch: int | None = None,
    prove: Prove | None = None,
    durable: bool = True,
    succession: Succession = FIRST,
    verified: Mapping[str, Any] | None = None,
) -> Path:
    """Builds a data set at ``out/<version>``, of any size in bounded memory; gives its directory.

    ``epoch`` decides what the data set says of when it was built (seconds since
    1970). ``prove`` is asked about the data set before it takes its place, and
    raises to refuse it. One that is not ``durable`` is not flushed to the disk.
    ``succession`` says what it takes the place of, and so which history it continues;
    ``verified`` what was compared with the documents before, if anything was.
    Raises ``DataRefused`` and ``BuildFailed``; then nothing was built.
    """
    faults = Faults()
    with Draft(out, durable) as draft, tempfile.TemporaryFile(dir=draft.path) as spool:
        with _held(source), (draft.path / CHANGES).open("wb") as file:
            fixtures = source if isinstance(source, Fixtures) else read_fixtures(source, faults)
            checked = check_records(fixtures, faults, progress, _into(spool), _into(file))
        claim_counts: compute.ClaimCounts = Counter()
        coverage = Coverage()
        claims = _compiled(checked, spool, progress, claim_counts, coverage)
        draft.write(CLAIMS, compute.reloaded("claims", _CLAIM, claims, faults))
        for name, served in _SERVED.items():
            records = compute.served_vocabulary(name, checked.vocabularies, claim_counts)
            draft.write(f"{name}.ndjson", compute.reloaded(name, served, records, faults))
        draft.write(RETIRED, compute.tombstones(checked))
        covered = coverage.record(claim_counts, checked.vocabularies)
        draft.write(DESCRIPTION, [described(fixtures.about, covered)])
        if faults:
            raise DataRefused(faults)
        when = compute.built_at(checked.changes, epoch)
        counts = compute.counts(checked)
        del checked  # of a million claims more memory than all that follows takes
        return draft.finish(when, counts, progress, prove, None, succession, verified)


def open_fixtures(source: Source = SHIPPED, epoch: int | None = None) -> TantivyStore:
    """A store over fixtures, compiled to a temporary directory.

    Its files are mapped and have no names any more: they are gone with the
    store. Raises ``DataRefused``, ``BuildFailed`` and ``DatasetUnavailable``.
    """
    with tempfile.TemporaryDirectory(
        prefix="policy-claims-", dir=writable_directory(), ignore_cleanup_errors=True
    ) as directory:
        return open_store(build_dataset(source, Path(directory), epoch=epoch, durable=False))


def _held(source: Source) -> AbstractContextManager[None]:
    """Keeps the fixtures of a directory as they are while they are read."""
    return nullcontext() if isinstance(source, Fixtures) else reading(source)


def _into(file: IO[bytes]) -> Keep:
    """Puts records aside, since their source is read once."""
    return lambda record: file.write(line_of(record))


def _compiled(
    checked: Checked,
    spool: IO[bytes],
    progress: Progress,
    claim_counts: compute.ClaimCounts,
    coverage: Coverage,
) -> Iterator[PlainRecord]:
    """Every claim of a ``spool`` as it is served, in default order, and counted."""
    spool.seek(0)
    starts = array("Q", accumulate(map(len, spool), initial=0))
    claims = checked.claims
    order = sorted(range(len(claims)), key=lambda place: claims[place].position)
    for place in progress(order, total=len(order), description="Compiling claims"):
        line = os.pread(spool.fileno(), starts[place + 1] - starts[place], starts[place])
        claim = compute.served_claim(orjson.loads(line), checked)
        claim_counts.update(compute.named_records(claim, checked.vocabularies))
        coverage.add(claim)
        yield claim
