"""The contract as tests read it: its operations, and whether an answer is one it allows.

The contract leaves its objects and some lists open, so that keys and values may be added within v1.
Here they are closed and their keys ordered: a key that nobody wrote down, or one in
another place, is a fault of the service or of the contract.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import gzip
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
PROBLEM = "application/problem+json"
JSON_SUFFIXES = ("/ld+json", "/problem+json", "/feed+json", ".csl+json")
"""Of media types whose bodies the contract has a schema for."""
BYTE_ORDER_MARK = "\ufeff"
OPEN_SCHEMAS = frozenset({"Contract", "CuratedRecord"})
"""Answers in a form that OpenAPI defines, not we, and records of any of several kinds: they stay
open."""
ALLOWED_METHODS = "GET, HEAD, OPTIONS"


class ContractBroken(AssertionError):
    """An answer that the contract does not allow."""


@functools.cache
def contract() -> Json:
    return read_yaml((ROOT / "openapi.yaml").read_text(encoding="utf-8"))


def read_yaml(text: str) -> Json:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the pure reader takes a second
    found: Json = yaml.load(text, Loader=loader)
    return found


def resolved(node: Json) -> Json:
    """What a reference points to; what stands beside the reference wins."""
    while "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


class DocumentedHeader:
    """A header of an answer, with its schema resolved."""

    def __init__(self, name: str, definition: Json) -> None:
        self.name, self.required = name, bool(definition.get("required"))
        schema = resolved(definition["schema"])
        self._whole_number = schema["type"] == "integer"
        self._schema = json.dumps(schema)

    def faults_of(self, text: str) -> tuple[str, ...]:
        """What is wrong with its value."""
        number = self._whole_number and re.fullmatch("0|[1-9][0-9]*", text)
        return _faults_in_header(int(text) if number else text, self._schema)


@functools.lru_cache(maxsize=4096)
def _faults_in_header(value: str | int, schema: str) -> tuple[str, ...]:
    return tuple(_faults_under(value, schema))


@dataclass(frozen=True)
class Operation:
    """One method of one path, with its parameters and responses resolved."""

    path: str
    method: str
    definition: Json

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])

    def parameters(self, place: str) -> list[Json]:
        found = map(resolved, self.definition.get("parameters", []))
        return [parameter for parameter in found if parameter["in"] == place]

    @functools.cached_property
    def contents(self) -> dict[tuple[int, str], str]:
        """What is documented of each body, by status and media type, as text."""
        return {
            (status, media_type): json.dumps(content)
            for status, response in self.responses.items()
            for media_type, content in response.get("content", {}).items()
        }

    @functools.cached_property
    def headers(self) -> dict[int, list[DocumentedHeader]]:
        """The headers of each status."""
        return {
            status: [DocumentedHeader(name, resolved(header)) for name, header in headers.items()]
            for status, response in self.responses.items()
            for headers in [response.get("headers", {})]
        }

    @functools.cached_property
    def responses(self) -> dict[int, Json]:
        """By status; the default, which is for what a proxy says, is no answer of the service."""
        documented = self.definition["responses"].items()
        return {int(status): resolved(r) for status, r in documented if status != "default"}

    @property
    def address(self) -> str:
        """Its path, with the documented example of each part that varies."""
        examples = {p["name"]: p["example"] for p in self.parameters("path")}
        return self.path.format(**examples)

    @property
    def required(self) -> dict[str, str]:
        """The documented example of each query parameter that must be there."""
        needed = (p for p in self.parameters("query") if p.get("required"))
        return {p["name"]: written(p["example"]) for p in needed}


def written(value: Any) -> str:
    """A value as it stands in a query string (``style: form``, ``explode: false``)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@functools.cache
def operations() -> tuple[Operation, ...]:
    methods = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
    return tuple(
        Operation(path, method.upper(), item[method])
        for path, item in contract()["paths"].items()
        for method in methods
        if method in item
    )


RECORDS = {
    "documents": "doc_jb5kxzpf",
    "agents": "kcna",
    "topics": "defence",
    "occasions": "wpk-plenary-2022-12",
    "places": "north-korea",
}
"""By vocabulary, a record of the shipped data."""


