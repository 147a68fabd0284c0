"""A data set on disk: written beside its place, flushed, opened as a server would, and renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from service.compiler.disk import exchange, flush, make_directory, readable_file
from service.compiler.progress import Progress, tracked
from service.store.change_log import CHANGES_INDEX, changes_index
from service.store.dataset_format import (
    CHANGES,
    CLAIMS,
    DATA_FILES,
    INDEX,
    INDEX_HASHES,
    MANIFEST,
    MANIFEST_FROM_INDEX,
    canonical,
    make_manifest,
    read_manifest,
)
from service.store.files import (
    describe_file,
    expect,
    line_spans,
    locked_directory,
    mapped,
    refused_at,
    remove,
    written,
)
from service.store.protocol import DatasetUnavailable, EnginePanicked
from service.store.tantivy.index import build_index, layout
from service.store.tantivy.store import open_store

DRAFT = ".draft-"
"""How the directories begin in which a data set is made; no server looks into them."""
Prove = Callable[[Path], None]
"""Asks a data set whatever it will be asked. Raises ``BuildFailed`` or ``DatasetUnavailable``."""
_DIRECTORY_MODE = 0o755


class BuildFailed(RuntimeError):
    """The build could not go on, through no fault of the data."""


class Draft:
    """A directory beside the data sets in which one is made. It is removed unless it is placed."""

    def __init__(self, out: Path, durable: bool = True) -> None:
        self._existed, self._out, self._durable = out.exists(), out, durable
        make_directory(out)
        self.path, self._lock = locked_directory(out, DRAFT)
        (self.path / INDEX).mkdir()
        for directory in (self.path, self.path / INDEX):
            directory.chmod(_DIRECTORY_MODE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            remove(self.path)
        except OSError:  # it was placed, or its directory has no room for another name
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        if kind is not None and not self._existed:
            with suppress(OSError):  # others may have put something there
                self._out.rmdir()

    def file(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file to be written piece by piece."""
        return readable_file(self.path / name, self._durable)

    def write(self, name: str, content: bytes) -> None:
        """Writes a small file whole."""
        with self.file(name) as file:
            file.write(content)

    def write_lines(self, name: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Writes records, one a line."""
        with self.file(name) as file:
            for record in records:
                file.write(canonical(record) + b"\n")

    def copy(self, source: Path) -> None:
        """Copies a file of another data set."""
        with source.open("rb") as original, self.file(source.name) as file:
            shutil.copyfileobj(original, file, 1 << 20)

    def finish(
        self,
        built_at: str,
        counts: Mapping[str, int],
        progress: Progress,
        prove: Prove | None = None,
        place: Path | None = None,
    ) -> Path:
        """Indexes the files, proves the whole, and puts it at ``place``, else ``out/<version>``.

        A directory of that name holds the same claims; it is replaced unless it
        is whole and the same to the byte, layout and ``built_at`` included.
        """
        files = {name: describe_file(self.path / name) for name in DATA_FILES}
        claims = mapped(self.path / CLAIMS, files[CLAIMS])
        manifest = make_manifest(files, built_at, counts, layout(claims))
        self.write(MANIFEST, written(manifest))
        spans = tracked(line_spans(claims), "Indexing claims", counts["claims"], progress)
        try:
            build_index(claims, spans, self.path / INDEX)
        except (EnginePanicked, ValueError) as error:
            raise BuildFailed(f"the index cannot be written: {error}; nothing was built") from None
        changes = mapped(self.path / CHANGES, files[CHANGES])
        self.write(f"{INDEX}/{CHANGES_INDEX}", changes_index(changes))
        self._describe_index()
        if self._durable:
            flush(self.path)
            open_store(self.path, whole=True)
        if prove is not None:
            prove(self.path)
        return self._put(place or self._out / manifest["version"])

    def _describe_index(self) -> None:
        """Writes hash and size of each file of the index, and of the manifest.

        They lie beside them, since tantivy names its files at random: so
        nothing outside ``index/`` differs from build to build.
        """
        directory = self.path / INDEX
        described = {}
        for path in sorted(directory.iterdir()):
            if path.suffix == ".lock":  # the engine's own, no part of the index
                path.unlink()
                continue
            with readable_file(path, self._durable, mode="rb"):
                described[path.name] = describe_file(path)
        described[MANIFEST_FROM_INDEX] = describe_file(self.path / MANIFEST)
        self.write(INDEX_HASHES, written(described))
        if self._durable:
            flush(directory)

    def _put(self, place: Path) -> Path:
        """Puts the draft in its place. What was there is a draft then, and is removed like one."""
        if not self._durable or not _is_there(place, self.path):
            if os.path.lexists(place):
                exchange(place, self.path)
            else:
                self.path.rename(place)
        if self._durable:
            flush(place.parent)
        return place


def reindex(directory: Path, progress: Progress, prove: Prove | None = None) -> Path:
    """Builds the index of a data set anew from its own claims, under the same version.

    What it was before stands in its place until the new one is proved. Raises
    ``DatasetUnavailable`` for content that is not as it was built.
    """
    place = Path(os.path.realpath(directory))
    with refused_at(place):
        manifest = read_manifest(place)
    with Draft(place.parent) as draft:
        with refused_at(place):
            for name in DATA_FILES:
                draft.copy(place / name)
                expect(describe_file(draft.path / name), manifest["files"][name], name)
        return draft.finish(manifest["built_at"], manifest["counts"], progress, prove, place)


def _is_there(place: Path, draft: Path) -> bool:
    """Whether the same data set was placed before, and is whole; it is flushed then."""
    try:
        if (place / MANIFEST).read_bytes() != (draft / MANIFEST).read_bytes():
            return False
        open_store(place, whole=True)
    except (OSError, DatasetUnavailable):
        return False
    for path in (place, *place.rglob("*")):
        flush(path)
    return True
