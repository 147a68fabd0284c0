"""What the rules find in a text: quotations with their speakers, reported speech, dates."""

import re
from typing import NamedTuple

from service.curation.drafting.dates import FoundDate, dates
from service.curation.drafting.dates.calendar import Anchor
from service.curation.drafting.passages import Span, paragraphs, sentences, unbroken
from service.curation.drafting.reader import Reader
from service.curation.drafting.reported import Reported, Said
from service.curation.rules.quotations import quotations


class Findings(NamedTuple):
    """All that the rules find in a text, each list in its order."""

    sentences: list[Span]
    quotes: list[Said]
    indirect: list[Reported]
    dates: list[FoundDate]


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
