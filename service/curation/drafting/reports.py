"""Reported speech: who is said to have said, thought or ordered what, in which clause.

Each sentence is read with its quotations masked and its dates blanked. A verb of the closed list is
a report if it has a subject that can be told: the noun phrase before it in its clause, the one after
it ("..., said the minister"), that of a passive ("as confirmed by ..."), or, after "and", "but" and
in participles, the subject of the sentence. "According to" and "as per" report without a verb.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.curation.drafting.lexicon import (
    ADVERBS,
    BARE,
    JUDGEMENT,
    NOUN_MARKS,
    PHRASES,
    PRONOUNS,
    REPORTING,
    SPEECH_NOUN,
    VERB,
    WITH_ADDRESSEE,
)
from service.curation.drafting.names import Phrase, phrase
from service.curation.drafting.passages import MASK


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


_MARKS = "“”„‟\"«»‹›「」『』‘’‚'"
_BOUNDARY = re.compile(
    r"[;:()—–]|\s-\s|\b(?:that|but|because|while|whereas|as|when|if|whether|although|though|after"
    r"|before|since|and|or|what|where|than|until|which|who|despite|saying|adding)\b|,|"
    + MASK,
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"\A(?:[A-Z][\w.’'-]*,?\s){0,4}?[A-Z]{3,}[^a-z\n]{0,40}(?:\([^)\n]{1,60}\))?[^\n]{0,40}?(?:\s[—–-]+\s|:\s)"
)
_NUMBERED = re.compile(r"\A\(?\d{1,3}[.)]\s")
_ACCORDING = re.compile(r"\b(according to|as per|in the words of|in the view of)\s", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|as)\s(?:\w+ly\s|widely\s|also\s)?\Z", re.IGNORECASE)
_BY = re.compile(r"\s+by\s+")
_AUXILIARY = re.compile(
    r"\b(?:to|will|would|can|could|may|might|should|must|shall|not|n[’']t|cannot)\s(?:\w+ly\s|also\s)?\Z",
    re.IGNORECASE,
)
_QUOTED_AS = re.compile(r"\b(?P<be>was|were|is|are|been)?\s?(?:quoted|cited)\s(?P<who>[^,;]{0,80}?)\s?as\s\Z")
_THAT = re.compile(r"\bthat\b|\bwhether\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r";|,\s(?:but|though|although|which|who|while|whereas|calling|adding|saying|citing|a\s\w+\sthat)\b"
)
_LEAD = re.compile(r"\A[^,;]{1,60},\s")
_TRAILING = re.compile(rf"[\s,.;!?{_MARKS}…—–-]*\Z")
_LEADING = re.compile(rf"[\s,:;{_MARKS}—–-]*")
_EMPTY = re.compile(rf"[\s,.;:!?{_MARKS}{MASK}]*\Z")


def reports(sentence: str, blanked: str) -> list[Report]:
    """The reports of a sentence whose quotations are masked; in ``blanked`` dates are blank too."""
    blanked = re.sub(r"\([^()\n]{0,80}\)", lambda match: " " * len(match[0]), blanked)
    dateline = _NUMBERED.match(blanked) or _DATELINE.match(blanked)
    begin = dateline.end() if dateline else 0
    found = [*_verbs(blanked, begin), *_prepositions(blanked, begin), *_nouns(blanked, begin)]
    return sorted(found, key=lambda report: report.at)


def _nouns(text: str, begin: int) -> Iterator[Report]:
    """ "Washington's accusations of ..." """
    for match in SPEECH_NOUN.finditer(text, begin):
        subject = phrase(match["who"], match.start())
        yield Report(match.start("cue"), match["cue"], subject, match.end(), _end_of(text, match.end()), False)


def _prepositions(text: str, begin: int) -> Iterator[Report]:
    for match in _ACCORDING.finditer(text, begin):
        stop = re.compile(rf"[,;:.!?]\s|[.!?]?\Z|[{_MARKS}{MASK}]|\s\s").search(text, match.end())
        end = stop.start() if stop else len(text)
        subject = phrase(text[match.end() : end], match.end())
        before = text[begin : match.start()]
        clause_starts = not before.strip(" ,") or before.rstrip()[-1:] in ";:"
        if clause_starts:
            start, last = end, _end_of(text, end)
        else:
            start, last = max(begin, before.rfind(";") + begin + 1), match.start()
        span = _tight(text, start, last)
        yield Report(match.start(), match[1].lower(), subject, *span, not clause_starts, (match.end(), end))


def _verbs(text: str, begin: int) -> Iterator[Report]:
    earlier: list[Report] = []
    cited = [report.subject_span for report in _prepositions(text, begin)]
    for match in VERB.finditer(text, begin):
        if any(start <= match.start() < end for start, end in cited):
            continue
        report = _report(text, begin, match, earlier)
        if report is not None and report.start < report.end:
            earlier.append(report)
            yield report


def _report(text: str, begin: int, match: re.Match[str], earlier: Sequence[Report]) -> Report | None:
    cue, left = match[0], text[begin : match.start()]
    word = left.rstrip().rpartition(" ")[2].casefold()
    base = REPORTING.get(cue, cue)
    if cue in BARE and (word.strip("“\"'‘") in NOUN_MARKS or word.endswith(("'s", "’s"))):
        return None
    if cue not in PHRASES["put"] and cue in REPORTING.values() and _AUXILIARY.search(left):
        return None
    if cue == "saying" and (quoted := _QUOTED_AS.search(left)):
        return _quoted_as(text, begin, match, quoted)
    if _PASSIVE.search(left) and not cue.endswith("ing"):
        return _passive(text, begin, match)
    if cue in PHRASES["quote"]:
        pronoun = {"her": "she", "him": "he"}.get(cue.split()[1], "they")
        subject = Phrase(begin + match.start(), "", pronoun, "pronoun", True)
        return _forward(text, match, cue, base, subject)
    if cue.endswith("ing"):
        if not _PARTICIPLE.search(left):
            return None
        subject = earlier[-1].subject if earlier else main_subject(text, begin)
        return _forward(text, match, cue, base, subject)
    subject, found = _subject(text, begin, match.start(), earlier)
    if found and subject is not None and not _agrees(cue, subject, text[subject.start : match.start()]):
        return None
    if not found:
        return _inverted(text, begin, match, base)
    return _with_clause(text, begin, match, base, subject)


_PLURAL = frozenset({"police", "people", "they", "we", "i", "you", "media", "both", "who", "which"})


def _agrees(cue: str, subject: Phrase, words: str) -> bool:
    """Whether a form that may be a noun agrees with its subject: "experts note", not "bank note"."""
    if cue not in REPORTING.values() or cue in ("put",):
        return True
    last = (subject.name or subject.description).split()[-1].casefold().rstrip("’'")
    return last in _PLURAL or last.endswith("s") or " and " in words


_PARTICIPLE = re.compile(
    rf"(?:[,;{_MARKS}—–]|\b(?:and|also|while|by|statement|letter|report|note|message|post|document))\s*\Z",
    re.IGNORECASE,
)


def _quoted_as(text: str, begin: int, match: re.Match[str], quoted: re.Match[str]) -> Report | None:
    if quoted["be"]:
        subject, _ = _subject(text, begin, begin + quoted.start(), ())
        end = _BY_WHOM.match(text, match.end())
        start = end.end() if end else match.end()
        return Report(match.start(), match[0], subject, *_clause_after(text, start), False)
    subject = phrase(quoted["who"], begin + quoted.start("who"))
    return Report(match.start(), match[0], subject, *_clause_after(text, match.end()), False)


_BY_WHOM = re.compile(r"\sby\s[^,;]{1,60}?(?=\sthat\b|[,:])")


def _passive(text: str, begin: int, match: re.Match[str]) -> Report | None:
    """A passive reports if it says by whom; "is said to" does not."""
    by = _BY.match(text, match.end())
    if not by:
        return None
    stop = re.compile(r"[,;:.!?]|\sthat\b|\sto\b|\sin\b|\sas\b").search(text, by.end())
    end = stop.start() if stop else len(text)
    subject = phrase(text[by.end() : end], by.end())
    that = _THAT.match(text, end + 1)
    if that:
        return Report(match.start(), match[0], subject, *_clause_after(text, end), False)
    start = max(begin, text.rfind(";", begin, match.start()) + 1)
    comma = text.rfind(",", start, match.start())
    last = comma if comma > start else match.start()
    return Report(match.start(), match[0], subject, *_tight(text, start, last), True)


def _subject(
    text: str, begin: int, end: int, earlier: Sequence[Report]
) -> tuple[Phrase | None, bool]:
    """The subject of the verb at ``end``, and whether there is one before it; with no noun phrase
    of its own it has that of an earlier verb.
    """
    left = text[begin:end]
    boundary = _last_boundary(left)
    segment, border = left[boundary[1] :], left[boundary[0] : boundary[1]].strip().casefold()
    found = phrase(segment, begin + boundary[1])
    if found is not None:
        return found, True
    if border in ("and", "but", "or"):
        return (earlier[-1].subject if earlier else main_subject(text, begin)), True
    if border in ("who", "which") or border == ",":
        before = left[: boundary[0]].rstrip(" ,")
        if not before or MASK in before[-2:]:
            return None, False
        return _before_apposition(text, begin, begin + len(before))
    return None, False


def _before_apposition(text: str, begin: int, end: int) -> tuple[Phrase | None, bool]:
    """The noun phrase before a relative clause or an apposition that ends at a comma."""
    left = text[begin:end]
    comma = left.rfind(",")
    if comma > 0:
        chunk = left[comma + 1 :]
        inner = phrase(chunk, begin + comma + 1)
        relative = re.match(r"\s*(?:who|which|whose|where|in|at|on|with|however|of|for)\b", chunk)
        if relative or _describes(chunk) or inner is None:
            return _before_apposition(text, begin, begin + comma)
        if inner.mention == "name":
            return inner, True
    boundary = _last_boundary(left)
    found = phrase(left[boundary[1] :], begin + boundary[1])
    return found, found is not None


def _describes(chunk: str) -> bool:
    """Whether what stands between two commas describes a noun phrase before it."""
    return bool(re.match(r"\s*(?:an?|the|its|his|her|their|\d{2},?\Z|aged|[\w-]+[’']s)\s", chunk)) and not bool(
        re.search(r"[A-Z]", re.sub(r"\A\s*[\w-]+[’']s", "", chunk))
    )


def _last_boundary(left: str) -> tuple[int, int]:
    """Where the clause begins whose end is given: the last boundary, names with "and" apart."""
    last = (0, 0)
    for match in _BOUNDARY.finditer(left):
        word = match[0].casefold()
        if word in ("and", "or") and _between_capitals(left, match):
            continue
        last = match.span()
    return last


def _between_capitals(left: str, match: re.Match[str]) -> bool:
    before, after = left[: match.start()].rstrip().rpartition(" ")[2], left[match.end() :].lstrip()
    return before[:1].isupper() and after[:1].isupper()


def main_subject(text: str, begin: int = 0) -> Phrase | None:
    """The noun phrase with which a sentence begins, after what is set before it with a comma."""
    for _ in range(3):
        rest = text[begin:]
        lead = _LEAD.match(rest)
        opener = re.match(r"\W*(\w+)", rest)
        word = opener[1].casefold() if opener else ""
        if not lead or word not in _OPENERS:
            break
        begin += lead.end()
    rest = text[begin:]
    match = re.match(
        r"\W{0,3}(?:(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|\w+[’']s)\s(?:[a-z][\w-]*\s){0,3}?[\w’'-]+"
        r"|(?:[A-Z][\w.’'-]*\s?(?:(?:al|de|von|van|of|for|and)\s)?){1,6}|\w+)",
        rest,
    )
    if not match:
        return None
    found = phrase(match[0], begin)
    apposed = re.match(r"(?:\s(?:of|for|at|in)\s[\w ’'-]{1,40})?,\s((?:[A-Z][\w.’'-]*\s?){1,5}),", rest[match.end() :])
    if apposed and found is not None and found.mention == "nominal":
        return phrase(apposed[1], begin + match.end() + apposed.start(1)) or found
    return found


_OPENERS = frozenset(
    "in on at according while as after before since with despite amid when if although though"
    " however meanwhile also simultaneously additionally concurrently under during for from by"
    " earlier later moreover still and but yet".split()
)


def _inverted(text: str, begin: int, match: re.Match[str], base: str) -> Report | None:
    """ "..., said the minister": the subject stands behind the verb."""
    left = text[begin : match.start()].rstrip()
    if not left or not (left[-1] in "," + _MARKS or MASK in left[-3:]):
        return None
    stop = re.compile(rf"[,;:.!?](?:\s|\Z)|[{_MARKS}{MASK}]|\s(?:at|in|on|during|after|to|that|who)\s|\s\s").search(
        re.sub(r"\b(Dr|Mr|Mrs|Ms|Prof|St|Gen|Sen|Rep|Gov|Col)\.", r"\1_", text), match.end() + 1
    )
    end = stop.start() if stop else len(text)
    subject = phrase(text[match.end() : end], match.end())
    if subject is None or base in JUDGEMENT:
        return None
    start = max(begin, text.rfind(";", begin, match.start()) + 1)
    return Report(match.start(), match[0], subject, *_tight(text, start, match.start()), True)


def _with_clause(
    text: str, begin: int, match: re.Match[str], base: str, subject: Phrase | None
) -> Report:
    """A report whose clause follows the verb, or stands before its subject."""
    right = text[match.end() :]
    place = subject.start if subject and subject.start < match.start() else match.start()
    before = text[begin:place].rstrip()
    rest = re.sub(r"\b(?:to|in|at|on|by|from|during|reporters|journalists)\b.*", "", right)
    ends_here = bool(_EMPTY.match(rest)) or (base in WITH_ADDRESSEE and len(rest.split()) <= 3 and MASK not in rest and not _THAT.search(rest))
    ends_here = ends_here or bool(re.match(r"\s{0,40}(?:[,;.]|\Z)", right))
    if before[-1:] in ("," + _MARKS) and before and ends_here:
        start = max(begin, text.rfind(";", begin, place) + 1)
        return Report(match.start(), match[0], subject, *_tight(text, start, len(before) + begin), True)
    return _forward(text, match, match[0], base, subject)


_NO_CLAUSE = re.compile(r"\s*(?:and|but|or|nor)\b|\s*[.;)]")


def _forward(
    text: str, match: re.Match[str], cue: str, base: str, subject: Phrase | None
) -> Report:
    """A report whose clause follows the verb: after "that" where an addressee stands between."""
    start = match.end()
    if _NO_CLAUSE.match(text, start):
        return Report(match.start(), cue, subject, start, start, False)
    that = _THAT.search(text, start, start + 90)
    if that and (base in WITH_ADDRESSEE or not text[start : that.start()].strip(" ,")):
        start = that.end() if text[that.end() : _end_of(text, that.end())].strip(" ,.") else start
    elif base in WITH_ADDRESSEE:
        start += len(_ADDRESSEE.match(text, start)[0])  # type: ignore[index]  # matches anything
    return Report(match.start(), cue, subject, *_clause_after(text, start), False)


_ADDRESSEE = re.compile(r"(?:\s+(?:him|her|them|us|me|reporters|journalists|the\s\w+|[A-Z]\w+))?")


def _clause_after(text: str, start: int) -> tuple[int, int]:
    """The clause after a verb, without "that"; "that" alone is what was said before."""
    that = _THAT.match(text, start + 1) or _THAT.match(text, start)
    end = _end_of(text, start)
    if that and text[that.end() : end].strip(" ,."):
        start = that.end()
    return _tight(text, start, end)


def _end_of(text: str, start: int) -> int:
    end = _CLAUSE_END.search(text, start)
    return end.start() if end else len(text)


def _tight(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without blanks, marks and punctuation around it."""
    start += len(_LEADING.match(text[start:end])[0])  # type: ignore[index]  # matches anything
    trailing = _TRAILING.search(text[start:end])
    end = start + trailing.start() if trailing else end
    return start, max(start, end)
