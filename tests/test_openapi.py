"""The contract and the service say the same, in both directions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from marshmallow import Schema, ValidationError, missing
from marshmallow.fields import Raw

from schemas import date, fields, parameters
from schemas.records import claim, provenance, record, vocabularies
from service import __version__
from service.http import headers
from service.http.problem_types import PROBLEMS
from service.http.routes.blueprint import PARAMETERS
from tests import samples
from tests.contract_tools import (
    FORMATS,
    PROBLEM,
    SITES_ALONE,
    ContractBroken,
    ContractClient,
    Json,
    Operation,
    addresses_of_sites,
    all_paths,
    columns_told,
    component,
    contract,
    documented_columns,
    faults_in,
    faults_of,
    operation,
    operations,
    pages,
    resolved,
    written,
)
from tests.tables import each_row
from tests.wire import app_of, sample_store

OPERATIONS = [pytest.param(found, id=found.id) for found in operations()]
ALL_PATHS = [pytest.param(found, id=found.id) for found in all_paths()]
"""Those of the contract, and the pages for people."""
VARYING = [pytest.param(o, id=o.id) for o in all_paths() if "{" in o.path]
CSVS = [
    pytest.param(found, id=found.id)
    for found in operations()
    if "example" in found.responses[200]["content"].get("text/csv", {})
]
PAGES = frozenset(page.id for page in (*pages(), *addresses_of_sites()))
"""They ignore unknown parameters."""

TEXTS = (
    *(
        "clm_b0qp991b",
        "clm_b0qp991",
        "clm_b0qp991bb",
        "clm_ilou0000",
        "CLM_b0qp991b",
        "clm-b0qp991b",
    ),
    *("doc_jb5kxzpf", "doc_jb5kxzpf\n", " doc_jb5kxzpf", "clm_b0qp991b\n", "clm_b0qp991b "),
    *("kcna", "kim-jong-un", "a--b", "-a", "a-", "A", "é", "a_b", "a" * 64, "a" * 65, "kcna\n"),
    *("a-" * 32 + "a", "a-" * 31 + "a", "٣", "0"),
    *("2023", "0000", "0001", "999", "10000", "２０２３", "2023\n", "20 3", "-023"),
    *("2022-12-28", "2022-02-29", "2024-02-29", "2022-13-01", "2022-1-1", "20221228"),
    *("2022-W52-3", "2022-12-28\n", "0000-01-01", "0001-01-01", "2022-12-28T00:00:00Z"),
    *("4b3c9f0217d6a85e", "4B3C9F0217D6A85E", "4b3c9f0217d6a85", "4b3c9f0217d6a85e0"),
    *("4b3c9f0217d6a85e\n", "0" * 16, "f" * 16, "g" * 16),
    *("ab" * 32, "ab" * 31, "AB" * 32, "ab" * 32 + "\n"),
    *("", " ", "war", '"two words" -not', "x" * 200, "x" * 201, "\U0001f600" * 200, "漢字"),
    *("a\tb", "a\nb", "a\x00b", "a\x7fb", "a\x85b", "a\x1fb", "a\x9fb", "a\xa0b", "a\u2028b"),
    *("'", "%00", "a&b=c", "<script>", "\\", "🇰🇵"),
)
"""What patterns are compared on: values of every sort, and near misses of each."""


# --- routes and paths ---------------------------------------------------------------------------


def test_every_route_is_a_path_and_every_path_a_route(app: Flask) -> None:
    served = {
        (varying(rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if not rule.rule.startswith("/static/") and method not in ("HEAD", "OPTIONS")
    }
    stated = {(varying(o.path), o.method) for o in all_paths()}
    assert served == stated | {(path, "GET") for path in SITES_ALONE}


@each_row("asked", ALL_PATHS)
def test_head_answers_as_get_without_a_body(client: ContractClient, asked: Operation) -> None:
    get = client.get(asked.address, query_string=asked.required)
    head = client.head(asked.address, query_string=asked.required)
    assert head.status_code == get.status_code == 200
    of_one_request = {"X-Request-ID", "Server-Timing"}
    if asked.id == "getMetrics" or "Content-Length" not in head.headers:
        of_one_request.add("Content-Length")  # it counts the GET, or only the body would tell
    assert [pair for pair in head.headers if pair[0] not in of_one_request] == [
        pair for pair in get.headers if pair[0] not in of_one_request
    ]


@each_row("asked", ALL_PATHS)
def test_options_answers_on_every_path(client: ContractClient, asked: Operation) -> None:
    assert client.options(asked.address).status_code == 204


@each_row("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@each_row("asked", ALL_PATHS)
def test_any_other_method_is_refused(client: ContractClient, asked: Operation, method: str) -> None:
    answer = client.open(asked.address, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


# --- parameters ---------------------------------------------------------------------------------


def varying(path: str) -> str:
    """A path whose parts that vary have no names, which the contract and Flask write apart."""
    return re.sub("<[^>]+>|{[^}]+}", "{}", path)


READ_WITH = {varying(path): schema for path, schema in PARAMETERS.items()}
"""The schema that each operation on data reads its query string with."""


def accepted(field: fields.Scalar, texts: tuple[str, ...] = TEXTS) -> list[str]:
    """Which of some texts a field takes."""
    taken = []
    for text in texts:
        try:
            field.deserialize(text)
        except ValidationError:
            continue
        taken.append(text)
    return taken


def as_contract(field: Any) -> Json:
    """What the contract has to say of a parameter that is read by this field."""
    if isinstance(field, parameters.CommaSeparated):
        unique = {"uniqueItems": True} if field.ordered else {}
        items = as_contract(field.item)
        return {"type": "array", "minItems": 1, "maxItems": field.maximum, "items": items} | unique
    if isinstance(field, parameters.Boolean):
        return {"type": "boolean"}
    if isinstance(field, parameters.Since):
        number = {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}
        token = {"type": "string", "takes": [t for t in accepted(field) if not t.isdecimal()]}
        return {"oneOf": [number, token]}
    if isinstance(field, parameters.WholeNumber):
        return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}
    if isinstance(field, fields.Choice):
        return {"type": "string", "enum": set(field.choices)}
    assert isinstance(field, fields.Pattern | fields.Day), field
    return {"type": "string", "takes": accepted(field)}


def as_stated(schema: Json) -> Json:
    """What the contract says of a parameter, its patterns as what they take."""
    schema = resolved(schema)
    kept = {k: v for k, v in schema.items() if k not in ("description", "examples", "default")}
    if "oneOf" in schema:
        return {"oneOf": [as_stated(option) for option in schema["oneOf"]]}
    if "items" in schema:
        return kept | {"items": as_stated(schema["items"])}
    if "enum" in schema:
        return kept | {"enum": set(schema["enum"])}
    if schema["type"] == "string":
        return {"type": "string", "takes": [t for t in TEXTS if not faults_of(t, schema)]}
    return kept


@each_row("asked", OPERATIONS)
def test_the_query_is_read_as_the_contract_says(asked: Operation) -> None:
    stated = {p["name"]: p for p in asked.parameters("query")}
    if varying(asked.path) not in READ_WITH:
        assert not asked.path.startswith("/v1/")
        assert not stated
        return
    read_with = READ_WITH[varying(asked.path)].fields
    assert set(read_with) == set(stated)
    for name, field in read_with.items():
        known, schema = stated[name], resolved(stated[name]["schema"])
        default = None if field.load_default in (missing, ()) else field.load_default
        assert as_stated(schema) == as_contract(field), name
        assert known.get("required", False) == field.required, name
        assert schema.get("default") == default, name
        assert type(schema.get("default")) is type(default), name
        if schema.get("type") == "array":
            assert (known["style"], known["explode"]) == ("form", True), name


@each_row("asked", ALL_PATHS)
def test_unknown_parameters_are_refused_but_on_pages_for_people(
    client: ContractClient, asked: Operation
) -> None:
    answer = client.get(asked.address, query_string={**asked.required, "zzz": "1"})
    if asked.id in PAGES:
        assert answer.status_code == 200
        return
    assert answer.json is not None
    assert answer.json["type"] == "/problems/unknown-parameter"
    assert [fault["parameter"] for fault in answer.json["errors"]] == ["zzz"]


@each_row("asked", VARYING)
def test_an_ill_formed_id_in_a_path_is_not_found(client: ContractClient, asked: Operation) -> None:
    for wrong in (
        "KCNA",
        "a--b",
        "clm_ilou0000",
        "%00",
        "..",
        "-",
        "a" * 65,
        "%F0%9F%98%80",
        "%ff",
    ):
        answer = client.get(re.sub("{[^}]+}", wrong, asked.path))
        assert answer.status_code == 404, wrong
        assert answer.mimetype == next(iter(asked.responses[404]["content"])), wrong


# --- records ------------------------------------------------------------------------------------

SERVED: dict[str, type[Schema]] = {
    "Claim": claim.ClaimSchema,
    "SourceDocument": vocabularies.DocumentSchema,
    "Agent": vocabularies.AgentSchema,
    "Topic": vocabularies.TopicSchema,
    "Occasion": vocabularies.OccasionSchema,
    "Place": vocabularies.PlaceSchema,
    "Identifier": vocabularies.IdentifierSchema,
    "Point": vocabularies.PointSchema,
    "Reference": provenance.Reference,
    "DocumentReference": provenance.DocumentReference,
    "StatusNote": vocabularies.StatusNoteSchema,
    "TopicCode": vocabularies.CodeSchema,
    "Target": claim.TargetSchema,
    "Alternative": claim.AlternativeSchema,
    "ClaimDate": date.DateSchema,
    "Goal": claim.GoalSchema,
    "Source": provenance.SourceSchema,
    "Quote": provenance.QuoteSchema,
    "Evidence": provenance.EvidenceSchema,
    "ClaimDates": claim.DatesSchema,
    "AttributionConfidence": claim.AttributionConfidence,
    "ContentConfidence": claim.ContentConfidence,
    "Confidence": claim.ConfidenceSchema,
    "Relation": claim.RelationSchema,
    "RelatedFrom": claim.RelatedSchema,
    "Reliability": vocabularies.ReliabilitySchema,
    "CuratedClaim": claim.CuratedClaimSchema,
    "CuratedGoal": record.curated(claim.GoalSchema),
    "CuratedDates": record.curated(claim.DatesSchema),
    "CuratedAlternative": record.curated(claim.AlternativeSchema),
    "CuratedDate": record.curated(date.DateSchema),
    "CuratedQuote": record.curated(provenance.QuoteSchema),
    "CuratedEvidence": record.curated(provenance.EvidenceSchema),
}
NOT_LISTED = frozenset({"cap_major"})
"""Values that the schemas list and the contract does not: the codes are somebody else's."""


