"""Static files of the pages (style sheets, scripts, pictures), at addresses with a content hash."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import flask_swagger_ui

_STATIC = Path(__file__).resolve().parent / "static"
_SWAGGER = Path(flask_swagger_ui.__file__).resolve().parent / "dist"
_SWAGGER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js")
_IMPORT = re.compile(rb'(?<= from ")\./([a-z-]+\.js)(?=";)')
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file; in its ``address`` is a prefix of the SHA-256 of its content."""

    content: bytes
    media_type: str
    address: str


@functools.cache
def assets() -> dict[str, Asset]:
    """Every static file by name, our own and those of the installed Swagger UI."""
    paths = [*sorted(_STATIC.iterdir()), *(_SWAGGER / name for name in _SWAGGER_FILES)]
    return {path.name: _read(path) for path in paths if path.suffix in _MEDIA_TYPES}


def address(name: str) -> str:
    return assets()[name].address


@functools.cache
def _read(path: Path) -> Asset:
    """A file; an own script imports others by their addresses with a hash."""
    content = path.read_bytes()
    if path.parent == _STATIC and path.suffix == ".js":
        content = _IMPORT.sub(
            lambda name: _read(_STATIC / name[1].decode()).address.encode(), content
        )
    version = hashlib.sha256(content).hexdigest()[:16]
    return Asset(content, _MEDIA_TYPES[path.suffix], f"/static/{version}/{path.name}")
