"""Markdown of our own as a page: headings one can link to, and a list of them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_NO_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Prose:
    """HTML, and the id and the words of its sections."""

    html: str
    sections: list[tuple[str, str]]


def prose(text: str) -> Prose:
    """Renders Markdown, raw HTML in it taken for text.

    A column that only keeps two tables apart has no heading: its cell in the
    head is an ordinary one, so that nobody is told of a heading without words.
    """
    tokens = _markdown.parse(text)
    sections = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open" and opening.tag != "h1":
            identifier = _NO_WORDS.sub("-", inline.content.lower()).strip("-")
            opening.attrSet("id", identifier)
            if opening.tag == "h2":
                sections.append((identifier, inline.content))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Prose(html.replace("<th></th>", "<td></td>"), sections)
