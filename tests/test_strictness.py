"""What the contract allows is taken to the letter: no clamping, no guessing, no leniency.

Tools that generate requests from the contract do not see lax parsing (``limit=1_0`` that works),
so it has a table of its own. In the tables stands what goes over the wire: ``+`` is a blank there.
"""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.filters import DIMENSIONS, LISTED
from schemas.query import DATE_MATCHES, SORTS
from schemas.records.claim import ATTRIBUTIONS, KINDS
from tests.samples import UNUSED
from tests.tables import each_row
from tests.wire import app_of, ask, sample_store

CLAIMS, COUNTS = "/v1/claims", "/v1/counts?by=kind"
EXPORTS = (
    *("/v1/claims.csv", "/v1/claims.ndjson", "/v1/quotes.csv", "/v1/sources.csv"),
    *("/v1/relations.csv", "/v1/claims.xlsx"),
)
FILTERED = (CLAIMS, *EXPORTS, COUNTS, "/v1/counts.csv?by=kind")
VOCABULARIES = ("/v1/documents", "/v1/agents", "/v1/topics", "/v1/occasions", "/v1/places")
CHANGES = ("/v1/changes", f"/v1/claims/{UNUSED}/history")
COMPARE = "/v1/compare"
COMPARED = "/v1/compare?from=a&to=b"
WITHOUT_PARAMETERS = (
    f"/v1/claims/{UNUSED}",
    "/v1/documents/doc_zzzzzzzz",
    "/v1/agents/nobody",
    "/v1/topics/nothing",
    "/v1/occasions/never",
    "/v1/places/nowhere",
    "/v1/dataset",
    "/v1/dataset.jsonld",
    "/v1/datasets",
    "/v1/datasets/current",
    "/v1/datasets/current/claims.csv",
    "/v1/datapackage.json",
    "/v1/claims.csv.gz",
    "/v1/claims.parquet",
    f"/v1/claims/{UNUSED}.jsonld",
    "/metrics",
    "/openapi.yaml",
    "/openapi.json",
    "/healthz",
    "/readyz",
)

PADDED = (
    "{}%20",
    "%20{}",
    "{}+",
    "{}%0A",
    "%0A{}",
    "{}%0D",
    "{}%09",
    "{}%00",
    "{}%C2%A0",
    "%22{}%22",
)
"""A good value with something around it that lenient parsers strip."""


def padded(good: str) -> tuple[str, ...]:
    return tuple(form.format(good) for form in PADDED)


NUMBERS = (
    *("1_0", "%EF%BC%97", "%D9%A7", "%2B7", "-7", "-0", "07", "00", "7.0", "7.", "7e0", "0x7"),
    *("True", "yes", "null", "NaN", "Infinity", "seven", "7,8", "7;8", "9" * 30, *padded("7")),
)
TRUTHS = (
    *("True", "TRUE", "False", "yes", "no", "on", "off", "1", "0", "t", "y", "null", "tru"),
    *("true,false", "truetrue", *padded("true")),
)
DAYS = (
    *("2024-W01-1", "20240101", "2024-001", "2023-02-30", "2023-02-29", "0000-01-01", "2023-1-1"),
    *("10000-01-01", "%2B2023-01-01", "-2023-01-01", "2023-01-01T00:00:00", "2023-01-01Z"),
    *("2023-13-01", "2023-01-00", "2023", "2023-01", "2023/01/01", "01-01-2023", "today"),
    *("%EF%BC%92023-01-01", "2023%E2%80%9301%E2%80%9301", "2023-12-01?", "2023-01-01,2023-01-02"),
    *padded("2023-01-01"),
)
YEARS = (
    *("0000", "23", "02023", "10000", "-2023", "%2B2023", "%EF%BC%92023", "2023?", "202X", "2_23"),
    *("2023-01", "2023..2024", "2023/2024", "2023.0", *padded("2023")),
)
MONTHS = (
    *("0000-01", "2023-00", "2023-13", "2023-1", "202301", "2023", "2023-01-01", "2023-01?"),
    *("%EF%BC%92023-01", "-2023-01", "2023/01", "jan", *padded("2023-01")),
)
DATES = tuple(day for day in DAYS if not day.startswith("2023-02"))
COUNTRIES = ("kp", "Kp", "K", "KPR", "K1", "%C3%89A", "north-korea", *padded("KP"))
SLUGS = (
    *("Nuclear", "NUCLEAR", "a--b", "-a", "a-", "a_b", "a.b", "a/b", "%C3%A9", "*", "null%00"),
    *("a" * 65, *padded("nuclear")),
)
CLAIM_IDS = (
    *("clm_0000000", "clm_000000000", "clm_0000000A", "CLM_00000000", "00000000", "clm-00000000"),
    *("clm_0000000i", "clm_0000000l", "clm_0000000o", "clm_0000000u", "doc_00000000", "clm_%C3%A9"),
    *padded("clm_00000000"),
)
DOCUMENT_IDS = (
    *("doc_0000000", "doc_000000000", "doc_0000000A", "DOC_00000000", "00000000", "doc-00000000"),
    *("doc_0000000i", "clm_00000000", "rodong-sinmun", *padded("doc_00000000")),
)
CURSORS = (
    *(
        "0" * 15,
        "0" * 17,
        "A" * 16,
        "0000000000000ABC",
        "g" * 16,
        "0x00000000000000",
        "0" * 15 + "-",
    ),
    *("%EF%BC%90" * 16, "0000_0000_0000_0", "null", UNUSED, *padded("0" * 16)),
)
TEXTS = (
    *("%00", "a%00b", "a%1Fb", "%7F", "a%C2%85b", "a%C2%80", "%C2%9F", "%09", "%0A", "a%0D%0Ab"),
    *("a" * 201, "%C3%A9" * 201, "%F0%9F%98%80" * 201),
)


