"""Claims and what they refer to: coherent in themselves, and served in a fixed shape."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from schemas.date import BASES, expanded
from schemas.records.change import ChangeSchema
from schemas.records.claim import (
    ATTRIBUTIONS,
    CREDIBILITY_SCORES,
    KINDS,
    LEVEL_SCORES,
    RELATIONS,
    ClaimSchema,
    CuratedClaimSchema,
)
from schemas.records.provenance import DOCUMENT_STATUSES, EVIDENCE_ROLES, FIDELITIES
from schemas.records.record import curated
from schemas.records.vocabularies import (
    AGENT_KINDS,
    CAP_MAJOR,
    GRADES,
    TEXT_USES,
    AgentSchema,
    DocumentSchema,
    OccasionSchema,
    PlaceSchema,
    TopicSchema,
)
from service.compiler import Fixtures
from tests.built import files_of
from tests.samples import (
    FIRST,
    FORECAST_AT,
    GOAL_AT,
    HEADLINE_AT,
    POSITION_AT,
    REPORT_AT,
    REVISED_AT,
    SUPERSEDED_AT,
    WITHDRAWN_AT,
    Edit,
    date,
    dates,
    edited,
    goal,
    link,
    quote,
    sample,
)
from tests.strategies import DATES, data_sets
from tests.tables import each_row

pytestmark = pytest.mark.slow

SPEAKER, RELAYER = link("ministry", "speaker"), link("state-agency", "relayer")
PUBLISHER = link("gazette", "publisher")
PLAN = goal(None, "directional", "More.")
OWN_VOICE = {"sources": [PUBLISHER], "attribution": "narrator", "rationale": "It cites nobody."}

INCOHERENT: dict[str, tuple[int, list[Edit], list[str]]] = {
    "chain without a publisher": (GOAL_AT, [("/sources", [SPEAKER])], ["sources"]),
    "chain of a publisher alone": (GOAL_AT, [("/sources", [PUBLISHER])], ["sources"]),
    "publisher first": (GOAL_AT, [("/sources", [PUBLISHER, SPEAKER])], ["sources"]),
    "relayer first": (GOAL_AT, [("/sources", [RELAYER, PUBLISHER])], ["sources"]),
    "relayer last": (GOAL_AT, [("/sources", [SPEAKER, RELAYER])], ["sources"]),
    "two speakers": (GOAL_AT, [("/sources", [SPEAKER, SPEAKER, PUBLISHER])], ["sources"]),
    "two publishers": (GOAL_AT, [("/sources", [SPEAKER, PUBLISHER, PUBLISHER])], ["sources"]),
    "empty chain": (GOAL_AT, [("/sources", [])], ["sources"]),
    "narrator and speaker": (FORECAST_AT, [("/sources", [SPEAKER, PUBLISHER])], ["sources"]),
    "narrator who relays": (FORECAST_AT, [("/sources", [RELAYER])], ["sources"]),
    "narrator twice": (FORECAST_AT, [("/sources", [PUBLISHER, PUBLISHER])], ["sources"]),
    "attribution of a lone publisher": (FORECAST_AT, [("/attribution", "indirect")], ["sources"]),
    "goal without a goal": (HEADLINE_AT, [("/goal", None)], ["goal"]),
    "mixed without a quote": (GOAL_AT, [("/quotes", [])], ["quotes"]),
    "direct without a quote": (POSITION_AT, [("/quotes", [])], ["quotes"]),
    "quote too long": (GOAL_AT, [("/quotes/0/end", 51)], ["quotes/0/end"]),
    "quote too short": (GOAL_AT, [("/quotes/0/end", 53)], ["quotes/0/end"]),
    "quote backwards": (GOAL_AT, [("/quotes/0/end", 28)], ["quotes/0/end"]),
    "quote counted in bytes": (GOAL_AT, [("/quotes/0/text", "a ténth more")], []),
    "quote counted in UTF-16": (GOAL_AT, [("/quotes/0/text", "a tenth mor\U0001f600")], []),
    "empty span": (GOAL_AT, [("/evidence/0/end", 10)], ["evidence/0/end"]),
    "span backwards": (GOAL_AT, [("/evidence/0/end", 9)], ["evidence/0/end"]),
    "withheld, yet detailed": (HEADLINE_AT, [("/goal/details", "More.")], ["goal/details"]),
    "directional without details": (
        HEADLINE_AT,
        [("/goal/specificity", "directional")],
        ["goal/details"],
    ),
    "measurable without details": (GOAL_AT, [("/goal/details", None)], ["goal/details"]),
    "inferred without a note": (
        GOAL_AT,
        [("/dates/announced/note", None)],
        ["dates/announced/note"],
    ),
    "external horizon without a note": (
        GOAL_AT,
        [("/goal/horizon/basis", "external")],
        ["goal/horizon/note"],
    ),
    "a topic twice": (GOAL_AT, [("/topics", ["trade", "trade"])], ["topics"]),
    "an actor twice": (GOAL_AT, [("/actors", ["ministry", "ministry"])], ["actors"]),
    "an addressee twice": (GOAL_AT, [("/addressees", ["herald", "herald"])], ["addressees"]),
    "one concerned twice": (GOAL_AT, [("/about", ["herald", "herald"])], ["about"]),
    "a hedge twice": (GOAL_AT, [("/hedges", ["may", "may"])], ["hedges"]),
    "no topic": (GOAL_AT, [("/topics", [])], ["topics"]),
    "no actor": (GOAL_AT, [("/actors", [])], ["actors"]),
    "a target of what cannot be measured": (
        GOAL_AT,
        [("/goal/specificity", "directional")],
        ["goal/target"],
    ),
    "a reading whose chain is broken": (
        GOAL_AT,
        [("/alternatives", [{**OWN_VOICE, "sources": [SPEAKER]}])],
        ["alternatives/0/sources"],
    ),
    "a reading whose chain is not of its attribution": (
        GOAL_AT,
        [("/alternatives", [{**OWN_VOICE, "attribution": "direct"}])],
        ["alternatives/0/sources"],
    ),
    "a rival that reads the same": (
        FORECAST_AT,
        [("/sources", [PUBLISHER]), ("/alternatives", [OWN_VOICE])],
        ["alternatives/0/sources"],
    ),
    "a reading twice": (GOAL_AT, [("/alternatives", [OWN_VOICE] * 2)], ["alternatives"]),
    "no evidence": (GOAL_AT, [("/evidence", [])], ["evidence"]),
    "three at once": (
        HEADLINE_AT,
        [("/goal", None), ("/attribution", "mixed")],
        ["goal", "quotes", "sources"],
    ),
}


def _leaves(messages: Any, path: str = "") -> list[str]:
    """The places that marshmallow's messages name."""
    if not isinstance(messages, dict):
        return [path.lstrip("/")]
    return sorted(leaf for key in messages for leaf in _leaves(messages[key], f"{path}/{key}"))


