"""The subject of a reporting verb: the noun phrase before it in its clause or sentence."""

import re
from collections.abc import Sequence

from service.curation.drafting import lexicon
from service.curation.drafting.lexicon import REPORTING
from service.curation.drafting.passages import MASK
from service.curation.drafting.phrases import Phrase, phrase

_BOUNDARY = re.compile(
    r"[;:()—–]|\s-\s|\b(?:that|but|because|while|whereas|as|when|if|whether|although|though|after"
    r"|before|since|and|or|what|where|than|until|which|who|despite|saying|adding)\b|,|" + MASK,
    re.IGNORECASE,
)
_OTHER_DAY = re.compile(r"[Tt]he (?:same|next|following|previous|other) \w{1,20},")
_LEAD = re.compile(r"\A[^,;]{1,60},\s")


def subject_before(
    text: str, begin: int, end: int, earlier: Sequence[Phrase | None], verb_end: int = 0
) -> tuple[Phrase | None, bool]:
    """The subject of the verb at ``end``, and whether there is one before it; with no noun phrase
    of its own it has that of an earlier verb, the last of which ends at ``verb_end``.
    """
    left = text[begin:end]
    boundary = _last_boundary(left)
    if begin + boundary[1] < verb_end:
        boundary = verb_end - begin, verb_end - begin
    segment, border = left[boundary[1] :], left[boundary[0] : boundary[1]].strip().casefold()
    found = phrase(segment, begin + boundary[1])
    if border in ("who", "which", "that") and _RELATIVE.match(segment):
        before = left[: boundary[0]].rstrip(" ,")
        return _before_apposition(text, begin, begin + len(before))
    if found is not None:
        return found, True
    if border in ("and", "but", "or") or (segment.strip() in _NEXT and earlier):
        return (earlier[-1] if earlier else main_subject(text, begin)), True
    if border in ("who", "which") or border == ",":
        before = left[: boundary[0]].rstrip(" ,")
        if not before or MASK in before[-2:]:
            return None, False
        return _before_apposition(text, begin, begin + len(before))
    return None, False


_NEXT = ("then", "later", "also", "further", "and then")
_RELATIVE = re.compile(r"\s[a-z]{1,20}(?:ed|s|ew|ok|ve|new|ad|as|ere|aw|poke|ent)\s[\w\s]")
"""The verb of a relative clause whose subject is "who": "who followed the talks told"."""


def _before_apposition(text: str, begin: int, end: int) -> tuple[Phrase | None, bool]:
    """The noun phrase before a relative clause or an apposition that ends at a comma."""
    begin = max(begin, end - _REACH)
    left = text[begin:end]
    comma = left.rfind(",")
    if comma > 0:
        chunk = left[comma + 1 :]
        inner = phrase(chunk, begin + comma + 1)
        relative = re.match(
            r"\s{0,9}(?:who|which|whose|where|in|at|on|with|however|of|for|from|as|aged|\d{2})\b",
            chunk,
        )
        if inner is not None and not relative and inner.mention == "name":
            return inner, True
        before = _before_apposition(text, begin, begin + comma)
        return before if before[1] or inner is None or relative else (inner, True)
    start = _last_boundary(left)[1]
    if len(left[start:].split()) > _LONG_PHRASE:
        articles = list(_ARTICLE.finditer(left[start:]))
        start += articles[-1].start() if articles else 0
    found = phrase(left[start:], begin + start)
    return found, found is not None


_ARTICLE = re.compile(
    r"(?<!\bto )(?<!\bin )(?<!\bat )(?<!\bon )(?<!\bby )(?<!\bfor )(?<!\bfrom )(?<!\bwith )"
    r"\b(?:the|an?|[A-Z]\w+[’']s)\s"
)
"""Where a noun phrase begins that is no complement of another."""
_REACH = 400
"""Characters before a comma in which a noun phrase is looked for."""
_LONG_PHRASE = 6
"""Words beyond which what stands before a relative clause is more than a noun phrase."""


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