def lists(bad: tuple[str, ...], good: str, most: int = 20) -> tuple[str, ...]:
    """What is wrong with a list: any bad item wherever it stands, an empty one, one too many."""
    wrong = next(item for item in bad if item.isascii())
    return (
        *(item for item in bad if "," not in item and item != "*"),
        *(f"{good},{wrong}", f"{wrong},{good}", f"{good},", f",{good}", f"{good},,{good}", ","),
        *(f"{good}, {good}".replace(" ", "%20"), f"{good};{good}", f"{good}|{good}"),
        *(",".join([good] * (most + 1)), f"[{good}]", f"{good},*", f"*,{good}"),
    )


def words(good: str) -> tuple[str, ...]:
    """What is wrong with a word of a closed list."""
    forms = (good.upper(), good.capitalize(), f"{good}s", good[:-1], f"{good}-", "null", "None")
    return (*dict.fromkeys(form for form in forms if form != good), *padded(good))


FILTERS: dict[str, tuple[str, ...]] = {
    "id": lists(CLAIM_IDS, "clm_00000000"),
    "kind": lists(words("goal"), "goal"),
    **dict.fromkeys(
        ("topic", "actor", "addressee", "about", "source", "speaker", "occasion", "place"),
        lists(SLUGS, "nuclear"),
    ),
    "topic_exact": lists(SLUGS, "nuclear"),
    "country": lists(COUNTRIES, "KP"),
    "specificity": lists(words("measurable"), "measurable"),
    "attribution_level": lists(words("high"), "high"),
    "credibility": lists(("0", "7", "02", "2.0", *padded("2")), "2"),
    "sourced": TRUTHS,
    **dict.fromkeys(("announced_year", "occurred_year"), lists(YEARS, "2023")),
    **dict.fromkeys(("announced_month", "occurred_month"), lists(MONTHS, "2023-01")),
    **dict.fromkeys(("announced_day", "occurred_day"), lists(DATES, "2023-01-01")),
    "document": lists(DOCUMENT_IDS, "doc_00000000"),
    "attribution": lists(words("direct"), "direct"),
    **dict.fromkeys(("goals_only", "distinct"), TRUTHS),
    "horizon": lists(YEARS, "2023"),
    **dict.fromkeys(("announced_from", "announced_to", "occurred_from", "occurred_to"), DAYS),
    "date_match": (*words("certain"), "possible,certain", "maybe"),
    **dict.fromkeys(("min_attribution", "min_content"), (*NUMBERS, "101", "-1", "1000000")),
    "q": TEXTS,
}
SORTING = {
    "sort": (*words("relevance"), *words("-announced"), "%2Bannounced", "content", "id", "-")
}
PAGING = {"limit": (*NUMBERS, "0", "101", "1000000"), "cursor": CURSORS}
GROUPING = {
    "by": (
        *lists(words("kind"), "kind", most=2),
        *("kind,topic,horizon", "kind,kind", "topic,kind,topic", "limit", "id", "year", "q"),
    )
}
EXCEL = {"excel": TRUTHS}
TIDY = {"tidy": TRUTHS}
CSV_ONLY = {*EXCEL, *TIDY}
FOLLOWING = {"since": (*NUMBERS, "-1", "1000000000", "4294967296", "0" * 39, "0" * 41, "g" * 40)}
FEEDS: dict[str, tuple[str, ...]] = {
    "feed": ("0" * 15, "0" * 17, "G" * 16, "A" * 16, "%20" + "0" * 16, "0" * 16 + "%0A")
}
SIDES = {"from": SLUGS, "to": SLUGS}


