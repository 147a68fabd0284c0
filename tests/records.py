"""The smallest valid curated records, for tests to vary in the one thing that each is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.date import bounds
from service.compiler import Fixtures

Record = dict[str, Any]

DOCUMENTS = ("doc_00000001", "doc_00000002")
PUBLISHERS = {"doc_00000001": "gazette", "doc_00000002": "herald"}
AGENTS = {
    "agency": ("The Agency", "state_media"),
    "gazette": ("The Gazette", "news_outlet"),
    "herald": ("The Herald", "news_outlet"),
    "ministry": ("Ministerium für Äußeres", "government"),
    "north": ("북조선", "country"),
    "south": ("The South", "country"),
}
TOPICS = {
    "defence": "Defence",
    "food": "Food and farming",
    "nuclear": "Nuclear weapons",
    "orbit": "Orbits",
    "space": "Space flight",
}
BROADER = {"orbit": "space"}
OCCASIONS = {"meeting-2022": "Meeting of 2022", "meeting-2023": "Meeting of 2023"}
PLACES = {"coast": "The coast", "cove": "A cove", "hills": "Hügelland", "sea": "The sea"}
WITHIN = {"cove": "coast"}
COUNTRIES = {"coast": "KP", "hills": "KR"}
PUBLISHED = "2023-01-01"
LENGTH = 100_000
"""Code points of every document: room for any span a test needs."""


def claim_id(number: int) -> str:
    """The claim id of a number below 2**40; ids order as their numbers do."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return "clm_" + "".join(digits[number >> shift & 31] for shift in range(35, -5, -5))


def date(edtf: str | None) -> Record | None:
    """A curated date as printed, or none."""
    return None if edtf is None else {"edtf": edtf, "basis": "stated", "note": None}


def goal(horizon: str | None = None, specificity: str = "directional") -> Record:
    details = None if specificity == "withheld" else "What is to be achieved."
    target = {"value": 1.5, "unit": "tonnes", "baseline": None, "indicator": None}
    return {
        "horizon": date(horizon),
        "specificity": specificity,
        "details": details,
        "elaborated": None,
        "target": target if specificity == "measurable" else None,
        "condition": None,
    }


def chain(*agents: str, document: str = DOCUMENTS[0]) -> list[Record]:
    """An attribution chain, the origin first; the document's publisher is added as its end."""
    roles = ("speaker", *["relayer"] * (len(agents) - 1)) if agents else ()
    links = [{"agent": a, "role": r, "cue": "said"} for a, r in zip(agents, roles, strict=True)]
    return [*links, {"agent": PUBLISHERS[document], "role": "publisher", "cue": None}]


def quote(text: str, speaker: str = "ministry", document: str = DOCUMENTS[0]) -> Record:
    end = len(text)
    return {"text": text, "speaker": speaker, "document": document, "start": 0, "end": end}


def evidence(document: str = DOCUMENTS[0]) -> Record:
    return {
        "document": document,
        "start": 0,
        "end": 10,
        "sha256": "0" * 64,
        "fidelity": "paraphrase",
        "role": "supports",
        "locator": None,
    }


def relation(type_: str, claim: str) -> Record:
    return {"type": type_, "claim": claim, "rationale": "One says what the other says."}


def confidence(level: str = "high", credibility: int = 2) -> Record:
    return {
        "attribution": {"level": level, "rationale": "The source is named."},
        "content": {"credibility": credibility, "rationale": "Nothing speaks against it."},
    }


def claim(
    number: int, announced: str | None = None, occurred: str | None = None, **changes: Any
) -> Record:
    """A curated claim in the voice of the first document; ``changes`` replaces whole values."""
    record: Record = {
        "id": claim_id(number),
        "statement": "Something is so.",
        "kind": "event",
        "topics": ["defence"],
        "actors": ["north"],
        "addressees": [],
        "about": [],
        "occasion": None,
        "places": [],
        "goal": None,
        "sources": chain(),
        "attribution": "narrator",
        "alternatives": [],
        "quotes": [],
        "evidence": [evidence()],
        "dates": {
            "announced": date(announced),
            "occurred": date(occurred),
            "refers_to": None,
        },
        "hedges": [],
        "confidence": confidence(),
        "relations": [],
        "revision": 1,
        "recorded_at": "2024-01-01",
    }
    assert changes.keys() <= record.keys()
    return possible({**record, **changes}, PUBLISHED)


def possible(claim: Record, published: str) -> Record:
    """The claim, as context where it would be an event that happened after its report."""
    announced, occurred = (claim["dates"][key] for key in ("announced", "occurred"))
    if claim["kind"] == "event" and occurred:
        reported = bounds(announced["edtf"] if announced else published).latest or published
        if (bounds(occurred["edtf"]).earliest or "") > reported:
            return {**claim, "kind": "context"}
    return claim


