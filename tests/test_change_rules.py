"""Rules of the changes of every kind of record, each broken in one place."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.faults import DataRefused, Fault, Faults
from service.compiler import Fixtures, open_fixtures
from service.compiler.check import check_records
from tests.lives import KINDS, Curator, Json
from tests.tables import each_row
from tests.wire import app_of

VOCABULARY = KINDS[1:]
Break = Callable[[Curator, str], None]


def faults(fixtures: Fixtures) -> tuple[Fault, ...]:
    try:
        check_records(fixtures, Faults())
    except DataRefused as refused:
        return refused.faults
    return ()


def _last(curator: Curator, **values: Any) -> None:
    curator.changes[-1] = {**curator.changes[-1], **values}


def _revised(curator: Curator, kind: str) -> None:
    curator.revise(kind, curator.free(kind)[0])


def _withdrawn(curator: Curator, kind: str) -> str:
    gone = curator.free(kind)[0]
    curator.retire(kind, gone, None)
    return gone


def _superseded(curator: Curator, kind: str) -> None:
    first, second = curator.free(kind)[:2]
    curator.retire(kind, first, second)


def jump(curator: Curator, kind: str) -> None:
    _revised(curator, kind)
    _last(curator, revision=4)


def previous_of_another(curator: Curator, kind: str) -> None:
    _revised(curator, kind)
    other = curator.free(kind)[1]
    _last(curator, previous={**curator.changes[-1]["previous"], "id": other})


def previous_is_none(curator: Curator, kind: str) -> None:
    _revised(curator, kind)
    _last(curator, previous={**curator.changes[-1]["previous"], "id": "NO ID"})


def previous_lacks(curator: Curator, kind: str) -> None:
    _revised(curator, kind)
    _last(curator, previous={"id": curator.changes[-1]["previous"]["id"]})


def still_there(curator: Curator, kind: str) -> None:
    before = dict(curator.records[kind])
    gone = _withdrawn(curator, kind)
    curator.records[kind][gone] = before[gone]


def gone_unsaid(curator: Curator, kind: str) -> None:
    del curator.records[kind][curator.free(kind)[0]]


def created_again(curator: Curator, kind: str) -> None:
    _revised(curator, kind)
    _last(curator, change="created", revision=1, reason=None, previous=None)


def changed_after(curator: Curator, kind: str) -> None:
    _withdrawn(curator, kind)
    again = {**curator.changes[-1], "seq": len(curator.changes) + 1}
    curator.changes.append({**again, "revision": again["revision"] + 1})


def replaced_by_nobody(curator: Curator, kind: str) -> None:
    _superseded(curator, kind)
    _last(curator, replaced_by={"claim": "clm_zzzzzzzz", "document": "doc_zzzzzzzz"}.get(kind, "z"))


def replaced_by_itself(curator: Curator, kind: str) -> None:
    gone = curator.free(kind)[0]
    curator.retire(kind, gone, gone)


def replaced_by_the_dead(curator: Curator, kind: str) -> None:
    gone = _withdrawn(curator, kind)
    curator.retire(kind, curator.free(kind)[0], gone)


def replaced_by_another_kind(curator: Curator, kind: str) -> None:
    _superseded(curator, kind)
    _last(curator, replaced_by="doc_00000001" if kind != "document" else "kcna")


def no_reason(curator: Curator, kind: str) -> None:
    _withdrawn(curator, kind)
    _last(curator, reason=None)


def earlier_day(curator: Curator, kind: str) -> None:
    _revised(curator, kind)
    _last(curator, recorded_at="1999-01-01")


def of_two(curator: Curator, kind: str) -> None:
    other = "agent" if kind == "claim" else kind
    _last(curator, claim="clm_00000001", record={"kind": other, "id": "kcna"})


def of_none(curator: Curator, kind: str) -> None:
    _last(curator, claim=None, record=None)


BROKEN: dict[str, tuple[Break, str]] = {
    "a revision jumps": (jump, "revision"),
    "the record before is another": (previous_of_another, "previous/id"),
    "the record before has no id": (previous_is_none, "previous/id"),
    "the record before lacks keys": (previous_lacks, "previous"),
    "it is there, though it was withdrawn": (still_there, "id"),
    "it is gone without a change": (gone_unsaid, ""),
    "it is created twice": (created_again, "change"),
    "it is changed after it was withdrawn": (changed_after, ""),
    "nobody replaces it": (replaced_by_nobody, "replaced_by"),
    "it replaces itself": (replaced_by_itself, "replaced_by"),
    "what was withdrawn replaces it": (replaced_by_the_dead, "replaced_by"),
    "another kind of record replaces it": (replaced_by_another_kind, "replaced_by"),
    "there is no reason": (no_reason, "reason"),
    "a day comes before the day before": (earlier_day, "recorded_at"),
    "a change of two records": (of_two, "claim"),
    "a change of no record": (of_none, "claim"),
}


def _curator(kind: str) -> Curator:
    curator = Curator()
    for _ in range(3):
        curator.create(kind)
    return curator


@each_row("kind", KINDS)
@each_row("name", BROKEN)
def test_a_broken_rule_is_refused_at_its_place(kind: str, name: str) -> None:
    spoil, key = BROKEN[name]
    curator = _curator(kind)
    assert not faults(curator.fixtures())
    spoil(curator, kind)
    found = faults(curator.fixtures())
    assert found
    assert any(fault.pointer.endswith(key) or key in fault.pointer for fault in found), found


def test_a_kind_that_has_no_changes_is_refused() -> None:
    curator = Curator()
    curator.create("agent")
    _last(curator, record={"kind": "quote", "id": "quote-1"})
    (fault,) = faults(curator.fixtures())
    assert (fault.pointer, fault.found) == ("/1/record/kind", '"quote"')


# --- what refers to what is gone ------------------------------------------------------------------


def _referring(curator: Curator) -> dict[str, tuple[str, str]]:
    """A record of each vocabulary and a claim that refers to it: by kind both ids."""
    made = {}
    for kind in VOCABULARY:
        identifier, claim = curator.create(kind), curator.create("claim")
        record = curator.records["claim"][claim]
        reference: dict[str, Json] = {
            "document": {"evidence": [{**record["evidence"][0], "document": identifier}]},
            "agent": {"about": [identifier]},
            "topic": {"topics": [identifier]},
            "occasion": {"occasion": identifier},
            "place": {"places": [identifier]},
        }
        record |= reference[kind]
        made[kind] = (identifier, claim)
    return made


@pytest.mark.parametrize("kind", VOCABULARY)
def test_what_an_active_claim_refers_to_cannot_be_retired(kind: str) -> None:
    curator = Curator()
    identifier, _ = _referring(curator)[kind]
    assert not faults(curator.fixtures())
    curator.retire(kind, identifier, None)
    (fault,) = faults(curator.fixtures())
    assert (fault.file, fault.found) == ("claims.json", f'"{identifier}"')


@each_row("kind", VOCABULARY)
@each_row("heir", [False, True])
def test_what_the_history_alone_refers_to_may_be_retired_and_says_so(kind: str, heir: bool) -> None:
    curator = Curator()
    identifier, claim = _referring(curator)[kind]
    curator.retire("claim", claim, None)
    replacement = curator.create(kind) if heir else None
    curator.retire(kind, identifier, replacement)
    client = app_of(open_fixtures(curator.fixtures())).test_client()
    reply = client.get(f"/v1/{kind}s/{identifier}")
    assert reply.status_code == (308 if heir else 410)
    assert identifier in client.get(f"/v1/claims/{claim}/history").text


@pytest.mark.parametrize("kind", VOCABULARY)
def test_what_the_history_refers_to_cannot_vanish(kind: str) -> None:
    curator = Curator()
    identifier, claim = _referring(curator)[kind]
    curator.retire("claim", claim, None)
    del curator.records[kind][identifier]
    curator.changes = [c for c in curator.changes if (c["record"] or {}).get("id") != identifier]
    curator.changes = [{**c, "seq": n} for n, c in enumerate(curator.changes, 1)]
    (fault,) = faults(curator.fixtures())
    assert fault.file == "changes.json"
    assert "/previous/" in fault.pointer
    assert fault.allowed == f"one of the {kind}s, or one that a change retired"


# --- lives that go on -----------------------------------------------------------------------------


CHAINS = [*itertools.product(KINDS, ["there", "withdrawn"], [1, 2, 5])]
"""Of which kind, what became of the last, and how often one was replaced by another."""


@pytest.fixture(scope="module")
def chains() -> tuple[FlaskClient, list[tuple[str, str]]]:
    """A service on records of which each replaced another; the first and the last of each chain."""
    curator = Curator()
    ends = []
    for kind, end, length in CHAINS:
        first = last = curator.create(kind)
        for _ in range(length):
            last = curator.live(kind, "superseded", last)
        if end == "withdrawn":
            curator.retire(kind, last, None)
        ends.append((first, last))
    return app_of(open_fixtures(curator.fixtures())).test_client(), ends


@pytest.mark.slow
@each_row("number", range(len(CHAINS)))
def test_what_replaced_another_may_be_replaced_or_withdrawn_itself(
    chains: tuple[FlaskClient, list[tuple[str, str]]], number: int
) -> None:
    (kind, end, length), client, (first, last) = CHAINS[number], chains[0], chains[1][number]
    path, hops = f"/v1/{kind}s/{first}", 0
    while (reply := client.get(path)).status_code == 308:
        path, hops = reply.headers["Location"], hops + 1
    assert (path, hops) == (f"/v1/{kind}s/{last}", length)
    assert reply.status_code == (200 if end == "there" else 410)


@pytest.mark.parametrize("kind", KINDS[2:])
def test_the_id_of_a_record_may_be_a_word_of_its_path(kind: str) -> None:
    """The address of what replaced it differs in the id alone."""
    curator = Curator()
    old, new = curator.create(kind), curator.create(kind)
    for identifier in ("v1", f"{kind}s", "s"):
        made = Curator()
        made.records[kind] |= {
            identifier: {**curator.records[kind][old], "id": identifier},
            new: curator.records[kind][new],
        }
        made.retire(kind, identifier, new)
        reply = (
            app_of(open_fixtures(made.fixtures())).test_client().get(f"/v1/{kind}s/{identifier}")
        )
        assert reply.headers["Location"] == f"/v1/{kind}s/{new}"


@pytest.mark.parametrize("kind", VOCABULARY[1:])
def test_one_id_may_be_used_in_two_kinds(kind: str) -> None:
    """Ids are unique in their kind; what happens to one record is not told of the other."""
    curator = Curator()
    one = kind
    other = next(each for each in VOCABULARY[1:] if each != one)
    first, second = curator.create(one), curator.create(other)
    curator.records[other]["twice"] = {**curator.records[other].pop(second), "id": "twice"}
    curator.records[one]["twice"] = {**curator.records[one][first], "id": "twice"}
    for change in curator.changes:
        if (change["record"] or {}).get("id") == second:
            change["record"] = {"kind": other, "id": "twice"}
    curator.retire(one, "twice", None)
    client = app_of(open_fixtures(curator.fixtures())).test_client()
    assert client.get(f"/v1/{one}s/twice").status_code == 410
    assert client.get(f"/v1/{other}s/twice").status_code == 200
    told = client.get(f"/v1/{other}s/twice/history").get_json()["data"]
    assert [change["change"] for change in told] == ["created"]