def refusal(client: FlaskClient, path: str, *pairs: str) -> dict[str, Any]:
    """The body of the 400 that a request must get."""
    reply = client.get(f"{path}{'&' if '?' in path else '?'}{'&'.join(pairs)}")
    assert reply.status_code == 400, f"{path} took {pairs}"
    assert reply.content_type == "application/problem+json"
    body: dict[str, Any] = reply.get_json()
    assert body["type"] in ("/problems/invalid-parameter", "/problems/unknown-parameter")
    return body


def faults(client: FlaskClient, path: str, *pairs: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = refusal(client, path, *pairs)["errors"]
    return found


def refused_values() -> list[tuple[str, str, str]]:
    """Every bad value where claims are listed and counted; one of each for the other paths."""
    table: list[tuple[str, dict[str, tuple[str, ...]], int | None]] = [
        (CLAIMS, {**FILTERS, **SORTING, **PAGING}, None),
        ("/v1/counts", GROUPING, None),
        ("/v1/counts.csv", GROUPING, None),
        *((path, {**FILTERS, **SORTING}, 2) for path in EXPORTS),
        *((path, FILTERS, 2) for path in (COUNTS, "/v1/counts.csv?by=kind")),
        *((path, EXCEL, None) for path in ("/v1/claims.csv", "/v1/quotes.csv")),
        ("/v1/counts.csv?by=kind", {**EXCEL, **TIDY}, None),
        *((f"{path}.csv", EXCEL, None) for path in VOCABULARIES),
        *((path, {"limit": PAGING["limit"], "cursor": SLUGS}, None) for path in VOCABULARIES[1:]),
        ("/v1/documents", {"limit": PAGING["limit"], "cursor": DOCUMENT_IDS}, None),
        *((path, {"limit": PAGING["limit"], **FOLLOWING}, None) for path in CHANGES),
        ("/v1/changes", FEEDS, None),
        (f"{COMPARE}?to=b", {"from": SLUGS}, None),
        (f"{COMPARE}?from=a", {"to": SLUGS}, None),
        (COMPARED, {"limit": PAGING["limit"], "cursor": SLUGS}, None),
    ]
    return [
        (path, name, value)
        for path, parameters, most in table
        for name, values in parameters.items()
        for value in values[:most]
    ]


def by_parameter() -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for path, name, value in refused_values():
        grouped.setdefault(f"{path} {name}", []).append(value)
    return grouped


@each_row(("place", "values"), by_parameter().items())
def test_no_ill_formed_value_is_taken(client: FlaskClient, place: str, values: list[str]) -> None:
    path, name = place.split(" ")
    for value in values:
        (fault,) = faults(client, path, f"{name}={value}")
        assert fault["parameter"] == name
        assert fault["detail"]
        assert fault["allowed"]
        if value.isalnum() and len(value) < 50:
            assert value in fault["detail"]  # it says what was given


@each_row("path", FILTERED)
@each_row("name", FILTERS)
def test_an_empty_parameter_is_refused(client: FlaskClient, path: str, name: str) -> None:
    for pair in (f"{name}=", name):
        (fault,) = faults(client, path, pair)
        assert fault["parameter"] == name


GOOD = {
    "id": "clm_00000000",
    "kind": "goal",
    **dict.fromkeys(("topic", "actor", "addressee", "about", "source", "speaker"), "nuclear"),
    "document": "doc_00000000",
    "occasion": "never",
    "place": "nowhere",
    "attribution": "direct",
    "topic_exact": "nuclear",
    "country": "KP",
    "specificity": "measurable",
    "attribution_level": "high",
    "credibility": "2",
    **dict.fromkeys(("goals_only", "distinct", "sourced", "excel", "tidy"), "true"),
    **dict.fromkeys(("horizon", "announced_year", "occurred_year"), "2023"),
    **dict.fromkeys(("announced_month", "occurred_month"), "2023-01"),
    **dict.fromkeys(("announced_day", "occurred_day"), "2023-01-01"),
    **dict.fromkeys(
        ("announced_from", "announced_to", "occurred_from", "occurred_to"), "2023-01-01"
    ),
    "date_match": "certain",
    **dict.fromkeys(("min_attribution", "min_content", "limit"), "7"),
    "q": "plan",
    "sort": "occurred",
    "cursor": "0" * 16,
    "by": "topic",
    "since": "7",
    "feed": "0" * 16,
    **dict.fromkeys(("from", "to"), "never"),
}
"""A value for each parameter that is as good as any."""


SINGLE = [name for name in GOOD if name not in {*LISTED, "by"}]


@each_row("name", SINGLE)
@each_row("second", ["the same", "another", "empty"])
def test_a_repeated_parameter_is_refused(client: FlaskClient, name: str, second: str) -> None:
    path = "/v1/counts.csv" if name in CSV_ONLY else CLAIMS
    by = ["by=kind"] if name in CSV_ONLY else []
    again = {"the same": GOOD[name], "another": "x", "empty": ""}[second]
    named = {
        f["parameter"] for f in faults(client, path, *by, f"{name}={GOOD[name]}", f"{name}={again}")
    }
    assert named == {name}


def test_a_repeated_parameter_is_seen_behind_its_encoding(client: FlaskClient) -> None:
    (fault,) = faults(client, CLAIMS, "limit=5", "%6C%69mit=5")
    assert fault["parameter"] == "limit"


UNKNOWN = (
    "nonsense",
    "fields",
    "offset",
    "page",
    "_",
    "limit[]",
    "limit%00",
    "+limit",
    "q%0A",
    "%E3%81%82",
)


@each_row("path", [*FILTERED, *VOCABULARIES, *CHANGES, COMPARED, *WITHOUT_PARAMETERS])
def test_an_unknown_parameter_is_refused_by_name(client: FlaskClient, path: str) -> None:
    for name in UNKNOWN:
        body = refusal(client, path, f"{name}=1")
        assert body["type"] == "/problems/unknown-parameter"
        (fault,) = body["errors"]
        assert quote(fault["parameter"], safe="[]") == name.replace("+", "%20")
        assert fault["allowed"]


@pytest.mark.parametrize("path", FILTERED)
def test_an_unknown_parameter_is_answered_with_those_there_are(
    client: FlaskClient, path: str
) -> None:
    (fault,) = faults(client, path, "nonsense=1")
    for name in FILTERS:
        assert name in fault["allowed"]


ELSEWHERE = {
    CLAIMS: ("excel", "by"),
    **dict.fromkeys(EXPORTS, ("by", "limit", "cursor", "tidy")),
    **dict.fromkeys(("/v1/claims.ndjson", "/v1/claims.xlsx"), ("by", "limit", "cursor", "excel")),
    COUNTS: ("excel", "sort", "limit", "cursor"),
    "/v1/counts.csv?by=kind": ("sort", "limit", "cursor"),
    **dict.fromkeys(VOCABULARIES, ("q", "sort", "id", "excel", "by", "topic")),
    **dict.fromkeys(CHANGES, ("cursor", "id", "q", "sort", "from")),
    COMPARED: ("occasion", "sort", "by", "since", "excel"),
    **{path: tuple(GOOD) for path in WITHOUT_PARAMETERS},
}


@each_row("path", ELSEWHERE)
def test_a_parameter_of_another_operation_is_unknown(client: FlaskClient, path: str) -> None:
    for name in ELSEWHERE[path]:
        body = refusal(client, path, f"{name}={GOOD[name]}")
        assert body["type"] == "/problems/unknown-parameter", name
        assert [fault["parameter"] for fault in body["errors"]] == [name]


@each_row(
    ("pair", "meant"),
    [
        ("limits=5", "limit"),
        ("Limit=5", "limit"),
        ("LIMIT=5", "limit"),
        ("Q=plan", "q"),
        ("topics=a", "topic"),
        ("anounced_from=2023-01-01", "announced_from"),
        ("goals-only=true", "goals_only"),
        ("min_atribution=5", "min_attribution"),
        ("kind=gaol", "goal"),
        ("kind=GOAL", "goal"),
        ("kind=goal,Forecast", "forecast"),
        ("attribution=Direct", "direct"),
        ("sort=-anounced", "-announced"),
        ("sort=RELEVANCE", "relevance"),
        ("goals_only=True", "true"),
        ("distinct=TRUE", "true"),
        ("date_match=Certain", "certain"),
    ],
)
def test_a_near_miss_is_told_what_was_meant(client: FlaskClient, pair: str, meant: str) -> None:
    (fault,) = faults(client, CLAIMS, pair)
    assert fault["did_you_mean"] == meant


def test_what_resembles_nothing_is_told_no_name(client: FlaskClient) -> None:
    for pair in ("zzzzzz=1", "kind=zzzzzz"):
        (fault,) = faults(client, CLAIMS, pair)
        assert "did_you_mean" not in fault


@pytest.mark.parametrize("path", ["/v1/counts", "/v1/counts.csv"])
def test_a_required_parameter_is_asked_for(client: FlaskClient, path: str) -> None:
    for pairs in ([], ["kind=goal"], ["by="]):
        body = refusal(client, path, *pairs)
        assert body["type"] == "/problems/invalid-parameter"
        assert [fault["parameter"] for fault in body["errors"]] == ["by"]


def test_both_occasions_are_asked_for(client: FlaskClient) -> None:
    for pairs, missing in (([], ["from", "to"]), (["from=a"], ["to"]), (["to=a"], ["from"])):
        body = refusal(client, COMPARE, *pairs)
        assert body["type"] == "/problems/invalid-parameter"
        assert [fault["parameter"] for fault in body["errors"]] == missing


@each_row(
    "broken",
    ["%FF", "%C3", "a%C3(", "%ED%A0%80", "%C0%80", "%F5%80%80%80", "%E2%82", "%80", "%FE%FF"],
)
def test_undecodable_utf8_is_refused_and_never_replaced(client: FlaskClient, broken: str) -> None:
    """Overlong forms and lone surrogates are no UTF-8 either (RFC 3629, section 3)."""
    for path in FILTERED:
        (fault,) = faults(client, path, f"q={broken}")
        assert fault["parameter"] == "q"
    refusal(client, CLAIMS, f"{broken}=1")
    refusal(client, CLAIMS, f"{broken}")


def test_bytes_sent_without_percent_encoding_are_read_alike() -> None:
    app = app_of(sample_store())
    assert ask(app, "/v1/claims?q=évènement").status == 200
    assert ask(app, "/v1/claims?topic=évènement").status == 400


EVERYTHING_WRONG = (
    *("limit=0", "cursor=x", "kind=gaol", "topic=A", "horizon=0000", "announced_from=20240101"),
    *("distinct=yes", "q=%FF", "sort=id", "min_content=07", "goals_only=", "nonsense=1", "%00=1"),
    *("min_attribution=7", "min_attribution=8"),
)


def test_all_faults_of_a_request_are_named_at_once(client: FlaskClient) -> None:
    body = refusal(client, CLAIMS, *EVERYTHING_WRONG)
    named = [fault["parameter"] for fault in body["errors"]]
    assert sorted(named) == sorted(
        ["\0" if pair == "%00=1" else pair.split("=")[0] for pair in EVERYTHING_WRONG[:-1]]
    )


@pytest.mark.parametrize("path", FILTERED)
def test_all_faults_are_named_wherever_there_are_filters(client: FlaskClient, path: str) -> None:
    wrong = {name: values[0] for name, values in FILTERS.items()}
    named = {f["parameter"] for f in faults(client, path, *(f"{n}={v}" for n, v in wrong.items()))}
    assert named == set(FILTERS)


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        (["nonsense=1"], "unknown-parameter"),
        (["nonsense=1", "more=2"], "unknown-parameter"),
        (["nonsense=1", "limit=5"], "unknown-parameter"),
        (["limit=0"], "invalid-parameter"),
        (["nonsense=1", "limit=0"], "invalid-parameter"),
        (["limit="], "invalid-parameter"),
        (["limit=5", "limit=5"], "invalid-parameter"),
        (["q=%FF"], "invalid-parameter"),
    ],
)
def test_the_type_is_unknown_parameter_only_if_nothing_else_is_wrong(
    client: FlaskClient, pairs: list[str], kind: str
) -> None:
    assert refusal(client, CLAIMS, *pairs)["type"] == f"/problems/{kind}"