def served_shape(field: Any) -> Json:
    """A field of a served record in the words of the contract."""
    if isinstance(field, Raw):
        return {"any": True}
    null = {"null": True} if field.allow_none else {}
    if isinstance(field, record.ObjectOf):
        return {"keys": served_keys(field.schema)} | null
    if isinstance(field, record.ListOf):
        return {"items": served_shape(field.inner), "minItems": field.minimum} | null
    if isinstance(field, fields.Choice):
        types = {type(choice).__name__ for choice in field.choices}
        return {"type": types, "enum": set(map(str, field.choices))} | null
    if isinstance(field, (fields.Whole, fields.Number)):
        kind = "int" if isinstance(field, fields.Whole) else "float"
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        return {"type": {kind}} | {k: v for k, v in bounds.items() if v is not None} | null
    return {"type": {"bool" if isinstance(field, fields.TrueOrFalse) else "str"}} | null


def served_keys(schema: Any) -> list[tuple[str, Json]]:
    return [(name, served_shape(field)) for name, field in schema.fields.items()]


TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def stated_shape(schema: Json, name: str = "") -> Json:
    """The same of a schema of the contract."""
    schema = resolved(schema)
    if "anyOf" in schema:  # an open list: the values known today
        schema = resolved(schema["anyOf"][0])
    if "oneOf" in schema:
        some, nothing = schema["oneOf"]
        assert nothing == {"type": "null"}
        return stated_shape(some) | {"null": True}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    null = {"null": True} if "null" in types else {}
    if "object" in types:
        return {"keys": stated_keys(schema)} | null
    if "array" in types:
        items = stated_shape(schema["items"])
        return {"items": items, "minItems": schema.get("minItems", 0)} | null
    kind = {TYPES[t] for t in types if t != "null"}
    if name in NOT_LISTED:
        return {"type": kind, "enum": set(map(str, vocabularies.CAP_MAJOR))} | null
    if "enum" in schema:
        assert (None in schema["enum"]) == bool(null)
        return {"type": kind, "enum": {str(v) for v in schema["enum"] if v is not None}} | null
    bounds = {key: schema[key] for key in ("minimum", "maximum") if key in schema}
    return {"type": kind} | bounds | null


