"""A claim as linked data: schema.org for what it says, PROV for who said it through whom, Web
Annotation for where that stands.
"""

import json
from collections.abc import Iterator, Sequence

from schemas.filter_kinds import ServedRecord
from schemas.records.claim import RELATIONS
from schemas.records.dataset import DatasetInfo
from service.formats.envelopes import Body, ParsedQuery
from service.formats.jsonld.nodes import (
    PREFIXES,
    TERMS,
    Node,
    Nodes,
    date,
    exact_day,
    licence_address,
)
from service.store.dataset_format import canonical
from service.store.protocol import Store

CLAIM_CONTEXT = {"@version": 1.1, **PREFIXES, **TERMS["claim"]}
INVERSE: dict[str, str] = {
    kind: name
    for kind in RELATIONS
    for name, term in CLAIM_CONTEXT.items()
    if isinstance(term, dict) and term.get("@reverse") == f"pc:{kind}"
}
"""What each relation is called from its other end."""


def linked_claim(query: ParsedQuery, store: Store, claim: str) -> Body:
    """A claim as a JSON-LD document. Raises ``ClaimNotFound`` or ``ClaimRetired``."""
    node = _claim(json.loads(store.get(claim)), store.dataset, Nodes.of(store, query.link))
    return Body(canonical(node), cite_as=query.link(f"/claims/{claim}", ""))


def _claim(claim: ServedRecord, dataset: DatasetInfo, nodes: Nodes) -> Node:
    """A served claim of this data set.

    It is a schema.org ``Claim`` and nothing more: a ``ClaimReview`` would pass
    a verdict, and two confidences with their reasons are none.
    """
    return {
        "@context": CLAIM_CONTEXT,
        "@id": nodes.identifier("claims", claim["id"]),
        "@type": ["Claim", "Entity"],
        "identifier": claim["id"],
        "url": nodes.address(f"/v1/claims/{claim['id']}"),
        **_content(claim, nodes),
        **_proof(claim, nodes),
        **_judged(claim),
        **_related(claim, nodes),
        "version": claim["revision"],
        "dateModified": claim["recorded_at"],
        "license": licence_address(dataset.about.licence),
        "isPartOf": nodes.dataset(),
    }


def _content(claim: ServedRecord, nodes: Nodes) -> Node:
    """What it says, and whom and what it is about."""
    return {
        "text": claim["statement"],
        "kind": claim["kind"],
        "topics": nodes.nodes("topics", claim["topics"]),
        "actors": nodes.nodes("agents", claim["actors"]),
        "addressees": nodes.nodes("agents", claim["addressees"]),
        "about": nodes.nodes("agents", claim["about"]),
        "occasion": claim["occasion"] and nodes.node("occasions", claim["occasion"]),
        "places": nodes.nodes("places", claim["places"]),
        "goal": claim["goal"] and _goal(claim["goal"]),
    }


def _proof(claim: ServedRecord, nodes: Nodes) -> Node:
    """Who said it through whom, and where that stands."""
    places = (*claim["evidence"], *claim["quotes"])
    cited = {place["document"]["id"]: place["document"] for place in places}
    return {
        "attribution": claim["attribution"],
        "sourced": claim["sourced"],
        "alternatives": list(_alternatives(claim, nodes)),
        "wasDerivedFrom": _part(claim, nodes, "source", len(claim["sources"])),
        "sources": list(_sources(claim, claim["sources"], "source", nodes)),
        "quotes": list(_quotes(claim, nodes)),
        "evidence": list(_evidence(claim, nodes)),
        "appearance": nodes.nodes("documents", cited.values()),
        "hedges": claim["hedges"],
    }


def _judged(claim: ServedRecord) -> Node:
    """When it was said and happened, and how sure one can be."""
    dates, confidence = claim["dates"], claim["confidence"]
    return {
        "datePublished": exact_day(dates["announced"]),
        "announced": date(dates["announced"]),
        "occurred": date(dates["occurred"]),
        "refersTo": date(dates["refers_to"]),
        "attributionConfidence": {"@type": "Confidence", **confidence["attribution"]},
        "contentConfidence": {"@type": "Confidence", **confidence["content"]},
        "independentOrigins": claim["independent_origins"],
    }


def _goal(goal: ServedRecord) -> Node:
    return {
        "@type": "Goal",
        "horizon": date(goal["horizon"]),
        "specificity": goal["specificity"],
        "statedTarget": goal["details"],
        "elaborated": goal["elaborated"],
        "goalTarget": goal["target"] and _target(goal["target"]),
        "condition": goal["condition"],
    }


def _target(target: ServedRecord) -> Node:
    return {
        "@type": "QuantitativeValue",
        "value": target["value"],
        "unitText": target["unit"],
        "baseline": target["baseline"],
        "indicator": target["indicator"],
    }


def _part(claim: ServedRecord, nodes: Nodes, kind: str, number: int) -> str:
    """The identifier of a part: its place in this revision, from 1."""
    return nodes.identifier("claims", claim["id"], f"{kind}-{number}")


def _sources(
    claim: ServedRecord, chain: Sequence[ServedRecord], kind: str, nodes: Nodes
) -> Iterator[Node]:
    """Each telling of the claim, the origin's first; every other derives from the one before it.

    So the claim, which derives from what was printed, leads back to who said
    it first.
    """
    for n, source in enumerate(chain, 1):
        yield {
            "@id": _part(claim, nodes, kind, n),
            "@type": "Entity",
            "role": source["role"],
            "cue": source["cue"],
            "wasAttributedTo": nodes.node("agents", source["agent"]),
            "wasDerivedFrom": _part(claim, nodes, kind, n - 1) if n > 1 else None,
        }


def _alternatives(claim: ServedRecord, nodes: Nodes) -> Iterator[Node]:
    for n, reading in enumerate(claim["alternatives"], 1):
        kind = f"alternative-{n}-source"
        yield {
            "@type": "Reading",
            "sources": list(_sources(claim, reading["sources"], kind, nodes)),
            "attribution": reading["attribution"],
            "rationale": reading["rationale"],
        }


def _quotes(claim: ServedRecord, nodes: Nodes) -> Iterator[Node]:
    for n, quote in enumerate(claim["quotes"], 1):
        yield {
            "@id": _part(claim, nodes, "quote", n),
            "@type": "Quotation",
            "text": quote["text"],
            "creator": nodes.node("agents", quote["speaker"]),
            "quotedFrom": nodes.passage(quote),
        }


def _evidence(claim: ServedRecord, nodes: Nodes) -> Iterator[Node]:
    for n, span in enumerate(claim["evidence"], 1):
        yield {
            "@id": _part(claim, nodes, "evidence", n),
            "@type": "Annotation",
            "motivation": "oa:linking",
            "role": span["role"],
            "fidelity": span["fidelity"],
            "locator": span["locator"],
            "target": nodes.passage(span, span["sha256"]),
        }


def _related(claim: ServedRecord, nodes: Nodes) -> Node:
    """Relations both ways as plain links, and those of this claim with their reasons."""
    links: Node = {key: [] for kind in RELATIONS for key in (kind, INVERSE[kind])}
    links["qualifiedRelation"] = []
    for relation in claim["related_from"]:
        other = nodes.identifier("claims", relation["claim"])
        links[INVERSE[relation["type"]]].append(other)
    for relation in claim["relations"]:
        other = nodes.identifier("claims", relation["claim"])
        links[relation["type"]].append(other)
        qualified = {"@type": "Relationship", "relationType": relation["type"], "relation": other}
        links["qualifiedRelation"].append({**qualified, "rationale": relation["rationale"]})
    return links
