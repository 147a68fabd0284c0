"""What claims refer to, as nodes of linked data: records of the vocabularies, passages, dates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.date import is_certain
from schemas.filter_kinds import ServedRecord
from schemas.records.vocabularies import VOCABULARIES
from service.formats.envelopes import Link
from service.store.protocol import Store
from service.store.vocabulary import Vocabulary

Node = dict[str, Any]
URN = "urn:policy-claims:"
TERMS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("context.json").read_text(encoding="utf-8")
)
"""What each key means, in vocabularies that others share. What none of them says has a term of our
own (``pc``), named after the field of a claim whose value it has.

``nodes`` are the types of the records of each vocabulary, and the field that each term has its
value from. ``nested`` are the same for the terms whose value is a node within that of a record;
in place of a field, null is the value itself. ``agents`` are the kinds of agents that are something
in schema.org too; a sector, experts, officials and the unnamed are not one person or organisation,
and agents alone.
"""
PREFIXES = TERMS["prefixes"]
_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-([0-9]\.[0-9])")


@dataclass(frozen=True, slots=True)
class Nodes:
    """Makes identifiers, and nodes of references to the records of one data set.

    An identifier is an address behind ``public_url`` where that is set, else a URN with the id of
    the data set in it. A URN is the same wherever a document is read; an address made from the
    Host header of a request would depend on the client.
    """

    vocabularies: Mapping[str, Vocabulary]
    dataset_id: str
    public_url: str

    @classmethod
    def of(cls, store: Store, link: Link) -> Nodes:
        """For the data set of a store; ``link`` makes addresses of paths."""
        return cls(store.vocabularies, store.dataset.about.id, link("", ""))

    @property
    def space(self) -> str:
        """The beginning of every identifier."""
        return f"{self.public_url}/v1/" if self.public_url else f"{URN}{self.dataset_id}:"

    def identifier(self, kind: str, identifier: str, part: str = "") -> str:
        """The identifier of a record, or of a part of it.

        ``kind`` is the part of the record's path before its id.
        """
        joint = "/" if self.public_url else ":"
        return f"{self.space}{kind}{joint}{identifier}{part and '#'}{part}"

    def dataset(self) -> str:
        """The identifier of the data set, whichever version of it is served: catalogues would take
        every other one for another data set.
        """
        return f"{self.space}dataset"

    def address(self, path: str) -> str:
        """The address of a path; relative where ``public_url`` is not set."""
        return f"{self.public_url}{path}"

    def node(self, name: str, reference: ServedRecord) -> Node:
        """The node of a record of the vocabulary ``name``, for a reference to it."""
        record = self.vocabularies[name].records((reference["id"],))[reference["id"]]
        terms: dict[str, Any] = dict(TERMS["nodes"][name])
        types = terms.pop("@type")
        if name == "agents" and record["kind"] in TERMS["agents"]:
            types = [*types, TERMS["agents"][record["kind"]]]
        values = {term: self._value(name, term, key, record) for term, key in terms.items()}
        return {"@id": self.identifier(name, reference["id"]), "@type": types, **values}

    def _value(self, name: str, term: str, key: str, record: ServedRecord) -> Any:
        """A field as linked data: a date or another record as a node, and one of the same
        vocabulary, whose node could lead on without end, as its identifier.
        """
        kind, value = VOCABULARIES[name], record[key]
        if term == "datePublished":
            return exact_day(value)
        if key in kind.dates:
            return date(value)
        if value is not None and term in TERMS["nested"]:
            return _nested(term, value)
        if value is None or key not in kind.references:
            return value
        other = kind.references[key]
        return self.identifier(name, value["id"]) if other == name else self.node(other, value)

    def nodes(self, name: str, references: Iterable[ServedRecord]) -> list[Node]:
        return [self.node(name, reference) for reference in references]

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


def _nested(term: str, value: Any) -> Any:
    """A value within a record as a node; a list of them as a list of nodes."""
    if isinstance(value, list):
        return [_nested(term, item) for item in value]
    terms: dict[str, Any] = dict(TERMS["nested"][term])
    types = terms.pop("@type")
    values = {name: value[key] if key else value for name, key in terms.items()}
    return {"@type": types, **values}


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
        "uncertain": any(mark in date["edtf"] for mark in "?%"),
        "approximate": any(mark in date["edtf"] for mark in "~%"),
        **{key: date[key] for key in ("precision", "basis", "note")},
    }


def exact_day(date: ServedRecord | None) -> str | None:
    """The day, where it is one day and beyond doubt: all that properties for dates should hold."""
    if date is None or date["precision"] != "day" or not is_certain(date["edtf"]):
        return None
    return str(date["edtf"])


def licence_address(licence: str | None) -> str | None:
    """The address that stands for a licence with this SPDX id.

    Of Creative Commons its own, as catalogues expect it; of any other that of the SPDX list.
    """
    if licence is None:
        return None
    if match := _CREATIVE_COMMONS.fullmatch(licence):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return f"https://spdx.org/licenses/{licence}"
