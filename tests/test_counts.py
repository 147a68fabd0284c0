"""Every group of a count holds as many claims as the filter that its key makes finds."""

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.filter_kinds import Years
from schemas.filters import DIMENSIONS, filter_parameters
from schemas.query import ClaimQuery
from service.compiler import open_fixtures
from tests import strategies
from tests.records import claim, fixtures, goal

pytestmark = pytest.mark.slow

FILTERED = tuple(name for name in DIMENSIONS if name != "specificity")
"""The dimensions whose groups a filter selects."""


def selecting(dimension: str, key: str) -> dict[str, Any]:
    """The filter that the key of a group makes."""
    row = DIMENSIONS[dimension]
    if dimension in filter_parameters():
        return {dimension: (key,)}
    assert isinstance(row, Years)
    name = dimension.rpartition("_")[0]
    return {f"{name}_from": f"{key}-01-01", f"{name}_to": f"{key}-12-31"}


def together(first: dict[str, Any], second: dict[str, Any]) -> ClaimQuery | None:
    """Both filters; none where both are ranges of one date, which a query has once."""
    return None if first.keys() & second.keys() else ClaimQuery(**first, **second)


@given(data=st.data())
def test_a_group_of_any_one_or_two_dimensions_is_the_total_of_its_filter(
    data: st.DataObject,
) -> None:
    store = open_fixtures(data.draw(strategies.data_sets()))
    total = functools.cache(lambda query: store.search(query).total)
    second = data.draw(st.sampled_from(FILTERED))
    paired = data.draw(st.lists(st.sampled_from(FILTERED), min_size=5, max_size=5, unique=True))
    for first in FILTERED:
        for group in store.counts(ClaimQuery(), (first,)).groups:
            if (key := group.keys[0]) is not None:
                assert total(ClaimQuery(**selecting(first, key))) == group.count, (first, key)
        if first == second or first not in paired:
            continue
        for group in store.counts(ClaimQuery(), (first, second)).groups:
            one, other = group.keys
            if one is not None and other is not None:
                query = together(selecting(first, one), selecting(second, other))
                assert query is None or total(query) == group.count, (first, second, group)


ENDS = ("2021/..", "../2024", "/2023-06", "2022-05/", "2022", "2023?", "202X", "2021~/2023", None)


@pytest.mark.parametrize("by", [("horizon", "announced_year"), ("occurred_year", "horizon")])
def test_two_dates_of_every_kind_are_counted_as_their_filters_find_them(
    by: tuple[str, str],
) -> None:
    pairs = [(one, other) for one in ENDS for other in ENDS]
    claims = [
        claim(number, other, other, kind="goal", goal=goal(one))
        for number, (one, other) in enumerate(pairs)
    ]
    store = open_fixtures(fixtures(claims))
    counted = store.counts(ClaimQuery(), by)
    keys = [sorted({group.keys[n] for group in counted.groups} - {None}, key=str) for n in (0, 1)]
    found = {group.keys: group.count for group in counted.groups}
    for one in keys[0]:
        for other in keys[1]:
            query = together(selecting(by[0], str(one)), selecting(by[1], str(other)))
            assert query is not None
            assert found.get((one, other), 0) == store.search(query).total, (one, other)
