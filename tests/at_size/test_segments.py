"""An index in several segments, as a million claims have it, answers as one in a single segment."""

from __future__ import annotations

import dataclasses
import itertools
import random

import pytest

from schemas.filters import DIMENSIONS
from schemas.query import ClaimQuery
from service.store.change_log import ChangeLog
from service.store.dataset_format import Dataset
from service.store.files import line_spans
from service.store.protocol import Store
from service.store.tantivy.index import build_index, open_index
from service.store.tantivy.store import TantivyStore
from tests.at_size.questions import Questions
from tests.built import changes_index, entries
from tests.reference_store import ReferenceStore
from tests.store_contract import walk

pytestmark = pytest.mark.at_size

QUESTIONS = 105
PARTS = (300, 2_000, 15_000, 8_000)
"""Claims of each segment: the engine orders segments by size, not by age."""
PAIRS = tuple(itertools.combinations(DIMENSIONS, 2))


@pytest.fixture(scope="module")
def part(dataset: Dataset) -> Dataset:
    """The newest of the claims: an index of all of them takes a minute to write."""
    *_, (_, end) = itertools.islice(line_spans(dataset.claims), sum(PARTS))
    return dataclasses.replace(dataset, claims=dataset.claims[: end + 1])


@pytest.fixture(scope="module")
def cut(part: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Store:
    directory = tmp_path_factory.mktemp("index")
    claims = entries(part.claims, part.records)
    for size in PARTS:
        build_index(itertools.islice(claims, size), directory)
    index = open_index(directory, [path.name for path in directory.iterdir()])
    assert index.searcher().num_segments == len(PARTS)
    return TantivyStore(part, index, ChangeLog(part.changes, changes_index(part.changes)))


@pytest.fixture(scope="module")
def plain(part: Dataset) -> ReferenceStore:
    return ReferenceStore(part)


@pytest.fixture
def asking(part: Dataset, rng: random.Random) -> Questions:
    return Questions(part, rng)


def test_pages_and_exports_are_the_same(
    cut: Store, plain: ReferenceStore, asking: Questions
) -> None:
    for query in asking.many(QUESTIONS):
        page, export = cut.search(query), cut.export(query)
        found, wanted = list(export.bodies), [row.body for row in plain.found(query)]
        if query.order == "relevance":
            found, wanted = sorted(found), sorted(wanted)
        else:
            assert page.bodies == wanted[: query.limit], query
        assert found == wanted, query
        assert page.total == len(wanted), query


@pytest.mark.parametrize("order", ["-announced", "occurred", "-content"])
def test_a_walk_leads_through_all_segments(cut: Store, plain: ReferenceStore, order: str) -> None:
    query = ClaimQuery(kind=("directive", "event"), sort=order, limit=100)
    found = [body for page in walk(cut, query) for body in page.bodies]
    assert found == [row.body for row in plain.found(query)]


def test_counts_are_the_same(
    cut: Store, plain: ReferenceStore, asking: Questions, rng: random.Random
) -> None:
    for dimension in DIMENSIONS:
        assert cut.counts(ClaimQuery(), (dimension,)) == plain.counts(ClaimQuery(), (dimension,))
    for by in rng.sample(PAIRS, 20):
        for query in (ClaimQuery(kind=("event",)), *asking.many(1)):
            assert cut.counts(query, by) == plain.counts(query, by), (query, by)