def fixtures(
    claims: Sequence[Mapping[str, Any]] = (),
    retired: Iterable[tuple[int, int | None]] = (),
    agents: Mapping[str, str] | None = None,
    topics: Mapping[str, str] | None = None,
    other_names: Mapping[str, str] | None = None,
) -> Fixtures:
    """A whole set of curated records around some claims.

    ``retired`` names claims that are no more, each with the one that replaced
    it, or ``None``; ``agents`` and ``topics`` replace the names of some, and
    ``other_names`` gives one more to some agents.
    """
    more = other_names or {}
    named = {slug: (agents or {}).get(slug, name) for slug, (name, _) in AGENTS.items()}
    labels = {**TOPICS, **(topics or {})}
    return Fixtures(
        {
            "documents": [_document(document) for document in DOCUMENTS],
            "agents": [
                {
                    **_agent(slug, name, AGENTS[slug][1]),
                    "other_names": [*filter(None, [more.get(slug)])],
                }
                for slug, name in named.items()
            ],
            "topics": [_topic(slug, label) for slug, label in labels.items()],
            "occasions": [_occasion(slug, name) for slug, name in OCCASIONS.items()],
            "places": [_place(slug, name) for slug, name in PLACES.items()],
            "claims": list(claims),
            "changes": _changes([record["id"] for record in claims], list(retired)),
        }
    )


def revised() -> Fixtures:
    """Two claims, the first of which was revised twice, once before and once after the second."""
    states = [
        claim(1, statement=f"Wording {n}.", revision=n, recorded_at=f"2024-01-0{n}")
        for n in (1, 2, 3)
    ]
    made = fixtures([states[2], claim(2, recorded_at="2024-01-02")])
    first, second = _change(claim_id(1)), _change(claim_id(2))
    why = {"change": "revised", "reason": "It reads better."}
    changes = [
        first,
        {**first, **why, "revision": 2, "recorded_at": "2024-01-02", "previous": states[0]},
        {**second, "recorded_at": "2024-01-02"},
        {**first, **why, "revision": 3, "recorded_at": "2024-01-03", "previous": states[1]},
    ]
    numbered = [{"seq": n, **change} for n, change in enumerate(changes, 1)]
    return Fixtures({**made, "changes": numbered})


def _document(identifier: str) -> Record:
    return {
        "id": identifier,
        "title": f"Article {identifier[-1]}",
        "publisher": PUBLISHERS[identifier],
        "dateline": None,
        "published": date(PUBLISHED),
        "language": "en",
        "url": None,
        "archived_url": None,
        "accessed": None,
        "media_type": None,
        "file": f"{identifier}.txt",
        "sha256": identifier[-1] * 64,
        "length": LENGTH,
        "text": "none",
        "status": "active",
        "status_note": None,
    }


def _agent(slug: str, name: str, kind: str, other_name: str | None = None) -> Record:
    return {
        "id": slug,
        "name": name,
        "kind": kind,
        "other_names": [] if other_name is None else [other_name],
        "identifiers": [],
        "country": None,
        "reliability": {"grade": "F", "rationale": "Cannot be judged."},
        "origin_group": None,
    }


def _topic(slug: str, label: str) -> Record:
    definition = "What it says."
    return {
        "id": slug,
        "label": label,
        "definition": definition,
        "broader": BROADER.get(slug),
        "cap_major": None,
        "codes": [],
    }


def _occasion(slug: str, name: str) -> Record:
    return {
        "id": slug,
        "name": name,
        "series": "meeting",
        "dates": date(slug[-4:]),
        "organizer": "north",
        "part_of": None,
    }


def _place(slug: str, name: str) -> Record:
    return {
        "id": slug,
        "name": name,
        "other_names": [],
        "within": WITHIN.get(slug),
        "country": COUNTRIES.get(slug),
        "identifiers": [],
        "point": None,
    }


def _changes(active: list[str], retired: list[tuple[int, int | None]]) -> list[Mapping[str, Any]]:
    numbers = [number for number, _ in retired]
    made = [_change(identifier) for identifier in [*active, *map(claim_id, numbers)]]
    for number, heir in retired:
        change = "withdrawn" if heir is None else "superseded"
        made.append(
            {
                "claim": claim_id(number),
                "record": None,
                "revision": 2,
                "recorded_at": "2024-02-03",
                "change": change,
                "reason": f"It was {change}.",
                "replaced_by": None if heir is None else claim_id(heir),
                "previous": claim(number),
            }
        )
    return [{"seq": seq, **change} for seq, change in enumerate(made, start=1)]


def _change(identifier: str) -> Record:
    return {
        "claim": identifier,
        "record": None,
        "revision": 1,
        "recorded_at": "2024-01-01",
        "change": "created",
        "reason": None,
        "replaced_by": None,
        "previous": None,
    }
