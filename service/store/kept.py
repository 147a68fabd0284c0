"""Data sets that are kept beside the one that answers, so that a cited version can be had again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemas.records.dataset import DATA_FILES, DatasetInfo, Feed, FileDescription, StoredFile
from service.store.dataset_format import (
    INDEX,
    INDEX_HASHES,
    identity_of,
    offered_name,
    published,
    read_manifest,
)
from service.store.files import mapped, read_json, refused_at
from service.store.protocol import DatasetUnavailable, Store

_log = logging.getLogger("claims")


class KeptDatasets:
    """The data sets of a directory that were published; none without one.

    What is asked of them raises ``DatasetUnavailable`` while their list cannot be read.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def places(self) -> list[Path]:
        """Those that are there, the last one first."""
        if self._directory is None:
            return []
        places = [self._directory / version for version in reversed(self._published())]
        return [place for place in places if place.is_dir()]

    def files_of(self, dataset: DatasetInfo) -> Mapping[str, StoredFile]:
        """The files of a data set that answers from elsewhere, by name; none where the very same
        does not lie in the directory, or not whole.
        """
        place = self._directory and self._directory / dataset.version
        if place is None or not place.is_dir():
            return {}
        try:
            kept = kept_dataset(place)
            same = replace(kept.info, about=dataset.about) == dataset  # which its files tell
            return {name: kept.open(name) for name in kept.files} if same else {}
        except DatasetUnavailable as error:
            _log.warning("its files are not served: %s", error)
            return {}

    def was_published(self, version: str) -> bool:
        """Whether a data set of this version was published, be it there or not."""
        return version in self._published()

    def _published(self) -> list[str]:
        """The versions that were published. Raises ``DatasetUnavailable``."""
        if self._directory is None:
            return []
        with refused_at(self._directory):
            return published(self._directory)


@dataclass(frozen=True, slots=True)
class KeptDataset:
    """A data set whose files may be had whole: which one it is, its files by name, and what opens
    one of these.
    """

    info: DatasetInfo
    files: Mapping[str, FileDescription]
    open: Callable[[str], StoredFile]


def served_dataset(store: Store) -> KeptDataset:
    """The data set of a store, with the files that the store has."""
    described = {name: store.described[name] for name in store.files}
    return KeptDataset(store.dataset, described, store.files.__getitem__)


def kept_dataset(directory: Path) -> KeptDataset:
    """A data set of a directory, whatever its layout: none of it is searched.

    Raises ``DatasetUnavailable``; so does opening a file that is not as it was built.
    """
    with refused_at(directory):
        manifest, derived = read_manifest(directory), read_json(directory / INDEX_HASHES)
        recorded: dict[str, tuple[Path, Mapping[str, Any]]] = {
            name: (directory / name, manifest["files"][name]) for name in DATA_FILES
        }
        for path, described in derived.items():
            if name := offered_name(path):
                recorded[name] = directory / INDEX / path, described
        files = {
            name: FileDescription(described["bytes"], described["sha256"])
            for name, (_, described) in sorted(recorded.items())
        }
        info = DatasetInfo(**identity_of(manifest), feed=Feed(**manifest["feed"]))

    def open_file(name: str) -> StoredFile:
        with refused_at(directory):
            path, described = recorded[name]
            return StoredFile(mapped(path, described), described["sha256"])

    return KeptDataset(info, files, open_file)
