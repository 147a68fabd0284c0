"""Reported speech: who is said to have said, thought or ordered what, in which clause.

Each sentence is read with its quotations masked and its dates blanked. A verb of the closed list is
a report if it has a subject that can be told: the noun phrase before it in its clause, that behind
it ("..., said the minister"), that of a passive ("as confirmed by ..."), or, after "and", "but" and
in participles, the subject of the sentence. "According to" and "as per" report without a verb.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.curation.drafting.clauses import (
    THAT,
    agrees,
    clause_after,
    end_of,
    is_empty,
    main_subject,
    subject_before,
    tight,
)
from service.curation.drafting.lexicon import (
    BARE,
    JUDGEMENT,
    MANNER,
    MARKS,
    NOUN_MARKS,
    ORGANISATION,
    PERSONS,
    PHRASES,
    REPORTING,
    SPEECH_NOUN,
    VERB,
    WITH_ADDRESSEE,
)
from service.curation.drafting.passages import MASK
from service.curation.drafting.phrases import OWNERS, Phrase, phrase


class Report(NamedTuple):
    """A report in a sentence; offsets are those of the sentence.

    ``subject`` is ``None`` where it is that of an earlier report or sentence.
    The clause is what is reported.
    """

    at: int
    cue: str
    subject: Phrase | None
    start: int
    end: int
    after: bool
    subject_span: tuple[int, int] = (0, 0)


_DATELINE = re.compile(
    r"\A(?:[A-Z][\w.’'-]{0,30},?\s){0,4}?[A-Z]{3,20}[^a-z\n]{0,40}(?:\([^)\n]{1,60}\))?[^\n]{0,40}?(?:\s[—–-]+\s|:\s)"
)
_NUMBERED = re.compile(r"\A\(?\d{1,3}[.)]\s")
_ACCORDING = re.compile(r"\b(according to|as per|in the words of|in the view of)\s", re.IGNORECASE)
_VIEW = re.compile(
    r"\b[Ii]n (?:(?P<whose>his|her|their)|(?P<who>(?:[Tt]he )?[A-Z][\w-]{0,40}(?: [A-Z][\w-]{0,40}){0,3})[’']s?)"
    r" (?P<cue>view|opinion|words|account|telling|assessment)\b,?"
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
_AUXILIARY = re.compile(
    r"\b(?:to|will|would|can|could|may|might|should|must|shall|not|n[’']t|cannot)\s(?:\w+ly\s|also\s)?\Z",
    re.IGNORECASE,
)
_QUOTED_AS = re.compile(
    r"\b(?P<be>was|were|is|are|been)?\s?(?:quoted|cited)\s(?P<who>[^,;]{0,80}?)\s?as\s\Z"
)


def reports(sentence: str, blanked: str) -> list[Report]:
    """The reports of a sentence whose quotations are masked; in ``blanked`` dates are blank too."""
    blanked = re.sub(r"\([^()\n]{0,80}\)", lambda match: " " * len(match[0]), blanked)
    dateline = _NUMBERED.match(blanked) or _DATELINE.match(blanked)
    begin = dateline.end() if dateline else 0
    found = [*_verbs(blanked, begin), *_prepositions(blanked, begin)]
    found += [*_nouns(blanked, begin), *_views(blanked, begin)]
    return sorted(found, key=lambda report: report.at)


def _nouns(text: str, begin: int) -> Iterator[Report]:
    """Reports by a noun: "Washington's accusations of"."""
    for match in SPEECH_NOUN.finditer(text, begin):
        subject = phrase(match["who"], match.start())
        yield Report(
            match.start("cue"),
            match["cue"],
            subject,
            match.end(),
            end_of(text, match.end()),
            False,
        )


def _prepositions(text: str, begin: int) -> Iterator[Report]:
    for match in _ACCORDING.finditer(text, begin):
        stop = _SOURCE_ENDS.search(text, match.end())
        end = stop.start() if stop else len(text)
        subject = phrase(text[match.end() : end], match.end())
        before = text[begin : match.start()]
        clause_starts = not before.strip(" ,") or before.rstrip()[-1:] in ";:"
        if clause_starts:
            start, last = end, end_of(text, end)
        else:
            start, last = max(begin, before.rfind(";") + begin + 1), match.start()
        span = tight(text, start, last)
        yield Report(
            match.start(), match[1].lower(), subject, *span, not clause_starts, (match.end(), end)
        )


def _views(text: str, begin: int) -> Iterator[Report]:
    """Reports by a view: "in her view the clause ..."."""
    for match in _VIEW.finditer(text, begin):
        pronoun = OWNERS.get(match["whose"] or "")
        subject = phrase(pronoun or match["who"], match.start())
        span = clause_after(text, match.end())
        yield Report(match.start("cue"), match["cue"], subject, *span, False)


def _verbs(text: str, begin: int) -> Iterator[Report]:
    earlier: list[Report] = []
    cited = [report.subject_span for report in _prepositions(text, begin)]
    for match in VERB.finditer(text, begin):
        if any(start <= match.start() < end for start, end in cited):
            continue
        report = _report(text, begin, match, earlier)
        if report and REPORTING.get(match[0]) in MANNER and not _beside_quotation(text, report):
            continue
        if report and (report.start < report.end or text[match.end() :].strip() == ":"):
            earlier.append(report)
            yield report


def _beside_quotation(text: str, report: Report) -> bool:
    if report.after:
        return MASK in text[report.start : report.end]
    return bool(_INTO_QUOTATION.match(text, report.at + len(report.cue)))


def _report(
    text: str, begin: int, match: re.Match[str], earlier: Sequence[Report]
) -> Report | None:
    """The report of a verb, if it is one and somebody can be told whose it is."""
    cue, left = match[0], text[begin : match.start()]
    is_participle = cue.split()[0].endswith("ing")
    auxiliary = (_PROGRESSIVE if is_participle else _USED_TO).search(left)
    if not auxiliary:
        if _is_noun(cue, left):
            return None
        if is_participle:
            return _participle(text, begin, match, earlier)
        if _PASSIVE.search(left):
            return _passive(text, begin, match)
    end = begin + auxiliary.start() if auxiliary else match.start()
    subject, found = subject_before(text, begin, end, [each.subject for each in earlier])
    if not found:
        return None if auxiliary else _inverted(text, begin, match)
    said = text[subject.start : end] if subject else ""
    if subject and not auxiliary and not agrees(cue, subject, said):
        return None
    if subject and _is_modifier(cue, subject, text, match.end()):
        return None
    return _with_clause(text, begin, match, subject)


def _is_modifier(cue: str, subject: Phrase, text: str, end: int) -> bool:
    """Whether a past form goes with a noun that is no speaker: "the text agreed in May is"."""
    if not cue.endswith("ed") or subject.mention != "nominal":
        return False
    last = subject.description.split()[-1].casefold()
    speaks = last in ORGANISATION or last.removesuffix("s") in PERSONS
    return not speaks and bool(_FINITE.match(text, end))


_FINITE = re.compile(
    r"\s(?:in|at|by|between|under|for|on|last|\s)[^,;.]{0,60}?"
    r"\s(?:is|are|was|were|has|have|had|will|would|could|should|may|can|must)\b"
)
_PROGRESSIVE = re.compile(r"\b(?:keeps?|kept|began|started|been|is|are|was|were)\s\Z")
_USED_TO = re.compile(r"\b(?:used|went on|goes on|like[sd]?)\sto\s\Z")


def _is_noun(cue: str, left: str) -> bool:
    """Whether a form is a noun here ("the report"), or an infinitive, which reports nothing."""
    word = left.rstrip().rpartition(" ")[2].casefold()
    if cue in BARE and (word.strip("“\"'‘") in NOUN_MARKS or word.endswith(("'s", "’s"))):
        return True
    return cue in REPORTING.values() and bool(_AUXILIARY.search(left))


def _participle(
    text: str, begin: int, match: re.Match[str], earlier: Sequence[Report]
) -> Report | None:
    """A participle has the subject of the verb before it, or of the sentence."""
    cue = match[0]
    if cue == "saying" and (quoted := _QUOTED_AS.search(text[begin : match.start()])):
        return _quoted_as(text, begin, match, quoted)
    if cue in PHRASES["quote"]:
        pronoun = {"her": "she", "him": "he"}.get(cue.split()[1], "they")
        return _forward(text, match, Phrase(match.start(), "", pronoun, "pronoun", True))
    if not _PARTICIPLE.search(text[begin : match.start()]):
        return None
    return _forward(text, match, earlier[-1].subject if earlier else main_subject(text, begin))


_PARTICIPLE = re.compile(
    rf"(?:[,;{MARKS}—–]|\b(?:and|also|while|by|statement|letter|report|note|message|post|document))\s*\Z",
    re.IGNORECASE,
)


def _quoted_as(text: str, begin: int, match: re.Match[str], quoted: re.Match[str]) -> Report | None:
    if quoted["be"]:
        subject, _ = subject_before(text, begin, begin + quoted.start(), ())
        end = _BY_WHOM.match(text, match.end())
        start = end.end() if end else match.end()
        return Report(match.start(), match[0], subject, *clause_after(text, start), False)
    subject = phrase(quoted["who"], begin + quoted.start("who"))
    return Report(match.start(), match[0], subject, *clause_after(text, match.end()), False)


_BY_WHOM = re.compile(r"\sby\s[^,;]{1,60}?(?=\sthat\b|[,:])")


def _passive(text: str, begin: int, match: re.Match[str]) -> Report | None:
    """A passive reports if it says by whom; "is said to" does not."""
    by = _BY.match(text, match.end())
    if not by:
        return None
    stop = re.compile(r"[,;:.!?]|\sthat\b|\sto\b|\sin\b|\sas\b").search(text, by.end())
    end = stop.start() if stop else len(text)
    subject = phrase(text[by.end() : end], by.end())
    that = THAT.match(text, end + 1)
    if that:
        return Report(match.start(), match[0], subject, *clause_after(text, end), False)
    start = max(begin, text.rfind(";", begin, match.start()) + 1)
    comma = text.rfind(",", start, match.start())
    last = comma if comma > start else match.start()
    return Report(match.start(), match[0], subject, *tight(text, start, last), True)


def _inverted(text: str, begin: int, match: re.Match[str]) -> Report | None:
    """A report whose subject stands behind the verb: "..., said the minister"."""
    left = text[begin : match.start()].rstrip()
    if not left or not (left[-1] in "," + MARKS or MASK in left[-3:]):
        return None
    unabbreviated = re.sub(r"\b(Dr|Mr|Mrs|Ms|Prof|St|Gen|Sen|Rep|Gov|Col)\.", r"\1_", text)
    stop = _SUBJECT_ENDS.search(unabbreviated, match.end() + 1)
    end = stop.start() if stop else len(text)
    subject = phrase(text[match.end() : end], match.end())
    if subject is None or REPORTING.get(match[0], match[0]) in JUDGEMENT:
        return None
    apposed = _APPOSED.match(text, end)
    if apposed and subject.mention == "nominal":
        subject = phrase(apposed[1], apposed.start(1)) or subject
    start = max(begin, text.rfind(";", begin, match.start()) + 1)
    return Report(match.start(), match[0], subject, *tight(text, start, match.start()), True)


_APPOSED = re.compile(
    r"(?:\s(?:of|for|at|in)\s[^,;]{1,60})?,\s([A-Z][\w.’'-]{0,40}(?:[^\S\n][A-Z][\w.’'-]{0,40}){1,4})[^\S\n]?(?=[,.;]|\Z)"
)


def _with_clause(text: str, begin: int, match: re.Match[str], subject: Phrase | None) -> Report:
    """A report whose clause follows the verb, or stands before its subject."""
    right, base = text[match.end() :], REPORTING.get(match[0], match[0])
    place = subject.start if subject and subject.start < match.start() else match.start()
    before = text[begin:place].rstrip()
    if "," in text[place : match.start()]:  # an apposition: what stands before it goes with it
        before = before[: max(before.rfind(",", 0, -1), before.rfind(MASK) + 1) + 1].rstrip()
    rest = re.sub(r"\b(?:to|in|at|on|by|from|during|reporters|journalists)\b.*", "", right)
    ends_here = is_empty(rest) or (
        base in WITH_ADDRESSEE
        and len(rest.split()) <= 3
        and MASK not in rest
        and not THAT.search(rest)
    )
    that = THAT.search(right[:_TO_THAT])
    if that and _leads_to_clause(right[: that.start()].strip(" ,"), base):
        ends_here = False
    ends_here = ends_here or bool(re.match(r"\s{0,40}(?:[,;.]|\Z)", right))
    if base in WITH_ADDRESSEE and _ADDRESSED.match(right):
        ends_here = False
    if _INFINITIVE.match(right) or (MASK not in before and _INTO_QUOTATION.match(right)):
        ends_here = False
    quoted = before[-1:] in MARKS and before != "" and MASK in before
    if quoted and not (MASK in right or re.match(r"\s{0,9}(?:that|how|why|whether)\b", right)):
        ends_here = True
    if before[-1:] in ("," + MARKS) and before and ends_here:
        start = max(begin, text.rfind(";", begin, place) + 1)
        amid = MASK not in before and _AMID.match(right)
        end = end_of(text, match.end() + 1) if amid else len(before) + begin
        return Report(match.start(), match[0], subject, *tight(text, start, end), True)
    return _forward(text, match, subject)


_INFINITIVE = re.compile(
    r"\s(?:not\s)?to\s(?!(?:reporters|journalists|the|an?|his|her|their|me|us|parliament)\b)[a-z]"
)
_ADDRESSED = re.compile(r"(?:\s[\w’'-]{1,40}){1,4}\sto\s[a-z]")
_INTO_QUOTATION = re.compile(rf"\s?[:,]?\s?[{MARKS}]?{MASK}")
_TO_THAT = 90
"""Characters after a verb in which "that" is looked for."""
_AMID = re.compile(r",\s(?!(?:and|but|or|adding|saying|citing|who|which|as|while|in|on|at)\b)[a-z]")
"""How a clause goes on in whose midst it is told whose it is: "the lenders, he notes, withdrew"."""
_NO_CLAUSE = re.compile(r"\s{0,9}(?:(?:and|but|or|nor)\b|[.;)])")


def _forward(text: str, match: re.Match[str], subject: Phrase | None) -> Report:
    """A report whose clause follows the verb: after "that" where an addressee stands between."""
    start, cue = match.end(), match[0]
    base = REPORTING.get(cue, cue)
    if _NO_CLAUSE.match(text, start):
        return Report(match.start(), cue, subject, start, start, False)
    that = THAT.search(text, start, start + _TO_THAT)
    between = text[start : that.start()].strip(" ,") if that else ""
    if that and _leads_to_clause(between, base):
        start = that.end() if text[that.end() : end_of(text, that.end())].strip(" ,.") else start
    elif base in WITH_ADDRESSEE:
        start += len(_ADDRESSEE.match(text, start)[0])  # type: ignore[index]  # matches anything
    return Report(match.start(), cue, subject, *clause_after(text, start), False)


def _leads_to_clause(between: str, base: str) -> bool:
    """Whether what stands between a verb and "that" lets the clause begin there: nothing, the
    addressee, or the place where it was said.
    """
    if not between or re.match(r"(?:in|at|on|during|to|via|through)\b", between):
        return True
    return base in WITH_ADDRESSEE and not re.search(r",\s(?:a|an|the)\s", between)


_ADDRESSEE = re.compile(
    r"(?:\s{1,9}(?:him|her|them|us|me|reporters|journalists|(?:the|this|our|his|her|a)\s\w+|[A-Z]\w+"
    r"(?:\s[A-Z]\w+)*))?"
)
