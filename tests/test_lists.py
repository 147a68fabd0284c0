"""Lists in a query string: their forms, ``none``, ``*``, and ids that name nothing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from schemas.faults import DataRefused
from schemas.fields import Choice
from schemas.filters import DIMENSIONS, LISTED, vocabulary_of
from schemas.parameters import CommaSeparated
from schemas.query import ClaimsParameters
from service.compiler import Fixtures, open_fixtures
from tests import records, samples
from tests.contract_tools import ContractClient
from tests.tables import each_row
from tests.varied import varied_store
from tests.wire import app_of

SOME = {
    "id": ("clm_b0qp991b", "clm_00000000", "clm_zzzzzzzz"),
    "document": ("doc_jb5kxzpf", "doc_00000000", "doc_zzzzzzzz"),
    "country": ("KP", "KR", "JP"),
}
BY_PATTERN = ("2022", "2023", "2024", "2022-12", "2023-12", "2022-12-28", "2023-12-28", "nuclear")
LISTS = {
    name: SOME.get(name)
    or (
        tuple(map(str, row.takes.choices))
        if isinstance(row.takes, Choice)
        else ("nuclear", "kcna", "kim-jong-un")
        if vocabulary_of(name)
        else tuple(filter(row.takes.takes, BY_PATTERN))
    )
    for name, row in LISTED.items()
}
"""Some values of every list filter."""


def answer_of(client: FlaskClient, address: str) -> Any:
    reply = client.get(address)
    assert reply.status_code == 200, address
    return reply.json


def faults(client: FlaskClient, address: str) -> list[dict[str, str]]:
    reply = client.get(address)
    assert reply.status_code == 400, address
    found: list[dict[str, str]] = reply.get_json()["errors"]
    return found


def spelled(name: str, pieces: list[list[str]], brackets: list[int]) -> str:
    """A list in several pieces, each under one of the names that it may come by."""
    names = (name, f"{name}[]", f"{name}%5B%5D", f"{name}%5b]")
    pairs = zip(pieces, brackets, strict=False)
    return "&".join(f"{names[form]}={quote(','.join(piece), safe=',')}" for piece, form in pairs)


def test_every_list_has_values_to_be_asked_for() -> None:
    fields = ClaimsParameters().fields
    assert {n for n, field in fields.items() if isinstance(field, CommaSeparated)} == set(LISTS)
    assert all(len(values) > 1 for values in LISTS.values())


@given(data=st.data())
def test_a_list_is_the_same_in_every_form_and_mixture(app: Flask, data: Any) -> None:
    client = FlaskClient(app, app.response_class)
    name = data.draw(st.sampled_from(sorted(LISTS)))
    value = st.sampled_from((*LISTS[name], "none"))
    pieces = data.draw(st.lists(st.lists(value, min_size=1, max_size=3), min_size=1, max_size=5))
    forms = st.integers(0, 3)
    brackets = data.draw(st.lists(forms, min_size=len(pieces), max_size=len(pieces)))
    canonical = ",".join(sorted({value for piece in pieces for value in piece}))
    text = spelled(name, pieces, brackets)
    for path in ("/v1/claims", "/v1/claims.ndjson", "/v1/claims.csv", "/", f"/values/{name}"):
        if path.startswith("/values") and not DIMENSIONS.get(name, LISTED["id"]).in_form:
            continue
        plain, asked = client.get(f"{path}?{name}={canonical}"), client.get(f"{path}?{text}")
        if path == "/values/id":
            assert asked.status_code == 404
            continue
        assert asked.status_code == 200, text
        assert (asked.headers["ETag"], asked.data) == (plain.headers["ETag"], plain.data), text
    links = answer_of(client, f"/v1/claims?{text}")["links"]
    assert links["self"] == f"/v1/claims?{name}={canonical}"


@pytest.mark.parametrize(
    "form", ["by=topic,horizon", "by=topic&by=horizon", "by[]=topic&by=horizon"]
)
def test_dimensions_keep_their_order_in_every_form(client: FlaskClient, form: str) -> None:
    answer = answer_of(client, f"/v1/counts?{form}")
    assert answer["meta"]["by"] == ["topic", "horizon"]
    assert answer["links"]["self"] == "/v1/counts?by=topic,horizon"
    turned = "&".join(reversed(form.split("&")))
    if turned != form:
        assert answer_of(client, f"/v1/counts?{turned}")["meta"]["by"] == ["horizon", "topic"]


@pytest.mark.parametrize(
    "form", ["by=topic,topic", "by=topic&by[]=topic", "by=kind&by=topic&by=id"]
)
def test_a_dimension_twice_and_one_too_many_are_refused_in_every_form(
    client: FlaskClient, form: str
) -> None:
    (fault,) = faults(client, f"/v1/counts?{form}")
    assert fault["parameter"] == "by"


SINGLE = {"limit": "5", "q": "war", "sort": "occurred", "goals_only": "true", "sourced": "true"}


@pytest.mark.parametrize("name", SINGLE)
def test_what_is_said_of_a_single_value_given_twice_fits_a_single_value(
    client: FlaskClient, name: str
) -> None:
    pair = f"{name}={SINGLE[name]}"
    (fault,) = faults(client, f"/v1/claims?{pair}&{pair}")
    assert fault["detail"] == "is given more than once"
    assert "comma" not in fault["allowed"]
    (fault,) = faults(client, f"/v1/claims?{name}[]={SINGLE[name]}")
    assert (fault["parameter"], fault["detail"]) == (
        f"{name}[]",
        "is no parameter of this operation",
    )


# --- none and all -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def varied() -> FlaskClient:
    return app_of(varied_store(120, open_ends=False)).test_client()


def totals(client: FlaskClient, query: str) -> int:
    total: int = answer_of(client, f"/v1/claims?limit=1&{query}")["meta"]["total"]
    return total


@each_row("name", LISTS)
def test_none_finds_the_claims_without_a_value_alone_and_beside_values(
    varied: FlaskClient, name: str
) -> None:
    without = totals(varied, f"{name}=none")
    assert without == totals(varied, f"{name}=none,none")
    if name not in DIMENSIONS:
        assert without == 0
        return
    rows = answer_of(varied, f"/v1/counts?by={name}")["data"]
    groups = {row["key"]: row["count"] for row in rows}
    assert without == groups.pop(None, 0)
    some = sorted(groups)[:3]
    together = totals(varied, f"{name}={','.join([*some, 'none'])}")
    assert together == totals(varied, f"{name}={','.join(some)}") + without
    every = sorted(groups)
    if len(every) < 20:
        assert totals(varied, f"{name}={','.join([*every, 'none'])}") == 120


@pytest.fixture(scope="module")
def unrestricted(app: Flask) -> dict[str, tuple[str, bytes]]:
    """Tag and body of what has no filter, by path."""
    client = FlaskClient(app, app.response_class)
    answers = {path: client.get(path) for path in ("/v1/claims", "/v1/claims.ndjson", "/")}
    return {path: (answer.headers["ETag"], answer.data) for path, answer in answers.items()}


STARS = ("{}=*", "{}[]=*", "{0}=*&{0}=*", "{}=%2A")


@pytest.mark.slow
@each_row("form", range(len(STARS)))
@each_row("place", range(len(LISTS)))
def test_a_star_alone_is_no_restriction(
    client: FlaskClient, unrestricted: dict[str, tuple[str, bytes]], place: int, form: int
) -> None:
    """The page, which takes longest, in one form of each list: every form has its turn."""
    for path, expected in unrestricted.items():
        if path == "/" and place % len(STARS) != form:
            continue
        asked = client.get(f"{path}?{STARS[form].format([*LISTS][place])}")
        assert asked.status_code == 200
        assert (asked.headers["ETag"], asked.data) == expected


@pytest.mark.slow
@each_row("name", LISTS)
def test_a_star_beside_a_value_is_refused_and_ignored_on_a_page(
    client: FlaskClient, name: str
) -> None:
    good = LISTS[name][0]
    for text in (f"{name}=*,{good}", f"{name}={good}&{name}=*", f"{name}=none,*"):
        (fault,) = faults(client, f"/v1/claims?{text}")
        assert fault["parameter"] == name
        assert '<q dir="auto">*</q>' in client.get(f"/?{text}").text


def test_a_record_cannot_be_called_none() -> None:
    for kind in ("agents", "topics", "occasions", "places"):
        data = records.fixtures()
        more: Any = [*data[kind], {**next(iter(data[kind])), "id": "none"}]
        with pytest.raises(DataRefused, match="not none"):
            open_fixtures(Fixtures({**data, kind: more}))


# --- ids that name nothing ----------------------------------------------------------------------

KNOWN = [name for name in LISTS if vocabulary_of(name)]


@each_row("name", KNOWN)
@each_row("path", ["/v1/claims?", "/v1/counts?by=kind&"])
def test_ids_that_name_nothing_are_said_and_others_are_not(
    client: FlaskClient, name: str, path: str
) -> None:
    listed = answer_of(client, f"/v1/{vocabulary_of(name)}?limit=3")["data"]
    good = ",".join(record["id"] for record in listed)
    assert answer_of(client, f"{path}{name}={good},none")["meta"]["unknown"] == []
    wrong = "doc_zzzzzzzz" if name == "document" else "zzzzzzzzzzzz"
    answer = answer_of(client, f"{path}{name}={good},{wrong}")
    assert answer["meta"]["unknown"] == [{"parameter": name, "value": wrong, "did_you_mean": None}]


@each_row("path", ["/v1/claims?", "/v1/counts?by=kind&"])
def test_ids_of_no_claim_are_said_and_others_are_not(
    sample_client: ContractClient, path: str
) -> None:
    """A retired claim is none any more."""
    known = [claim["id"] for claim in answer_of(sample_client, "/v1/claims")["data"]]
    good = ",".join((*known, "none"))
    assert answer_of(sample_client, f"{path}id={good}&topic=zzz")["meta"]["unknown"] == [
        {"parameter": "topic", "value": "zzz", "did_you_mean": None}
    ]
    wrong = sorted(("clm_zzzzzzzz", samples.WITHDRAWN))
    unknown = answer_of(sample_client, f"{path}id={good},{','.join(wrong)}")["meta"]["unknown"]
    said = {"parameter": "id", "did_you_mean": None}
    assert unknown == [{**said, "value": each} for each in wrong]
    assert "No claim is called <q>clm_zzzzzzzz</q>." in sample_client.get("/?id=clm_zzzzzzzz").text


@each_row("name", [name for name in KNOWN if name != "document"])
def test_the_nearest_id_or_name_is_told(client: FlaskClient, name: str) -> None:
    for record in answer_of(client, f"/v1/{vocabulary_of(name)}?limit=100")["data"]:
        near = record["id"][:-2] + record["id"][-1:]
        for other in (near, *map(as_id, record.get("other_names", ()))):
            unknown = answer_of(client, f"/v1/claims?limit=1&{name}={other}")["meta"]["unknown"]
            if unknown:
                (one,) = unknown
                assert one["value"] == other
                assert one["did_you_mean"] is not None
                if other != near:
                    assert one["did_you_mean"] == record["id"]


def as_id(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def test_so_many_unknown_ids_are_all_said_and_few_compared(client: FlaskClient) -> None:
    names = [name for name in KNOWN if name != "document"]
    values = ",".join(f"economi-{number}" for number in range(20))
    query = "&".join(f"{name}={values}" for name in names)
    unknown = answer_of(client, f"/v1/claims?{query}")["meta"]["unknown"]
    assert len(unknown) == 20 * len(names)
    assert sum(one["did_you_mean"] is not None for one in unknown) <= 3


def test_the_page_says_what_is_called_by_no_name_and_leads_to_what_was_meant(
    client: FlaskClient,
) -> None:
    page = client.get("/?topic=econmy,nuclear&speaker=zzzzzzzz").text
    assert "No topic is called <q>econmy</q>. Did you mean" in page
    assert (
        '<a href="/?speaker=zzzzzzzz&amp;topic=economy,nuclear#claims" dir="auto">Economy</a>?'
        in page
    )
    assert "No agent is called <q>zzzzzzzz</q>.</p>" in page
    assert "is called" not in client.get("/?topic=economy,none").text
