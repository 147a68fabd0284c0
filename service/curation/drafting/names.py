"""Who is meant: noun phrases, the names in them, and what the text has called them before."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.curation.drafting.calendar import MONTHS, WEEKDAYS
from service.curation.drafting.lexicon import (
    ADVERBS,
    CUTS,
    DETERMINERS,
    ORGANISATION,
    PARTICLES,
    LEADS,
    PRONOUNS,
    QUANTIFIERS,
    TITLES,
)

_TOKEN = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Gen|Sen|Rep|Gov|Col|Lt|Sgt|Capt|St|Jr|Sr)\.|(?:[^\W\d_]\.)+"
    r"|[^\W_](?:\w|[’'\-&](?=\w))*[’']?|\([^()\n]{1,60}\)"
)
_CONTRACTED = re.compile(r"(i|we|you|he|she|they|it)[’'](?:m|ve|re|s|d|ll)\Z", re.IGNORECASE)
_OWNERS = {"its": "it", "his": "he", "her": "she", "their": "they"}
_SOURCES = frozenset(
    "forecast forecasts report reports statement figures estimate estimates account data website"
    " words projections calculations spokesman spokeswoman spokesperson".split()
)
"""What is somebody's own, so that it speaks for him."""
_POSSESSIVE = re.compile(r"[’']s?\Z")
_POSSESSIVE_S = re.compile(r"[’']s\Z")
_MALE = frozenset({"he", "his", "him", "mr", "sir", "lord", "king"})
_FEMALE = frozenset({"she", "her", "ms", "mrs", "lady", "queen"})
_MAX_NAME = 7
"""Words of a name; a longer run of capitals is a heading."""


class Phrase(NamedTuple):
    """A noun phrase: what it calls somebody by name, and as what.

    ``mention`` is ``name``, ``nominal`` (as "the minister") or ``pronoun``;
    ``start`` is where it begins in the text.
    """

    start: int
    name: str
    description: str
    mention: str
    definite: bool


def _bare(token: str) -> str:
    return token.rstrip(".").casefold()


def _is_capital(token: str) -> bool:
    """Whether a word is written as a name: with a capital, if need be after "al-" and the like."""
    particle, hyphen, rest = token.partition("-")
    if hyphen and particle.casefold() in PARTICLES:
        return rest[:1].isupper()
    return token[:1].isupper()


def _is_adverb(token: str) -> bool:
    word = _bare(token)
    return word in ADVERBS or (token.islower() and word.endswith("ly") and len(word) > 5)


def _run_end(words: Sequence[str], first: int) -> int:
    """Where the run of capital words ends that begins at a place, small words within names included.

    "of" and "for" go on with the name of a body ("Ministry of Energy", not "Mayor of ...").
    """
    place = first + 1
    while place < len(words) and place - first < _MAX_NAME:
        if _POSSESSIVE_S.search(words[place - 1]):
            break
        following = words[place + 1] if place + 1 < len(words) else ""
        word = _bare(words[place])
        is_body_so_far = any(_bare(each) in ORGANISATION for each in words[first:place])
        small = word in PARTICLES or (word in ("of", "for", "and", "&", "the") and is_body_so_far)
        if not _is_capital(words[place]) and not (small and following and _is_capital(following)):
            break
        place += 1
    return place


def phrase(text: str, start: int) -> Phrase | None:
    """The noun phrase that is all of a piece of text; ``None`` where there is none in it."""
    tokens = [match for match in _TOKEN.finditer(text) if not match[0].startswith("(")]
    while tokens and (_is_adverb(tokens[0][0]) or _bare(tokens[0][0]) in LEADS):
        tokens = tokens[1:]
    while tokens and _is_adverb(tokens[-1][0]):
        tokens = tokens[:-1]
    if len(tokens) > 2 and _bare(tokens[1][0]) == "of" and _bare(tokens[0][0]) in QUANTIFIERS:
        tokens = tokens[2:]
    if not tokens:
        return None
    words = [token[0] for token in tokens]
    begin = start + tokens[0].start()
    contracted = _CONTRACTED.match(words[0])
    first = contracted[1].lower() if contracted else _bare(words[0])
    if len(words) == 1 and first in PRONOUNS:
        return Phrase(begin, "", first, "pronoun", True)
    if first in _OWNERS and _bare(words[-1]) in _SOURCES and len(words) <= 4:
        return Phrase(begin, "", _OWNERS[first], "pronoun", True)
    return _noun_phrase(words, begin)