# --- the other side: what satisfies the schema is answered -------------------------------------

BOUNDS = {
    "limit": ("1", "100"),
    "min_attribution": ("0", "100"),
    "min_content": ("0", "100"),
    "cursor": ("0" * 16, "f" * 16, "8000000000000000", "0123456789abcdef", "7fffffffffffffff"),
    "horizon": ("0001", "9999", ",".join(str(year) for year in range(2000, 2020))),
    "announced_from": ("0001-01-01", "9999-12-31", "2024-02-29"),
    "occurred_to": ("0001-01-01", "9999-12-31"),
    "topic": (
        "a",
        "0",
        "a" * 64,
        "nothing-of-this-name",
        "b,a,b",
        ",".join("abcdefghijklmnopqrst"),
    ),
    "actor": ("nobody",),
    "id": (UNUSED, ",".join([UNUSED] * 20), UNUSED.replace("z", "%7A")),
    "document": ("doc_zzzzzzzz",),
    "kind": (*KINDS, ",".join(KINDS)),
    "attribution": (*ATTRIBUTIONS, ",".join(ATTRIBUTIONS)),
    "sort": SORTS,
    "date_match": DATE_MATCHES,
    "goals_only": ("true", "false"),
    "distinct": ("true", "false"),
}


@each_row("name", BOUNDS)
def test_every_value_within_the_bounds_is_taken(client: FlaskClient, name: str) -> None:
    for value in BOUNDS[name]:
        assert client.get(f"{CLAIMS}?{name}={value}").status_code == 200, value


