"""No question to 100,000 claims is answered otherwise than by looking at every claim."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from schemas.query import DATE_MATCHES, SORTS, ClaimQuery
from schemas.records.dataset import Page
from service.store.dataset_format import Dataset
from service.store.protocol import RELEVANCE_WINDOW, ClaimNotFound, ClaimRetired, Store
from service.store.search.index_fields import SORT_KEYS, sort_keys
from tests.at_size.conftest import SEED
from tests.at_size.questions import ORDERS, PARAMETERS, Questions
from tests.plain_words import stems
from tests.reference_store import ReferenceStore, pieces

pytestmark = pytest.mark.at_size

QUESTIONS = 2 * len(PARAMETERS) * len(ORDERS)
"""Each parameter in turn, twice with each order."""
WALKED: dict[str, dict[str, Any]] = {
    "-announced": {},
    "announced": {"kind": ("directive",)},
    "-occurred": {"distinct": True, "kind": ("goal",)},
    "occurred": {"min_content": 50},
    "-content": {"announced_from": "2012-03-01", "date_match": "certain"},
}
"""What is walked page by page to its end, in each order."""

DATED = {"announced_from", "announced_to", "occurred_from", "occurred_to", "horizon"}


@pytest.fixture(scope="module")
def asked(dataset: Dataset) -> Sequence[ClaimQuery]:
    return Questions(dataset, random.Random(SEED)).many(QUESTIONS)


@pytest.mark.parametrize("number", range(QUESTIONS))
def test_no_answer_is_other_than_by_looking_at_every_claim(
    store: Store, plain: ReferenceStore, asked: Sequence[ClaimQuery], number: int
) -> None:
    """The page, its total, the whole result as it is exported, and the bytes of every export."""
    query = asked[number]
    page, export, expected = store.search(query), store.export(query), plain.export(query)
    found, wanted = list(export.bodies), list(expected.bodies)
    assert (page.total, export.total, len(found)) == (len(wanted),) * 3, query
    assert export.ndjson_bytes == expected.ndjson_bytes, query
    assert page.bodies == found[: query.limit], query
    assert (page.next_cursor is None) == (len(wanted) <= query.limit), query
    if query.order == "relevance":
        assert sorted(found) == sorted(wanted), query
    else:
        assert found == wanted, query


def test_the_questions_ask_for_everything_in_every_order(
    store: Store, asked: Sequence[ClaimQuery]
) -> None:
    """Otherwise differences would be looked for where nothing is found."""
    nothing = ClaimQuery()
    times: Counter[str] = Counter()
    for query in asked:
        total = store.search(query).total
        named = {name for name in PARAMETERS if getattr(query, name) != getattr(nothing, name)}
        times.update({"none" if total == 0 else "few" if total < 100 else "many"})
        if total:
            times.update(named | {query.order})
            times.update({query.date_match} if named & DATED else ())
    assert min(times[name] for name in {*PARAMETERS, *SORTS, *DATE_MATCHES}) >= 12, times
    assert min(times[size] for size in ("none", "few", "many")) >= QUESTIONS // 10, times
    assert sum(len(pieces(query.q or "")) > 1 for query in asked) >= 20


def walk(store: Store, query: ClaimQuery, most: int) -> list[Page]:
    """Every page from the first to the last, which comes after so many at the latest."""
    pages = [store.search(query)]
    while (cursor := pages[-1].next_cursor) is not None:
        assert len(pages) < most, "a walk without an end"
        pages.append(store.search(dataclasses.replace(query, cursor=cursor)))
    return pages


@pytest.mark.parametrize("order", WALKED)
def test_a_walk_from_page_to_page_gives_every_claim_once_in_its_order(
    store: Store, plain: ReferenceStore, order: str
) -> None:
    query = ClaimQuery(sort=order, limit=100, **WALKED[order])
    wanted = [row.body for row in plain.found(query)]
    pages = walk(store, query, len(wanted) // query.limit + 2)
    assert len(wanted) > 50 * query.limit
    assert [body for page in pages for body in page.bodies] == wanted
    assert {page.total for page in pages} == {len(wanted)}


@pytest.mark.parametrize("order", WALKED)
def test_a_page_deep_in_the_list_goes_on_after_its_cursor(
    store: Store, plain: ReferenceStore, rng: random.Random, order: str
) -> None:
    others: list[dict[str, Any]] = [{}, {"kind": ("goal",)}, {"q": "agent"}]
    for narrowed in (*others, WALKED[order]):
        query = ClaimQuery(sort=order, **narrowed)
        rows = plain.found(query)
        ends = (0, len(rows) - 1, len(rows) - 2)
        for last in (*ends, *rng.sample(range(len(rows)), 12)):
            cursor = f"{sort_keys(json.loads(rows[last].body))[SORT_KEYS[order]]:016x}"
            limit = rng.choice((1, 25, 100))
            page = store.search(dataclasses.replace(query, cursor=cursor, limit=limit))
            assert page.bodies == [row.body for row in rows[last + 1 : last + 1 + limit]]
            assert page.total == len(rows)
            assert (page.next_cursor is None) == (last + 1 + limit >= len(rows))


def test_any_cursor_is_a_position(store: Store, plain: ReferenceStore, rng: random.Random) -> None:
    """Whatever its digits say: the greater it is, the later the page begins."""
    for order in WALKED:
        rows = plain.found(ClaimQuery(sort=order))
        place_of = {row.body: place for place, row in enumerate(rows)}
        drawn = [rng.getrandbits(64) for _ in range(10)]
        drawn += [rng.getrandbits(24) << 40 for _ in range(20)]
        begun = []
        for cursor in (0, *sorted(drawn), (1 << 64) - 1):
            page = store.search(ClaimQuery(sort=order, limit=2, cursor=f"{cursor:016x}"))
            assert page.total == len(rows)
            begun.append(place_of[page.bodies[0]] if page.bodies else len(rows))
        assert begun == sorted(begun)
        assert (begun[0], begun[-1]) == (0, len(rows))


# Relevance: scores are the engine's own; what can be said of their order is said here


def test_a_walk_by_relevance_gives_the_first_ten_thousand_of_the_export(
    store: Store, plain: ReferenceStore
) -> None:
    query = ClaimQuery(q="agent", limit=100)
    total = len(plain.matching(query))
    assert total > 2 * RELEVANCE_WINDOW
    pages = walk(store, query, RELEVANCE_WINDOW // 100 + 1)
    assert [len(page.bodies) for page in pages] == [100] * (RELEVANCE_WINDOW // 100)
    assert {page.total for page in pages} == {total}
    first = itertools.islice(store.export(query).bodies, RELEVANCE_WINDOW)
    assert [body for page in pages for body in page.bodies] == list(first)
    beyond = store.search(dataclasses.replace(query, cursor=f"{RELEVANCE_WINDOW:016x}"))
    assert (beyond.bodies, beyond.total, beyond.next_cursor) == ([], total, None)


@pytest.mark.parametrize("filters", [{"kind": ("goal",)}, {"distinct": True, "min_content": 50}])
def test_filters_do_not_move_the_ranking(
    store: Store,
    plain: ReferenceStore,
    dataset: Dataset,
    rng: random.Random,
    filters: dict[str, Any],
) -> None:
    asking = Questions(dataset, rng)
    for text in (*(asking.one("q").q for _ in range(15)), "agent 1", "agent field"):
        narrow = ClaimQuery(q=text, sort="relevance", **filters)
        kept = {row.body for row in plain.matching(narrow)}
        ranked = store.export(ClaimQuery(q=text, sort="relevance")).bodies
        assert list(store.export(narrow).bodies) == [body for body in ranked if body in kept]


def test_a_word_said_as_often_in_fewer_words_comes_first(
    store: Store, plain: ReferenceStore, rng: random.Random
) -> None:
    """The engine keeps the length of texts with an error of up to an eighth."""
    texts = {row.body: row.words.split() for row in plain.matching(ClaimQuery())}
    drawn = [rng.choice(text) for text in rng.sample(list(texts.values()), 30)]
    for word in ("agent", "field", "launch", *drawn):
        longest: dict[int, int] = {}
        for body in store.export(ClaimQuery(q=word)).bodies:
            length, times = len(texts[body]), texts[body].count(*stems(word))
            assert length >= longest.get(times, 0) * 7 // 8 - 1, word
            longest[times] = max(longest.get(times, 0), length)


# Single claims


def test_every_claim_is_given_by_its_id(
    store: Store, plain: ReferenceStore, rng: random.Random
) -> None:
    for row in rng.sample(plain.matching(ClaimQuery()), 2_000):
        assert store.get(row.id) == row.body


def test_every_retired_claim_leaves_its_tombstone(
    store: Store, retired: dict[str, str | None]
) -> None:
    assert {*retired.values()} > {None}
    for identifier, heir in retired.items():
        with pytest.raises(ClaimRetired) as caught:
            store.get(identifier)
        assert caught.value.tombstone.replaced_by == heir
    with pytest.raises(ClaimNotFound):
        store.get("clm_zzzzzzzz")


# Changes


def test_no_stretch_of_the_record_of_changes_is_other_than_by_reading_it_whole(
    store: Store, plain: ReferenceStore, rng: random.Random
) -> None:
    total = plain.changes(0, 1).total
    for since in (0, total - 1, total, total + 1, *rng.sample(range(total), 40)):
        for limit in (1, 100):
            assert store.changes(since, limit) == plain.changes(since, limit)


def test_the_history_of_every_claim_that_was_changed_is_told_whole(
    store: Store, plain: ReferenceStore, retired: dict[str, str | None], rng: random.Random
) -> None:
    unchanged = [row.id for row in rng.sample(plain.matching(ClaimQuery()), 200)]
    last = plain.changes(plain.changes(0, 1).total - 500, 500).states
    changed = {change["claim"] for change, _ in last}
    assert len(changed - {*retired}) > 100
    for identifier in {*retired, *unchanged, *changed}:
        for since in (0, rng.randrange(plain.changes(0, 1).total)):
            told = store.changes(since, 100, identifier)
            assert told == plain.changes(since, 100, identifier)