ANY = {"description", "examples"}
"""What the contract says of a value that may be of every type."""


def stated_keys(schema: Json) -> list[tuple[str, Json]]:
    assert schema["required"] == list(schema["properties"]), "a key that may be absent"
    return [
        (name, {"any": True} if set(value) <= ANY else stated_shape(value, name))
        for name, value in schema["properties"].items()
    ]


@each_row("name", SERVED)
def test_records_have_the_keys_that_the_contract_states(name: str) -> None:
    assert served_keys(SERVED[name]()) == stated_keys(component(name))


def test_the_contract_takes_every_text_that_a_record_may_hold() -> None:
    """A served record may be narrower than the contract (no blank names), never wider."""
    for name, schema in SERVED.items():
        for key, field in schema().fields.items():
            if isinstance(field, fields.Scalar):
                stated = component(name)["properties"][key]
                narrower = [t for t in accepted(field) if faults_of(t, stated)]
                assert not narrower, f"{name}.{key}"


def test_ids_are_what_the_contract_calls_ids() -> None:
    stated = {"ClaimId": fields.claim_id(), "DocumentId": fields.document_id()}
    for name, field in stated.items():
        assert accepted(field) == [t for t in TEXTS if not faults_of(t, component(name))], name


def test_an_id_of_a_record_is_one_that_can_be_asked_for_and_begins_with_a_letter() -> None:
    asked_for = [t for t in TEXTS if not faults_of(t, component("Slug"))]
    assert accepted(fields.slug()) == [t for t in asked_for if t[0].isalpha()] != asked_for


