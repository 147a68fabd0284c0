"""Feeds as Atom (RFC 4287) and JSON Feed (version 1.1 of jsonfeed.org)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # nosec B405  # it writes, and reads nothing

from schemas.patterns import UNASSIGNABLE
from service.store.dataset_format import canonical

ATOM, JSON_FEED = "application/atom+xml; charset=utf-8", "application/feed+json"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_JSON_FEED_VERSION = "https://jsonfeed.org/version/1.1"
_NOT_IN_XML = re.compile(f"(?![\t\n\r])[{UNASSIGNABLE}]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to read. ``page`` is the address for people, ``day`` when it was recorded."""

    id: str
    page: str
    title: str
    text: str
    day: str
    author: str | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """A feed and its entries, newest first. ``page`` is the address for people."""

    id: str
    title: str
    address: str
    page: str
    author: str
    updated: str
    entries: list[Entry]


Writer = Callable[[NewsFeed], bytes]


def as_atom(feed: NewsFeed) -> bytes:
    """A feed as an Atom document."""
    root = ET.Element("feed", {"xmlns": _NAMESPACE})
    for name, text in (("id", feed.id), ("title", feed.title), ("updated", feed.updated)):
        _add(root, name, text)
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    for entry in feed.entries:
        node = _add(root, "entry")
        for name, text in (
            ("id", entry.id),
            ("title", entry.title),
            ("updated", instant(entry.day)),
        ):
            _add(node, name, text)
        if entry.author is not None:
            _add(_add(node, "author"), "name", entry.author)
        _add(node, "link", rel="alternate", type="text/html", href=entry.page)
        for tag in entry.tags:
            _add(node, "category", term=tag)
        _add(node, "content", entry.text, type="text")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    shown = {key: _NOT_IN_XML.sub("\ufffd", value) for key, value in attributes.items()}
    node = ET.SubElement(parent, name, shown)
    node.text = None if text is None else _NOT_IN_XML.sub("\ufffd", text)
    return node


def as_json_feed(feed: NewsFeed) -> bytes:
    """A feed as a JSON Feed."""
    return canonical(
        {
            "version": _JSON_FEED_VERSION,
            "title": feed.title,
            "home_page_url": feed.page,
            "feed_url": feed.address,
            "authors": [{"name": feed.author}],
            "items": [
                {
                    "id": entry.id,
                    "url": entry.page,
                    "title": entry.title,
                    "content_text": entry.text,
                    "date_modified": instant(entry.day),
                    **({"authors": [{"name": entry.author}]} if entry.author else {}),
                    "tags": list(entry.tags),
                }
                for entry in feed.entries
            ],
        }
    )


def instant(day: str) -> str:
    """The beginning of a day, as feeds want it."""
    return f"{day}T00:00:00Z"


FORMS: tuple[tuple[str, str, Writer], ...] = (
    ("atom", ATOM, as_atom),
    ("feed.json", JSON_FEED, as_json_feed),
)
"""How a path ends, its media type, and what writes it."""
