"""Records in short: what a reader needs to judge and to cite them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy_claims.types import Claim, ComparedTopic, Dataset

Short = dict[str, Any]


def link(base_url: str, claim: str) -> str:
    """The page of a claim."""
    return f"{base_url}/claims/{claim}"


def meta(full: Mapping[str, Any]) -> Short:
    """The version of the data set; the total and ids that name nothing, where there are any."""
    short = {key: full[key] for key in ("total", "unknown") if full.get(key) not in (None, [])}
    return {**short, "dataset_version": full["dataset"]["version"]}


def claim(full: Claim, base_url: str) -> Short:
    """Statement, who says it in which way, when, on what, and how sure that is."""
    goal, confidence = full["goal"], full["confidence"]
    short = {
        "id": full["id"],
        "statement": full["statement"],
        "kind": full["kind"],
        "speaker": full["sources"][0]["agent"]["name"],
        "attribution": full["attribution"],
        "announced": _date(full["dates"]["announced"]),
        "occurred": _date(full["dates"]["occurred"]),
        "horizon": _date(goal["horizon"]) if goal else None,
        "topics": [topic["id"] for topic in full["topics"]],
        "occasion": full["occasion"] and full["occasion"]["id"],
        "hedges": full["hedges"],
        "confidence": {
            "attribution": confidence["attribution"]["level"],
            "credibility": confidence["content"]["credibility"],
        },
        "link": link(base_url, full["id"]),
    }
    return {key: value for key, value in short.items() if value not in (None, [])}


def _date(date: Mapping[str, Any] | None) -> str | None:
    return date["edtf"] if date else None


def change(full: Mapping[str, Any], base_url: str) -> Short:
    """What happened to which record, when and why."""
    subject = full.get("subject") or {"kind": "claim", "id": full["claim"]}
    short = {
        "seq": full["seq"],
        "record": f"{subject['kind']} {subject['id']}",
        "change": full["change"],
        "recorded_at": full["recorded_at"],
        "reason": full["reason"],
        "replaced_by": full["replaced_by"],
        "fields": [difference["field"] for difference in full["differences"]],
        "statement": (full["record"] or {}).get("statement"),
        "link": link(base_url, subject["id"]) if subject["kind"] == "claim" else None,
    }
    return {key: value for key, value in short.items() if value not in (None, [])}


def compared(topic: ComparedTopic) -> Short:
    """A topic with the claims of both sides."""
    sides = {
        name: [{"id": one["id"], "statement": one["statement"]} for one in side["claims"]]
        for name, side in (("earlier", topic["from"]), ("later", topic["to"]))
    }
    relations = [
        {key: relation[key] for key in ("claim", "type", "other")}
        for relation in topic["relations"]
    ]
    return {"topic": topic["topic"]["id"], "presence": topic["presence"], **sides} | (
        {"relations": relations} if relations else {}
    )


def names(record: Mapping[str, Any]) -> list[str]:
    """What a record of a vocabulary is called, the chief name first."""
    chief = next(record[key] for key in ("name", "label", "title") if key in record)
    return [chief, *record.get("other_names", ())]


def is_named(record: Mapping[str, Any], words: str) -> bool:
    """Whether its id and names hold all the words."""
    text = " ".join([record["id"], *names(record)]).casefold()
    return all(word in text for word in words.casefold().split())


def record(full: Mapping[str, Any]) -> Short:
    """Id, name and number of claims."""
    return {"id": full["id"], "name": names(full)[0], "claims": full["claim_count"]}


def dataset(full: Dataset) -> Short:
    """How it describes itself, what it covers and how much it holds."""
    described = ("id", "title", "description", "publisher", "attribution", "homepage", "built_at")
    coverage = full["coverage"]
    return {
        **{key: full[key] for key in described},  # type: ignore[literal-required]
        "licence": full["licence"],
        "first_day": coverage["first"],
        "last_day": coverage["last"],
        "counts": full["counts"],
    }