@each_row("name", INCOHERENT)
def test_an_incoherent_claim_is_refused_at_the_place(name: str) -> None:
    at, edits, expected = INCOHERENT[name]
    claim = edited(sample()["claims"][at], *edits)
    if not expected:
        assert CuratedClaimSchema().load(claim) == claim
        return
    with pytest.raises(ValidationError) as refused:
        CuratedClaimSchema().load(claim)
    assert _leaves(refused.value.messages) == expected


COHERENT: dict[str, tuple[int, list[Edit]]] = {
    "speaker and publisher": (GOAL_AT, [("/sources", [SPEAKER, PUBLISHER])]),
    "two relayers": (GOAL_AT, [("/sources", [SPEAKER, RELAYER, RELAYER, PUBLISHER])]),
    "speaker who publishes": (
        GOAL_AT,
        [("/sources", [link("gazette", "speaker"), PUBLISHER])],
    ),
    "indirect without a quote": (REPORT_AT, [("/quotes", [])]),
    "narrator with a quoted word": (
        FORECAST_AT,
        [("/quotes", [quote("fair", "ministry", FIRST, 0)])],
    ),
    "event with a goal": (REPORT_AT, [("/goal", PLAN)]),
    "directive without a goal": (FORECAST_AT, [("/kind", "directive")]),
    "nothing dated": (GOAL_AT, [("/dates", dates())]),
    "a rival reading": (GOAL_AT, [("/alternatives", [OWN_VOICE])]),
    "measurable by a date alone": (GOAL_AT, [("/goal/target", None)]),
    "nobody knows whether it was spelled out": (GOAL_AT, [("/goal/elaborated", None)]),
    "withheld, and yet spelled out somewhere": (HEADLINE_AT, [("/goal/elaborated", True)]),
    "a denial": (REPORT_AT, [("/kind", "denial"), ("/dates/refers_to", date("/2022-12-28"))]),
    "resolved without a note": (GOAL_AT, [("/dates/occurred/basis", "resolved")]),
}


