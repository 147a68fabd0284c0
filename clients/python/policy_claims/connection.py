"""Sending with requests: time limits and retries."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError
from urllib3.util import Retry

from policy_claims.answers import ClaimStream, Download, Listing
from policy_claims.errors import ConnectionFailed
from policy_claims.exchanges import Answer, Exchange, ResultT, address, answer, checked, csv, text
from policy_claims.frames import frame, polars_frame
from policy_claims.query import resource
from policy_claims.reply import Reply

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

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
USER_AGENT = f"policy-claims-client/{version('policy-claims-client')}"
CACHE_MISSING = (
    "cache= needs requests-cache, which is not installed: pip install 'policy-claims-client[cache]'"
)


class Connection:
    """What ``Client`` sends its requests with; for one thread at a time, as a session is."""

    def __init__(
        self,
        base_url: str,
        *,
        cache: str | os.PathLike[str] | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int | Retry = RETRIES,
        across_datasets: bool = False,
        session: requests.Session | None = None,
    ) -> None:
        """How requests are sent.

        ``base_url``         the address of the service.
        ``cache``            a directory in which answers are kept (at most 256 MiB), so that
                             unchanged ones are not sent again; needs requests-cache.
        ``timeout``          seconds to connect, and seconds without a byte.
        ``retries``          how often to try again after 502, 503, 504 or a lost connection; a
                             ``urllib3.util.Retry`` sets more.
        ``across_datasets``  continue an iteration when a new dataset is published between two
                             pages, instead of raising ``DatasetChanged``.
        ``session``          your own ``requests.Session``, in place of ``cache``, with its headers,
                             proxies, adapters and their retries; it is not closed.
        """
        if session and cache:
            raise ValueError("cache has no effect on a session of your own")
        self.base_url = address(base_url)
        self._retries = retries if isinstance(retries, Retry) else RETRIES.new(total=retries)
        self._session = session or new_session(cache, self._retries)
        self._closes_session = session is None
        self._timeout, self._across = timeout, across_datasets

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        if self._closes_session:
            self._session.close()

    def _fetch(self, path: str) -> Answer[Any, Any]:
        return self._run(answer(path))

    def _list(
        self, *steps: str, parameters: Mapping[str, Any], across_datasets: bool = False
    ) -> Listing[Any, Any]:
        path = resource(*steps, parameters={"limit": 100, **parameters})
        return Listing(self._fetch, path, across_datasets or self._across)

    def _frame(self, path: str) -> pd.DataFrame:
        reply = self._run(csv(path))
        return frame(reply.content, reply.headers.get("Dataset-Version"))

    def _polars(self, path: str) -> pl.DataFrame:
        return polars_frame(self._run(csv(path)).content)

    def _text(self, path: str) -> str:
        return self._run(text(path))

    def _claims(self, path: str) -> ClaimStream:
        return ClaimStream(self._download(path))

    def _download(self, path: str) -> Download:
        """A 200 whose body is unread. It is not cached."""
        response = self._send(path, {"Cache-Control": "no-store"}, stream=True)
        try:
            checked(_reply(response, b"" if response.ok else response.content), path)
        except requests.RequestException as error:
            raise ConnectionFailed(f"{path}: {error}") from error
        except BaseException:
            response.close()
            raise
        return Download(response, path)

    def _run(self, exchange: Exchange[ResultT]) -> ResultT:
        try:
            path = next(exchange)
            while True:
                response = self._send(path)
                path = exchange.send(_reply(response, response.content))
        except StopIteration as end:
            result: ResultT = end.value
            return result

    def _send(
        self, path: str, headers: dict[str, str] | None = None, stream: bool = False
    ) -> requests.Response:
        """The session's adapter retries until it has the headers of an answer; a connection that is
        lost in the body is retried here.
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
                if not _lost_in_body(error):
                    raise ConnectionFailed(f"{path}: {error}") from error
                try:
                    retries = retries.increment("GET", path, error=ProtocolError(str(error)))
                except (MaxRetryError, ProtocolError) as last:
                    raise ConnectionFailed(f"{path}: {error}") from last
                retries.sleep()


def _reply(response: requests.Response, content: bytes = b"") -> Reply:
    unchanged = getattr(response, "revalidated", False)  # set by requests-cache
    return Reply(response.status_code, response.headers, content, response.reason or "", unchanged)


def new_session(cache: str | os.PathLike[str] | None, retries: Retry) -> requests.Session:
    """A session with these retries; ``cache`` is a directory. Raises ``ImportError``."""
    session = _cached_session(cache) if cache else requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    session.headers["User-Agent"] = f"{USER_AGENT} {session.headers['User-Agent']!s}"
    return session


def _cached_session(directory: str | os.PathLike[str]) -> requests.Session:
    try:
        from policy_claims.cache import cached_session
    except ImportError as error:
        raise ImportError(CACHE_MISSING) from error
    return cached_session(directory)


def _lost_in_body(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(error, ChunkedEncodingError) or isinstance(cause, ReadTimeoutError)
