"""The contract of a store, on three nodes of OpenSearch, with one shard and with several."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.filters import DIMENSIONS
from schemas.query import ClaimQuery
from service.store.opensearch.door import Address
from service.store.protocol import Store
from tests import strategies
from tests.built import dataset_of
from tests.opensearch.conftest import put
from tests.reference_store import ReferenceStore
from tests.store_contract import StoreContract, StoreOf
from tests.test_store import assert_alike, questions
from tests.torture.promises import promises

pytestmark = pytest.mark.opensearch
SHARDS = (1, 3, 7)
EXAMPLES = int(os.environ.get("CLUSTER_EXAMPLES") or 18)
PAIRS = tuple(itertools.permutations(DIMENSIONS, 2))


class OnOpenSearch(StoreContract):
    shards: int

    @pytest.fixture(scope="class")
    @classmethod
    def store_of(cls, address: Address) -> StoreOf:
        return lambda records: put(records, address, cls.shards)


class TestOneShard(OnOpenSearch):
    shards = 1


class TestThreeShards(OnOpenSearch):
    shards = 3


@pytest.mark.slow
class TestSevenShards(OnOpenSearch):
    shards = 7


@promises(
    "A cluster",
    "No page, total or count of generated data is another than that of looking at every claim, on "
    "one shard or on several.",
    broken="Counts that stop at the ten largest groups, as the engine's do by default.",
)
def test_no_question_is_answered_otherwise_than_by_looking_at_every_claim(
    address: Address, tell: Callable[[str], None]
) -> None:
    tried = itertools.count()

    @given(data=st.data())
    @settings(max_examples=EXAMPLES)
    def ask(data: st.DataObject) -> None:
        _ask_everything(address, SHARDS[next(tried) % len(SHARDS)], data)

    ask()
    tell(f"{next(tried)} data sets on 1, 3 or 7 shards: all answers equal")


def _ask_everything(address: Address, shards: int, data: st.DataObject) -> None:
    data_set = data.draw(strategies.data_sets())
    store: Store = put(data_set, address, shards)
    plain = ReferenceStore(dataset_of(data_set))
    asked = questions(data, data_set, 6)
    for query in asked:
        assert_alike(store, plain, query)
    pairs = data.draw(st.lists(st.sampled_from(PAIRS), min_size=8, max_size=8, unique=True))
    counts = [
        (query, by)
        for query in (ClaimQuery(), *asked[:2])
        for by in (*((name,) for name in DIMENSIONS), *pairs)
    ]
    assert store.answers([], counts)[1] == [plain.counts(*each) for each in counts]
