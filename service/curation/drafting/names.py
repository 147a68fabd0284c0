"""The names in a text, what stands beside them, and who is meant where a name is not repeated."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.curation.drafting import lexicon
from service.curation.drafting.dates.calendar import MONTHS, WEEKDAYS
from service.curation.drafting.phrases import (
    TOKEN,
    Phrase,
    after_titles,
    bare,
    is_body,
    is_capital,
    is_office,
    is_title,
    run_end,
    unpossessed,
)

_BEFORE = re.compile(
    r"(?:\b(?:the|a|an|its|his|her|their|our)|\w[’']s?)[^\S\n]"
    r"((?:[^\W\d_][\w’'-]*[^\S\n]){0,4}[^\W\d_][\w’'-]*,?)[^\S\n]\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r",[^\S\n](?:(?:the|a|an|its|his|her|their|our|[\w-]+[’']s?)[^\S\n]|(?=[\w-]{0,20}(?:chair|chief|head"
    r"|minister|secretary|president|premier|director|leader|member|spokes|ambassador|governor|mayor)))"
    r"((?:[a-z][\w’'-]*[^\S\n]){0,4}[a-z][\w’'-]*)(?=[,.;)])"
)
_SHORT = re.compile(r"[^\S\n]\(([A-Z][\w&.-]{1,10})\)")
_OPENERS = (
    lexicon.DETERMINERS
    | lexicon.PRONOUNS
    | lexicon.QUANTIFIERS
    | lexicon.ADVERBS
    | lexicon.CUTS
    | lexicon.LEADS
)
_NO_NAMES = frozenset({*MONTHS, *WEEKDAYS})
_HONORIFICS = frozenset(
    {"comrade", "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "lord"}
)
_MAX_PERSON = 4
"""Words of a person's name; a longer run of capitals that names no body is a heading."""


class Mention(NamedTuple):
    """A name in the text, what it is called beside it, and its short form in brackets."""

    start: int
    name: str
    descriptions: tuple[str, ...]
    short: str


def mentions(text: str) -> Iterator[Mention]:
    """The names of a text: two capital words or more, or one after a title or in capitals."""
    tokens = [match for match in TOKEN.finditer(text) if not match[0].startswith("(")]
    words = [token[0] for token in tokens]
    place = 0
    while place < len(tokens):
        if not is_capital(words[place]) or bare(words[place]) in _OPENERS:
            place += 1
            continue
        last = _touching(text, tokens, place, run_end(words, place))
        yield from _mention(text, tokens[place:last])
        place = last


def _touching(text: str, tokens: Sequence[re.Match[str]], first: int, last: int) -> int:
    """The end of a run of words with nothing but a blank between them."""
    for place in range(first + 1, last):
        if text[tokens[place - 1].end() : tokens[place].start()] not in (" ", "\u00a0"):
            return place
    return last


def _nearest(described: str) -> str:
    """The last noun phrase of a description; a person goes before what they are of: "the head of
    the League, Anna Ek".
    """
    words = described.split()
    cut = max((n for n, word in enumerate(words) if bare(word) in lexicon.DETERMINERS), default=-1)
    if cut > 1 and bare(words[cut - 2]) in lexicon.PERSONS and "," in described:
        return " ".join(words[: cut - 1])
    return " ".join(words[cut + 1 :]).rstrip(",")


def _mention(text: str, tokens: Sequence[re.Match[str]]) -> Iterator[Mention]:
    words = [token[0] for token in tokens]
    kept = words if is_office(words) else after_titles(words)
    titles = words[: len(words) - len(kept)]
    begin, end, start = tokens[0].start(), tokens[-1].end(), tokens[len(titles)].start()
    name = unpossessed(" ".join(kept))
    before = _BEFORE.search(text[max(0, begin - 80) : begin])
    after = _AFTER.match(text, end)
    if any(bare(word) in _NO_NAMES for word in kept) or (
        len(kept) > _MAX_PERSON and not is_body(name)
    ):
        return
    if len(kept) == 1 and not (titles or before or after or name.isupper()):
        return
    if is_title(name):
        return
    if before and bare(before[1].split()[-1].rstrip(",")) in lexicon.CUTS:
        before = None
    described = _nearest(before[1]) if before else ""
    for title in titles:  # what somebody is called later ends with an office, not with "Mr"
        honorific = bare(title) in _HONORIFICS
        described = f"{title} {described}" if honorific else f"{described} {title}"
    described = described.strip()
    short = _SHORT.match(text, end)
    descriptions = (described, after[1] if after else "")
    yield Mention(start, name, descriptions, short[1] if short else "")


_AGED = re.compile(r"\d{1,3}-year-old|mother-of-\w{1,6}|father-of-\w{1,6}")
_MALE = frozenset({"he", "his", "him", "mr", "sir", "lord", "king"})
_FEMALE = frozenset({"she", "her", "ms", "mrs", "lady", "queen"})


