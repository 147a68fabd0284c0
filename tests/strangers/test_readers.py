"""Feeds and linked data, fetched by the libraries themselves from their addresses."""

from __future__ import annotations

from collections.abc import Iterator

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


def test_the_data_set_at_its_address_conforms_to_the_shapes_of_a_catalogue(
    service: Service,
) -> None:
    graph = Graph().parse(f"{service.url}/v1/dataset.jsonld")
    assert (None, RDF.type, DCAT.Dataset) in graph
    conforms, _, said = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES))
    assert conforms, said