@each_row("name", COHERENT)
def test_what_the_rules_leave_open_is_taken(name: str) -> None:
    at, edits = COHERENT[name]
    claim = edited(sample()["claims"][at], *edits)
    assert CuratedClaimSchema().load(claim) == claim


@pytest.mark.parametrize("sourced", [True, False])
def test_a_served_claim_says_whether_it_cites_somebody(sourced: bool) -> None:
    for claim in _served(_fixtures(sample()))["claims"]:
        assert claim["sourced"] is (len(claim["sources"]) > 1)
        if claim["sourced"] is not sourced:
            with pytest.raises(ValidationError) as refused:
                ClaimSchema().load({**claim, "sourced": sourced})
            assert _leaves(refused.value.messages) == ["sourced"]


@pytest.mark.parametrize("status", ["active", "corrected", "retracted"])
def test_a_document_that_does_not_stand_as_it_was_says_when_and_why(status: str) -> None:
    schema, record = curated(DocumentSchema), {**sample()["documents"][0], "status": status}
    noted = {**record, "status_note": {"date": "2023-01-05", "text": "A number was wrong."}}
    assert schema().load(noted) == noted
    if status == "active":
        assert schema().load(record) == record
        return
    with pytest.raises(ValidationError) as refused:
        schema().load(record)
    assert _leaves(refused.value.messages) == ["status_note"]


CHANGES: dict[str, tuple[int, Edit, list[str]]] = {
    "revised without a reason": (REVISED_AT, ("/reason", None), ["reason"]),
    "superseded without a reason": (SUPERSEDED_AT, ("/reason", None), ["reason"]),
    "withdrawn without a reason": (WITHDRAWN_AT, ("/reason", None), ["reason"]),
    "blank reason": (REVISED_AT, ("/reason", " "), ["reason"]),
    "revised without the record before": (REVISED_AT, ("/previous", None), ["previous"]),
    "withdrawn without the record before": (WITHDRAWN_AT, ("/previous", None), ["previous"]),
    "created with a record before": (0, ("/previous", {}), ["previous"]),
    "previous is no object": (REVISED_AT, ("/previous", []), ["previous"]),
    "superseded by nothing": (SUPERSEDED_AT, ("/replaced_by", None), ["replaced_by"]),
    "revised, yet replaced": (REVISED_AT, ("/replaced_by", "clm_0000000a"), ["replaced_by"]),
    "withdrawn, yet replaced": (WITHDRAWN_AT, ("/replaced_by", "clm_0000000a"), ["replaced_by"]),
    "created as revision 2": (0, ("/revision", 2), ["revision"]),
    "revised as revision 1": (REVISED_AT, ("/revision", 1), ["revision"]),
    "created, yet revised": (REVISED_AT, ("/change", "created"), ["previous", "revision"]),
}


@each_row("name", CHANGES)
def test_a_change_says_all_that_its_kind_needs_and_no_more(name: str) -> None:
    at, edit, expected = CHANGES[name]
    with pytest.raises(ValidationError) as refused:
        ChangeSchema().load(edited(sample()["changes"][at], edit))
    assert _leaves(refused.value.messages) == expected


