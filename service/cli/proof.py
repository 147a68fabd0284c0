"""Before a data set is served, it is asked about each operation of the contract."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from werkzeug.routing import Rule
from werkzeug.test import Client

from schemas.parameters import value_text
from service.app import create_app
from service.compiler import BuildFailed
from service.config import Config
from service.contract import contract, own_values, segment_before_id
from service.explorer.filters import FACETS
from service.store.protocol import DatasetUnavailable, Store

_READ_BYTES = 1 << 20
"""Bytes of an answer that are read: a whole export of a million claims would take minutes."""
_MADE_WHOLE = ".xlsx"
"""How the path of an answer ends that is made as a whole before its first byte is sent. It is asked
for about single claims: forty workbooks of all of them took longer than the build."""


def prove_answers(directory: Path) -> None:
    """Asks about a data set as ``prove_store`` does, opened as a server would open it."""
    _prove(Config(dataset=directory, access_log=False, cache_bytes=0))


def prove_store(store: Store) -> None:
    """Asks every GET operation of the contract, and every page for people, about what a store
    answers from.

    Once with the required parameters alone, once with each optional one as its
    example says; ids are those of the data set. An example may name what is not
    there: a refusal is an answer, a failure is none. Raises ``BuildFailed``,
    ``DatasetUnavailable``.
    """
    _prove(Config(access_log=False, cache_bytes=0), store)


def _prove(config: Config, store: Store | None = None) -> None:
    app = create_app(config, store)
    try:
        store = app.extensions["claims.provider"].current()
    except DatasetUnavailable as error:
        raise BuildFailed(f"what was built cannot be served: {error}") from error
    client = app.test_client()
    assert store is not None
    own = own_values(store)
    for target in (*_targets(own), *_pages(app.url_map.iter_rules(), {**own, "values": [*FACETS]})):
        _ask(client, target)


def _ask(client: Client, target: str) -> None:
    try:
        with client.get(target) as answer:
            status, size = answer.status_code, 0
            for piece in answer.iter_encoded():
                size += len(piece)
                if size > _READ_BYTES:
                    break
    except Exception as error:
        raise BuildFailed(f"{target} cannot be answered: {error!r}") from error
    if status >= 500:
        raise BuildFailed(f"{target} is answered with {status}; nothing was put in its place")


def _targets(own: Mapping[str, list[str]]) -> Iterator[str]:
    """What is asked: a path and a query string."""
    components = contract()["components"]["parameters"]
    for path, operations in contract()["paths"].items():
        listed = [*operations.get("parameters", ()), *operations["get"].get("parameters", ())]
        parameters = [components.get(str(p.get("$ref")).rpartition("/")[2], p) for p in listed]
        in_query = [p for p in parameters if p["in"] == "query"]
        values = {p["name"]: own.get(p["name"]) or [value_text(p["example"])] for p in in_query}
        base = {p["name"]: values[p["name"]][0] for p in in_query if p.get("required")}
        if path.endswith(_MADE_WHOLE):
            base["id"] = ",".join(own["claims"])
        ids = own.get(segment_before_id(path))
        parts = {p["name"]: value_text(p["example"]) for p in parameters if p["in"] == "path"}
        first = next(iter(parts), "")
        for value in ids if parts and ids else [parts.get(first, "")]:
            place = path.format(**{**parts, first: quote(value, safe="")})
            yield _target(place, base)
            for name, listed in values.items():
                yield from (_target(place, {**base, name: value}) for value in listed)


def _pages(rules: Iterable[Rule], own: Mapping[str, list[str]]) -> Iterator[str]:
    """The paths that the contract does not have, but for those that no data set changes."""
    for rule in rules:
        path = re.sub("<[^<>]+>", "{}", rule.rule)
        if path.startswith("/v1/"):
            continue
        for value in own.get(segment_before_id(path), ()) if rule.arguments else ("",):
            yield path.format(value)


def _target(path: str, values: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(values, safe=',')}" if values else path