@pytest.mark.parametrize("path", ["/v1/changes", COMPARED])
@pytest.mark.parametrize("limit", ["1", "100"])
def test_every_limit_within_the_bounds_is_taken(client: FlaskClient, path: str, limit: str) -> None:
    joint = "&" if "?" in path else "?"
    assert client.get(f"{path}{joint}limit={limit}").status_code == 200


@pytest.mark.parametrize("since", ["0", "1", "999999", "1000000", "16777216", "999999999"])
def test_every_number_of_a_change_can_be_asked_after(client: FlaskClient, since: str) -> None:
    feed = client.get("/v1/changes").get_json()["meta"]["feed"]
    page = client.get(f"/v1/changes?since={since}&feed={feed}").get_json()
    rest = "" if since == "0" else f"&since={since}"
    assert page["links"]["self"] == f"/v1/changes?feed={feed}{rest}"


@each_row(
    "query",
    [
        "announced_from=2023-12-31&announced_to=2023-01-01",
        "occurred_from=9999-12-31&occurred_to=0001-01-01&date_match=certain",
        "sort=relevance",
        "sort=-content&q=plan",
        "min_content=100&kind=allegation&goals_only=true&distinct=true",
        "date_match=certain",
        f"id={UNUSED}&topic=nothing&cursor=ffffffffffffffff",
        "q=plan&cursor=ffffffffffffffff",
        "q=plan&sort=relevance&cursor=0000000000002710",
        "limit=5&",
        "&limit=5",
    ],
)
def test_no_parameter_forbids_another(client: FlaskClient, query: str) -> None:
    assert client.get(f"{CLAIMS}?{query}").status_code == 200


