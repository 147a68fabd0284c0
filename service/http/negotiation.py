"""What a client will take, read from its headers alone."""

from __future__ import annotations

import functools

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags


@functools.lru_cache(maxsize=1024)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip may be sent (RFC 9110, section 12.5.3); memoised, for clients say the same."""
    return parse_accept_header(accept_encoding, Accept)["gzip"] > 0


def has_already(if_none_match: str, tag: str) -> bool:
    """Whether the client holds this representation (RFC 9110, section 13.1.2).

    Compared weakly, as the section demands: a proxy that compresses makes our tag weak.
    """
    return bool(if_none_match) and parse_etags(if_none_match).contains_weak(tag)
