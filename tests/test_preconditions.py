"""``If-Match`` and ``If-Unmodified-Since``: a 412 for what is not the answer that was meant.

RFC 9110, sections 13.1 and 13.2. Every operation of the contract is asked.
"""

import datetime as dt
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from service.compiler import Fixtures, open_fixtures
from tests import samples
from tests.contract_tools import ContractClient, Operation, all_paths
from tests.records import claim, fixtures
from tests.tables import each_row
from tests.wire import app_of

OPERATIONS = [pytest.param(each, id=each.id) for each in all_paths()]
DAY = dt.timedelta(days=1)


def asking(client: ContractClient, asked: Operation, **headers: str) -> int:
    """The status of an operation, to GET and to HEAD."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    statuses = set()
    for method in ("GET", "HEAD"):
        answer = client.open(
            asked.address, method=method, query_string=asked.required, headers=named
        )
        statuses.add(answer.status_code)
        if answer.status_code == 412:
            assert answer.headers["Cache-Control"] == "no-store"
            assert "ETag" not in answer.headers
    (status,) = statuses
    return status


@pytest.mark.slow
@each_row("asked", OPERATIONS)
def test_a_tag_that_must_match_is_compared_strongly(
    client: ContractClient, asked: Operation
) -> None:
    tag = client.get(asked.address, query_string=asked.required).headers.get("ETag")
    assert asking(client, asked, If_Match="*") == 200
    for other in ('"nope"', "W/*", f"W/{tag}", 'W/"nope", "x"', ""):
        assert asking(client, asked, If_Match=other) == 412, other
    if tag is not None:
        for same in (tag, f'"nope", {tag}', f"W/{tag},{tag}"):
            assert asking(client, asked, If_Match=same) == 200, same
            assert asking(client, asked, If_Match=same, If_None_Match=tag) == 304
        assert asking(client, asked, If_Match='"nope"', If_None_Match=tag) == 412


@pytest.mark.slow
@each_row("asked", OPERATIONS)
def test_a_date_is_compared_where_there_is_one_and_no_tag(
    client: ContractClient, asked: Operation
) -> None:
    first = client.get(asked.address, query_string=asked.required)
    built = first.headers.get("Last-Modified")
    long_ago = "Thu, 01 Jan 1970 00:00:00 GMT"
    assert asking(client, asked, If_Unmodified_Since=long_ago) == (412 if built else 200)
    assert asking(client, asked, If_Unmodified_Since=long_ago, If_Match="*") == 200
    assert asking(client, asked, If_Unmodified_Since="no date") == 200
    if built is not None:
        for days, status in ((-DAY, 412), (0 * DAY, 200), (DAY, 200)):
            day = format_datetime(parsedate_to_datetime(built) + days, usegmt=True)
            assert asking(client, asked, If_Unmodified_Since=day) == status, day


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/claims?limit=0", 400),
        ("/nowhere", 404),
        (f"/v1/claims/{samples.UNUSED}", 404),
        (f"/v1/claims/{samples.SUPERSEDED}", 308),
        (f"/v1/claims/{samples.WITHDRAWN}", 410),
        (f"/claims/{samples.WITHDRAWN}", 410),
    ],
)
def test_what_fails_anyway_fails_as_it_does(
    sample_client: ContractClient, path: str, status: int
) -> None:
    for name in ("If-Match", "If-Unmodified-Since"):
        for value in ('"nope"', "*", "Thu, 01 Jan 1970 00:00:00 GMT"):
            assert sample_client.get(path, headers={name: value}).status_code == status
    assert sample_client.options(path, headers={"If-Match": '"nope"'}).status_code in (204, 404)


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 2, 4000])
def test_no_answer_was_modified_later_than_it_is_sent(days: int) -> None:
    """Whatever the day on which the data was recorded, by somebody's calendar."""
    recorded = dt.datetime.now(dt.UTC).date() + days * DAY
    made = {kind: list(some) for kind, some in fixtures([claim(1)]).items()}
    for kind in ("claims", "changes"):
        made[kind][0]["recorded_at"] = recorded.isoformat()
    client = app_of(open_fixtures(Fixtures(made))).test_client()
    for path in ("/v1/claims", "/v1/claims.csv", "/v1/dataset", "/"):
        for _ in range(2):
            modified = parsedate_to_datetime(client.get(path).headers["Last-Modified"])
            assert modified <= dt.datetime.now(dt.UTC)
            if days <= 0:
                assert modified.date() == recorded
