"""Both clients on an application of this process: no server, no socket."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from policy_claims import AsyncClient, Client

URL = "http://service.example"
WsgiApp = Callable[..., Any]


class Application:
    """A WSGI application that may be replaced at any time, and what was asked of it."""

    def __init__(self, app: WsgiApp) -> None:
        self.app = app
        self.asked: list[str] = []
        """Path and query of every request so far."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        query = environ["QUERY_STRING"]
        self.asked.append(environ["PATH_INFO"] + ("?" + query if query else ""))
        return self.app(environ, start_response)


def answered(app: WsgiApp, request: httpx.Request) -> httpx.Response:
    """What the application answers, read to its end."""
    response = httpx.WSGITransport(app=app).handle_request(request)
    content = response.read()
    for name in ("Content-Encoding", "Content-Length"):  # of what httpx has decoded
        response.headers.pop(name, None)
    return httpx.Response(response.status_code, headers=response.headers, content=content)


class AsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, app: WsgiApp) -> None:
        self.app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return answered(self.app, request)


class Adapter(BaseAdapter):
    def __init__(self, app: WsgiApp) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        asked = httpx.Request("GET", str(request.url), headers=dict(request.headers))
        answer = answered(self.app, asked)
        raw = HTTPResponse(
            io.BytesIO(answer.content),
            headers=dict(answer.headers),
            status=answer.status_code,
            reason=HTTPStatus(answer.status_code).phrase,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


def client_of(app: WsgiApp, **arguments: Any) -> Client:
    session = requests.Session()
    session.mount(URL, Adapter(app))
    return Client(URL, session=session, **arguments)


def async_client_of(app: WsgiApp, **arguments: Any) -> AsyncClient:
    session = httpx.AsyncClient(transport=AsyncTransport(app))
    return AsyncClient(URL, session=session, **arguments)
