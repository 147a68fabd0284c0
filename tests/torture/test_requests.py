"""What no request can do, however it is made: one run of the fuzz, read for several promises.

The requests are made up by ``tests.torture.grammar`` and asked of the WSGI application in process,
on four data sets (the shipped one, a worked example of every kind of change, texts that are hard
to show, retired records of every kind), each without a response cache, with a tiny one and with
the default.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract_tools import all_paths
from tests.torture.conftest import SEED
from tests.torture.fuzzing import Seen, fuzzed
from tests.torture.judging import secrets
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

UNSEEN = {
    ("getMetrics", 404),
    *((f"get{name}", 404) for name in ("ClaimsCsvGz", "ClaimsNdjsonGz", "ClaimsParquet")),
    ("getQuotesCsvGz", 404),
    ("exportClaimsXlsx", 422),
    *((f"getDataset{name}", 410) for name in ("Version", "File")),
}
"""Documented, but not met here: the metrics are installed, every data set has its files, none has
more claims than a workbook, and none was published before."""


@pytest.fixture
def seen(many: Many) -> Seen:
    """The one run that all of these tests read."""
    return fuzzed(many(1_000_000, 100_000), SEED)


def none(seen: Seen, kind: str) -> None:
    """Nothing of a kind was wrong, or what was."""
    assert not seen.wrong[kind], f"{seen.wrong[kind]} times:\n" + "\n".join(seen.faults[kind])


@promises(
    "Hostile input",
    "No request, however it is made up, is answered with a server error or breaks a worker.",
    broken="Bytes that are no UTF-8 no longer caught in `schemas.parameters`.",
)
def test_no_request_is_a_server_error(seen: Seen, tell: Tell) -> None:
    none(seen, "server error")
    told = ", ".join(f"{count:,} × {status}" for status, count in sorted(seen.statuses.items()))
    tell(f"0 of {seen.requests:,} answers at or above 500, 0 exceptions; there were {told}")


@promises(
    "Hostile input",
    "Every answer is one that the contract allows for its operation: status, media type, headers, "
    "length, and the body of every error; of other bodies a share is validated to the last key.",
    broken="The response cache keyed by the decoded path: `/v1%2fclaims` became a 200.",
)
def test_no_answer_is_off_the_contract(seen: Seen, tell: Tell) -> None:
    none(seen, "contract")
    documented = {(o.id, status) for o in all_paths() for status in o.responses if status < 500}
    assert documented - seen.covered == UNSEEN, "the grammar must lead everywhere"
    tell(
        f"0 of {seen.requests:,} answers off the contract ({seen.thorough:,} validated to the last "
        f"key), among them each of the {len(documented - UNSEEN)} statuses of "
        f"{len(all_paths())} operations"
    )


@promises(
    "Hostile input",
    "No request keeps the processor busy for a second (CPU time of its thread).",
    broken="An ambiguous alternative added to `SLUG` (`[a-z]*[a-z0-9]*[a-z]*[a-z0-9]*[a-z]*-`).",
)
def test_no_request_takes_a_second(seen: Seen, tell: Tell) -> None:
    assert seen.slowest < 1, seen.slowest_request
    tell(f"{seen.slowest * 1000:,.0f} ms of CPU at most in {seen.requests:,} requests")


@promises(
    "Hostile input",
    "Whatever is asked, the access log gains one line of JSON, and no more.",
    broken="The access log writes what was sent between quotation marks, unescaped.",
)
def test_every_request_is_one_line_of_the_log(seen: Seen, tell: Tell) -> None:
    none(seen, "log")
    assert seen.lines == seen.requests
    tell(f"{seen.lines:,} lines for {seen.requests:,} requests, each JSON that names its answer")


@promises(
    "Hostile input",
    "No answer holds a stack trace, a version of what runs inside, a path of the file system, the "
    "name of the server or a Host header.",
    broken="A `Server` header with the name and version of Werkzeug.",
)
def test_no_answer_tells_what_runs_inside(seen: Seen, tell: Tell) -> None:
    none(seen, "leak")
    tell(
        f"0 of {len(secrets())} telltale strings in {seen.requests:,} answers "
        f"({seen.scanned / 1e6:,.0f} MB)"
    )


@promises(
    "Hostile input",
    "No answer depends on whether the response cache holds it.",
    broken="The response cache takes no notice of whether gzip is accepted.",
)
def test_no_answer_depends_on_the_cache(seen: Seen, tell: Tell) -> None:
    none(seen, "cache")
    tell(f"0 of {seen.twice:,} answers differ between no cache, a tiny one and the default")
