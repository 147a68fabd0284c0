"""A claim as linked data: schema.org for what it says, PROV for who said it through whom, Web
Annotation for where that stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.claim import RELATIONS
from schemas.dataset import DatasetInfo, Vocabulary
from service.formats.jsonld import context
from service.formats.jsonld.nodes import Identifiers, Node, Nodes, ServedRecord, date, exact_day

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def linked_claim(
    claim: ServedRecord,
    dataset: DatasetInfo,
    vocabularies: Mapping[str, Vocabulary],
    names: Identifiers,
) -> Node:
    """A served claim as a JSON-LD document.

    It is a schema.org ``Claim`` and nothing more: a ``ClaimReview`` would pass
    a verdict, and two confidences with their reasons are none.
    """
    return {
        "@context": context.CLAIM,
        "@id": names.of("claims", claim["id"]),
        "@type": ["Claim", "Entity"],
        **_said(claim, names),
        **_concerns(claim, Nodes(vocabularies, names)),
        **_attributed(claim, Nodes(vocabularies, names), names),
        **_dated(claim),
        **_trusted(claim),
        **_related(claim, names),
        "version": claim["revision"],
        "dateModified": claim["recorded_at"],
        "license": LICENCE,
        "isPartOf": names.dataset(dataset.version),
    }


def _said(claim: ServedRecord, names: Identifiers) -> Node:
    return {
        "identifier": claim["id"],
        "url": names.address(f"/v1/claims/{claim['id']}"),
        "text": claim["statement"],
        "kind": claim["kind"],
    }


def _concerns(claim: ServedRecord, nodes: Nodes) -> Node:
    return {
        "topics": [nodes.topic(topic) for topic in claim["topics"]],
        "actors": [nodes.agent(agent) for agent in claim["actors"]],
        "addressees": [nodes.agent(agent) for agent in claim["addressees"]],
        "about": [nodes.agent(agent) for agent in claim["about"]],
        "occasion": claim["occasion"] and nodes.occasion(claim["occasion"]),
        "goal": claim["goal"] and _goal(claim["goal"]),
    }


def _goal(goal: ServedRecord) -> Node:
    return {
        "@type": "Goal",
        "horizon": date(goal["horizon"]),
        "specificity": goal["specificity"],
        "statedTarget": goal["details"],
    }


def _attributed(claim: ServedRecord, nodes: Nodes, names: Identifiers) -> Node:
    """The chain of attribution, what is quoted, and the evidence."""
    cited = {place["document"]["id"]: place["document"] for place in _places(claim)}
    return {
        "attribution": claim["attribution"],
        "wasDerivedFrom": _part(claim, names, "source", len(claim["sources"])),
        "sources": list(_chain(claim, nodes, names)),
        "quotes": [
            {
                "@id": _part(claim, names, "quote", n),
                "@type": "Quotation",
                "text": quote["text"],
                "creator": nodes.agent(quote["speaker"]),
                "quotedFrom": _passage(quote, names, None),
            }
            for n, quote in enumerate(claim["quotes"], 1)
        ],
        "evidence": [
            {
                "@id": _part(claim, names, "evidence", n),
                "@type": "Annotation",
                "motivation": "oa:linking",
                "role": span["role"],
                "fidelity": span["fidelity"],
                "target": _passage(span, names, span["sha256"]),
            }
            for n, span in enumerate(claim["evidence"], 1)
        ],
        "appearance": [nodes.document(document) for document in cited.values()],
        "hedges": claim["hedges"],
    }


def _places(claim: ServedRecord) -> Iterator[ServedRecord]:
    yield from claim["evidence"]
    yield from claim["quotes"]


def _chain(claim: ServedRecord, nodes: Nodes, names: Identifiers) -> Iterator[Node]:
    """Each telling of the claim, the origin's first; every other derives from the one before it.

    So the claim, which derives from what was printed, leads back to who said
    it first.
    """
    for n, source in enumerate(claim["sources"], 1):
        yield {
            "@id": _part(claim, names, "source", n),
            "@type": "Entity",
            "role": source["role"],
            "cue": source["cue"],
            "wasAttributedTo": nodes.agent(source["agent"]),
            "wasDerivedFrom": _part(claim, names, "source", n - 1) if n > 1 else None,
        }


def _part(claim: ServedRecord, names: Identifiers, what: str, number: int) -> str:
    """The identifier of a part: its place in this revision, from 1."""
    return names.of("claims", claim["id"], f"{what}-{number}")


def _passage(place: ServedRecord, names: Identifiers, sha256: str | None) -> Node:
    """A stretch of a document, in code points from 0 with the end exclusive, as Web Annotation
    counts too (section 4.2.5).
    """
    return {
        "@type": "SpecificResource",
        "source": names.of("documents", place["document"]["id"]),
        "selector": {
            "@type": "TextPositionSelector",
            "start": place["start"],
            "end": place["end"],
        },
        "sha256": sha256,
    }


def _dated(claim: ServedRecord) -> Node:
    announced, occurred = claim["dates"]["announced"], claim["dates"]["occurred"]
    return {
        "datePublished": exact_day(announced),
        "announced": date(announced),
        "occurred": date(occurred),
    }


def _trusted(claim: ServedRecord) -> Node:
    attribution, content = claim["confidence"]["attribution"], claim["confidence"]["content"]
    return {
        "attributionConfidence": {"@type": "Confidence", **attribution},
        "contentConfidence": {"@type": "Confidence", **content},
        "independentOrigins": claim["independent_origins"],
    }


def _related(claim: ServedRecord, names: Identifiers) -> dict[str, Any]:
    """Relations both ways as plain links, and those of this claim with their reasons."""
    found: dict[str, Any] = {key: [] for kind in RELATIONS for key in (kind, context.INVERSE[kind])}
    for relation in claim["relations"]:
        found[relation["type"]].append(names.of("claims", relation["claim"]))
    for relation in claim["related_from"]:
        found[context.INVERSE[relation["type"]]].append(names.of("claims", relation["claim"]))
    found["qualifiedRelation"] = [
        {
            "@type": "Relationship",
            "relationType": relation["type"],
            "relation": names.of("claims", relation["claim"]),
            "rationale": relation["rationale"],
        }
        for relation in claim["relations"]
    ]
    return found