class Entities:
    """Those who were named in a text so far, in the order in which it names them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._called: dict[str, str] = {}
        self._gender: dict[str, bool] = {}
        self._last: dict[bool, str] = {}
        self._described: dict[str, str] = {}
        self.person: str | None = None
        self.body: str | None = None
        self.group: str | None = None
        self.speaker: str | None = None
        self._unknown: str | None = None

    def learn(self, name: str, description: str = "") -> str:
        """Takes note of a name, and of what it is described as; returns the full name."""
        full = self.full(name)
        for word in (full.casefold(), full.split()[-1].casefold(), full.split()[0].casefold()):
            self._names.setdefault(word, full)
        self._called |= dict.fromkeys(_last_words(description), full)
        if is_body(full):
            for word in full.casefold().split():
                if word in lexicon.ORGANISATION:
                    self._called[word] = full
        if " " in full and full not in self._gender and not is_body(full):
            self._unknown = full
        words = {bare(word) for word in description.split()}
        if words & (_MALE | _FEMALE):
            self._gender[full] = bool(words & _FEMALE)
            self._last[self._gender[full]] = full
        return full

    def call(self, short: str, name: str) -> None:
        """Takes note of another name, such as an abbreviation in brackets."""
        self._names[short.casefold()] = self.full(name)

    def full(self, name: str) -> str:
        """The fullest form in which a name has stood."""
        known = self._names.get(name.casefold())
        if known is None and " " not in name.strip():
            known = self._names.get(name.rpartition("-")[2].casefold()) if "-" in name else None
        return known if known and len(known) >= len(name) else name

    def turn_to(self, speaker: str | None) -> None:
        """Another speaker has the word; whom the one before called "he" is forgotten."""
        if speaker != self.speaker:
            self.speaker, self.person = speaker, None

    def resolve(self, found: Phrase) -> tuple[str | None, str]:
        """Whom a phrase means, and how they are mentioned."""
        if found.mention == "pronoun":
            return self._meant(found.description), "pronoun"
        if found.mention == "name":
            known = " " in found.name or found.name.casefold() in self._names
            if known or found.description:
                return self.learn(found.name, found.description), "name"
            return self.full(found.name), "nominal"  # a word that begins a sentence
        if found.definite and _AGED.fullmatch(found.description):
            return self.person, "nominal"
        if found.definite:
            for part in _last_words(found.description):
                if part in lexicon.ORGANISATION and " " in found.description:
                    break  # one of several ministries
                if part in self._called:
                    return self._called[part], "nominal"
        return self._described_as(found), "nominal"

    def _described_as(self, found: Phrase) -> str:
        """The longest description so far of whom a text calls "the delegation" or "the same"."""
        last = _last_words(found.description)[-1]
        if found.definite and " " not in found.description:
            return self._described.get(last, found.description)
        self._described[last] = found.description
        return found.description

    def _meant(self, pronoun: str) -> str | None:
        if pronoun in ("i", "we"):
            return self.speaker
        if pronoun in ("it", "they"):
            return self.body if pronoun == "it" else self.group or self.person
        if self.person is not None and pronoun in _MALE | _FEMALE:
            self._gender.setdefault(self.person, pronoun in _FEMALE)
            if self._gender[self.person] != (pronoun in _FEMALE):
                return self._last.get(pronoun in _FEMALE, self._unknown)
        return self.person

    def subject(self, name: str) -> None:
        """Somebody was the subject last, to whom a pronoun may go back; who is not named is no
        person that one could tell.
        """
        if name == self.speaker:  # who is "I"
            return
        last = name.rsplit(maxsplit=1)[-1]
        if is_body(name) or bare(last) in lexicon.GATHERINGS:
            self.body = self.group = name
        elif bare(last) in lexicon.WRITINGS:
            self.body = name
        elif bare(last)[:-1] in lexicon.PERSONS:
            self.group = name
        elif last in lexicon.PERSONS:
            self.person = name
        elif name[:1].isupper() and (" " in name or name.casefold() in self._names):
            self.person = name
            if name in self._gender:
                self._last[self._gender[name]] = name

    def spoke(self, name: str) -> None:
        """Somebody spoke last: those who are many are "they" from now on."""
        self.subject(name)
        if re.search(r"[^s]s\Z", name) and name[:1].islower():
            self.group = name


def _last_words(description: str) -> list[str]:
    """What somebody described so may be called later: all of it, two words of it, the last one."""
    words = [bare(word) for word in description.split()]
    words = words[
        : next((n for n, word in enumerate(words) if n and word in lexicon.CUTS), len(words))
    ]
    sizes = [len(words), 2, 1]
    return list(dict.fromkeys(" ".join(words[-size:]) for size in sizes if 0 < size <= len(words)))