# --- problems, headers, versions ----------------------------------------------------------------


def test_the_problem_types_are_those_that_the_contract_lists(client: ContractClient) -> None:
    paths = {f"/problems/{slug}" for slug in PROBLEMS}
    assert set(component("KnownProblemType")["enum"]) == paths
    told = re.findall(r"\| `/problems/([a-z-]+)` \|", contract()["info"]["description"])
    assert sorted(told) == sorted(PROBLEMS)
    for name in PROBLEMS:
        assert client.get(f"/problems/{name}").status_code == 200


def test_problem_examples_have_the_type_title_and_status_of_their_kind() -> None:
    for response in contract()["components"]["responses"].values():
        for value in content_examples(response.get("content", {}).get(PROBLEM, {})):
            kind = PROBLEMS[value["type"].removeprefix("/problems/")]
            assert (value["title"], value["status"]) == (kind.title, kind.status)


def test_the_contract_names_every_header_that_scripts_may_read() -> None:
    browsers = contract()["info"]["description"].split("## Browsers")[1].split("## ")[0]
    told = set(re.findall("`([A-Z][A-Za-z-]+)`", browsers)) - {"Access-Control-Allow-Origin"}
    assert told == set(headers.COMMON["Access-Control-Expose-Headers"].split(", "))


def test_the_contract_has_the_version_of_the_service() -> None:
    assert contract()["info"]["version"] == __version__


def test_the_contract_is_served_as_it_is_written(client: ContractClient) -> None:
    assert client.get("/openapi.json").json == contract()


# --- examples -----------------------------------------------------------------------------------


def found_in(answer: Any) -> int:
    """How many records an answer holds."""
    if answer.mimetype == "application/json":
        body = answer.json
        return len(body["data"]) if isinstance(body.get("data"), list) else 1
    if answer.mimetype not in ("text/csv", "application/x-ndjson"):
        return len(answer.data)
    lines = answer.text.splitlines()
    return len(lines) - 1 if answer.mimetype == "text/csv" else len(lines)


PARAMETER_EXAMPLES = [
    pytest.param(each, parameter, id=f"{each.id}-{parameter['name']}")
    for each in operations()
    for parameter in (*each.parameters("query"), *each.parameters("header"))
]


