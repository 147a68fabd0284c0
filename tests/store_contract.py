"""What every store must do: one suite, run on each of them by ``test_store.py``.

A subclass says with the fixture ``store_of`` how its store is made from
curated records. Claims are named by the number behind their id. The module is
long because a store passes the contract whole: one class, one list of rules.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from schemas.filters import DIMENSIONS, LISTED, vocabulary_of
from schemas.query import SORTS, ClaimQuery
from schemas.records.change import Changes, as_curated, record_of
from schemas.records.dataset import Page
from schemas.records.vocabularies import VOCABULARIES
from schemas.tables.claims import CLAIM_TABLES
from service.compiler import Fixtures
from service.formats.tables import csv_chunks
from service.store.protocol import (
    RELEVANCE_WINDOW,
    ClaimNotFound,
    ClaimRetired,
    Store,
)
from tests.lives import KINDS, Curator
from tests.records import claim, claim_id, fixtures, goal, quote, revised
from tests.store_cases import DATES, FILTERS, HORIZONS, ORDERS, SAMPLE, SEARCHES, TOLD
from tests.tables import each_row

StoreOf = Callable[[Fixtures], Store]


def number_of(body: bytes) -> int:
    """The number behind the id of one claim."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    value = 0
    for digit in json.loads(body)["id"][4:]:
        value = value * 32 + digits.index(digit)
    return value


def numbers(bodies: Iterable[bytes]) -> list[int]:
    return [number_of(body) for body in bodies]


def walk(store: Store, query: ClaimQuery) -> list[Page]:
    """Every page from the first to the last."""
    pages = [store.search(query)]
    while (cursor := pages[-1].next_cursor) is not None:
        assert len(pages) < 1_000, "a walk without an end"
        pages.append(store.search(dataclasses.replace(query, cursor=cursor)))
    return pages


def walked(store: Store, query: ClaimQuery) -> list[bytes]:
    return [body for page in walk(store, query) for body in page.bodies]


def exported(store: Store, query: ClaimQuery) -> list[bytes]:
    """The claims of an export, whose promises about its size are checked on the way."""
    export = store.export(query)
    bodies = list(export.bodies)
    for table in CLAIM_TABLES:
        if store.files and f"{table.name}.csv" not in store.files:
            continue  # an index alone was built, without what lies beside it
        rows = store.rows(query, table.name)
        content = b"".join(rows.pieces)
        assert content == b"".join(csv_chunks(table, map(json.loads, bodies), excel=False))
        assert rows.size in (None, len(content))
        assert rows.verbatim is None or bytes(rows.verbatim) == content
    assert len(bodies) == export.total
    lines = b"".join(body + b"\n" for body in bodies)
    assert len(lines) == export.ndjson_bytes
    assert export.verbatim is None or b"".join(map(bytes, export.verbatim)) == lines
    return bodies


def groups(store: Store, *by: str, **filters: object) -> dict[tuple[str | None, ...], int]:
    counts = store.counts(ClaimQuery(**filters), by)
    assert len({group.keys for group in counts.groups}) == len(counts.groups)
    return {group.keys: group.count for group in counts.groups}


def sample_states(store: Store, identifier: str) -> list[dict[str, Any]]:
    """The states that the changes of one claim led to, as curated."""
    return [as_curated(after) for _, after in store.changes(0, 100, identifier).states if after]


