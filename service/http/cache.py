"""A bounded cache of answers (RFC 9111), and which content coding a client takes."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BODY_BYTES = 1024 * 1024
"""Larger answers are exports, which are of no use in a small cache."""
MAX_ENTRIES = 10_000
ENTRY_BYTES, HEADER_BYTES = 500, 120
"""Bytes of memory of an entry, and of each of its headers, beyond their texts and the body: the
objects that hold them, as measured by resident memory (tests/test_memory.py)."""
_MAX_ACCEPT_ENCODING = 256
"""Characters. What browsers and libraries send is shorter; a longer one is neither parsed, which
takes milliseconds for each kibibyte, nor remembered."""
_NOT_IN_304 = {
    *("content-type", "content-length", "content-encoding", "last-modified", "link"),
    "accept-ranges",
}

Headers = list[tuple[str, str]]


def accepts_gzip(environ: WSGIEnvironment) -> bool:
    """Whether gzip may be sent (RFC 9110, section 12.5.3). It need not be, if the client says it
    in too many words.
    """
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    return len(accepted) <= _MAX_ACCEPT_ENCODING and _names_gzip(accepted)


@functools.lru_cache(maxsize=256)
def _names_gzip(accept_encoding: str) -> bool:
    return parse_accept_header(accept_encoding, Accept)["gzip"] > 0


class CachedResponse(NamedTuple):
    """The status line, headers and body of an answer to GET, and the bytes of memory that all of
    it takes in the cache.
    """

    status: str
    headers: Headers
    body: bytes
    size: int

    def select(self, environ: WSGIEnvironment) -> tuple[str, Headers, list[bytes]]:
        """The status line, headers and body for one request: 304 if the client has it already
        (RFC 9110, section 13.1.2: compared weakly, since a proxy that compresses makes tags weak).
        """
        tags = environ.get("HTTP_IF_NONE_MATCH")
        if tags and parse_etags(tags).contains_weak(dict(self.headers).get("ETag", "").strip('"')):
            kept = [header for header in self.headers if header[0].lower() not in _NOT_IN_304]
            return "304 NOT MODIFIED", kept, []
        return self.status, self.headers, [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class ResponseCache:
    """The answers given last, up to a number of bytes; the least recently used leaves first.

    The edition of the data set is part of the key and read before the application answers: an
    answer from the data set before can never be found once another is served. Of a request only a
    hash is stored; each spelling of a request has an entry of its own.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes, self._edition = max_bytes, 0, 0
        self._entries: OrderedDict[bytes, CachedResponse] = OrderedDict()
        self._lock = threading.Lock()

    @staticmethod
    def key(edition: int, environ: WSGIEnvironment) -> bytes:
        """What tells requests apart: a hash of the edition and of all that decides an answer.

        The target as it was sent belongs to it, since targets that are decoded to one path, such
        as ``/v1%2Fclaims``, need not have one answer. Lengths keep the parts apart.
        """
        target, path = environ.get("RAW_URI", ""), environ.get("PATH_INFO", "")
        query, gzipped = environ.get("QUERY_STRING", ""), accepts_gzip(environ)
        text = f"{edition} {gzipped} {len(target)} {len(path)} {target}{path}{query}"
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def renew(self, edition: int) -> None:
        """Drops the answers of an older data set: none is found again, and they hold memory."""
        if edition > self._edition:
            with self._lock:
                self._edition, self._bytes = edition, 0
                self._entries.clear()

    def get(self, key: bytes) -> CachedResponse | None:
        with self._lock:
            cached = self._entries.get(key)
            if cached is not None:
                self._entries.move_to_end(key)
            return cached

    @staticmethod
    def accepts(status: str, headers: Headers) -> bool:
        """Whether an answer to GET may be kept: a whole one, for everybody, and not too large."""
        fields = dict(headers)
        return (
            status.startswith("200")
            and fields.get("Cache-Control", "").startswith("public")
            and int(fields.get("Content-Length", MAX_BODY_BYTES + 1)) <= MAX_BODY_BYTES
        )

    def put(self, key: bytes, status: str, headers: Headers, body: bytes) -> None:
        """Keeps an answer that ``accepts`` was asked about; one above the bound is not kept."""
        kept = [header for header in headers if header[0] != "Server-Timing"]
        texts = sum([len(name) + len(value) for name, value in kept])
        size = ENTRY_BYTES + HEADER_BYTES * len(kept) + texts + len(body)
        if size > self._max_bytes:
            return
        with self._lock:
            replaced = self._entries.pop(key, None)
            self._bytes += size - (replaced.size if replaced else 0)
            self._entries[key] = CachedResponse(status, kept, body, size)
            while self._bytes > self._max_bytes or len(self._entries) > MAX_ENTRIES:
                _, oldest = self._entries.popitem(last=False)
                self._bytes -= oldest.size
