"""Reported speech: who is said to have said, thought or ordered what, in which clause.

Each sentence is read with its quotations masked and its dates blanked. A verb of the closed list is
a report if it has a subject that can be told: the noun phrase before it in its clause, that behind
it ("..., said the minister"), that of a passive ("as confirmed by ..."), or, after "and", "but" and
in participles, the subject of the sentence. "According to" and "as per" report without a verb.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.curation.drafting import lexicon
from service.curation.drafting.clauses import (
    BEHIND,
    INTO_QUOTATION,
    THAT,
    ReportedClause,
    clause_after,
    clause_before,
    clause_behind,
    clause_of,
)
from service.curation.drafting.passages import MASK
from service.curation.drafting.phrases import OWNERS, Phrase, phrase
from service.curation.drafting.subjects import (
    APPOSED,
    agrees,
    is_modifier,
    is_noun,
    main_subject,
    subject_before,
)


class Report(NamedTuple):
    """A report in a sentence, and where it is told; offsets are those of the sentence.

    ``subject`` is ``None`` where it is that of an earlier report or sentence.
    """

    at: int
    cue: str
    subject: Phrase | None
    clause: ReportedClause


_DATELINE = re.compile(
    r"\A(?:[A-Z][\w.’'-]{0,30},?\s){0,4}?[A-Z]{3,20}[^a-z\n]{0,40}(?:\([^)\n]{1,60}\))?[^\n]{0,40}?(?:\s[—–-]+\s|:\s)"
)
_BRACKETS = re.compile(r"\([^()\n]{0,80}\)")
_NUMBERED = re.compile(r"\A\(?\d{1,3}[.)]\s")
_ACCORDING = re.compile(r"\b(according to|as per|in the words of|in the view of)\s", re.IGNORECASE)
_VIEW = re.compile(
    r"\b[Ii]n (?P<who>his|her|their|(?:[Tt]he )?[A-Z][\w-]{0,40}(?: [A-Z][\w-]{0,40}){0,3})"
    r"(?:[’']s?)? (?P<cue>view|opinion|words|account|telling|assessment)\b,?"
)
_MARK = rf"[“”„‟\"«»‹›「」『』‘‚{MASK}]"
_SOURCE_ENDS = re.compile(rf"[,;:.!?]\s|[.!?]?\Z|{_MARK}|\s\s")
_SUBJECT_ENDS = re.compile(
    rf"[,;:.!?](?:\s|\Z)|{_MARK}|\s(?:at|in|on|during|after|to|that|who)\s|\s\s"
)
_PASSIVE = re.compile(
    r"\b(?:am|is|are|was|were|be|been|being|as)"
    r"\s(?:\w+ly\s|(?:also|never|not|already|first|once|since|later|still|again|being)\s)?\Z",
    re.IGNORECASE,
)
_BY = re.compile(r"\s{1,9}by\s{1,9}")
_QUOTED_AS = re.compile(
    r"\b(?P<be>was|were|is|are|been)?\s?(?:quoted|cited)\s(?P<who>[^,;]{0,80}?)\s?as\s\Z"
)


def reports(sentence: str, blanked: str) -> list[Report]:
    """The reports of a sentence whose quotations are masked; in ``blanked`` dates are blank too."""
    blanked = _BRACKETS.sub(lambda match: " " * len(match[0]), blanked)
    begin = beginning(blanked)
    cited = list(_sources(blanked, begin))
    places = [(report.at, end) for end, report in cited]
    found = [*(report for _, report in cited), *_nouns(blanked, begin)]
    found += _verbs(blanked, begin, places)
    found = [_with_dates(report, sentence, blanked) for report in found]
    return sorted(found, key=lambda report: report.at)


def beginning(sentence: str) -> int:
    """Where a sentence begins behind its number or the place and day of the report."""
    dateline = _NUMBERED.match(sentence) or _DATELINE.match(sentence)
    return dateline.end() if dateline else 0


def _with_dates(report: Report, sentence: str, blanked: str) -> Report:
    """A report whose clause ends with the date that follows it, if one does."""
    end = report.clause.end
    behind = len(blanked) - len(blanked[end:].lstrip(" "))
    end += len(sentence[end:behind].rstrip(BEHIND))
    return report._replace(clause=report.clause._replace(end=end))


def _nouns(text: str, begin: int) -> Iterator[Report]:
    """Reports by a noun: "Washington's accusations of", "in her view"."""
    for pattern in (lexicon.SPEECH_NOUN, _VIEW):
        for match in pattern.finditer(text, begin):
            owner = OWNERS.get(match["who"], match["who"])
            clause = clause_after(text, match.end())
            yield Report(match.start("cue"), match["cue"], phrase(owner, match.start()), clause)


def _sources(text: str, begin: int) -> Iterator[tuple[int, Report]]:
    """Reports without a verb ("according to"), each with the end of its source."""
    for match in _ACCORDING.finditer(text, begin):
        stop = _SOURCE_ENDS.search(text, match.end())
        end = stop.start() if stop else len(text)
        subject = phrase(text[match.end() : end], match.end())
        before = text[begin : match.start()].rstrip(" ,")
        if not before or before[-1] in ";:":
            clause = clause_after(text, end)
        else:
            clause = clause_before(text, begin, match.start())
        yield end, Report(match.start(), match[1].lower(), subject, clause)


def _verbs(text: str, begin: int, cited: Sequence[tuple[int, int]]) -> Iterator[Report]:
    earlier: list[Report] = []
    for match in lexicon.VERB.finditer(text, begin):
        if any(start <= match.start() < end for start, end in cited):
            continue
        report = _report(text, begin, match, earlier)
        if report is None or not _says_something(text, report, match):
            continue
        earlier.append(report)
        yield report


def _says_something(text: str, report: Report, verb: re.Match[str]) -> bool:
    """Whether there is a clause, or a colon before what follows in the next paragraph; a verb of
    manner needs a quotation beside it.
    """
    start, end, is_before = report.clause
    if lexicon.REPORTING.get(verb[0]) in lexicon.MANNER:
        return (
            MASK in text[start:end] if is_before else bool(INTO_QUOTATION.match(text, verb.end()))
        )
    return start < end or text[verb.end() :].strip() == ":"


def _report(
    text: str, begin: int, match: re.Match[str], earlier: Sequence[Report]
) -> Report | None:
    """The report of a verb, if it is one and somebody can be told whose it is."""
    cue, left = match[0], text[begin : match.start()]
    is_participle = cue.split()[0].endswith("ing")
    auxiliary = (_PROGRESSIVE if is_participle else _USED_TO).search(left)
    if not auxiliary and (is_participle or _PASSIVE.search(left)) and not is_noun(cue, left):
        read = _participle if is_participle else _passive
        return read(text, begin, match, earlier)
    if not auxiliary and is_noun(cue, left):
        return None
    end = begin + auxiliary.start() if auxiliary else match.start()
    verb_end = earlier[-1].at + len(earlier[-1].cue) if earlier else 0
    subjects = [each.subject for each in earlier]
    subject, found = subject_before(text, begin, end, subjects, verb_end)
    if not found:
        return None if auxiliary else _inverted(text, begin, match)
    if subject and not auxiliary and not agrees(cue, subject, text[subject.start : end]):
        return None
    if subject and is_modifier(cue, subject, text, match.end()):
        return None
    return Report(match.start(), cue, subject, clause_of(text, begin, match, subject))


_PROGRESSIVE = re.compile(r"\b(?:keeps?|kept|began|started|been|is|are|was|were)\s\Z")
_USED_TO = re.compile(r"\b(?:used|went on|goes on|like[sd]?)\sto\s\Z")


def _participle(
    text: str, begin: int, match: re.Match[str], earlier: Sequence[Report]
) -> Report | None:
    """A participle has the subject of the verb before it, or of the sentence."""
    cue, left = match[0], text[begin : match.start()]
    if cue == "saying" and (quoted := _QUOTED_AS.search(left)):
        return _quoted_as(text, begin, match, quoted)
    if cue in lexicon.PHRASES["quote"]:
        pronoun = {"her": "she", "him": "he"}.get(cue.split()[1], "they")
        subject: Phrase | None = Phrase(match.start(), "", pronoun, "pronoun", True)
    elif not _PARTICIPLE.search(left):
        return None
    else:
        subject = earlier[-1].subject if earlier else main_subject(text, begin)
    return Report(match.start(), cue, subject, clause_behind(text, match))


_PARTICIPLE = re.compile(
    rf"(?:[,;{lexicon.MARKS}—–]|\b(?:and|also|while|by|statement|letter|report|note|message|post|document))\s*\Z",
    re.IGNORECASE,
)


def _quoted_as(text: str, begin: int, match: re.Match[str], quoted: re.Match[str]) -> Report | None:
    """Its subject is before "was quoted as saying", but within "a paper quoted him as saying"."""
    start = match.end()
    if quoted["be"]:
        subject, _ = subject_before(text, begin, begin + quoted.start(), ())
        by_whom = _BY_WHOM.match(text, start)
        start = by_whom.end() if by_whom else start
    else:
        subject = phrase(quoted["who"], begin + quoted.start("who"))
    return Report(match.start(), match[0], subject, clause_after(text, start))


_BY_WHOM = re.compile(r"\sby\s[^,;]{1,60}?(?=\sthat\b|[,:])")


def _passive(
    text: str, begin: int, match: re.Match[str], _earlier: Sequence[Report]
) -> Report | None:
    """A passive reports if it says by whom; "is said to" does not."""
    by = _BY.match(text, match.end())
    if not by:
        return None
    stop = _AGENT_ENDS.search(text, by.end())
    end = stop.start() if stop else len(text)
    subject = phrase(text[by.end() : end], by.end())
    if THAT.match(text, end + 1):
        return Report(match.start(), match[0], subject, clause_after(text, end))
    comma = text.rfind(",", begin, match.start())
    clause = clause_before(text, begin, comma if comma > 0 else match.start())
    return Report(match.start(), match[0], subject, clause)


_AGENT_ENDS = re.compile(r"[,;:.!?]|\sthat\b|\sto\b|\sin\b|\sas\b")


def _inverted(text: str, begin: int, match: re.Match[str]) -> Report | None:
    """A report whose subject stands behind the verb: "..., said the minister"."""
    left = text[begin : match.start()].rstrip()
    if not left or not (left[-1] in "," + lexicon.MARKS or MASK in left[-3:]):
        return None
    stop = _SUBJECT_ENDS.search(_ABBREVIATED.sub(r"\1_", text), match.end() + 1)
    end = stop.start() if stop else len(text)
    subject = phrase(text[match.end() : end], match.end())
    if subject is None or lexicon.REPORTING.get(match[0], match[0]) in lexicon.JUDGEMENT:
        return None
    apposed = APPOSED.match(text, end)
    if apposed and subject.mention == "nominal":
        subject = phrase(apposed[1], apposed.start(1)) or subject
    return Report(match.start(), match[0], subject, clause_before(text, begin, match.start()))


_ABBREVIATED = re.compile(rf"\b({lexicon.ABBREVIATED})\.")
