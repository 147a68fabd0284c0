"""What claims refer to, as nodes of linked data: agents, documents, topics, occasions, dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.dataset import Vocabulary
from service.formats.jsonld.identifiers import Names

Node = dict[str, Any]
Record = Mapping[str, Any]

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


class Records:
    """Makes nodes of the records of one data set."""

    def __init__(self, vocabularies: Mapping[str, Vocabulary], names: Names) -> None:
        self._vocabularies, self._names = vocabularies, names

    def _record(self, vocabulary: str, reference: Record) -> Record:
        return self._vocabularies[vocabulary].records[reference["id"]]

    def agent(self, reference: Record) -> Node:
        """Somebody who acts or is quoted."""
        kind = self._record("agents", reference)["kind"]
        known_as = [_CLASS_OF_AGENT[kind]] if kind in _CLASS_OF_AGENT else []
        return {
            "@id": self._names.of("agents", reference["id"]),
            "@type": ["Agent", *known_as],
            "name": reference["name"],
        }

    def topic(self, reference: Record) -> Node:
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

    def occasion(self, reference: Record) -> Node:
        """The event at which something was announced."""
        occasion = self._record("occasions", reference)
        return {
            "@id": self._names.of("occasions", occasion["id"]),
            "@type": "Event",
            "name": occasion["name"],
            "dates": date(occasion["dates"]),
            "organizer": self.agent(occasion["organizer"]),
        }

    def document(self, reference: Record) -> Node:
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


def date(date: Record | None) -> Node | None:
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


def exact_day(date: Record | None) -> str | None:
    """The day, where it is one day and beyond doubt: all that properties for dates should hold."""
    if date is None or date["precision"] != "day" or "?" in date["edtf"]:
        return None
    return str(date["edtf"])
