"""Pages for people: our own templates, no script or style but our own files. No Flask."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from schemas.dataset import DatasetInfo
from service.assets import address
from service.contract import carried

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "web" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["asset"] = address
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def _page(template: str, **values: Any) -> bytes:
    return _environment.get_template(template).render(**values).encode()


def home(dataset: DatasetInfo | None) -> bytes:
    """The entry page; without a data set it says so and still leads on."""
    return _page("home.html", dataset=dataset)


@functools.cache
def docs() -> bytes:
    """Swagger UI on the contract."""
    return _page("docs.html")


@functools.cache
def codebook() -> bytes:
    """The codebook, from its Markdown."""
    return _page("codebook.html", content=_markdown.render(carried("codebook.md").decode()))


@functools.cache
def problem_type(kind: Any) -> bytes:
    """What a problem type means and what to do about it."""
    return _page("problem.html", kind=kind)
