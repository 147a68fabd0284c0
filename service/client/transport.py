"""One GET: within time limits, retried where that may help, compared with what is kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError
from urllib3.util import Retry

from service import __version__
from service.client.cache import Cache, Kept
from service.client.errors import ConnectionFailed, UnexpectedAnswer, problem_answer

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
"""Five attempts. The first repeat is immediate (most often the server had closed an idle
connection), the others wait 0.5, 1 and 2 seconds and up to half a second more, so that many
clients do not come back as one; where the service says ``Retry-After``, that long, but at most a
minute."""
MOST_REDIRECTS = 10
_CLAIM = re.compile(r"/v1/claims/(clm_[0-9a-z]{8})")


@dataclass(frozen=True, slots=True)
class Reply:
    """A 200, sent now or kept from before (``unchanged``: the service has just said so).

    ``superseded`` are the ids that were replaced on the way, the one asked for first.
    """

    path: str
    media_type: str
    dataset_version: str | None
    body: bytes
    unchanged: bool
    superseded: tuple[str, ...]

    def json(self) -> Any:
        """The JSON in it. Raises ``UnexpectedAnswer``."""
        if self.media_type == "application/json":
            try:
                return json.loads(self.body)
            except ValueError:
                pass
        raise UnexpectedAnswer(f"{self.path}: expected JSON, got {self.media_type or 'no type'}")


class Transport:
    """Asks one service; not more than one thread at a time, as ``requests.Session`` has it."""

    def __init__(
        self,
        base_url: str,
        session: requests.Session | None,
        cache: Cache | None,
        timeout: tuple[float, float],
        retries: Retry,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(f"{base_url!r} is no address such as http://127.0.0.1:8000")
        self.base_url = base_url.rstrip("/")
        self._cache, self._timeout, self._retries = cache, timeout, retries
        self._own = session is None
        self._session = session or _session(retries)

    def close(self) -> None:
        """Lets connections go; a session that was handed in stays open."""
        if self._own:
            self._session.close()

    def get(self, path: str) -> Reply:
        """A 200 from ``path`` (with its query), whole. Raises ``ServiceError``."""
        address = self.base_url + path
        kept = self._cache.get(address) if self._cache else None
        answer, superseded = self._follow(path, {"If-None-Match": kept.etag} if kept else {})
        if answer.status_code == HTTPStatus.NOT_MODIFIED and kept:
            unchanged = True
        else:
            _expect_ok(answer, path)
            unchanged, kept = False, _kept(answer)
            if self._cache and kept.etag:
                self._cache.put(address, kept)
        return Reply(path, kept.media_type, kept.dataset_version, kept.body, unchanged, superseded)

    def stream(self, path: str) -> requests.Response:
        """A 200 whose body is still to be read; who takes it closes it."""
        answer = self._send(path, {}, stream=True)
        try:
            _expect_ok(answer, path)
        except BaseException:
            answer.close()
            raise
        return answer

    def _follow(
        self, path: str, headers: dict[str, str]
    ) -> tuple[requests.Response, tuple[str, ...]]:
        """The answer behind the claims that replaced the one asked for.

        A 308 leads from a claim to the one that replaced it. Only its path is followed, at the
        address this client was made for: a service may know itself under another name
        (PUBLIC_URL), and credentials stay where they were meant to go.
        """
        superseded: list[str] = []
        while True:
            answer = self._send(path, headers)
            if not answer.is_redirect:
                return answer, tuple(superseded)
            onward = _CLAIM.fullmatch(urlsplit(answer.headers["Location"]).path)
            asked = _CLAIM.fullmatch(path)
            if not (onward and asked) or len(superseded) == MOST_REDIRECTS:
                raise UnexpectedAnswer(f"{path}: led to {answer.headers['Location']}")
            superseded.append(asked[1])
            path = onward[0]

    def _send(self, path: str, headers: dict[str, str], stream: bool = False) -> requests.Response:
        """Any answer. Statuses and connections are retried by the session's adapter, which hands
        over at the headers: a connection lost inside the body is retried here.
        """
        retries = self._retries
        while True:
            try:
                return self._session.get(
                    self.base_url + path,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=stream,
                )
            except requests.RequestException as error:
                if not _lost_inside_the_body(error):
                    raise ConnectionFailed(f"{path}: {error}") from error
                retries = _one_less(retries, path, error)
                retries.sleep()


def _session(retries: Retry) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    agent = session.headers["User-Agent"]
    session.headers["User-Agent"] = f"policy-claims-client/{__version__} {agent!s}"
    return session


def _lost_inside_the_body(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(error, ChunkedEncodingError) or isinstance(cause, ReadTimeoutError)


def _one_less(retries: Retry, path: str, error: Exception) -> Retry:
    try:
        return retries.increment("GET", path, error=ProtocolError(str(error)))
    except (MaxRetryError, ProtocolError) as last:
        raise ConnectionFailed(f"{path}: {error}") from last


def _expect_ok(answer: requests.Response, path: str) -> None:
    status = answer.status_code
    if status == HTTPStatus.OK:
        return
    if status < HTTPStatus.BAD_REQUEST:
        raise UnexpectedAnswer(f"{path}: status {status}")
    body = None
    if _media_type(answer) == "application/problem+json":
        try:
            body = answer.json()
        except requests.JSONDecodeError:
            body = None
    raise problem_answer(status, body, answer.reason, answer.headers.get("X-Request-ID"))


def _media_type(answer: requests.Response) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _kept(answer: requests.Response) -> Kept:
    return Kept(
        answer.headers.get("ETag", ""),
        _media_type(answer),
        answer.headers.get("Dataset-Version"),
        answer.content,
    )