@functools.cache
def pages() -> tuple[Operation, ...]:
    """The pages for people, which are no operations of the contract, in the same form."""
    claim = contract()["components"]["parameters"]["ClaimIdInPath"]["example"]
    return (
        _page("/", "home"),
        _page("/claims/{id}", "claimPage", id=claim),
        _page("/compare", "comparePage"),
        _page("/goals", "goalsPage"),
        _page("/values/{filter}", "valuesPage", filter="topic"),
        _page("/docs", "docs", data=False),
        _page("/codebook", "codebook", data=False),
        _page("/problems/{slug}", "problemPage", data=False, slug="gone"),
        _page("/dataset", "datasetPage"),
        _page("/new", "newPage"),
        *(_page(f"/{name}", f"{name}Page") for name in RECORDS),
        *(_page(f"/{name}/{{id}}", f"{name}Record", id=one) for name, one in RECORDS.items()),
    )


@functools.cache
def addresses_of_sites() -> tuple[Operation, ...]:
    """What programs look for on every site, in the same form."""
    return (
        _page("/robots.txt", "robots", "text/plain", data=False),
        _page("/sitemap.xml", "sitemap", "application/xml"),
        _page("/llms.txt", "llms", "text/plain", data=False),
        _page("/.well-known/api-catalog", "catalog", "application/linkset+json", data=False),
        _page("/favicon.ico", "favicon", "image/vnd.microsoft.icon", data=False),
    )


SITES_ALONE = frozenset({"/sitemap/{}.xml", "/.well-known/security.txt"})
"""Paths of that sort which by default are a 404."""


def all_paths() -> tuple[Operation, ...]:
    """The operations of the contract and the pages for people."""
    return (*operations(), *pages(), *addresses_of_sites())


def _page(
    path: str, identifier: str, kind: str = "text/html", *, data: bool = True, **examples: str
) -> Operation:
    """A page; ``data`` tells whether it needs a data set, ``examples`` what stands in its path."""
    text = {"schema": {"type": "string"}}
    every = ("RequestId", "AllowOrigin")
    lasting, passing = (
        ("ETag", "CacheControl", "Vary", *every),
        ("NoStore", "VaryByAccept", *every),
    )
    refused = {"headers": _headers(*passing), "content": {"text/html": text, PROBLEM: _A_PROBLEM}}
    responses = {
        "200": {"headers": _headers(*lasting), "content": {kind: text}},
        "304": {"$ref": "#/components/responses/NotModified"},
        **dict.fromkeys(("405", "412", "414", "500"), refused),
        **(dict.fromkeys(("404",), refused) if examples else {}),
        **(dict.fromkeys(("503",), refused) if data else {}),
    }
    if path.endswith("/{id}"):
        responses |= {"308": {"$ref": "#/components/responses/ClaimReplaced"}, "410": refused}
    parameters = [{"name": n, "in": "path", **text, "example": e} for n, e in examples.items()]
    definition = {"operationId": identifier, "parameters": parameters, "responses": responses}
    return Operation(path, "GET", definition)


_A_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_NAMES = {
    "NoStore": "Cache-Control",
    "CacheControl": "Cache-Control",
    "VaryByAccept": "Vary",
    "RequestId": "X-Request-ID",
    "AllowOrigin": "Access-Control-Allow-Origin",
}


def _headers(*names: str) -> Json:
    """Headers of the contract, by their components."""
    return {_NAMES.get(n, n): {"$ref": f"#/components/headers/{n}"} for n in names}


def operation(identifier: str) -> Operation:
    return next(found for found in all_paths() if found.id == identifier)


def operation_at(path: str) -> Operation | None:
    """The operation that a path belongs to; a literal path goes before one that varies,
    and ``{id}.jsonld`` before ``{id}``."""
    return next((found for pattern, found in _patterns() if pattern.fullmatch(path)), None)


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], Operation]]:
    ordered = sorted(all_paths(), key=lambda each: ("{" in each.path, -len(each.path)))
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(found.path))), found)
        for found in ordered
    ]


# --- schemas ------------------------------------------------------------------------------------


