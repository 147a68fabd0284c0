"""What the commands print: tables, one readable claim, progress. Plain in a pipe."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from service.curation import Verified

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def progress() -> Progress:
    """Bars with how much is done and how long it will take; nothing in a pipe."""
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, disable=not err.is_terminal)


def print_verified(results: list[Verified]) -> None:
    """A table of what was compared, then every mismatch with file, claim and reason."""
    numbers = (Column(heading, justify="right") for heading in ("spans", "quotes"))
    table = Table("file", "document", *numbers, "result", title="Compared with the documents")
    for result in results:
        wrong = len(result.mismatches)
        verdict = f"[red]{wrong} mismatch(es)[/red]" if wrong else "[green]holds[/green]"
        table.add_row(
            escape(result.file), result.document, str(result.spans), str(result.quotes), verdict
        )
    out.print(table)
    for result in results:
        for claim, reason in result.mismatches:
            out.print(Text(f"{result.file}  {claim}  {reason}"), soft_wrap=True)


def print_claim(claim: Mapping[str, Any]) -> None:
    """One claim as a person reads it: what, who says so, in which words, when, how sure."""
    _print(Text(claim["statement"], style="bold"))
    for label, lines in _parts(claim):
        if lines:
            out.print()
            out.print(Text(label, style="cyan"))
            for line in lines:
                _print(Text(line), indent=2)


def _parts(claim: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    topics = ", ".join(topic["name"] for topic in claim["topics"])
    parties = [
        f"{key}: " + ", ".join(agent["name"] for agent in claim[key])
        for key in ("actors", "addressees", "about")
        if claim[key]
    ]
    quote = "“{text}” ({speaker[name]}; {document[id]} {start}–{end})"
    evidence = "{document[name]} ({document[id]}), {start}–{end}, {fidelity}, {role}"
    relations = [*map("{type} {claim}: {rationale}".format_map, claim["relations"])]
    relations += map("{claim} {type} this claim".format_map, claim["related_from"])
    yield "Claim", [f"{claim['id']}, {claim['kind']}, on {topics}", *parties]
    yield "Goal", _goal(claim["goal"])
    chain = " → ".join(_link(link) for link in claim["sources"])
    yield "Who says so", [chain, f"attribution: {claim['attribution']}"]
    yield "Quotes", [*map(quote.format_map, claim["quotes"])]
    yield "Dates", [f"{name}: {_date(date)}" for name, date in claim["dates"].items()]
    yield "Hedges", claim["hedges"]
    yield "Confidence", _confidence(claim["confidence"])
    yield "Relations", relations
    yield "Evidence", [*map(evidence.format_map, claim["evidence"])]


def _print(text: Text, indent: int = 0) -> None:
    """A line: folded to fit a terminal, whole in a pipe."""
    if out.is_terminal:
        out.print(Padding(text, (0, 0, 0, indent)))
    else:
        out.print(Text(" " * indent).append_text(text), soft_wrap=True)


def _goal(goal: Mapping[str, Any] | None) -> list[str]:
    if goal is None:
        return []
    return [
        f"for {_date(goal['horizon'])}" if goal["horizon"] else "no target year stated",
        f"{goal['specificity']}: {goal['details'] or 'no content announced'}",
    ]


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
