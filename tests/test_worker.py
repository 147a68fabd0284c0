"""What gunicorn refuses by itself: malformed bytes on a socket, answered by a live server.

The server runs on loopback with the settings that are shipped and an application that answers
``ok`` to everything, so whatever is refused here was refused before any application code.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from service.server.worker import REFUSALS
from tests.gunicorn_live import gunicorn

pytestmark = pytest.mark.slow

#: Stands in every malformed request; no answer may repeat it.
MARK = b"zq9mark"

APPLICATION = """
class Panic(BaseException):
    pass


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/fails":
        raise RuntimeError("zq9mark: the inside of the service")
    if path == "/panics":
        raise Panic("zq9mark: native code")
    if path == "/breaks":
        start_response("200 OK", [("Content-Length", "100")])
        return (bytes([48 // left]) for left in (1, 2, 0))
    if path == "/pieces":
        start_response("200 OK", [])
        return [b"", b"one", b"two"]
    if path == "/bad-header":
        start_response("200 OK", [("X-Mark", "zq9mark\\r\\nInjected: yes")])
        return [b""]
    seen = " ".join([environ["wsgi.url_scheme"], environ["REMOTE_ADDR"], environ["SCRIPT_NAME"]])
    start_response("200 OK", [("Content-Length", str(len(seen))), ("X-Seen", seen)])
    return [seen.encode()]
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with gunicorn(tmp_path_factory.mktemp("worker"), APPLICATION) as server:
        yield server.port


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def _exchange(port: int, request: bytes) -> bytes:
    """Everything the server says until it closes the connection; a time-out fails the test."""
    with _connect(port) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def _get(
    *lines: bytes, body: bytes = b"", first: bytes = b"GET /?q=" + MARK + b" HTTP/1.1"
) -> bytes:
    """A request whose only faults are those that are asked for."""
    return b"\r\n".join([first, b"Host: localhost", *lines, b"", b""]) + body


CHUNKED = b"Transfer-Encoding: chunked"

MALFORMED: dict[str, tuple[int, bytes]] = {
    "no version": (400, _get(first=b"GET /" + MARK)),
    "unknown version": (400, _get(first=b"GET /" + MARK + b" HTTP/3.0")),
    "version that is no number": (400, _get(first=b"GET / HTTP/" + MARK)),
    "lower-case method": (400, _get(first=MARK + b" / HTTP/1.1")),
    "method with a bracket": (400, _get(first=b"GE(T /" + MARK + b" HTTP/1.1")),
    "over-long method": (400, _get(first=b"A" * 30 + b" /" + MARK + b" HTTP/1.1")),
    "two spaces": (400, _get(first=b"GET  /" + MARK + b" HTTP/1.1")),
    "target without a slash": (400, _get(first=b"GET " + MARK + b" HTTP/1.1")),
    "asterisk for a GET": (400, _get(first=b"GET * HTTP/1.1", body=MARK)),
    "raw non-ASCII target": (400, _get(first=b"GET /\xc3\xa9" + MARK + b" HTTP/1.1")),
    "control character in target": (400, _get(first=b"GET /\x01" + MARK + b" HTTP/1.1")),
    "second HTTP version preface": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "TLS greeting": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" + MARK),
    "line feeds only": (400, b"GET /" + MARK + b" HTTP/1.1\nHost: localhost\n\n"),
    "line feed inside the head": (400, b"GET / HTTP/1.1\r\nHost: localhost\nX: " + MARK + b"\n\n"),
    "bare carriage return": (400, _get(b"X-A: one\rX-B: " + MARK)),
    "over-long request line": (414, _get(first=b"GET /" + MARK + b"x" * 9000 + b" HTTP/1.1")),
    "over-long line without an end": (414, b"GET /" + MARK + b"x" * 20_000),
    "too many headers": (431, _get(*[b"X-%d: " % n + MARK for n in range(120)])),
    "over-long header": (431, _get(b"X-Long: " + MARK + b"x" * 9000)),
    "header without a colon": (400, _get(MARK)),
    "header without a name": (400, _get(b": " + MARK)),
    "space before the colon": (400, _get(b"X-Mark : " + MARK)),
    "folded header": (400, _get(b"X-Mark: one", b" " + MARK)),
    "NUL in a header": (400, _get(b"X-Mark: \x00" + MARK)),
    "two hosts": (400, _get(b"Host: " + MARK)),
    "unmet expectation": (417, _get(b"Expect: " + MARK)),
    "unknown transfer coding": (501, _get(b"Transfer-Encoding: " + MARK)),
    "transfer coding that never ends": (400, _get(b"Transfer-Encoding: gzip")),
    "chunked twice": (400, _get(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n")),
    "length and chunks": (400, _get(b"Content-Length: 5", CHUNKED, body=b"0\r\n\r\n")),
    "two lengths": (400, _get(b"Content-Length: 1", b"Content-Length: 2", body=MARK)),
    "negative length": (400, _get(b"Content-Length: -1", body=MARK)),
    "length with a sign": (400, _get(b"Content-Length: +7", body=MARK)),
    "length that is a word": (400, _get(b"Content-Length: " + MARK)),
    "length in other digits": (400, _get(b"Content-Length: \xb2", body=MARK)),
    "chunks under HTTP/1.0": (400, _get(CHUNKED, first=b"GET / HTTP/1.0", body=b"0\r\n\r\n")),
}  # fmt: skip

#: Answered before the body is read, which then turns out to be ill-formed.
MALFORMED_BODIES: dict[str, bytes] = {
    "chunk size that is a word": _get(CHUNKED, body=MARK + b"\r\n"),
    "chunk size missing": _get(CHUNKED, body=b"\r\n" + MARK),
    "chunk longer than said": _get(CHUNKED, body=b"2\r\n" + MARK + b"\r\n0\r\n\r\n"),
    "chunk extension": _get(CHUNKED, body=b"1;=" + MARK + b"\r\nx\r\n0\r\n\r\n"),
    "trailer that changes the length": _get(
        CHUNKED, body=b"0\r\nContent-Length: 9\r\nX: " + MARK + b"\r\n\r\n"
    ),
}


def _problem(raw: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    head, _, body = raw.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert len(body) == int(headers["content-length"]), "exactly one answer, and whole"
    problem = json.loads(body)
    assert isinstance(problem, dict)
    return int(status_line.split(" ")[1]), headers, problem


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_request_is_answered_once_as_a_problem_and_closed(port: int, name: str) -> None:
    expected, request = MALFORMED[name]
    answer = _exchange(port, request)
    status, headers, problem = _problem(answer)
    assert status == expected
    assert headers["content-type"] == "application/problem+json"
    assert list(problem) == ["type", "title", "status", "detail", "instance", "request_id"]
    assert problem["type"] == ("/problems/too-long" if status == 414 else "/problems/bad-request")
    assert problem["status"] == status
    assert problem["request_id"] == headers["x-request-id"]
    assert MARK not in answer
    assert headers["connection"] == "close"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("name", MALFORMED_BODIES)
def test_malformed_body_ends_the_connection_after_the_answer(port: int, name: str) -> None:
    answer = _exchange(port, MALFORMED_BODIES[name] + _get())
    first, second = answer.split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200 ")
    status, headers, _ = _problem(b"HTTP/1.1 " + second)
    assert (status, headers["connection"]) == (400, "close")
    assert MARK not in answer


@pytest.mark.parametrize("path", ["/fails", "/bad-header", "/panics"])
def test_fault_outside_the_application_is_a_problem_that_leaks_nothing(
    port: int, path: str
) -> None:
    answer = _exchange(port, _get(first=f"GET {path} HTTP/1.1".encode()))
    status, _, problem = _problem(answer)
    assert (status, problem["type"]) == (500, "/problems/internal-error")
    assert MARK not in answer
    assert b"Injected" not in answer


def _answer(connection: socket.socket) -> HTTPResponse:
    response = HTTPResponse(connection)
    response.begin()
    return response


@pytest.mark.parametrize(
    "request_bytes",
    [
        _get(),
        _get(b"Content-Length: 7", body=MARK),
        _get(CHUNKED, body=b"7\r\n" + MARK + b"\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        b"\r\n" + _get(),
    ],
    ids=["plain", "with a body", "with chunks", "after an empty line"],
)
def test_well_formed_request_keeps_its_connection(port: int, request_bytes: bytes) -> None:
    with _connect(port) as connection:
        for _ in range(3):
            connection.sendall(request_bytes)
            response = _answer(connection)
            assert response.status == 200
            response.read()
            assert not response.will_close


def test_requests_sent_ahead_are_answered_in_turn(port: int) -> None:
    chunks = _get(CHUNKED, body=b"7\r\n" + MARK + b"\r\n0\r\n\r\n")
    ahead = [_get(), _get(b"Content-Length: 7", body=MARK), chunks, _get(b"Connection: close")]
    assert _exchange(port, b"".join(ahead)).count(b"HTTP/1.1 200 OK\r\n") == len(ahead)


def test_answer_in_several_pieces_is_whole(port: int) -> None:
    answer = _exchange(port, _get(b"Connection: close", first=b"GET /pieces HTTP/1.1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_forwarded_headers_change_nothing(port: int) -> None:
    lines = [
        b"X-Forwarded-Proto: https", b"X-Forwarded-Ssl: on", b"X-Forwarded-For: 192.0.2.1",
        b"Forwarded: for=192.0.2.1;proto=https", b"SCRIPT_NAME: /inside",
        b"X_Forwarded_Proto: https",
    ]  # fmt: skip
    answer = _exchange(port, _get(*lines, b"Connection: close"))
    assert b"\r\nX-Seen: http 127.0.0.1\r\n" in answer


@pytest.mark.parametrize("step", [1, 7, 300])
def test_request_is_the_same_however_it_is_cut(port: int, step: int) -> None:
    request = _get(b"X-Long: " + b"x" * 500, b"Content-Length: 7", body=MARK)
    request += _get(CHUNKED, body=b"7\r\n" + MARK + b"\r\n0\r\n\r\n") + _get(b"Connection: close")
    with _connect(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), step):
            connection.sendall(request[start : start + step])
            time.sleep(0.0002)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 3


def test_answer_that_breaks_off_is_not_continued_with_another(port: int) -> None:
    answer = _exchange(port, _get(first=b"GET /breaks HTTP/1.1") + _get())
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"\r\n\r\n0\x18")


def test_panic_of_native_code_ends_no_thread(port: int) -> None:
    """It is no Exception, so that what only catches those lets it pass."""
    for _ in range(12):  # three times as many as there are threads
        _exchange(port, _get(first=b"GET /panics HTTP/1.1"))
    assert _exchange(port, _get(b"Connection: close")).startswith(b"HTTP/1.1 200")


def test_refusals_have_the_types_of_the_problem_pages() -> None:
    from service.http.problem_types import PROBLEMS

    assert {slug for _, _, slug, _ in REFUSALS} <= set(PROBLEMS)