@pytest.mark.parametrize(
    ("question", "edit"),
    [
        ("attribution", ("/confidence/attribution/score", 50)),
        ("attribution", ("/confidence/attribution/level", "moderate")),
        ("content", ("/confidence/content/score", 70)),
        ("content", ("/confidence/content/score", None)),
        ("content", ("/confidence/content/credibility", 6)),
    ],
)
def test_a_served_score_is_the_score_of_its_grade(question: str, edit: Edit) -> None:
    [served, *_] = _served(_fixtures(sample()))["claims"]
    with pytest.raises(ValidationError) as refused:
        ClaimSchema().load(edited(served, edit))
    assert _leaves(refused.value.messages) == [f"confidence/{question}/score"]


CURATED: dict[str, type[Schema]] = {
    "documents": curated(DocumentSchema),
    "agents": curated(AgentSchema),
    "topics": curated(TopicSchema),
    "occasions": curated(OccasionSchema),
    "places": curated(PlaceSchema),
    "claims": CuratedClaimSchema,
    "changes": ChangeSchema,
}
SERVED: dict[str, type[Schema]] = {
    "documents": DocumentSchema,
    "agents": AgentSchema,
    "topics": TopicSchema,
    "occasions": OccasionSchema,
    "places": PlaceSchema,
    "claims": ClaimSchema,
}


def _fixtures(data: dict[str, list[dict[str, Any]]]) -> Fixtures:
    return Fixtures(data)


def _served(fixtures: Fixtures) -> dict[str, list[Any]]:
    """What a build makes of fixtures, by kind."""
    files = files_of(fixtures)
    served = {
        kind: [*map(json.loads, files[f"{kind}.ndjson"].splitlines())]
        for kind in SERVED
        if kind != "claims"
    }
    return {**served, "claims": list(map(json.loads, files["claims.ndjson"].splitlines()))}


def _text(record: object) -> str:
    """JSON that tells ``1`` from ``1.0`` and ``true``, as ``==`` does not."""
    return json.dumps(record, sort_keys=True)


@functools.cache
def _made(schema: type[Schema]) -> Schema:
    """To make a schema takes longer than to load a record by it."""
    return schema()


def _goes_through(schema: type[Schema], record: dict[str, Any]) -> None:
    made = _made(schema)
    dumped = made.dump(record)
    assert _text(dumped) == _text(record)
    assert _text(made.load(dumped)) == _text(record)


@settings(max_examples=15)
@given(data_sets())
def test_what_is_loaded_and_dumped_is_the_same_as_before(fixtures: Fixtures) -> None:
    """Of every kind of record, as curated and as served; and no number turns into another."""
    for kind, schema in CURATED.items():
        for record in fixtures[kind]:
            _goes_through(schema, dict(record))
    for kind, records in _served(fixtures).items():
        for record in records:
            _goes_through(SERVED[kind], record)


_texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
    lambda text: not text.isspace()
)
_ids = st.from_regex(r"\A[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,3}\Z")
_claim_ids = st.from_regex(r"\Aclm_[0-9a-hjkmnp-tv-z]{8}\Z")
_document_ids = st.from_regex(r"\Adoc_[0-9a-hjkmnp-tv-z]{8}\Z")
_hashes = st.from_regex(r"\A[0-9a-f]{64}\Z")
_days = st.dates().map(str)
_notes = st.none() | _texts


_dates = st.builds(date, st.sampled_from(DATES), st.sampled_from(BASES), _texts)
_places = st.tuples(st.integers(0, 10**9), st.integers(1, 10**6))
_references = st.fixed_dictionaries({"id": _ids, "name": _texts})
_document_references = st.fixed_dictionaries(
    {"id": _document_ids, "name": _texts, "status": st.sampled_from(DOCUMENT_STATUSES)}
)
_bounded = _dates.map(expanded)


def _quote(
    text: str, speaker: dict[str, str], document: dict[str, str], start: int
) -> dict[str, Any]:
    end = start + len(text)
    return {"text": text, "speaker": speaker, "document": document, "start": start, "end": end}


