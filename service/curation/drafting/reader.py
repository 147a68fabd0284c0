"""Reads the sentences of a text: whose words a quotation is, and who reports what."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from service.curation.drafting.dates import FoundDate
from service.curation.drafting.findings import Reported, Said, Told, report_of
from service.curation.drafting.lexicon import MARKS, WRITINGS
from service.curation.drafting.names import Entities, Mention, mentions
from service.curation.drafting.passages import (
    MASK,
    Span,
    Turn,
    begun_in,
    is_heading,
    masked,
    start_of,
    turns,
)
from service.curation.drafting.phrases import phrase
from service.curation.drafting.reports import Report, beginning, reports
from service.curation.drafting.subjects import main_subject
from service.curation.rules.quotations import Quotation

_SO_CALLED = re.compile(r"\b[Ss]o-called\s\W?\Z")
_THAT = re.compile(r"\bthat\s?\W?\Z")
_MAX_HEADLINE, _STOPS = 3, " ,.!?…"
_MAX_SENTENCE = 4_000
"""Characters of a sentence that is read; what is longer is none."""


class Reader:
    """Reads the sentences of a text one after the other, and remembers who was named and spoke."""

    def __init__(
        self,
        text: str,
        quoted: Sequence[Quotation],
        found_dates: Sequence[FoundDate],
        parts: Sequence[Span],
    ) -> None:
        self.quotes: list[Said] = []
        self.indirect: list[Reported] = []
        self._text, self._quoted, self._dates = text, quoted, found_dates
        self._entities = Entities()
        spoken = turns(text, parts)
        self._headings = [part for part in parts if is_heading(text, part)]
        self._mentions = [
            each
            for each in mentions(text)
            if not (_in_label(each, text, spoken) or _in_heading(each, self._headings))
        ]
        for mention in self._mentions:  # so that "Haddad" is Omar Haddad before he is named in full
            if " " in mention.name:
                self._entities.learn(mention.name)
        self._named = 0
        self._turns = [self._turn(turn) for turn in spoken]
        self.indirect += [Reported(t.start, t.end, t.label, None, "name") for t in self._turns]
        self._last: Told | None = None

    def _turn(self, turn: Turn) -> Turn:
        found = phrase(turn.label.title() if turn.label.isupper() else turn.label, turn.start)
        name = found.name if found and found.name else turn.label
        return turn._replace(label=self._entities.full(name))

    def read(self, sentence: Span) -> None:
        """Reads a sentence: its reports, then the speakers of its quotations."""
        for mention in self._new_names(sentence.end):
            for description in mention.descriptions:
                self._entities.learn(mention.name, description)
            if mention.short:
                self._entities.call(mention.short, mention.name)
        quoted = begun_in(self._quoted, sentence)
        if sentence.end - sentence.start > _MAX_SENTENCE:
            self.quotes += [Said(q.start, q.end, None, None, None) for q in quoted]
            return
        turn = self._turn_at(sentence.end - 1)
        self._entities.turn_to(turn.label if turn else None)
        line = masked(self._text, sentence, quoted)
        if turn is not None and sentence.start < turn.start:  # the label is no subject
            line = " " * (turn.start - sentence.start) + line[turn.start - sentence.start :]
        blanked = self._blanked(sentence, line)
        if not _in_heading(sentence, self._headings):
            self._name_subject(blanked)
        told = list(self._told(sentence, line, blanked))
        for quotation in quoted:
            self.quotes.append(self._said(quotation, sentence, told, line))
        speaking = [each for each in told if each.source and not _is_written(each.source)]
        self._last = speaking[-1] if speaking else self._last

    def _name_subject(self, line: str) -> None:
        """A pronoun in a sentence or after it may go back to its subject."""
        subject = main_subject(line, beginning(line))
        if subject is not None and subject.mention != "pronoun":
            source, _ = self._entities.resolve(subject)
            if source:
                self._entities.subject(source)

    def _new_names(self, end: int) -> Iterator[Mention]:
        while self._named < len(self._mentions) and self._mentions[self._named].start < end:
            yield self._mentions[self._named]
            self._named += 1

    def _told(self, sentence: Span, line: str, blanked: str) -> Iterator[Told]:
        previous: tuple[str | None, str] = (None, "carried")
        for report in reports(line, blanked):
            source, mention = self._source(report, previous)
            previous = source, mention
            if source:
                self._entities.spoke(source)
            clause, place = report.clause, sentence.start
            start, end = place + clause.start, place + clause.end
            yield Told(place + report.at, start, end, source, report.cue, mention, clause.is_before)
            reported = line[clause.start : clause.end]
            has_words = reported.strip(f"{MASK} ,.{MARKS}")
            if has_words or (reported and _THAT.search(line[: clause.start])):
                self.indirect.append(Reported(start, end, source, report.cue, mention))

    def _source(self, report: Report, previous: tuple[str | None, str]) -> tuple[str | None, str]:
        if report.subject is None:
            last = self._last.source if self._last else None
            return previous[0] or last, "carried"
        return self._entities.resolve(report.subject)

    def _blanked(self, sentence: Span, line: str) -> str:
        for date in begun_in(self._dates, sentence):
            start, end = date.start - sentence.start, date.end - sentence.start
            line = line[:start] + " " * (end - start) + line[end:]
        return line

    def _said(self, quotation: Quotation, sentence: Span, told: Sequence[Told], line: str) -> Said:
        before = line[: quotation.start - sentence.start]
        if _SO_CALLED.search(before):
            return Said(quotation.start, quotation.end, None, None, None)
        report = report_of(quotation, told)
        if report is not None:
            last = self.quotes[-1] if self.quotes else None
            again = last and last.start >= sentence.start and last.cue == report.cue
            mention = "carried" if again else report.mention
            return Said(quotation.start, quotation.end, report.source, report.cue, mention)
        turn = self._turn_at(quotation.start)
        if turn is not None:
            return Said(quotation.start, quotation.end, turn.label, None, "carried")
        if self._last is not None and _begins_with_quotation(line):
            source, cue = self._last.source, self._last.cue
            return Said(quotation.start, quotation.end, source, cue, "carried")
        return Said(quotation.start, quotation.end, *self._of_subject(line))

    def _of_subject(self, line: str) -> tuple[str | None, None, str | None]:
        """Without a report a quotation of some words is of the subject, one of a word of nobody."""
        subject = main_subject(line)
        if line.count(MASK) < 25 or subject is None:
            return None, None, None
        source, mention = self._entities.resolve(subject)
        return source, None, mention

    def name_headline(self) -> None:
        """Gives a quotation in the headline the speaker of the words that are repeated below it."""
        text, quotes = self._text, self.quotes
        heading = len(text) - len(text.lstrip()) + text.lstrip().find("\n")
        for number, quote in enumerate(quotes[:_MAX_HEADLINE]):
            words = text[quote.start + 1 : quote.end].rstrip(_STOPS)
            if quote.speaker or quote.start > heading or words.count(" ") < 2:
                continue
            place = text.find(words, quote.end)
            turn = self._turn_at(place)
            said = [each.speaker for each in quotes if each.start <= place < each.end]
            speaker = said[0] if said else turn.label if turn else None
            mention = "carried" if speaker else None
            quotes[number] = quote._replace(speaker=speaker, mention=mention)

    def _turn_at(self, place: int) -> Turn | None:
        number = bisect_right(self._turns, place, key=start_of) - 1
        return self._turns[number] if number >= 0 and place < self._turns[number].end else None


def _in_heading(found: Mention | Span, headings: Sequence[Span]) -> bool:
    number = bisect_right(headings, found.start, key=start_of) - 1
    return number >= 0 and found.start < headings[number].end


def _is_written(source: str) -> bool:
    """Whether a source is one to which no later quotation goes back: somebody wrote it."""
    return source.rsplit(maxsplit=1)[-1].casefold() in WRITINGS


def _in_label(mention: Mention, text: str, spoken: Sequence[Turn]) -> bool:
    number = bisect_right(spoken, mention.start, key=start_of)
    if number == len(spoken):
        return False
    return (
        "\n" not in text[mention.start : spoken[number].start]
        and ":" in text[mention.start : spoken[number].start][:80]
    )


def _begins_with_quotation(line: str) -> bool:
    """Whether nothing but marks stands before the first quotation of a sentence."""
    return not re.sub(r"[\s\W]", "", line.partition(MASK)[0])