@each_row("by", DIMENSIONS)
def test_claims_can_be_counted_by_any_two_dimensions(client: FlaskClient, by: str) -> None:
    for other in DIMENSIONS:
        asked = by if other == by else f"{by},{other}"
        assert client.get(f"/v1/counts?by={asked}").status_code == 200, asked


ODD_TEXTS = (
    *('"', '""', '"' * 200, '"plan', 'plan"', '-"', '-"plan', '-""', "-", "--", "---plan", "- -"),
    *("!", "?!", "...", "()[]{}", "*", "pl*n", "~", "plan~2", "plan^3", "AND", "OR NOT", "+plan"),
    *("statement:plan", "[a TO b]", "/x/", "\\", "\\\\", "a\\", "a:b:c", "%", "&", "=", "#", "<b>"),
    *(
        "😀",
        "핵무력",
        "핵무력 강화",
        "é",
        "e\u0301",
        "\u0301",
        "\u200b",
        "\u202e",
        "\u2028",
        "\ufeff",
    ),
    *(
        " ",
        "  ",
        " plan ",
        "\u3000",
        "a" * 200,
        "é" * 200,
        "😀" * 200,
        "-a " * 66,
        "\ufffd",
        "\ue000",
    ),
    *("\U0010ffff", "'; DROP TABLE claims; --", "${jndi:x}", "{{7*7}}", "null", "-null", "a,b"),
    " ".join("abcdefghijklmnopqrstuvwxyz" * 3),
)
"""Texts that a query language would choke on; here there is none."""


