"""Rules between records: each broken once, each refused at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.samples import (
    DIRECTIVE,
    DIRECTIVE_AT,
    FIRST,
    FORECAST,
    FORECAST_AT,
    GOAL,
    GOAL_AT,
    HEADLINE,
    HEADLINE_AT,
    POSITION_AT,
    REMOVED,
    REPORT,
    REPORT_AT,
    REVISED_AT,
    SECOND,
    SUPERSEDED,
    SUPERSEDED_AT,
    UNUSED,
    WITHDRAWN,
    WITHDRAWN_AT,
    Edit,
    change,
    claim,
    edited,
    faults,
    link,
    places,
    relation,
    sample,
)

Row = tuple[list[Edit], list[tuple[str, str]], str]
"""Edits to the sample, the file and place of each fault they make, and what is allowed there."""

LAST = len(sample()["changes"])
NOWHERE = "nobody-knows"


def _dangling(pointer: str, value: Any, target: str) -> Row:
    _, file, place = pointer.split("/", 2)
    return [(pointer, value)], [(f"{file}.json", f"/{place}")], target


REFERENCES: dict[str, Row] = {
    "publisher": _dangling("/documents/1/publisher", NOWHERE, "agents"),
    "broader topic": _dangling("/topics/2/broader", NOWHERE, "topics"),
    "organizer": _dangling("/occasions/1/organizer", NOWHERE, "agents"),
    "topic": _dangling(f"/claims/{GOAL_AT}/topics/1", NOWHERE, "topics"),
    "actor": _dangling(f"/claims/{GOAL_AT}/actors/0", NOWHERE, "agents"),
    "addressee": _dangling(f"/claims/{DIRECTIVE_AT}/addressees/0", NOWHERE, "agents"),
    "about": _dangling(f"/claims/{GOAL_AT}/about/0", NOWHERE, "agents"),
    "place within": _dangling("/places/1/within", NOWHERE, "places"),
    "place": _dangling(f"/claims/{GOAL_AT}/places/1", NOWHERE, "places"),
    "occasion": _dangling(f"/claims/{GOAL_AT}/occasion", NOWHERE, "occasions"),
    "source": _dangling(f"/claims/{GOAL_AT}/sources/1/agent", NOWHERE, "agents"),
    "speaker of a quote": _dangling(f"/claims/{GOAL_AT}/quotes/0/speaker", NOWHERE, "agents"),
    "document of a quote": _dangling(
        f"/claims/{GOAL_AT}/quotes/0/document", "doc_zzzzzzzz", "documents"
    ),
    "document of evidence": _dangling(
        f"/claims/{GOAL_AT}/evidence/0/document", "doc_zzzzzzzz", "documents"
    ),
    "relation": _dangling(f"/claims/{HEADLINE_AT}/relations/0/claim", UNUSED, "claims"),
    "relation to a withdrawn claim": _dangling(
        f"/claims/{HEADLINE_AT}/relations/0/claim", WITHDRAWN, "claims"
    ),
    "relation to a superseded claim": _dangling(
        f"/claims/{HEADLINE_AT}/relations/0/claim", SUPERSEDED, "claims"
    ),
    "an agent is no topic": _dangling(f"/claims/{GOAL_AT}/topics/0", "ministry", "topics"),
    "a topic is no agent": _dangling(f"/claims/{GOAL_AT}/actors/0", "trade", "agents"),
}


def _again(file: str, at: int) -> Row:
    """The same record once more: both places are named."""
    record = sample()[file][at]
    last = len(sample()[file])
    found = [(f"{file}.json", f"/{place}/id") for place in (at, last)]
    return [(f"/{file}/-", record)], found, "once"


IDENTITIES: dict[str, Row] = {
    "document twice": _again("documents", 1),
    "agent twice": _again("agents", 5),
    "topic twice": _again("topics", 3),
    "occasion twice": _again("occasions", 0),
    "place twice": _again("places", 0),
    "claim twice": _again("claims", FORECAST_AT),
    "withdrawn id in use": (
        [("/claims/-", claim(WITHDRAWN, FIRST, revision=2, recorded_at="2023-02-02"))],
        [("claims.json", "/6/id")],
        "retire",
    ),
    "superseded id in use": (
        [("/claims/-", claim(SUPERSEDED, SECOND, revision=2, recorded_at="2023-02-03"))],
        [("claims.json", "/6/id")],
        "retire",
    ),
    "withdrawn id created again": (
        [("/changes/-", change(LAST + 1, WITHDRAWN, "2023-03-01"))],
        [
            ("changes.json", f"/{LAST}/change"),
            ("changes.json", f"/{LAST}/claim"),
            ("changes.json", f"/{LAST}/claim"),  # retired, and not in claims.json either
            ("changes.json", f"/{LAST}/revision"),
        ],
        "once",
    ),
    "id created twice": (
        [("/changes/-", change(LAST + 1, FORECAST, "2023-03-01"))],
        [
            ("changes.json", f"/{LAST}/change"),
            ("changes.json", f"/{LAST}/revision"),
            ("claims.json", f"/{FORECAST_AT}/recorded_at"),
        ],
        "once",
    ),
}

SPANS: dict[str, Row] = {
    "evidence beyond its document": (
        [(f"/claims/{GOAL_AT}/evidence/0/end", 201)],
        [("claims.json", f"/{GOAL_AT}/evidence/0/end")],
        "200",
    ),
    "evidence in the shorter document": (
        [(f"/claims/{REPORT_AT}/evidence/0/end", 301)],
        [("claims.json", f"/{REPORT_AT}/evidence/0/end")],
        "300",
    ),
    "quote beyond its document": (
        [
            (f"/claims/{GOAL_AT}/quotes/0/start", 189),
            (f"/claims/{GOAL_AT}/quotes/0/end", 201),
        ],
        [("claims.json", f"/{GOAL_AT}/quotes/0/end")],
        "200",
    ),
}


def _restates(at: int, target: str) -> Edit:
    return (f"/claims/{at}/relations/-", relation("restates", target))


CIRCLES: dict[str, Row] = {
    "is related to itself": (
        [_restates(FORECAST_AT, FORECAST)],
        [("claims.json", f"/{FORECAST_AT}/relations/1/claim")],
        "another claim",
    ),
    "two restate each other": ([_restates(GOAL_AT, HEADLINE)], [("claims.json", "")], "circle"),
    "three in a circle": (
        [_restates(GOAL_AT, REPORT), _restates(REPORT_AT, HEADLINE)],
        [("claims.json", "")],
        "circle",
    ),
    "narrators in a circle": (
        [
            (f"/claims/{HEADLINE_AT}/relations", [relation("restates", FORECAST)]),
            (f"/claims/{FORECAST_AT}/relations", [relation("restates", HEADLINE)]),
        ],
        [("claims.json", "")],
        "circle",
    ),
    "topic broader than itself": (
        [("/topics/2/broader", "trade")],
        [("topics.json", "/2/broader")],
        "back",
    ),
    "two topics broader than each other": (
        [("/topics/0/broader", "trade")],
        [("topics.json", "/0/broader"), ("topics.json", "/2/broader")],
        "back",
    ),
    "three topics in a circle": (
        [("/topics/0/broader", "harvest")],
        [("topics.json", f"/{place}/broader") for place in (0, 1, 3)],
        "back",
    ),
    "place within itself": (
        [("/places/3/within", "overseas")],
        [("places.json", "/3/within")],
        "back",
    ),
    "three places in a circle": (
        [("/places/0/within", "harbour")],
        [("places.json", f"/{place}/within") for place in (0, 1, 2)],
        "back",
    ),
}

CHAINS: dict[str, Row] = {
    "another publisher": (
        [(f"/claims/{GOAL_AT}/sources/2/agent", "herald")],
        [("claims.json", f"/{GOAL_AT}/sources/2/agent")],
        "gazette",
    ),
    "narrator of another document": (
        [(f"/claims/{FORECAST_AT}/sources/0/agent", "gazette")],
        [("claims.json", f"/{FORECAST_AT}/sources/0/agent")],
        "herald",
    ),
    "ungraded speaker": (
        [(f"/claims/{GOAL_AT}/sources/0/agent", "neighbour")],
        [("claims.json", f"/{GOAL_AT}/sources/0/agent")],
        "graded",
    ),
    "ungraded relayer": (
        [(f"/claims/{GOAL_AT}/sources/1/agent", "neighbour")],
        [("claims.json", f"/{GOAL_AT}/sources/1/agent")],
        "graded",
    ),
    "publisher loses its grade": (
        [("/agents/4/reliability", None)],
        [
            ("claims.json", f"/{REPORT_AT}/sources/1/agent"),
            ("claims.json", f"/{REPORT_AT}/alternatives/0/sources/0/agent"),
            ("claims.json", f"/{FORECAST_AT}/sources/0/agent"),
            ("claims.json", f"/{DIRECTIVE_AT}/sources/1/agent"),
        ],
        "graded",
    ),
}


def _credibility(at: int) -> tuple[list[Edit], list[tuple[str, str]]]:
    place = f"/{at}/confidence/content/credibility"
    return [(f"/claims{place}", 1)], [("claims.json", place)]


CONFIRMED, LONE = _credibility(FORECAST_AT)
OF_ONE_GROUP, GROUPED = _credibility(POSITION_AT)
INDEPENDENCE: dict[str, Row] = {
    "a single origin": (CONFIRMED, LONE, "2 to 6"),
    "two agents of one origin group": (OF_ONE_GROUP, GROUPED, "2 to 6"),
    "a relation that brings no witness": (
        [*CONFIRMED, (f"/claims/{FORECAST_AT}/relations", [relation("details", GOAL)])],
        LONE,
        "2 to 6",
    ),
}


def _change(at: int, key: str, value: Any, allowed: str) -> Row:
    return [(f"/changes/{at}/{key}", value)], [("changes.json", f"/{at}/{key}")], allowed


def _previous(key: str, value: Any, allowed: str) -> Row:
    return _change(REVISED_AT, f"previous/{key}", value, allowed)


CHANGES: dict[str, Row] = {
    "no reason": _change(REVISED_AT, "reason", None, "revised"),
    "seq skips one": _change(LAST - 1, "seq", LAST + 1, f"{LAST}, without a gap"),
    "seq repeated": _change(1, "seq", 1, "2, without a gap"),
    "seq from two": (
        [(f"/changes/{at}/seq", at + 2) for at in range(LAST)],
        [("changes.json", f"/{at}/seq") for at in range(LAST)],
        "without a gap",
    ),
    "change of a claim never created": (
        [
            (
                "/changes/-",
                change(
                    LAST + 1,
                    UNUSED,
                    "2023-03-01",
                    revision=2,
                    change="withdrawn",
                    reason="Never there.",
                    previous=claim(UNUSED, FIRST),
                ),
            )
        ],
        [("changes.json", f"/{LAST}/change")],
        "created",
    ),
    "revision jumps": (
        [
            (f"/changes/{REVISED_AT}/revision", 3),
            (f"/changes/{REVISED_AT}/previous/revision", 2),
            (f"/claims/{GOAL_AT}/revision", 3),
        ],
        [("changes.json", f"/{REVISED_AT}/revision")],
        "2",
    ),
    "recorded before the claim was": _change(
        WITHDRAWN_AT, "recorded_at", "2023-01-09", "2023-01-10 or later"
    ),
    "previous of another claim": _previous("id", FORECAST, GOAL),
    "previous of another revision": _previous("revision", 2, "1"),
    "previous of another day": _previous("recorded_at", "2023-01-11", "2023-01-10"),
    "previous is no claim": _previous("kind", "rumour", "goal"),
    "previous lacks a key": _previous("topics", REMOVED, "list"),
    "superseded by nothing": _change(SUPERSEDED_AT, "replaced_by", None, "superseded"),
    "superseded by a claim that never was": _change(SUPERSEDED_AT, "replaced_by", UNUSED, "active"),
    "superseded by a withdrawn claim": _change(SUPERSEDED_AT, "replaced_by", WITHDRAWN, "active"),
    "superseded by itself": _change(SUPERSEDED_AT, "replaced_by", SUPERSEDED, "active"),
    "two supersede each other": (
        [
            (f"/changes/{WITHDRAWN_AT}/change", "superseded"),
            (f"/changes/{WITHDRAWN_AT}/replaced_by", SUPERSEDED),
            (f"/changes/{SUPERSEDED_AT}/replaced_by", WITHDRAWN),
        ],
        [("changes.json", f"/{SUPERSEDED_AT}/replaced_by")],  # retired before, so it leads nowhere
        "active",
    ),
    "changed after it was retired": (
        [
            (
                "/changes/-",
                change(
                    LAST + 1,
                    WITHDRAWN,
                    "2023-03-01",
                    revision=3,
                    change="withdrawn",
                    reason="Again.",
                    previous=claim(WITHDRAWN, FIRST, revision=2, recorded_at="2023-02-02"),
                ),
            )
        ],
        [("changes.json", f"/{LAST}/claim")],
        "retired",
    ),
    "claim without a change": (
        [("/claims/-", claim(UNUSED, FIRST))],
        [("claims.json", "/6/id")],
        "changes.json",
    ),
    "claim gone without a change": (
        [(f"/claims/{FORECAST_AT}", REMOVED)],
        [("changes.json", "/3/claim")],
        "retires",
    ),
    "revised claim gone without a change": (
        [
            (f"/claims/{HEADLINE_AT}/relations", []),
            (f"/claims/{REPORT_AT}/relations", []),
            (f"/claims/{FORECAST_AT}/relations", []),
            (f"/claims/{DIRECTIVE_AT}/relations", []),
            (f"/claims/{GOAL_AT}", REMOVED),
        ],
        [("changes.json", f"/{REVISED_AT}/claim")],
        "retires",
    ),
    "claim of another revision": (
        [(f"/claims/{GOAL_AT}/revision", 1)],
        [("claims.json", f"/{GOAL_AT}/revision")],
        "2",
    ),
    "claim of another day": (
        [(f"/claims/{GOAL_AT}/recorded_at", "2023-01-10")],
        [("claims.json", f"/{GOAL_AT}/recorded_at")],
        "2023-02-01",
    ),
}

REFUSED = {
    **REFERENCES,
    **IDENTITIES,
    **SPANS,
    **CIRCLES,
    **CHAINS,
    **INDEPENDENCE,
    **CHANGES,
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_rule_is_refused_at_its_place_with_what_is_allowed(
    name: str, tmp_path: Path
) -> None:
    edits, expected, allowed = REFUSED[name]
    found = faults(edited(sample(), *edits), tmp_path)
    if name in CIRCLES and expected == [("claims.json", "")]:  # any claim of the circle may do
        assert [fault.file for fault in found] == ["claims.json"]
        assert found[0].pointer.endswith("/relations")
    else:
        assert places(found) == sorted(expected)
    assert any(allowed in fault.allowed for fault in found)
    assert all(fault.found for fault in found)


@pytest.mark.parametrize(("kind", "refused"), [("unnamed", 2), ("news_outlet", 0)])
def test_an_unnamed_publisher_is_one_documents_own(kind: str, refused: int, tmp_path: Path) -> None:
    data = sample()
    shared = data["documents"][0]["publisher"]
    (place,) = (n for n, agent in enumerate(data["agents"]) if agent["id"] == shared)
    edits = [("/documents/1/publisher", shared), (f"/agents/{place}/kind", kind)]
    found = [
        fault for fault in faults(edited(data, *edits), tmp_path) if fault.found == f'"{shared}"'
    ]
    assert len(found) == refused
    assert {fault.pointer for fault in found} <= {"/0/publisher", "/1/publisher"}


def test_a_circle_of_restatements_names_every_claim_in_it(tmp_path: Path) -> None:
    edits, _, _ = CIRCLES["three in a circle"]
    [fault] = faults(edited(sample(), *edits), tmp_path)
    assert all(identifier in fault.found for identifier in (GOAL, REPORT, HEADLINE))


TAKEN: dict[str, list[Edit]] = {
    "evidence to the end of its document": [(f"/claims/{GOAL_AT}/evidence/0/end", 200)],
    "a quote to the end of its document": [
        (f"/claims/{GOAL_AT}/quotes/0/start", 188),
        (f"/claims/{GOAL_AT}/quotes/0/end", 200),
    ],
    "credibility 1 with a supporter of another origin": [
        (f"/claims/{GOAL_AT}/confidence/content/credibility", 1)
    ],
    "credibility 1 with support for another origin": [
        (f"/claims/{REPORT_AT}/confidence/content/credibility", 1)
    ],
    "credibility 1 once the origin is not shared": [
        *OF_ONE_GROUP,
        ("/agents/2/origin_group", None),
    ],
    "relations of no direction in a circle": [
        (f"/claims/{GOAL_AT}/relations", [relation("contrasts", FORECAST)]),
        (f"/claims/{FORECAST_AT}/relations/0/type", "contrasts"),
    ],
    "relations one way, of different kinds": [
        (f"/claims/{GOAL_AT}/relations", [relation("details", FORECAST)]),
    ],
    "a claim restated twice over": [_restates(FORECAST_AT, HEADLINE), _restates(FORECAST_AT, GOAL)],
    "two documents, the publisher of either": [
        (f"/claims/{GOAL_AT}/evidence/-", sample()["claims"][REPORT_AT]["evidence"][0]),
        (f"/claims/{GOAL_AT}/sources/2/agent", "herald"),
    ],
    "a speaker who is graded": [
        ("/agents/5/reliability", {"grade": "F", "rationale": "Nobody can judge it."}),
        (f"/claims/{GOAL_AT}/sources/0", link("neighbour", "speaker")),
    ],
    "superseded by a claim that was superseded": [
        (f"/changes/{WITHDRAWN_AT}/change", "superseded"),
        (f"/changes/{WITHDRAWN_AT}/replaced_by", SUPERSEDED),
    ],
    "superseded by another claim": [(f"/changes/{SUPERSEDED_AT}/replaced_by", GOAL)],
    "several changes on one day": [
        (f"/changes/{WITHDRAWN_AT}/recorded_at", "2023-01-10"),
    ],
    "nothing at all": [(f"/{name}", []) for name in sample()],
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_breaks_no_rule_is_taken(name: str, tmp_path: Path) -> None:
    assert faults(edited(sample(), *TAKEN[name]), tmp_path) == ()


@pytest.mark.parametrize("file", ["agents", "documents", "topics", "occasions", "places"])
def test_any_record_that_others_name_may_be_gone_and_each_of_these_is_told(
    file: str, tmp_path: Path
) -> None:
    """Whatever else is asked of the claims: how they are related, and who stands behind them."""
    for at, record in enumerate(sample()[file]):
        found = faults(edited(sample(), (f"/{file}/{at}", REMOVED)), tmp_path / str(at))
        told = [fault for fault in found if record["id"] in fault.found]
        assert told or repr(record["id"]) not in str(sample()["claims"])


def test_faults_of_every_kind_of_reference_are_reported_at_once(tmp_path: Path) -> None:
    edits = [edit for row in REFERENCES.values() for edit in row[0]]
    wanted = {place for row in REFERENCES.values() for place in row[1]}
    assert set(places(faults(edited(sample(), *edits), tmp_path))) == wanted


def test_faults_of_several_files_are_reported_at_once(tmp_path: Path) -> None:
    names = ("publisher", "agent twice", "seq repeated", "claim of another day", "broader topic")
    edits = [edit for name in names for edit in REFUSED[name][0]]
    wanted = sorted(place for name in names for place in REFUSED[name][1])
    assert places(faults(edited(sample(), *edits), tmp_path)) == wanted


def test_faults_that_need_sound_references_are_reported_at_once(tmp_path: Path) -> None:
    names = ("evidence beyond its document", "another publisher", "topic broader than itself")
    rows = [REFUSED[name] for name in (*names, "a single origin")]
    found = faults(edited(sample(), *(edit for row in rows for edit in row[0])), tmp_path)
    assert places(found) == sorted(place for row in rows for place in row[1])


def test_the_directive_replaced_what_it_says(tmp_path: Path) -> None:
    """The sample itself leads from the superseded claim to an active one."""
    assert sample()["changes"][SUPERSEDED_AT]["replaced_by"] == DIRECTIVE
    assert faults(sample(), tmp_path) == ()
