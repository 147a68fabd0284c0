"""The contract and the codebook: as the service carries them along, and as they are served with a
data set.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from schemas.filters import DIMENSIONS
from schemas.query import ClaimQuery
from schemas.records.description import Description
from service.store.protocol import Store

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


def own_values(store: Store) -> dict[str, list[str]]:
    """Values of a data set, by the segment of a path before an id, or by parameter."""
    ids = {
        name: [record["id"] for record in vocabulary.page("", 2)]
        for name, vocabulary in store.vocabularies.items()
    }
    return {
        "claims": [json.loads(body)["id"] for body in store.search(ClaimQuery(limit=1)).bodies],
        "from": ids["occasions"][:1],
        "to": ids["occasions"][-1:],
        "by": [*DIMENSIONS],
        **{name: listed[:1] for name, listed in ids.items()},
    }


def served_contract(store: Store | None, public_url: str = "") -> tuple[bytes, bytes]:
    """The contract as YAML and as JSON, as it is served with the data of a store, at an address
    where one is set.

    Its examples are of one data set, whose id the example of ``/v1/dataset`` tells. With any other
    they would mislead and are left out; required parameters have values of its own data instead.
    """
    example = contract()["components"]["examples"]["Dataset"]["value"]["data"]
    if store is not None and store.dataset.about.id == example["id"]:
        return _carried_contract(public_url)
    own = {} if store is None else own_values(store)
    values = tuple((name, values[0]) for name, values in own.items() if values)
    return _contract_with(values, public_url)


@functools.lru_cache(maxsize=2)
def _carried_contract(public_url: str) -> tuple[bytes, bytes]:
    """As it was written, but for the address."""
    text = carried("openapi.yaml")
    if public_url:
        text = text.replace(b"\n  - url: /\n", f"\n  - url: {public_url}\n".encode(), 1)
    return text, _as_json({**contract(), **_servers(public_url)})


def _servers(public_url: str) -> dict[str, Any]:
    """The member ``servers`` for a client that is generated from the contract."""
    (server,) = contract()["servers"]
    return {"servers": [{**server, "url": public_url or server["url"]}]}


@functools.lru_cache(maxsize=2)
def _contract_with(own: tuple[tuple[str, str], ...], public_url: str) -> tuple[bytes, bytes]:
    """The contract without its examples, but for these values of required parameters."""
    document, values = {**_without_examples(contract()), **_servers(public_url)}, dict(own)
    components = document["components"]["parameters"]
    for path, operations in document["paths"].items():
        kind = segment_before_id(path)
        for listed in operations["get"].get("parameters", ()):
            parameter = components.get(str(listed.get("$ref")).rpartition("/")[2], listed)
            value = values.get(kind if parameter["in"] == "path" else parameter["name"])
            if value is not None and parameter.get("required"):
                is_list = parameter["schema"].get("type") == "array"
                parameter["example"] = [value] if is_list else value
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100)
    return text.encode(), _as_json(document)


def segment_before_id(path: str) -> str:
    """The part of a path that says what kind of record the id behind it has."""
    return path.partition("/{")[0].rpartition("/")[2]


def _without_examples(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_examples(item) for item in node]
    if not isinstance(node, dict):
        return node
    left_out = ("example", "examples")
    return {key: _without_examples(value) for key, value in node.items() if key not in left_out}


def _as_json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def codebook_text(about: Description) -> str:
    """The codebook of a data set: its own, else the one that the service carries along."""
    return carried("codebook.md").decode() if about.codebook is None else about.codebook


def codebook_version(about: Description) -> str | None:
    """The version of the codebook of a data set, else the one that it states in its first lines
    (``Version: 1.0``); ``None`` for one that states none.
    """
    if about.codebook_version is not None:
        return about.codebook_version
    for line in codebook_text(about).splitlines()[:10]:
        if line.startswith("Version: "):
            return line.removeprefix("Version: ").strip()
    return None
