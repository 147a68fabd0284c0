"""What claims refer to, as nodes of linked data: agents, documents, topics, occasions, dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.dataset import Vocabulary

Node = dict[str, Any]
ServedRecord = Mapping[str, Any]
URN = "urn:policy-claims:"
_CLASS_OF_AGENT = {
    "person": "Person",
    "state_media": "Organization",
    "government": "GovernmentOrganization",
    "party_body": "Organization",
    "military": "Organization",
    "news_outlet": "NewsMediaOrganization",
    "country": "Country",
}
"""Kinds that are something in schema.org too; a sector, experts, officials and the unnamed are not
one person or organisation, and agents alone."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Makes identifiers, and nodes of references to the records of one data set.

    An identifier is an address behind ``public_url`` where that is set, else a URN. A URN is the
    same wherever a document is read; an address made from the Host header of a request would
    depend on the client.
    """

    vocabularies: Mapping[str, Vocabulary]
    public_url: str

    @property
    def space(self) -> str:
        """The beginning of every identifier."""
        return f"{self.public_url}/v1/" if self.public_url else URN

    def identifier(self, kind: str, identifier: str, part: str = "") -> str:
        """The identifier of a record, or of a part of it.

        ``kind`` is the part of the record's path before its id.
        """
        joint = "/" if self.public_url else ":"
        return f"{self.space}{kind}{joint}{identifier}{part and '#'}{part}"

    def dataset(self, version: str) -> str:
        """The identifier of the data set; without an address, of this version of it."""
        return f"{self.public_url}/v1/dataset" if self.public_url else f"{URN}dataset:{version}"

    def address(self, path: str) -> str:
        """The address of a path; relative where ``public_url`` is not set."""
        return f"{self.public_url}{path}"

    def _node(
        self, vocabulary: str, reference: ServedRecord, types: str | list[str]
    ) -> tuple[ServedRecord, Node]:
        """The record that is referred to, and the beginning of its node."""
        record = self.vocabularies[vocabulary].records[reference["id"]]
        return record, {"@id": self.identifier(vocabulary, reference["id"]), "@type": types}

    def agent(self, reference: ServedRecord) -> Node:
        """Somebody who acts or is quoted."""
        record, node = self._node("agents", reference, ["Agent"])
        if record["kind"] in _CLASS_OF_AGENT:
            node["@type"].append(_CLASS_OF_AGENT[record["kind"]])
        return {**node, "name": reference["name"]}

    def topic(self, reference: ServedRecord) -> Node:
        """A concept of the scheme of topics."""
        record, node = self._node("topics", reference, "Concept")
        broader = record["broader"]
        return {
            **node,
            "prefLabel": record["label"],
            "definition": record["definition"],
            "broader": broader and self.identifier("topics", broader["id"]),
        }

    def occasion(self, reference: ServedRecord) -> Node:
        """The event at which something was announced."""
        record, node = self._node("occasions", reference, "Event")
        return {
            **node,
            "name": record["name"],
            "dates": date(record["dates"]),
            "organizer": self.agent(record["organizer"]),
        }

    def document(self, reference: ServedRecord) -> Node:
        """A published text, by what identifies it; the text itself is never held."""
        record, node = self._node("documents", reference, ["NewsArticle", "Entity"])
        return {
            **node,
            "headline": record["title"],
            "publisher": self.agent(record["publisher"]),
            "dateline": record["dateline"],
            "datePublished": exact_day(record["published"]),
            "published": date(record["published"]),
            "inLanguage": record["language"],
            **{key: record[key] for key in ("url", "file", "length", "sha256")},
        }

    def passage(self, place: ServedRecord, sha256: str | None = None) -> Node:
        """A stretch of a document, in code points from 0 with the end exclusive, as Web Annotation
        counts too (section 4.2.5).
        """
        span = {"@type": "TextPositionSelector", "start": place["start"], "end": place["end"]}
        return {
            "@type": "SpecificResource",
            "source": self.identifier("documents", place["document"]["id"]),
            "selector": span,
            "sha256": sha256,
        }


def date(date: ServedRecord | None) -> Node | None:
    """A date as exactly as it is known: in EDTF, with its bounds and how it is known.

    No standard property takes a date that may be wrong or a decade, so this
    one is a node of its own.
    """
    if date is None:
        return None
    return {
        "@type": "Date",
        **{key: date[key] for key in ("edtf", "earliest", "latest")},
        "uncertain": "?" in date["edtf"],
        **{key: date[key] for key in ("precision", "basis", "note")},
    }


def exact_day(date: ServedRecord | None) -> str | None:
    """The day, where it is one day and beyond doubt: all that properties for dates should hold."""
    if date is None or date["precision"] != "day" or "?" in date["edtf"]:
        return None
    return str(date["edtf"])
