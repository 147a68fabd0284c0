"""``policy-claims publish --to``: proved before it is served, and old data sets removed by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.filter_kinds import ServedClaim, ServedRecords
from schemas.filters import DIMENSIONS
from schemas.query import ClaimQuery
from schemas.records.description import FORMAT
from service.app import create_app
from service.cli import main
from service.config import Config
from service.store.dataset_format import current
from service.store.opensearch.catalogue import AliasCatalogue
from service.store.opensearch.door import Address, Door, JsonObject
from service.store.opensearch.loading import LoadFailed
from service.store.opensearch.mapping import ALIAS, record_index
from service.store.opensearch.publishing import Publisher
from service.store.opensearch.store import open_store as open_remote
from service.store.protocol import DatasetUnavailable, Store
from service.store.search.index_fields import index_values, score
from service.store.tantivy.store import open_store
from tests import samples
from tests.opensearch.cluster import Cluster
from tests.opensearch.conftest import unproved
from tests.wire import ask

pytestmark = pytest.mark.opensearch


def fixtures(place: Path, number: int) -> Path:
    """Samples that differ by the title of the data set."""
    place.mkdir()
    samples.write(samples.sample(), place)
    described = {"format": FORMAT, "id": "cluster-test", "title": f"No. {number}"}
    (place / "dataset.json").write_text(json.dumps(described))
    return place


def command(datasets: Path, source: Path, cluster: Cluster, *more: str) -> int:
    to = ",".join(cluster.urls)
    return main(
        ["publish", str(datasets), "--fixtures", str(source), "--to", to, "--shards", "2", *more]
    )


def served(address: Address) -> list[str]:
    return [candidate.version for candidate in AliasCatalogue(Door(address)).candidates()]


def served_index(address: Address) -> str:
    (candidate,) = AliasCatalogue(Door(address)).candidates()
    return str(candidate.place)


def indices(cluster: Cluster) -> set[str]:
    found = cluster.ask("GET", f"/_cat/indices/{ALIAS}-*?format=json&h=index")
    return {each["index"] for each in found}


def test_what_the_command_publishes_is_what_a_service_answers_from(
    cluster: Cluster, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMS_STORE_SECONDS", "20")
    out = tmp_path / "datasets"
    versions, published = [], []
    for number in range(2):  # older ones, unproved: each proof takes its time
        store = publisher(tmp_path, address, number).publish(unproved, quick)
        versions.append(store.dataset.version)
        published.append(store.index)
    for number in range(2, 4):
        source = fixtures(tmp_path / str(number), number)
        assert command(out, source, cluster, "--loaders", "2") == 0
        place = current(out)
        assert place is not None
        versions.append(place.name)
        assert served(address) == [place.name]
        published.append(served_index(address))
    assert len(set(versions)) == 4
    assert command(out, tmp_path / "3", cluster) == 0  # again, and nothing is different
    assert served(address) == versions[-1:]
    there = indices(cluster)
    kept = {name for each in published[1:] for name in (each, record_index(each))}
    assert there == kept, "of all that was there the three newest stay"
    shards = cluster.ask("GET", f"/_cat/shards/{published[3]}?format=json")
    assert len(shards) == 2 * 2, "two shards, and a copy of each"
    app = create_app(Config(store=tuple(cluster.urls), store_seconds=20.0, access_log=False))
    for path in ("/readyz", "/v1/claims", "/v1/dataset", "/"):
        reply = ask(app, path)
        assert reply.status == 200, path
    assert ask(app, "/v1/claims").headers["Dataset-Version"] == versions[3]


def publisher(tmp_path: Path, address: Address, number: int) -> Publisher:
    out = tmp_path / "datasets"
    source = fixtures(tmp_path / str(number), number)
    assert main(["publish", str(out), "--fixtures", str(source)]) == 0
    place = current(out)
    assert place is not None
    return Publisher(place, address, open_store(place))


def quick(items: Iterable[object], **_: object) -> Iterable[object]:
    return items


@pytest.mark.parametrize("doomed", ["a claim", "a record", "a change"])
def test_what_is_not_what_was_built_is_not_served(
    cluster: Cluster, address: Address, tmp_path: Path, doomed: str
) -> None:
    """A document that is lost on the way, and one that is another."""
    before = publisher(tmp_path, address, 10).publish(unproved, quick, replicas=0, kept=40)
    made = publisher(tmp_path, address, sum(map(ord, doomed)))  # another data set each time
    index = made.indices[doomed != "a claim"]
    topic = f"topics/{samples.sample()['topics'][0]['id']}"
    identifier = {"a claim": samples.GOAL, "a record": topic, "a change": "change/1"}
    lost = f"/{index}/_doc/{identifier[doomed].replace('/', '%2F')}"

    def lose(items: Iterable[object], **_: object) -> list[object]:
        done = [*items]
        cluster.ask("DELETE", lost)
        return done

    with pytest.raises((LoadFailed, DatasetUnavailable)):
        made.publish(unproved, lose, replicas=0, kept=40)
    assert served(address) == [before.dataset.version]
    after = made.publish(unproved, quick, replicas=0, kept=40)  # it fills the gap
    assert served(address) == [after.dataset.version]


def test_what_cannot_answer_is_not_served(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    before = publisher(tmp_path, address, 20).publish(unproved, quick, replicas=0, kept=40)

    def fail(store: Store) -> None:
        assert store.search(ClaimQuery()).total
        raise LoadFailed("an operation is answered with 500")

    with pytest.raises(LoadFailed):
        publisher(tmp_path, address, 21).publish(fail, quick, replicas=0, kept=40)
    assert served(address) == [before.dataset.version]


def test_a_published_index_takes_no_more_documents(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    store = publisher(tmp_path, address, 30).publish(unproved, quick, replicas=0, kept=40)
    settings = cluster.ask("GET", f"/{store.index}/_settings")
    (told,) = settings.values()
    assert told["settings"]["index"]["blocks"] == {"write": "true"}


def test_each_shard_of_a_published_index_is_one_segment(
    cluster: Cluster, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many the engine made of it while it was loaded: a search looks into all of them."""
    monkeypatch.setattr("service.store.opensearch.loading.PART_BYTES", 2_000)
    many = list[int]()

    def in_segments(parts: Iterable[object], **_: object) -> Iterator[object]:
        for part in parts:
            cluster.ask("POST", f"/{made.indices[0]}/_refresh")
            many.append(segments(cluster, made.indices[0]))
            yield part

    made = publisher(tmp_path, address, 31)
    store = made.publish(unproved, in_segments, shards=1, replicas=0, kept=40)
    assert max(many) > 1
    assert segments(cluster, store.index) == 1


