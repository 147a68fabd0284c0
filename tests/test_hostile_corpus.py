"""The corpus of hostile requests, and the reader that judges what was executed of them."""

from __future__ import annotations

import pytest

from tests.torture.attempts import HIDDEN, LAST, MARK
from tests.torture.corpus import attempts, cuts
from tests.torture.malformed import FIELDS, HOSTS, REQUEST_LINES, TARGETS
from tests.torture.pipelines import READ
from tests.torture.smuggling import REFUSED
from tests.torture.wire_reader import Asked, requests_in

WELL_FORMED = (
    "content type twice", "method of 8,000 letters", "7.1.2: ", "6.1: cow before",
    "6.1: comma before",
)  # fmt: skip
"""Refused for another reason than their form: the service takes less than RFC 9112 allows."""

OPEN = ("gzip", "body longer than said")
"""Read as more than the service executes: its connection ends, or the method is none of its own."""


def test_there_are_more_than_150_different_attempts() -> None:
    assert len({attempt.sent for attempt in attempts()}) == len(attempts()) > 150
    assert len({attempt.name for attempt in cuts()}) == len(cuts())


def test_reader_finds_no_request_in_what_is_ill_formed() -> None:
    refused = {name: sent for name, (_, sent) in REFUSED.items()}
    tables = {**REQUEST_LINES, **TARGETS, **FIELDS, **HOSTS, **refused}
    for name, sent in tables.items():
        if not any(words in name for words in WELL_FORMED):
            assert requests_in(sent + HIDDEN) == [], name


def test_reader_finds_the_requests_in_what_is_well_formed() -> None:
    for name, (allowed, sent) in READ.items():
        if not name.startswith(OPEN):
            most = max(sum(status != 400 for status in statuses) for statuses in allowed)
            assert len(requests_in(sent + LAST)) == most, name


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"", []),
        (b"GET /%41?b=%43 HTTP/1.0\r\n\r\n", [Asked("GET", "/A", "b=%43")]),
        (b"GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\nGET", [Asked("GET", "/b", "c")]),
        (b"GET /\r\n\r\n", []),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n" + MARK, []),
    ],
)
def test_reader_reads(sent: bytes, found: list[Asked]) -> None:
    assert requests_in(sent) == found
