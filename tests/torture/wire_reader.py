"""Which requests a client sent, as RFC 9112 has them: an opinion of its own beside the server's.

It reads strictly and knows nothing of gunicorn. A server may refuse more than it does, so what is
executed on a connection has to be a beginning of what it finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_LINE = re.compile(rb"(%b) ([!-~]+) HTTP/1\.([0-9])" % _TOKEN)
_FIELD = re.compile(rb"(%b):([\t -~\x80-\xff]*)" % _TOKEN)
_NAME = rb"(?:\[[0-9A-Za-z.:]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)"
_PORT = rb"(?::[0-9]*)?"
_HOST = re.compile(rb"(?:%b%b)?" % (_NAME, _PORT))
_ORIGIN = rb"[A-Za-z][A-Za-z0-9+.-]*://%b%b(?=[/?]|\Z)" % (_NAME, _PORT)
_TARGET = re.compile(rb"(?:%b|(?=/))((?:/[^?#]*)?)(?:\?([^#]*))?" % _ORIGIN)
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_EXTENSION = rb"[ \t]*;[ \t]*%b(?:[ \t]*=[ \t]*(?:%b|%b))?" % (_TOKEN, _TOKEN, _QUOTED)
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]+)(?:%b)*" % _EXTENSION)


class Faulty(ValueError):
    """Ill-formed or not whole: nothing behind it is a request."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the access log names it: bytes as latin-1 text (PEP 3333)."""

    method: str
    path: str
    query: str


def requests_in(sent: bytes) -> list[Asked]:
    """The whole requests at the beginning of what was sent, up to one that ends the connection."""
    found: list[Asked] = []
    ends = False
    try:
        while not ends:
            asked, ends, sent = _request(sent)
            found.append(asked)
    except Faulty:
        pass
    return found


def _request(sent: bytes) -> tuple[Asked, bool, bytes]:
    """The first request, whether it ends the connection, and what is behind it."""
    while sent.startswith(b"\r\n"):
        sent = sent[2:]
    head, end, rest = sent.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    line = _matched(_LINE, first if end else b"")
    fields = [(name.lower(), value) for name, value in map(_field, lines)]
    asked, minor = _asked(line[1], line[2]), int(line[3])
    _check_host([value for name, value in fields if name == b"host"], minor)
    _check_framing(fields, minor)
    ends = asked.method == "CONNECT" or _is_last(_listed(fields, b"connection"), minor)
    try:
        rest = _behind_body(fields, rest)
    except Faulty:
        if b"100-continue" not in _listed(fields, b"expect"):
            raise
        ends = True  # who asks before sending the body may be answered without it
    return asked, ends, rest


def _matched(pattern: re.Pattern[bytes], text: bytes) -> re.Match[bytes]:
    found = pattern.fullmatch(text)
    if found is None:
        raise Faulty
    return found


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = _matched(_FIELD, line)
    return found[1], found[2].strip(b" \t")


def _listed(fields: list[tuple[bytes, bytes]], wanted: bytes) -> list[bytes]:
    values = (value.lower() for name, value in fields if name == wanted)
    return [item.strip(b" \t") for value in values for item in value.split(b",")]


def _asked(method: bytes, target: bytes) -> Asked:
    """Section 3.2: the four forms of a target."""
    name = method.decode("ascii")
    if method == b"CONNECT" or (method == b"OPTIONS" and target == b"*"):
        return Asked(name, target.decode("ascii"), "")
    found = _matched(_TARGET, target)
    path = unquote_to_bytes(found[1]).decode("latin-1")
    return Asked(name, path, (found[2] or b"").decode("ascii"))


def _check_host(hosts: list[bytes], minor: int) -> None:
    """Section 3.2: one host and no other, which HTTP/1.0 may leave out."""
    if len(hosts) > 1 or (not hosts and minor > 0):
        raise Faulty
    for host in hosts:
        _matched(_HOST, host)


def _is_last(options: list[bytes], minor: int) -> bool:
    """Section 9.3: whether the connection ends with this request."""
    return b"close" in options or (minor == 0 and b"keep-alive" not in options)


def _check_framing(fields: list[tuple[bytes, bytes]], minor: int) -> None:
    """Section 6: at most one way to find the end of the body."""
    codings = _listed(fields, b"transfer-encoding")
    lengths = [value for name, value in fields if name == b"content-length"]
    if codings and (
        minor == 0 or lengths or codings[-1:] != [b"chunked"] or codings.count(b"chunked") > 1
    ):
        raise Faulty
    if len(lengths) > 1 or not all(re.fullmatch(rb"[0-9]+", value) for value in lengths):
        raise Faulty


def _behind_body(fields: list[tuple[bytes, bytes]], rest: bytes) -> bytes:
    """Section 6.3: what follows the body, which has to be whole."""
    if _listed(fields, b"transfer-encoding"):
        return _behind_chunks(rest)
    lengths = [value for name, value in fields if name == b"content-length"]
    return _behind(rest, lengths[0], 10) if lengths else rest


def _behind(rest: bytes, digits: bytes, base: int) -> bytes:
    size = int(digits, base) if len(digits.lstrip(b"0")) < 16 else len(rest) + 1
    if size > len(rest):
        raise Faulty
    return rest[size:]


def _behind_chunks(rest: bytes) -> bytes:
    """Section 7.1: chunks, the last chunk, trailers and an empty line."""
    while True:
        line, end, rest = rest.partition(b"\r\n")
        size = _matched(_CHUNK_LINE, line if end else b"")[1]
        if not size.strip(b"0"):
            return _behind_trailers(rest)
        rest = _behind(rest, size, 16)
        if not rest.startswith(b"\r\n"):
            raise Faulty
        rest = rest[2:]


def _behind_trailers(rest: bytes) -> bytes:
    while True:
        line, end, rest = rest.partition(b"\r\n")
        if not end:
            raise Faulty
        if not line:
            return rest
        _field(line)
