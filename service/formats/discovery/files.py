"""What programs look for on every site: sitemaps, llms.txt, the catalogue of the API."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from html import escape

import orjson

from schemas.query import ClaimQuery
from schemas.records.dataset import Export
from schemas.records.description import Description
from service.formats.envelopes import Body, Link
from service.store.dataset_format import canonical
from service.store.files import Buffer, line_spans
from service.store.protocol import Store

SITEMAP_BYTES = 8 * 1024 * 1024
"""Bytes of claims that one sitemap lists. A claim takes more than 500, and a sitemap may have
50,000 addresses (sitemaps.org)."""
MAX_ADDRESSES = 50_000
MAX_RECORDS = 20_000
"""Pages of records in a sitemap of 50,000 addresses, of which claims take 17,000 at most."""
SITEMAP_PAGES = ("/", "/goals", "/compare", "/new", "/dataset", "/codebook", "/docs")
LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
SECURITY_DAYS = 180
"""How long the contact is good for without being asked for again; RFC 9116, section 2.5.5, advises
less than a year."""
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def robots(link: Link) -> bytes:
    """Which pages robots may read (RFC 9309): all but the endless combinations of filters."""
    lines = ("User-agent: *", "Disallow: /*?", "Disallow: /values/", "Allow: /", "")
    return "\n".join((*lines, f"Sitemap: {link('/sitemap.xml', '')}", "")).encode()


def sitemap(store: Store, link: Link, part_bytes: int = SITEMAP_BYTES) -> Body:
    """The pages, those of records and claims among them, or an index of the parts where there are
    too many claims for one.
    """
    export = store.export(ClaimQuery())
    stretches = _stretches(export, part_bytes)
    if len(stretches) > 1:
        listed = (link(f"/sitemap/{number}.xml", "") for number in range(len(stretches)))
        locations = "".join(f"<sitemap><loc>{escape(each)}</loc></sitemap>\n" for each in listed)
        text = f"<sitemapindex {_SITEMAPS}>\n{locations}</sitemapindex>\n"
        return Body(f"{_XML}{text}".encode())
    bodies = export.bodies if export.verbatim is None else _lines(stretches, 0, part_bytes)
    return Body(_urlset(itertools.chain(_pages(store, link), _claims(bodies, link))))


def sitemap_part(
    number: int, store: Store, link: Link, part_bytes: int = SITEMAP_BYTES
) -> Body | None:
    """The claims whose lines begin in one part of the data; the first part has the other pages as
    well. ``None`` where there is no such part.
    """
    stretches = _stretches(store.export(ClaimQuery()), part_bytes)
    if len(stretches) <= max(number, 1):
        return None
    claims = _claims(_lines(stretches, number, part_bytes), link)
    return Body(_urlset(itertools.chain(_pages(store, link) if number == 0 else (), claims)))


def _stretches(export: Export, part_bytes: int) -> list[tuple[Buffer, int]]:
    """The claims as they lie in the data set, in stretches: the file, and where each begins."""
    files = export.verbatim or ()
    return [(file, start) for file in files for start in range(0, len(file), part_bytes)]


def _lines(stretches: list[tuple[Buffer, int]], number: int, part_bytes: int) -> Iterator[bytes]:
    """The lines that begin in one of the stretches."""
    if not stretches:
        return iter(())
    file, start = stretches[number]
    first = file.find(b"\n", start - 1) + 1 if start else 0
    end = start + part_bytes
    spans = itertools.takewhile(lambda span: span[0] < end, line_spans(file, first))
    return (file[begin:stop] for begin, stop in spans)


def _pages(store: Store, link: Link) -> Iterator[str]:
    """The pages about the whole, the lists of records, and the first records of them."""
    known = store.vocabularies
    lists = (f"/{name}" for name in known)
    records = (f"/{name}/{one['id']}" for name in known for one in known[name])
    paths = itertools.chain(SITEMAP_PAGES, lists, itertools.islice(records, MAX_RECORDS))
    return (f"<url><loc>{escape(link(path, ''))}</loc></url>\n" for path in paths)


def _claims(bodies: Iterable[bytes], link: Link) -> Iterator[str]:
    for body in bodies:
        claim = orjson.loads(body)
        address = escape(link(f"/claims/{claim['id']}", ""))
        yield f"<url><loc>{address}</loc><lastmod>{claim['recorded_at']}</lastmod></url>\n"


def _urlset(addresses: Iterable[str]) -> bytes:
    listed = "".join(itertools.islice(addresses, MAX_ADDRESSES))
    return f"{_XML}<urlset {_SITEMAPS}>\n{listed}</urlset>\n".encode()


def llms(about: Description, summary: str, link: Link) -> bytes:
    """What a language model should know to use the service, in the form of llmstxt.org."""
    sections = {
        "API": (
            ("/openapi.yaml", "Contract", "OpenAPI 3.1: every path, parameter and field"),
            ("/v1/claims", "Claims", "JSON; filters such as `topic`, `horizon`, `q`; `limit`"),
            ("/v1/counts", "Counts", "how many claims, `by` one or two dimensions"),
            ("/v1/compare", "Comparison", "two occasions side by side: `from` and `to`"),
            ("/v1/dataset", "Data set", "version, publisher, licence, coverage"),
        ),
        "Whole data": (
            ("/v1/claims.csv", "CSV", "a claim a row"),
            ("/v1/claims.ndjson", "NDJSON", "a claim a line, with everything in it"),
            ("/v1/changes", "Changes", "what happened to every record, in sequence"),
        ),
        "Documentation": (
            ("/codebook", "Codebook", "what each field means, and how claims are made"),
            ("/docs", "Reference", "the contract as a page"),
        ),
    }
    lines = [f"# {_line(about.title)}", "", f"> {_line(summary)}", ""]
    lines += [
        "Each claim is one proposition with one attribution, its evidence and two confidences:",
        "whether that source said it, and whether it holds. Cite claims by their id, and name",
        "`Dataset-Version`. Absence from the record is no evidence that nothing was said.",
    ]
    for title, entries in sections.items():
        lines += ["", f"## {title}", ""]
        lines += [f"- [{name}]({link(path, '')}): {said}" for path, name, said in entries]
    return "\n".join((*lines, "")).encode()


def _line(text: str) -> str:
    return " ".join(text.split())


def api_catalog(link: Link) -> bytes:
    """The catalogue of the API as a set of links (RFC 9727, RFC 9264)."""

    def to(path: str, kind: str) -> dict[str, str]:
        return {"href": link(path, ""), "type": kind}

    service = {
        "anchor": link("/v1/claims", ""),
        "service-desc": [
            to("/openapi.yaml", "application/yaml"),
            to("/openapi.json", "application/json"),
        ],
        "service-doc": [to("/docs", "text/html"), to("/codebook", "text/html")],
        "service-meta": [to("/v1/dataset.jsonld", "application/ld+json")],
        "status": [to("/readyz", "application/json")],
    }
    item = {"href": link("/v1/claims", "")}
    return canonical(
        {"linkset": [{"anchor": link("/.well-known/api-catalog", ""), "item": [item]}, service]}
    )


def security_contact(contact: str, today: dt.date, link: Link) -> bytes:
    """Whom to tell of a weakness (RFC 9116)."""
    lines = [f"Contact: {contact}"]
    lines.append(f"Expires: {today + dt.timedelta(days=SECURITY_DAYS)}T00:00:00Z")
    lines.append("Preferred-Languages: en")
    canonical_address = link("/.well-known/security.txt", "")
    if "://" in canonical_address:
        lines.append(f"Canonical: {canonical_address}")
    return "\n".join((*lines, "")).encode()
