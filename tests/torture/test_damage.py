"""Damaged data sets and damaged fixtures: refused, with the file and what is wrong with it."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import random
import re
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from schemas.records.dataset import DATA_FILES
from schemas.records.vocabularies import VOCABULARIES
from service import cli
from service.app import create_app
from service.compiler import build_dataset
from service.compiler.read import OPTIONAL
from service.config import Config
from service.store import files
from service.store.catalogue import DirectoryCatalogue
from service.store.dataset_format import (
    CLAIMS,
    CURRENT,
    INDEX_HASHES,
    MANIFEST,
    MANIFEST_FROM_INDEX,
    current,
)
from service.store.files import written
from service.store.protocol import DatasetUnavailable
from service.store.provider import ReloadingProvider
from service.store.tantivy.store import open_store
from tests.built import describe
from tests.publishing import publish
from tests.samples import REMOVED, edited, sample, write
from tests.test_checks import CIRCLES, REFUSED
from tests.test_reading import BYTES
from tests.torture.damage import ANY, KINDS, one_bit, spoilt_records
from tests.torture.editions import GZIP, digest, edition, told
from tests.torture.promises import promises

AREA = "Publishing and reloading"
NOBODY = 65534
FIRST_NAMED = {"places": ("claims", "/0/places/0")}
"""Where the sample names a record of each kind whose file may be absent, so that none is there."""

Many = Callable[[int, int], int]
Tell = Callable[[str], None]


class Clock:
    """A monotonic clock by which every retry is due at each look."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 10_000.0
        return self.now


_sleep = time.sleep


def _sleep_on(seconds: float) -> None:
    """A thread that looked by itself would read a data set while it is being damaged."""
    _sleep(86_400 if threading.current_thread().daemon else seconds)


class Scene:
    """A service that answers from a good data set, and a newer one that is damaged."""

    def __init__(self, where: Path, monkeypatch: pytest.MonkeyPatch, rng: random.Random) -> None:
        monkeypatch.setattr(logging.getLogger("claims"), "disabled", True)
        monkeypatch.setattr(time, "monotonic", Clock().monotonic)
        monkeypatch.setattr(time, "sleep", _sleep_on)
        self.out, self.rng = where / "out", rng
        self.good = publish(edition(0), self.out)
        self.expected = told(0).answers
        self.app: Flask = create_app(Config(datasets=self.out, access_log=False, cache_bytes=0))
        self.provider: ReloadingProvider = self.app.extensions["claims.provider"]
        self.whole = build_dataset(edition(1), where / "whole")
        self.bad = self.out / self.whole.name
        (self.out / CURRENT).unlink()
        (self.out / CURRENT).symlink_to(self.bad.name)
        self.compared = 0

    def files(self) -> list[str]:
        """The files of a data set, by their places in it."""
        found = sorted(path for path in self.whole.rglob("*") if path.is_file())
        return [str(path.relative_to(self.whole)) for path in found]

    @contextlib.contextmanager
    def damaged(self) -> Iterator[Path]:
        """The newer data set, to be damaged."""
        shutil.copytree(self.whole, self.bad)
        try:
            yield self.bad
        finally:
            shutil.rmtree(self.bad)

    def assert_refused(self, name: str) -> None:
        """While another answers, at a start, and by itself; with the file named."""
        self.provider.look()
        self._assert_tells(self.provider, name)
        self._assert_tells(
            ReloadingProvider(DirectoryCatalogue(self.out, open_store), 3600.0), name
        )
        with pytest.raises(DatasetUnavailable) as refused:
            open_store(self.bad, whole=True)
        assert str(self.bad) in str(refused.value)
        self.assert_answers(self.rng.sample(sorted(self.expected), 2))

    def _assert_tells(self, provider: ReloadingProvider, name: str) -> None:
        found = provider.active()
        assert found.store.dataset.version == self.good.name
        assert found.refused is not None, name
        assert found.refused.startswith(self.bad.name)
        if name != INDEX_HASHES:  # which may name another file then
            assert Path(name).name in found.refused, found.refused
        assert str(self.out) not in found.refused

    def assert_answers(self, paths: list[str]) -> None:
        """Byte for byte what the good data set alone gives."""
        client = self.app.test_client()
        for path in paths:
            headers = {"Accept-Encoding": "gzip"} if path.endswith(GZIP) else {}
            reply = client.get(path.removesuffix(GZIP), headers=headers)
            assert reply.headers["Dataset-Version"] == self.good.name
            assert digest(reply.get_data()) == self.expected[path]
            self.compared += 1


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: random.Random) -> Scene:
    return Scene(tmp_path, monkeypatch, rng)


