"""A claim as linked data: schema.org for what it says, PROV for who said it through whom, Web
Annotation for where that stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.claim import RELATIONS
from schemas.dataset import DatasetInfo, Vocabulary
from service.formats.jsonld import context
from service.formats.jsonld.identifiers import Names
from service.formats.jsonld.nodes import Node, Record, Records, date, exact_day

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def linked_claim(
    claim: Record, dataset: DatasetInfo, vocabularies: Mapping[str, Vocabulary], names: Names
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
        **_concerns(claim, Records(vocabularies, names)),
        **_attributed(claim, Records(vocabularies, names), names),
        **_dated(claim),
        **_trusted(claim),
        **_related(claim, names),
        "version": claim["revision"],
        "dateModified": claim["recorded_at"],
        "license": LICENCE,
        "isPartOf": names.dataset(dataset.version),
    }


def _said(claim: Record, names: Names) -> Node:
    return {
        "identifier": claim["id"],
        "url": names.address(f"/v1/claims/{claim['id']}"),
        "text": claim["statement"],
        "kind": claim["kind"],
    }


def _concerns(claim: Record, records: Records) -> Node:
    return {
        "topics": [records.topic(topic) for topic in claim["topics"]],
        "actors": [records.agent(agent) for agent in claim["actors"]],
        "addressees": [records.agent(agent) for agent in claim["addressees"]],
        "about": [records.agent(agent) for agent in claim["about"]],
        "occasion": claim["occasion"] and records.occasion(claim["occasion"]),
        "goal": claim["goal"] and _goal(claim["goal"]),
    }


def _goal(goal: Record) -> Node:
    return {
        "@type": "Goal",
        "horizon": date(goal["horizon"]),
        "specificity": goal["specificity"],
        "statedTarget": goal["details"],
    }


def _attributed(claim: Record, records: Records, names: Names) -> Node:
    """The chain of attribution, what is quoted, and the evidence."""
    cited = {place["document"]["id"]: place["document"] for place in _places(claim)}
    return {
        "attribution": claim["attribution"],
        "wasDerivedFrom": _part(claim, names, "source", len(claim["sources"])),
        "sources": list(_chain(claim, records, names)),
        "quotes": [
            {
                "@id": _part(claim, names, "quote", n),
                "@type": "Quotation",
                "text": quote["text"],
                "creator": records.agent(quote["speaker"]),
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
        "appearance": [records.document(document) for document in cited.values()],
        "hedges": claim["hedges"],
    }


def _places(claim: Record) -> Iterator[Record]:
    yield from claim["evidence"]
    yield from claim["quotes"]


def _chain(claim: Record, records: Records, names: Names) -> Iterator[Node]:
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
            "wasAttributedTo": records.agent(source["agent"]),
            "wasDerivedFrom": _part(claim, names, "source", n - 1) if n > 1 else None,
        }


def _part(claim: Record, names: Names, what: str, number: int) -> str:
    """The identifier of a part: its place in this revision, from 1."""
    return names.of("claims", claim["id"], f"{what}-{number}")


def _passage(place: Record, names: Names, sha256: str | None) -> Node:
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


def _dated(claim: Record) -> Node:
    announced, occurred = claim["dates"]["announced"], claim["dates"]["occurred"]
    return {
        "datePublished": exact_day(announced),
        "announced": date(announced),
        "occurred": date(occurred),
    }


def _trusted(claim: Record) -> Node:
    attribution, content = claim["confidence"]["attribution"], claim["confidence"]["content"]
    return {
        "attributionConfidence": {"@type": "Confidence", **attribution},
        "contentConfidence": {"@type": "Confidence", **content},
        "independentOrigins": claim["independent_origins"],
    }


def _related(claim: Record, names: Names) -> dict[str, Any]:
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
