"""A small valid set of fixtures, made by hand, and helpers that spoil it in one place.

Two documents, six active claims (one of them revised), one claim that another
replaced and one that was withdrawn.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from schemas.faults import DataRefused, Fault
from service.compiler import check_fixtures

Data = dict[str, list[dict[str, Any]]]
Edit = tuple[str, Any]

FIRST, SECOND = "doc_0000000a", "doc_0000000b"
GOAL, HEADLINE, REPORT = "clm_0000000a", "clm_0000000b", "clm_0000000c"
FORECAST, POSITION, DIRECTIVE = "clm_0000000d", "clm_0000000e", "clm_0000000f"
SUPERSEDED, WITHDRAWN, UNUSED = "clm_0000000g", "clm_0000000h", "clm_zzzzzzzz"
GOAL_AT, HEADLINE_AT, REPORT_AT, FORECAST_AT, POSITION_AT, DIRECTIVE_AT = range(6)
"""Where each claim stands in ``claims.json``."""
REVISED_AT, WITHDRAWN_AT, SUPERSEDED_AT = 7, 8, 10
"""Where each change after a creation stands in ``changes.json``."""
CORRECTED = {
    "url": "https://herald.example/plan?day=28#top",
    "archived_url": "https://archive.example/2023/https://herald.example/plan",
    "accessed": "2023-01-09",
    "media_type": "application/pdf",
    "file": "계획 (2022).txt",
    "language": "zh-Hant-TW",
    "status": "corrected",
    "status_note": {"date": "2023-01-05", "text": "A number was wrong."},
}
"""A document of which everything is known."""
IN_A_LIST = {"scheme": "lei", "id": "5299000J2N45DDNE4Y28", "url": None}
REMOVED = object()
"""As the value of an edit: what stands at the pointer is taken out."""


def date(edtf: str, basis: str = "stated", note: str | None = None) -> dict[str, Any]:
    return {"edtf": edtf, "basis": basis, "note": note}


def dates(
    announced: dict[str, Any] | None = None,
    occurred: dict[str, Any] | None = None,
    refers_to: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {"announced": announced, "occurred": occurred, "refers_to": refers_to}


def goal(horizon: str | None, specificity: str, details: str | None) -> dict[str, Any]:
    return {
        "horizon": horizon and date(horizon),
        "specificity": specificity,
        "details": details,
        "elaborated": None,
        "target": None,
        "condition": None,
    }


def link(agent: str, role: str, cue: str | None = None) -> dict[str, Any]:
    return {"agent": agent, "role": role, "cue": cue}


def quote(text: str, speaker: str, document: str, start: int) -> dict[str, Any]:
    end = start + len(text)
    return {"text": text, "speaker": speaker, "document": document, "start": start, "end": end}


def relation(kind: str, claim: str) -> dict[str, Any]:
    return {"type": kind, "claim": claim, "rationale": "Both speak of one plan."}


def document(identifier: str, publisher: str, published: str, length: int) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": f"The plan, as {publisher} tells it",
        "publisher": publisher,
        "dateline": None,
        "published": date(published),
        "language": "en",
        "url": None,
        "archived_url": None,
        "accessed": None,
        "media_type": None,
        "file": f"{identifier}.txt",
        "sha256": identifier[-1] * 64,
        "length": length,
        "text": "none",
        "status": "active",
        "status_note": None,
    }


def agent(
    identifier: str, kind: str, grade: str | None, group: str | None = None
) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": identifier.replace("-", " ").capitalize(),
        "kind": kind,
        "other_names": [],
        "identifiers": [],
        "country": None,
        "reliability": grade and {"grade": grade, "rationale": "Close to what it reports."},
        "origin_group": group,
    }


def topic(identifier: str, broader: str | None = None, major: int | None = None) -> dict[str, Any]:
    return {
        "id": identifier,
        "label": identifier.capitalize(),
        "definition": f"All that concerns {identifier}.",
        "broader": broader,
        "cap_major": major,
        "codes": [],
    }


def occasion(identifier: str, day: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": f"The {identifier}",
        "series": "assembly",
        "dates": date(day),
        "organizer": "ministry",
        "part_of": None,
    }


def place(identifier: str, within: str | None = None, country: str | None = None) -> dict[str, Any]:
    gazetteer = {
        "scheme": "gazetteer",
        "id": identifier[:3],
        "url": f"https://g.example/{identifier}",
    }
    return {
        "id": identifier,
        "name": identifier.capitalize(),
        "other_names": [f"Old {identifier}"],
        "within": within,
        "country": country,
        "identifiers": [gazetteer],
        "point": {"lat": -12.5, "lon": 130.75} if within else None,
    }


def claim(identifier: str, place: str, **given: Any) -> dict[str, Any]:
    """A claim in the voice of its document, but for what is ``given``."""
    publisher = {FIRST: "gazette", SECOND: "herald"}[place]
    evidence = {"document": place, "start": 10, "end": 90, "sha256": "cd" * 32}
    made = {
        "id": identifier,
        "statement": f"The ministry has a plan for the harvest ({identifier}).",
        "kind": "event",
        "topics": ["agriculture"],
        "actors": ["ministry"],
        "addressees": [],
        "about": [],
        "occasion": None,
        "places": [],
        "goal": None,
        "sources": [link(publisher, "publisher")],
        "attribution": "narrator",
        "alternatives": [],
        "quotes": [],
        "evidence": [{**evidence, "fidelity": "paraphrase", "role": "supports", "locator": None}],
        "dates": dates(),
        "hedges": [],
        "confidence": {
            "attribution": {"level": "high", "rationale": "The document says so itself."},
            "content": {"credibility": 3, "rationale": "Likely, and nobody else says so."},
        },
        "relations": [],
        "revision": 1,
        "recorded_at": "2023-01-10",
    }
    assert set(given) <= set(made)
    return {**made, **given}


def change(seq: int, identifier: str, day: str = "2023-01-10", **given: Any) -> dict[str, Any]:
    made = {
        "seq": seq,
        "claim": identifier,
        "record": None,
        "revision": 1,
        "recorded_at": day,
        "change": "created",
        "reason": None,
        "replaced_by": None,
        "previous": None,
    }
    assert set(given) <= set(made)
    return {**made, **given}


def _claims() -> list[dict[str, Any]]:
    target = {"value": 10, "unit": "per cent", "baseline": "2021", "indicator": "Grain harvested."}
    plan = {
        **goal("2022", "measurable", "A tenth more grain."),
        "elaborated": True,
        "target": target,
        "condition": "If it rains.",
    }
    relayed = [link("ministry", "speaker", "said"), link("state-agency", "relayer")]
    return [
        claim(
            GOAL,
            FIRST,
            kind="goal",
            topics=["agriculture", "economy"],
            about=["neighbour"],
            occasion="assembly-2021",
            places=["valley", "republic"],
            goal=plan,
            sources=[*relayed, link("gazette", "publisher")],
            attribution="mixed",
            quotes=[quote("a tenth more", "ministry", FIRST, 40)],
            dates=dates(
                date("2021-12-28?", "inferred", "The day before it was printed."), date("2021-12")
            ),
            hedges=["reportedly"],
            revision=2,
            recorded_at="2023-02-01",
        ),
        claim(
            HEADLINE,
            FIRST,
            kind="goal",
            occasion="assembly-2021",
            goal=goal(None, "withheld", None),
            dates=dates(date("2021-12-29")),
            relations=[relation("restates", GOAL)],
        ),
        claim(
            REPORT,
            SECOND,
            sources=[link("state-radio", "speaker", "reported"), link("herald", "publisher")],
            attribution="indirect",
            alternatives=[
                {
                    "sources": [link("herald", "publisher")],
                    "attribution": "narrator",
                    "rationale": "The clause before names no source.",
                }
            ],
            dates=dates(date("2022-12-28"), date("2022-03/..")),
            relations=[relation("supports", GOAL)],
        ),
        claim(
            FORECAST,
            SECOND,
            kind="forecast",
            dates=dates(refers_to=date("2023-21~/..")),
            confidence={
                "attribution": {"level": "low", "rationale": "The scope is open."},
                "content": {"credibility": 6, "rationale": "Nobody can tell yet."},
            },
            relations=[relation("continues", GOAL)],
        ),
        claim(
            POSITION,
            FIRST,
            kind="position",
            topics=["trade"],
            sources=[link("state-agency", "speaker", "said"), link("gazette", "publisher")],
            attribution="direct",
            quotes=[quote("We trade fairly.", "state-agency", FIRST, 120)],
            dates=dates(date("2021-12-29"), date("202X?")),
            relations=[relation("supports", REPORT)],
        ),
        claim(
            DIRECTIVE,
            SECOND,
            kind="directive",
            addressees=["neighbour"],
            occasion="assembly-2022",
            places=["harbour"],
            goal=goal("2023/2024", "directional", "More."),
            sources=[relayed[0], link("herald", "publisher")],
            attribution="indirect",
            dates=dates(date("2022-12-28"), date("2022-12-27")),
            relations=[relation("details", GOAL)],
            recorded_at="2023-02-03",
        ),
    ]


def _changes() -> list[dict[str, Any]]:
    created = (GOAL, HEADLINE, REPORT, FORECAST, POSITION, SUPERSEDED, WITHDRAWN)
    goal_before = {**_claims()[GOAL_AT], "revision": 1, "recorded_at": "2023-01-10"}
    return [
        *(change(seq, identifier) for seq, identifier in enumerate(created, 1)),
        change(
            8,
            GOAL,
            "2023-02-01",
            revision=2,
            change="revised",
            reason="The quotation was one word short.",
            previous=goal_before,
        ),
        change(
            9,
            WITHDRAWN,
            "2023-02-02",
            revision=2,
            change="withdrawn",
            reason="The document does not say so.",
            previous=claim(WITHDRAWN, FIRST),
        ),
        change(10, DIRECTIVE, "2023-02-03"),
        change(
            11,
            SUPERSEDED,
            "2023-02-03",
            revision=2,
            change="superseded",
            reason="Two orders were one claim.",
            replaced_by=DIRECTIVE,
            previous=claim(SUPERSEDED, SECOND),
        ),
    ]


def sample() -> Data:
    """The fixture files by name; made anew, so that a test may change what it is given."""
    made: Data = {
        "documents": [
            document(FIRST, "gazette", "2021-12-29", 200),
            {**document(SECOND, "herald", "2022-12-28", 300), **CORRECTED},
        ],
        "agents": [
            {**agent("ministry", "ministry", "B"), "country": "XA", "identifiers": [IN_A_LIST]},
            agent("state-agency", "state_media", "C", "state-media"),
            agent("state-radio", "state_media", "C", "state-media"),
            agent("gazette", "news_outlet", "B"),
            agent("herald", "news_outlet", "A"),
            agent("neighbour", "country", None),
        ],
        "topics": [
            topic("economy", major=1),
            topic("agriculture", "economy", 4),
            {**topic("trade", "economy", 18), "codes": [{"scheme": "cap", "code": "1800"}]},
            topic("harvest", "agriculture"),
        ],
        "occasions": [
            occasion("assembly-2021", "2021-12-27/2021-12-31"),
            {**occasion("assembly-2022", "2022-12?"), "part_of": "assembly-2021"},
        ],
        "places": [
            place("republic", country="XA"),
            place("valley", "republic", "XA"),
            place("harbour", "valley", "XA"),
            place("overseas"),
        ],
        "claims": _claims(),
        "changes": _changes(),
    }
    unshared: Data = json.loads(json.dumps(made))  # an edit reaches one place alone
    return unshared


def edited(data: Any, *edits: Edit) -> Any:
    """A copy of ``data`` with each edit made: a JSON pointer and the value to put there.

    A last step of ``-`` appends to a list (as in RFC 6902); ``REMOVED`` takes out.
    """
    changed = copy.deepcopy(data)
    for pointer, value in edits:
        *path, last = pointer.lstrip("/").split("/")
        target = changed
        for step in path:
            target = target[int(step) if isinstance(target, list) else step]
        if last == "-":
            target.append(copy.deepcopy(value))
            continue
        key = int(last) if isinstance(target, list) else last
        if value is REMOVED:
            del target[key]
        else:
            target[key] = copy.deepcopy(value)
    return changed


def write(data: Data, directory: Path) -> Path:
    """Writes fixture files; a lone surrogate becomes the escape that JSON has for it."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, records in data.items():
        (directory / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
    return directory


def faults_in_directory(directory: Path) -> tuple[Fault, ...]:
    """What a check of a fixture directory finds; nothing when it is valid."""
    try:
        check_fixtures(directory)
    except DataRefused as refused:
        str(refused).encode()  # a report that cannot be written helps nobody
        return refused.faults
    return ()


def faults(data: Data, directory: Path) -> tuple[Fault, ...]:
    return faults_in_directory(write(data, directory))


def places(found: Iterable[Fault]) -> list[tuple[str, str]]:
    """File and JSON pointer of each fault, in order."""
    return sorted((fault.file, fault.pointer) for fault in found)
