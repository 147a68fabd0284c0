"""The Python client against the service itself, over a real connection."""

from __future__ import annotations

import datetime as dt
import pickle
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from policy_claims import (
    Client,
    DatasetChanged,
    Gone,
    HistoryChanged,
    InvalidRequest,
    NotFound,
    ProblemAnswer,
    Unavailable,
)
from policy_claims.frames import Table
from service.app import create_app
from service.config import Config
from tests import samples
from tests.contract_tools import operations
from tests.live import Service, served
from tests.wire import app_of, sample_store, shipped_store, store_of


@pytest.fixture(scope="module")
def shipped() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as service:
        yield service


@pytest.fixture
def client(shipped: Service) -> Iterator[Client]:
    shipped.asked.clear()
    with Client(shipped.url) as client:
        yield client


@pytest.fixture
def sample() -> Iterator[Service]:
    """The service on the small data set; each test has its own."""
    with served(app_of(sample_store())) as service:
        yield service


def edited(*edits: samples.Edit) -> Flask:
    """The service on another state of the small data set."""
    return app_of(store_of(samples.edited(samples.sample(), *edits)))


# --- what is asked ------------------------------------------------------------------------------


def test_a_walk_over_small_pages_finds_what_the_export_and_the_counts_find(client: Client) -> None:
    walked = [claim["id"] for claim in client.claims(limit=7)]
    with client.export() as exported:
        assert walked == [claim["id"] for claim in exported]
    assert len(walked) == client.dataset().data["counts"]["claims"]
    assert len(walked) == client.counts(by="attribution").meta["total"]


def test_pages_are_asked_for_only_when_they_are_read(client: Client, shipped: Service) -> None:
    claims = iter(client.claims(limit=2))
    assert shipped.asked == []
    next(claims), next(claims)
    assert len(shipped.asked) == 1
    next(claims)
    assert len(shipped.asked) == 2


def test_a_claim_is_the_same_from_the_list_from_the_export_and_by_its_id(client: Client) -> None:
    listed = next(iter(client.claims(q="farm output")))
    with client.export(id=listed["id"]) as exported:
        assert list(exported) == [listed]
    assert client.claim(listed["id"]).data == listed


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({"topic": ["nuclear", "defence"]}, "topic=nuclear,defence"),
        ({"topic": "nuclear,defence"}, "topic=nuclear,defence"),
        ({"topic": {"nuclear", "defence"}}, "topic=defence,nuclear"),
        ({"speaker": (agent for agent in ("kcna",))}, "speaker=kcna"),
        ({"goals_only": True, "distinct": False}, "distinct=false&goals_only=true"),
        ({"horizon": 2023}, "horizon=2023"),
        ({"horizon": [2023, "2024"]}, "horizon=2023,2024"),
        ({"horizon": 990}, "horizon=0990"),
        ({"announced_from": dt.date(990, 1, 2)}, "announced_from=0990-01-02"),
        ({"announced_to": "2023-12-31"}, "announced_to=2023-12-31"),
        ({"min_content": 0, "min_attribution": None}, "min_content=0"),
        ({"q": 'two words & "a phrase" -no+100%'}, "q=two+words+%26+%22a+phrase%22+-no%2B100%25"),
        ({"q": "été, 농업"}, "q=%C3%A9t%C3%A9,+%EB%86%8D%EC%97%85"),
    ],
)
def test_keyword_arguments_become_the_parameters_of_the_contract(
    client: Client, shipped: Service, parameters: Any, query: str
) -> None:
    assert client.claims(limit=5, **parameters).total >= 0
    sent = shipped.paths[0].partition("?")[2].split("&")
    assert sorted([*query.split("&"), "limit=5"]) == sent