def closed(schema: Any) -> Any:
    """A schema with its references resolved, its objects and open lists closed, and the keys of
    objects in order."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref", "").removeprefix("#/components/schemas/") in OPEN_SCHEMAS:
        return resolved(schema)
    schema = resolved(schema)
    known = [each for each in schema.get("anyOf", ()) if "/Known" in each.get("$ref", "")]
    if known:  # a list that is called open, as it is today
        return closed(known[0])
    if "properties" not in schema:
        return {
            key: value if key in ("example", "examples", "enum", "const") else closed(value)
            for key, value in schema.items()
        }
    properties = {name: closed(value) for name, value in schema["properties"].items()}
    kept = {key: value for key, value in schema.items() if key not in ("example", "examples")}
    return {
        **kept,
        "properties": properties,
        "additionalProperties": False,
        "x-order": list(properties),
    }


class _Order:
    """The keyword ``x-order`` that ``closed`` writes: keys of an object come in this order."""

    def __init__(self, _: Json, order: list[str], __: list[str | int]) -> None:
        self._order = order

    def validate(self, instance: Any) -> None:
        if isinstance(instance, dict):
            known = [key for key in self._order if key in instance]
            if [key for key in instance if key in self._order] != known:
                raise ValueError(f"the keys {list(instance)} are not in order {known}")


def _calendar_day(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(
        dt.date.fromisoformat(value)
    )


def _instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    form = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
    return bool(re.fullmatch(form, value)) and bool(dt.datetime.fromisoformat(value))


def _reference(value: object) -> bool:
    return not isinstance(value, str) or bool(
        re.fullmatch(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", value)
    )


def _address(value: object) -> bool:
    return not isinstance(value, str) or (":" in value and _reference(value))


FORMATS: dict[str, Callable[[object], bool]] = {
    "date": _calendar_day,
    "date-time": _instant,
    "uri": _address,
    "uri-reference": _reference,
}
"""Our own: they are stricter than the library's."""


def _tolerant(check: Callable[[object], bool]) -> Callable[[object], bool]:
    def checked(value: object) -> bool:
        try:
            return check(value)
        except ValueError:
            return False

    return checked


@functools.cache
def _validator(schema_text: str) -> jsonschema_rs.Validator:
    """A compiled schema of the contract, closed. Patterns are read as ECMA-262 reads them."""
    return jsonschema_rs.validator_for(
        closed(json.loads(schema_text)),
        formats={name: _tolerant(check) for name, check in FORMATS.items()},
        validate_formats=True,
        keywords={"x-order": _Order},
    )


def faults_of(value: Any, schema: Json) -> list[str]:
    """What is wrong with a value under a schema of the contract, taken as closed."""
    return _faults_under(value, json.dumps(schema))


def _faults_under(value: Any, schema_text: str) -> list[str]:
    validator = _validator(schema_text)
    if validator.is_valid(value):
        return []
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
        for error in validator.iter_errors(value)
    ]


def component(name: str) -> Json:
    found: Json = contract()["components"]["schemas"][name]
    return found


# --- answers ------------------------------------------------------------------------------------


def faults_in_headers(headers: Headers, documented: list[DocumentedHeader]) -> list[str]:
    """Documented headers that are missing, given twice, or of another form."""
    found = []
    for header in documented:
        values = headers.getlist(header.name)
        if not values and header.required:
            found.append(f"the header {header.name} is missing")
        elif len(values) > 1:
            found.append(f"the header {header.name} is given {len(values)} times")
        elif values:
            found += [f"the header {header.name}: {f}" for f in header.faults_of(values[0])]
    return found


def _json(text: str) -> Any:
    """JSON as the contract means it: no key twice, no NaN."""

    def pairs(items: list[tuple[str, Any]]) -> Json:
        if len({key for key, _ in items}) < len(items):
            raise ValueError(f"a key stands twice among {[key for key, _ in items]}")
        return dict(items)

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, object_pairs_hook=pairs, parse_constant=refuse)


def documented_columns(content: Json) -> list[str]:
    """The header row of a documented CSV file."""
    return next(csv.reader([content["example"].splitlines()[0]]))