_WORD = r"[A-Z][\w.’'-]{0,40}"
_FIRST_NOUNS = re.compile(
    r"\W{0,3}(?:(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|\w{1,40}[’']s)\s"
    r"(?:[a-z][\w-]{0,40}\s){0,3}?[\w’'-]+"
    rf"|{_WORD}(?:\s(?:(?:al|de|von|van|of|for|and)\s)?{_WORD}){{0,5}}|\w+)"
)
APPOSED = re.compile(
    rf"(?:\s(?:of|for|at|in)\s[^,;]{{1,60}})?,\s({_WORD}(?:[^\S\n]{_WORD}){{1,4}})[^\S\n]?(?=[,.;]|\Z)"
)
"""The name that follows an office: "the governor of Varn, Anna Ek, ..."."""


_HOLDER = re.compile(
    r"\W{0,3}(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Oo]ur|\w{1,40}[’']s)(?:\s[\w’'-]{1,30}){1,6}"
    rf",\s((?:(?:Mr|Ms|Mrs|Dr)\.?\s)?{_WORD}(?:\s{_WORD}){{1,4}})\s?,"
)


def main_subject(text: str, begin: int = 0) -> Phrase | None:
    """The noun phrase with which a sentence begins, after what is set before it with a comma."""
    for _ in range(3):
        rest = text[begin:].lstrip(" ,")
        begin = len(text) - len(rest)
        lead = _LEAD.match(rest)
        opener = re.match(r"\W{0,9}(\w+)", rest)
        word = opener[1].casefold() if opener else ""
        is_opened = word in _OPENERS or _OTHER_DAY.match(rest)
        if not lead or not (is_opened or (word.endswith("ing") and len(word) > 5)):
            break
        begin += lead.end()
    rest = text[begin:]
    if holder := _HOLDER.match(rest):
        return phrase(holder[1], begin + holder.start(1))
    match = _FIRST_NOUNS.match(rest)
    return phrase(match[0], begin) if match else None


_OPENERS = lexicon.LEADS | lexicon.ADVERBS | {"asked", "pressed", "challenged", "questioned"}


_PLURAL = frozenset({"police", "people", "they", "we", "i", "you", "media", "both", "who", "which"})


def agrees(cue: str, subject: Phrase, said: str) -> bool:
    """Whether a form that may be a noun agrees with its subject: "experts note", not "bank note".

    ``said`` is the text from the subject to the verb.
    """
    if cue not in REPORTING.values() or cue == "read":
        return True
    last = (subject.name or subject.description).split()[-1].casefold().rstrip("’'")
    return last in _PLURAL or last.endswith("s") or " and " in said


def is_noun(cue: str, left: str) -> bool:
    """Whether a form is a noun here ("the report"), or an infinitive, which reports nothing."""
    word = left.rstrip().rpartition(" ")[2].casefold()
    if cue in lexicon.BARE and (
        word.strip("“\"'‘") in lexicon.NOUN_MARKS or word.endswith(("'s", "’s"))
    ):
        return True
    return cue in lexicon.REPORTING.values() and bool(_AUXILIARY.search(left))


_AUXILIARY = re.compile(
    r"\b(?:to|will|would|can|could|may|might|should|must|shall|not|n[’']t|cannot)\s(?:\w+ly\s|also\s)?\Z",
    re.IGNORECASE,
)


def is_modifier(cue: str, subject: Phrase, text: str, end: int) -> bool:
    """Whether a past form goes with a noun that is no speaker: "the text agreed in May is", "the
    text, agreed in May, is".
    """
    if not cue.endswith("ed") or subject.mention != "nominal":
        return False
    last = subject.description.split()[-1].casefold()
    speaks = last in lexicon.ORGANISATION or last.removesuffix("s") in lexicon.PERSONS
    stop = _MODIFIER_ENDS.search(text, end, end + _MODIFIER)
    if speaks or not _PREPOSITION.match(text, end):
        return False
    if text[: end - len(cue)].rstrip().endswith(","):
        return bool(stop and stop[0] == ",")
    return bool(_FINITE.search(text, end, stop.start() if stop else end + _MODIFIER))


_MODIFIER = 80
"""Characters in which the verb of a noun is looked for that has a participle."""
_PREPOSITION = re.compile(r"\s(?:(?:in|at|by|between|under|for|on|last)\b|\s)")
_MODIFIER_ENDS = re.compile(r"[,;.]|\bthat\b")
_FINITE = re.compile(r"\s(?:is|are|was|were|has|have|had|will|would|could|should|may|can|must)\b")
