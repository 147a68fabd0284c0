"""What nginx with ``deploy/nginx.conf`` says when the service cannot, or when it should not ask."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from service.http.problem_types import PROBLEMS
from tests.torture.front import Front, Reply, free_port, gunicorn, nginx
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

AGEING = """
from pathlib import Path

from service.app import create_app

FAILS = Path(PLACE)
OLD = "max-age=60, stale-while-revalidate=300"
service = create_app()


def app(environ, start_response):
    old = "max-age=60" if environ["PATH_INFO"] == "/v1/topics" else OLD

    def start(status, headers, exc_info=None):
        sooner = [(n, v.replace(old, "max-age=1")) for n, v in headers]
        return start_response(status, sooner, exc_info)

    if FAILS.exists():
        start("503 Service Unavailable", [("Cache-Control", "no-store"), ("Content-Length", "0")])
        return []
    return service(environ, start)
"""
"""The service, but its answers are fresh for one second, and it fails while there is a file. Those
of one path alone may be used, grown old, while they are renewed."""


def problem_of(reply: Reply) -> str:
    """The kind of a problem that nginx tells, once it is seen to be one, whole."""
    body = reply.json
    assert list(body) == ["type", "title", "status", "detail", "instance", "request_id"]
    kind = PROBLEMS[body["type"].removeprefix("/problems/")]
    assert body["title"] == kind.title
    assert body["status"] == reply.status
    assert body["request_id"] == reply.headers["x-request-id"]
    expected = {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "vary": "Accept, Accept-Encoding",
        "access-control-allow-origin": "*",
        "x-content-type-options": "nosniff",
        "server": "nginx",
    }
    assert {name: reply.headers.get(name) for name in expected} == expected
    assert ("retry-after" in reply.headers) == (reply.status in (429, 502, 504))
    return kind.slug


@promises(
    "Deployment",
    "While the service fails or is gone, what was asked before is still answered, as it was; the "
    "rest is a 502 that says when to try again. Afterwards all is as before.",
    broken="Without stale-if-error in the service's Cache-Control: 502 for what was asked before. "
    "Without `proxy_cache_use_stale`: 503, where the service failed for longer than "
    "stale-while-revalidate.",
)
def test_readers_hardly_notice_that_the_service_is_gone(
    tmp_path: Path, many: Many, tell: Tell
) -> None:
    port, fails = free_port(), tmp_path / "fails"
    (tmp_path / "ageing.py").write_text(AGEING.replace("PLACE", repr(str(fails))))
    pages = [f"/v1/claims?limit={n}" for n in range(1, many(60, 12))]
    with nginx(tmp_path, port) as front:
        with gunicorn(tmp_path, port, "ageing:app"):
            before = {path: front.ask(path) for path in pages}
            front.ask("/v1/topics")
            time.sleep(2.5)
            renewed = front.ask("/v1/topics")
            fails.touch()
            failing = [front.ask(path) for path in pages for _ in range(2)]
        gone = [front.ask(path) for path in pages for _ in range(2)]
        unknown = [front.ask("/v1/claims?q=unknown") for _ in range(3)]
        fails.unlink()
        with gunicorn(tmp_path, port, "ageing:app"):
            after = [front.ask(path) for path in (*pages, "/v1/claims?q=unknown")]
        front.log(len(before) + len(failing) + len(gone) + len(unknown) + len(after) + 3)
    for reply, path in zip((*failing, *gone), [p for p in pages for _ in "12"] * 2, strict=True):
        assert (reply.status, reply.body) == (200, before[path].body), path
        assert reply.headers["dataset-version"] == before[path].headers["dataset-version"]
    assert [problem_of(reply) for reply in unknown] == ["service-unreachable"] * 3
    assert {reply.status for reply in (*after, renewed)} == {200}
    states = [line["cache"] for line in front.log(1) if line["target"] == "/v1/topics"]
    assert states == ["MISS", "STALE"], "old, while it was renewed behind the reader's back"
    tell(
        f"0 of {len(failing)} requests for known pages failed under a service that answered 503, "
        f"0 of {len(gone)} without one; unknown pages: 502, within "
        f"{max(reply.seconds for reply in unknown):.1f} s."
    )


REQUESTS = {
    "no HTTP": (400, b"nonsense\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "an unknown version": (400, b"GET / HTTP/7.1\r\nHost: a\r\n\r\n"),
    "two lengths": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\nx"),
    "length and chunks": (
        400,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0",
    ),
    "TRACE": (405, b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a large body": (413, b"POST /v1/claims HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"),
    "a long line": (414, b"GET /?q=%b HTTP/1.1\r\nHost: a\r\n\r\n" % (b"zq9mark" * 2000)),
    "a long field": (431, b"GET / HTTP/1.1\r\nHost: a\r\nX-A: %b\r\n\r\n" % (b"zq9mark" * 2000)),
    "many fields": (
        431,
        b"GET / HTTP/1.1\r\nHost: a\r\n%b\r\n" % (b"X-A: %b\r\n" % (b"x" * 4000) * 20),
    ),
    "an unknown coding": (501, b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: zq9mark\r\n\r\n"),
    "numbers": (404, b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    "numbers, disguised": (404, b"GET /x/../%6detrics HTTP/1.0\r\n\r\n"),
    "a service that is gone": (502, b"GET /v1/claims HTTP/1.0\r\n\r\n"),
}


@promises(
    "Deployment",
    "What nginx refuses by itself is a problem like every other: a documented type, an id, no "
    "version, nothing of the request repeated, and nothing of it reaches the service.",
    broken="Without `error_page 494`: an HTML page for a long field.",
)
def test_nginx_refuses_with_problems(tmp_path: Path, tell: Tell) -> None:
    with nginx(tmp_path, free_port()) as front:
        kinds = set()
        for name, (status, request) in REQUESTS.items():
            answer = front.raw(request)
            assert answer.count(b"HTTP/1.1 ") == 1, name
            assert b"zq9mark" not in answer, name
            assert b"nginx/" not in answer, name
            reply = parsed(answer)
            assert reply.status == status, name
            kinds.add(problem_of(reply))
        assert front.ask("/nothing", "HEAD").body == b""
        for path, status in (("/v1/claims", 502), ("/metrics", 404)):
            page = front.ask(path, headers={"Accept": "text/html,*/*;q=0.8"})
            assert page.status == status
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert page.body.startswith(b"<!doctype html>")
            assert page.headers["x-request-id"].encode() in page.body
    tell(f"{len(REQUESTS)} refusals of {len(kinds)} kinds, 0 of them off the contract.")


def parsed(answer: bytes) -> Reply:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert len(body) == int(headers["content-length"])
    return Reply(int(first.split()[1]), headers, body, 0.0)


def answered(front: Front, source: str, requests: int) -> list[Reply]:
    return [front.ask("/v1/topics", source=source) for _ in range(requests)]


@promises(
    "Deployment",
    "Who asks more than 50 times a second, with 200 in reserve, is told 429 and when to try again; "
    "others notice nothing, and he is answered again when he slows down.",
    broken="Without `limit_req`: nobody was told. With a zone by `$server_port`: the others were.",
)
def test_a_flood_is_refused_and_others_are_not(tmp_path: Path, many: Many, tell: Tell) -> None:
    requests = many(3_000, 600)
    with gunicorn(tmp_path, port := free_port()), nginx(tmp_path, port) as front:
        begun = time.monotonic()
        flood = answered(front, "127.0.3.1", requests)
        seconds = time.monotonic() - begun
        refused = [reply for reply in flood if reply.status != 200]
        others = [front.ask("/v1/topics", source=f"127.0.4.{n}") for n in range(1, 51)]
        time.sleep(float(refused[0].headers["retry-after"]) if refused else 0)
        again = front.ask("/v1/topics", source="127.0.3.1")
    passed = requests - len(refused)
    assert {problem_of(reply) for reply in refused} == {"too-many-requests"}
    assert passed <= 200 + 50 * seconds + 2, "the reserve and what the rate allows"
    assert passed >= 200
    assert {reply.status for reply in (*others, again)} == {200}
    tell(f"{requests:,} requests in {seconds:.1f} s: {passed:,} answered, the others told 429; "
         f"0 of {len(others)} requests of others refused.")  # fmt: skip


@promises(
    "Deployment",
    "All addresses of an IPv6 network of 64 bits are one client to the limits.",
    broken="`limit_req_zone $binary_remote_addr`: each of the addresses had a limit of its own.",
)
def test_a_network_is_one_client(tmp_path: Path, many: Many, tell: Tell) -> None:
    # Behind a proxy that is trusted to name the client: any address can then be tried here.
    named = {"merge_slashes off;": "merge_slashes off; real_ip_header X-Client; "
             "set_real_ip_from 127.0.0.1;"}  # fmt: skip

    def ask(client: str) -> int:
        return front.ask("/v1/topics", headers={"X-Client": client}).status

    requests = many(2_000, 500)
    with nginx(tmp_path, free_port(), named) as front:
        same = [ask(f"2001:db8:a:b:{n:x}::{n:x}") for n in range(1, requests)]
        apart = [ask(f"2001:db8:c:{n:x}::1") for n in range(1, 250)]
        older = [ask(f"192.0.2.{n}") for n in range(1, 250)]
    assert same.count(429) > requests / 10
    assert {*apart, *older} == {502}, "there is no service behind it"
    tell(f"{same.count(429)} of {len(same)} addresses of one network refused, 0 of {len(apart)} "
         f"of as many networks, 0 of {len(older)} IPv4 addresses.")  # fmt: skip


@promises(
    "Deployment",
    "With the lines for TLS uncommented and a certificate, nginx answers over TLS 1.2 and 1.3, and "
    "to nothing older.",
    broken="`ssl_protocols` left out of the lines: TLS 1.3 was refused. With `TLSv1` in it and the "
    "oldest ciphers: TLS 1.0 was answered.",
)
def test_tls_needs_a_certificate_and_six_lines(tmp_path: Path, tell: Tell) -> None:
    chain, key, port = tmp_path / "chain.pem", tmp_path / "key.pem", free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=localhost", "-keyout", key, "-out", chain],
        check=True, capture_output=True,
    )  # fmt: skip
    given = {
        "#listen 8443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "#ssl_": "ssl_",
        "/etc/nginx/tls/chain.pem": str(chain),
        "/etc/nginx/tls/key.pem": str(key),
    }
    spoken = {}
    with nginx(tmp_path, free_port(), given):
        for version in ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            spoken[version.name] = over_tls(port, version)
    assert spoken == {"TLSv1": "refused", "TLSv1_2": "502", "TLSv1_3": "502"}
    tell("TLS 1.2 and 1.3: answered, TLS 1.0: refused.")


def over_tls(port: int, version: ssl.TLSVersion) -> str:
    """The status of an answer in a version of the protocol, the oldest ciphers included."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # What is tried is the protocol, with a certificate that signs itself.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nosemgrep
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
            context.wrap_socket(plain) as connection,
        ):
            connection.sendall(b"GET /v1/claims HTTP/1.0\r\n\r\n")
            return connection.recv(1024).split()[1].decode()
    except ssl.SSLError:
        return "refused"
