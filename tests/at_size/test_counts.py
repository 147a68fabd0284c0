"""Counts of 100,000 claims: every group with its number, in order, none cut, in every dimension."""

from __future__ import annotations

import itertools
import random

import pytest

from schemas.filters import DIMENSIONS
from schemas.query import ClaimQuery
from service.store.dataset_format import Dataset
from service.store.protocol import Store
from tests.at_size.questions import Questions
from tests.reference_store import ReferenceStore

pytestmark = pytest.mark.at_size

PAIRS = tuple(itertools.combinations(DIMENSIONS, 2))
LARGE = ("actor", "about", "source", "document")
"""Dimensions of which any two have more pairs of values than the engine gives buckets to."""
LARGE_PAIRS = tuple(itertools.combinations(LARGE, 2))
BUCKETS = 65_000


@pytest.fixture
def asking(dataset: Dataset, rng: random.Random) -> Questions:
    return Questions(dataset, rng)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_no_count_by_one_dimension_is_other_than_by_looking_at_every_claim(
    store: Store, plain: ReferenceStore, asking: Questions, dimension: str
) -> None:
    for query in (ClaimQuery(), *asking.many(6)):
        assert store.counts(query, (dimension,)) == plain.counts(query, (dimension,)), query


@pytest.mark.parametrize("pair", PAIRS, ids=",".join)
def test_no_count_by_two_dimensions_is_other_than_by_looking_at_every_claim(
    store: Store, plain: ReferenceStore, asking: Questions, pair: tuple[str, str]
) -> None:
    for query, by in zip(
        (ClaimQuery(kind=("event",)), *asking.many(1)), (pair, pair[::-1]), strict=True
    ):
        assert store.counts(query, by) == plain.counts(query, by), (query, by)


@pytest.mark.parametrize("pair", LARGE_PAIRS, ids=",".join)
def test_no_count_of_more_pairs_than_the_engine_has_buckets_is_cut(
    store: Store, plain: ReferenceStore, rng: random.Random, pair: tuple[str, str]
) -> None:
    by = pair if rng.getrandbits(1) else pair[::-1]
    expected = plain.counts(ClaimQuery(), by)
    values = [{group.keys[n] for group in expected.groups} for n in (0, 1)]
    assert len(values[0]) * len(values[1]) > BUCKETS
    assert store.counts(ClaimQuery(), by) == expected