def _noun_phrase(words: list[str], begin: int) -> Phrase | None:
    definite = _bare(words[0]) not in QUANTIFIERS | {"a", "an"}
    while words and (_bare(words[0]) in DETERMINERS | QUANTIFIERS or words[0].isdecimal()):
        words = words[1:]
    run, place = (0, 0), 0
    while place < len(words) and not (place and _cuts(words, place)):
        if _is_capital(words[place]):
            run = place, _run_end(words, place)
            if _POSSESSIVE_S.search(words[run[1] - 1]) and run[1] < len(words):  # an owner
                words, run, place = words[run[1] :], (0, 0), 0
                continue
            place = run[1]
        else:
            place += 1
    if not place:
        return None
    name, rest = list(words[run[0] : run[1]]), words[run[1] : place]
    described = list(words[: run[0]])
    if not _is_office(name):
        kept = _after_titles(name)
        described += name[: len(name) - len(kept)]
        name = kept
    if not name or rest or (_bare(name[0]) in TITLES and len(name) == 1):
        return Phrase(begin, "", " ".join(words[:place]), "nominal", definite)
    return Phrase(begin, _unpossessed(" ".join(name)), " ".join(described), "name", definite)


def _cuts(words: Sequence[str], place: int) -> bool:
    """Whether a complement begins here: with a preposition, or a participle that ends the phrase or
    has a preposition after it.
    """
    word = _bare(words[place])
    if word.endswith("ed") and words[place].islower():
        return place + 1 == len(words) or _bare(words[place + 1]) in CUTS
    return word in CUTS


def _after_titles(name: list[str]) -> list[str]:
    """A name without the titles in it; the name of a body may have such words."""
    if any(_bare(word) in ORGANISATION for word in name):
        return name
    last = max((n for n, word in enumerate(name[:-1]) if _bare(word) in TITLES), default=-1)
    return name[last + 1 :]


def _is_office(name: Sequence[str]) -> bool:
    """Whether a run of words is the name of a body that begins as a title does: Foreign Ministry."""
    return all(_bare(word) in TITLES | ORGANISATION for word in name) and any(
        _bare(word) in ORGANISATION for word in name
    )


def _unpossessed(name: str) -> str:
    return _POSSESSIVE_S.sub("", name).rstrip(".,")