@each_row("text", ODD_TEXTS)
def test_every_printable_text_is_answerable(client: FlaskClient, text: str) -> None:
    for path in (CLAIMS, "/v1/claims.ndjson", COUNTS):
        reply = client.get(f"{path}{'&' if '?' in path else '?'}q={quote(text, safe='')}")
        assert reply.status_code == 200


PRINTABLE = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200
) | st.text(st.sampled_from('"- ab*:'), min_size=1, max_size=200)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=PRINTABLE)
def test_any_text_without_control_characters_is_answerable(client: FlaskClient, text: str) -> None:
    reply = client.get(f"{CLAIMS}?q={quote(text, safe='')}&limit=1")
    assert reply.status_code == 200
    assert reply.get_json()["meta"]["total"] >= 0


@pytest.mark.parametrize("text", ["!", "...", "-", '""', '"', "\u200b", "--"])
def test_text_without_words_is_an_empty_page(client: FlaskClient, text: str) -> None:
    page = client.get(f"{CLAIMS}?q={quote(text, safe='')}").get_json()
    assert page["data"] == []
    assert page["meta"]["total"] == 0


def test_inverted_ranges_and_unknown_ids_are_empty_pages(client: FlaskClient) -> None:
    for query in ("announced_from=2023-12-31&announced_to=2023-01-01", f"id={UNUSED}", "topic=zz"):
        page = client.get(f"{CLAIMS}?{query}").get_json()
        assert (page["data"], page["meta"]["total"]) == ([], 0)


def test_a_limit_is_kept_to_the_letter(client: FlaskClient) -> None:
    for limit, asked in ((25, ""), (1, "?limit=1"), (100, "?limit=100")):
        page = client.get(CLAIMS + asked).get_json()
        assert page["meta"]["limit"] == limit
        assert len(page["data"]) == min(limit, page["meta"]["total"])


def test_the_table_covers_every_parameter(client: FlaskClient) -> None:
    tabled = {*FILTERS, *SORTING, *PAGING, *GROUPING, *CSV_ONLY, *FOLLOWING, *FEEDS, *SIDES}
    contract = client.get("/openapi.json").get_json()
    known = {p["name"] for p in contract["components"]["parameters"].values() if p["in"] == "query"}
    assert tabled == known == set(GOOD)


def test_values_are_tabled_for_all_of_a_kind() -> None:
    """A table that lost its rows would pass in silence."""
    assert all(
        len(list(values)) > 5 for values in itertools.chain(FILTERS.values(), PAGING.values())
    )


def test_thousands_of_unknown_parameters_are_all_named_in_an_answer_of_bounded_size(
    client: FlaskClient,
) -> None:
    names = [f"x{n}" for n in range(1000)]
    reply = client.get("/v1/claims?" + "&".join(f"{name}=1" for name in names))
    told = [fault["parameter"] for fault in reply.get_json()["errors"]]
    assert set(told) == set(names)
    assert len(reply.data) < 40 * sum(map(len, names))
