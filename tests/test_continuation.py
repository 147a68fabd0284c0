"""A published history cannot be rewritten, and whoever follows it holds what is published."""

import copy
import io
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter

from policy_claims import Client, HistoryChanged
from schemas.records.change import as_curated, record_of
from service.compiler import Fixtures, open_fixtures
from service.compiler.continuation import MAX_TOLD, HistoryRewritten, feed_of
from service.compiler.publish import publish
from service.store.dataset_format import MANIFEST, canonical, current
from service.store.files import written
from service.store.protocol import DatasetUnavailable
from service.store.tantivy.store import open_store
from tests import records
from tests.built import describe
from tests.lives import EVENTS, KINDS, Curator, Json, Key, key_of
from tests.wire import app_of

Held = dict[Key, Json]


def served(client: FlaskClient) -> Held:
    """Every record that is served, as it was curated."""
    held: Held = {}
    for kind in KINDS:
        page = client.get(f"/v1/{kind}s?limit=100").get_json()
        assert page["meta"]["total"] == len(page["data"])
        held |= {(kind, each["id"]): as_curated(each, kind) for each in page["data"]}
    return held


class Straight(BaseAdapter):
    """Hands the requests of a session to an application, without a socket."""

    def __init__(self, client: FlaskClient) -> None:
        super().__init__()
        self.client = client

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        reply = self.client.get(request.path_url)
        response = Response()
        response.status_code, response.raw = reply.status_code, io.BytesIO(reply.data)
        response.headers.update(reply.headers.items())
        return response

    def close(self) -> None:
        """There is nothing to close."""


class Follower:
    """Holds a copy, and follows what is published with the Python client."""

    def __init__(self, client: FlaskClient) -> None:
        self.held = served(client)
        self.token: str | None = None
        for _ in self._changes(client, 100):  # of which it has the outcome
            pass

    def _changes(self, client: FlaskClient, limit: int) -> Iterator[Any]:
        session = Session()
        session.mount("http://", Straight(client))
        with Client("http://test", session=session) as asking:
            since = {} if self.token is None else {"since": self.token}
            changes = asking.changes(limit=limit, **since)
            yield from changes
            self.token = changes.meta["next"]

    def follow(self, client: FlaskClient, limit: int = 2) -> None:
        for change in self._changes(client, limit):
            key = (change["subject"]["kind"], change["subject"]["id"])
            assert self.held.get(key) == change["previous"], key
            if change["record"] is None:
                del self.held[key]
            else:
                self.held[key] = change["record"]


def published(source: Fixtures, out: Path, **options: Any) -> FlaskClient:
    publish(source, out, **options)
    place = current(out)
    assert place is not None
    return app_of(open_store(place)).test_client()


# --- following ----------------------------------------------------------------------------------

PAIRS = [*itertools.product(EVENTS, repeat=2)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_follows_any_two_events_in_a_life_holds_what_is_served(
    kind: str, tmp_path: Path
) -> None:
    """One after the other in one record, several lives in one publication or one; what was retired
    says so."""
    curator = Curator()
    client = published(curator.fixtures(), tmp_path)
    follower = Follower(client)
    for lives in (PAIRS[:1], *(PAIRS[start : start + 5] for start in range(1, len(PAIRS), 5))):
        for pair in lives:
            identifier = curator.create(kind)
            for event in pair:
                identifier = curator.live(kind, event, identifier)
        curator.day += 1
        client = published(curator.fixtures(), tmp_path)
        follower.follow(client)
        assert follower.held == served(client)
    follower.follow(client)
    assert follower.held == served(client), "nothing new came, and nothing twice"
    for (of_kind, identifier), heir in curator.retired.items():
        reply = client.get(f"/v1/{of_kind}s/{identifier}")
        assert reply.status_code == (410 if heir is None else 308)
        if heir is None:
            assert reply.get_json()["tombstone"]["reason"] == "It was withdrawn."
        else:
            assert reply.headers["Location"] == f"/v1/{of_kind}s/{heir}"
        history = client.get(f"/v1/{of_kind}s/{identifier}/history").get_json()["data"]
        assert [history[0]["change"], history[-1]["record"]] == ["created", None]


events = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(EVENTS), st.integers(0, 5)), max_size=12
)


def lived(curator: Curator, happenings: list[tuple[str, str, int]]) -> None:
    """Lets events happen to records that nothing refers to."""
    for kind, event, which in happenings:
        free = curator.free(kind)
        if event == "created" or not free:
            curator.create(kind)
        else:
            curator.live(kind, event, free[which % len(free)])
    curator.day += 1