def unchanged(asked: Operation) -> bool:
    """Whether it tells a history in which nothing has happened: only claims were ever changed."""
    return asked.path.endswith("/history") and not asked.path.startswith("/v1/claims")


@each_row(("asked", "parameter"), PARAMETER_EXAMPLES)
def test_every_parameter_example_is_answered(
    client: ContractClient, asked: Operation, parameter: Json
) -> None:
    name, example = parameter["name"], parameter["example"]
    assert not faults_of(example, parameter["schema"])
    given = {name: written(example)}
    if parameter["in"] == "header":
        answer = client.get(asked.address, query_string=asked.required, headers=given)
    else:
        answer = client.get(asked.address, query_string=asked.required | given)
    assert answer.status_code == 200
    if name != "cursor" and not unchanged(asked):  # a position, which may be the last one
        assert found_in(answer) > 0


@each_row("asked", OPERATIONS)
def test_every_operation_answers_its_own_example(client: ContractClient, asked: Operation) -> None:
    for parameter in asked.parameters("path"):
        assert not faults_of(parameter["example"], parameter["schema"])
    answer = client.get(asked.address, query_string=asked.required)
    assert answer.status_code == 200
    assert found_in(answer) > 0 or unchanged(asked)


def content_examples(content: Json) -> list[Any]:
    """The examples of a media type, by whichever of the two keys they are given."""
    single = [content["example"]] if "example" in content else []
    return single + [resolved(example)["value"] for example in content.get("examples", {}).values()]


RESPONSES = [
    pytest.param(response, id=f"{each.id}-{status}")
    for each in operations()
    for status, response in each.responses.items()
]


@each_row("response", RESPONSES)
def test_response_examples_are_what_the_contract_allows(response: Json) -> None:
    for media_type, content in response.get("content", {}).items():
        examples, is_binary = content_examples(content), "contentMediaType" in content["schema"]
        assert examples or is_binary or response["description"] == "The file.", media_type
        for example in examples:
            assert not faults_of(example, content["schema"])
            if media_type == "application/x-ndjson":
                for line in example.splitlines():
                    assert not faults_of(json.loads(line), component("Claim"))


@each_row("asked", OPERATIONS)
def test_addresses_in_examples_lead_somewhere(
    client: ContractClient, worked_client: ContractClient, asked: Operation
) -> None:
    asking = worked_client if asked.id == "listChanges" else client  # whose history it is
    for content in asked.responses[200]["content"].values():
        for example in content_examples(content):
            links = example.get("links", {}) if isinstance(example, dict) else {}
            for address in filter(None, links.values()):
                answer = asking.get(address)
                assert answer.status_code == 200
                assert answer.json is not None
                assert list(answer.json) == list(example)
                assert address == answer.json["links"]["self"], "no canonical address"


def records_in(body: Any) -> list[Json]:
    """The records of an example, be it one or a page of them."""
    data = body.get("data", [])
    return [each for each in ([data] if isinstance(data, dict) else data) if "id" in each]


@each_row("asked", OPERATIONS)
def test_records_in_examples_are_the_records_that_are_served(
    client: ContractClient, asked: Operation
) -> None:
    """But for how many claims they have, which every new document changes."""
    content = asked.responses[200]["content"].get("application/json", {})
    for example in content_examples(content):
        for one in records_in(example) if asked.path != "/v1/dataset" else ():  # it has no list
            answer = client.get(f"{asked.path.removesuffix('/{id}')}/{one['id']}").json
            assert answer is not None
            assert one | {"claim_count": 0} == answer["data"] | {"claim_count": 0}


@pytest.mark.parametrize("name", ["listChanges", "getClaimHistory", "compareOccasions"])
def test_pages_in_examples_are_pages_that_are_served(
    client: ContractClient, worked_client: ContractClient, name: str
) -> None:
    """Changes in examples are those of the worked example: nothing shipped was ever revised.

    The feed is named after all of its content, and so by whichever keys records have today.
    """
    asking = client if name == "compareOccasions" else worked_client
    for example in content_examples(operation(name).responses[200]["content"]["application/json"]):
        text = asking.get(example["links"]["self"]).text
        if feed := example["meta"].get("feed"):
            text = text.replace(json.loads(text)["meta"]["feed"], feed)
        served = json.loads(text)
        assert served["data"] == example["data"]
        assert served["links"] == example["links"]
        assert served["meta"] | {"dataset": 0} == example["meta"] | {"dataset": 0}