def _evidence(
    document: dict[str, str],
    place: tuple[int, int],
    digest: str,
    fidelity: str,
    role: str,
    locator: str | None,
) -> dict[str, Any]:
    start, length = place
    span = {"document": document, "start": start, "end": start + length, "sha256": digest}
    return {**span, "fidelity": fidelity, "role": role, "locator": locator}


def _some(values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=least, max_size=2, unique_by=repr)


_elaborated = st.none() | st.booleans()
_numbers = st.integers(-(10**14), 10**14) | st.floats(allow_nan=False, allow_infinity=False)
_targets = st.fixed_dictionaries(
    {"value": _numbers, **dict.fromkeys(("unit", "baseline", "indicator"), _notes)}
)
_goals = st.one_of(
    st.builds(
        lambda horizon, details, elaborated, target, condition: {
            "horizon": horizon,
            "specificity": "measurable" if target else "directional",
            "details": details,
            "elaborated": elaborated,
            "target": target,
            "condition": condition,
        },
        *(st.none() | _bounded, _texts, _elaborated, st.none() | _targets, _notes),
    ),
    st.just(goal(None, "withheld", None)),
)
_identifiers = _some(
    st.fixed_dictionaries(
        {"scheme": _ids, "id": _texts, "url": st.none() | st.just("https://example.org/Q1")}
    )
)
_sources = st.fixed_dictionaries(
    {
        "agent": _references,
        "role": st.sampled_from(("speaker", "relayer", "publisher")),
        "cue": _notes,
    }
)
_readings = st.builds(
    lambda source, why: {
        "sources": [{**source, "role": "speaker"}, {**source, "role": "publisher"}],
        "attribution": "indirect",
        "rationale": why,
    },
    _sources,
    _texts,
)
_confidence = st.fixed_dictionaries(
    {
        "attribution": st.builds(
            lambda level, why: {"level": level, "score": LEVEL_SCORES[level], "rationale": why},
            st.sampled_from(tuple(LEVEL_SCORES)),
            _texts,
        ),
        "content": st.builds(
            lambda grade, why: {
                "credibility": grade,
                "score": CREDIBILITY_SCORES[grade],
                "rationale": why,
            },
            st.sampled_from(tuple(CREDIBILITY_SCORES)),
            _texts,
        ),
    }
)
_related = {"type": st.sampled_from(RELATIONS), "claim": _claim_ids}


def _coherent(claim: dict[str, Any]) -> dict[str, Any]:
    """The same claim, with the chain that its rules ask for, and of a kind that they allow."""
    first, *_, last = chain = [*claim["sources"] * 2]
    publisher = {**last, "role": "publisher"}
    if claim["attribution"] == "narrator":
        claim["sources"] = [publisher]
    else:
        relayers = [{**source, "role": "relayer"} for source in chain[1:-1]]
        claim["sources"] = [{**first, "role": "speaker"}, *relayers, publisher]
        claim["attribution"] = claim["attribution"] if claim["quotes"] else "indirect"
    claim["kind"] = claim["kind"] if claim["goal"] else "event"
    claim["sourced"] = claim["attribution"] != "narrator"
    own = (claim["sources"], claim["attribution"])
    others = claim["alternatives"]
    claim["alternatives"] = [r for r in others if (r["sources"], r["attribution"]) != own]
    return claim


def _degrees(most: int) -> st.SearchStrategy[float]:
    return st.integers(-most, most) | st.floats(-most, most)