def undone(fixtures: Fixtures, end: int) -> Held:
    """The records before the changes after the one numbered ``end``, taken back from the last."""
    held = {
        (kind, each["id"]): as_curated(each, kind)
        for kind in KINDS
        for each in fixtures[f"{kind}s"]
    }
    for change in reversed(list(fixtures["changes"])[end:]):
        key = record_of(change)
        if change["previous"] is None:
            del held[key]
        else:
            held[key] = as_curated(change["previous"], key.kind)
    return held


Damage = Callable[[Curator, int], None]


def _one(curator: Curator, kind: str, which: int) -> tuple[str, Json]:
    listed = [*curator.records[kind].items()]
    return listed[which % len(listed)]


def _reword(curator: Curator, which: int) -> None:
    kind = KINDS[which % len(KINDS)]
    identifier, record = _one(curator, kind, which)
    name = {"claim": "statement", "document": "title", "topic": "label"}.get(kind, "name")
    curator.records[kind][identifier] = {**record, name: "Rewritten."}


def _take_out(curator: Curator, which: int) -> None:
    kind = KINDS[1:][which % (len(KINDS) - 1)]
    if free := curator.free(kind):
        del curator.records[kind][free[0]]
        curator.changes = [c for c in curator.changes if key_of(c) != (kind, free[0])]


def _put_in(curator: Curator, which: int) -> None:
    curator.create(KINDS[1:][which % (len(KINDS) - 1)])
    curator.changes.pop()


def _shorten(curator: Curator, which: int) -> None:
    del curator.changes[-1 - which % 3 :]


def _other_reason(curator: Curator, which: int) -> None:
    change = curator.changes[which % len(curator.changes)]
    curator.changes[which % len(curator.changes)] = {**change, "reason": "Another reason."}


damages = st.lists(
    st.tuples(
        st.sampled_from([_reword, _take_out, _put_in, _shorten, _other_reason]), st.integers(0, 30)
    ),
    max_size=2,
)


