"""Our own templates, everything in them escaped, no script or style but our own files."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service import __version__
from service.explorer import words
from service.explorer.assets import address, assets
from service.explorer.words import number, plural

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals |= {"asset": address, "service_version": __version__, "words": words}
_environment.filters |= {"number": number, "plural": plural}


def page(template: str, **values: Any) -> bytes:
    return _environment.get_template(template).render(**values).encode()


@functools.cache
def look() -> str:
    """A digest of all templates and assets: a page that was drawn with others is another page."""
    digest = hashlib.sha256()
    for path in sorted(_TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    for name in sorted(assets()):
        digest.update(f"{name} {assets()[name].version}\n".encode())
    return digest.hexdigest()[:16]
