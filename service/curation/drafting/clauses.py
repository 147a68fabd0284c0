"""What is reported: the clause behind a verb, or before the subject that stands behind it."""

import re
from typing import NamedTuple

from service.curation.drafting.lexicon import MARKS, REPORTING, WITH_ADDRESSEE
from service.curation.drafting.passages import MASK
from service.curation.drafting.phrases import Phrase

THAT = re.compile(r"\bthat\b|\bwhether\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r";|,\s(?:but|though|although|while|whereas|calling|adding|saying|citing|a\s\w+\sthat)\b"
    r"|,\s(?:which|who)\b(?![^,;]{1,120},\s(?!and\b|but\b|or\b)[a-z])"
)
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
_BEFORE, BEHIND = f"{_BLANKS},:;{MARKS}—–-", f"{_BLANKS},.;!?{MARKS}…—–-"
_NOTHING = f"{_BLANKS},.;:!?{MARKS}{MASK}"


class ReportedClause(NamedTuple):
    """What is reported, offsets of its sentence, and whether who reports it stands behind it."""

    start: int
    end: int
    is_before: bool = False


def clause_after(text: str, start: int) -> ReportedClause:
    """The clause after a verb, without "that"; "that" alone is what was said before."""
    that = THAT.match(text, start + 1) or THAT.match(text, start)
    end = _end_of(text, start)
    if that and text[that.end() : end].strip(" ,."):
        start = that.end()
    return ReportedClause(*_tight(text, start, end))


def clause_before(text: str, begin: int, end: int) -> ReportedClause:
    """The clause that ends where it is told whose it is."""
    start = max(begin, text.rfind(";", begin, end) + 1)
    return ReportedClause(*_tight(text, start, end), True)


def clause_of(text: str, begin: int, verb: re.Match[str], subject: Phrase | None) -> ReportedClause:
    """The clause of a verb with its subject before it: what follows, or what stands before both."""
    place = subject.start if subject and subject.start < verb.start() else verb.start()
    before, right = text[begin:place].rstrip(), text[verb.end() :]
    if "," in text[place : verb.start()]:  # an apposition: what stands before it goes with it
        before = before[: max(before.rfind(",", 0, -1), before.rfind(MASK) + 1) + 1].rstrip()
    if not before or before[-1] not in f",{MARKS}" or not _ends_report(before, right, verb[0]):
        return clause_behind(text, verb)
    amid = MASK not in before and _AMID.match(right)
    return clause_before(
        text, begin, _end_of(text, verb.end() + 1) if amid else begin + len(before)
    )


def _ends_report(before: str, right: str, cue: str) -> bool:
    """Whether nothing of what is reported follows the verb, but perhaps to whom it was said."""
    base = REPORTING.get(cue, cue)
    if MASK in before and before[-1] in MARKS and not (MASK in right or _CONJUNCTION.match(right)):
        return True
    if _INFINITIVE.match(right) or (MASK not in before and INTO_QUOTATION.match(right)):
        return False
    if base in WITH_ADDRESSEE and _ADDRESSED.match(right):
        return False
    if _CLAUSE_ENDS.match(right):
        return True
    that = THAT.search(right[:_TO_THAT])
    if that and _leads_to_clause(right[: that.start()].strip(" ,"), base):
        return False
    rest = _TO_WHOM.sub("", right)
    is_addressee = base in WITH_ADDRESSEE and len(rest.split()) <= 3
    return not rest.strip(_NOTHING) or (is_addressee and MASK not in rest and not THAT.search(rest))


_CONJUNCTION = re.compile(r"\s{0,9}(?:that|how|why|whether)\b")
_CLAUSE_ENDS = re.compile(r"\s{0,40}(?:[,;.]|\Z)")
_TO_WHOM = re.compile(r"\b(?:to|in|at|on|by|from|during|reporters|journalists)\b.*")
_INFINITIVE = re.compile(
    r"\s(?:not\s)?to\s(?!(?:reporters|journalists|the|an?|his|her|their|me|us|parliament)\b)[a-z]"
)
_ADDRESSED = re.compile(r"(?:\s[\w’'-]{1,40}){1,4}\sto\s[a-z]")
INTO_QUOTATION = re.compile(rf"\s?[:,]?\s?[{MARKS}]?{MASK}")
_TO_THAT = 90
"""Characters after a verb in which "that" is looked for."""
_AMID = re.compile(r",\s(?!(?:and|but|or|adding|saying|citing|who|which|as|while|in|on|at)\b)[a-z]")
"""How a clause goes on in whose midst it is told whose it is: "the lenders, he notes, withdrew"."""
_NO_CLAUSE = re.compile(r"\s{0,9}(?:(?:and|but|or|nor)\b|[.;)])")


def clause_behind(text: str, verb: re.Match[str]) -> ReportedClause:
    """The clause that follows a verb: after "that" where an addressee stands between."""
    start, base = verb.end(), REPORTING.get(verb[0], verb[0])
    if _NO_CLAUSE.match(text, start):
        return ReportedClause(start, start)
    that = THAT.search(text, start, start + _TO_THAT)
    between = text[start : that.start()].strip(" ,") if that else ""
    if that and _leads_to_clause(between, base):
        start = that.end() if text[that.end() : _end_of(text, that.end())].strip(" ,.") else start
    elif base in WITH_ADDRESSEE:
        start += len(_ADDRESSEE.match(text, start)[0])  # type: ignore[index]  # matches anything
    return clause_after(text, start)


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


def _end_of(text: str, start: int) -> int:
    end = _CLAUSE_END.search(text, start)
    return end.start() if end else len(text)


def _tight(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without blanks, marks and punctuation around it."""
    clause = text[start:end].lstrip(_BEFORE)
    start = max(start, end) - len(clause)
    return start, start + len(clause.rstrip(BEHIND))
