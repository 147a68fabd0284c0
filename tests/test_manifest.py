"""What a manifest must say: one that breaks a rule is refused by the place in it, though it agrees
with its own digest and with the files beside it wherever it can.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.records.dataset import COUNTED, DATA_FILES, SCHEMA_VERSION
from service.compiler import build_dataset
from service.store.dataset_format import open_dataset
from service.store.files import written
from service.store.protocol import DatasetUnavailable
from tests.built import records_of
from tests.samples import REMOVED, sample
from tests.tables import each_row

Manifest = dict[str, Any]
Damage = tuple[str, Any]
"""A pointer into the manifest and what is put there; a function makes it of what stood there."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_dataset(records_of(sample()), tmp_path_factory.mktemp("out"), durable=False)


@pytest.fixture(scope="module")
def place(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files, of which each test writes the manifest anew."""
    return Path(shutil.copytree(whole, tmp_path_factory.mktemp("place") / "copy"))


def damaged(manifest: Manifest, pointer: str, value: Any) -> Manifest:
    *steps, last = pointer.split("/")[1:]
    within = manifest
    for step in steps:
        within = within[step]
    if value is REMOVED:
        del within[last]
    else:
        within[last] = value(within.get(last)) if callable(value) else value
    return manifest


def digest_of(manifest: Manifest) -> str:
    """As docs/dataset-format.md says: of the schema version, and of hash and size of each file."""
    files = {
        name: {key: file[key] for key in ("sha256", "bytes") if key in file}
        for name, file in manifest["files"].items()
        if name in DATA_FILES
    }
    return hashlib.sha256(orjson.dumps([SCHEMA_VERSION, files])).hexdigest()


def agreeing(manifest: Manifest) -> Manifest:
    """Digest and version once more, of what the manifest says of the files by now."""
    try:
        digest = digest_of(manifest)
    except (AttributeError, KeyError, TypeError):  # it says nothing that could be hashed
        return manifest
    return {**manifest, "digest": digest, "version": digest[:16]}


def reason(place: Path, manifest: Manifest) -> str:
    (place / "manifest.json").write_bytes(written(manifest))
    with pytest.raises(DatasetUnavailable) as refused:
        open_dataset(place)
    return refused.value.reason


def manifest_of(place: Path) -> Manifest:
    manifest: Manifest = json.loads((place / "manifest.json").read_bytes())
    return manifest


def test_a_digest_is_of_the_schema_version_and_of_hash_and_size_of_each_file(whole: Path) -> None:
    manifest = manifest_of(whole)
    assert [*manifest["files"]] == [*DATA_FILES]
    for name, described in manifest["files"].items():
        content = (whole / name).read_bytes()
        hashed = hashlib.sha256(content).hexdigest()
        assert described == {"sha256": hashed, "bytes": len(content)}
    assert manifest["digest"] == digest_of(manifest)
    assert manifest["version"] == manifest["digest"][:16] == whole.name


def _upper(value: str) -> str:
    return value.upper()


def _float(value: int) -> float:
    return float(value)


NO_LAYOUTS = (3, None, "", "0" * 15, "0" * 17, "A" * 16, "g" * 16, "0" * 15 + "\n")
NO_INSTANTS = (
    None, 1_675_382_400, "2023-02-03", "2023-02-03T00:00:00", "2023-02-03T00:00:00+00:00",
    "2023-02-03T00:00:00z", "2023-02-03 00:00:00Z", "2023-02-03T00:00Z", "2023-02-03T00:00:00.0Z",
    "2023-02-03T24:00:00Z", "2023-02-03T00:60:00Z", "2023-02-03T23:59:60Z", "2023-02-30T00:00:00Z",
    "2023-00-01T00:00:00Z", "2023-02-03T00:00:00Z\n", "2023-02-03T00:00:0\u0663Z",
    "20230203T000000Z", "0000-01-01T00:00:00Z",
)  # fmt: skip
NO_COUNTS = (None, -1, True, "6", [6], _float)
NO_HASHES = (None, 0, "", "0" * 63, "0" * 65, "g" * 64, _upper)
NO_SIZES = (None, -1, True, "6", _float)

TOP: tuple[Damage, ...] = (
    *(
        ("/schema_version", value)
        for value in (1, SCHEMA_VERSION - 1, SCHEMA_VERSION + 1, "4", True, 4.0, None, REMOVED)
    ),
    *(("/index_layout", value) for value in (*NO_LAYOUTS, REMOVED)),
    *(("/built_at", value) for value in (*NO_INSTANTS, REMOVED)),
    *(("/counts", value) for value in (None, 6, [], REMOVED)),
    *(("/files", value) for value in (None, 6, [], REMOVED)),
    *(("/verified", value) for value in (6, "2023", REMOVED)),
    ("/name", "ours"),
)
COUNTS: tuple[Damage, ...] = (
    *((f"/counts/{name}", value) for name in COUNTED for value in (*NO_COUNTS, REMOVED)),
    ("/counts/sentences", 3),
)
FILES: tuple[Damage, ...] = (
    *((f"/files/{name}", value) for name in DATA_FILES for value in (REMOVED, None, [])),
    *((f"/files/{name}/sha256", value) for name in DATA_FILES for value in (*NO_HASHES, REMOVED)),
    *((f"/files/{name}/bytes", value) for name in DATA_FILES for value in (*NO_SIZES, REMOVED)),
    ("/files/claims.ndjson/name", "claims"),
    ("/files/notes.txt", {"sha256": hashlib.sha256(b"").hexdigest(), "bytes": 0}),
)


@each_row(("pointer", "value"), [*TOP, *COUNTS, *FILES])
def test_a_manifest_that_breaks_a_rule_is_refused_by_the_place_in_it(
    whole: Path, place: Path, pointer: str, value: Any
) -> None:
    manifest = agreeing(damaged(manifest_of(whole), pointer, value))
    assert f"manifest.json {pointer}: found" in reason(place, manifest)


IDENTITY: dict[str, tuple[Callable[[str], Any], Callable[[str], Any], set[str]]] = {
    "a version of another digest": (str, lambda _: "0123456789abcdef", {"/version"}),
    "a longer version": (str, lambda digest: digest[:17], {"/version"}),
    "a shorter version": (str, lambda digest: digest[:15], {"/version"}),
    "no version": (str, lambda _: REMOVED, {"/version"}),
    "another digest": (lambda _: "0" * 64, lambda _: "0" * 16, {"/digest"}),
    "a digest in capitals": (str.upper, lambda digest: digest[:16], {"/digest"}),
    "a shorter digest": (lambda digest: digest[:63], lambda digest: digest[:16], {"/digest"}),
    "no digest": (lambda _: REMOVED, lambda digest: digest[:16], {"/digest"}),
    "neither": (lambda _: 16, lambda _: "current", {"/digest", "/version"}),
}


@pytest.mark.parametrize("what", IDENTITY)
def test_a_manifest_that_names_no_content_or_another_is_refused(
    whole: Path, place: Path, what: str
) -> None:
    digest, version, named = IDENTITY[what]
    manifest = manifest_of(whole)
    true = manifest["digest"]
    damaged(manifest, "/version", version(true))
    damaged(manifest, "/digest", digest(true))
    told = reason(place, manifest)
    assert {
        key for key in ("/digest", "/version") if f"manifest.json {key}: found" in told
    } == named


def test_all_that_is_wrong_with_a_manifest_is_said_at_once(whole: Path, place: Path) -> None:
    manifest = manifest_of(whole)
    pointers = ("/built_at", "/counts/claims", "/files/claims.ndjson/bytes", "/name")
    for pointer in pointers:
        damaged(manifest, pointer, "x")
    told = reason(place, manifest)
    assert all(f"manifest.json {pointer}: found" in told for pointer in pointers)
