"""The layout of an index is derived from the code, and is no part of what a data set is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tantivy import Schema, SchemaBuilder

from schemas.filter_kinds import ServedClaim, ServedRecords
from schemas.tables.claims import CLAIMS as CLAIM_TABLE
from service import cli
from service.app import create_app
from service.compiler import build_dataset
from service.compiler.write import reindex
from service.config import Config
from service.store.dataset_format import (
    EXPORTS,
    INDEX_HASHES,
    MANIFEST,
    MANIFEST_FROM_INDEX,
    open_dataset,
    vocabularies_in,
)
from service.store.files import Buffer, written
from service.store.protocol import DatasetUnavailable
from service.store.search.words import words
from service.store.tantivy.index import index_line, layout
from service.store.tantivy.store import open_store
from tests.built import describe, files_of, records_of
from tests.publishing import publish
from tests.samples import sample
from tests.wire import ask

pytestmark = pytest.mark.slow

FILES = files_of(records_of(sample()))
CLAIMS, VOCABULARIES = FILES["claims.ndjson"], vocabularies_in(FILES)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return build_dataset(records_of(sample()), tmp_path / "out")


def schema(**options: Any) -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", fast=True, tokenizer_name="raw", index_option="basic")
    for name, fast in options.items():
        builder.add_unsigned_field(name, fast=fast)
    return builder.build()


def with_a_flag_more(claim: ServedClaim, vocabularies: ServedRecords) -> bytes:
    return index_line(claim, vocabularies)[:-1] + b',"origins":2}'


def without_accents(text: str) -> list[str]:
    return [word.replace("é", "e") for word in text.split()]


ID = CLAIM_TABLE.columns[0]
OTHER_COLUMNS = replace(CLAIM_TABLE, columns=(*CLAIM_TABLE.columns, replace(ID, name="again")))
OTHER_TYPE = replace(CLAIM_TABLE, columns=(replace(ID, type="text"), *CLAIM_TABLE.columns[1:]))
OTHER_VALUE = replace(
    CLAIM_TABLE, columns=(replace(ID, value=lambda claim: "id"), *CLAIM_TABLE.columns[1:])
)

OTHER: dict[str, Callable[[Buffer], str]] = {
    "other fields": lambda claims: layout(claims, VOCABULARIES, schema()),
    "a field more": lambda claims: layout(claims, VOCABULARIES, schema(origins=True)),
    "another option": lambda claims: layout(claims, VOCABULARIES, schema(origins=False)),
    "other values": lambda claims: layout(claims, VOCABULARIES, entry=with_a_flag_more),
    "another column": lambda claims: layout(claims, VOCABULARIES, tables=[OTHER_COLUMNS]),
    "another type of a column": lambda claims: layout(claims, VOCABULARIES, tables=[OTHER_TYPE]),
    "another value of a column": lambda claims: layout(claims, VOCABULARIES, tables=[OTHER_VALUE]),
    "another analyser": lambda claims: layout(claims, VOCABULARIES, analyse=without_accents),
}


def test_whatever_decides_what_an_index_holds_is_part_of_its_layout() -> None:
    layouts = {name: other(CLAIMS) for name, other in OTHER.items()}
    assert len({layout(CLAIMS, VOCABULARIES), *layouts.values()}) == len(OTHER) + 1
    assert layout(CLAIMS, VOCABULARIES) == layout(CLAIMS, VOCABULARIES, None, index_line, words)


def test_what_a_claim_is_found_by_beside_its_own_words_is_part_of_the_layout() -> None:
    agents = FILES["agents.ndjson"].replace(b'"other_names":[]', b'"other_names":["Also"]')
    other = {**VOCABULARIES, **vocabularies_in({**FILES, "agents.ndjson": agents})}
    assert layout(CLAIMS, other) != layout(CLAIMS, VOCABULARIES)


def test_an_empty_data_set_has_a_layout_too() -> None:
    assert layout(b"", VOCABULARIES) != layout(b"", VOCABULARIES, analyse=without_accents)


def of_another_layout(place: Path) -> Path:
    """A data set as code with another layout would have built it, all of its hashes right."""
    manifest = json.loads((place / MANIFEST).read_bytes())
    content = written({**manifest, "index_layout": "0123456789abcdef"})
    (place / MANIFEST).write_bytes(content)
    hashes = json.loads((place / INDEX_HASHES).read_bytes())
    hashes[MANIFEST_FROM_INDEX] = describe(content)
    (place / INDEX_HASHES).write_bytes(written(hashes))
    return place


def test_an_index_of_another_layout_is_refused_by_name(place: Path) -> None:
    """As by code with one field more: what it looks for would not be there, silently."""
    open_store(place)
    with pytest.raises(DatasetUnavailable, match="layout") as refused:
        open_store(of_another_layout(place))
    assert "policy-claims reindex" in refused.value.reason
    assert str(place) not in refused.value.reason


def test_a_server_says_why_it_does_not_answer(place: Path) -> None:
    app = create_app(Config(dataset=of_another_layout(place), access_log=False))
    assert ask(app, "/readyz").status == 503


def test_the_version_does_not_depend_on_the_layout(place: Path) -> None:
    before = open_dataset(place)
    after = open_dataset(of_another_layout(place))
    assert after.index_layout != before.index_layout
    assert after.info == before.info


def test_reindexing_mends_a_data_set_under_its_version(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = tmp_path / "current"
    published.symlink_to(of_another_layout(place))
    (place / EXPORTS / "claims.csv").write_bytes(b"of other columns")
    content = {name: (place / name).read_bytes() for name in files_of() if name != MANIFEST}
    assert cli.main(["reindex", str(published)]) == 0
    assert capsys.readouterr().out.strip() == str(place)
    assert {name: (place / name).read_bytes() for name in content} == content
    assert open_store(place, whole=True).dataset.version == place.name
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_data_set_under_any_name_can_be_reindexed(place: Path, tmp_path: Path) -> None:
    moved = Path(shutil.move(of_another_layout(place), tmp_path / "our-claims"))
    assert reindex(moved) == moved
    open_store(moved, whole=True)


def test_damaged_content_is_not_reindexed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "claims.ndjson").write_bytes(CLAIMS.replace(b"ministry", b"minister"))
    assert cli.main(["reindex", str(place)]) == 1
    assert "claims.ndjson" in capsys.readouterr().err
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_data_set_that_goes_by_another_version_is_not_reindexed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would silently become another one."""
    manifest = json.loads((place / MANIFEST).read_bytes())
    content = written({**manifest, "digest": "0" * 64, "version": "0" * 16})
    (place / MANIFEST).write_bytes(content)
    assert cli.main(["reindex", str(place)]) == 1
    assert "manifest.json /digest" in capsys.readouterr().err
    assert (place / MANIFEST).read_bytes() == content


def test_to_publish_again_mends_the_layout(tmp_path: Path) -> None:
    out = tmp_path / "published"
    place = of_another_layout(publish(records_of(sample()), out))
    assert publish(records_of(sample()), out) == place
    open_store(place, whole=True)