@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=events, after=events, spoilt=damages)
def test_what_is_accepted_leads_back_to_what_was_published(
    before: Any, after: Any, spoilt: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever happened to the fixtures in between, honestly or not."""
    out = tmp_path_factory.mktemp("out")
    curator = Curator()
    lived(curator, before)
    first = curator.fixtures()
    client = published(copy.deepcopy(first), out)
    follower = Follower(client)
    lived(curator, after)
    for damage, which in spoilt:
        damage(curator, which)
    second = curator.fixtures()
    try:
        client = published(copy.deepcopy(second), out)
    except ValueError:  # ``DataRefused``, of a broken rule or a rewritten history
        assert spoilt, "an honest history was refused"
        return
    assert undone(second, len(first["changes"])) == undone(first, len(first["changes"]))
    follower.follow(client)
    assert follower.held == served(client)


# --- what is refused ----------------------------------------------------------------------------


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def _lived() -> Curator:
    """Some of everything has happened."""
    curator = Curator()
    for kind in KINDS:
        for event in EVENTS:
            curator.live(kind, event, curator.create(kind))
    return curator


def _without(kind: str) -> Callable[[Curator], None]:
    """A record is gone, and so are its changes."""

    def spoil(curator: Curator) -> None:
        gone = curator.free(kind)[-1]
        del curator.records[kind][gone]
        curator.changes = [c for c in curator.changes if key_of(c) != (kind, gone)]
        curator.changes = [{**c, "seq": n} for n, c in enumerate(curator.changes, 1)]

    return spoil


def _reworded(kind: str) -> Callable[[Curator], None]:
    def spoil(curator: Curator) -> None:
        curator.revise(kind, curator.free(kind)[-1])
        last = curator.changes.pop()
        record = curator.records[kind][curator.free(kind)[-1]]
        if kind == "claim":
            record |= {key: last["previous"][key] for key in ("revision", "recorded_at")}

    return spoil


def _unannounced(kind: str) -> Callable[[Curator], None]:
    def spoil(curator: Curator) -> None:
        curator.create(kind)
        curator.changes.pop()

    return spoil


def _other_before(kind: str) -> Callable[[Curator], None]:
    """A change says that it changed what never was."""

    def spoil(curator: Curator) -> None:
        curator.revise(kind, curator.free(kind)[-1])
        name = {"claim": "statement", "document": "title", "topic": "label"}.get(kind, "name")
        curator.changes[-1]["previous"][name] = "Never published."

    return spoil


def _created_again(kind: str) -> Callable[[Curator], None]:
    """What was there from the first is said to be new."""

    def spoil(curator: Curator) -> None:
        record = next(iter(curator.records[kind].values()))
        curator._append((kind, record["id"]), "created", None)  # noqa: SLF001

    return spoil


def _reason(curator: Curator) -> None:
    curator.changes[-1] = {**curator.changes[-1], "reason": "Another reason."}


def _undone(curator: Curator) -> None:
    """The last change never was."""
    change = curator.changes.pop()
    kind, identifier = key_of(change)
    del curator.records[kind][identifier]


REWRITTEN: dict[str, tuple[Callable[[Curator], None], str, str]] = {
    **{f"a {k} gone without a change": (_without(k), "changes", "") for k in KINDS},
    **{f"a {k} in other words": (_reworded(k), f"{k}s", "another record") for k in KINDS},
    **{f"a {k} that nobody made": (_unannounced(k), f"{k}s", "a new record") for k in KINDS[1:]},
    **{f"a {k} that never was so": (_other_before(k), f"{k}s", "before change") for k in KINDS},
    **{f"a {k} created twice": (_created_again(k), f"{k}s", "before change") for k in KINDS[1:]},
    "another reason": (_reason, "changes", "another change"),
    "a change less": (_undone, "changes", "no change"),
}


@pytest.fixture(scope="module")
def lived_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where some of everything is published; whatever is refused leaves it as it is."""
    out = tmp_path_factory.mktemp("lived") / "out"
    publish(_lived().fixtures(), out)
    return out


@pytest.mark.slow
@pytest.mark.parametrize("name", REWRITTEN)
def test_a_rewritten_history_is_refused_with_what_differs(name: str, lived_out: Path) -> None:
    spoil, file, found = REWRITTEN[name]
    curator, out = _lived(), lived_out
    place = current(out)
    assert place is not None
    spoil(curator)
    with pytest.raises(HistoryRewritten) as refused:
        publish(curator.fixtures(), out)
    assert {fault.file for fault in refused.value.faults} >= {file}
    assert any(found in fault.found for fault in refused.value.faults)
    assert "policy-claims record" in str(refused.value)
    assert current(out) == place
    assert sorted(path.name for path in out.iterdir()) == [".published", place.name, "current"]


def test_a_rewritten_history_is_told_in_a_few_lines(out: Path) -> None:
    curator = Curator()
    for _ in range(50):
        curator.create("topic")
    publish(curator.fixtures(), out)
    for topic in curator.free("topic"):
        curator.records["topic"][topic] = {**curator.records["topic"][topic], "label": "Other."}
    with pytest.raises(HistoryRewritten) as refused:
        publish(curator.fixtures(), out)
    assert len(refused.value.faults) == MAX_TOLD
    assert refused.value.summary.startswith(f"{MAX_TOLD} difference(s), and more")


def test_another_history_begins_with_a_reason_and_is_told_to_whoever_follows(out: Path) -> None:
    curator = _lived()
    client = published(curator.fixtures(), out)
    follower, before = Follower(client), client.get("/v1/dataset").get_json()["data"]
    assert before["feed"]["restart_reason"] is None
    _reworded("agent")(curator)  # the changes are the same to the byte
    client = published(curator.fixtures(), out, restart="The agents were mixed up.")
    after = client.get("/v1/dataset").get_json()["data"]
    assert after["feed"]["restart_reason"] == "The agents were mixed up."
    assert after["feed"]["id"] != before["feed"]["id"]
    with pytest.raises(HistoryChanged) as changed:
        follower.follow(client)
    assert "since=0" in changed.value.problem.detail
    follower = Follower(client)
    curator.live("place", "revised", curator.free("place")[0])
    client = published(curator.fixtures(), out)
    assert client.get("/v1/dataset").get_json()["data"]["feed"] == after["feed"]
    follower.follow(client)
    assert follower.held == served(client)


def test_a_restart_with_the_same_data_and_reason_is_another_feed_each_time(out: Path) -> None:
    curator, feeds, tags = Curator(), set(), set()
    for number in range(4):
        client = published(curator.fixtures(), out, restart="Again." if number else None)
        reply = client.get("/v1/changes")
        feeds.add(reply.get_json()["meta"]["feed"])
        tags.add(reply.headers["ETag"])
    assert (len(feeds), len(tags)) == (4, 4)


def test_the_same_fixtures_are_the_same_feed_wherever_they_are_built(tmp_path: Path) -> None:
    clients = [published(_lived().fixtures(), tmp_path / name) for name in "ab"]
    metas = [client.get("/v1/changes").get_json()["meta"] for client in clients]
    assert metas[0] == metas[1]


def test_a_damaged_data_set_is_continued_by_the_same_fixtures_alone(out: Path) -> None:
    curator = _lived()
    publish(Curator().fixtures(), out)
    place = publish(curator.fixtures(), out)
    feed = published(curator.fixtures(), out).get("/v1/changes").get_json()["meta"]["feed"]
    for name in ("claims.ndjson", "manifest.json"):
        (place / name).write_bytes(b"damaged")
        later = copy.deepcopy(curator)
        later.create("agent")
        with pytest.raises(DatasetUnavailable, match=r"was recorded|no JSON"):
            publish(later.fixtures(), out)
        client = published(curator.fixtures(), out)
        assert client.get("/v1/changes").get_json()["meta"]["feed"] == feed


# --- positions ----------------------------------------------------------------------------------


@st.composite
def two_logs(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Claims in the order in which they were made, in two histories that begin alike."""
    common = draw(st.integers(0, 5))
    longer = [*range(1, common + 1)]
    one = longer + [10 + n for n in range(draw(st.integers(0, 4)))]
    other = longer + [20 + n for n in range(draw(st.integers(0, 4)))]
    return one, other


@settings(max_examples=15, deadline=None)
@given(logs=two_logs())
def test_a_position_is_good_in_a_history_that_continues_it_and_in_no_other(logs: Any) -> None:
    one, other = (
        app_of(open_fixtures(records.fixtures([records.claim(n) for n in log]))).test_client()
        for log in logs
    )
    for end in range(len(logs[0]) + 1):
        page = one.get(f"/v1/changes?limit={max(end, 1)}").get_json()
        token = page["meta"]["next"] if end else "0"
        reply = other.get(f"/v1/changes?since={token}")
        if logs[0][:end] == logs[1][:end]:
            told = [change["claim"] for change in reply.get_json()["data"]]
            assert told == [records.claim_id(n) for n in logs[1][end:]]
        else:
            assert reply.status_code == 409
            assert reply.get_json()["type"] == "/problems/history-changed"
        if end:
            assert other.get(f"/v1/changes?since={end}").status_code == 409, "a bare number"
            feed = page["meta"]["feed"]
            reply = other.get(f"/v1/changes?since={end}&feed={feed}")
            assert reply.status_code == (200 if logs[0] == logs[1] else 409)


def test_a_worker_that_is_behind_has_nothing_new(out: Path) -> None:
    """Another one was asked a second ago, and had the next data set already."""
    curator = _lived()
    behind = published(curator.fixtures(), out)
    curator.create("agent")
    ahead = published(curator.fixtures(), out)
    token = ahead.get("/v1/changes?limit=100").get_json()["meta"]["next"]
    page = behind.get(f"/v1/changes?since={token}").get_json()
    assert (page["data"], page["meta"]["next"], page["links"]["next"]) == ([], token, None)


# --- data sets of another version of the service ------------------------------------------------


def _as_published_before_there_were_places(place: Path) -> None:
    """Files that lack a key and a kind of record, as an earlier version of the service wrote them.

    They are no data set to serve any more, and are compared all the same.
    """
    manifest = json.loads((place / MANIFEST).read_bytes())
    del manifest["files"]["places.ndjson"]
    (place / "places.ndjson").unlink()
    for name in ("claims.ndjson", "changes.ndjson"):
        lines = [json.loads(line) for line in (place / name).read_bytes().splitlines()]
        for line in lines:
            for record in (line, line.get("previous") or {}):
                record.pop("places", None)
        content = b"".join(canonical(line) + b"\n" for line in lines)
        (place / name).write_bytes(content)
        manifest["files"][name] = describe(content)
    manifest["schema_version"] -= 1
    (place / MANIFEST).write_bytes(written(manifest))


@pytest.mark.parametrize("honest", [True, False])
def test_an_update_of_the_service_lets_nobody_rewrite_a_history(honest: bool, out: Path) -> None:
    curator = Curator()
    for kind in KINDS[:-1]:
        for event in EVENTS:
            curator.live(kind, event, curator.create(kind))
    place = publish(curator.fixtures(), out)
    feed = feed_of(place)
    _as_published_before_there_were_places(place)
    if honest:
        curator.create("agent")
        later = publish(curator.fixtures(), out)
        assert later != place
        assert feed_of(later) == feed
    else:
        _reworded("claim")(curator)
        with pytest.raises(HistoryRewritten, match="another record"):
            publish(curator.fixtures(), out)
