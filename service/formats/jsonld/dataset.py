"""The data set as linked data: DCAT 3 for where to get it, with what DCAT-AP 3.0.1 asks for, and
VoID for what is in it.
"""

from collections.abc import Iterator

from schemas.records.description import Description
from service.formats.envelopes import QUOTATIONS, Body, ParsedQuery, exports_of
from service.formats.jsonld.nodes import PREFIXES, TERMS, Node, Nodes, licence_address
from service.store.dataset_format import canonical
from service.store.protocol import Store

DATASET_CONTEXT = {"@version": 1.1, **PREFIXES, **TERMS["dataset"]}
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


def linked_dataset(query: ParsedQuery, store: Store) -> Body:
    """The data set as a JSON-LD document."""
    dataset, nodes = store.dataset, Nodes.of(store, query.link)
    about = dataset.about
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
        "license": licence_address(about.licence),
        "rights": QUOTATIONS,
        **_described(about, nodes),
        **_offered(store, nodes),
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


def _offered(store: Store, nodes: Nodes) -> Node:
    """Where to read the data, and where to get it."""
    licence = licence_address(store.dataset.about.licence)
    return {
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
    }


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

    def thing(identifier: str, kind: str, label: str) -> Node:
        return {"@id": identifier, "@type": kind, "label": label}

    yield thing(document["landingPage"], "FoafDocument", about.title)
    if about.homepage is not None:
        yield thing(about.homepage, "FoafDocument", about.title)
    yield thing(document["conformsTo"], "Standard", "Codebook")
    if document["license"] is not None:
        yield thing(document["license"], "LicenseDocument", about.licence or "")
    exports, service = document["distribution"], document["service"]
    for key, kind in (("mediaType", "MediaType"), ("fileType", "MediaTypeOrExtent")):
        for address in filter(None, dict.fromkeys(export[key] for export in exports)):
            yield thing(address, kind, address.rpartition("/")[2])
    for name, kind in (("topics", "Concept"), ("places", "Location")):
        for record in about.coverage[name]:
            yield thing(nodes.identifier(name, record["id"]), kind, record["name"])
    # In RDF Schema everything is a resource, which validators that infer nothing want to read.
    yield thing(document["landingPage"], "Resource", about.title)
    yield thing(service["endpointURL"], "Resource", service["title"])
    yield thing(service["endpointDescription"], "Resource", "Contract")
    for export in exports:
        yield thing(export["downloadURL"], "Resource", export["title"])


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
