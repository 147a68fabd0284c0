"""Files of a data set as they may lie on a disk: whatever is wrong is refused, with the file named,
and no path told.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.compiler import build_dataset
from service.store.dataset_format import MANIFEST_FROM_INDEX, open_dataset
from service.store.files import MEMORY, locked_directory, written
from service.store.protocol import DatasetUnavailable
from service.store.tantivy.store import open_store
from tests.built import describe
from tests.samples import sample, write
from tests.test_manifest import agreeing

Spoil = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fixtures = write(sample(), tmp_path_factory.mktemp("fixtures"))
    return build_dataset(fixtures, tmp_path_factory.mktemp("out"))


@pytest.fixture
def place(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def refusal(place: Path) -> str:
    with pytest.raises(DatasetUnavailable) as refused:
        open_store(place)
    assert str(place) in str(refused.value)
    assert str(place) not in refused.value.reason
    return refused.value.reason


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _circle(path: Path) -> None:
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


FILES = ("manifest.json", "claims.ndjson", "topics.ndjson", "index/files.json", "index/meta.json")


@pytest.mark.parametrize("put", [_pipe, _circle, _device, Path.mkdir])
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_regular_file_is_refused_and_not_waited_for(
    place: Path, name: str, put: Spoil
) -> None:
    (place / name).unlink()
    put(place / name)
    assert Path(name).name in refusal(place)


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "trailing bytes": lambda text: text.encode() + b"]",
    "5,000 digits": lambda text: text.replace(": {", ': {"n": ' + "9" * 5_000 + ",", 1).encode(),
    "deep nesting": lambda text: b"[" * 100_000 + b"]" * 100_000,
    "the last byte missing": lambda text: text.encode()[:-1],
    "otherwise laid out": lambda text: json.dumps(json.loads(text)).encode(),
    "a NUL block": lambda text: bytes(len(text)),
}


@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("name", ["manifest.json", "index/files.json"])
def test_a_description_is_read_strictly(place: Path, name: str, how: str) -> None:
    content = WRITTEN[how]((place / name).read_text())
    (place / name).write_bytes(content)
    assert Path(name).name in refusal(place)


@pytest.mark.parametrize("size", [(16 << 20) + 1, 1 << 40])
@pytest.mark.parametrize("name", ["manifest.json", "index/files.json"])
def test_a_description_that_is_far_too_long_is_refused_unread(
    place: Path, name: str, size: int
) -> None:
    """No machine could hold the longer one, of which all but the beginning is a hole."""
    os.truncate(place / name, size)
    assert f"{Path(name).name} is longer than" in refusal(place)


SAID: dict[str, tuple[str, Any]] = {
    "built at another time": ("built_at", "2023-02-04T00:00:00Z"),
    "another digest": ("digest", "0" * 64),
    "more claims": ("counts", {"claims": 7}),
    "fewer claims": ("counts", {"claims": 5}),
    "fewer topics": ("counts", {"topics": 3}),
    "more goals": ("counts", {"distinct_goals": 9}),
    "nothing retired": ("counts", {"retired": 0}),
}


@pytest.mark.parametrize("what", SAID)
@pytest.mark.parametrize("hashed", [False, True])
def test_a_manifest_that_says_otherwise_is_refused(place: Path, what: str, hashed: bool) -> None:
    """Also when its hash was recorded, as far as the files themselves belie it."""
    key, value = SAID[what]
    manifest = json.loads((place / "manifest.json").read_bytes())
    manifest[key] = {**manifest[key], **value} if isinstance(value, dict) else value
    if key == "digest":
        manifest["version"] = value[:16]
    content = written(manifest)
    (place / "manifest.json").write_bytes(content)
    if hashed:
        hashes = json.loads((place / "index/files.json").read_bytes())
        hashes[MANIFEST_FROM_INDEX] = describe(content)
        (place / "index/files.json").write_bytes(written(hashes))
        if what in ("built at another time", "more goals"):  # what no file tells
            open_store(place)
            return
    refusal(place)


def test_links_of_a_killed_opening_are_swept_and_those_of_another_are_not(
    whole: Path,
) -> None:
    prefix = "policy-claims-index-"
    dead = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY))
    (dead / "meta.json").symlink_to("nowhere")
    alive, lock = locked_directory(MEMORY, prefix)
    open_store(whole)
    assert not dead.exists()
    assert alive.exists()
    os.close(lock)
    open_store(whole)
    assert not alive.exists()


def test_only_what_was_hashed_is_shown_to_the_engine(place: Path) -> None:
    hashes = json.loads((place / "index/files.json").read_bytes())
    del hashes["meta.json"]
    (place / "index/files.json").write_bytes(written(hashes))
    refusal(place)


LARGE = ("claims.ndjson", "index/more")
"""A file of the content, and one of the index."""


def _with_a_large_file(place: Path, name: str, size: int) -> None:
    """A file of zeros of that size, of which another hash is recorded."""
    with (place / name).open("wb") as file:
        file.truncate(size)
    wrong = {"sha256": "0" * 64, "bytes": size}
    manifest = json.loads((place / "manifest.json").read_bytes())
    hashes = json.loads((place / "index/files.json").read_bytes())
    if name.startswith("index/"):
        hashes[Path(name).name] = wrong
    else:
        manifest = agreeing({**manifest, "files": {**manifest["files"], name: wrong}})
    content = written(manifest)
    (place / "manifest.json").write_bytes(content)
    hashes[MANIFEST_FROM_INDEX] = describe(content)
    (place / "index/files.json").write_bytes(written(hashes))


@pytest.mark.parametrize("name", LARGE)
def test_the_hash_of_a_file_up_to_64_mib_is_always_compared(place: Path, name: str) -> None:
    _with_a_large_file(place, name, 64 * 1024 * 1024)
    assert f"the hash of {Path(name).name}" in refusal(place)


@pytest.mark.parametrize("name", LARGE)
def test_the_hash_of_a_larger_file_is_compared_where_all_is_to_be_proved(
    place: Path, name: str
) -> None:
    _with_a_large_file(place, name, 64 * 1024 * 1024 + 1)
    opening: Callable[..., object] = open_store if name.startswith("index/") else open_dataset
    opening(place)
    for prove in {opening, open_store}:
        with pytest.raises(DatasetUnavailable, match=f"the hash of {Path(name).name}"):
            prove(place, whole=True)


@pytest.mark.parametrize("name", LARGE)
def test_the_size_of_a_larger_file_is_always_compared(place: Path, name: str) -> None:
    _with_a_large_file(place, name, 64 * 1024 * 1024 + 1)
    os.truncate(place / name, 64 * 1024 * 1024 + 2)
    assert f"the bytes of {Path(name).name}" in refusal(place)