SERVED_RECORDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "documents": st.fixed_dictionaries(
        {
            "id": _document_ids,
            "title": _texts,
            "publisher": _references,
            "dateline": _notes,
            "published": _bounded,
            "language": st.sampled_from(("en", "ko", "pt-BR", "zh-Hant-TW")),
            "url": st.none() | st.just("https://example.org/a?b=c"),
            "archived_url": st.none() | st.just("https://archive.example/1/https://example.org/a"),
            "accessed": st.none() | _days,
            "media_type": st.sampled_from((None, "text/html", "image/svg+xml")),
            "file": _texts.map(lambda text: text.replace("/", "-") + ".txt"),
            "sha256": _hashes,
            "length": st.integers(1, 10**9),
            "text": st.sampled_from(TEXT_USES),
            "status": st.sampled_from(DOCUMENT_STATUSES),
            "status_note": st.fixed_dictionaries({"date": _days, "text": _texts}),
            "claim_count": st.integers(0, 10**6),
        }
    ),
    "agents": st.fixed_dictionaries(
        {
            "id": _ids,
            "name": _texts,
            "kind": st.sampled_from(AGENT_KINDS),
            "other_names": _some(_texts),
            "identifiers": _identifiers,
            "country": st.sampled_from((None, "KP")),
            "reliability": st.none()
            | st.fixed_dictionaries({"grade": st.sampled_from(GRADES), "rationale": _texts}),
            "origin_group": st.none() | _ids,
            "claim_count": st.integers(0, 10**6),
        }
    ),
    "topics": st.fixed_dictionaries(
        {
            "id": _ids,
            "label": _texts,
            "definition": _texts,
            "broader": st.none() | _references,
            "cap_major": st.sampled_from((None, *CAP_MAJOR)),
            "codes": _some(st.fixed_dictionaries({"scheme": _ids, "code": _texts})),
            "claim_count": st.integers(0, 10**6),
        }
    ),
    "occasions": st.fixed_dictionaries(
        {
            "id": _ids,
            "name": _texts,
            "series": st.none() | _ids,
            "dates": _bounded,
            "organizer": st.none() | _references,
            "part_of": st.none() | _references,
            "claim_count": st.integers(0, 10**6),
        }
    ),
    "places": st.fixed_dictionaries(
        {
            "id": _ids,
            "name": _texts,
            "other_names": _some(_texts),
            "within": st.none() | _references,
            "country": st.sampled_from((None, "KP", "KR")),
            "identifiers": _identifiers,
            "point": st.none() | st.fixed_dictionaries({"lat": _degrees(90), "lon": _degrees(180)}),
            "claim_count": st.integers(0, 10**6),
        }
    ),
    "claims": st.fixed_dictionaries(
        {
            "id": _claim_ids,
            "statement": _texts,
            "kind": st.sampled_from(KINDS),
            "topics": _some(_references, 1),
            "actors": _some(_references, 1),
            "addressees": _some(_references),
            "about": _some(_references),
            "occasion": st.none() | _references,
            "places": _some(_references),
            "goal": st.none() | _goals,
            "sourced": st.booleans(),
            "sources": st.lists(_sources, min_size=1, max_size=3),
            "attribution": st.sampled_from(ATTRIBUTIONS),
            "alternatives": _some(_readings),
            "quotes": _some(
                st.builds(_quote, _texts, _references, _document_references, st.integers(0, 10**9))
            ),
            "evidence": _some(
                st.builds(
                    _evidence,
                    _document_references,
                    _places,
                    _hashes,
                    st.sampled_from(FIDELITIES),
                    st.sampled_from(EVIDENCE_ROLES),
                    st.sampled_from((None, "page=3", "t=npt:10.5,20&xywh=percent:1,2,3,4")),
                ),
                1,
            ),
            "dates": st.fixed_dictionaries(
                dict.fromkeys(("announced", "occurred", "refers_to"), st.none() | _bounded)
            ),
            "hedges": _some(_texts),
            "confidence": _confidence,
            "relations": _some(st.fixed_dictionaries({**_related, "rationale": _texts})),
            "related_from": _some(st.fixed_dictionaries(_related)),
            "independent_origins": st.integers(1, 10**6),
            "revision": st.integers(1, 10**6),
            "recorded_at": _days,
        }
    ).map(_coherent),
}


