"""Linked data: two processors read one graph from it, fetch nothing, and find what is there."""

from __future__ import annotations

import functools
import json
import re
import socket
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import pytest
from flask import Flask
from pyld import jsonld
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, PROV, RDF, SKOS, VOID, XSD, Namespace
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Literal, URIRef

from service.app import create_app
from service.config import Config
from service.formats.jsonld.claim import CLAIM_CONTEXT, INVERSE
from service.formats.jsonld.nodes import PREFIXES, licence_address
from tests import samples
from tests.contract_tools import ContractClient
from tests.wire import shipped_store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
]
"""rdflib's JSON-LD parser uses its own older class."""

SCHEMA = Namespace("https://schema.org/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
"""Version 3; rdflib knows the terms of version 2."""
OA = Namespace("http://www.w3.org/ns/oa#")
PC = Namespace("urn:policy-claims:terms:")
EDTF = URIRef(CLAIM_CONTEXT["edtf"]["@type"])
SPARQL_PREFIXES = {
    "schema": SCHEMA,
    "oa": OA,
    "pc": PC,
    "prov": PROV,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "rdf": RDF,
    "skos": SKOS,
    "void": VOID,
}
SUPERSEDED, WITHDRAWN, HEIR = "clm_6w3h9pqe", "clm_x4t7m2dk", "clm_tch2savb"
"""Of the worked example."""
HERE = "http://localhost"

Json = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def nothing_is_fetched() -> Iterator[None]:
    """A context, vocabulary or schema that had to be fetched would fail the test."""

    def refuse(*args: object, **_: object) -> NoReturn:
        raise AssertionError(f"something is fetched: {args}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        before = jsonld.get_document_loader()
        jsonld.set_document_loader(refuse)
        yield
        jsonld.set_document_loader(before)


def urn(kind: str, identifier: str) -> URIRef:
    return URIRef(f"urn:policy-claims:{kind}:{identifier}")


def document(client: ContractClient, path: str) -> Json:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/ld+json")
    found: Json = json.loads(answer.text)
    return found


def graph_of(found: Json, path: str = "/") -> Graph:
    """The graph of a document, the id of the data set left out of its identifiers."""
    text = re.sub(
        r"urn:policy-claims:(?!terms:)[a-z0-9-]+:", "urn:policy-claims:", json.dumps(found)
    )
    return Graph().parse(data=text, format="json-ld", publicID=HERE + path)


@functools.cache
def prepared(query: str) -> Query:
    return prepareQuery(query, initNs=SPARQL_PREFIXES)


def rows(graph: Graph, query: str, **given: Any) -> list[tuple[Any, ...]]:
    """What a SPARQL query finds, as plain values, in order."""
    found: Any = graph.query(prepared(query), initBindings=given)
    plain = (tuple(None if term is None else term.toPython() for term in row) for row in found)
    return sorted(plain, key=str)


def claims_of(client: ContractClient) -> list[Json]:
    found: list[Json] = client.get("/v1/claims?limit=100").get_json()["data"]
    return found


Read = list[tuple[Json, Graph]]


@pytest.fixture(scope="module", params=["app", "sample_app", "worked_app"])
def any_client(request: pytest.FixtureRequest) -> ContractClient:
    """The shipped data, a small set with odd dates and open scores, and the worked example."""
    app: Flask = request.getfixturevalue(request.param)
    return ContractClient(app, app.response_class)


@pytest.fixture(scope="module")
def read(any_client: ContractClient) -> Read:
    """Every claim as it is served, with the graph that its linked data describes."""
    return [
        (claim, graph_of(document(any_client, f"/v1/claims/{claim['id']}.jsonld")))
        for claim in claims_of(any_client)
    ]


# --- the documents ------------------------------------------------------------------------------


def test_two_processors_read_the_same_graph(any_client: ContractClient) -> None:
    paths = [f"/v1/claims/{claim['id']}.jsonld" for claim in claims_of(any_client)[:12]]
    for path in (*paths, "/v1/dataset.jsonld"):
        found = document(any_client, path)
        quads = jsonld.to_rdf(found, {"format": "application/n-quads", "base": HERE + path})
        graph = Graph().parse(data=json.dumps(found), format="json-ld", publicID=HERE + path)
        assert len(graph) > 40
        assert isomorphic(graph, Graph().parse(data=quads, format="nt"))  # one graph, no names


def keys_within(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key != "@context":
                yield key
                yield from keys_within(value)
    elif isinstance(node, list):
        for item in node:
            yield from keys_within(item)


def test_every_key_means_something(any_client: ContractClient) -> None:
    """A processor drops in silence what the context does not know."""
    paths = [f"/v1/claims/{claim['id']}.jsonld" for claim in claims_of(any_client)]
    for path in (*paths, "/v1/dataset.jsonld"):
        found = document(any_client, path)
        keys = {key for key in keys_within(found) if not key.startswith("@")}
        assert keys <= set(found["@context"])


def test_the_context_is_whole_and_names_no_other(client: ContractClient) -> None:
    for found in (document(client, "/v1/dataset.jsonld"), document(client, SHIPPED)):
        assert isinstance(found["@context"], dict)
        assert "@import" not in found["@context"]


SHIPPED = "/v1/claims/clm_tepv4g4s.jsonld"


def test_every_expanded_property_and_class_is_of_a_named_vocabulary(
    any_client: ContractClient,
) -> None:
    known = tuple(PREFIXES.values())
    for claim in claims_of(any_client):
        graph = graph_of(document(any_client, f"/v1/claims/{claim['id']}.jsonld"))
        for property_ in set(graph.predicates()) | set(graph.objects(None, RDF.type)):
            assert str(property_).startswith(known)


def test_no_verdict_is_passed(any_client: ContractClient) -> None:
    for claim in claims_of(any_client):
        text = any_client.get(f"/v1/claims/{claim['id']}.jsonld").text
        assert "Review" not in text
        assert "Rating" not in text


# --- what a claim says --------------------------------------------------------------------------


def test_a_claim_is_a_claim_with_its_statement_kind_and_licence(
    read: Read, any_client: ContractClient
) -> None:
    query = """SELECT ?text ?kind ?id ?revision ?licence WHERE {
        ?claim a schema:Claim, prov:Entity; schema:text ?text; pc:kind ?kind;
            schema:identifier ?id; schema:version ?revision.
        OPTIONAL { ?claim schema:license ?licence } }"""
    named = any_client.get("/v1/dataset").get_json()["data"]["licence"]["data"]
    licence = named and licence_address(named)
    for claim, graph in read:
        expected = (claim["statement"], claim["kind"], claim["id"], claim["revision"], licence)
        assert rows(graph, query, claim=urn("claims", claim["id"])) == [expected]


def test_the_chain_is_walked_from_the_claim_to_its_publisher_and_back_to_its_origin(
    read: Read,
) -> None:
    for claim, graph in read:
        expected = [
            (link["agent"]["id"], link["role"], link["cue"]) for link in reversed(claim["sources"])
        ]
        walked = []
        telling = graph.value(urn("claims", claim["id"]), PROV.wasDerivedFrom)
        while telling is not None:
            agent = graph.value(telling, PROV.wasAttributedTo)
            assert (agent, RDF.type, PROV.Agent) in graph
            cue = graph.value(telling, PC.cue)
            walked.append(
                (
                    str(agent).removeprefix("urn:policy-claims:agents:"),
                    str(graph.value(telling, PC.role)),
                    None if cue is None else str(cue),
                )
            )
            telling = graph.value(telling, PROV.wasDerivedFrom)
        assert walked == expected


def test_one_query_finds_everybody_in_the_chain(read: Read) -> None:
    query = """SELECT ?name WHERE {
        ?claim prov:wasDerivedFrom+ / prov:wasAttributedTo / schema:name ?name }"""
    for claim, graph in read:
        expected = {(link["agent"]["name"],) for link in claim["sources"]}
        assert set(rows(graph, query, claim=urn("claims", claim["id"]))) == expected


def test_the_last_telling_is_by_the_publisher_of_a_document_of_the_evidence(
    read: Read,
) -> None:
    query = """ASK { ?claim prov:wasDerivedFrom / prov:wasAttributedTo ?publisher.
        ?annotation oa:hasBody ?claim; oa:hasTarget / oa:hasSource ?document.
        ?document a schema:NewsArticle; schema:publisher ?publisher.
        ?claim schema:appearance ?document }"""
    for claim, graph in read:
        bound = {"claim": urn("claims", claim["id"])}
        assert graph.query(prepared(query), initBindings=bound).askAnswer


def test_each_evidence_span_is_found_by_its_selector(read: Read) -> None:
    query = """SELECT ?document ?start ?end ?hash ?role ?fidelity WHERE {
        ?annotation a oa:Annotation; oa:hasBody ?claim; oa:motivatedBy oa:linking;
            pc:role ?role; pc:fidelity ?fidelity; oa:hasTarget ?target.
        ?target a oa:SpecificResource; oa:hasSource ?document; schema:sha256 ?hash;
            oa:hasSelector [ a oa:TextPositionSelector; oa:start ?start; oa:end ?end ] }"""
    for claim, graph in read:
        expected = sorted(
            (
                (
                    str(urn("documents", span["document"]["id"])),
                    *(span[key] for key in ("start", "end", "sha256", "role", "fidelity")),
                )
                for span in claim["evidence"]
            ),
            key=str,
        )
        found = rows(graph, query, claim=urn("claims", claim["id"]))
        assert [(str(row[0]), *row[1:]) for row in found] == expected


def test_each_quotation_is_found_with_its_speaker_and_its_place(
    read: Read,
) -> None:
    query = """SELECT ?text ?speaker ?document ?start ?end WHERE {
        ?claim schema:citation ?quote. ?quote a schema:Quotation; schema:text ?text;
            schema:creator / schema:name ?speaker; prov:wasQuotedFrom ?passage.
        ?passage oa:hasSource ?document; oa:hasSelector ?selector.
        ?selector oa:start ?start; oa:end ?end }"""
    quoted = 0
    for claim, graph in read:
        expected = {
            (
                *(quote["text"], quote["speaker"]["name"]),
                *(str(urn("documents", quote["document"]["id"])), quote["start"], quote["end"]),
            )
            for quote in claim["quotes"]
        }
        found = rows(graph, query, claim=urn("claims", claim["id"]))
        assert {(*row[:2], str(row[2]), *row[3:]) for row in found} == expected
        quoted += len(expected)
    assert quoted


def test_each_place_is_found_with_its_country_what_it_lies_in_and_where_it_is(read: Read) -> None:
    query = """SELECT ?place ?name ?country ?within ?lat ?lon WHERE {
        ?claim schema:contentLocation ?place. ?place a schema:Place; schema:name ?name.
        OPTIONAL { ?place schema:address / schema:addressCountry ?country }
        OPTIONAL { ?place schema:containedInPlace ?within }
        OPTIONAL { ?place schema:geo ?geo. ?geo a schema:GeoCoordinates;
            schema:latitude ?lat; schema:longitude ?lon } }"""
    known = {
        "harbour": ("Harbour", "XA", str(urn("places", "valley")), -12.5, 130.75),
        "valley": ("Valley", "XA", str(urn("places", "republic")), -12.5, 130.75),
        "republic": ("Republic", "XA", None, None, None),
        "pyongyang": ("Pyongyang", "KP", str(urn("places", "north-korea")), 39.02, 125.74),
        "north-korea": ("North Korea", "KP", str(urn("places", "korean-peninsula")), None, None),
        "south-korea": ("South Korea", "KR", str(urn("places", "korean-peninsula")), None, None),
        "maritime-buffer-zones": ("Maritime buffer zones", None, None, None, None),
        "korean-peninsula": ("Korean Peninsula", None, None, None, None),
    }
    for claim, graph in read:
        ids = [place["id"] for place in claim["places"]]
        expected = sorted(((str(urn("places", i)), *known[i]) for i in ids), key=str)
        found = rows(graph, query, claim=urn("claims", claim["id"]))
        assert [(str(r[0]), *r[1:3], r[3] and str(r[3]), *r[4:]) for r in found] == expected


def test_identifiers_of_places_stand_there_with_their_scheme(read: Read) -> None:
    query = """SELECT ?scheme ?id ?url WHERE {
        ?claim schema:contentLocation / schema:identifier ?identifier.
        ?identifier a schema:PropertyValue; schema:propertyID ?scheme; schema:value ?id;
            schema:url ?url }"""
    for claim, graph in read:
        found = rows(graph, query, claim=urn("claims", claim["id"]))
        if claim["id"] == "clm_f2d19kej":
            assert found == [("wikidata", "Q18808", "https://www.wikidata.org/wiki/Q18808")]
        assert len(found) <= len(claim["places"])


def test_offsets_are_typed_as_web_annotation_has_them(client: ContractClient) -> None:
    graph = graph_of(document(client, SHIPPED))
    for property_ in (OA.start, OA.end):
        for offset in graph.objects(None, property_):
            assert isinstance(offset, Literal)
            assert offset.datatype == XSD.nonNegativeInteger


# --- dates --------------------------------------------------------------------------------------


def dates_of(claim: Json) -> dict[str, Json]:
    given = {
        "announced": claim["dates"]["announced"],
        "occurred": claim["dates"]["occurred"],
        "horizon": (claim["goal"] or {}).get("horizon"),
    }
    return {name: date for name, date in given.items() if date is not None}


def test_every_date_stands_there_as_exactly_as_it_is_known(
    read: Read,
) -> None:
    query = """SELECT ?edtf ?earliest ?latest ?uncertain ?precision ?basis ?note WHERE {
        ?claim (pc:announced | pc:occurred | (pc:goal / pc:horizon)) ?date.
        ?date a pc:Date; rdf:value ?edtf; pc:uncertain ?uncertain; pc:precision ?precision;
            pc:basis ?basis.
        OPTIONAL { ?date pc:earliest ?earliest } OPTIONAL { ?date pc:latest ?latest }
        OPTIONAL { ?date skos:note ?note } }"""
    for claim, graph in read:
        expected = sorted(
            (
                (
                    *(date["edtf"], date["earliest"], date["latest"], "?" in date["edtf"]),
                    *(date["precision"], date["basis"], date["note"]),
                )
                for date in dates_of(claim).values()
            ),
            key=str,
        )
        found = rows(graph, query, claim=urn("claims", claim["id"]))
        plain = [(str(r[0]), *(r[n] and str(r[n]) for n in (1, 2)), *r[3:]) for r in found]
        assert sorted(plain, key=str) == expected


def test_an_edtf_date_is_typed_as_one(read: Read) -> None:
    for _, graph in read:
        for value in graph.objects(None, RDF.value):
            assert isinstance(value, Literal)
            assert value.datatype == EDTF


def test_no_uncertain_date_is_told_as_an_exact_one(read: Read) -> None:
    """A property that takes a day holds one only where the day is beyond doubt."""
    exact, vague = 0, 0
    for claim, graph in read:
        announced = claim["dates"]["announced"]
        days = list(graph.objects(urn("claims", claim["id"]), SCHEMA.datePublished))
        certain = (
            announced is not None
            and announced["precision"] == "day"
            and not set("?~%") & set(announced["edtf"])
        )
        assert list(map(str, days)) == ([announced["edtf"]] if certain else [])
        exact += certain
        vague += not certain
    assert exact
    assert vague


def test_no_standard_property_tells_another_date_than_the_exact_one(
    read: Read,
) -> None:
    """Bounds are ours to tell (``pc:earliest``); everywhere else a date means that very day."""
    allowed = {SCHEMA.datePublished, SCHEMA.dateModified, PC.earliest, PC.latest}
    allowed |= {PC.accessed, SCHEMA.dateCreated}  # days that curators know
    for _, graph in read:
        dated = {
            property_
            for _, property_, value in graph
            if isinstance(value, Literal)
            and value.datatype in (XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth)
        }
        assert dated <= allowed


# --- confidence and relations -------------------------------------------------------------------


def test_both_confidences_are_there_each_with_its_reason(read: Read) -> None:
    for claim, graph in read:
        about = urn("claims", claim["id"])
        for property_, key, scale in (
            (PC.attributionConfidence, "attribution", PC.level),
            (PC.contentConfidence, "content", PC.credibility),
        ):
            (node,) = graph.objects(about, property_)
            given = claim["confidence"][key]
            level = given["level"] if key == "attribution" else given["credibility"]
            assert graph.value(node, scale) == Literal(level)
            assert str(graph.value(node, PC.rationale)) == given["rationale"]
            score: Any = graph.value(node, PC.score)
            assert (None if score is None else score.toPython()) == given["score"]


def test_what_cannot_be_judged_has_no_score(sample_client: ContractClient) -> None:
    graph = graph_of(document(sample_client, f"/v1/claims/{samples.FORECAST}.jsonld"))
    (node,) = graph.objects(urn("claims", samples.FORECAST), PC.contentConfidence)
    assert graph.value(node, PC.credibility) == Literal(6)
    assert graph.value(node, PC.score) is None


def test_a_relation_is_found_from_either_end(read: Read) -> None:
    graphs = {claim["id"]: graph for claim, graph in read}
    related = 0
    for claim, graph in read:
        for relation in claim["relations"]:
            ends = urn("claims", claim["id"]), urn("claims", relation["claim"])
            triple = (ends[0], PC[relation["type"]], ends[1])
            assert triple in graph
            assert triple in graphs[relation["claim"]]
            related += 1
    assert related


def test_a_claim_states_no_other_relations(read: Read) -> None:
    for claim, graph in read:
        own = {(r["type"], r["claim"]) for r in claim["relations"]}
        found = {
            (kind, str(other).removeprefix("urn:policy-claims:claims:"))
            for kind in INVERSE
            for other in graph.objects(urn("claims", claim["id"]), PC[kind])
        }
        assert found == own
        pointing = {
            (kind, str(other).removeprefix("urn:policy-claims:claims:"))
            for kind in INVERSE
            for other in graph.subjects(PC[kind], urn("claims", claim["id"]))
        }
        assert pointing == {(r["type"], r["claim"]) for r in claim["related_from"]}


def test_each_relation_has_its_reason(read: Read) -> None:
    query = """SELECT ?how ?other ?why WHERE { ?claim dcat:qualifiedRelation ?relation.
        ?relation a dcat:Relationship; dcat:hadRole ?how; dcterms:relation ?other;
            pc:rationale ?why }"""
    for claim, graph in read:
        expected = {
            (str(PC[r["type"]]), str(urn("claims", r["claim"])), r["rationale"])
            for r in claim["relations"]
        }
        found = rows(graph, query, claim=urn("claims", claim["id"]))
        assert {(str(how), str(other), why) for how, other, why in found} == expected


# --- names and addresses ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public_app() -> Flask:
    return create_app(
        Config(public_url="https://claims.example.org", access_log=False), shipped_store()
    )


def identifiers(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "@id" in node:
            yield node["@id"]
        for key, value in node.items():
            if key != "@context":
                yield from identifiers(value)
    elif isinstance(node, list):
        for item in node:
            yield from identifiers(item)


PATHS = (SHIPPED, "/v1/dataset.jsonld")


def own_part(found: Json) -> Json:
    """A document without what it says of things that are not ours, such as licences."""
    return {key: value for key, value in found.items() if key != "@included"}


@pytest.mark.parametrize("path", PATHS)
def test_without_a_public_address_names_are_urns_whoever_asks(
    client: ContractClient, path: str
) -> None:
    found = document(client, path)
    assert all(name.startswith("urn:policy-claims:") for name in identifiers(own_part(found)))
    other = client.get(path, base_url="https://reflected.example")
    assert json.loads(other.text) == found
    assert "reflected" not in other.text


@pytest.mark.parametrize("path", PATHS)
def test_with_a_public_address_names_are_addresses_and_no_link_is_relative(
    public_app: Flask, path: str
) -> None:
    answer = public_app.test_client().get(path)
    found = json.loads(answer.text)
    for name in identifiers(own_part(found)):
        assert name.startswith("https://claims.example.org/v1/")
        assert public_app.test_client().get(name.partition("#")[0]).status_code == 200
    assert '":"/' not in answer.text  # no value is a path alone
    assert "dprk-plenaries" not in answer.text


def test_every_part_of_a_claim_has_a_name_of_its_own(any_client: ContractClient) -> None:
    for claim in claims_of(any_client):
        found = document(any_client, f"/v1/claims/{claim['id']}.jsonld")
        parts = [part["@id"] for key in ("sources", "quotes", "evidence") for part in found[key]]
        assert len(set(parts)) == len(parts)
        assert all(part.startswith(f"{found['@id']}#") for part in parts)


def test_a_superseded_claim_leads_to_its_successor_in_the_same_form(
    worked_client: ContractClient,
) -> None:
    answer = worked_client.get(f"/v1/claims/{SUPERSEDED}.jsonld")
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"/v1/claims/{HEIR}.jsonld"
    assert worked_client.get(answer.headers["Location"]).mimetype == "application/ld+json"


def test_a_withdrawn_claim_is_gone_in_this_form_too(worked_client: ContractClient) -> None:
    answer = worked_client.get(f"/v1/claims/{WITHDRAWN}.jsonld")
    assert answer.status_code == 410
    assert answer.get_json()["tombstone"]["id"] == WITHDRAWN
    assert worked_client.get("/v1/claims/clm_zzzzzzzz.jsonld").status_code == 404


# --- the data set -------------------------------------------------------------------------------


def test_the_data_set_is_described_for_catalogues(client: ContractClient) -> None:
    about = client.get("/v1/dataset").get_json()["data"]
    graph = graph_of(document(client, "/v1/dataset.jsonld"))
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert (dataset, RDF.type, VOID.Dataset) in graph
    assert str(graph.value(dataset, DCAT.version)) == about["version"]
    assert str(graph.value(dataset, PC.digest)) == about["digest"]
    assert graph.value(dataset, DCTERMS.license) == URIRef(
        "https://creativecommons.org/licenses/by/4.0/"
    )
    modified = graph.value(dataset, DCTERMS.modified)
    assert modified == Literal(about["built_at"], datatype=XSD.dateTime)
    for property_ in (DCTERMS.title, DCTERMS.description, DCTERMS.rights):
        assert graph.value(dataset, property_)


def test_every_export_is_a_distribution_that_can_be_downloaded(client: ContractClient) -> None:
    exports = client.get("/v1/dataset").get_json()["data"]["exports"]
    graph = graph_of(document(client, "/v1/dataset.jsonld"))
    query = """SELECT ?title ?format ?address WHERE { ?dataset dcat:distribution ?file.
        ?file a dcat:Distribution; dcterms:title ?title; schema:encodingFormat ?format;
            dcat:downloadURL ?address }"""
    found = rows(graph, query)
    assert {(row[0], row[1]) for row in found} == {(e["name"], e["media_type"]) for e in exports}
    for _, media_type, address in found:
        answer = client.get(str(address).removeprefix(HERE))
        assert (answer.status_code, answer.mimetype) == (200, media_type)


def test_the_service_behind_the_data_set_is_named_with_its_contract(
    client: ContractClient,
) -> None:
    graph = graph_of(document(client, "/v1/dataset.jsonld"))
    query = """SELECT ?contract WHERE { ?service a dcat:DataService; dcat:servesDataset ?dataset;
        dcat:endpointDescription ?contract. ?dataset a dcat:Dataset }"""
    ((contract,),) = rows(graph, query)
    assert client.get(str(contract).removeprefix(HERE)).status_code == 200


def test_the_classes_are_as_many_as_there_are_in_all_claims_together(
    read: Read, any_client: ContractClient
) -> None:
    together = Graph()
    for _, graph in read:
        together += graph
    described = graph_of(document(any_client, "/v1/dataset.jsonld"))
    query = """SELECT ?class ?many WHERE {
        [] void:classPartition [ void:class ?class; void:entities ?many ] }"""
    told = {URIRef(str(name)): many for name, many in rows(described, query)}
    for name in (SCHEMA.Claim, SCHEMA.Quotation, SCHEMA.NewsArticle):
        assert told[name] == len(set(together.subjects(RDF.type, name)))
    for name in (PROV.Agent, SKOS.Concept, SCHEMA.Event):  # some of these no claim refers to
        assert told[name] >= len(set(together.subjects(RDF.type, name))) > 0


def test_claims_name_the_data_set_that_they_belong_to(client: ContractClient) -> None:
    described = graph_of(document(client, "/v1/dataset.jsonld"))
    (dataset,) = described.subjects(RDF.type, DCAT.Dataset)
    graph = graph_of(document(client, SHIPPED))
    assert list(graph.objects(urn("claims", "clm_tepv4g4s"), SCHEMA.isPartOf)) == [dataset]