class Entities:
    """Those who were named in a text so far, in the order in which it names them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._called: dict[str, str] = {}
        self._gender: dict[str, bool] = {}
        self.person: str | None = None
        self.body: str | None = None

    def learn(self, name: str, description: str = "") -> str:
        """Takes note of a name, and of what it is described as; returns the full name."""
        full = self.full(name)
        for word in (full.casefold(), full.split()[-1].casefold(), full.split()[0].casefold()):
            self._names.setdefault(word, full)
        for part in _last_words(description):
            self._called[part] = full
        if is_body(full):
            for word in full.casefold().split():
                if word in ORGANISATION:
                    self._called[word] = full
        words = {_bare(word) for word in description.split()}
        if words & (_MALE | _FEMALE):
            self._gender[full] = bool(words & _FEMALE)
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

    def resolve(self, found: Phrase) -> tuple[str | None, str]:
        """Whom a phrase means, and how they are mentioned."""
        if found.mention == "pronoun":
            return self._meant(found.description), "pronoun"
        if found.mention == "name":
            return self.learn(found.name, found.description), "name"
        if found.definite:
            for part in _last_words(found.description):
                if part in self._called:
                    return self._called[part], "nominal"
        return found.description, "nominal"

    def _meant(self, pronoun: str) -> str | None:
        if pronoun in ("it", "they", "we"):
            return self.body if pronoun == "it" else self.body or self.person
        if self.person is not None and pronoun in _MALE | _FEMALE:
            self._gender.setdefault(self.person, pronoun in _FEMALE)
            if self._gender[self.person] != (pronoun in _FEMALE):
                fitting = [n for n, female in self._gender.items() if female == (pronoun in _FEMALE)]
                return fitting[-1] if fitting else None
        return self.person

    def spoke(self, name: str, mention: str) -> None:
        """Somebody was the subject last, to whom a pronoun may go back; who is not named is no
        person that one could tell.
        """
        if is_body(name):
            self.body = name
        elif mention != "nominal" and (" " in name or name.casefold() in self._names):
            self.person = name


def _last_words(description: str) -> list[str]:
    """What somebody described so may be called later: all of it, two words of it, the last one."""
    words = [_bare(word) for word in description.split()]
    words = words[: next((n for n, word in enumerate(words) if n and word in CUTS), len(words))]
    sizes = [len(words), 2, 1]
    return list(dict.fromkeys(" ".join(words[-size:]) for size in sizes if 0 < size <= len(words)))


def is_body(name: str) -> bool:
    """Whether a name is that of an organisation rather than a person."""
    words = [_POSSESSIVE.sub("", _bare(word)) for word in name.split()]
    return any(word in ORGANISATION for word in words) or (len(words) == 1 and name.isupper())


_BEFORE = re.compile(
    r"(?:\b(?:the|a|an|its|his|her|their|our)|\w[’']s?)[^\S\n]((?:[^\W\d_][\w’'-]*[^\S\n]){0,4}[^\W\d_][\w’'-]*),?[^\S\n]\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r",[^\S\n](?:(?:the|a|an|its|his|her|their|our)|[\w-]+[’']s?)[^\S\n]((?:[a-z][\w’'-]*[^\S\n]){0,4}[a-z][\w’'-]*)(?=[,.;)])"
)
_SHORT = re.compile(r"[^\S\n]\(([A-Z][\w&.-]{1,10})\)")
_OPENERS = DETERMINERS | PRONOUNS | QUANTIFIERS | ADVERBS | CUTS | LEADS
_NO_NAMES = frozenset({*MONTHS, *WEEKDAYS})
_MAX_PERSON = 4
"""Words of a person's name; a longer run of capitals that names no body is a heading."""


class Mention(NamedTuple):
    """A name in the text, what it is described as beside it, and its short form in brackets."""

    start: int
    name: str
    description: str
    short: str


def mentions(text: str) -> Iterator[Mention]:
    """The names of a text: two capital words or more, or one after a title or in capitals."""
    tokens = [match for match in _TOKEN.finditer(text) if not match[0].startswith("(")]
    words = [token[0] for token in tokens]
    place = 0
    while place < len(tokens):
        if not _is_capital(words[place]) or _bare(words[place]) in _OPENERS:
            place += 1
            continue
        last = _touching(text, tokens, place, _run_end(words, place))
        yield from _mention(text, tokens[place:last])
        place = last


def _touching(text: str, tokens: Sequence[re.Match[str]], first: int, last: int) -> int:
    """The end of a run of words with nothing but a blank between them."""
    for place in range(first + 1, last):
        if text[tokens[place - 1].end() : tokens[place].start()] not in (" ", "\u00a0"):
            return place
    return last


def _mention(text: str, tokens: Sequence[re.Match[str]]) -> Iterator[Mention]:
    words = [token[0] for token in tokens]
    kept = words if _is_office(words) else _after_titles(words)
    titles = words[: len(words) - len(kept)]
    begin, end, start = tokens[0].start(), tokens[-1].end(), tokens[len(titles)].start()
    name = _unpossessed(" ".join(kept))
    before = _BEFORE.search(text[max(0, begin - 80) : begin])
    after = _AFTER.match(text, end)
    if any(_bare(word) in _NO_NAMES for word in kept) or (
        len(kept) > _MAX_PERSON and not is_body(name)
    ):
        return
    if len(kept) == 1 and not (titles or before or after or name.isupper()):
        return
    if _bare(name) in TITLES:
        return
    if before and _bare(before[1].split()[-1]) in CUTS:
        before = None
    described = " ".join([before[1] if before else "", *titles]).strip()
    short = _SHORT.match(text, end)
    yield Mention(start, name, described or (after[1] if after else ""), short[1] if short else "")