REFERENCE = ("id", "name")
DATE = ("edtf", "earliest", "latest", "precision", "basis", "note")
ORDER: dict[str, dict[str, tuple[str, ...]]] = {
    "documents": {
        "": (
            *("id", "title", "publisher", "dateline", "published", "language", "url"),
            *("archived_url", "accessed", "media_type", "file", "sha256", "length"),
            *("text", "status", "status_note", "claim_count"),
        ),
        "status_note": ("date", "text"),
        "publisher": REFERENCE,
        "published": DATE,
    },
    "agents": {
        "": (
            *("id", "name", "kind", "other_names", "identifiers", "country", "reliability"),
            *("origin_group", "claim_count"),
        ),
        "identifiers": ("scheme", "id", "url"),
        "reliability": ("grade", "rationale"),
    },
    "topics": {
        "": ("id", "label", "definition", "broader", "cap_major", "codes", "claim_count"),
        "broader": REFERENCE,
        "codes": ("scheme", "code"),
    },
    "occasions": {
        "": ("id", "name", "series", "dates", "organizer", "part_of", "claim_count"),
        "dates": DATE,
        **dict.fromkeys(("organizer", "part_of"), REFERENCE),
    },
    "places": {
        "": (
            *("id", "name", "other_names", "within", "country", "identifiers", "point"),
            "claim_count",
        ),
        "within": REFERENCE,
        "identifiers": ("scheme", "id", "url"),
        "point": ("lat", "lon"),
    },
    "claims": {
        "": (
            *("id", "statement", "kind", "topics", "actors", "addressees", "about", "occasion"),
            *("places", "goal", "sourced", "sources", "attribution", "alternatives", "quotes"),
            *("evidence", "dates", "hedges"),
            *("confidence", "relations", "related_from", "independent_origins", "revision"),
            "recorded_at",
        ),
        **dict.fromkeys(
            ("topics", "actors", "addressees", "about", "occasion", "places"), REFERENCE
        ),
        "goal": ("horizon", "specificity", "details", "elaborated", "target", "condition"),
        "goal/horizon": DATE,
        "goal/target": ("value", "unit", "baseline", "indicator"),
        **dict.fromkeys(("sources", "alternatives/sources"), ("agent", "role", "cue")),
        "alternatives": ("sources", "attribution", "rationale"),
        "quotes": ("text", "speaker", "document", "start", "end"),
        **dict.fromkeys(
            ("quotes/speaker", "sources/agent", "alternatives/sources/agent"), REFERENCE
        ),
        "evidence": ("document", "start", "end", "sha256", "fidelity", "role", "locator"),
        **dict.fromkeys(("quotes/document", "evidence/document"), (*REFERENCE, "status")),
        "dates": ("announced", "occurred", "refers_to"),
        **dict.fromkeys(("dates/announced", "dates/occurred", "dates/refers_to"), DATE),
        "confidence": ("attribution", "content"),
        "confidence/attribution": ("level", "score", "rationale"),
        "confidence/content": ("credibility", "score", "rationale"),
        "relations": ("type", "claim", "rationale"),
        "related_from": ("type", "claim"),
    },
}
"""The keys of every object as clients read them, and in what order."""


def _orders(value: Any, path: str = "") -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(value, list):
        return [pair for item in value for pair in _orders(item, path)]
    if not isinstance(value, dict):
        return []
    below = [pair for key in value for pair in _orders(value[key], f"{path}/{key}".lstrip("/"))]
    return [(path, tuple(value)), *below]


@pytest.mark.parametrize("kind", ORDER)
def test_the_build_serves_every_key_in_the_documented_order(kind: str) -> None:
    found = {pair for record in _served(_fixtures(sample()))[kind] for pair in _orders(record)}
    assert found == set(ORDER[kind].items())


@pytest.mark.parametrize("kind", ORDER)
def test_the_served_schema_declares_the_documented_order(kind: str) -> None:
    assert tuple(SERVED[kind]().fields) == ORDER[kind][""]


@pytest.mark.parametrize("kind", SERVED_RECORDS)
@given(data=st.data())
def test_any_served_record_is_dumped_and_loaded_unchanged(kind: str, data: st.DataObject) -> None:
    """``load(dump(x)) == x`` over the whole of what the schemas allow, keys in their order."""
    record = data.draw(SERVED_RECORDS[kind])
    _goes_through(SERVED[kind], record)
    assert set(_orders(_made(SERVED[kind]).dump(record))) <= set(ORDER[kind].items())
