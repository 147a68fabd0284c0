"""Style sheets, scripts and pictures of the pages, under addresses that name their content."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import flask_swagger_ui

_OWN = Path(__file__).resolve().parent / "static"
_SWAGGER = Path(flask_swagger_ui.__file__).resolve().parent / "dist"
_SWAGGER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js")
_IMPORT = re.compile(rb'(?<= from ")\./([a-z-]+\.js)(?=";)')
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    content: bytes
    media_type: str
    version: str

    @property
    def address(self) -> str:
        """Where it lies; another content has another address."""
        return f"/static/{self.version}/{self.name}"


@functools.cache
def assets() -> dict[str, Asset]:
    """Every asset by file name, our own and those of the installed Swagger UI."""
    paths = [*_OWN.iterdir(), *(_SWAGGER / name for name in _SWAGGER_FILES)]
    return {path.name: _read(path) for path in paths if path.suffix in _MEDIA_TYPES}


@functools.cache
def _read(path: Path) -> Asset:
    """An asset; a module of ours names the modules that it imports by their hashed addresses."""
    content = path.read_bytes()
    if path.parent == _OWN and path.suffix == ".js":
        content = _IMPORT.sub(_imported, content)
    version = hashlib.sha256(content).hexdigest()[:16]
    return Asset(path.name, content, _MEDIA_TYPES[path.suffix], version)


def _imported(found: re.Match[bytes]) -> bytes:
    return _read(_OWN / found[1].decode()).address.encode()


def address(name: str) -> str:
    """The address of an asset."""
    return assets()[name].address
