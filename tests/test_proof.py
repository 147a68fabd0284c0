"""What is published was asked before: each operation of the contract, with its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.records.dataset import Feed
from service.cli.proof import prove_answers
from service.compiler import SHIPPED, BuildFailed, build_dataset
from service.compiler.publish import publish
from service.store.dataset_format import (
    INDEX_HASHES,
    MANIFEST,
    MANIFEST_FROM_INDEX,
    current,
    make_manifest,
)
from service.store.files import written
from service.store.protocol import DatasetUnavailable
from tests.built import describe, records_of
from tests.samples import edited, sample

pytestmark = pytest.mark.slow

Record = dict[str, Any]


def rewritten(place: Path, name: str, change: Callable[[Record], Record]) -> None:
    """Changes the records of a file as code that allows more would write them, all hashes right."""
    lines = (place / name).read_bytes().splitlines()
    content = b"".join(json.dumps(change(json.loads(line))).encode() + b"\n" for line in lines)
    (place / name).write_bytes(content)
    manifest = json.loads((place / MANIFEST).read_bytes())
    manifest["files"][name] = describe(content)
    built_at, counts, layout = (manifest[key] for key in ("built_at", "counts", "index_layout"))
    feed = Feed(**manifest["feed"])
    content = written(make_manifest(manifest["files"], built_at, counts, layout, feed))
    (place / MANIFEST).write_bytes(content)
    hashes = json.loads((place / INDEX_HASHES).read_bytes())
    hashes[MANIFEST_FROM_INDEX] = describe(content)
    (place / INDEX_HASHES).write_bytes(written(hashes))


def test_a_sound_data_set_stands_the_proof(tmp_path: Path) -> None:
    prove_answers(build_dataset(SHIPPED, tmp_path / "shipped"))
    prove_answers(build_dataset(records_of(sample()), tmp_path / "sample"))


def test_an_empty_data_set_stands_the_proof(tmp_path: Path) -> None:
    prove_answers(build_dataset(records_of({name: [] for name in sample()}), tmp_path))


UNANSWERABLE: dict[str, tuple[str, Callable[[Record], Record]]] = {
    "a topic that has no label": (
        "topics.ndjson",
        lambda topic: {key: value for key, value in topic.items() if key != "label"},
    ),
    "a list of objects where a topic is broader": (
        "topics.ndjson",
        lambda topic: {**topic, "broader": [{"id": "economy", "name": "Economy"}]},
    ),
}


@pytest.mark.parametrize("case", UNANSWERABLE)
def test_what_cannot_be_answered_is_not_published(case: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = publish(records_of(sample()), out)
    name, change = UNANSWERABLE[case]

    def prove(place: Path) -> None:
        rewritten(place, name, change)
        prove_answers(place)

    other = records_of(edited(sample(), ("/topics/0/definition", "Something else.")))
    with pytest.raises((BuildFailed, DatasetUnavailable)) as failed:
        publish(other, out, prove=prove, restart="Another edition.")
    assert re.search("cannot be served: |answered with|cannot be answered: ", str(failed.value))
    assert current(out) == before
    assert {path.name for path in out.iterdir()} == {".published", before.name, "current"}
