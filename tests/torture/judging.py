"""Whether an answer is one that the contract allows, judged quickly enough for ten million of them.

Of every answer the status, the media type and the headers are compared with the contract, and an
error's body with its schema. Bodies of other answers are validated a share at a time, by the slower
and stricter ``tests.contract_tools``, which also looks at the order of keys.
"""

from __future__ import annotations

import functools
import gzip
import importlib.metadata
import json
import re
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request as WsgiRequest

from tests.contract_tools import (
    PROBLEM,
    ROOT,
    Json,
    all_paths,
    closed,
    faults_in,
    resolved,
)
from tests.torture.grammar import SERVER_NAME, Request

LONGEST_LINE = 8190
_READING = ("GET", "HEAD")
_OPTIONS = {"Allow": "GET, HEAD, OPTIONS", "Access-Control-Allow-Origin": "*"}
_ICONS = ("image/png", "image/vnd.microsoft.icon")
_STATICS = ("text/css", "text/javascript", "image/svg+xml", *_ICONS)
_COMPRESSED = (
    *_ICONS,
    "application/gzip",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""In their bytes a short name may stand by chance."""

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    fields: Fields
    body: bytes

    @property
    def plain(self) -> bytes:
        """The body as it was before compression."""
        squeezed = ("Content-Encoding", "gzip") in self.fields
        return gzip.decompress(self.body) if squeezed and self.body else self.body


@dataclass(frozen=True, slots=True)
class Rule:
    """What the contract says of one status of one operation."""

    media: frozenset[str]
    required: frozenset[str]
    constant: tuple[tuple[str, str], ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    problem: str | None


def _rule(response: Json) -> Rule:
    headers = {name: resolved(header) for name, header in response.get("headers", {}).items()}
    schemas = {name: resolved(header["schema"]) for name, header in headers.items()}
    content = response.get("content", {})
    return Rule(
        media=frozenset(content),
        required=frozenset(name for name, header in headers.items() if header.get("required")),
        constant=tuple((n, schema["const"]) for n, schema in schemas.items() if "const" in schema),
        patterns=tuple(
            (name, re.compile(re.sub(r"\$\Z", r"\\Z", schema["pattern"])))
            for name, schema in schemas.items()
            if "pattern" in schema
        ),
        problem=json.dumps(content[PROBLEM]["schema"]) if PROBLEM in content else None,
    )


RULES: Mapping[tuple[str, int], Rule] = {
    (operation.id, status): _rule(response)
    for operation in all_paths()
    for status, response in operation.responses.items()
}
_ANY_PROBLEM = _rule(next(o for o in all_paths() if o.id == "getClaim").responses[404])
_PAGE_OR_PROBLEM = replace(_ANY_PROBLEM, media=_ANY_PROBLEM.media | {"text/html"})
"""An address with an escaped slash is none of the contract's. Decoded it may be that of a page,
which is refused in HTML like any other page."""
_EXACT = {operation.path: operation.id for operation in all_paths() if "{" not in operation.path}
_VARYING = [
    (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(each.path))), each.id)
    for each in sorted(all_paths(), key=lambda each: -len(each.path))
    if "{" in each.path
]


@functools.lru_cache(maxsize=50_000)
def operation_of(path: str, sent: str) -> str | None:
    """The operation at a decoded path; a path with an escaped slash or two in front has none."""
    if path.startswith("//") or "%2f" in sent.lower():
        return None
    found = (name for pattern, name in _VARYING if pattern.fullmatch(path))
    return _EXACT.get(path) or next(found, None)


@functools.cache
def _validator(schema: str) -> Any:
    """Objects closed, as in ``tests.contract_tools``, in a library that is quick enough."""
    return jsonschema_rs.validator_for(closed(json.loads(schema)))


def faults(request: Request, environ: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    """What the contract does not allow about an answer; nothing where all is well."""
    name = operation_of(environ["PATH_INFO"], request.path)
    headers = dict(answer.fields)
    if len(headers) < len(answer.fields):
        yield f"a header stands twice: {[field for field, _ in answer.fields]}"
    said = "".join(headers.values())
    if not (said.isascii() and said.isprintable()):
        yield f"a header that cannot be sent: {said!r}"
    too_long = len(f"{request.method} {request.target} HTTP/1.1") > LONGEST_LINE
    if too_long != (answer.status == 414):
        yield f"{answer.status} to a request line of {len(request.target)} characters"
    if request.method == "HEAD" and answer.body:
        yield f"HEAD has a body of {len(answer.body)} bytes"
    if request.method != "HEAD" and headers.get("Content-Length", str(len(answer.body))) != str(
        len(answer.body)
    ):
        yield f"a body of {len(answer.body)} bytes, said to be {headers['Content-Length']}"
    asked = name is not None or (request.path.startswith("/static/") and answer.status == 204)
    if asked and request.method == "OPTIONS" and not too_long:
        yield from _faults_in_options(answer, headers)
        return
    rule = _rule_for(name, request, answer, headers)
    if rule is None:
        yield f"{answer.status} {headers.get('Content-Type')} to {request.method} ({name})"
    else:
        yield from _faults_under(rule, request, answer, headers)


def _faults_in_options(answer: Answer, headers: Mapping[str, str]) -> Iterator[str]:
    if answer.status != 204 or answer.body or not _OPTIONS.items() <= headers.items():
        yield f"OPTIONS: {answer.status} {headers}"


_CONDITIONS = frozenset(("IF_MATCH", "IF_UNMODIFIED_SINCE"))


def _rule_for(
    name: str | None, request: Request, answer: Answer, headers: Mapping[str, str]
) -> Rule | None:
    """What applies to a status; ``None`` where it may not be given."""
    if name is None:
        if request.path.startswith("/static/") and answer.status in (200, 304):
            return _static(headers)
        allowed = (404, 414) if request.method in _READING else (404, 405, 414)
        if request.path.startswith("/static/") and _CONDITIONS & request.headers.keys():
            allowed = (*allowed, 412)
        escaped = "%2f" in request.path.lower()
        refusal = _PAGE_OR_PROBLEM if escaped else _ANY_PROBLEM
        return refusal if answer.status in allowed else None
    if request.method not in _READING:
        return RULES.get((name, answer.status)) if answer.status in (405, 414) else None
    rule = None if answer.status == 405 else RULES.get((name, answer.status))
    if rule is not None and answer.status == 206:  # a part of what a 200 gives whole
        return replace(rule, media=RULES[name, 200].media)
    return rule


def _static(headers: Mapping[str, str]) -> Rule:
    return Rule(
        frozenset(_STATICS if "Content-Type" in headers else ()), frozenset(("ETag",)), (), (), None
    )


def _faults_under(
    rule: Rule, request: Request, answer: Answer, headers: Mapping[str, str]
) -> Iterator[str]:
    if not rule.required <= headers.keys():
        yield f"{answer.status} without {sorted(rule.required - headers.keys())}"
    for name, value in rule.constant:
        if headers.get(name, None if name in rule.required else value) != value:
            yield f"{name} is {headers.get(name)!r}, not {value!r}"
    for name, pattern in rule.patterns:
        if name in headers and not pattern.search(headers[name]):
            yield f"{name}: {headers[name]!r} does not match {pattern.pattern}"
    yield from _faults_in_body(rule, request, answer, headers)


def _faults_in_body(
    rule: Rule, request: Request, answer: Answer, headers: Mapping[str, str]
) -> Iterator[str]:
    media = headers.get("Content-Type", "").partition(";")[0]
    if not rule.media:
        if media or answer.body:
            yield f"{answer.status} with a body of {len(answer.body)} bytes of {media!r}"
    elif media not in rule.media:
        yield f"the media type is {media!r}, not one of {sorted(rule.media)}"
    elif request.method == "HEAD":
        return
    elif media == "text/html" and answer.status != 206:
        if not answer.plain.startswith(b"<!doctype html>"):
            yield f"{answer.status} is no page: {answer.plain[:100]!r}"
    elif rule.problem is not None:
        yield from _faults_in_problem(rule.problem, answer, headers)


def _faults_in_problem(schema: str, answer: Answer, headers: Mapping[str, str]) -> Iterator[str]:
    try:
        problem = json.loads(answer.body)
        _validator(schema).validate(problem)
    except ValueError as error:
        yield f"the problem is not as the contract has it: {error}"
        return
    told = (problem["status"], problem["request_id"])
    if told != (answer.status, headers["X-Request-ID"]):
        yield f"the problem is of another answer: {told}"


def thorough_faults(environ: dict[str, Any], answer: Answer) -> list[str]:
    """What is wrong with an answer, its body to the last key."""
    response = TestResponse(
        [answer.body], str(answer.status), Headers(list(answer.fields)), WsgiRequest(environ)
    )
    return faults_in(response)


# --- what an answer must not give away ----------------------------------------------------------


@functools.cache
def secrets() -> tuple[bytes, ...]:
    """Names of what runs inside, its versions, and where it lies."""
    packages = ("gunicorn", "Werkzeug", "Flask", "Jinja2", "marshmallow", "tantivy", "MarkupSafe")
    versions = [f"{p}{joint}{importlib.metadata.version(p)}" for p in packages for joint in "/ "]
    python = (f"Python/{sys.version_info.major}", f"ython {sys.version_info.major}.", "CPython")
    traces = ("Traceback", 'File "', "site-packages", ".py", "0x7f", "PanicException")
    places = (str(ROOT), sys.prefix, "/tmp/", "/usr/lib", "/home/", "/root/")
    names = (SERVER_NAME, socket.gethostname(), "evil.invalid", "werkzeug", "gunicorn")
    every = (*versions, *python, *traces, *places, *names)
    return tuple(dict.fromkeys(secret.encode() for secret in every))


@functools.lru_cache(maxsize=256)
def _secrets_in(told: bytes) -> list[bytes]:
    """Remembered, since the largest bodies are the same each time."""
    return [secret for secret in secrets() if secret in told]


def leaks(request: Request, answer: Answer) -> list[str]:
    """What an answer gives away, unless the request's own target or id said so."""
    told = "\n".join(f"{name}: {value}" for name, value in answer.fields).encode()
    compressed = dict(answer.fields).get("Content-Type", "") in _COMPRESSED
    found = [*_secrets_in(told), *(() if compressed else _secrets_in(answer.plain))]
    said = f"{request.target} {request.headers.get('X_REQUEST_ID', '')}".encode(
        "latin-1", "replace"
    )
    return [secret.decode() for secret in found if secret not in said]
