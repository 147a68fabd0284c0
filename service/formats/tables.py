"""CSV (RFC 4180): one row per claim, quote or group; scalars only, columns in a fixed order."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from schemas.filter_kinds import ServedClaim
from service.formats.spreadsheet import Cell, for_spreadsheet

CHUNK_BYTES = 256 * 1024
_BOM = "\ufeff"
_NO_DATE: Mapping[str, Any] = dict.fromkeys(("edtf", "earliest", "latest", "basis"))
_NO_GOAL: Mapping[str, Any] = dict.fromkeys(
    ("specificity", "details", "horizon", "elaborated", "target", "condition")
)
_NO_TARGET: Mapping[str, Any] = dict.fromkeys(("value", "unit", "baseline", "indicator"))
_id, _name, _text = itemgetter("id"), itemgetter("name"), itemgetter("text")


def _ids(references: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(map(_id, references))


def _year(date: Mapping[str, Any]) -> int | None:
    """The year of a date that lies within one."""
    first, last = date["earliest"], date["latest"]
    return int(first[:4]) if first and last and first[:4] == last[:4] else None


def _true_or_false(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


def _claim_row(claim: ServedClaim) -> dict[str, Cell]:
    """The columns of a claim, in their order."""
    dates, confidence, quotes = claim["dates"], claim["confidence"], claim["quotes"]
    announced, occurred = dates["announced"] or _NO_DATE, dates["occurred"] or _NO_DATE
    goal = claim["goal"] or _NO_GOAL
    horizon = goal["horizon"] or _NO_DATE
    agents = [source["agent"] for source in claim["sources"]]
    speaker = claim["sources"][0]["agent"]
    places = (*claim["evidence"], *quotes)
    documents = {place["document"]["id"]: place["document"] for place in places}
    restated = [r["claim"] for r in claim["relations"] if r["type"] == "restates"]
    return {
        "id": claim["id"],
        "statement": claim["statement"],
        "kind": claim["kind"],
        "topics": _ids(claim["topics"]),
        "actors": _ids(claim["actors"]),
        "actor_names": "; ".join(map(_name, claim["actors"])),
        "addressees": _ids(claim["addressees"]),
        "about": _ids(claim["about"]),
        "occasion": claim["occasion"] and claim["occasion"]["id"],
        "announced": announced["edtf"],
        "announced_earliest": announced["earliest"],
        "announced_latest": announced["latest"],
        "announced_basis": announced["basis"],
        "occurred": occurred["edtf"],
        "occurred_earliest": occurred["earliest"],
        "occurred_latest": occurred["latest"],
        "occurred_basis": occurred["basis"],
        "goal_specificity": goal["specificity"],
        "goal_details": goal["details"],
        "horizon": horizon["edtf"],
        "horizon_year": _year(horizon),
        "speaker": speaker["id"],
        "speaker_name": speaker["name"],
        "sources": _ids(agents),
        "attribution": claim["attribution"],
        "quotes": "; ".join(map(_text, quotes)),
        "documents": " ".join(documents),
        "hedges": "; ".join(claim["hedges"]),
        "attribution_level": confidence["attribution"]["level"],
        "attribution_score": confidence["attribution"]["score"],
        "content_credibility": confidence["content"]["credibility"],
        "content_score": confidence["content"]["score"],
        "restates": " ".join(restated),
        "independent_origins": claim["independent_origins"],
        "revision": claim["revision"],
        "recorded_at": claim["recorded_at"],
        "places": _ids(claim["places"]),
        "document_statuses": " ".join(each["status"] for each in documents.values()),
        **_of_second_edition(claim, goal),
    }


def _of_second_edition(claim: ServedClaim, goal: Mapping[str, Any]) -> dict[str, Cell]:
    """The columns that came with the second edition of the data model."""
    target, refers_to = goal["target"] or _NO_TARGET, claim["dates"]["refers_to"] or _NO_DATE
    return {
        "sourced": _true_or_false(claim["sourced"]),
        "alternatives": len(claim["alternatives"]),
        "goal_elaborated": _true_or_false(goal["elaborated"]),
        "goal_target_value": target["value"],
        "goal_target_unit": target["unit"],
        "goal_target_baseline": target["baseline"],
        "goal_target_indicator": target["indicator"],
        "goal_condition": goal["condition"],
        "refers_to": refers_to["edtf"],
        "refers_to_earliest": refers_to["earliest"],
        "refers_to_latest": refers_to["latest"],
        "refers_to_basis": refers_to["basis"],
    }


def _quote_row(claim: ServedClaim, quote: Mapping[str, Any]) -> dict[str, Cell]:
    """The columns of a quote, in their order."""
    announced = claim["dates"]["announced"] or _NO_DATE
    return {
        "claim": claim["id"],
        "text": quote["text"],
        "speaker": quote["speaker"]["id"],
        "speaker_name": quote["speaker"]["name"],
        "document": quote["document"]["id"],
        "document_title": quote["document"]["name"],
        "start": quote["start"],
        "end": quote["end"],
        "kind": claim["kind"],
        "attribution": claim["attribution"],
        "announced": announced["edtf"],
        "announced_earliest": announced["earliest"],
        "announced_latest": announced["latest"],
        "occasion": claim["occasion"] and claim["occasion"]["id"],
    }


def _comparison_row(line: Mapping[str, Any]) -> dict[str, Cell]:
    """The columns of a comparison, in their order: a claim under a topic, a relation it states."""
    claim, relation = line["claim"], line["relation"] or {}
    goal = claim["goal"] or _NO_GOAL
    horizon = goal["horizon"] or _NO_DATE
    speaker, other = claim["sources"][0]["agent"], line["other"] or {}
    return {
        "topic": line.get("topic"),
        "topic_name": line.get("topic_name"),
        "presence": line.get("presence"),
        "side": line["side"],
        "occasion": line["occasion"],
        "claim": claim["id"],
        "statement": claim["statement"],
        "kind": claim["kind"],
        "speaker": speaker["id"],
        "speaker_name": speaker["name"],
        "goal_specificity": goal["specificity"],
        "goal_details": goal["details"],
        "horizon": horizon["edtf"],
        "horizon_year": _year(horizon),
        "restates": " ".join(r["claim"] for r in claim["relations"] if r["type"] == "restates"),
        "relation": relation.get("type"),
        "related_claim": other.get("id"),
        "related_statement": other.get("statement"),
        "rationale": relation.get("rationale"),
        "other_side": line.get("other_side"),
    }


def _empty_record() -> Any:
    """A claim or a quote in which everything can be looked up, and all of it is empty."""
    return defaultdict(_empty_record)


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of CSV file: its header, and the rows that one claim, or group of a count, makes."""

    columns: tuple[str, ...]
    rows: Callable[[Mapping[str, Any]], Iterable[Iterable[Cell]]]

    def chunks(self, records: Iterable[Mapping[str, Any]], excel: bool) -> Iterator[bytes]:
        """The file in UTF-8, in pieces worth a system call each.

        ``excel`` begins with the mark that Excel needs to read UTF-8, and makes each text one that
        a spreadsheet leaves as it is; numbers stay numbers.
        """
        file: Any = SimpleNamespace(write=str.encode)  # what it returns, writerow returns
        write = csv.writer(file).writerow
        rows = chain([self.columns], chain.from_iterable(map(self.rows, records)))
        lines = (write(map(for_spreadsheet, row) if excel else row) for row in rows)
        return in_chunks(chain([_BOM.encode()] if excel else [], lines))


CLAIMS = Table(tuple(_claim_row(_empty_record())), lambda claim: [_claim_row(claim).values()])
QUOTES = Table(
    tuple(_quote_row(_empty_record(), _empty_record())),
    lambda claim: [_quote_row(claim, quote).values() for quote in claim["quotes"]],
)
COMPARISON = Table(
    tuple(_comparison_row(_empty_record())), lambda line: [_comparison_row(line).values()]
)
COUNT_COLUMNS = ("key", "name", "key2", "name2", "count")
COUNTS = Table(COUNT_COLUMNS, lambda group: [itemgetter(*COUNT_COLUMNS)(group)])


def in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces worth a system call each."""
    chunk: list[bytes] = []
    size = 0
    for piece in pieces:
        chunk.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(chunk)
            chunk.clear()
            size = 0
    yield b"".join(chunk)
