"""The one door to the cluster: every request leaves and every answer comes in here.

The engine's defaults give a part of an answer for the whole where a shard is missing, slow or
cut off. So each search forbids that, and each answer is looked at again: what is not whole, in
time and exact is asked for once more on another node, and then is ``DatasetUnavailable``.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import SSLError, TransportError
from opensearchpy.serializer import Serializer

from service.store.protocol import DatasetUnavailable, EngineUnreachable

TRIES = 3
"""Tries that the deadline of a request has room for, at full length."""
RETRY_AFTER = 2
"""Seconds after which a cluster that lost a node has mostly sorted itself out."""
_PAUSES = (0.1, 0.2, 0.4)
"""Seconds before a request is sent again; the last one from then on."""
_DEAD_SECONDS = 2
"""How long a node that did not answer is left out at first; twice as long each further time."""
_CONNECTIONS = 16
"""To each node: as many as a worker has threads, and some more."""
_FAULTY = (400, 404, 409)
_FINAL = (*_FAULTY, 401, 403)
"""Refusals that another try or another node would repeat; the first ones are of what was asked."""
_REASON = "the search cluster cannot answer whole at present"
_NOT_TRUSTED = "the certificate of the search cluster is not accepted"
_NOT_LET_IN = "the search cluster does not accept the name and password of the service"
_BLOCKED = "the search cluster takes nothing at present, as when its disks are full"

JsonObject = dict[str, Any]
_log = logging.getLogger("claims")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the cluster is, and how one is let in.

    ``urls`` are of several nodes, so that one may be missing. ``seconds`` is the deadline of a
    request; the password is read from its file at each new connection to the cluster.
    """

    urls: tuple[str, ...]
    ca: Path | None = None
    user: Path | None = None
    password: Path | None = None
    seconds: float = 2.5

    def client(self, retries: int = 0) -> OpenSearch:
        """A client of the cluster, which sends a request again of itself at most so often. Raises
        ``OSError`` where a file cannot be read.
        """
        files = (self.user, self.password)
        login = tuple(path.read_text("utf-8").strip() for path in files if path is not None)
        return OpenSearch(
            list(self.urls),
            http_auth=login if len(login) == 2 else None,
            ca_certs=None if self.ca is None else str(self.ca),
            maxsize=_CONNECTIONS,
            pool_maxsize=_CONNECTIONS,
            serializer=_Orjson(),
            max_retries=retries,
            retry_on_timeout=True,  # so that a node that does not answer is left out
            retry_on_status=(502, 503, 504) if retries else (),
            dead_timeout=_DEAD_SECONDS,
        )


class _Orjson(Serializer):
    """JSON in a third of the time; what is bytes already is sent as it is."""

    mimetype = "application/json"

    def loads(self, s: str) -> Any:
        return orjson.loads(s)

    def dumps(self, data: Any) -> Any:
        return data if isinstance(data, str | bytes) else orjson.dumps(data).decode()


class NotWhole(RuntimeError):
    """An answer that is not the whole one, or none in time; another try may give it."""


class Refused(RuntimeError):
    """A search that every node would refuse again, such as one of an index that was removed."""


class TooManyGroups(RuntimeError):
    """The engine refuses to count so many groups at once."""