def columns_told(asked: Operation) -> list[tuple[str, str, str]]:
    """Name, type and description of each column, as the description of an operation has them."""
    row = re.compile(r"^\| `([a-z0-9_]+)` \| ([a-z]+) \| (.*) \|$", re.MULTILINE)
    return row.findall(str(asked.definition["description"]))


def _faults_in_csv(text: str, content: Json) -> list[str]:
    rows = list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)), strict=True))
    columns = documented_columns(content) if "example" in content else rows[0]
    if not rows or rows[0] != columns:
        return [f"the header row {rows[:1]} is not {columns}"]
    return [f"a row of {len(row)} fields: {row}" for row in rows if len(row) != len(columns)]


@functools.cache
def _read(content_text: str) -> Json:
    content: Json = json.loads(content_text)
    return content


@functools.cache
def _schema_in(content_text: str) -> str:
    return json.dumps(_read(content_text)["schema"])


@functools.cache
def _claim_schema() -> str:
    return json.dumps(component("Claim"))


@functools.lru_cache(maxsize=4096)
def _faults_in_body(media_type: str, body: bytes, content_text: str) -> tuple[str, ...]:
    """What is wrong with a body; remembered, since tests ask for the same pages again."""
    if media_type in _BEGINS:
        return () if body.startswith(_BEGINS[media_type]) else (f"this is no {media_type}",)
    return _faults_in_text(media_type, body.decode("utf-8"), content_text)


def _faults_in_text(media_type: str, text: str, content_text: str) -> tuple[str, ...]:
    content = _read(content_text)
    if media_type == "application/json" or media_type.endswith(JSON_SUFFIXES):
        return tuple(_faults_under(_json(text), _schema_in(content_text)))
    if media_type == "application/x-ndjson":
        claim = _claim_schema() if "`Claim`" in content["schema"]["description"] else "{}"
        # Not splitlines(): U+2028 may stand in a text, and ends no line here.
        lines = text.split("\n")[:-1] if text.endswith("\n") or not text else ["", text]
        return tuple(fault for line in lines for fault in _faults_under(_json(line), claim))
    if media_type == "text/csv":
        return tuple(_faults_in_csv(text, content))
    if media_type == "application/yaml":
        return tuple(faults_of(read_yaml(text), content["schema"]))
    if media_type in _LOOKS_RIGHT:
        return () if _LOOKS_RIGHT[media_type](text) else (f"this is no {media_type}",)
    return (f"no check for {media_type}",)


_BEGINS = {
    "application/gzip": b"\x1f\x8b",
    "application/vnd.apache.parquet": b"PAR1",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"PK\x03\x04",
}
"""How files of these types begin."""
_LOOKS_RIGHT: dict[str, Callable[[str], bool]] = {
    "text/html": lambda text: text.startswith("<!doctype html>"),
    "application/atom+xml": lambda text: text.startswith("<?xml ") and "<feed " in text,
    "application/x-bibtex": lambda text: text.startswith("@misc{") and text.endswith("\n}\n"),
    "application/x-research-info-systems": lambda text: text.endswith("ER  - \r\n"),
    "application/openmetrics-text": lambda text: text.endswith("# EOF\n"),
    "application/linkset+json": lambda text: bool(_json(text)["linkset"]),
    "application/xml": lambda text: text.startswith("<?xml ") and text.endswith(">\n"),
    "text/plain": lambda text: (
        any(text_string_to_metric_families(text))
        if text.startswith("# HELP")
        else bool(text.strip())
    ),
}
"""For text that no schema describes."""


def _body_of(answer: TestResponse) -> bytes:
    body = answer.get_data()
    return gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body


def _faults_without_body(answer: TestResponse, what: str) -> list[str]:
    return [f"{what} has a body of {len(answer.get_data())} bytes"] if answer.get_data() else []


def _faults_in_options(answer: TestResponse) -> list[str]:
    """What the contract says of OPTIONS once, for every path."""
    wanted = {"Allow": ALLOWED_METHODS, "Access-Control-Allow-Methods": ALLOWED_METHODS}
    wanted["Access-Control-Allow-Origin"] = "*"
    found = [
        f"the header {name} is {answer.headers.get(name)!r}, not {value!r}"
        for name, value in wanted.items()
        if answer.headers.get(name) != value
    ]
    if answer.status_code != 204:
        found.append(f"OPTIONS answers {answer.status_code}")
    return found + _faults_without_body(answer, "OPTIONS")