def segments(cluster: Cluster, index: str) -> int:
    return len(cluster.ask("GET", f"/_cat/segments/{index}?format=json"))


def test_an_index_that_would_be_another_today_is_not_served(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an update of the service that computes other values, in fields of the same names."""
    store = publisher(tmp_path, address, 40).publish(unproved, quick, replicas=0, kept=40)
    assert open_remote(Door(address), store.index, whole=True).search(ClaimQuery()).total
    monkeypatch.setattr("service.store.opensearch.mapping.folded_words", lambda text: [text])
    with pytest.raises(DatasetUnavailable, match="another version"):
        open_remote(Door(address), store.index)


def of_another_service(claim: ServedClaim, records: ServedRecords) -> dict[str, Any]:
    """The values of a claim as another version of the service would compute them."""
    return {**index_values(claim, records), score("content"): ["90"]}


OTHER: dict[str, tuple[Callable[..., object], ClaimQuery]] = {
    "index_values": (of_another_service, ClaimQuery(min_content=90)),
    "folded_words": (lambda text: [*text.split(), "zzz"], ClaimQuery(q="zzz")),
}
"""What an update of the service computes otherwise, and a search that finds all claims then."""


@pytest.mark.parametrize("name", OTHER)
def test_an_update_of_the_service_loads_the_same_version_again(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The version is that of the curated content alone. The index of before is left to the services
    that ask it.
    """
    other, query = OTHER[name]
    made = publisher(tmp_path, address, 50 + len(OTHER) + [*OTHER].index(name))
    before = made.publish(unproved, quick, replicas=0, kept=40)
    monkeypatch.setattr(f"service.store.opensearch.mapping.{name}", other)
    place = current(tmp_path / "datasets")
    assert place is not None
    again = Publisher(place, address, open_store(place))
    after = again.publish(unproved, quick, replicas=0, kept=40)
    assert after.dataset.version == before.dataset.version
    assert served_index(address) == after.index != before.index
    everything = after.search(ClaimQuery()).total
    assert after.search(query).total == everything > before.search(query).total
    assert again.publish(unproved, quick, replicas=0, kept=40).index == after.index


def test_the_same_version_that_was_built_elsewhere_is_loaded_again(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says of its building is answered too."""
    before = publisher(tmp_path, address, 60).publish(unproved, quick, replicas=0, kept=40)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2000000000")
    out = tmp_path / "elsewhere"
    assert main(["publish", str(out), "--fixtures", str(tmp_path / "60")]) == 0
    place = current(out)
    assert place is not None
    after = Publisher(place, address, open_store(place)).publish(unproved, quick, replicas=0)
    assert after.dataset.version == before.dataset.version
    assert after.dataset.built_at != before.dataset.built_at
    assert served_index(address) == after.index != before.index


def test_a_cluster_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = fixtures(tmp_path / "source", 1)
    monkeypatch.setattr("service.store.opensearch.publishing._SECONDS", 1.0)
    command = ["publish", str(tmp_path / "out"), "--fixtures", str(source)]
    assert main([*command, "--to", "http://127.0.0.1:9"]) == 1
    assert re.search("cluster", capsys.readouterr().err)


def test_files_that_were_built_are_served_from_the_directory_they_were_published_from(
    cluster: Cluster, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMS_STORE_SECONDS", "20")
    out = tmp_path / "datasets"
    assert command(out, fixtures(tmp_path / "source", 70), cluster) == 0
    place = current(out)
    assert place is not None
    near = create_app(Config(dataset=place, access_log=False))
    settings: dict[str, Any] = {"store": tuple(cluster.urls), "store_seconds": 20.0}
    both = create_app(Config(datasets=out, access_log=False, **settings))
    alone = create_app(Config(access_log=False, **settings))
    whole = ("/v1/claims.ndjson", "/v1/claims.csv", "/v1/quotes.csv", "/v1/topics.csv")
    built = ("/v1/claims.csv.gz", "/v1/quotes.csv.gz", "/v1/claims.ndjson.gz")
    for path in (*whole, *built, "/v1/datasets", f"/v1/datasets/{place.name}/claims.ndjson"):
        assert ask(both, path).body == ask(near, path).body, path
    assert [ask(alone, path).status for path in (*whole, *built)] == [200] * 4 + [404] * 3
    filtered = "/v1/claims.ndjson?kind=goal"
    assert ask(both, filtered).body == ask(near, filtered).body
    (place / "exports" / "claims.csv.gz").write_bytes(b"damaged")
    damaged = create_app(Config(datasets=out, access_log=False, **settings))
    assert ask(damaged, built[0]).status == 404
    assert ask(damaged, whole[1]).body == ask(near, whole[1]).body


class CountingDoor(Door):
    """Tells how many counts the cluster was asked for."""

    counts = 0

    def searches(self, index: str, bodies: Sequence[JsonObject], *rest: Any) -> list[JsonObject]:
        self.counts += sum("aggs" in body for body in bodies)
        return super().searches(index, bodies, *rest)


def test_what_is_asked_of_all_claims_was_counted_when_they_were_published(
    cluster: Cluster, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each dimension, and whatever the start page and the table of goals show."""
    monkeypatch.setenv("CLAIMS_STORE_SECONDS", "20")
    out = tmp_path / "datasets"
    assert command(out, fixtures(tmp_path / "source", 71), cluster) == 0
    place = current(out)
    assert place is not None
    door = CountingDoor(address)
    near, far = open_store(place), open_remote(door, served_index(address))
    app = create_app(Config(access_log=False), far)
    for by in DIMENSIONS:
        assert far.counts(ClaimQuery(), (by,)) == near.counts(ClaimQuery(), (by,))
    for path in ("/", "/goals", *(f"/v1/counts?by={by}" for by in DIMENSIONS)):
        assert ask(app, path).status == 200
    assert door.counts == 0
    assert far.counts(ClaimQuery(kind=("goal",)), ("topic",)).groups
    assert door.counts == 1
