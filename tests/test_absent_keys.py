"""A key that may be null or empty may be absent, and means that; served records have every key."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema

from schemas.change import ChangeSchema
from schemas.claim import ClaimSchema, CuratedClaimSchema
from schemas.description import FORMAT
from schemas.faults import DataRefused, Faults
from schemas.record import ListOf, ObjectOf, Record
from schemas.vocabularies import VOCABULARIES
from service.compiler import build_dataset, check_fixtures
from service.compiler.check import check_records
from service.store.tantivy.store import open_store
from tests.built import files_of, files_of_records, records_of
from tests.samples import Data, sample, write

pytestmark = pytest.mark.slow

SCHEMAS: dict[str, type[Record]] = {
    **{name: kind.curated for name, kind in VOCABULARIES.items()},
    "claims": CuratedClaimSchema,
    "changes": ChangeSchema,
}
ROOT = Path(__file__).resolve().parent.parent
Steps = tuple[str, ...]


def optional(schema: Schema) -> Iterator[tuple[Steps, Any]]:
    """Where a key may be absent in a record, and what that means; ``*`` is any item of a list."""
    for name, field in schema.fields.items():
        if field.allow_none:
            yield (name,), None
        elif isinstance(field, ListOf) and field.minimum == 0:
            yield (name,), []
        elif isinstance(field, ObjectOf) and (meant := _meant_by_absence(field)) is not None:
            yield (name,), meant
        inner, steps = (field.inner, (name, "*")) if isinstance(field, ListOf) else (field, (name,))
        if isinstance(inner, ObjectOf):
            for further, value in optional(inner.schema):
                yield (*steps, *further), value


def _meant_by_absence(field: ObjectOf) -> dict[str, Any] | None:
    """Of an object all of whose keys may be absent."""
    schema = field.schema
    return dict(schema.absent) if schema.absent.keys() == schema.fields.keys() else None


CASES = [
    pytest.param(kind, steps, value, id=f"{kind}/{'/'.join(map(str, steps))}")
    for kind, schema in SCHEMAS.items()
    for steps, value in optional(schema())
]
REQUIRED = [
    *(("places", key) for key in ("id", "name")),
    ("documents", "title"),
    ("agents", "kind"),
    ("topics", "definition"),
    ("occasions", "series"),
    *(("claims", key) for key in ("id", "statement", "kind", "topics", "actors", "sources")),
    *(("claims", key) for key in ("attribution", "evidence", "confidence", "revision")),
    ("changes", "claim"),
]


def holders(node: Any, steps: Steps) -> Iterator[dict[str, Any]]:
    """The objects in which the last step is a key."""
    if node is None:
        return
    first, *rest = steps
    if first == "*":
        for item in node:
            yield from holders(item, tuple(rest))
    elif rest:
        yield from holders(node.get(first), tuple(rest))
    else:
        yield node


def changed(kind: str, steps: Steps, value: Any) -> tuple[Data, Data]:
    """The sample where the key has the value it may have by being absent, and with it left out."""
    written, absent = sample(), sample()
    for record, other in zip(written[kind], absent[kind], strict=True):
        for holder, bare in zip(holders(record, steps), holders(other, steps), strict=True):
            before = holder[steps[-1]]
            holder[steps[-1]] = copy.deepcopy(value)
            if not accepted(written):
                holder[steps[-1]] = before  # a rule asks for more here
            elif steps[-1] in bare:
                del bare[steps[-1]]
    return written, absent


def accepted(data: Data) -> bool:
    try:
        check_records(records_of(copy.deepcopy(data)), Faults())
    except DataRefused:
        return False
    return True


def test_the_optional_keys_are_those_of_the_documented_format() -> None:
    documented = (ROOT / "docs" / "dataset-format.md").read_text(encoding="utf-8")
    for kind, schema in SCHEMAS.items():
        for name in schema().absent:
            assert f"`{name}`" in documented, f"{kind}: {name}"


@pytest.mark.parametrize(("kind", "steps", "value"), CASES)
def test_an_absent_key_means_null_or_empty(
    kind: str, steps: Steps, value: Any, tmp_path: Path
) -> None:
    written, absent = changed(kind, steps, value)
    assert written != absent
    assert files_of(write(absent, tmp_path)) == files_of_records(written)


def test_all_of_them_may_be_absent_at_once(tmp_path: Path) -> None:
    bare = sample()
    for kind, schema in SCHEMAS.items():
        for record in bare[kind]:
            for name, value in schema().absent.items():
                if record[name] == value:
                    del record[name]
    assert bare != sample()
    place = build_dataset(write(bare, tmp_path / "in"), tmp_path / "out")
    assert files_of(write(bare, tmp_path / "again")) == files_of_records(sample())
    for line in (place / "claims.ndjson").read_bytes().splitlines():
        assert list(json.loads(line)) == list(ClaimSchema().fields)
    assert open_store(place).dataset.counts["claims"] == len(bare["claims"])


def test_fixtures_of_the_first_edition_which_knew_no_places_go_on_to_build(tmp_path: Path) -> None:
    old, same = sample(), sample()
    del old["places"]
    same["places"] = []
    for claims in (old["claims"], [c["previous"] for c in old["changes"] if c["previous"]]):
        for claim in claims:
            del claim["places"]
    for claims in (same["claims"], [c["previous"] for c in same["changes"] if c["previous"]]):
        for claim in claims:
            claim["places"] = []
    directory = write(old, tmp_path / "in")
    assert not (directory / "places.json").exists()
    place = build_dataset(directory, tmp_path / "out")
    assert files_of(directory) == files_of(records_of(same))
    served = [*map(json.loads, (place / "claims.ndjson").read_bytes().splitlines())]
    assert [claim["places"] for claim in served] == [[]] * len(old["claims"])
    store = open_store(place)
    assert (store.dataset.counts["places"], dict(store.vocabularies["places"].records)) == (0, {})


@pytest.mark.parametrize(("kind", "key"), REQUIRED)
def test_what_means_something_may_not_be_absent(kind: str, key: str, tmp_path: Path) -> None:
    data = sample()
    del data[kind][0][key]
    with pytest.raises(DataRefused) as refused:
        check_fixtures(write(data, tmp_path))
    assert (f"{kind}.json", f"/0/{key}") in {(f.file, f.pointer) for f in refused.value.faults}


@pytest.mark.parametrize("about", [None, {}, {"format": FORMAT}])
def test_fixtures_may_say_which_format_they_have(about: object, tmp_path: Path) -> None:
    directory = write(sample(), tmp_path)
    if about is not None:
        (directory / "dataset.json").write_text(json.dumps(about))
    assert len(check_fixtures(directory)["claims"]) == len(sample()["claims"])


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ('{"format": 2}', "/format"),
        ('{"format": "1"}', "/format"),
        ('{"format": null}', "/format"),
        ('{"format": 1, "titel": "?"}', "/titel"),
        ("[]", ""),
        ("{", ""),
    ],
)
def test_fixtures_of_another_format_are_refused(content: str, pointer: str, tmp_path: Path) -> None:
    directory = write(sample(), tmp_path)
    (directory / "dataset.json").write_text(content)
    with pytest.raises(DataRefused) as refused:
        check_fixtures(directory)
    assert [(f.file, f.pointer) for f in refused.value.faults] == [("dataset.json", pointer)]