def rewrite(place: Path, manifest: Any) -> None:
    """Puts another manifest in the place of one; its hash is recorded as if it belonged there."""
    content = written(manifest)
    (place / MANIFEST).write_bytes(content)
    hashes = json.loads((place / "index/files.json").read_bytes())
    hashes[MANIFEST_FROM_INDEX] = describe(content)
    (place / "index/files.json").write_bytes(written(hashes))


def saying_otherwise(manifest: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every member missing, mistyped, and with an unknown one beside it; and what is not borne out
    by the files.
    """
    top = tuple(manifest)
    inner = [(key, name) for key in ("counts", "files") for name in manifest[key]]
    for path in (*((key,) for key in top), *inner):
        yield "missing", _with(manifest, path, REMOVED)
        yield "mistyped", _with(manifest, path, [True])
    for path in (("unknown",), ("counts", "unknown"), ("files", CLAIMS, "unknown")):
        yield "unknown", _with(manifest, path, 1)
    yield "of the future", _with(manifest, ("schema_version",), manifest["schema_version"] + 1)
    yield "of another layout", _with(manifest, ("index_layout",), "f" * 16)
    for name in (*VOCABULARIES, "claims", "retired"):
        counted = manifest["counts"][name] + 1
        yield "miscounted", _with(manifest, ("counts", name), counted)
    yield "another version", _with(manifest, ("version",), "0" * 16)
    yield "another digest", {**manifest, "digest": "0" * 64, "version": "0" * 16}
    for name in DATA_FILES:
        yield "another hash", _with(manifest, ("files", name, "sha256"), "0" * 64)
        yield "another size", _with(manifest, ("files", name, "bytes"), 1)
    yield "a list", [manifest]


def _with(manifest: Any, path: tuple[str, ...], value: Any) -> Any:
    return edited(manifest, ("/" + "/".join(path), value))


@promises(
    AREA,
    "A damaged data set is refused, at a start and while another answers, with its file and what "
    "is wrong with it; what is served stays the same to the byte.",
    broken="Hashes that were not compared; a manifest whose own hash was not recorded; files that "
    "were opened whatever kind of file they were (the FIFO hung it).",
)
def test_damaged_data_sets_are_refused(
    scene: Scene, many: Many, rng: random.Random, tell: Tell
) -> None:
    done: Counter[str] = Counter()
    for name, (what, change) in itertools.product(scene.files(), ANY.items()):
        with scene.damaged() as place:
            content = (place / name).read_bytes()
            changed = change(content, rng) if content else b"[]"
            assert changed != content, f"{name} {what}"
            (place / name).write_bytes(changed)
            scene.assert_refused(name)
            done[what] += 1
    for name, (what, put) in itertools.product(scene.files(), KINDS.items()):
        with scene.damaged() as place:
            put(place / name)
            scene.assert_refused(name)
            done[what] += 1
    flips = many(10_000, 500)
    with scene.damaged() as place:
        for _ in range(flips):
            path = place / rng.choice(scene.files())
            content = path.read_bytes()
            path.write_bytes(one_bit(content or b"[]", rng))
            with pytest.raises(DatasetUnavailable, match=r"no data set to serve"):
                open_store(place)
            path.write_bytes(content)
        open_store(place)
    scene.assert_answers(sorted(scene.expected))
    tell(
        f"{len(done)} kinds of damage in each of {len(scene.files())} files, {sum(done.values())} "
        f"data sets in all, each refused at a start, beside a good one and by itself; {flips:,} "
        f"more with one bit flipped anywhere: 0 taken. {scene.compared:,} answers compared, 0 of "
        "them with a wrong byte."
    )


@promises(
    AREA,
    "A data set that says what its files do not bear out is refused, even when every hash was "
    "recorded to match; so is one in a directory that is not named by its content, one of parts "
    "of two, one that may not be read, and one that shrinks while it is read.",
    broken="A manifest that was believed: counts, digest and the directory's name not compared.",
)
def test_data_sets_that_say_otherwise_are_refused(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    manifest = json.loads((scene.whole / MANIFEST).read_bytes())
    said: Counter[str] = Counter()
    for what, other_manifest in saying_otherwise(manifest):
        with scene.damaged() as place:
            rewrite(place, other_manifest)
            scene.assert_refused("")
            said[what] += 1
    _assert_name_counts(scene)
    other = build_dataset(edition(2), tmp_path / "other")
    parts = [
        part for part in (*DATA_FILES, MANIFEST, "index") if _differs(part, other, scene.whole)
    ]
    for part in parts:
        with scene.damaged() as place:
            _exchange(other / part, place / part)
            scene.assert_refused("")
    shrunk = _assert_shrinking(scene, monkeypatch)
    unreadable = _assert_unreadable(scene)
    scene.assert_answers(sorted(scene.expected))
    tell(
        f"{sum(said.values())} manifests, {len(said)} kinds ({', '.join(said)}), {len(parts)} "
        f"mixed of two data sets, {shrunk} that shrank while they were read, {unreadable} that "
        f"could not be read, 1 under another name: all refused; "
        f"{scene.compared:,} answers compared, 0 wrong bytes."
    )


def _assert_name_counts(scene: Scene) -> None:
    """By itself it is whole; in a directory of data sets the name must be its version."""
    with scene.damaged() as place:
        other = place.with_name("0123456789abcdef")
        place.rename(other)
        (scene.out / CURRENT).unlink()
        (scene.out / CURRENT).symlink_to(other.name)
        scene.provider.look()
        found = scene.provider.active()
        assert found.store.dataset.version == scene.good.name
        assert "/version" in str(found.refused)
        other.rename(place)
    (scene.out / CURRENT).unlink()
    (scene.out / CURRENT).symlink_to(scene.bad.name)


def _differs(part: str, one: Path, other: Path) -> bool:
    return (one / part).is_dir() or (one / part).read_bytes() != (other / part).read_bytes()


def _exchange(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.rmtree(target)
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def _assert_shrinking(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> int:
    """A byte is gone when the file has been compared, and before it is mapped; or while it is
    being compared.
    """
    expect, tried = files.expect, 0  # there is no other place in between
    mapped_by_us = (*DATA_FILES, "index/changes.index")
    compared = [name for name in scene.files() if name != INDEX_HASHES]
    for name, early in itertools.product(compared, (True, False)):
        if not early and name not in mapped_by_us:
            continue

        def shrinking(found: Any, recorded: Any, what: str) -> None:
            path = scene.bad / name  # noqa: B023
            if what == f"the bytes of {path.name}" and early:  # noqa: B023
                os.truncate(path, recorded - 1)
            expect(found, recorded, what)
            if what == f"the hash of {path.name}" and not early:  # noqa: B023
                os.truncate(path, path.stat().st_size - 1)

        with scene.damaged() as place, monkeypatch.context() as patched:
            if not (place / name).stat().st_size:
                continue
            patched.setattr(files, "expect", shrinking)
            with pytest.raises(DatasetUnavailable):
                open_store(place)
        tried += 1
    return tried


def _assert_unreadable(scene: Scene) -> int:
    """To a user who owns nothing; whoever is root may read everything."""
    with tempfile.TemporaryDirectory() as everybodys:
        Path(everybodys).chmod(0o755)
        place = Path(shutil.copytree(scene.whole, Path(everybodys, scene.whole.name)))
        names = [*scene.files(), "index", "."]
        child = os.fork()
        if child == 0:
            os._exit(_refused_to_nobody(place, names))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == len(names)
        return len(names)


def _refused_to_nobody(place: Path, names: list[str]) -> int:
    """How many data sets are refused of which one file each may not be read; 255 if any is not."""
    try:
        readers = os.getuid() == 0
        for name in names:
            (place / name).chmod(0)
            if readers:
                os.seteuid(NOBODY)
            with contextlib.suppress(DatasetUnavailable):
                open_store(place)
                return 255
            os.seteuid(os.getuid())
            (place / name).chmod(0o755)
        return len(names)
    except BaseException:  # noqa: BLE001  # a fork must not go on as the test
        return 254


# Fixtures


def outcomes(fixtures: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What check, build and publish complain of; each of them must."""
    commands = (["check"], ["build", "--out", str(out)], ["publish", str(out)])
    said = []
    for command in commands:
        capsys.readouterr()
        assert cli.main([*command, "--fixtures", str(fixtures)]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        said.append(printed.err)
    return said


def faulty(where: Path, rng: random.Random) -> Iterator[tuple[str, str, str, Path]]:
    """Fixtures that are wrong in one way each: what, in which file, at which pointer."""
    numbers = itertools.count()

    def fresh(data: Any = None) -> Path:
        return write(data or sample(), where / f"fixtures-{next(numbers)}")

    for name, (what, (content, _)) in itertools.product(sample(), BYTES.items()):
        directory = fresh()
        (directory / f"{name}.json").write_bytes(content)
        yield what, name, "", directory
    for name, (what, put) in itertools.product(sample(), KINDS.items()):
        directory = fresh()
        put(directory / f"{name}.json")
        absent = put is KINDS["missing"] and name in OPTIONAL
        yield what, *(FIRST_NAMED[name] if absent else (name, "")), directory
    for what in ("gzip", "random", "a NUL block"):
        for name in sample():
            directory = fresh()
            path = directory / f"{name}.json"
            path.write_bytes(ANY[what](path.read_bytes(), rng))
            yield what, name, "", directory
    for what, name, where_, data in spoilt_records(sample()):
        yield what, name, where_, fresh(data)
    for what, (edits, expected, _) in REFUSED.items():
        file, pointer = expected[0]
        yield what, file.removesuffix(".json"), pointer, fresh(edited(sample(), *edits))


@promises(
    AREA,
    "Faulty fixtures are refused by check, build and publish, with the file and the JSON pointer, "
    "and what was published before stays current.",
    broken="A schema that took unknown members; a reader that took NaN and duplicate keys.",
)
def test_faulty_fixtures_are_refused(
    tmp_path: Path, rng: random.Random, capsys: pytest.CaptureFixture[str], tell: Tell
) -> None:
    out = tmp_path / "out"
    before = publish(edition(0), out)
    done: Counter[str] = Counter()
    for what, name, pointer, directory in faulty(tmp_path, rng):
        for said in outcomes(directory, out, capsys):
            # The record's id, where it has one, stands between the pointer and the colon.
            where = re.escape(f"{name}.json {pointer or '/'}")
            place = re.compile(rf"{where}( [\w-]+)?: ")
            circle = what in CIRCLES and re.search(r"/relations( [\w-]+)?: ", said)
            assert place.search(said) or circle, (place, said)
            assert "Traceback" not in said
        done[what] += 1
        shutil.rmtree(directory)
        assert current(out) == before
    assert sorted(path.name for path in out.iterdir()) == [".published", before.name, CURRENT]
    tell(
        f"{sum(done.values())} sets of fixtures, each wrong in one of {len(done)} ways, through "
        "three commands: each refused with file and pointer, 0 published."
    )
