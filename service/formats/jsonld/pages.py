"""What stands in the pages for search engines: schema.org alone, with its own context.

Search engines know no other vocabulary, and follow no link to the documents of linked data. The
identifiers are those of these documents, so that both say one thing.
"""

from __future__ import annotations

from typing import Any

from schemas.filter_kinds import ServedClaim
from schemas.records.description import Description
from service.formats.envelopes import Link, exports_of
from service.formats.jsonld.dataset import DESCRIPTION
from service.formats.jsonld.nodes import Node, Nodes, exact_day, licence_address
from service.store.protocol import Store

_CONTEXT = "https://schema.org/"


def claim_on_page(claim: ServedClaim, store: Store, link: Link) -> Node:
    """A claim as its page tells it."""
    nodes, about = Nodes.of(store, link), store.dataset.about
    cited = dict.fromkeys(place["document"]["id"] for place in claim["evidence"])
    documents = store.vocabularies["documents"].records(cited)
    origin = claim["sources"][0]["agent"]
    return _filled(
        {
            "@context": _CONTEXT,
            "@type": "Claim",
            "@id": nodes.identifier("claims", claim["id"]),
            "identifier": claim["id"],
            "url": link(f"/claims/{claim['id']}", ""),
            "text": claim["statement"],
            "name": claim["statement"],
            "claimInterpreter": {"@type": "Organization", "name": about.publisher or about.title},
            "author": _agent(origin["id"], store) if claim["sourced"] else None,
            "about": [{"@type": "Thing", "name": topic["name"]} for topic in claim["topics"]],
            "datePublished": exact_day(claim["dates"]["announced"]),
            "dateModified": claim["recorded_at"],
            "version": claim["revision"],
            "license": licence_address(about.licence),
            "appearance": [_document(documents[each], nodes) for each in cited],
            "isPartOf": {"@type": "Dataset", "@id": nodes.dataset(), "name": about.title},
        }
    )


def _agent(identifier: str, store: Store) -> Node:
    record = store.vocabularies["agents"].records((identifier,))[identifier]
    kind = "Person" if record["kind"] == "person" else "Organization"
    same = [each["url"] for each in record["identifiers"] if each["url"]]
    return _filled({"@type": kind, "name": record["name"], "sameAs": same})


def _document(document: Any, nodes: Nodes) -> Node:
    return _filled(
        {
            "@type": "NewsArticle",
            "@id": nodes.identifier("documents", document["id"]),
            "headline": document["title"],
            "url": document["url"],
            "datePublished": exact_day(document["published"]),
            "inLanguage": document["language"],
        }
    )


def dataset_on_page(store: Store, link: Link) -> Node:
    """The data set as the front page tells it."""
    dataset, about = store.dataset, store.dataset.about
    publisher = about.publisher and {"@type": "Organization", "name": about.publisher}
    return _filled(
        {
            "@context": _CONTEXT,
            "@type": "Dataset",
            "@id": Nodes.of(store, link).dataset(),
            "name": about.title,
            "description": about.description or DESCRIPTION,
            "url": link("/", ""),
            "sameAs": about.homepage,
            "identifier": dataset.version,
            "version": dataset.version,
            "dateModified": dataset.built_at,
            "license": licence_address(about.licence),
            "creator": publisher,
            "publisher": publisher,
            "creditText": about.attribution,
            "isAccessibleForFree": True,
            "inLanguage": about.languages,
            **_covered(about),
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": name,
                    "encodingFormat": media_type,
                    "contentUrl": link(path, ""),
                }
                for name, media_type, path in exports_of(store)
            ],
        }
    )


def _covered(about: Description) -> Node:
    first, last = about.coverage["first"], about.coverage["last"]
    return {
        "temporalCoverage": f"{first}/{last}" if first else None,
        "spatialCoverage": [
            {"@type": "Place", "name": place["name"]} for place in about.coverage["places"]
        ],
        "keywords": [topic["name"] for topic in about.coverage["topics"]],
    }


def _filled(node: Node) -> Node:
    """A node without what there is nothing of, which search engines take for a fault."""
    return {key: value for key, value in node.items() if value not in (None, [], "")}