def _faults_outside(answer: TestResponse) -> list[str]:
    """What holds for paths that the contract does not have, but for files of the pages."""
    beside = re.sub("[0-9]+", "{}", answer.request.path) in SITES_ALONE
    if (beside or answer.request.path.startswith("/static/")) and answer.status_code < 400:
        return []
    if is_page(answer):
        return []
    if answer.mimetype != PROBLEM or answer.status_code not in (400, 404, 405, 414):
        return [f"{answer.status_code} {answer.content_type} outside the contract"]
    if answer.request.method == "HEAD":
        return []
    return list(_faults_in_body(PROBLEM, _body_of(answer), _PROBLEM_CONTENT))


_PROBLEM_CONTENT = json.dumps(_A_PROBLEM)


def is_page(answer: TestResponse) -> bool:
    """Whether it is an error in the form that a browser gets in place of a problem."""
    asked = answer.request.headers.get("Accept", "").startswith("text/html")
    varies = answer.headers.get("Vary") == "Accept, Accept-Encoding"
    return asked and varies and answer.status_code >= 400 and answer.mimetype == "text/html"


def faults_in(answer: TestResponse) -> list[str]:
    """What the contract does not allow about an answer; nothing where all is well."""
    found = operation_at(answer.request.path)
    if found is None:
        return _faults_outside(answer)
    if answer.request.method == "OPTIONS":
        return _faults_in_options(answer)
    documented = found.responses.get(answer.status_code)
    if documented is None:
        return [f"the status {answer.status_code} is not documented"]
    faults = faults_in_headers(answer.headers, found.headers[answer.status_code])
    if is_page(answer):
        return faults
    return faults + _faults_in_content(answer, found, documented)


def _faults_in_part(answer: TestResponse, asked: Operation) -> list[str]:
    """What is wrong with a part of a file (206): it is of the type of the whole, and as long as it
    says."""
    found = []
    if answer.mimetype not in asked.responses[200]["content"]:
        found.append(f"a part of the type {answer.content_type}")
    first, last = re.findall("[0-9]+", answer.headers["Content-Range"])[:2]
    if len(answer.data) != int(last) - int(first) + 1:
        found.append(f"{answer.headers['Content-Range']} has {len(answer.data)} bytes")
    return found


def _faults_in_content(answer: TestResponse, asked: Operation, documented: Json) -> list[str]:
    if answer.status_code == 206:
        return _faults_in_part(answer, asked)
    contents = documented.get("content")
    if contents is None:
        typed = "Content-Type" in answer.headers
        faults = [f"no body, but the type {answer.content_type}"] if typed else []
        return faults + _faults_without_body(answer, f"a {answer.status_code}")
    if answer.mimetype not in contents:
        return [f"the media type is {answer.content_type!r}, not {list(contents)}"]
    if answer.request.method == "HEAD" or str(answer.mimetype).startswith("image/"):
        return [] if answer.request.method != "HEAD" else _faults_without_body(answer, "HEAD")
    text = asked.contents[answer.status_code, str(answer.mimetype)]
    if answer.mimetype == "text/csv" and answer.request.args.get("tidy") == "true":
        # The columns follow from the request.
        text = json.dumps({"schema": contents[answer.mimetype]["schema"]})
    try:
        return list(_faults_in_body(answer.mimetype, _body_of(answer), text))
    except (ValueError, OSError, csv.Error, yaml.YAMLError) as error:
        return [f"the body is no {answer.mimetype}: {error}"]


class ContractClient(FlaskClient):
    """A client that takes no answer which the contract does not allow."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        last = super().open(*args, **kwargs)
        for answer in (*last.history, last):
            faults = faults_in(answer)
            if faults:
                asked = f"{answer.request.method} {answer.request.full_path}"
                raise ContractBroken(f"{asked} ({answer.status_code}):\n" + "\n".join(faults))
        return last
