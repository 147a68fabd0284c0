"""A key that may be null or empty may be absent, and means that; served records have every key."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from schemas.faults import DataRefused, Faults
from schemas.records.change import ChangeSchema
from schemas.records.claim import ClaimSchema, CuratedClaimSchema
from schemas.records.description import FORMAT
from schemas.records.record import ListOf, ObjectOf, Record
from schemas.records.vocabularies import VOCABULARIES
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
LOADERS = {kind: schema() for kind, schema in SCHEMAS.items()}
"""To make a schema takes longer than to load a record by it."""
ROOT = Path(__file__).resolve().parent.parent
Steps = tuple[str, ...]


def optional(schema: Schema) -> Iterator[tuple[Steps, Any]]:
    """Where a key may be absent in a record, and what that means; ``*`` is any item of a list."""
    for name, field in schema.fields.items():
        if (meant := getattr(field, "absent", None)) is not None:
            yield (name,), meant
        elif field.allow_none:
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


OPTIONAL = {
    kind: [
        (steps, value)
        for steps, value in optional(schema())
        if (kind, *steps) != ("changes", "claim")  # null or absent where there is a ``record``
    ]
    for kind, schema in SCHEMAS.items()
}
CASES = [
    pytest.param(kind, keys[first::turns], id=f"{kind}-{first}")
    for kind, keys in OPTIONAL.items()
    for turns in [-(-len(keys) // 4)]
    for first in range(turns)
]
"""Four keys of a kind at once, and none beside one that it lies in or next to."""
REQUIRED = [
    *(("places", key) for key in ("id", "name")),
    ("documents", "title"),
    ("agents", "kind"),
    ("topics", "definition"),
    ("occasions", "dates"),
    *(("claims", key) for key in ("id", "statement", "kind", "topics", "actors", "sources")),
    *(("claims", key) for key in ("attribution", "evidence", "confidence", "revision")),
    *(("changes", key) for key in ("claim", "change")),
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


def change(kind: str, steps: Steps, value: Any, written: Data, absent: Data) -> bool:
    """Gives a key the value it may have by being absent, and leaves it out in the same records
    beside them; says whether anything differs by it."""
    left_out = False
    for record, other in zip(written[kind], absent[kind], strict=True):
        for holder, bare in zip(holders(record, steps), holders(other, steps), strict=True):
            before = holder[steps[-1]]
            holder[steps[-1]] = copy.deepcopy(value)
            if not accepted(written):
                holder[steps[-1]] = before  # a rule asks for more here
            elif steps[-1] in bare:
                del bare[steps[-1]]
                left_out = True
    return left_out


def accepted(data: Data) -> bool:
    try:
        own: Data = json.loads(json.dumps(data))
        for kind in VOCABULARIES:
            for record in own[kind]:
                LOADERS[kind].load(record)
        check_records(records_of(own), Faults())
    except (DataRefused, ValidationError):
        return False
    return True


def test_the_optional_keys_are_those_of_the_documented_format() -> None:
    documented = (ROOT / "docs" / "dataset-format.md").read_text(encoding="utf-8")
    for kind, schema in SCHEMAS.items():
        for name in schema().absent:
            assert f"`{name}`" in documented, f"{kind}: {name}"


@pytest.mark.parametrize(("kind", "keys"), CASES)
def test_an_absent_key_means_null_or_empty(
    kind: str, keys: list[tuple[Steps, Any]], tmp_path: Path
) -> None:
    written, absent = sample(), sample()
    for steps, value in keys:
        assert change(kind, steps, value, written, absent), steps
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


FIRST_EDITION = ROOT / "tests" / "fixtures" / "first-edition"
"""Fixtures as the first edition had them, and in ``served`` what it built of them."""
CORRECTED = {("claims", "independent_origins"), ("topics", "claim_count")}
"""Values that the second edition counts otherwise."""


def _without_what_is_new(served: Any, before: Any) -> Any:
    """What is served now, as far as the first edition had such keys."""
    if isinstance(before, dict) and isinstance(served, dict):
        return {key: _without_what_is_new(served[key], before[key]) for key in before}
    if isinstance(before, list) and isinstance(served, list):
        assert len(served) == len(before)
        return [_without_what_is_new(*pair) for pair in zip(served, before, strict=True)]
    return served


@pytest.mark.parametrize("path", sorted((FIRST_EDITION / "served").iterdir()), ids=lambda p: p.stem)
def test_fixtures_of_the_first_edition_build_what_they_built(path: Path) -> None:
    files = files_of(FIRST_EDITION)
    before = [*map(json.loads, path.read_bytes().splitlines())]
    now = [*map(json.loads, files[path.name].splitlines())]
    assert len(now) == len(before) > 0
    for old, new in zip(before, now, strict=True):
        for kind, key in CORRECTED:
            if kind == path.stem:
                del old[key], new[key]
        assert _without_what_is_new(new, old) == old


def test_fixtures_of_the_first_edition_are_served_with_every_key_of_the_second() -> None:
    claims = [*map(json.loads, files_of(FIRST_EDITION)["claims.ndjson"].splitlines())]
    for claim in claims:
        assert list(claim) == list(ClaimSchema().fields)
        assert (claim["places"], claim["alternatives"]) == ([], [])
        assert claim["dates"]["refers_to"] is None
        for key in ("elaborated", "target", "condition"):
            assert claim["goal"] is None or claim["goal"][key] is None
    assert {c["id"]: c["independent_origins"] for c in claims if c["independent_origins"] > 1} == {}


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