class Door:
    """Asks the cluster. Safe for use by several threads, and across a fork."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client: OpenSearch | None = None
        self._owner, self._lock = 0, threading.Lock()

    @property
    def client(self) -> OpenSearch:
        """The client of this process: connections do not outlive a fork."""
        if self._owner != os.getpid():
            with self._lock:
                if self._owner != os.getpid():
                    self._client, self._owner = self.address.client(), os.getpid()
        assert self._client is not None
        return self._client

    def searches(
        self, index: str, bodies: Sequence[JsonObject], seconds: float = 0
    ) -> list[JsonObject]:
        """The answers to some searches of an index, each whole, all in one trip.

        A body that ranks by ``_score`` is ranked by the statistics of all shards. Raises
        ``DatasetUnavailable`` and ``TooManyGroups``.
        """
        if not bodies:
            return []
        lines = b"".join(map(_lines, [index] * len(bodies), bodies))
        # The engine first asks each shard whether it has anything (pre_filter_shard_size). That
        # costs a millisecond and stays: without it a frozen node goes on being asked.
        kind = "application/x-ndjson"
        how: Any = {"seconds": seconds, "content_type": kind}
        found = self.ask("POST", "/_msearch", lines, _each_whole, **how)
        answers: list[JsonObject] = found["responses"]
        if len(answers) != len(bodies):
            raise EngineUnreachable(_REASON, retry_after=RETRY_AFTER)
        return answers

    def documents(self, places: Iterable[tuple[str, str]]) -> list[JsonObject | None]:
        """What is stored under each index and id, ``None`` where nothing is, all in one trip."""
        docs = [{"_index": index, "_id": identifier} for index, identifier in places]
        if not docs:
            return []
        now = {"realtime": "false"}
        found = self.ask("POST", "/_mget", {"docs": docs}, _none_failed, params=now)
        return [doc["_source"] if doc["found"] else None for doc in found["docs"]]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        check: Callable[[Any], None] = lambda _: None,
        seconds: float = 0,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """An answer that passes a ``check``, which raises ``NotWhole`` for one that is worth
        another try; within a deadline in ``seconds``. Raises ``DatasetUnavailable``.
        """
        seconds = seconds or self.address.seconds
        headers = {"content-type": content_type}
        ends, error, pauses = time.monotonic() + seconds, None, iter(_PAUSES)
        while (left := ends - time.monotonic()) > 0:
            try:
                answer = self.client.transport.perform_request(
                    method,
                    path,
                    dict(params or {}),
                    body,
                    timeout=min(left, seconds / TRIES),
                    headers=headers,
                )
                check(answer)
                return answer
            except (TransportError, NotWhole, Refused, OSError) as failure:
                error = failure
                if getattr(failure, "status_code", None) in _FINAL or isinstance(failure, Refused):
                    break
            time.sleep(min(next(pauses, _PAUSES[-1]), max(0.0, ends - time.monotonic())))
        _log.warning("the cluster does not answer whole: %s %s: %s", method, path, error)
        faulty = isinstance(error, Refused) or getattr(error, "status_code", None) in _FAULTY
        kind = DatasetUnavailable if faulty else EngineUnreachable
        raise kind(_reason_of(error), retry_after=RETRY_AFTER) from error


def _reason_of(error: Exception | None) -> str:
    """Why there is no answer, as far as whoever runs the cluster has to do something; the log has
    all of it.
    """
    if isinstance(error, SSLError):
        return _NOT_TRUSTED
    if not isinstance(error, TransportError):
        return _REASON
    if str(error.error).endswith("block_exception"):
        return _BLOCKED
    return _NOT_LET_IN if error.status_code in (401, 403) else _REASON


def _lines(index: str, body: JsonObject) -> bytes:
    """One search of several: the line that says where and how, the line that says what."""
    head: JsonObject = {"index": index, "allow_partial_search_results": False}
    if any("_score" in key for key in body.get("sort", ())):
        head["search_type"] = "dfs_query_then_fetch"
    return orjson.dumps(head) + b"\n" + orjson.dumps({"track_total_hits": True, **body}) + b"\n"


def _each_whole(answer: JsonObject) -> None:
    """Raises ``NotWhole`` unless every search was answered by all shards, in time and exactly."""
    for each in answer["responses"]:
        if "error" in each:
            if "too_many_buckets_exception" in str(each["error"]):
                raise TooManyGroups
            kind = Refused if each.get("status") in _FINAL else NotWhole
            raise kind(f"{each.get('status')}: {str(each['error'])[:300]}")
        shards, total = each["_shards"], each.get("hits", {}).get("total", {"relation": "eq"})
        if each["timed_out"] or shards["failed"] or shards["successful"] != shards["total"]:
            raise NotWhole(f"timed out: {each['timed_out']}; shards: {shards}")
        if not shards["total"] or total["relation"] != "eq":
            raise NotWhole(f"shards: {shards}; total: {total}")


def _none_failed(answer: Mapping[str, Any]) -> None:
    for doc in answer["docs"]:
        if "error" in doc or "found" not in doc:
            raise NotWhole(str(doc.get("error"))[:300])
