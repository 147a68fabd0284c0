"""What the rules find in a text: quotations with their speakers, reported speech, dates."""

from collections.abc import Sequence
from typing import NamedTuple

from service.curation.drafting.dates import FoundDate
from service.curation.drafting.passages import Span
from service.curation.rules.quotations import Quotation


class Said(NamedTuple):
    """A quotation: offsets, whose words these are (``None`` where no rule tells), the reporting
    verb, and how the speaker is mentioned: ``name``, ``nominal``, ``pronoun`` or ``carried`` over.
    """

    start: int
    end: int
    speaker: str | None
    cue: str | None
    mention: str | None


class Reported(NamedTuple):
    """A clause that is reported, its source as the text names it most fully, and the verb."""

    start: int
    end: int
    source: str | None
    cue: str | None
    mention: str


class Told(NamedTuple):
    """A report with its source, offsets those of the text."""

    at: int
    start: int
    end: int
    source: str | None
    cue: str
    mention: str
    after: bool


class Findings(NamedTuple):
    """All that the rules find in a text, each list in its order."""

    sentences: list[Span]
    quotes: list[Said]
    indirect: list[Reported]
    dates: list[FoundDate]


def report_of(quotation: Quotation, told: Sequence[Told]) -> Told | None:
    """The report to which a quotation belongs: that in whose clause it stands, the nearest before
    it, or the one that follows it.
    """
    inside = [each for each in told if each.start <= quotation.end and quotation.start <= each.end]
    before = [each for each in inside if each.at < quotation.start and not each.after]
    if before:
        return before[-1]
    after = [each for each in told if each.at >= quotation.end]
    if after and (after[0].after or after[0] in inside):
        return after[0]
    earlier = [each for each in told if each.at < quotation.start]
    return earlier[-1] if earlier else None