@pytest.mark.parametrize(
    "parameters",
    [
        {"announced_from": dt.datetime(2023, 1, 1)},  # noqa: DTZ001
        {"min_content": 50.0},
        {"q": b"bytes"},
        {"topic": {"nuclear": True}},
        {"topic": {"nuclear": True}.items()},
        {"topic": [None]},
    ],
)
def test_a_value_of_no_kind_the_api_has_is_refused_before_anything_is_asked(
    client: Client, shipped: Service, parameters: Any
) -> None:
    with pytest.raises(TypeError, match=next(iter(parameters))):
        client.claims(**parameters)
    assert shipped.asked == []


def test_an_empty_list_is_refused_and_never_read_as_no_filter(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="topic is empty"):
        client.claims(topic=[]).total  # noqa: B018
    with pytest.raises(InvalidRequest, match="topic is empty"):
        client.export(topic=[])


def test_the_types_refuse_what_the_contract_does_not_have(client: Client) -> None:
    """Read by the type checker, which must object to each line (its ignores are checked)."""
    with pytest.raises(ProblemAnswer):
        client.claims(tpoic="nuclear").total  # type: ignore[call-arg]  # noqa: B018
    with pytest.raises(ProblemAnswer):
        client.claims(sort="newest").total  # type: ignore[arg-type]  # noqa: B018
    with pytest.raises(ProblemAnswer):
        client.export(limit=3)  # type: ignore[call-arg]
    claim = next(iter(client.claims()))
    with pytest.raises(KeyError):
        claim["statment"]  # type: ignore[typeddict-item]


READ_BY_THE_CLIENT = {"application/json", "text/csv", "application/x-ndjson"}
"""Linked data is for tools that know it, and pages are for people."""
AS_FILES = {"getDatapackage", "getDatasetFile"}
"""For tools that know them, or whatever downloads."""


def test_all_data_that_the_contract_offers_can_be_asked_for(
    client: Client, shipped: Service
) -> None:
    listings = (client.documents(), client.agents(), client.topics(), client.occasions())
    for listing in (*listings, client.places()):
        assert len(list(listing)) == listing.total
    client.document("doc_jb5kxzpf"), client.agent("kcna"), client.topic("defence")
    client.occasion("wpk-plenary-2022-12"), client.place("pyongyang"), client.dataset()
    client.claim(next(iter(client.claims()))["id"]), client.counts(by=["kind", "topic"])
    list(client.changes()), list(client.history("clm_tepv4g4s"))
    pair = "wpk-plenary-2022-12", "wpk-plenary-2023-12"
    list(client.compare(*pair, goals_only=True))
    assert not client.compare_to_dataframe(*pair, topic=["defence"]).empty
    list(client.record_history("documents", "doc_jb5kxzpf"))
    list(client.record_history("agents", "kcna")), list(client.record_history("topics", "defence"))
    list(client.record_history("occasions", "wpk-plenary-2022-12"))
    list(client.record_history("places", "pyongyang"))
    client.export().close()
    for table in typing.get_args(Table):
        by = {"by": ["kind"]} if table == "counts" else {}
        client.to_dataframe(table, **by)  # type: ignore[arg-type]
    client.dataset_version(client.datasets().data[0]["version"])
    asked = {path.partition("?")[0] for path in shipped.paths}
    for operation in operations():
        if (
            operation.id not in AS_FILES
            and operation.path.startswith("/v1/")
            and (READ_BY_THE_CLIENT & operation.responses[200]["content"].keys())
        ):
            form = re.sub(r"\\{[a-z]+\\}", "[^/]+", re.escape(operation.path))
            assert any(re.fullmatch(form, path) for path in asked), operation.path


# --- what goes wrong ----------------------------------------------------------------------------


def test_a_refused_request_names_every_fault_and_the_name_meant(client: Client) -> None:
    with pytest.raises(InvalidRequest) as refused:
        client.claims(tpoic="nuclear", limit=1000).total  # type: ignore[call-arg]  # noqa: B018
    problem = refused.value.problem
    assert (problem.status, problem.type) == (400, "/problems/invalid-parameter")
    assert problem.request_id
    limit, topic = refused.value.errors
    assert (limit.parameter, topic.did_you_mean) == ("limit", "topic")
    assert "1 to 100" in str(limit.allowed)
    for said in ("limit", "1 to 100", "did you mean topic?", problem.request_id):
        assert said in str(refused.value)