@pytest.mark.parametrize("name", ["getClaimJsonLd", "getDatasetJsonLd"])
def test_linked_data_in_examples_is_linked_data_that_is_served(
    client: ContractClient, name: str
) -> None:
    """But for the version of the data set, which is another one."""
    asked = operation(name)
    (example,) = content_examples(asked.responses[200]["content"]["application/ld+json"])
    about = client.get("/v1/dataset").json
    assert about is not None
    text = client.get(asked.address).text
    dataset = component_example("Dataset")["data"]
    for key in ("digest", "version"):
        text = text.replace(about["data"][key], dataset[key])
    assert json.loads(text) == example


def component_example(name: str) -> Any:
    return contract()["components"]["examples"][name]["value"]


@pytest.mark.parametrize("asked", [operation("exportClaimsCsv"), operation("exportQuotesCsv")])
def test_rows_in_examples_are_rows_that_are_served(
    client: ContractClient, asked: Operation
) -> None:
    example = asked.responses[200]["content"]["text/csv"]["example"]
    assert set(example.splitlines()) <= set(client.get(asked.path).text.splitlines())


def test_lines_in_examples_are_lines_that_are_served(client: ContractClient) -> None:
    asked = operation("exportClaimsNdjson")
    example = asked.responses[200]["content"]["application/x-ndjson"]["example"]
    assert set(example.splitlines()) <= set(client.get(asked.path).text.splitlines())


@pytest.mark.parametrize("asked", CSVS)
def test_the_columns_told_are_the_columns_of_the_example(asked: Operation) -> None:
    content = asked.responses[200]["content"]["text/csv"]
    assert [name for name, *_ in columns_told(asked)] == documented_columns(content)


def schemas_within(node: Any, name: str) -> Iterator[tuple[str, Json]]:
    """A schema and all schemas in it."""
    yield name, node
    for key, value in node.get("properties", {}).items():
        yield from schemas_within(value, f"{name}.{key}")
    for inner in (node.get("items"), *node.get("oneOf", ()), *node.get("anyOf", ())):
        if inner is not None:
            yield from schemas_within(inner, f"{name}[]")


STATED = [
    found
    for name, schema in contract()["components"]["schemas"].items()
    for found in schemas_within(schema, name)
]


def test_examples_of_schemas_are_what_the_schemas_allow() -> None:
    faults = {
        f"{name}: {example}": found
        for name, schema in STATED
        for example in schema.get("examples", ())
        if (found := faults_of(example, schema))
    }
    assert not faults


def test_examples_of_headers_are_what_the_headers_allow() -> None:
    for name, header in contract()["components"]["headers"].items():
        assert not faults_of(header["example"], header["schema"]), name


def test_every_format_is_checked() -> None:
    used = {schema["format"] for _, schema in STATED if "format" in schema}
    assert used <= set(FORMATS)


# --- answers that a plain request does not get --------------------------------------------------


def test_a_superseded_claim_leads_to_what_replaced_it(sample_client: ContractClient) -> None:
    answer = sample_client.get(f"/v1/claims/{samples.SUPERSEDED}")
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"/v1/claims/{samples.DIRECTIVE}"
    followed = sample_client.get(f"/v1/claims/{samples.SUPERSEDED}", follow_redirects=True)
    assert followed.json is not None
    assert followed.json["data"]["id"] == samples.DIRECTIVE


def test_a_withdrawn_claim_is_gone_and_says_why(sample_client: ContractClient) -> None:
    answer = sample_client.get(f"/v1/claims/{samples.WITHDRAWN}")
    assert answer.status_code == 410
    assert answer.json is not None
    assert answer.json["tombstone"]["id"] == samples.WITHDRAWN


def test_a_claim_that_never_was_is_not_found(sample_client: ContractClient) -> None:
    assert sample_client.get(f"/v1/claims/{samples.UNUSED}").status_code == 404


