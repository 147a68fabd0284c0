"""How a claim and the data set are cited: as text, for BibTeX, for RIS readers and as CSL-JSON.

Each names the document that the claim was read in, the version of the data set and the day on which
it was looked up, so that what was cited can be had again.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.filter_kinds import ServedClaim
from schemas.records.vocabularies import UNNAMED
from service.formats.envelopes import Body, ParsedQuery
from service.store.dataset_format import canonical
from service.store.protocol import Store

TEXT = "text/plain; charset=utf-8"
BIBTEX = "application/x-bibtex"
RIS = "application/x-research-info-systems"
CSL = "application/vnd.citationstyles.csl+json"
_BIBTEX_SPECIAL = {
    **{each: f"\\{each}" for each in "#$%&_{}"},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Citation:
    """What every form is made of. ``issued``, ``built`` and ``accessed`` are days, ``YYYY-MM-DD``:
    when what is cited was recorded, when the data set was made, when it was looked up. ``within``
    is the title of the data set of a claim, ``notes`` are sentences.
    """

    key: str
    title: str
    within: str | None
    author: str | None
    issued: str
    built: str
    accessed: str
    version: str
    url: str
    licence: str | None
    notes: tuple[str, ...]


def today() -> str:
    """The day on which something is looked up, in UTC."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def claim_citation(query: ParsedQuery, store: Store, claim: str) -> Citation:
    """Of one claim. Raises ``ClaimNotFound`` or ``ClaimRetired``."""
    record, about = json.loads(store.get(claim)), store.dataset.about
    revision = f"revision {record['revision']} of {record['recorded_at']}"
    return Citation(
        key=claim,
        title=record["statement"],
        within=about.title,
        author=about.publisher,
        issued=record["recorded_at"],
        built=store.dataset.built_at[:10],
        accessed=today(),
        version=store.dataset.version,
        url=query.link(f"/claims/{claim}", ""),
        licence=about.licence,
        notes=(f"Claim {claim}, {revision}.", *_sources(record, store)),
    )


def _sources(claim: ServedClaim, store: Store) -> list[str]:
    """The documents that a claim rests on, each with its date and, if it has a name, publisher."""
    ids = dict.fromkeys(place["document"]["id"] for place in claim["evidence"])
    documents = store.vocabularies["documents"].records(ids)
    publishers = {document["publisher"]["id"] for document in documents.values()}
    agents = store.vocabularies["agents"].records(publishers)
    sources = []
    for document in map(documents.__getitem__, ids):
        publisher = agents[document["publisher"]["id"]]
        named = "" if publisher["kind"] == UNNAMED else f"{publisher['name']}, "
        sources.append(f"From “{document['title']}” ({named}{document['published']['edtf']}).")
    return sources


def dataset_citation(query: ParsedQuery, store: Store) -> Citation:
    """Of the whole data set."""
    dataset = store.dataset
    return Citation(
        key=dataset.about.id,
        title=dataset.about.title,
        within=None,
        author=dataset.about.publisher,
        issued=dataset.built_at[:10],
        built=dataset.built_at[:10],
        accessed=today(),
        version=dataset.version,
        url=query.link("/", ""),
        licence=dataset.about.licence,
        notes=(f"{dataset.counts['claims']} claims.",),
    )


def as_text(citation: Citation) -> bytes:
    """One line to be pasted."""
    named = f"“{citation.title}” {citation.within}" if citation.within else citation.title
    parts = [
        f"{named}, {citation.author}." if citation.author else f"{named}.",
        *citation.notes,
        f"Data set {citation.version}, {citation.built}.",
        f"{citation.licence}." if citation.licence else "",
        f"{citation.url} (accessed {citation.accessed}).",
    ]
    return f"{_one_line(' '.join(filter(None, parts)))}\n".encode()


def as_bibtex(citation: Citation) -> bytes:
    """An entry ``@misc``, which every style knows."""
    year, month, _ = citation.issued.split("-")
    fields = {
        "title": f"{{{_bibtex(citation.title)}}}",
        "author": citation.author and f"{{{_bibtex(citation.author)}}}",
        "howpublished": citation.within and _bibtex(citation.within),
        "year": year,
        "month": str(int(month)),
        "version": citation.version,
        "note": _bibtex(" ".join(citation.notes)),
        "url": citation.url,
        "urldate": citation.accessed,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return "\n".join(("@misc{" + citation.key + ",", ",\n".join(lines), "}", "")).encode()


def _bibtex(text: str) -> str:
    return "".join(_BIBTEX_SPECIAL.get(each, each) for each in _one_line(text))


def as_ris(citation: Citation) -> bytes:
    """A record of type DATA; lines end in CR LF, as the format has it."""
    fields = (
        ("TY", "DATA"),
        ("ID", citation.key),
        ("TI", citation.title),
        ("T2", citation.within),
        ("AU", citation.author),
        ("PY", citation.issued[:4]),
        ("DA", citation.issued.replace("-", "/")),
        ("ET", citation.version),
        *(("N1", note) for note in citation.notes),
        ("UR", citation.url),
        ("Y2", citation.accessed.replace("-", "/")),
        ("ER", ""),
    )
    lines = [f"{tag}  - {_one_line(value)}\r\n" for tag, value in fields if value is not None]
    return "".join(lines).encode()


def as_csl(citation: Citation) -> bytes:
    """A list of one item of CSL data (citationstyles.org), as reference managers import it."""
    item = {
        "id": citation.key,
        "type": "dataset",
        "title": citation.title,
        "container-title": citation.within,
        "author": citation.author and [{"literal": citation.author}],
        "issued": _csl_day(citation.issued),
        "accessed": _csl_day(citation.accessed),
        "version": citation.version,
        "URL": citation.url,
        "note": " ".join(citation.notes),
    }
    return canonical([{key: value for key, value in item.items() if value}])


def _csl_day(day: str) -> Mapping[str, Any]:
    return {"date-parts": [[int(part) for part in day.split("-")]]}


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text)


FORMS: Mapping[str, tuple[str, Callable[[Citation], bytes]]] = {
    "txt": (TEXT, as_text),
    "bib": (BIBTEX, as_bibtex),
    "ris": (RIS, as_ris),
    "csl.json": (CSL, as_csl),
}
"""By the ending of the path: the media type, and what writes it."""


def claim_view(
    write: Callable[[Citation], bytes], query: ParsedQuery, store: Store, claim: str
) -> Body:
    return Body(write(claim_citation(query, store, claim)))


def dataset_view(write: Callable[[Citation], bytes], query: ParsedQuery, store: Store) -> Body:
    return Body(write(dataset_citation(query, store)))
