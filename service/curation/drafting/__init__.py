"""Drafts of readings by closed rules: passages, quotations, who says it, dates; no model.

What no rule covers stays empty, and the same text gives the same draft.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

from schemas.records.description import NEUTRAL
from service.contract import codebook_version
from service.curation.drafting.agents import Agents
from service.curation.drafting.dates import dates
from service.curation.drafting.dates.calendar import Anchor
from service.curation.drafting.findings import Findings as Findings
from service.curation.drafting.names import mentions
from service.curation.drafting.passages import paragraphs, sentences, unbroken
from service.curation.drafting.proposals import Context, proposal
from service.curation.drafting.reader import Reader
from service.curation.readings import Reading, new_reading, new_unit
from service.curation.rules.quotations import quotations

_PATTERNS = {"topics": "topics", "occasion": "occasions", "places": "places"}
"""The keys of a claim that hold ids of records which a passage may name, with their vocabulary."""
_MAX_PATTERN_WORDS = 12

VocabularyRecords = Mapping[str, Iterable[Mapping[str, Any]]]


def draft(
    text: str,
    *,
    document: Mapping[str, Any],
    vocabularies: VocabularyRecords,
    published: str,
    coder: str,
) -> Reading:
    """A reading in which every sentence of a text is still to do, with what the rules propose.

    ``document`` is the record of the document, ``published`` the EDTF date
    against which relative dates are resolved.
    """
    found = find(text, published)
    agents = Agents(vocabularies.get("agents", ()))
    context = Context(
        text=text,
        found=found,
        agents=agents,
        names=_names(text, agents),
        words={key: _patterns(vocabularies.get(kind, ())) for key, kind in _PATTERNS.items()},
        published=_published(document, published),
        publisher=document["publisher"],
    )
    units = [
        new_unit(passage.start, passage.end, proposed=proposal(passage, context))
        for passage in found.sentences
    ]
    return new_reading(
        document,
        units,
        coder=coder,
        codebook=codebook_version(NEUTRAL) or "none",
        drafted_by=drafted_by(),
        agents=[*agents.new.values()],
    )


def find(text: str, published: str) -> Findings:
    """Reads a text. Dates are told from ``published`` (EDTF); against an interval, a season or a
    decade none is, and only those printed in full are found.
    """
    found_dates = dates(text, _anchor(published))
    quoted = quotations(text)
    parts = paragraphs(text)
    spans = [sentence for part in parts for sentence in sentences(text, part)]
    reader = Reader(text, quoted, found_dates, parts)
    for sentence in unbroken(text, spans, quoted):
        reader.read(sentence)
    reader.name_headline()
    indirect = sorted(reader.indirect, key=lambda each: each[:2])
    return Findings(spans, reader.quotes, indirect, found_dates)


def _anchor(published: str) -> Anchor:
    try:
        return Anchor.of(published)
    except ValueError:
        return Anchor(int(match[0]) if (match := re.search(r"\d{4}", published)) else 1)


@functools.cache
def drafted_by() -> str:
    """The program that drafts and its version."""
    return f"policy-claims {metadata.version('policy-claims')}"


def _published(document: Mapping[str, Any], published: str) -> dict[str, Any]:
    """The date of publication as the document's record has it, else as it was told."""
    recorded = document.get("published") or {}
    if recorded.get("edtf") == published:
        return {"note": None, **recorded}
    return {"edtf": published, "basis": "stated", "note": None}


def _names(text: str, agents: Agents) -> list[tuple[int, str]]:
    """Where the text names agents of the vocabulary."""
    named = ((mention.start, agents.known(mention.name)) for mention in mentions(text))
    return [(start, identifier) for start, identifier in named if identifier is not None]


def _patterns(records: Iterable[Mapping[str, Any]]) -> Sequence[tuple[str, re.Pattern[str]]]:
    """For each record the words by which a passage may name it: its names, and their long words."""
    patterns = []
    for record in records:
        names = [record.get("label") or record["name"], *record.get("other_names", ())]
        words = {word for name in names for word in re.findall(r"[^\W\d_]{5,}", name)}
        listed = [*names, *sorted(words)][:_MAX_PATTERN_WORDS]
        alternatives = "|".join(re.escape(each) for each in listed)
        patterns.append((record["id"], re.compile(rf"\b(?:{alternatives})", re.IGNORECASE)))
    return patterns
