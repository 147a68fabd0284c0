"""The files that the service carries along: its contract and its codebook."""

import functools
import json
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = {"openapi.yaml": "../openapi.yaml", "codebook.md": "../docs/codebook.md"}


@functools.cache
def carried(name: str) -> bytes:
    """A carried file: from the installed package, else from the checkout around it."""
    for place in (f"data/{name}", _CHECKOUT[name]):
        path = _PACKAGE / place
        if path.is_file():
            return path.read_bytes()
    raise FileNotFoundError(f"{name} is neither in the package nor beside it; install again")


@functools.cache
def contract() -> dict[str, Any]:
    """The contract as data."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the pure reader takes a second
    found: dict[str, Any] = yaml.load(carried("openapi.yaml"), Loader=loader)  # noqa: S506  # nosec B506  # both are safe
    return found


@functools.cache
def contract_json() -> bytes:
    """The contract as JSON, the same content."""
    return json.dumps(contract(), ensure_ascii=False, separators=(",", ":")).encode()


def codebook_version() -> str:
    """The version a codebook states in its first lines, ``Version: 1.0``."""
    for line in carried("codebook.md").decode().splitlines()[:10]:
        if line.startswith("Version: "):
            return line.removeprefix("Version: ").strip()
    raise ValueError("codebook.md states no version in its first ten lines")
