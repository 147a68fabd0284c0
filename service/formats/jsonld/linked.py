"""The two documents of linked data: a claim, and the data set.

Of a claim schema.org says what it says, PROV who said it through whom, Web Annotation where that
stands; of the data set DCAT 3 says where to get it, VoID what is in it.
"""

import json
import re
from collections.abc import Iterator, Sequence

from schemas.filter_kinds import ServedRecord
from schemas.records.claim import RELATIONS
from schemas.records.dataset import DatasetInfo
from schemas.records.description import Description
from service.formats.envelopes import QUOTATIONS, Body, ParsedQuery, exports_of
from service.formats.jsonld.nodes import TERMS, Node, Nodes, date, exact_day
from service.store.dataset_format import canonical
from service.store.protocol import Store

PREFIXES = TERMS["prefixes"]
CLAIM_CONTEXT = {"@version": 1.1, **PREFIXES, **TERMS["claim"]}
DATASET_CONTEXT = {"@version": 1.1, **PREFIXES, **TERMS["dataset"]}
INVERSE: dict[str, str] = {
    kind: name
    for kind in RELATIONS
    for name, term in CLAIM_CONTEXT.items()
    if isinstance(term, dict) and term.get("@reverse") == f"pc:{kind}"
}
"""What each relation is called from its other end."""
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES = {
    "text/csv": "http://publications.europa.eu/resource/authority/file-type/CSV",
}
"""By media type, the file types of the EU Publications Office, as DCAT-AP names formats."""
_DATATYPES = ("rdf", "xsd")
"""What literals are typed with; no vocabularies in the sense of VoID (section 4.3)."""
_SERVICE = "Policy claims"
DESCRIPTION = (
    "Who said what a government wants, when, and how sure one can be of it: claims curated from "
    "published documents, each with its evidence, its chain of attribution and two confidences."
)
"""Of a data set that does not describe itself."""
_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-([0-9]\.[0-9])")


def licence_address(licence: str | None) -> str | None:
    """The address that stands for a licence with this SPDX id.

    Of Creative Commons its own, as catalogues expect it; of any other that of the SPDX list.
    """
    if licence is None:
        return None
    if match := _CREATIVE_COMMONS.fullmatch(licence):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return f"https://spdx.org/licenses/{licence}"


def linked_claim(query: ParsedQuery, store: Store, claim: str) -> Body:
    """A claim as a JSON-LD document. Raises ``ClaimNotFound`` or ``ClaimRetired``."""
    node = _claim(json.loads(store.get(claim)), store.dataset, _nodes(query, store))
    return Body(canonical(node), cite_as=query.link(f"/claims/{claim}", ""))


def _nodes(query: ParsedQuery, store: Store) -> Nodes:
    return Nodes(store.vocabularies, store.dataset.about.id, query.link("", ""))