@pytest.mark.parametrize("identifier", ["clm_zzzzzzzz", "", "..", "../dataset", "é?#%00", "a/b"])
def test_an_id_that_names_nothing_is_not_found_whatever_is_in_it(
    client: Client, identifier: str
) -> None:
    with pytest.raises(NotFound):
        client.claim(identifier)
    with pytest.raises(NotFound):
        client.agent(identifier)


def test_a_superseded_claim_leads_to_what_replaced_it_and_says_so(
    sample: Service, tmp_path: Path
) -> None:
    with Client(sample.url, cache=tmp_path) as client:
        found = client.claim(samples.SUPERSEDED)
        assert found.superseded == (samples.SUPERSEDED,)
        assert found.data == client.claim(found.data["id"]).data
        assert client.claim(found.data["id"]).superseded == ()
        again = client.claim(samples.SUPERSEDED)
        assert (again.unchanged, again.superseded) == (True, (samples.SUPERSEDED,))
        assert again.data == found.data


def test_a_withdrawn_claim_is_gone_with_its_tombstone(sample: Service) -> None:
    with Client(sample.url) as client, pytest.raises(Gone) as gone:
        client.claim(samples.WITHDRAWN)
    assert gone.value.tombstone
    assert gone.value.tombstone.id == samples.WITHDRAWN
    assert gone.value.tombstone.reason in str(gone.value)


def test_a_service_without_data_is_unavailable_with_the_reason() -> None:
    app = create_app(Config(dataset=Path("no-such-data-set"), access_log=False))
    with (
        served(app) as service,
        Client(service.url, retries=0) as client,
        pytest.raises(Unavailable) as down,
    ):
        client.dataset()
    assert down.value.problem.type == "/problems/dataset-unavailable"


def test_exceptions_cross_from_one_process_to_another(client: Client) -> None:
    with pytest.raises(NotFound) as found:
        client.topic("no-such-topic")
    copy = pickle.loads(pickle.dumps(found.value))
    assert (type(copy), copy.problem, str(copy)) == (
        NotFound,
        found.value.problem,
        str(found.value),
    )
    changed = pickle.loads(pickle.dumps(DatasetChanged("a", "b")))
    assert (changed.before, changed.after) == ("a", "b")


# --- changes and comparisons --------------------------------------------------------------------


def test_a_history_says_what_a_revision_changed_and_why(sample: Service) -> None:
    with Client(sample.url) as client:
        created, revised = client.history(samples.GOAL)
        assert (created["change"], revised["change"]) == ("created", "revised")
        assert revised["reason"]
        assert revised["previous"] == created["record"]
        assert all(one["old"] != one["new"] for one in revised["differences"])
        assert revised["record"]
        assert revised["record"]["statement"] == client.claim(samples.GOAL).data["statement"]


def test_a_retired_claim_has_a_history_and_an_unused_id_has_none(sample: Service) -> None:
    with Client(sample.url) as client:
        last = {
            identifier: list(client.history(identifier))[-1]
            for identifier in (samples.SUPERSEDED, samples.WITHDRAWN)
        }
        assert last[samples.WITHDRAWN]["change"] == "withdrawn"
        replaced_by = last[samples.SUPERSEDED]["replaced_by"]
        assert client.claim(samples.SUPERSEDED).data["id"] == replaced_by
        with pytest.raises(NotFound):
            list(client.history(samples.UNUSED))


