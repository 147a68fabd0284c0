"""The data set as linked data: DCAT 3 for where to get it, VoID for what is in it."""

from __future__ import annotations

from typing import Any

from schemas.dataset import DatasetInfo
from service.formats.envelopes import EXPORTS, LICENCES
from service.formats.jsonld import context
from service.formats.jsonld.claims import LICENCE
from service.formats.jsonld.nodes import Identifiers

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_CLASS_OF = {
    "claims": "schema:Claim",
    "quotes": "schema:Quotation",
    "documents": "schema:NewsArticle",
    "agents": "prov:Agent",
    "topics": "skos:Concept",
    "occasions": "schema:Event",
}
_DATATYPES = ("rdf", "xsd")
"""What literals are typed with; no vocabularies in the sense of VoID (section 4.3)."""
_TITLE = "Policy claims"
_DESCRIPTION = (
    "Who said what a government wants, when, and how sure one can be of it: claims curated from "
    "published documents, each with its evidence, its chain of attribution and two confidences."
)


def linked_dataset(dataset: DatasetInfo, names: Identifiers) -> dict[str, Any]:
    """The data set as a JSON-LD document.

    It names no publisher: the service does not know who runs it.
    """
    return {
        "@context": context.DATASET,
        "@id": names.dataset(dataset.version),
        "@type": ["Dataset", "void:Dataset"],
        "title": _TITLE,
        "description": _DESCRIPTION,
        "identifier": dataset.version,
        "version": dataset.version,
        "digest": dataset.digest,
        "modified": dataset.built_at,
        "license": LICENCE,
        "rights": LICENCES["quotations"],
        "conformsTo": names.address("/codebook"),
        "landingPage": names.address("/"),
        "distribution": [_distribution(names, *export) for export in EXPORTS],
        "service": {
            "@type": "DataService",
            "title": _TITLE,
            "endpointURL": names.address("/v1"),
            "endpointDescription": names.address("/openapi.yaml"),
        },
        "uriSpace": names.space,
        "vocabulary": [iri for name, iri in context.PREFIXES.items() if name not in _DATATYPES],
        "classPartition": [
            {"class": iri, "entities": dataset.counts[name]} for name, iri in _CLASS_OF.items()
        ],
    }


def _distribution(names: Identifiers, title: str, media_type: str, path: str) -> dict[str, Any]:
    return {
        "@type": "Distribution",
        "title": title,
        "format": media_type,
        "mediaType": _registered(media_type),
        "downloadURL": names.address(path),
        "license": LICENCE,
    }


def _registered(media_type: str) -> str | None:
    """A media type as DCAT names it, if it is registered (an ``x-`` never is)."""
    return None if "/x-" in media_type else f"{_MEDIA_TYPES}{media_type}"
