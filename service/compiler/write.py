"""A data set on disk: written beside its place, flushed, opened as a server would, and renamed."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from schemas.records.dataset import DATA_FILES, Feed
from service.compiler.continuation import FIRST, Succession
from service.compiler.disk import exchange, flush, flush_all, make_directory, make_readable
from service.compiler.exports import Exports
from service.compiler.parallel import BuildFailed, Workers, workers_for
from service.compiler.progress import Progress, untracked
from service.store.change_log import CHANGES_INDEX, changes_index
from service.store.dataset_format import (
    CHANGES,
    CLAIMS,
    EXPORTS,
    EXPORTS_FROM_INDEX,
    INDEX,
    INDEX_HASHES,
    MANIFEST,
    MANIFEST_FROM_INDEX,
    canonical,
    content_digest,
    dataset_info,
    make_manifest,
    read_manifest,
    vocabularies_in,
)
from service.store.files import (
    describe_file,
    expect,
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


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as it lies in a data set."""
    return canonical(record) + b"\n"


class Draft(AbstractContextManager["Draft"]):
    """A directory beside the data sets in which one is made. It is removed unless it is placed."""

    def __init__(self, out: Path, durable: bool = True) -> None:
        self._existed, self._out, self._durable = out.exists(), out, durable
        make_directory(out)
        self.path, self._lock = locked_directory(out.absolute(), DRAFT)
        (self.path / INDEX).mkdir()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            remove(self.path)
        except OSError:  # it was placed, or its directory has no room for another name
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        if kind is not None and not self._existed:
            with suppress(OSError):  # others may have put something there
                self._out.rmdir()

    def write(self, name: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Writes records, one a line."""
        self.write_lines(name, map(line_of, records))

    def write_lines(self, name: str, lines: Iterable[bytes]) -> None:
        """Writes lines, each with its end."""
        with (self.path / name).open("wb") as file:
            file.writelines(lines)

    def finish(  # noqa: PLR0913  # as for build_dataset
        self,
        built_at: str,
        counts: Mapping[str, int],
        progress: Progress,
        prove: Prove | None = None,
        *,
        place: Path | None = None,
        succession: Succession = FIRST,
        verified: Mapping[str, Any] | None = None,
        workers: Workers | None = None,
    ) -> Path:
        """Indexes the files, proves the whole, and puts it at ``place``, else ``out/<version>``.

        A directory of that name holds the same claims; it is replaced unless it
        is whole and the same to the byte, layout, ``built_at`` and feed included.
        """
        version = self._derive(built_at, counts, verified, succession, progress, workers)
        self._describe_derived()
        make_readable(self.path)
        if self._durable:
            flush_all(self.path)
            open_store(self.path, whole=True)
        if prove is not None:
            prove(self.path)
        return self._put(place or self._out / version)

    def _derive(
        self,
        built_at: str,
        counts: Mapping[str, int],
        verified: Mapping[str, Any] | None,
        succession: Succession,
        progress: Progress,
        workers: Workers | None,
    ) -> str:
        """Makes manifest, index and exports of the files; gives the version. The files are mapped
        meanwhile, and no longer.
        """
        files = {name: describe_file(self.path / name) for name in DATA_FILES}
        content = {name: mapped(self.path / name, files[name]) for name in DATA_FILES}
        claims, vocabularies = content[CLAIMS], vocabularies_in(content)
        feed = succession.feed(content_digest(files))
        with (self.path / INDEX / CHANGES_INDEX).open("wb") as file:
            file.writelines(changes_index(content[CHANGES], feed.salt))
        succession.check(self.path, files)
        manifest = make_manifest(
            files, built_at, counts, layout(claims, vocabularies), feed, verified
        )
        (self.path / MANIFEST).write_bytes(written(manifest))
        total = counts["claims"]
        with Exports(self.path, vocabularies) as exports:
            made = exports.entries(workers)
            try:
                entries = progress(made, total=total, description="Indexing claims")
                build_index(entries, self.path / INDEX)
            except (EnginePanicked, ValueError) as error:
                message = f"the index cannot be written: {error}; nothing was built"
                raise BuildFailed(message) from None
            exports.finish(dataset_info(manifest, content))
        return str(manifest["version"])

    def _describe_derived(self) -> None:
        """Writes hash and size of each file of the index, of the exports, and of the manifest.

        They lie beside the index, since tantivy names its files at random: so
        nothing outside ``index/`` differs from build to build.
        """
        for lock in (self.path / INDEX).glob("*.lock"):  # the engine's own, no part of the index
            lock.unlink()
        files = sorted((self.path / INDEX).iterdir())
        described = {path.name: describe_file(path) for path in files}
        for path in sorted((self.path / EXPORTS).iterdir()):
            described[f"{EXPORTS_FROM_INDEX}{path.name}"] = describe_file(path)
        described[MANIFEST_FROM_INDEX] = describe_file(self.path / MANIFEST)
        (self.path / INDEX_HASHES).write_bytes(written(described))

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


def reindex(directory: Path, progress: Progress = untracked, prove: Prove | None = None) -> Path:
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
                shutil.copyfile(place / name, draft.path / name)
                expect(describe_file(draft.path / name), manifest["files"][name], name)
        same = Succession(feed_before=Feed(**manifest["feed"]))
        known = manifest["built_at"], manifest["counts"]
        how = {"place": place, "succession": same, "verified": manifest["verified"]}
        with workers_for(manifest["counts"]["claims"], None, draft.path) as workers:
            return draft.finish(*known, progress, prove, **how, workers=workers)


def _is_there(place: Path, draft: Path) -> bool:
    """Whether the same data set was placed before, and is whole; it is flushed then."""
    try:
        if (place / MANIFEST).read_bytes() != (draft / MANIFEST).read_bytes():
            return False
        open_store(place, whole=True)
    except (OSError, DatasetUnavailable):
        return False
    flush_all(place)
    return True
