"""What no cache keeps answers apart by, no answer depends on.

A cache tells answers apart by their address and, as ``Vary`` says, by ``Accept-Encoding``. Were
another header of a request to change an answer, whoever sends it could put that answer before
everybody else (web cache poisoning).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask

from service.app import create_app
from service.compiler import open_fixtures
from service.config import Config
from tests.contract_tools import all_paths
from tests.samples import SUPERSEDED, WITHDRAWN
from tests.torture.promises import promises
from tests.wire import Reply, ask, sample_store

Tell = Callable[[str], None]

EVIL = "zq9evil.invalid"
VARYING = {"Date", "X-Request-ID", "Server-Timing"}

_ADDRESSES = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Real-IP", "Via"),
    *("X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Original-Host", "X-Remote-Addr"),
    *("X-Cluster-Client-IP", "X-ProxyUser-Ip", "X-Backend-Host", "From", "X-HTTP-Host-Override"),
)
UNKEYED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_ADDRESSES, (EVIL, f'"><script>{EVIL}')),
    "Host": (EVIL, f"{EVIL}:99999", f"a@{EVIL}", "", f"{EVIL}/v1?", f"[{EVIL}"),
    "X-Forwarded-Proto": ("http", "https", "gopher", EVIL),
    "X-Forwarded-Scheme": ("https", "nothttps"),
    "X-Forwarded-Port": ("443", "99999", EVIL),
    "X-Forwarded-Prefix": (f"/{EVIL}", f"//{EVIL}"),
    "X-Script-Name": (f"/{EVIL}",),
    "Forwarded": (f"for={EVIL};host={EVIL};proto=https;by={EVIL}",),
    "X-Original-URL": ("/metrics", f"/{EVIL}", "/v1/claims"),
    "X-Rewrite-URL": ("/metrics", f"/{EVIL}", "/v1/claims"),
    "X-HTTP-Method-Override": ("POST", "DELETE", "HEAD", "OPTIONS"),
    "X-HTTP-Method": ("PUT", "HEAD"),
    "X-Method-Override": ("PATCH", "HEAD"),
    "Origin": (f"https://{EVIL}", "null"),
    "Access-Control-Request-Method": ("DELETE",),
    "Access-Control-Request-Headers": (EVIL,),
    "Referer": (f"https://{EVIL}/",),
    "Cookie": (f"session={EVIL}; lang=ko; theme=dark",),
    "Authorization": (f"Bearer {EVIL}", "Basic YTpi"),
    "Accept": ("text/csv", "application/xml", "*/*;q=0", EVIL),
    "Accept-Language": ("ko", "de-DE,de;q=0.9", EVIL),
    "Accept-Charset": ("utf-16", EVIL),
    "User-Agent": ("curl/8.0", "Mozilla/5.0 (iPhone)", "Googlebot/2.1", EVIL),
    "Range": ("bytes=0-9", "bytes=0-9,2-3"),
    "If-Range": ('"a"', "Wed, 21 Oct 2099 07:28:00 GMT"),
    "If-Match": ("*",),
    "If-Modified-Since": ("Wed, 21 Oct 2099 07:28:00 GMT",),
    "If-Unmodified-Since": ("Wed, 21 Oct 2099 07:28:00 GMT",),
    "Cache-Control": ("no-cache", "no-store", "only-if-cached"),
    "Pragma": ("no-cache", "akamai-x-get-cache-key"),
    "X-Requested-With": ("XMLHttpRequest",),
    "Sec-Fetch-Mode": ("navigate", "cors"),
    "Sec-Fetch-Dest": ("document", "script"),
    "Save-Data": ("on",),
    "DNT": ("1",),
    "Upgrade-Insecure-Requests": ("1",),
    "Connection": ("close", "X-Request-ID", "Upgrade"),
    "Upgrade": ("h2c", "websocket"),
    "TE": ("trailers",),
    "Prefer": ("return=minimal",),
    "X-Debug": ("1",),
}

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
REFUSED = (
    *("/v1/claims?limit=0", "/v1/claims?nothing=1", "/nowhere", "/v1/claims/", "//v1/claims", ""),
    *(f"/v1/claims/{SUPERSEDED}", f"/v1/claims/{WITHDRAWN}", f"/claims/{SUPERSEDED}"),
    *(f"/claims/{WITHDRAWN}", "/claims/none", "/values/none", f"/v1/claims/{SUPERSEDED}.jsonld"),
)
"""Asked beside every operation, of data with retired claims, since refusals are answers too."""


def targets() -> Iterator[str]:
    for operation in all_paths():
        if operation.id != "getMetrics":  # counts what was asked meanwhile
            query = "&".join(f"{name}={value}" for name, value in operation.required.items())
            yield f"{operation.address}?{query}" if query else operation.address
    yield "/v1/claims?limit=1"  # a page with a link to the next


def lasting(reply: Reply) -> tuple[Any, ...]:
    """All of an answer that may not depend on when it was given. Without a body only a cache need
    know how long it would be.
    """
    varying = VARYING if reply.body else {*VARYING, "Content-Length"}
    fields = [(name, value) for name, value in reply.headers if name not in varying]
    return reply.status, sorted(fields), reply.body


def asked(app: Flask, target: str, method: str, headers: dict[str, str]) -> Reply:
    return ask(app, target, method, {**headers, "X-Request-ID": "same", "Accept-Encoding": "gzip"})


def forms(*, ranged: bool = False) -> Iterator[dict[str, str]]:
    """Each header with each of its values, and all of them at once; but for ``Range`` where parts
    are given, which caches do tell apart (RFC 9111, section 3.3).
    """
    unkeyed = {name: values for name, values in UNKEYED.items() if not ranged or name != "Range"}
    for name, values in unkeyed.items():
        yield from ({name: value} for value in values)
    yield {name: values[0] for name, values in unkeyed.items()}


@promises(
    "Hostile input",
    "Body and headers depend on no header of the request that caches do not tell apart, byte for "
    "byte (but for Date, X-Request-ID and Server-Timing), and the Host header is never repeated.",
    broken="Links that begin with X-Forwarded-Host; a tag made of Accept-Language too; a "
    "problem that tells the Host.",
)
def test_no_answer_depends_on_an_unkeyed_header(tell: Tell) -> None:
    compared = 0
    for store, some in (
        (open_fixtures(), [*targets()]),
        (sample_store(), REFUSED),
    ):
        plain = create_app(Config(access_log=False, cache_bytes=0), store)
        cached = create_app(Config(access_log=False), store)
        for target, method in itertools.product(some, METHODS):
            alone = lasting(asked(plain, target, method, {}))
            assert EVIL not in str(alone)
            for headers in forms(ranged=("Accept-Ranges", "bytes") in alone[1]):
                # The cache sees the worst first, and is asked for the plain one at the end.
                for app in (cached, plain)[: 2 if method == "GET" else 1]:
                    told = lasting(asked(app, target, method, headers))
                    assert told == alone, f"{method} {target} {headers}"
                    compared += 1
            assert lasting(asked(cached, target, method, {})) == alone, f"{method} {target}"
    values, asked_for = len([*forms()]) - 1, len([*targets(), *REFUSED])
    tell(
        f"{compared:,} answers to {asked_for} targets and {len(METHODS)} methods, with each of "
        f"{len(UNKEYED)} headers ({values} values) and with all of them: 0 differ"
    )