def _claim(claim: ServedRecord, dataset: DatasetInfo, nodes: Nodes) -> Node:
    """A served claim of this data set.

    It is a schema.org ``Claim`` and nothing more: a ``ClaimReview`` would pass
    a verdict, and two confidences with their reasons are none.
    """
    goal, dates, confidence = claim["goal"], claim["dates"], claim["confidence"]
    places = (*claim["evidence"], *claim["quotes"])
    cited = {place["document"]["id"]: place["document"] for place in places}
    return {
        "@context": CLAIM_CONTEXT,
        "@id": nodes.identifier("claims", claim["id"]),
        "@type": ["Claim", "Entity"],
        "identifier": claim["id"],
        "url": nodes.address(f"/v1/claims/{claim['id']}"),
        "text": claim["statement"],
        "kind": claim["kind"],
        "topics": nodes.nodes("topics", claim["topics"]),
        "actors": nodes.nodes("agents", claim["actors"]),
        "addressees": nodes.nodes("agents", claim["addressees"]),
        "about": nodes.nodes("agents", claim["about"]),
        "occasion": claim["occasion"] and nodes.node("occasions", claim["occasion"]),
        "places": nodes.nodes("places", claim["places"]),
        "goal": goal and _goal(goal),
        "attribution": claim["attribution"],
        "sourced": claim["sourced"],
        "alternatives": list(_alternatives(claim, nodes)),
        "wasDerivedFrom": _part(claim, nodes, "source", len(claim["sources"])),
        "sources": list(_sources(claim, claim["sources"], "source", nodes)),
        "quotes": list(_quotes(claim, nodes)),
        "evidence": list(_evidence(claim, nodes)),
        "appearance": nodes.nodes("documents", cited.values()),
        "hedges": claim["hedges"],
        "datePublished": exact_day(dates["announced"]),
        "announced": date(dates["announced"]),
        "occurred": date(dates["occurred"]),
        "refersTo": date(dates["refers_to"]),
        "attributionConfidence": {"@type": "Confidence", **confidence["attribution"]},
        "contentConfidence": {"@type": "Confidence", **confidence["content"]},
        "independentOrigins": claim["independent_origins"],
        **_related(claim, nodes),
        "version": claim["revision"],
        "dateModified": claim["recorded_at"],
        "license": licence_address(dataset.about.licence),
        "isPartOf": nodes.dataset(),
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


def linked_dataset(query: ParsedQuery, store: Store) -> Body:
    """The data set as a JSON-LD document."""
    dataset, nodes = store.dataset, _nodes(query, store)
    about, licence = dataset.about, licence_address(dataset.about.licence)
    document = {
        "@context": DATASET_CONTEXT,
        "@id": nodes.dataset(),
        "@type": ["Dataset", "void:Dataset"],
        "title": about.title,
        "description": about.description or DESCRIPTION,
        "identifier": dataset.version,
        "version": dataset.version,
        "digest": dataset.digest,
        "modified": dataset.built_at,
        "license": licence,
        "rights": QUOTATIONS,
        **_described(about, nodes),
        "conformsTo": nodes.address("/codebook"),
        "landingPage": nodes.address("/"),
        "distribution": [
            {
                "@type": "Distribution",
                "title": title,
                "format": media_type,
                "fileType": _FILE_TYPES.get(media_type),
                # As DCAT names it, if it is registered; an "x-" never is.
                "mediaType": None if "/x-" in media_type else f"{_MEDIA_TYPES}{media_type}",
                "accessURL": nodes.address("/"),
                "downloadURL": nodes.address(path),
                "license": licence,
            }
            for title, media_type, path in exports_of(store)
        ],
        "service": {
            "@type": "DataService",
            "title": _SERVICE,
            "endpointURL": nodes.address("/v1"),
            "endpointDescription": nodes.address("/openapi.yaml"),
        },
        "uriSpace": nodes.space,
        "vocabulary": [iri for name, iri in PREFIXES.items() if name not in _DATATYPES],
        "classPartition": [
            {"class": iri, "entities": dataset.counts[name]}
            for name, iri in TERMS["classes"].items()
        ],
        **_catalogued(about, nodes),
    }
    document["@included"] = [*_typed(document, about, nodes)]
    return Body(canonical(document), cite_as=query.link("/", ""))


def _catalogued(about: Description, nodes: Nodes) -> Node:
    """What catalogues list a data set by, and the catalogue that it is in here (DCAT-AP 3.0.1)."""
    return {
        "keyword": [topic["name"] for topic in about.coverage["topics"]],
        "catalog": {
            "@id": f"{nodes.dataset()}#catalog",
            "@type": "Catalog",
            "title": _SERVICE,
            "description": DESCRIPTION,
            "publisher": {"@type": "Agent", "name": about.publisher or about.title},
        },
    }


def _typed(document: Node, about: Description, nodes: Nodes) -> Iterator[Node]:
    """What the things are that the description refers to, as DCAT-AP asks of its ranges."""
    yield {"@id": document["landingPage"], "@type": "FoafDocument", "label": about.title}
    yield {"@id": document["conformsTo"], "@type": "Standard", "label": "Codebook"}
    if document["license"] is not None:
        yield {"@id": document["license"], "@type": "LicenseDocument", "label": about.licence}
    for key, kind in (("mediaType", "MediaType"), ("fileType", "MediaTypeOrExtent")):
        types = dict.fromkeys(export[key] for export in document["distribution"])
        for address in filter(None, types):
            label = address.rpartition("/")[2]
            yield {"@id": address, "@type": kind, "label": label}
    for name, kind in (("topics", "Concept"), ("places", "Location")):
        for record in about.coverage[name]:
            identifier = nodes.identifier(name, record["id"])
            yield {"@id": identifier, "@type": kind, "label": record["name"]}


def _described(about: Description, nodes: Nodes) -> Node:
    """Who publishes the data set, what it covers, and how to name it."""
    covered, contact = about.coverage, about.contact
    is_address = contact is not None and "@" in contact and "://" not in contact
    period = {"@type": "PeriodOfTime", "startDate": covered["first"], "endDate": covered["last"]}
    return {
        "creditText": about.attribution,
        "publisher": about.publisher and {"@type": "Agent", "name": about.publisher},
        "contactPoint": contact
        and {
            "@type": "Kind",
            "hasEmail": f"mailto:{contact}" if is_address else None,
            "hasURL": None if is_address else contact,
        },
        "page": about.homepage,
        "inLanguage": about.languages,
        "temporal": covered["first"] and period,
        "spatial": [nodes.identifier("places", place["id"]) for place in covered["places"]],
        "theme": [nodes.identifier("topics", topic["id"]) for topic in covered["topics"]],
    }
