"""GET requests to one service: time limits, retries, and errors as exceptions."""

from __future__ import annotations

import os
import re
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError
from urllib3.util import Retry

from policy_claims.errors import ConnectionFailed, UnexpectedAnswer, problem_answer

TIMEOUT = (5.0, 30.0)
"""Seconds to connect, and seconds without a byte."""
RETRIES = Retry(
    total=4,
    status_forcelist=(502, 503, 504),
    allowed_methods=("GET",),
    backoff_factor=0.25,
    backoff_jitter=0.5,
    backoff_max=20,
    retry_after_max=60,
    raise_on_status=False,
)
"""Five attempts: the second at once (most often an idle connection was closed), the others after
0.5, 1 and 2 seconds and up to half a second more, so that many clients do not return as one; or
after the ``Retry-After`` of the service, up to a minute."""
MAX_REDIRECTS = 10
CACHE_MISSING = (
    "cache= needs requests-cache, which is not installed: pip install 'policy-claims-client[cache]'"
)
_RECORD = re.compile(r"(/v1/[a-z]+/)([a-z0-9_-]+)")


class Connection:
    """A service and a session; for one thread at a time, as ``requests.Session`` is."""

    def __init__(
        self,
        base_url: str,
        session: requests.Session,
        timeout: tuple[float, float],
        retries: Retry,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(f"{base_url!r} is no address such as http://127.0.0.1:8000")
        self.base_url = base_url.rstrip("/")
        self.session = session
        self._timeout, self._retries = timeout, retries

    def get(self, path: str) -> tuple[requests.Response, tuple[str, ...]]:
        """A 200 with its body, and the ids of the superseded records that redirected to it.

        A superseded record is a 308 to the one that replaced it. Only the path of a redirect is
        used, at this client's base URL: the service may have another public name, and credentials
        are for the base URL alone. Raises ``ServiceError``.
        """
        superseded: list[str] = []
        while True:
            response = self._send(path)
            if not response.is_redirect:
                return _checked(response, path), tuple(superseded)
            location = response.headers["Location"]
            source, target = _RECORD.fullmatch(path), _RECORD.fullmatch(urlsplit(location).path)
            same_kind = source and target and source[1] == target[1]
            if not (source and target and same_kind) or len(superseded) == MAX_REDIRECTS:
                raise UnexpectedAnswer(f"{path}: redirected to {location}")
            superseded.append(source[2])
            path = target[0]

    def stream(self, path: str) -> requests.Response:
        """A 200 whose body is unread; the caller closes it. It is not cached."""
        response = self._send(path, {"Cache-Control": "no-store"}, stream=True)
        try:
            return _checked(response, path)
        except BaseException:
            response.close()
            raise

    def _send(
        self, path: str, headers: dict[str, str] | None = None, stream: bool = False
    ) -> requests.Response:
        """The session's adapter retries until it has the headers of an answer; a connection that is
        lost in the body is retried here.
        """
        retries = self._retries
        while True:
            try:
                return self.session.get(
                    self.base_url + path,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=stream,
                )
            except requests.RequestException as error:
                if not _lost_in_body(error):
                    raise ConnectionFailed(f"{path}: {error}") from error
                try:
                    retries = retries.increment("GET", path, error=ProtocolError(str(error)))
                except (MaxRetryError, ProtocolError) as last:
                    raise ConnectionFailed(f"{path}: {error}") from last
                retries.sleep()


def new_session(cache: str | os.PathLike[str] | None, retries: Retry) -> requests.Session:
    """A session with these retries; ``cache`` is a directory. Raises ``ImportError``."""
    session = _cached_session(cache) if cache else requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    name = f"policy-claims-client/{version('policy-claims-client')}"
    session.headers["User-Agent"] = f"{name} {session.headers['User-Agent']!s}"
    return session


def _cached_session(directory: str | os.PathLike[str]) -> requests.Session:
    try:
        from policy_claims.cache import cached_session
    except ImportError as error:
        raise ImportError(CACHE_MISSING) from error
    return cached_session(directory)


def media_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _lost_in_body(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(error, ChunkedEncodingError) or isinstance(cause, ReadTimeoutError)


def _checked(response: requests.Response, path: str) -> requests.Response:
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise problem_answer(response)
    if response.status_code != HTTPStatus.OK:
        raise UnexpectedAnswer(f"{path}: status {response.status_code}")
    return response
