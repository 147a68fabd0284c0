"""A claim as linked data: schema.org for what it says, PROV for who said it through whom, Web
Annotation for where that stands.
"""

from __future__ import annotations

from typing import Any

from schemas.claim import RELATIONS
from schemas.dataset import DatasetInfo
from service.formats.jsonld import context
from service.formats.jsonld.nodes import Node, Nodes, ServedRecord, date, exact_day

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def linked_claim(claim: ServedRecord, dataset: DatasetInfo, nodes: Nodes) -> Node:
    """A served claim as a JSON-LD document.

    It is a schema.org ``Claim`` and nothing more: a ``ClaimReview`` would pass
    a verdict, and two confidences with their reasons are none.
    """
    names, dates, confidence = nodes.names, claim["dates"], claim["confidence"]
    return {
        "@context": context.CLAIM,
        "@id": names.of("claims", claim["id"]),
        "@type": ["Claim", "Entity"],
        "identifier": claim["id"],
        "url": names.address(f"/v1/claims/{claim['id']}"),
        "text": claim["statement"],
        "kind": claim["kind"],
        **_concerns(claim, nodes),
        "attribution": claim["attribution"],
        "wasDerivedFrom": _part(claim, nodes, "source", len(claim["sources"])),
        **_attributed(claim, nodes),
        "hedges": claim["hedges"],
        "datePublished": exact_day(dates["announced"]),
        "announced": date(dates["announced"]),
        "occurred": date(dates["occurred"]),
        "attributionConfidence": {"@type": "Confidence", **confidence["attribution"]},
        "contentConfidence": {"@type": "Confidence", **confidence["content"]},
        "independentOrigins": claim["independent_origins"],
        **_related(claim, nodes),
        "version": claim["revision"],
        "dateModified": claim["recorded_at"],
        "license": LICENCE,
        "isPartOf": names.dataset(dataset.version),
    }


def _concerns(claim: ServedRecord, nodes: Nodes) -> Node:
    goal = claim["goal"]
    return {
        "topics": [nodes.topic(topic) for topic in claim["topics"]],
        **{key: list(map(nodes.agent, claim[key])) for key in ("actors", "addressees", "about")},
        "occasion": claim["occasion"] and nodes.occasion(claim["occasion"]),
        "goal": goal
        and {
            "@type": "Goal",
            "horizon": date(goal["horizon"]),
            "specificity": goal["specificity"],
            "statedTarget": goal["details"],
        },
    }


def _attributed(claim: ServedRecord, nodes: Nodes) -> Node:
    """The chain of attribution, what is quoted, the evidence, and the documents of both.

    Each telling of the claim, the origin's first, derives from the one before it. So the claim,
    which derives from what was printed, leads back to who said it first.
    """
    places = (*claim["evidence"], *claim["quotes"])
    cited = {place["document"]["id"]: place["document"] for place in places}
    return {
        "sources": [
            {
                "@id": _part(claim, nodes, "source", n),
                "@type": "Entity",
                "role": source["role"],
                "cue": source["cue"],
                "wasAttributedTo": nodes.agent(source["agent"]),
                "wasDerivedFrom": _part(claim, nodes, "source", n - 1) if n > 1 else None,
            }
            for n, source in enumerate(claim["sources"], 1)
        ],
        "quotes": [
            {
                "@id": _part(claim, nodes, "quote", n),
                "@type": "Quotation",
                "text": quote["text"],
                "creator": nodes.agent(quote["speaker"]),
                "quotedFrom": _passage(quote, nodes, None),
            }
            for n, quote in enumerate(claim["quotes"], 1)
        ],
        "evidence": [
            {
                "@id": _part(claim, nodes, "evidence", n),
                "@type": "Annotation",
                "motivation": "oa:linking",
                "role": span["role"],
                "fidelity": span["fidelity"],
                "target": _passage(span, nodes, span["sha256"]),
            }
            for n, span in enumerate(claim["evidence"], 1)
        ],
        "appearance": [nodes.document(document) for document in cited.values()],
    }


def _part(claim: ServedRecord, nodes: Nodes, kind: str, number: int) -> str:
    """The identifier of a part: its place in this revision, from 1."""
    return nodes.names.of("claims", claim["id"], f"{kind}-{number}")


def _passage(place: ServedRecord, nodes: Nodes, sha256: str | None) -> Node:
    """A stretch of a document, in code points from 0 with the end exclusive, as Web Annotation
    counts too (section 4.2.5).
    """
    span = {"@type": "TextPositionSelector", "start": place["start"], "end": place["end"]}
    return {
        "@type": "SpecificResource",
        "source": nodes.names.of("documents", place["document"]["id"]),
        "selector": span,
        "sha256": sha256,
    }


def _related(claim: ServedRecord, nodes: Nodes) -> dict[str, Any]:
    """Relations both ways as plain links, and those of this claim with their reasons."""
    links: dict[str, Any] = {key: [] for kind in RELATIONS for key in (kind, context.INVERSE[kind])}
    for relation in claim["related_from"]:
        inverse = context.INVERSE[relation["type"]]
        links[inverse].append(nodes.names.of("claims", relation["claim"]))
    links["qualifiedRelation"] = []
    for relation in claim["relations"]:
        other = nodes.names.of("claims", relation["claim"])
        links[relation["type"]].append(other)
        links["qualifiedRelation"].append(
            {
                "@type": "Relationship",
                "relationType": relation["type"],
                "relation": other,
                "rationale": relation["rationale"],
            }
        )
    return links