def test_changes_are_followed_without_a_gap_and_across_datasets(sample: Service) -> None:
    with Client(sample.url) as client:
        whole = [change["seq"] for change in client.changes()]
        assert whole == list(range(1, len(whole) + 1))
        walked = []
        for change in client.changes(limit=2):
            if change["seq"] == 1:
                sample.app = edited(RESTATED)
            walked.append(change["seq"])
        assert walked == whole
        changes = client.changes(limit=2)
        assert [change["seq"] for change in changes] == whole
        assert changes.meta["next"] is not None
        last = next(client.changes(since=changes.meta["next"]).pages())
        assert (last.data, last.meta["last_seq"]) == ([], whole[-1])
        with pytest.raises(HistoryChanged, match="409"):
            list(client.changes(since=whole[-1]))


def test_a_comparison_goes_topic_by_topic_and_may_go_on_over_pages(client: Client) -> None:
    occasions = "wpk-plenary-2022-12", "wpk-plenary-2023-12"
    compared = client.compare(*occasions, limit=3)
    topics = {topic["topic"]["id"]: topic for topic in compared}
    assert len(topics) == compared.total > 3
    first = next(compared.pages())
    assert (first.meta["from"]["id"], first.meta["to"]["id"]) == occasions
    turned = {topic["topic"]["id"]: topic for topic in client.compare(*reversed(occasions))}
    assert all(turned[name]["to"] == topic["from"] for name, topic in topics.items())


# --- datasets that change -----------------------------------------------------------------------

RESTATED = ("/claims/0/statement", "Another wording of the same plan.")


def test_a_cached_answer_is_not_sent_again_until_the_data_changes(
    sample: Service, tmp_path: Path
) -> None:
    with Client(sample.url, cache=tmp_path) as client:
        first = client.claim(samples.GOAL)
        second = client.claim(samples.GOAL)
        assert (first.unchanged, second.unchanged) == (False, True)
        assert second.data == first.data
        assert sample.asked[1]["HTTP_IF_NONE_MATCH"]
        sample.app = edited(RESTATED)
        third = client.claim(samples.GOAL)
        assert not third.unchanged
        assert third.data["statement"] == RESTATED[1]
        assert third.meta["dataset"] != first.meta["dataset"]


def test_a_new_dataset_in_the_middle_of_a_walk_is_noticed(sample: Service) -> None:
    with Client(sample.url) as client:
        claims = iter(client.claims(limit=2))
        first = next(claims), next(claims)
        sample.app = edited(RESTATED)
        with pytest.raises(DatasetChanged) as changed:
            next(claims)
        assert changed.value.before == sample_store().dataset.version
        assert changed.value.after == client.dataset().data["version"]
        assert len(first) == 2


def test_a_walk_may_go_on_across_datasets_and_skips_and_repeats_nothing(sample: Service) -> None:
    with Client(sample.url, across_datasets=True) as client:
        whole = [claim["id"] for claim in client.claims()]
        walked = []
        for number, claim in enumerate(client.claims(limit=2)):
            if number == 1:
                sample.app = edited(RESTATED)
            walked.append(claim["id"])
    assert walked == whole


def test_an_iteration_that_begins_after_the_change_is_of_one_dataset(sample: Service) -> None:
    with Client(sample.url) as client:
        claims = client.claims(limit=2)
        before = list(claims)
        sample.app = edited(RESTATED)
        after = list(claims)
        assert len(before) == len(after)
        assert before != after


def test_a_service_that_knows_itself_by_another_name_is_asked_where_it_was_reached() -> None:
    app = app_of(sample_store(), public_url="https://claims.example.org")
    with served(app) as service, Client(service.url) as client:
        assert len(list(client.claims(limit=2))) == client.claims().total
        assert client.claim(samples.SUPERSEDED).superseded == (samples.SUPERSEDED,)


def test_without_a_cache_nothing_is_compared(sample: Service) -> None:
    with Client(sample.url) as client:
        assert not client.dataset().unchanged
        assert not client.dataset().unchanged
    assert all("HTTP_IF_NONE_MATCH" not in environ for environ in sample.asked)
