"""The JSON-LD context: what each key means, in vocabularies that others share.

What none of them says has a term of our own (``pc``), named after the field of
a claim whose value it has.
"""

from __future__ import annotations

from typing import Any

from schemas.claim import RELATIONS
from service.formats.jsonld.identifiers import URN

Context = dict[str, Any]

PREFIXES: Context = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "pc": f"{URN}terms:",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"

_CLASSES = {
    "dcat": ("DataService", "Distribution", "Relationship"),
    "oa": ("Annotation", "SpecificResource", "TextPositionSelector"),
    "pc": ("Confidence", "Date", "Goal"),
    "prov": ("Agent", "Entity"),
    "schema": (
        "Claim",
        "Country",
        "Event",
        "GovernmentOrganization",
        "NewsArticle",
        "NewsMediaOrganization",
        "Organization",
        "Person",
        "Quotation",
    ),
    "skos": ("Concept",),
}
_CLAIM: Context = {
    "identifier": "schema:identifier",
    "text": "schema:text",
    "url": {"@id": "schema:url", "@type": "@id"},
    "kind": "pc:kind",
    "topics": "schema:about",
    "about": "schema:about",
    "actors": "pc:actor",
    "addressees": "pc:addressee",
    "occasion": "pc:occasion",
    "goal": "pc:goal",
    "specificity": "pc:specificity",
    "statedTarget": "pc:statedTarget",
    "horizon": "pc:horizon",
    "attribution": "pc:attribution",
    "hedges": "pc:hedge",
    "independentOrigins": "pc:independentOrigins",
    "version": "schema:version",
    "dateModified": {"@id": "schema:dateModified", "@type": "xsd:date"},
    "license": {"@id": "schema:license", "@type": "@id"},
    "isPartOf": {"@id": "schema:isPartOf", "@type": "@id"},
}
_PROVENANCE: Context = {
    "wasDerivedFrom": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    "wasAttributedTo": "prov:wasAttributedTo",
    "sources": "pc:source",
    "role": "pc:role",
    "cue": "pc:cue",
    "quotes": "schema:citation",
    "creator": "schema:creator",
    "quotedFrom": "prov:wasQuotedFrom",
    "evidence": {"@reverse": "oa:hasBody"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@id"},
    "fidelity": "pc:fidelity",
    "target": "oa:hasTarget",
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": "oa:hasSelector",
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
    "sha256": "schema:sha256",
}
_RECORDS: Context = {
    "name": "schema:name",
    "prefLabel": "skos:prefLabel",
    "definition": "skos:definition",
    "broader": {"@id": "skos:broader", "@type": "@id"},
    "organizer": "schema:organizer",
    "appearance": "schema:appearance",
    "headline": "schema:headline",
    "publisher": "schema:publisher",
    "dateline": "schema:dateline",
    "inLanguage": "schema:inLanguage",
    "file": "pc:file",
    "length": "pc:length",
}
_DATES: Context = {
    "announced": "pc:announced",
    "occurred": "pc:occurred",
    "published": "pc:published",
    "dates": "pc:dates",
    "datePublished": {"@id": "schema:datePublished", "@type": "xsd:date"},
    "edtf": {"@id": "rdf:value", "@type": EDTF},
    "earliest": {"@id": "pc:earliest", "@type": "xsd:date"},
    "latest": {"@id": "pc:latest", "@type": "xsd:date"},
    "uncertain": "pc:uncertain",
    "precision": "pc:precision",
    "basis": "pc:basis",
    "note": "skos:note",
}
_CONFIDENCE: Context = {
    "attributionConfidence": "pc:attributionConfidence",
    "contentConfidence": "pc:contentConfidence",
    "level": "pc:level",
    "credibility": "pc:credibility",
    "score": "pc:score",
    "rationale": "pc:rationale",
}
INVERSE = {
    "restates": "restatedBy",
    "details": "detailedBy",
    "continues": "continuedBy",
    "escalates": "escalatedBy",
    "contrasts": "contrastedBy",
    "supports": "supportedBy",
    "refutes": "refutedBy",
}
"""What each relation is called from its other end."""
assert tuple(INVERSE) == RELATIONS
_RELATIONS: Context = {
    **{kind: {"@id": f"pc:{kind}", "@type": "@id"} for kind in RELATIONS},
    **{INVERSE[kind]: {"@reverse": f"pc:{kind}", "@type": "@id"} for kind in RELATIONS},
    "qualifiedRelation": "dcat:qualifiedRelation",
    "relationType": {"@id": "dcat:hadRole", "@type": "@vocab"},
    "relation": {"@id": "dcterms:relation", "@type": "@id"},
}
_DATASET: Context = {
    "title": "dcterms:title",
    "description": "dcterms:description",
    "identifier": "dcterms:identifier",
    "version": "dcat:version",
    "modified": {"@id": "dcterms:modified", "@type": "xsd:dateTime"},
    "license": {"@id": "dcterms:license", "@type": "@id"},
    "rights": "dcterms:rights",
    "conformsTo": {"@id": "dcterms:conformsTo", "@type": "@id"},
    "landingPage": {"@id": "dcat:landingPage", "@type": "@id"},
    "digest": "pc:digest",
    "distribution": "dcat:distribution",
    "downloadURL": {"@id": "dcat:downloadURL", "@type": "@id"},
    "format": "dcterms:format",
    "mediaType": {"@id": "dcat:mediaType", "@type": "@id"},
    "service": {"@reverse": "dcat:servesDataset"},
    "endpointURL": {"@id": "dcat:endpointURL", "@type": "@id"},
    "endpointDescription": {"@id": "dcat:endpointDescription", "@type": "@id"},
    "uriSpace": "void:uriSpace",
    "vocabulary": {"@id": "void:vocabulary", "@type": "@id"},
    "classPartition": "void:classPartition",
    "class": {"@id": "void:class", "@type": "@id"},
    "entities": "void:entities",
}


def _context(classes: dict[str, tuple[str, ...]], *terms: Context) -> Context:
    context: Context = {"@version": 1.1, **PREFIXES}
    for prefix, names in classes.items():
        context |= {name: f"{prefix}:{name}" for name in names}
    for each in terms:
        context |= each
    return context


CLAIM = _context(_CLASSES, _CLAIM, _PROVENANCE, _RECORDS, _DATES, _CONFIDENCE, _RELATIONS)
DATASET = _context({"dcat": ("Dataset", "DataService", "Distribution")}, _DATASET)
