"""How well the draft reads annotated texts: ``python -m tests.drafting_figures`` prints a table.

The invented texts of ``tests/fixtures/drafting`` are always read. What is annotated of documents
whose text is not part of the project is read where the text lies beside it: ``t1_water.txt`` in
``../shared/curation`` and the documents of the shipped claims in ``CLAIMS_DOCUMENTS`` or
``../shared/documents``.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from service.curation.drafting import Findings, find

REPOSITORY = Path(__file__).resolve().parent.parent
FIXTURES = REPOSITORY / "tests" / "fixtures" / "drafting"
SHARED = REPOSITORY.parent / "shared"
DOCUMENTS = Path(os.environ.get("CLAIMS_DOCUMENTS") or SHARED / "documents")
SOURCES = (
    (FIXTURES / "texts.expected.json", FIXTURES),
    (SHARED / "curation" / "t1_water.expected.json", SHARED / "curation"),
    (FIXTURES / "documents.expected.json", DOCUMENTS),
)
"""Files of annotations, and where the texts lie that they annotate."""
COLUMNS = ("quotations", "speakers", "sources", "dates", "wrong dates")

Figures = Counter[str]
"""What was right of each column (``quotations``), and of how many (``quotations of``)."""


def annotated() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each text that is at hand: its name, the text, and what is expected of it."""
    for expected, directory in SOURCES:
        if not expected.is_file():
            continue
        for name, annotation in json.loads(expected.read_text(encoding="utf-8")).items():
            if (directory / name).is_file():
                yield name, (directory / name).read_bytes().decode(), annotation


def figures(text: str, annotation: Mapping[str, Any]) -> Figures:
    """What is right of a text."""
    found = find(text, annotation["published"])
    counted = Figures()
    _count_quotations(found, annotation["quotes"], counted)
    _count_sources(found, annotation["indirect"], counted)
    _count_dates(found, annotation["dates"], counted)
    return counted


def _count_quotations(
    found: Findings, expected: Sequence[Mapping[str, Any]], counted: Figures
) -> None:
    """Right is a quotation to the character; one that is none counts as another to be found."""
    said = {(quote.start, quote.end): quote for quote in found.quotes}
    spans = {tuple(quote["span"]) for quote in expected}
    counted["quotations of"] += len(spans | said.keys())
    counted["quotations"] += len(spans & said.keys())
    for quote in expected:
        if quote["speaker"] is not None:
            own = said.get(tuple(quote["span"]))
            counted["speakers of"] += 1
            counted["speakers"] += own is not None and _same(own.speaker, quote["speaker"])


def _count_sources(
    found: Findings, expected: Sequence[Mapping[str, Any]], counted: Figures
) -> None:
    """Right is a reported clause of which at least half is found, with its source."""
    for clause in expected:
        if clause["source"] is None:
            continue
        start, end = clause["span"]
        near = [
            each
            for each in found.indirect
            if 2 * (min(end, each.end) - max(start, each.start)) >= end - start
            and (each.cue is None) == (clause["cue"] is None)
        ]
        counted["sources of"] += 1
        counted["sources"] += any(_same(each.source, clause["source"]) for each in near)


def _count_dates(found: Findings, expected: Sequence[Mapping[str, Any]], counted: Figures) -> None:
    """Right is a date that all who touch it read as one careful reader might; wrong is any other
    reading, and a date where there is none.
    """
    touched: set[int] = set()
    for date in expected:
        start, end = date["span"]
        own = [n for n, each in enumerate(found.dates) if each.start < end and start < each.end]
        touched.update(own)
        right = bool(own) and all(found.dates[n].edtf in date["edtf"] for n in own)
        counted["dates of"] += bool(date["edtf"])
        counted["dates"] += right
        counted["wrong dates"] += bool(own) and not right
    counted["wrong dates"] += len(found.dates) - len(touched)
    counted["wrong dates of"] = counted["dates of"]


def _same(found: str | None, expected: str) -> bool:
    """Whether two names mean the same: one holds the other ("a cabinet statement", "cabinet")."""
    if not found:
        return False
    one, other = (" ".join(name.casefold().split()) for name in (found, expected))
    return one in other or other in one


def share(counted: Figures, column: str) -> float:
    """The share that is right, of 1."""
    return counted[column] / max(1, counted[f"{column} of"])


def main() -> None:
    """Prints the figures of each text and of all."""
    total = Figures()
    print(f"{'':28}" + "".join(f"{column:>16}" for column in COLUMNS))
    for name, text, annotation in annotated():
        counted = figures(text, annotation)
        total += counted
        _print(name, counted)
    _print("all", total)


def _print(name: str, counted: Figures) -> None:
    cells = [f"{counted[column]} of {counted[f'{column} of']}" for column in COLUMNS]
    print(f"{name[:27]:28}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
