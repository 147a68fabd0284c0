"""Requests as they stand on the wire, and applications to send them to.

A test client tidies a path up before it sends it (``//v1/claims``, ``%00``, an odd ``Host``).
``ask`` does not: it splits and decodes a request target as gunicorn does, and nothing else.
"""

from __future__ import annotations

import functools
import io
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.datastructures import Headers

from schemas.records.dataset import DatasetInfo
from service.app import create_app
from service.compiler import open_fixtures
from service.config import Config
from service.store.protocol import Store
from tests import samples
from tests.contract_tools import ContractClient


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def environ(target: str, method: str = "GET", headers: dict[str, str] | None = None) -> Any:
    """The WSGI environment of one request, bytes as latin-1 text (PEP 3333)."""
    path, _, query = target.encode().partition(b"?")
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in (headers or {}).items():
        made["HTTP_" + name.upper().replace("-", "_")] = value
    return made


def ask(
    app: Flask, target: str, method: str = "GET", headers: dict[str, str] | None = None
) -> Reply:
    """The answer to one request target, read to its end and closed."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, fields))

    body = app.wsgi_app(environ(target, method, headers), start_response)
    try:
        content = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    status, fields = started[-1]
    return Reply(int(status.split(" ", 1)[0]), Headers(fields), content)


def store_of(data: samples.Data) -> Store:
    """A store over fixtures that a test wrote down."""
    with tempfile.TemporaryDirectory() as directory:
        return open_fixtures(samples.write(data, Path(directory)))


@functools.cache
def sample_store() -> Store:
    """The small sample data set: six claims, one replaced, one withdrawn."""
    return store_of(samples.sample())


@functools.cache
def shipped_store() -> Store:
    """The data that comes with the service."""
    return open_fixtures()


class LargeStore:
    """A store that reports ``size`` claims; all its answers are those of another store."""

    def __init__(self, store: Store, size: int) -> None:
        self._store, self._size = store, size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def dataset(self) -> DatasetInfo:
        info = self._store.dataset
        return replace(info, counts={**info.counts, "claims": self._size})


def app_of(store: Store, public_url: str = "", access_log: bool = False) -> Flask:
    """The service over a store, with settings of its own; its clients know the contract."""
    app = create_app(Config(public_url=public_url, access_log=access_log, cache_bytes=0), store)
    app.test_client_class = ContractClient
    return app
