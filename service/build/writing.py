"""A data set on disk: written beside its place, flushed, renamed, and read back."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from service.store.dataset import INDEX, INDEX_HASHES, MANIFEST, describe_file, open_dataset
from service.store.index import build_index
from service.store.tantivy_store import open_store


def write_dataset(files: Mapping[str, bytes], out: Path) -> Path:
    """Writes a data set beside its place, reads it back, and puts it at ``out/<version>``.

    A directory of that name holds the same claims already, since its name is
    their hash; it is replaced whole, for it may be damaged or say another
    ``built_at``.
    """
    out.mkdir(parents=True, exist_ok=True)
    version: str = json.loads(files[MANIFEST])["version"]
    draft = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=out))
    try:
        draft.chmod(0o755)  # mkdtemp gives it to its owner alone; a server is another user
        for name, content in files.items():
            _write(draft / name, content)
        _write_index(draft)
        _flush_directory(draft)
        open_store(draft)  # nothing takes its place before a server could open it
        place = out / version
        _replace(place, draft)
        _flush_directory(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return place


def _replace(place: Path, draft: Path) -> None:
    """Puts a draft in a place that may be taken, which is then free for a moment only."""
    aside = draft.with_name(f"{draft.name}-replaced")
    if place.exists():
        place.rename(aside)
    try:
        draft.rename(place)
    except OSError:
        if aside.exists():
            aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _write_index(draft: Path) -> None:
    """The index and among its files their hashes: tantivy names them at random, so that nothing
    outside ``index/`` differs from build to build.
    """
    directory = draft / INDEX
    directory.mkdir()
    build_index(open_dataset(draft), directory)
    described = {path.name: describe_file(path) for path in _index_files(directory)}
    _write(draft / INDEX_HASHES, json.dumps(described, indent=2).encode() + b"\n")
    for path in _index_files(directory):
        _flush(path)
    _flush_directory(directory)


def _index_files(directory: Path) -> Iterator[Path]:
    """The index's own files; tantivy's lock files are no part of it."""
    for path in sorted(directory.iterdir()):
        if path.suffix == ".lock":
            path.unlink()
        else:
            yield path


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
