"""What the commands print: tables, one readable claim, progress. Plain in a pipe."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from schemas.patterns import UNASSIGNABLE
from schemas.records.claim import standing
from service.curation import ProofFindings, Verification, locating

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
_ELABORATED = {True: ["elaborated"], False: ["not elaborated"], None: []}

_UNSAFE = re.compile(f"(?![\t\n])[{UNASSIGNABLE}]")


def safe(text: str) -> str:
    """A text with a sign for what a terminal would obey, such as an escape in a quotation."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))


def progress() -> Progress:
    """Bars with how much is done and how long it will take; nothing in a pipe."""
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, disable=not err.is_terminal)


def print_verified(verification: Verification) -> None:
    """A table of what was compared, then every mismatch with file, claim and reason."""
    numbers = (Column(heading, justify="right") for heading in ("spans", "quotes"))
    table = Table("file", "document", *numbers, "result", title="Compared with the documents")
    for result in verification.documents:
        wrong = len(result.mismatches)
        verdict = f"[red]{wrong} mismatch(es)[/red]" if wrong else "[green]holds[/green]"
        table.add_row(
            escape(safe(result.file)),
            result.document,
            str(result.spans),
            str(result.quotes),
            verdict,
        )
    out.print(table)
    print_mismatches(verification, out)


def print_mismatches(verification: Verification, console: Console) -> None:
    """Every passage that a document does not hold as it is recorded."""
    for result in verification.documents:
        for claim, reason in result.mismatches:
            console.print(Text(safe(f"{result.file}  {claim}  {reason}")), soft_wrap=True)


def print_findings(findings: ProofFindings, directory: Path, console: Console = out) -> None:
    """Every finding, and how many there are in the fixtures of a directory."""
    for line in findings.lines():
        console.print(Text(safe(line)), soft_wrap=True)
    numbers = f"{findings.errors} error(s), {findings.warnings} warning(s)"
    console.print(Text(f"{directory}: {numbers} by the rules of the codebook"), soft_wrap=True)


def print_located(
    file: str,
    asked: str,
    text: str,
    places: Sequence[Mapping[str, Any]],
    near: str | None,
) -> None:
    """What is to be said of where a passage stands: its context where it stands several times, and
    the nearest one where it does not.
    """
    if not places or near is not None:
        said = f"{file} does not hold that passage, to the character"
        if near is not None:
            said += f"; the nearest is (it has {locating.differences(asked, near)}):\n{near}"
        err.print(Text(safe(said)), soft_wrap=True)
    if len(places) > 1:
        for place in places:
            shown = locating.in_context(text, place["start"], place["end"])
            err.print(Text(safe(shown)), soft_wrap=True)


def print_line(text: str) -> None:
    """One line of output, whole, with a sign for what a terminal would obey."""
    out.print(Text(safe(text)), soft_wrap=True)


def print_claim(claim: Mapping[str, Any]) -> None:
    """One claim as a person reads it: what, who says so, in which words, when, how sure."""
    _print(Text(claim["statement"], style="bold"))
    for label, lines in _parts(claim):
        if lines:
            out.print()
            out.print(Text(label, style="cyan"))
            for line in lines:
                _print(Text(safe(line)), indent=2)


def _parts(claim: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    topics = ", ".join(topic["name"] for topic in claim["topics"])
    parties = [
        f"{key}: " + ", ".join(record["name"] for record in records)
        for key in ("actors", "addressees", "about", "occasion", "places")
        if (records := [claim[key]] if key == "occasion" and claim[key] else claim[key])
    ]
    quote = "“{text}” ({speaker[name]}; {document[id]} {start}–{end})"
    relations = [*map("{type} {claim}: {rationale}".format_map, claim["relations"])]
    relations += map("{claim} {type} this claim".format_map, claim["related_from"])
    standings = [f"from a document {status}" for status in standing(claim)]
    yield "Claim", [f"{claim['id']}, {claim['kind']}, on {topics}", *standings, *parties]
    yield "Goal", _goal(claim["goal"])
    chain = " → ".join(_link(link) for link in claim["sources"])
    others = [
        f"or: {' → '.join(map(_link, other['sources']))} ({other['rationale']})"
        for other in claim["alternatives"]
    ]
    yield "Who says so", [chain, f"attribution: {claim['attribution']}", *others]
    yield "Quotes", [*map(quote.format_map, claim["quotes"])]
    yield "Dates", [f"{name}: {_date(date)}" for name, date in claim["dates"].items()]
    yield "Hedges", claim["hedges"]
    yield "Confidence", _confidence(claim["confidence"])
    yield "Relations", relations
    yield "Evidence", [*map(_evidence, claim["evidence"])]


def _print(text: Text, indent: int = 0) -> None:
    """A line: folded to fit a terminal, whole in a pipe."""
    if out.is_terminal:
        out.print(Padding(text, (0, 0, 0, indent)))
    else:
        out.print(Text(" " * indent).append_text(text), soft_wrap=True)


def _evidence(place: Mapping[str, Any]) -> str:
    document = place["document"]
    status = "" if document["status"] == "active" else f", {document['status']}"
    where = f", {place['locator']}" if place["locator"] else ""
    span = f"{place['start']}–{place['end']}{where}, {place['fidelity']}, {place['role']}"
    return f"{document['name']} ({document['id']}{status}), {span}"


def _goal(goal: Mapping[str, Any] | None) -> list[str]:
    if goal is None:
        return []
    return [
        f"for {_date(goal['horizon'])}" if goal["horizon"] else "no target year stated",
        f"{goal['specificity']}: {goal['details'] or 'no content announced'}",
        *_ELABORATED[goal["elaborated"]],
        *([_target(goal["target"])] if goal["target"] else []),
        *([f"depends on: {goal['condition']}"] if goal["condition"] else []),
    ]


def _target(target: Mapping[str, Any]) -> str:
    """A quantity to be reached, with what is known of it."""
    known = [f"{key}: {target[key]}" for key in ("baseline", "indicator") if target[key]]
    return "; ".join([f"target: {target['value']} {target['unit'] or ''}".rstrip(), *known])


def _link(link: Mapping[str, Any]) -> str:
    cue = f", “{link['cue']}”" if link["cue"] else ""
    return f"{link['agent']['name']} ({link['role']}{cue})"


def _date(date: Mapping[str, Any] | None) -> str:
    if date is None:
        return "not known"
    note = f"; {date['note']}" if date["note"] else ""
    return f"{date['edtf']} ({date['basis']}{note})"


def _confidence(confidence: Mapping[str, Any]) -> list[str]:
    said, holds = confidence["attribution"], confidence["content"]
    score = "no score" if holds["score"] is None else holds["score"]
    return [
        f"was it said: {said['level']} ({said['score']}). {said['rationale']}",
        f"does it hold: credibility {holds['credibility']} ({score}). {holds['rationale']}",
    ]
