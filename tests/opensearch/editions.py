"""Data sets in the cluster, and readers of them whose right answers are known."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.generate import generate
from schemas.query import ClaimQuery
from service.compiler import build_dataset
from service.store.dataset_format import open_dataset
from service.store.opensearch.door import Address, Door
from service.store.opensearch.store import OpenSearchStore, open_store
from service.store.tantivy.store import TantivyStore
from service.store.tantivy.store import open_store as open_directory
from tests.at_size.questions import Questions
from tests.opensearch.cluster import Cluster
from tests.opensearch.conftest import SECONDS, put_directory
from tests.opensearch.crowd import Case

DEADLINE = 2.5
"""That of the service, in seconds."""
GRACE = 1.0
"""On machines with other work: between a deadline and the answer that keeps it, in seconds."""


class Edition(NamedTuple):
    place: Path
    near: TantivyStore


def build(home: Path, claims: int, seed: int = 1) -> Edition:
    """A data set of so many claims in a directory."""
    generate(home / str(seed), claims, seed=seed)
    return _built(home / str(seed), home)


def _built(fixtures: Path, home: Path) -> Edition:
    place = build_dataset(fixtures, home / "built", durable=False)
    return Edition(place, open_directory(place))


def thinned(home: Path, claims: int, every: tuple[int, ...]) -> list[Edition]:
    """Editions of the same claims, each of which lacks other ones: every so-and-so-many-th of those
    that no other claim refers to.
    """
    generate(home / "all", claims, retired_every=claims + 1)
    lines = (home / "all" / "claims.ndjson").read_bytes().splitlines()
    records = [*map(orjson.loads, lines)]
    related = {relation["claim"] for claim in records for relation in claim["relations"]}
    free = [claim["id"] for claim in records if claim["id"] not in related]
    return [_without({*free[::step]}, home, str(step)) for step in every]


def _without(absent: Set[str], home: Path, name: str) -> Edition:
    """An edition of the fixtures in ``all`` as if some claims had never been."""
    out = home / name
    shutil.copytree(home / "all", out)
    for file, key in (("claims.ndjson", "id"), ("changes.ndjson", "claim")):
        records = map(orjson.loads, (home / "all" / file).read_bytes().splitlines())
        left = [record for record in records if record[key] not in absent]
        if file == "changes.ndjson":
            left = [{**change, "seq": seq} for seq, change in enumerate(left, 1)]
        (out / file).write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in left))
    return _built(out, home)


def served(
    cluster: Cluster, edition: Edition, replicas: int, urls: Sequence[str] = ()
) -> OpenSearchStore:
    """The store over an edition in the cluster, with the deadline of the service; asked at other
    ``urls`` than the nodes' own where there are such.
    """
    address = Address(tuple(cluster.urls), seconds=SECONDS)
    index = put_directory(edition.place, address, shards=3, replicas=replicas).index
    cluster.wait(status="green" if replicas else "yellow")
    asked = replace(address, seconds=DEADLINE, urls=tuple(urls) or address.urls)
    return open_store(Door(asked), index)


def readers(far: OpenSearchStore, edition: Edition) -> list[Case]:
    """Pages, counts and claims, with the right answers."""
    near = edition.near
    asked = Questions(open_dataset(edition.place), random.Random(1)).many(40)
    pages = [Case(partial(far.search, query), near.search(query)) for query in asked]
    by = ("topic", "horizon")
    counts = [Case(partial(far.counts, query, by), near.counts(query, by)) for query in asked[:12]]
    claims = [Case(partial(far.get, each), near.get(each)) for each in ids(near)]
    return [*pages, *counts, *claims]


def ids(near: TantivyStore) -> list[str]:
    return [str(group.keys[0]) for group in near.counts(ClaimQuery(), ("id",)).groups[:20]]
