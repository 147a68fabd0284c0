"""What gunicorn's parser would take and this service does not (RFC 9112)."""

from __future__ import annotations

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import IterUnreader

from service.server.framing import StrictRequest


def _read(sent: bytes) -> StrictRequest:
    return StrictRequest(Config(), IterUnreader([sent]), ("127.0.0.1", 1))


def _get(*fields: bytes, target: bytes = b"/", version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"GET " + target + b" HTTP/" + version, *fields, b"", b""])


@pytest.mark.parametrize(
    "hosts",
    [
        [], [b"a", b"a"], [b"a b"], [b"a,\tb"], [b"a/b"], [b"a?b"], [b"a#b"], [b"a@b"],
        [b"a:b"], [b"a:1:2"], [b"http://a"], [b"[::1"], [b"\xc3\xa9"], [b"<a>"], [b"a\\b"],
        [b":80"],
    ],
)  # fmt: skip
def test_host_that_is_missing_repeated_or_ill_formed_is_refused(hosts: list[bytes]) -> None:
    with pytest.raises(ParseException):
        _read(_get(*(b"Host: " + host for host in hosts)))


@pytest.mark.parametrize(
    "host", [b"", b"a", b"a:", b"a:80", b"a_b.example", b"192.0.2.1:1", b"[2001:db8::1]:1"]
)
def test_host_that_is_well_formed_is_taken(host: bytes) -> None:
    assert _read(_get(b"Host: " + host)).path == "/"


def test_version_1_0_needs_no_host() -> None:
    assert _read(_get(version=b"1.0")).version == (1, 0)


@pytest.mark.parametrize(
    "target",
    [
        b"/#a", b"#a", b"?a://b", b"://a/b", b"a/b://c", b"1://a", b"http:///a", b"http://",
        b"http://a@b/", b"http://a:b/", b"http://a#b", b"http://[::1/",
    ],
)  # fmt: skip
def test_target_in_none_of_the_forms_is_refused(target: bytes) -> None:
    with pytest.raises(ParseException):
        _read(_get(b"Host: a", target=target))


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/a?b://c", "/a"), (b"//a/b", "//a/b"), (b"http://a/b?c", "/b"),
        (b"http://[::1]:80/b", "/b"), (b"HTTP://a:1?c", ""),
    ],
)  # fmt: skip
def test_target_in_one_of_the_forms_is_taken(target: bytes, path: str) -> None:
    assert _read(_get(b"Host: a", target=target)).path == path


@pytest.mark.parametrize(
    "fields",
    [
        [b"Connection: close"], [b"Connection: CLOSE"], [b"Connection: close, te"],
        [b"Connection: te,\tclose"], [b"Connection: keep-alive, close"],
        [b"Connection: te", b"Connection: close"],
    ],
)  # fmt: skip
def test_close_counts_wherever_it_stands(fields: list[bytes]) -> None:
    assert _read(_get(b"Host: a", *fields)).should_close()


@pytest.mark.parametrize("option", [b"keep-alive", b"te", b"closed", b"x-close"])
def test_other_connection_options_do_not_close(option: bytes) -> None:
    assert not _read(_get(b"Host: a", b"Connection: " + option)).should_close()


def test_later_minor_version_is_read_as_the_one_that_is_spoken() -> None:
    assert _read(_get(b"Host: a", version=b"1.9")).version == (1, 1)


def test_body_that_is_whole_is_read_and_nothing_behind_it() -> None:
    body = _read(_get(b"Host: a", b"Content-Length: 5") + b"abcdefgh").body
    assert body is not None
    assert body.read() == b"abcde"
