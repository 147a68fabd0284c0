"""Rendering: templates, in which every value is escaped, and the codebook's Markdown."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
import unicodedata
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from schemas.filters import vocabulary_of
from schemas.patterns import UNASSIGNABLE
from schemas.records.dataset import DatasetInfo
from schemas.records.description import NEUTRAL
from service.explorer import words
from service.explorer.assets import address, assets
from service.explorer.names import ARTICLE, own_language
from service.formats.envelopes import EXPORTS

_NOT_IN_HTML = re.compile(f"(?![\t\n\f\r])[{UNASSIGNABLE}]")
"""Characters that are a parse error in HTML (section 13.2.3.5), and in no XML at all."""
_FROM_THE_RIGHT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
"""The bidirectional classes (UAX #9) of what makes a text run from the right."""


def _presentable(value: Any) -> Any:
    """A value to be put on a page; a quotation may hold what no page can, which gets a sign."""
    return _NOT_IN_HTML.sub("\ufffd", value) if type(value) is str else value


def data_block(node: Any) -> Markup:
    """Linked data within a page: a script that is never run, so that the policy lets it be. Nothing
    in it can end the element (HTML, section 4.12.1.3).
    """
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    text = _NOT_IN_HTML.sub("\ufffd", text)
    script = f'<script type="application/ld+json">{text}</script>'
    # Nothing that ends a script is left in it.
    return Markup(script)  # noqa: S704  # nosec B704  # nosemgrep: no-text-past-the-escaping


def _isolated(text: str) -> str:
    """A text that keeps its direction to itself, where no element can hold it (UAX #9). Of a text
    that runs from the left, like the page, there is nothing to keep.
    """
    leftward = any(unicodedata.bidirectional(each) in _FROM_THE_RIGHT for each in text)
    return f"\u2068{text}\u2069" if leftward else text


_own_language: ContextVar[str | None] = ContextVar("own_language", default=None)


def _own() -> Markup:
    """The attributes of a text of the data set: a direction by its letters, and its language, where
    there is one alone and the page is in another.
    """
    language = _own_language.get()
    return Markup('dir="auto"') + (Markup(' lang="{}"').format(language) if language else "")


_TEMPLATES = Path(__file__).resolve().parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    finalize=_presentable,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals |= {
    "asset": address,
    "words": words,
    "own": _own,
    "has_workbook": any(name == "claims.xlsx" for name, *_ in EXPORTS),
    "article_words": ARTICLE,
    "vocabulary_of": vocabulary_of,
}
_environment.filters |= {
    "number": words.number,
    "plain_number": words.plain_number,
    "plural": words.plural,
    "date_words": words.date_words,
    "doubts": words.doubts,
    "horizon_words": words.horizon_words,
    "years_words": words.years_words,
    "locator_words": words.locator_words,
    "machine_date": words.machine_date,
    "isolated": _isolated,
    "as_json": json.dumps,
    "data_block": data_block,
}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


def render(template: str, stamp: DatasetInfo | None = None, **values: Any) -> bytes:
    """A page, of a data set where it is about one; ``base`` among the values is the public address,
    where one is set.
    """
    about = values.get("about") or (NEUTRAL if stamp is None else stamp.about)
    _own_language.set(own_language(about))
    page = _environment.get_template(template)
    return page.render({"stamp": stamp, "about": about, "base": "", **values}).encode()


@functools.cache
def look() -> str:
    """A digest of all templates and static files; part of the ETag of every page."""
    digest = hashlib.sha256()
    for path in sorted(_TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    for asset in assets().values():
        digest.update(asset.address.encode())
    return digest.hexdigest()[:16]


def markdown(text: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The title of a Markdown text, its first line; the rest as HTML; id and text of each ``h2``.

    Raw HTML is escaped. An empty heading cell (of a column that only separates two tables) becomes
    an ordinary cell, since screen readers announce a heading without text.
    """
    _, title, _, *tokens = _markdown.parse(text)
    sections = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            identifier = _NOT_IN_AN_ID.sub("-", inline.content.lower()).strip("-")
            opening.attrSet("id", identifier)
            if opening.tag == "h2":
                sections.append((identifier, inline.content))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return title.content, html.replace("<th></th>", "<td></td>"), sections
