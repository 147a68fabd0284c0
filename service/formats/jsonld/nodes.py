"""Identifiers, and what claims refer to as nodes: agents, documents, topics, occasions, dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.dataset import Vocabulary

Node = dict[str, Any]
ServedRecord = Mapping[str, Any]
URN = "urn:policy-claims:"


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Addresses behind ``public_url`` where that is set, else URNs.

    A URN is the same wherever a document is read; an address made from the
    Host header of a request would depend on the client.
    """

    public_url: str

    @property
    def space(self) -> str:
        """The beginning of every identifier."""
        return f"{self.public_url}/v1/" if self.public_url else URN

    def of(self, kind: str, identifier: str, part: str = "") -> str:
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


class Nodes:
    """Makes nodes of the records of one data set."""

    def __init__(self, vocabularies: Mapping[str, Vocabulary], names: Identifiers) -> None:
        self._vocabularies, self._names = vocabularies, names

    def _record(self, vocabulary: str, reference: ServedRecord) -> ServedRecord:
        return self._vocabularies[vocabulary].records[reference["id"]]

    def agent(self, reference: ServedRecord) -> Node:
        """Somebody who acts or is quoted."""
        kind = self._record("agents", reference)["kind"]
        known_as = [_CLASS_OF_AGENT[kind]] if kind in _CLASS_OF_AGENT else []
        return {
            "@id": self._names.of("agents", reference["id"]),
            "@type": ["Agent", *known_as],
            "name": reference["name"],
        }

    def topic(self, reference: ServedRecord) -> Node:
        """A concept of the scheme of topics."""
        topic = self._record("topics", reference)
        broader = topic["broader"]
        return {
            "@id": self._names.of("topics", topic["id"]),
            "@type": "Concept",
            "prefLabel": topic["label"],
            "definition": topic["definition"],
            "broader": broader and self._names.of("topics", broader["id"]),
        }

    def occasion(self, reference: ServedRecord) -> Node:
        """The event at which something was announced."""
        occasion = self._record("occasions", reference)
        return {
            "@id": self._names.of("occasions", occasion["id"]),
            "@type": "Event",
            "name": occasion["name"],
            "dates": date(occasion["dates"]),
            "organizer": self.agent(occasion["organizer"]),
        }

    def document(self, reference: ServedRecord) -> Node:
        """A published text, by what identifies it; the text itself is never held."""
        document = self._record("documents", reference)
        return {
            "@id": self._names.of("documents", document["id"]),
            "@type": ["NewsArticle", "Entity"],
            "headline": document["title"],
            "publisher": self.agent(document["publisher"]),
            "dateline": document["dateline"],
            "datePublished": exact_day(document["published"]),
            "published": date(document["published"]),
            "inLanguage": document["language"],
            "url": document["url"],
            "file": document["file"],
            "length": document["length"],
            "sha256": document["sha256"],
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
        "edtf": date["edtf"],
        "earliest": date["earliest"],
        "latest": date["latest"],
        "uncertain": "?" in date["edtf"],
        "precision": date["precision"],
        "basis": date["basis"],
        "note": date["note"],
    }


def exact_day(date: ServedRecord | None) -> str | None:
    """The day, where it is one day and beyond doubt: all that properties for dates should hold."""
    if date is None or date["precision"] != "day" or "?" in date["edtf"]:
        return None
    return str(date["edtf"])
