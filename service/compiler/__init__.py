"""From curated fixtures to a data set: read, check, compute, write, publish.

Whatever is wrong is reported at once, with file, place, what was found and what is allowed.
"""

import functools
import gc
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

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
from service.compiler.parallel import CHUNK, Workers, mapped, workers_for
from service.compiler.parallel import BuildFailed as BuildFailed
from service.compiler.pending import reading
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures as Fixtures
from service.compiler.read import PlainRecord, read_fixtures
from service.compiler.rules.facts import Facts, RecordsById
from service.compiler.write import Draft, Prove, line_of
from service.store.dataset_format import CHANGES, CLAIMS, RETIRED
from service.store.files import writable_directory
from service.store.tantivy.store import TantivyStore, open_store

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures"
"""The curated data that comes with the service."""

Source = Path | Fixtures
"""A directory of fixtures, or the records that would lie there."""

_SPOOL = ".claims"
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
    workers: Workers | None = None,
) -> Path:
    """Builds a data set at ``out/<version>``, of any size in bounded memory; gives its directory.

    ``epoch`` decides what the data set says of when it was built (seconds since
    1970). ``prove`` is asked about the data set before it takes its place, and
    raises to refuse it. One that is not ``durable`` is not flushed to the disk.
    ``succession`` says what it takes the place of, and so which history it continues;
    ``verified`` what was compared with the documents before, if anything was.
    ``workers`` run the steps of the build, and read its files under the same paths; without them,
    large data are built by several processes of this machine.
    Raises ``DataRefused`` and ``BuildFailed``; then nothing was built.
    """
    faults = Faults()
    with Draft(out, durable) as draft, ExitStack() as stack:
        with _held(source):
            fixtures = source if isinstance(source, Fixtures) else read_fixtures(source, faults)
            ready = workers_for(len(fixtures["claims"]), workers, draft.path)
            workers = stack.enter_context(ready)
            checked = _checked(fixtures, faults, progress, draft.path, workers)
        _compile_all(checked, fixtures, draft, progress, workers)
        when, counts = compute.built_at(checked.facts, epoch), compute.counts(checked)
        del checked  # the records of the vocabularies
        return draft.finish(
            when,
            counts,
            progress,
            prove,
            succession=succession,
            verified=verified,
            workers=workers,
        )


def _checked(
    fixtures: Fixtures, faults: Faults, progress: Progress, draft: Path, workers: Workers | None
) -> Checked:
    """Checks everything. The curated claims, every key filled in, are spooled in the draft."""
    with (draft / _SPOOL).open("wb") as spool, (draft / CHANGES).open("wb") as changes:
        keep = spool.write, changes.write
        return check_records(fixtures, faults, progress, *keep, workers=workers)


def _compile_all(
    checked: Checked, fixtures: Fixtures, draft: Draft, progress: Progress, workers: Workers | None
) -> None:
    """Writes the records as they are served. Raises ``DataRefused``."""
    spool, known = draft.path / _SPOOL, checked.vocabularies
    compiled = _Compiled([], Counter(), Coverage(), Faults())
    draft.write_lines(CLAIMS, _compiled(checked, spool, compiled, progress, workers))
    spool.unlink()
    for name, served in _SERVED.items():
        records = compute.served_vocabulary(name, known, compiled.claim_counts)
        draft.write(f"{name}.ndjson", compute.reloaded(name, served, records, compiled.faults))
    draft.write(RETIRED, compute.tombstones(checked.facts))
    covered = compiled.coverage.record(compiled.claim_counts, known)
    draft.write(DESCRIPTION, [described(fixtures.about, covered)])
    if compiled.faults:
        raise DataRefused(compiled.faults)


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
    spool: Path,
    compiled: _Compiled,
    progress: Progress,
    workers: Workers | None,
) -> Iterator[bytes]:
    """The line of every claim of a ``spool``, in default order; the rest goes to ``compiled``."""
    work = functools.partial(_compile, checked.vocabularies, spool)

    def lines() -> Iterator[bytes]:
        for chunk in mapped(work, _chunks(checked.facts), workers):
            compiled.faults.collect(chunk.faults)
            compiled.claim_counts.update(chunk.claim_counts)
            compiled.coverage.reach(chunk.coverage.first, chunk.coverage.last)
            yield from chunk.lines

    ((total,),) = checked.facts.find("SELECT count(*) FROM claim")
    yield from progress(lines(), total=total, description="Compiling claims")


_Spooled = tuple[int, int, int, list[dict[str, str]]]
"""Where the line of a claim begins in the spool, its length, how many independent origins the claim
has, and the relations that point to it."""
_IN_ORDER = """
    SELECT start, length, coalesce(origins, 1), related.type, related.id
    FROM claim LEFT JOIN independent ON independent.place = claim.place
        LEFT JOIN relation AS related ON related.target = claim.id
    ORDER BY position, related.id, n"""


def _chunks(facts: Facts) -> Iterator[list[_Spooled]]:
    """All claims in default order."""
    claims = (
        (*claim, [{"type": row[3], "claim": row[4]} for row in rows if row[3] is not None])
        for claim, rows in groupby(facts.find(_IN_ORDER), key=itemgetter(0, 1, 2))
    )
    while chunk := [*islice(claims, CHUNK)]:
        yield chunk


def _compile(known: RecordsById, spool: Path, chunk: list[_Spooled]) -> _Compiled:
    """Compiles a chunk of claims."""
    done = _Compiled([], Counter(), Coverage(), Faults())

    def served() -> Iterator[PlainRecord]:
        with spool.open("rb") as file:
            for start, length, origins, related in chunk:
                claim = orjson.loads(os.pread(file.fileno(), length, start))
                claim = compute.served_claim(claim, known, origins, related)
                done.claim_counts.update(compute.named_records(claim, known))
                done.coverage.add(claim)
                yield claim

    with suppress(DataRefused):  # there are too many faults, as whoever collects them finds too
        done.lines.extend(map(line_of, compute.reloaded("claims", _CLAIM, served(), done.faults)))
    return done
