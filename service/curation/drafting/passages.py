"""The parts of a text: paragraphs, sentences, turns of a transcript; all as offsets of the text."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from syntok import segmenter

from service.curation.drafting.lexicon import MARKS, VERB
from service.curation.rules.quotations import Quotation

MASK = "\ue000"
"""What stands for each character within quotation marks while a sentence is read."""
_LINE = 100
"""Characters of a line beyond which nobody breaks lines by hand: each is a paragraph."""
_LINE_END, _BLANK_LINE = re.compile(r"\n"), re.compile(r"\n[^\S\n]*\n")
_SPEAKER = re.compile(
    r"(?P<label>[A-Z][\w.’'-]{0,40}(?: [\w.’'-]{1,40}){0,4}(?: \([^)\n]{1,40}\))?)"
    r"[^\S\n]?:[^\S\n]+(?=\S)"
)
_NO_SPEAKER = re.compile(
    r"(?:note|transcript|interview|contact|tel|phone|e-?mail|photo|source|read more|also read"
    r"|related|update|correction|editor.s note|for immediate release|date|subject|re|from|to|cc"
    r"|media contact|key points)\Z",
    re.IGNORECASE,
)
_MAX_SEGMENTED = 20_000
"""Characters that are searched for sentences at a time: a longer paragraph is cut at a blank."""


class Span(NamedTuple):
    """A part of the text, offsets in code points, end exclusive."""

    start: int
    end: int


class Turn(NamedTuple):
    """What one speaker of a transcript says, until the next one speaks."""

    start: int
    end: int
    label: str


class Placed(Protocol):
    """What begins somewhere in the text."""

    @property
    def start(self) -> int: ...


PlacedT = TypeVar("PlacedT", bound=Placed)


def start_of(placed: Placed) -> int:
    """Where it begins."""
    return placed.start


def begun_in(found: Sequence[PlacedT], span: Span) -> list[PlacedT]:
    """What begins in a span, of what was found in its order."""
    first = bisect_left(found, span.start, key=start_of)
    return list(found[first : bisect_left(found, span.end, key=start_of)])


def paragraphs(text: str) -> list[Span]:
    """The paragraphs: a blank line ends one; so does a line feed, unless lines are short, since
    they may then be broken anywhere.
    """
    longest = max((len(line) for line in text.split("\n")), default=0)
    spans, start = [], 0
    for match in (_LINE_END if longest > _LINE else _BLANK_LINE).finditer(text):
        spans.append(_trimmed(text, start, match.start()))
        start = match.end()
    spans.append(_trimmed(text, start, len(text)))
    return [span for span in spans if span.start < span.end]


def is_heading(text: str, span: Span) -> bool:
    """Whether a paragraph is a heading in which most words have a capital: its names are none."""
    if span.end - span.start > _HEADING or text[span.end - 1] in f".!?…:;,{MARKS}":
        return False
    line = text[span.start : span.end]
    long_words = [word for word in line.split() if len(word) > 3]
    capitals = sum(word[0].isupper() for word in long_words)
    return line.isupper() or 10 * capitals > 7 * len(long_words) > 14


_HEADING = 160
"""Characters of a heading."""


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def sentences(text: str, paragraph: Span) -> list[Span]:
    """The sentences of a paragraph, in their order: all of it but blanks between them."""
    spans: list[Span] = []
    for piece in _pieces(text, paragraph):
        starts = [piece.start + start for start in _starts(text[piece.start : piece.end])]
        starts[:1] = [piece.start]
        for start, end in zip(starts, [*starts[1:], piece.end], strict=True):
            span = _trimmed(text, start, end)
            if span.start < span.end:
                spans.append(span)
    return spans


def _starts(piece: str) -> Iterator[int]:
    for paragraph in segmenter.analyze(piece):
        for sentence in paragraph:
            if sentence:
                yield sentence[0].offset
    if not piece.strip():
        yield 0


def _pieces(text: str, paragraph: Span) -> Iterator[Span]:
    start = paragraph.start
    while paragraph.end - start > _MAX_SEGMENTED:
        blank = text.rfind(" ", start + _MAX_SEGMENTED // 2, start + _MAX_SEGMENTED)
        end = blank if blank > 0 else start + _MAX_SEGMENTED
        yield _trimmed(text, start, end)
        start = end
    yield _trimmed(text, start, paragraph.end)


def unbroken(text: str, spans: Sequence[Span], quoted: Sequence[Quotation]) -> list[Span]:
    """Sentences joined where a quotation runs on from one into the next, or ends as a question with
    the next sentence saying whose it is.
    """
    starts = [quotation.start for quotation in quoted]
    joined: list[Span] = []
    for span in spans:
        place = bisect_right(starts, span.start - 1) - 1
        inside = place >= 0 and quoted[place].start < span.start < quoted[place].end
        if joined and (inside or _is_told_after(text, joined[-1], span)):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _is_told_after(text: str, asked: Span, telling: Span) -> bool:
    ends_asking = text[asked.end - 2 : asked.end - 1] in ("?", "!", "…")
    if (
        not ends_asking
        or text[asked.end - 1] not in MARKS
        or "\n" in text[asked.end : telling.start]
    ):
        return False
    return bool(VERB.search(text[telling.start : min(telling.end, telling.start + _TELLING)]))


_TELLING = 50
"""Characters in which it is told whose question it was."""


def masked(text: str, span: Span, quoted: Sequence[Quotation]) -> str:
    """A sentence with ``MASK`` for every character of a quotation, as long as it was."""
    pieces, place = [], span.start
    first = bisect_right([quotation.end for quotation in quoted], span.start)
    for quotation in quoted[first:]:
        if quotation.start >= span.end:
            break
        start, end = max(place, quotation.start), min(quotation.end, span.end)
        pieces += [text[place:start], MASK * (end - start)]
        place = end
    return "".join([*pieces, text[place : span.end]])


def turns(text: str, spans: Sequence[Span]) -> list[Turn]:
    """The turns of a transcript: paragraphs that begin with a name and a colon, if there are three
    or more, or one name comes twice; of any other text none.
    """
    labelled = [(span, _label(text, span)) for span in spans]
    counted = Counter(label for _, label in labelled if label)
    if len(labelled) < 2 or (counted.total() < 3 and max(counted.values(), default=0) < 2):
        return []
    found: list[Turn] = []
    for span, label in labelled:
        if label:
            match = _SPEAKER.match(text, span.start, span.end)
            start = match.end() if match else span.start
            found.append(Turn(start, span.end, label))
        elif found:
            found[-1] = found[-1]._replace(end=span.end)
    return found


def _label(text: str, span: Span) -> str:
    match = _SPEAKER.match(text, span.start, span.end)
    if not match or _NO_SPEAKER.match(match["label"]):
        return ""
    return match["label"].strip()