@each_row("asked", ALL_PATHS)
def test_an_unchanged_answer_is_a_304(client: ContractClient, asked: Operation) -> None:
    first = client.get(asked.address, query_string=asked.required)
    held = {"If-None-Match": first.headers.get("ETag", '"none"')}
    again = client.get(asked.address, query_string=asked.required, headers=held)
    assert again.status_code == (304 if 304 in asked.responses else 200)


@each_row("asked", ALL_PATHS)
def test_without_a_data_set_the_service_says_so_as_documented(
    empty_client: ContractClient, asked: Operation
) -> None:
    answer = empty_client.get(asked.address, query_string=asked.required)
    assert answer.status_code == (503 if 503 in asked.responses else 200)


@each_row("asked", ALL_PATHS)
def test_an_over_long_request_line_is_refused_everywhere(
    client: ContractClient, asked: Operation
) -> None:
    assert client.get(asked.address, query_string={"q": "x" * 8200}).status_code == 414


@pytest.mark.parametrize("asked", ALL_PATHS)
def test_a_failure_of_ours_tells_nothing_of_the_inside(
    client: ContractClient, asked: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(client.application, "dispatch_request", fail)
    answer = client.get(asked.address, query_string=asked.required)
    assert answer.status_code == 500
    assert "inside" not in answer.text


@each_row(
    "path",
    [
        *("/v1/claims/", "//v1/claims", "/v1", "/V1/claims", "/v1/claims/a/b", "/v1/claims%2F"),
        *("/v1/claims.json", "/%ff", "/.env", "/v1/../docs", "/static/../app.py", "/static/x/y"),
    ],
)
def test_paths_outside_the_contract_are_not_found(client: ContractClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        assert client.open(path, method=method).status_code == 404


# --- the check itself ---------------------------------------------------------------------------


SPOILT: dict[str, Callable[[Any], object]] = {
    "an undocumented status": lambda r: setattr(r, "status_code", 206),
    "another media type": lambda r: r.headers.set("Content-Type", "text/html"),
    "no media type": lambda r: r.headers.remove("Content-Type"),
    "a missing header": lambda r: r.headers.remove("Vary"),
    "a header of another value": lambda r: r.headers.set("Vary", "*"),
    "a header given twice": lambda r: r.headers.add("ETag", '"x"'),
    "an undocumented key": lambda r: r.set_data(r.text.replace('"data"', '"extra":1,"data"', 1)),
    "a key deep inside": lambda r: r.set_data(r.text.replace('"cue"', '"extra":1,"cue"', 1)),
    "a missing key": lambda r: r.set_data(r.text.replace('"revision":1,', "", 1)),
    "keys in another order": lambda r: r.set_data(json.dumps(dict(reversed(r.json.items())))),
    "null for a value": lambda r: r.set_data(r.text.replace('"gazette"', "null", 1)),
    "a value of no list": lambda r: r.set_data(r.text.replace('"publisher"', '"editor"', 1)),
    "a day of no calendar": lambda r: r.set_data(r.text.replace('"2021-12-29"', '"2021-02-29"')),
    "a key twice": lambda r: r.set_data(r.text.replace('"data"', '"meta":{},"data"', 1)),
    "half an answer": lambda r: r.set_data(r.text[:-1]),
    "not a number": lambda r: r.set_data(r.text.replace('"total":6', '"total":NaN', 1)),
}


@each_row("spoil", SPOILT.values())
def test_an_answer_that_the_contract_does_not_allow_is_noticed(
    sample_app: Flask, spoil: Callable[[Any], object]
) -> None:
    answer = FlaskClient(sample_app, sample_app.response_class).get("/v1/claims?limit=3")
    before = (answer.status_code, list(answer.headers), answer.get_data())
    assert not faults_in(answer)
    spoil(answer)
    assert before != (answer.status_code, list(answer.headers), answer.get_data())
    assert faults_in(answer)


def test_a_client_of_the_tests_takes_no_such_answer() -> None:
    app = app_of(sample_store())

    @app.after_request
    def answer_another_type(response: Response) -> Response:
        response.content_type = "text/json"
        return response

    with pytest.raises(ContractBroken, match="media type"):
        app.test_client().get("/v1/claims")