class StoreContract:
    """The rules; ``sample`` is one store over ``SAMPLE`` for all that only read."""

    @pytest.fixture(scope="class")
    @classmethod
    def sample(cls, store_of: StoreOf) -> Store:
        return store_of(SAMPLE)

    @pytest.fixture(scope="class")
    @classmethod
    def told(cls, store_of: StoreOf) -> Store:
        return store_of(TOLD)

    @pytest.fixture(scope="class")
    @classmethod
    def dated(cls, store_of: StoreOf) -> Store:
        """Claim 2n was announced at the date of row n, claim 2n + 1 occurred at it."""
        announced = [claim(2 * n, row[0], None) for n, row in enumerate(DATES)]
        occurred = [claim(2 * n + 1, None, row[0]) for n, row in enumerate(DATES)]
        return store_of(fixtures([*announced, *occurred]))

    @pytest.fixture(scope="class")
    @classmethod
    def aimed(cls, store_of: StoreOf) -> Store:
        """Claim n has the horizon of row n."""
        return store_of(fixtures([claim(n, goal=goal(r[0])) for n, r in enumerate(HORIZONS)]))

    # Filters

    @pytest.mark.parametrize(("filters", "expected"), FILTERS)
    def test_filters_are_joined_by_and_and_their_values_by_or(
        self, sample: Store, filters: dict[str, object], expected: set[int]
    ) -> None:
        query = ClaimQuery(**filters)
        page = sample.search(query)
        assert set(numbers(page.bodies)) == expected
        assert page.total == len(page.bodies) == len(expected)
        assert numbers(exported(sample, query)) == numbers(page.bodies)

    @pytest.mark.parametrize("name", [*filter(vocabulary_of, LISTED)])
    def test_a_value_that_names_nothing_is_an_empty_page(self, sample: Store, name: str) -> None:
        page = sample.search(ClaimQuery(**{name: ("nobody-and-nothing",)}))
        assert page == Page([], 0, None)

    def test_the_claims_counted_with_each_vocabulary_are_those_its_filter_finds(
        self, sample: Store
    ) -> None:
        alone = {name: vocabulary_of(name) for name in ("topic", "document", "place")}
        for name, vocabulary in alone.items():
            for record in sample.vocabularies[str(vocabulary)]:
                query = ClaimQuery(**{name: (record["id"],)})
                assert sample.search(query).total == record["claim_count"]

    # Dates

    @each_row("match", ["possible", "certain"])
    @each_row("name", ["announced", "occurred"])
    @each_row("row", range(len(DATES)))
    def test_a_date_may_or_must_fall_inside_the_range(
        self, dated: Store, row: int, name: str, match: str
    ) -> None:
        _, first, last, expected = DATES[row]
        asked = {f"{name}_from": first, f"{name}_to": last, "date_match": match}
        number = 2 * row + (name == "occurred")
        query = ClaimQuery(id=(claim_id(number),), **asked)
        assert (dated.search(query).total == 1) is expected[match]

    @pytest.mark.parametrize("match", ["possible", "certain"])
    @pytest.mark.parametrize("row", range(len(HORIZONS)))
    def test_a_horizon_matches_every_year_it_overlaps(
        self, aimed: Store, row: int, match: str
    ) -> None:
        _, year, expected = HORIZONS[row]
        query = ClaimQuery(id=(claim_id(row),), horizon=(year,), date_match=match)
        assert (aimed.search(query).total == 1) is expected[match]
        several = ClaimQuery(id=query.id, horizon=("0999", year), date_match=match)
        assert expected[match] <= (aimed.search(several).total == 1)

    def test_an_inverted_range_is_an_empty_page(self, dated: Store) -> None:
        for name in ("announced", "occurred"):
            asked = {f"{name}_from": "2023-01-01", f"{name}_to": "2022-12-31"}
            for match in ("possible", "certain"):
                query = ClaimQuery(date_match=match, **asked)
                assert dated.search(query) == Page([], 0, None)

    def test_how_dates_match_says_nothing_without_a_date_filter(self, sample: Store) -> None:
        assert sample.search(ClaimQuery(date_match="certain")).total == 6

    # Order

    @pytest.mark.parametrize(("sort", "expected"), ORDERS)
    def test_ties_go_by_id_and_what_has_no_value_comes_last_in_either_direction(
        self, sample: Store, sort: str | None, expected: list[int]
    ) -> None:
        query = ClaimQuery(sort=sort, limit=2)
        assert numbers(exported(sample, query)) == expected
        assert numbers(walked(sample, query)) == expected

    def test_an_order_that_is_asked_for_holds_with_a_search_text_too(self, sample: Store) -> None:
        for sort, expected in {"announced": [2, 7, 4], "-occurred": [7, 4, 2]}.items():
            query = ClaimQuery(q="launch", sort=sort, limit=2)
            assert numbers(walked(sample, query)) == expected

    def test_relevance_to_no_text_is_the_default_order_positions_included(
        self, sample: Store
    ) -> None:
        for cursor in (None, sample.search(ClaimQuery(limit=2)).next_cursor):
            plain = ClaimQuery(limit=2, cursor=cursor)
            ranked = dataclasses.replace(plain, sort="relevance")
            assert sample.search(ranked) == sample.search(plain)

    def test_ids_order_as_text(self, store_of: StoreOf) -> None:
        ends = [0, 1, 9, 10, 31, 32, 1 << 39, (1 << 40) - 2, (1 << 40) - 1]
        store = store_of(fixtures([claim(n) for n in reversed(ends)]))
        for sort in SORTS:
            assert numbers(walked(store, ClaimQuery(sort=sort, limit=2))) == ends

    # Pages

    @each_row("limit", [1, 2, 3, 5, 6, 100])
    @each_row("sort", SORTS)
    @each_row("q", [None, "launch", "-absent"])
    def test_a_walk_gives_every_claim_once_in_the_order_of_the_export(
        self, sample: Store, q: str | None, sort: str, limit: int
    ) -> None:
        query = ClaimQuery(q=q, sort=sort, limit=limit)
        whole = exported(sample, query)
        pages = walk(sample, query)
        assert [body for page in pages for body in page.bodies] == whole
        assert {page.total for page in pages} == {len(whole)}
        assert [len(page.bodies) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert pages[-1].bodies

    def test_a_walk_goes_on_in_a_data_set_that_lacks_the_claim_it_stands_at(
        self, store_of: StoreOf
    ) -> None:
        days = {1: "2023", 2: "2023", 3: None, 4: "2022", 6: "2023", 7: "2024", 8: None}
        before = store_of(fixtures([claim(n, day, day) for n, day in days.items()]))
        for gone in ({1, 4, 7, 8}, {2, 3, 6}):
            left = [claim(n, day, day) for n, day in days.items() if n not in gone]
            after = store_of(fixtures(left))
            for sort in ("-announced", "announced", "-occurred", "occurred", "-content"):
                query = ClaimQuery(sort=sort, limit=1)
                whole = numbers(exported(before, query))
                for place, page in enumerate(walk(before, query)[:-1]):
                    rest = dataclasses.replace(query, cursor=page.next_cursor)
                    expected = [n for n in whole[place + 1 :] if n not in gone]
                    assert numbers(walked(after, rest)) == expected

    @pytest.mark.parametrize("sort", SORTS)
    @pytest.mark.parametrize("q", [None, "-absent"])
    def test_every_well_formed_cursor_is_a_place_in_every_order(
        self, sample: Store, sort: str, q: str | None
    ) -> None:
        whole = exported(sample, ClaimQuery(q=q, sort=sort))
        remained = len(whole)
        for cursor in ["0" * 16, *(f"{1 << n:016x}" for n in range(64)), "f" * 16]:
            page = sample.search(ClaimQuery(q=q, sort=sort, cursor=cursor))
            assert page.total == len(whole)
            assert page.next_cursor is None
            assert page.bodies == whole[len(whole) - len(page.bodies) :]
            assert len(page.bodies) <= remained
            remained = len(page.bodies)
        assert remained == 0

    def test_a_walk_by_relevance_leads_ten_thousand_claims_far(self, sample: Store) -> None:
        assert RELEVANCE_WINDOW == 10_000
        for place in (RELEVANCE_WINDOW - 1, RELEVANCE_WINDOW, RELEVANCE_WINDOW + 1):
            page = sample.search(ClaimQuery(q="launch", cursor=f"{place:016x}"))
            assert page == Page([], 3, None)

    def test_an_export_knows_neither_page_nor_position(self, sample: Store) -> None:
        whole = exported(sample, ClaimQuery())
        assert len(whole) == 6
        assert exported(sample, ClaimQuery(limit=1, cursor="f" * 16)) == whole

    def test_an_empty_data_set_answers_everything(self, store_of: StoreOf) -> None:
        store = store_of(fixtures())
        store.ping()
        for query in (ClaimQuery(), ClaimQuery(q="x"), ClaimQuery(q="-x", cursor="0" * 16)):
            assert store.search(query) == Page([], 0, None)
            assert exported(store, query) == []
            assert store.counts(query, ("kind", "topic")).groups == []

    # Text

    @each_row(("q", "expected"), SEARCHES)
    def test_text_is_words_phrases_and_what_must_not_be_said(
        self, told: Store, q: str, expected: set[int]
    ) -> None:
        page = told.search(ClaimQuery(q=q))
        assert set(numbers(page.bodies)) == expected
        assert page.total == len(page.bodies)

    def test_a_phrase_stands_in_one_text_and_never_across_two(self, store_of: StoreOf) -> None:
        apart = [quote("one two"), quote("three four")]
        told = claim(1, statement="zero", quotes=apart, topics=["food"], actors=["south"])
        store = store_of(fixtures([told]))
        for q in ('"zero one"', '"two three"', '"four food"', '"four the south"'):
            assert store.search(ClaimQuery(q=q)).total == 0
            assert store.search(ClaimQuery(q=q.replace('"', ""))).total == 1
            assert store.search(ClaimQuery(q=f"-{q}")).total == 1

    def test_what_says_more_of_the_words_comes_first(self, store_of: StoreOf) -> None:
        said = {1: "one two three", 2: "one one one", 3: "one one two", 4: "two two three"}
        store = store_of(fixtures([claim(n, statement=text) for n, text in said.items()]))
        assert numbers(store.search(ClaimQuery(q="one")).bodies) == [2, 3, 1]

    def test_filters_do_not_move_the_ranking(self, store_of: StoreOf) -> None:
        claims = [claim(n, statement="one two " * (9 - n), kind="context") for n in range(1, 9)]
        claims[7] |= {"kind": "forecast", "topics": ["space", "food", "defence"]}
        claims[6] |= {"actors": ["south", "north"], "goal": goal("2023")}
        store = store_of(fixtures(claims))
        ranked = numbers(store.search(ClaimQuery(q="two")).bodies)
        assert len(ranked) == 8
        for filters in (
            {"kind": ("context", "forecast")},
            {"topic": ("defence", "food", "space")},
            {"actor": ("north", "south")},
            {"id": tuple(claim_id(n) for n in range(1, 9))},
            {"min_attribution": 0, "distinct": True},
        ):
            query = ClaimQuery(q="two", **filters)
            assert numbers(store.search(query).bodies) == ranked

    # Counts

    def test_a_claim_is_counted_with_each_of_its_values(self, sample: Store) -> None:
        expected = {"defence": 4, "nuclear": 2, "food": 1, "space": 1}
        assert groups(sample, "topic") == {(key,): count for key, count in expected.items()}
        assert sample.counts(ClaimQuery(), ("topic",)).total == 6

    def test_claims_without_a_value_are_a_group_of_their_own(self, sample: Store) -> None:
        expected = {("meeting-2022",): 1, ("meeting-2023",): 1, (None,): 4}
        assert groups(sample, "occasion") == expected
        assert groups(sample, "place") == {("coast",): 1, ("hills",): 1, (None,): 5}
        assert groups(sample, "addressee") == {("ministry",): 1, ("south",): 1, (None,): 5}
        expected = {("withheld",): 1, ("directional",): 1, ("measurable",): 1, (None,): 3}
        assert groups(sample, "specificity") == expected

    def test_a_date_is_counted_in_every_year_it_overlaps(self, sample: Store) -> None:
        expected = {("2023",): 2, ("2024",): 1, ("2025",): 1, (None,): 4}
        assert groups(sample, "horizon") == expected
        expected = {("2023",): 4, ("2022",): 1 + 1, (None,): 1}  # one of them from an open start
        assert groups(sample, "announced_year") == expected
        decade = {(str(year),): 1 for year in range(2020, 2030)}
        open_end = {(str(year),): 1 + 1 for year in range(2025, 2030)}
        expected = decade | open_end | {("2022",): 3, ("2023",): 2, ("2024",): 2, (None,): 1}
        assert groups(sample, "occurred_year") == expected

    def test_two_dimensions_are_counted_together(self, sample: Store) -> None:
        assert groups(sample, "kind", "topic", goals_only=True) == {
            ("goal", "nuclear"): 1,
            ("goal", "defence"): 1,
            ("directive", "defence"): 1,
            ("context", "space"): 1,
            ("context", "nuclear"): 1,
        }
        assert groups(sample, "specificity", "occasion") == {
            (None, None): 3,
            ("withheld", "meeting-2022"): 1,
            ("measurable", "meeting-2023"): 1,
            ("directional", None): 1,
        }

    def test_the_largest_group_comes_first_then_by_key_and_those_without_last(
        self, sample: Store
    ) -> None:
        counts = sample.counts(ClaimQuery(goals_only=True), ("occasion", "specificity"))
        assert [group.keys for group in counts.groups] == [
            ("meeting-2022", "withheld"),
            ("meeting-2023", "measurable"),
            (None, "directional"),
        ]
        by_year = sample.counts(ClaimQuery(), ("horizon",))
        assert [group.keys[0] for group in by_year.groups] == [None, "2023", "2024", "2025"]

    def test_counts_know_neither_page_nor_order(self, sample: Store) -> None:
        plain = sample.counts(ClaimQuery(q="launch"), ("kind", "topic"))
        asked = ClaimQuery(q="launch", limit=1, cursor="f" * 16, sort="occurred")
        assert sample.counts(asked, ("kind", "topic")) == plain
        assert plain.total == 3

    def test_counts_hold_no_group_that_no_claim_falls_into(self, sample: Store) -> None:
        for by in (("topic",), ("kind", "topic"), ("occasion", "horizon")):
            assert sample.counts(ClaimQuery(topic=("none-such",)), by).groups == []
            some = sample.counts(ClaimQuery(topic=("food",)), by)
            assert some.total == 1
            assert all(group.count == 1 for group in some.groups)

    @pytest.mark.slow
    def test_counts_are_never_cut(self, store_of: StoreOf) -> None:
        """More pairs than an engine would give buckets to: every year by six."""
        ages = claim(1, "2018/2023", "0001/9999", goal=goal("2011/2030"))
        store = store_of(fixtures([ages, claim(2, "2023", "2023", goal=goal("2023"))]))
        assert len(groups(store, "occurred_year")) == 9_999
        ever, six = [f"{year:04}" for year in range(1, 10_000)], [str(y) for y in range(2018, 2024)]
        once = dict.fromkeys(itertools.product(ever, six), 1) | {("2023", "2023"): 2}
        assert groups(store, "occurred_year", "announced_year") == once
        turned = {(first, second): count for (second, first), count in once.items()}
        assert groups(store, "announced_year", "occurred_year") == turned
        assert len(groups(store, "horizon", "announced_year")) == 20 * 6

    def test_every_dimension_can_be_counted(self, sample: Store) -> None:
        for name in DIMENSIONS:
            assert sum(groups(sample, name).values()) >= 6

    # Single claims and the data set

    def test_a_claim_is_the_same_bytes_wherever_it_is_given(self, sample: Store) -> None:
        for body in sample.search(ClaimQuery()).bodies:
            found = json.loads(body)
            assert sample.get(found["id"]) == body
            assert json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode() == body

    @pytest.mark.parametrize("identifier", ["clm_00000zzz", "clm_", "", "nuclear", "5"])
    def test_an_id_no_claim_ever_had_is_not_found(self, sample: Store, identifier: str) -> None:
        with pytest.raises(ClaimNotFound):
            sample.get(identifier)

    @pytest.mark.parametrize(("retired", "heir"), [(20, None), (21, 5), (22, 21)])
    def test_a_retired_claim_leaves_its_tombstone_and_is_found_no_more(
        self, sample: Store, retired: int, heir: int | None
    ) -> None:
        identifier = claim_id(retired)
        with pytest.raises(ClaimRetired) as caught:
            sample.get(identifier)
        tombstone = caught.value.tombstone
        assert (tombstone.id, tombstone.withdrawn_on) == (identifier, "2024-02-03")
        assert tombstone.replaced_by == (None if heir is None else claim_id(heir))
        assert tombstone.reason
        assert sample.search(ClaimQuery(id=(identifier,))).total == 0

    # Changes

    def test_changes_are_told_in_sequence_and_without_a_gap(self, sample: Store) -> None:
        told, since = [], 0
        while (page := sample.changes(since, 4)).states:
            told += [change["seq"] for change, _ in page.states]
            since = told[-1]
            assert page.more == (since < page.total)
        assert told == list(range(1, page.total + 1))

    def test_after_the_last_change_come_none_and_it_is_no_error(self, sample: Store) -> None:
        total = sample.changes(0, 1).total
        for since in (total, total + 1, 999_999_999):
            assert sample.changes(since, 100) == Changes([], total, more=False)

    def test_a_change_leads_to_the_state_that_stood_before_the_next(
        self, store_of: StoreOf
    ) -> None:
        store = store_of(revised())
        first, second, third = sample_states(store, claim_id(1))
        assert (first["revision"], second["revision"], third["revision"]) == (1, 2, 3)
        assert first["statement"] != second["statement"] != third["statement"]
        assert third == as_curated(json.loads(store.get(claim_id(1))))

    @pytest.mark.parametrize("retired", [20, 21, 22])
    def test_the_changes_of_a_retired_claim_are_told_and_lead_to_nothing(
        self, sample: Store, retired: int
    ) -> None:
        page = sample.changes(0, 100, claim_id(retired))
        (first, before), (change, after) = page.states
        assert (first["change"], first["previous"]) == ("created", None)
        assert before == change["previous"]
        assert after is None
        assert page.total == 2

    def test_the_changes_of_a_claim_are_read_from_a_number_on(self, store_of: StoreOf) -> None:
        store = store_of(revised())
        every = [change["seq"] for change, _ in store.changes(0, 100, claim_id(1)).states]
        for since in range(every[-1] + 2):
            page = store.changes(since, 1, claim_id(1))
            later = [seq for seq in every if seq > since]
            assert [change["seq"] for change, _ in page.states] == later[:1]
            assert (page.total, page.more) == (len(every), len(later) > 1)

    @pytest.mark.parametrize("identifier", ["clm_00000zzz", "clm_", "", "5"])
    def test_an_id_that_was_never_used_has_no_history(self, sample: Store, identifier: str) -> None:
        with pytest.raises(ClaimNotFound):
            sample.changes(0, 1, identifier)

    def test_a_store_says_which_data_set_it_answers_from(self, sample: Store) -> None:
        sample.ping()
        assert sample.dataset.counts["claims"] == 6
        assert sample.dataset.digest.startswith(sample.dataset.version)
        assert set(sample.vocabularies) == set(VOCABULARIES)

    def test_several_questions_at_once_are_answered_as_one_by_one(self, sample: Store) -> None:
        pages = [
            ClaimQuery(q=q, sort=sort, limit=limit)
            for q in (None, "launch", "-absent", "!")
            for sort in SORTS
            for limit in (1, 25)
        ]
        pages += [dataclasses.replace(page, cursor="1" + "0" * 15) for page in pages]
        counts = [(page, by) for page in pages for by in (("topic",), ("kind", "horizon"))]
        asked = sample.answers(pages, counts)
        assert asked[0] == [*map(sample.search, pages)]
        assert asked[1] == [sample.counts(*each) for each in counts]
        assert sample.answers([]) == ([], [])

    # Vocabularies

    @pytest.mark.parametrize("name", VOCABULARIES)
    def test_a_vocabulary_is_read_page_by_page_in_the_order_of_its_ids(
        self, sample: Store, name: str
    ) -> None:
        vocabulary = sample.vocabularies[name]
        whole = [*vocabulary]
        ids = [record["id"] for record in whole]
        assert ids == sorted(set(ids))
        assert len(ids) == len(vocabulary) == sample.dataset.counts[name]
        for after in ("", *ids, "zzz"):
            rest = [record for record in whole if record["id"] > after]
            for limit in (1, 2, 100):
                assert vocabulary.page(after, limit) == rest[:limit]

    @pytest.mark.parametrize("name", VOCABULARIES)
    def test_records_are_looked_up_by_id_and_those_that_are_not_there_left_out(
        self, sample: Store, name: str
    ) -> None:
        vocabulary, kind = sample.vocabularies[name], VOCABULARIES[name]
        by_id = {record["id"]: record for record in vocabulary}
        for ids in ([], ["none-such"], [*by_id], ["none-such", *by_id, *by_id]):
            assert vocabulary.records(ids) == {key: by_id[key] for key in ids if key in by_id}
            expected = {key: by_id[key][kind.name_key] for key in ids if key in by_id}
            assert vocabulary.names(ids) == expected
        for identifier in ("none-such", *by_id):
            assert vocabulary.record(identifier) == by_id.get(identifier)
            assert vocabulary.tombstone(identifier) is None

    def test_the_lives_of_all_kinds_of_record_are_told(self, store_of: StoreOf) -> None:
        """What each change led to, and the tombstones of what was retired, of every kind."""
        curator = Curator()
        for kind in KINDS:
            old, middle, heir = (curator.create(kind) for _ in range(3))
            curator.revise(kind, old)
            curator.retire(kind, old, heir)
            curator.retire(kind, middle, None)
        store = store_of(curator.fixtures())
        for (kind, identifier), replaced_by in curator.retired.items():
            changes = store.changes(0, 100, identifier, kind)
            assert [change["seq"] for change, _ in changes.states][-1] <= store.changes(0, 1).total
            assert changes.states[-1][1] is None
            if kind != "claim":
                vocabulary = store.vocabularies[f"{kind}s"]
                tombstone = vocabulary.tombstone(identifier)
                assert tombstone is not None
                assert (tombstone.id, tombstone.replaced_by) == (identifier, replaced_by)
                assert vocabulary.record(identifier) is None
        for change, state in store.changes(0, 1_000).states:
            key = record_of(change)
            if state is not None and change["change"] == "created":
                first = store.changes(0, 1, key.id, key.kind).states[0][1]
                assert first == state

    # What a store that is reached over a network may stumble over

    def test_words_of_any_length_are_words(self, store_of: StoreOf) -> None:
        lengths = (254, 255, 256, 257, 1_900)
        long = {n: "x" * n for n in lengths} | {n + 10_000: "\U00010400" * n for n in lengths}
        store = store_of(
            fixtures([claim(n, statement=f"one {word} two") for n, word in long.items()])
        )
        for number, word in long.items():
            for q in (word, f'"one {word} two"', f'"{word} two"'):
                assert numbers(store.search(ClaimQuery(q=q)).bodies) == [number], (number, q)

    def test_thousands_of_values_of_one_filter_are_one_question(self, sample: Store) -> None:
        ids = tuple(claim_id(n) for n in range(5_000))
        assert sample.search(ClaimQuery(id=ids)).total == 6

    def test_two_data_sets_are_open_at_once_and_do_not_mix(self, store_of: StoreOf) -> None:
        first, second = (
            store_of(fixtures([claim(number, statement=text)]))
            for number, text in ((1, "first of all"), (2, "second to none"))
        )
        assert first.dataset.version != second.dataset.version
        for _ in range(2):
            assert numbers(first.search(ClaimQuery()).bodies) == [1]
            assert numbers(second.search(ClaimQuery()).bodies) == [2]
            assert first.search(ClaimQuery(q="second")).total == 0

    def test_several_threads_get_the_answers_that_one_gets(self, sample: Store) -> None:
        queries = [
            ClaimQuery(q=q, sort=sort, limit=limit)
            for q in (None, "launch", '"missile launch"', "-launch")
            for sort in SORTS
            for limit in (1, 3, 25)
        ]

        def answers(query: ClaimQuery) -> tuple[object, ...]:
            counts = sample.counts(query, ("topic", "horizon"))
            return walked(sample, query), exported(sample, query), counts, sample.get(claim_id(5))

        alone = [answers(query) for query in queries]
        with ThreadPoolExecutor(8) as pool:
            for _ in range(3):
                assert list(pool.map(answers, queries)) == alone
