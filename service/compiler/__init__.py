"""From curated fixtures to a data set: read, check, compute, write.

The one way a claim takes into the service; whatever is wrong is reported all
at once, with file, place, what was found and what is allowed.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused, Fault
from service.compiler import compute
from service.compiler.checks import Known, reference_faults
from service.compiler.crew import BuildFailed, Crew, Progress, processes_for
from service.compiler.desk import Plan
from service.compiler.kept import Keeper, usable
from service.compiler.lines import Lines
from service.compiler.read import Fixtures, read_fixtures
from service.compiler.rows import Row, compile_claims
from service.compiler.surveying import ChangeBlock, Survey, survey
from service.compiler.write import Draft
from service.store.change_log import CHANGES_INDEX, changes_index
from service.store.dataset_format import (
    CHANGES,
    CLAIMS,
    INDEX,
    MANIFEST,
    RETIRED,
    Dataset,
    canonical,
    describe,
    from_files,
    make_manifest,
)
from service.store.tantivy.index import IndexWriter

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures"
"""The curated data that comes with the service."""

__all__ = [
    "SHIPPED",
    "BuildFailed",
    "Fixtures",
    "build_dataset",
    "check_fixtures",
    "compile_files",
    "compile_fixtures",
]


def check_fixtures(directory: Path, progress: Progress | None = None) -> Fixtures:
    """Reads and checks the fixtures of a directory. Raises ``DataRefused`` with every fault."""
    faults: list[Fault] = []
    fixtures = read_fixtures(directory, faults)
    with _examining(fixtures, faults, progress=progress) as (known, crew):
        survey(fixtures, known, faults, crew, lambda block: None)
    return fixtures


Given = Path | Fixtures
"""A directory of fixtures, or the records that would lie there."""


def compile_files(given: Given = SHIPPED) -> dict[str, bytes]:
    """The files of a data set in memory, but for its index. Raises ``DataRefused``."""
    faults: list[Fault] = []
    fixtures = _read(given, faults)
    blocks: list[ChangeBlock] = []
    with _examining(fixtures, faults) as (known, crew):
        found = survey(fixtures, known, faults, crew, blocks.append)
        assert known is not None  # or the survey had raised
        served = [row.lines[1] + b"\n" for row in compile_claims(fixtures, found, crew)]
    files = {CLAIMS: b"".join(served), CHANGES: b"".join(block.lines for block in blocks)}
    files.update(_small_files(fixtures, known, found))
    described = {name: describe(content) for name, content in files.items()}
    return {**files, MANIFEST: _manifest(fixtures, found, described)}


def compile_fixtures(given: Given = SHIPPED) -> Dataset:
    """A data set in memory. Raises ``DataRefused`` with every fault."""
    return from_files(compile_files(given))


def build_dataset(given: Given, out: Path, progress: Progress | None = None) -> Path:
    """Builds a data set at ``out/<version>``, whatever its size.

    Claims and changes that come a line each are shared among processes, and
    what is made of their lines is kept beside the data sets for the next
    build. Raises ``DataRefused`` and ``BuildFailed``; then nothing was built.
    """
    faults: list[Fault] = []
    fixtures = _read(given, faults)
    by_line = [found for found in (fixtures.claims, fixtures.changes) if isinstance(found, Lines)]
    with Draft(out) as draft, Keeper(out, fixtures) if by_line else nullcontext() as keeper:
        with _examining(fixtures, faults, out, progress) as (known, crew):
            found = _write_changes(fixtures, known, faults, crew, draft, keeper)
            assert known is not None  # or the survey had raised
            _write_claims(compile_claims(fixtures, found, crew), draft, keeper)
        for name, content in _small_files(fixtures, known, found).items():
            draft.write(name, content)
        draft.write(MANIFEST, _manifest(fixtures, found, draft.files))
        for lines in by_line:
            if lines.changed:
                raise DataRefused([Fault(lines.path.name, "", "another content by now", "one")])
        place = draft.place()
        if keeper is not None:
            keeper.finish()
    return place


def _read(given: Given, faults: list[Fault]) -> Fixtures:
    return given if isinstance(given, Fixtures) else read_fixtures(given, faults)


@contextmanager
def _examining(
    fixtures: Fixtures,
    faults: list[Fault],
    out: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Known | None, Crew]]:
    """The vocabularies, unless they are at fault, and who looks at claims and changes."""
    references = [] if faults else reference_faults(fixtures)
    known = None if faults else Known(fixtures, sound=not references)
    faults += references
    both = {"claims": fixtures.claims, "changes": fixtures.changes}
    paths = {name: records.path for name, records in both.items() if isinstance(records, Lines)}
    moved = usable(out, fixtures) if out is not None and paths and not faults else None
    plan = Plan(known, fixtures.names, paths, out, moved)
    collecting = gc.isenabled()
    gc.disable()  # nothing here refers to itself, and to look through a million facts takes time
    crew = Crew(plan, processes_for(both.values()), progress)
    try:
        yield known, crew
    finally:
        crew.close()
        if collecting:
            gc.enable()


def _write_changes(
    fixtures: Fixtures,
    known: Known | None,
    faults: list[Fault],
    crew: Crew,
    draft: Draft,
    keeper: Keeper | None,
) -> Survey:
    """Surveys claims and changes; what changes become is written as they pass by."""
    sizes = array("I")
    with draft.file(CHANGES) as file:

        def keep(block: ChangeBlock) -> None:
            file.write(block.lines)
            sizes.extend(map(len, block.lines.splitlines(keepends=True)))
            if keeper is not None and block.key:
                known_as = canonical([tuple(change) for change in block.changes])
                keeper.add("changes", block.key, known_as + b"\n" + block.lines)

        found = survey(fixtures, known, faults, crew, keep)
    claims = (change.claim for change in found.changes)
    draft.write(f"{INDEX}/{CHANGES_INDEX}", changes_index(zip(claims, sizes, strict=True)))
    return found


def _write_claims(rows: Iterator[Row], draft: Draft, keeper: Keeper | None) -> None:
    index = IndexWriter(draft.path / INDEX)
    with draft.file(CLAIMS) as file:
        for row in rows:
            line, served = row.lines
            index.add(line, file.size, len(served))
            file.write(served + b"\n")
            if keeper is not None and row.key:
                keeper.add("claims", row.key, row.made)
    index.finish()


def _small_files(fixtures: Fixtures, known: Known, found: Survey) -> dict[str, bytes]:
    vocabularies = compute.served_vocabularies(fixtures, known, found.mentions)
    files = {f"{name}.json": canonical(records) for name, records in vocabularies.items()}
    return {RETIRED: canonical(compute.tombstones(found.changes)), **files}


def _manifest(fixtures: Fixtures, found: Survey, files: dict[str, dict[str, Any]]) -> bytes:
    counts = compute.counts(fixtures, found)
    return make_manifest(files, compute.built_at(found.changes), counts)
