"""The store: its contract on every way of making one, and no difference from the plain one."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema
from tantivy import Index as TantivyIndex

from schemas.filters import DIMENSIONS, LISTED
from schemas.query import ClaimQuery
from schemas.records.change import ChangeSchema
from schemas.records.claim import CuratedClaimSchema
from schemas.records.dataset import DATA_FILES
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import Fixtures, build_dataset, open_fixtures
from service.store.dataset_format import INDEX, MANIFEST, open_dataset
from service.store.files import line_spans, written
from service.store.protocol import RELEVANCE_WINDOW, DatasetUnavailable, EnginePanicked, Store
from service.store.search.index_fields import FIELDS
from service.store.search.words import make_analyzer
from service.store.tantivy.index import (
    ANALYZER,
    LENGTH,
    PLACE,
    build_index,
    index_line,
    index_schema,
    open_index,
)
from service.store.tantivy.store import TantivyStore, open_store
from tests import strategies
from tests.built import built as built_for_a_while
from tests.built import dataset_of, entries, parts_of
from tests.records import claim, claim_id, fixtures
from tests.reference_store import ReferenceStore
from tests.store_cases import SAMPLE
from tests.store_contract import StoreContract, StoreOf, exported, walk, walked

PAIRS = tuple(itertools.permutations(DIMENSIONS, 2))


class TestTantivyStore(StoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def store_of(cls) -> StoreOf:
        return open_fixtures


@pytest.mark.slow
class TestReferenceStore(StoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def store_of(cls) -> StoreOf:
        return lambda records: ReferenceStore(dataset_of(records))


# Generated data sets and questions


def both_of(records: Fixtures) -> tuple[Store, Store]:
    with built_for_a_while(records) as place:
        return open_store(place), ReferenceStore(open_dataset(place))


def assert_alike(store: Store, plain: Store, query: ClaimQuery) -> None:
    """One question, all its answers: a page, the walk, the export."""
    page, expected = store.search(query), plain.search(query)
    assert page.total == expected.total
    assert (page.next_cursor is None) == (expected.next_cursor is None)
    whole, wanted = exported(store, query), exported(plain, query)
    if query.order == "relevance":
        assert sorted(whole) == sorted(wanted)
        unfiltered = exported(store, ClaimQuery(q=query.q))
        assert whole == [body for body in unfiltered if body in whole]
    else:
        assert whole == wanted
    assert page.bodies == whole[: query.limit]
    assert walked(store, query) == whole
    assert {found.total for found in walk(store, query)} == {len(whole)}


def questions(data: st.DataObject, data_set: Fixtures, number: int) -> list[ClaimQuery]:
    asked = strategies.queries(data_set)
    return data.draw(st.lists(asked, min_size=number, max_size=number))


@given(data=st.data())
def test_no_question_is_answered_otherwise_than_by_looking_at_every_claim(
    data: st.DataObject,
) -> None:
    data_set = data.draw(strategies.data_sets())
    store, plain = both_of(data_set)
    for query in questions(data, data_set, 10):
        assert_alike(store, plain, query)


@given(data=st.data())
def test_no_count_is_other_than_by_looking_at_every_claim(data: st.DataObject) -> None:
    data_set = data.draw(strategies.data_sets())
    store, plain = both_of(data_set)
    pairs = st.lists(st.sampled_from(PAIRS), min_size=20, max_size=20, unique=True)
    for query in (ClaimQuery(), *questions(data, data_set, 2)):
        for by in (*((name,) for name in DIMENSIONS), *data.draw(pairs)):
            assert store.counts(query, by) == plain.counts(query, by)


@given(data=st.data())
def test_any_cursor_cuts_any_order_once(data: st.DataObject) -> None:
    data_set = data.draw(strategies.data_sets())
    store = open_fixtures(data_set)
    for query in questions(data, data_set, 4):
        whole = exported(store, query)
        places = []
        for cursor in sorted(data.draw(st.lists(strategies.cursors(), min_size=3, max_size=3))):
            page = store.search(dataclasses.replace(query, cursor=cursor))
            assert page.total == len(whole)
            place = whole.index(page.bodies[0]) if page.bodies else len(whole)
            assert page.bodies == whole[place : place + query.limit]
            assert (page.next_cursor is None) == (place + query.limit >= len(whole))
            places.append(place)
        assert places == sorted(places)


def in_year(dimension: str, year: str) -> dict[str, Any]:
    """The filter that the key of a group of years makes."""
    if dimension == "horizon":
        return {"horizon": (year,)}
    name = dimension.removesuffix("_year")
    return {f"{name}_from": f"{year}-01-01", f"{name}_to": f"{year}-12-31"}


@given(data_set=strategies.data_sets())
def test_the_count_of_every_year_is_the_total_of_its_filter(data_set: Fixtures) -> None:
    """With open, unknown, uncertain and missing dates alike, and with a second dimension."""
    store = open_fixtures(data_set)
    for name in ("horizon", "announced_year", "occurred_year"):
        for group in store.counts(ClaimQuery(), (name, "kind")).groups:
            year, kind = group.keys
            if year is not None:
                asked = ClaimQuery(kind=(kind,), **in_year(name, year))
                assert store.search(asked).total == group.count, (name, year, kind)


@given(data_set=strategies.data_sets())
def test_generated_records_are_such_as_a_curator_could_write(data_set: Fixtures) -> None:
    schemas: dict[str, type[Schema]] = {
        **{name: kind.curated for name, kind in VOCABULARIES.items()},
        "claims": CuratedClaimSchema,
        "changes": ChangeSchema,
    }
    for name, schema in schemas.items():
        records = data_set[name]
        assert schema(many=True).load(json.loads(json.dumps(records))) == records


# Sizes that no curated record is needed for


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> TantivyStore:
    """Somewhat more claims than a walk by relevance leads to, alike but for their ids: the line of
    one, again and again."""
    dataset, _, log = parts_of(fixtures([claim(1, "2023", statement="A launch.")]))
    one, first = bytes(dataset.claims[:]), claim_id(1).encode()
    many = [claim_id(number).encode() for number in range(1, RELEVANCE_WINDOW + 51)]
    claims = b"".join(one.replace(first, identifier) for identifier in many)
    place = tmp_path_factory.mktemp("large")
    build_index(entries(claims, dataset.records), place)
    index = open_index(place, [path.name for path in place.iterdir()])
    files = {name: file for name, file in dataset.files.items() if not name.endswith(".csv")}
    return TantivyStore(dataclasses.replace(dataset, claims=claims, files=files), index, log)


@pytest.mark.slow
def test_a_walk_by_relevance_ends_at_its_window_and_its_total_is_exact(
    large: TantivyStore,
) -> None:
    position = RELEVANCE_WINDOW - 150
    pages = walk(large, ClaimQuery(q="launch", limit=100, cursor=f"{position:016x}"))
    assert [len(page.bodies) for page in pages] == [100, 50]
    assert {page.total for page in pages} == {RELEVANCE_WINDOW + 50}


@pytest.mark.slow
@pytest.mark.parametrize("query", [ClaimQuery(), ClaimQuery(q="launch")])
def test_an_export_of_any_length_has_every_claim_once(
    large: TantivyStore, query: ClaimQuery
) -> None:
    found = [json.loads(body)["id"] for body in exported(large, query)]
    assert sorted(found) == [claim_id(n) for n in range(1, RELEVANCE_WINDOW + 51)]
    assert query.q is not None or found == sorted(found)


@pytest.mark.slow
def test_counts_of_many_values_are_never_cut(large: TantivyStore) -> None:
    assert [group.count for group in large.counts(ClaimQuery(), ("kind",)).groups] == [10_050]
    assert len(large.counts(ClaimQuery(), ("id",)).groups) == RELEVANCE_WINDOW + 50


# Directories that cannot be served


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_dataset(SAMPLE, tmp_path_factory.mktemp("built"))


def damaged(place: Path, name: str, content: bytes | None) -> None:
    """Puts other content in the place of one file, or removes it."""
    (place / name).unlink()
    if content is not None:
        (place / name).write_bytes(content)


@pytest.mark.parametrize("name", [MANIFEST, *DATA_FILES])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff{"])
def test_a_directory_that_is_not_as_it_was_built_is_not_served(
    built: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    place = Path(shutil.copytree(built, tmp_path / "copy"))
    damaged(place, name, content)
    with pytest.raises(DatasetUnavailable):
        open_store(place)


def test_no_field_of_the_index_is_called_after_a_filter_that_is_not_its_own() -> None:
    """The engine would refuse one name twice, and a mapping would keep the last of them alone."""
    assert {name for name, kind in FIELDS.items() if kind == "terms"} == LISTED.keys()
    assert FIELDS.keys().isdisjoint({PLACE, LENGTH})


@pytest.mark.parametrize("key", ["schema_version", "index_layout"])
def test_a_directory_of_another_layout_is_not_served(built: Path, tmp_path: Path, key: str) -> None:
    place = Path(shutil.copytree(built, tmp_path / "copy"))
    manifest = json.loads((place / MANIFEST).read_bytes())
    damaged(place, MANIFEST, written({**manifest, key: 0}))
    with pytest.raises(DatasetUnavailable):
        open_store(place)


def test_a_directory_without_its_index_is_not_served(built: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(built, tmp_path / "copy"))
    shutil.rmtree(place / INDEX)
    with pytest.raises(DatasetUnavailable):
        open_store(place)
    (place / INDEX).mkdir()
    with pytest.raises(DatasetUnavailable):
        open_store(place)


def test_a_place_where_there_is_nothing_is_not_served(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(DatasetUnavailable):
            open_store(place)


def test_a_claim_that_has_no_place_in_the_index_is_no_answer() -> None:
    """The first bytes of the file are another claim's."""
    dataset, _, log = parts_of(SAMPLE)
    index = TantivyIndex(index_schema())
    index.register_tokenizer(ANALYZER, make_analyzer())
    writer = index.writer()
    start, end = next(line_spans(dataset.claims))
    writer.add_json(index_line(json.loads(dataset.claims[start:end]), dataset.records).decode())
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    store = TantivyStore(dataset, index, log)
    for ask in (store.search, lambda query: list(store.export(query).bodies)):
        with pytest.raises(LookupError, match="no place"):
            ask(ClaimQuery())


def test_a_panic_while_an_export_is_sent_is_an_error_like_any_other() -> None:
    """The lines are read after ``export`` returned; a ``BaseException`` would end the worker."""
    panic = type("PanicException", (BaseException,), {})

    class Panicking:
        def __init__(self, searcher: Any) -> None:
            self._searcher = searcher

        def __getattr__(self, name: str) -> Any:
            return getattr(self._searcher, name)

        def fast_field_values(self, *_: Any) -> Any:
            raise panic("in the engine's own code")

    class Index:
        def __init__(self, index: Any) -> None:
            self._index, self.schema = index, index.schema

        def searcher(self) -> Panicking:
            return Panicking(self._index.searcher())

    dataset, opened, log = parts_of()
    index: Any = Index(opened)
    export = TantivyStore(dataset, index, log).export(ClaimQuery(kind=("goal",)))
    with pytest.raises(EnginePanicked):
        list(export.bodies)
