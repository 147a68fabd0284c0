"""From curated fixtures to a data set: read, check, compute, write, publish.

Whatever is wrong is reported at once, with file, place, what was found and what is allowed.
"""

import functools
import gc
import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from schemas.faults import DataRefused, Faults
from schemas.records.claim import ClaimSchema
from schemas.records.dataset import DESCRIPTION
from schemas.records.description import described
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import compute
from service.compiler.check import Checked, check_records
from service.compiler.continuation import FIRST, Succession
from service.compiler.description import Coverage
from service.compiler.parallel import CHUNK, MakeExecutor, executor_for, mapped
from service.compiler.parallel import BuildFailed as BuildFailed
from service.compiler.pending import reading
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures as Fixtures
from service.compiler.read import PlainRecord, read_fixtures
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
    executor: MakeExecutor | None = None,
) -> Path:
    """Builds a data set at ``out/<version>``, of any size in bounded memory; gives its directory.

    ``epoch`` decides what the data set says of when it was built (seconds since
    1970). ``prove`` is asked about the data set before it takes its place, and
    raises to refuse it. One that is not ``durable`` is not flushed to the disk.
    ``succession`` says what it takes the place of, and so which history it continues;
    ``verified`` what was compared with the documents before, if anything was.
    ``executor`` makes what runs the steps of the build; where it is not given, large
    data are built by several processes. Raises ``DataRefused`` and ``BuildFailed``; then
    nothing was built.
    """
    faults = Faults()
    with Draft(out, durable) as draft, tempfile.TemporaryFile(dir=draft.path) as spool:
        with _held(source), (draft.path / CHANGES).open("wb") as file:
            fixtures = source if isinstance(source, Fixtures) else read_fixtures(source, faults)
            executor = executor or executor_for(len(fixtures["claims"]))
            keep = spool.write, file.write
            checked = check_records(fixtures, faults, progress, *keep, executor=executor)
        compiled = _Compiled([], Counter(), Coverage(), faults)
        draft.write_lines(CLAIMS, _compiled(checked, spool, compiled, progress, executor))
        claim_counts, coverage = compiled.claim_counts, compiled.coverage
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
        return draft.finish(
            when,
            counts,
            progress,
            prove,
            succession=succession,
            verified=verified,
            executor=executor,
        )


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


class _Compiled(NamedTuple):
    """Claims as they are served, a line each; what was counted of them, and what is wrong."""

    lines: list[bytes]
    claim_counts: compute.ClaimCounts
    coverage: Coverage
    faults: Faults


def _compiled(
    checked: Checked,
    spool: IO[bytes],
    compiled: _Compiled,
    progress: Progress,
    executor: MakeExecutor | None,
) -> Iterator[bytes]:
    """The line of every claim of a ``spool``, in default order; the rest goes to ``compiled``."""
    spool.seek(0)
    starts = array("Q", accumulate(map(len, spool), initial=0))
    claims = checked.claims
    order = sorted(range(len(claims)), key=lambda place: claims[place].position)
    spans = [(starts[place], starts[place + 1] - starts[place]) for place in order]
    chunks = (spans[at : at + CHUNK] for at in range(0, len(spans), CHUNK))
    work = functools.partial(_compile, checked, spool.fileno())

    def lines() -> Iterator[bytes]:
        for chunk in mapped(work, chunks, executor):
            compiled.faults.collect(chunk.faults)
            compiled.claim_counts.update(chunk.claim_counts)
            compiled.coverage.reach(chunk.coverage.first, chunk.coverage.last)
            yield from chunk.lines

    yield from progress(lines(), total=len(order), description="Compiling claims")


def _compile(checked: Checked, spool: int, spans: list[tuple[int, int]]) -> _Compiled:
    """Compiles a chunk of claims, whose lines begin in the ``spool`` and are as long as told."""
    done = _Compiled([], Counter(), Coverage(), Faults())

    def served() -> Iterator[PlainRecord]:
        for start, length in spans:
            claim = compute.served_claim(orjson.loads(os.pread(spool, length, start)), checked)
            done.claim_counts.update(compute.named_records(claim, checked.vocabularies))
            done.coverage.add(claim)
            yield claim

    with suppress(DataRefused):  # there are too many faults, as whoever collects them finds too
        done.lines.extend(map(line_of, compute.reloaded("claims", _CLAIM, served(), done.faults)))
    return done
