"""Noun phrases: what they call somebody by name, and as what."""

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from service.curation.drafting import lexicon

TOKEN = re.compile(
    rf"{lexicon.ABBREVIATED}\.|(?:[^\W\d_]\.)+"
    r"|[^\W_](?:\w|[’'\-&](?=\w))*[’']?|\([^()\n]{1,60}\)"
)
_CONTRACTED = re.compile(r"(i|we|you|he|she|they|it)[’'](?:m|ve|re|s|d|ll)\Z", re.IGNORECASE)
OWNERS = {"its": "it", "his": "he", "her": "she", "their": "they"}
POSSESSIVE = re.compile(r"[’']s?\Z")
_POSSESSIVE_S = re.compile(r"[’']s\Z")
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


def bare(token: str) -> str:
    return token.rstrip(".").casefold()


def is_title(word: str) -> bool:
    return bare(word) in lexicon.TITLES or bare(word).rpartition("-")[2] in lexicon.TITLES


def is_capital(token: str) -> bool:
    """Whether a word is written as a name: with a capital, if need be after "al-" and the like."""
    particle, hyphen, rest = token.partition("-")
    if hyphen and particle.casefold() in lexicon.PARTICLES:
        return rest[:1].isupper()
    return token[:1].isupper()


def _is_adverb(token: str) -> bool:
    word = bare(token)
    return word in lexicon.ADVERBS or (token.islower() and word.endswith("ly") and len(word) > 5)


def run_end(words: Sequence[str], first: int) -> int:
    """Where the run of capital words ends that begins at a place, with small words within names.

    "of" and "for" go on with the name of a body ("Ministry of Energy", not "Mayor of ...").
    """
    place = first + 1
    while place < len(words) and place - first < _MAX_NAME:
        if _POSSESSIVE_S.search(words[place - 1]):
            break
        following = words[place + 1] if place + 1 < len(words) else ""
        word = bare(words[place])
        is_body_so_far = any(bare(each) in lexicon.ORGANISATION for each in words[first:place])
        small = word in lexicon.PARTICLES or (
            word in ("of", "for", "and", "&", "the") and is_body_so_far
        )
        if not is_capital(words[place]) and not (small and following and is_capital(following)):
            break
        place += 1
    return place


def phrase(text: str, start: int) -> Phrase | None:
    """The noun phrase that is all of a piece of text; ``None`` where there is none in it."""
    tokens = [match for match in TOKEN.finditer(text) if not match[0].startswith("(")]
    while tokens and (_is_adverb(tokens[0][0]) or bare(tokens[0][0]) in lexicon.LEADS):
        tokens = _after_lead(tokens) if bare(tokens[0][0]) in lexicon.CUTS else tokens[1:]
    while tokens and _is_adverb(tokens[-1][0]):
        tokens = tokens[:-1]
    if len(tokens) > 2 and bare(tokens[1][0]) == "of" and bare(tokens[0][0]) in lexicon.QUANTIFIERS:
        tokens = tokens[2:]
    if not tokens:
        return None
    words = [token[0] for token in tokens]
    begin = start + tokens[0].start()
    contracted = _CONTRACTED.match(words[0])
    first = contracted[1].lower() if contracted else bare(words[0])
    if len(words) == 1 and first in lexicon.PRONOUNS | {"them"}:
        return Phrase(begin, "", "they" if first == "them" else first, "pronoun", True)
    if first in OWNERS and bare(words[-1]) in lexicon.WRITINGS and len(words) <= 4:
        return Phrase(begin, "", OWNERS[first], "pronoun", True)
    return _noun_phrase(words, begin)


def _after_lead(tokens: list[re.Match[str]]) -> list[re.Match[str]]:
    """What follows "In his speech": from the next article on, if there is one further on."""
    for place in range(2, len(tokens)):
        if bare(tokens[place][0]) in ("the", "a", "an"):
            return tokens[place:]
    return tokens[1:]


def _noun_phrase(words: list[str], begin: int) -> Phrase | None:
    definite = bare(words[0]) not in lexicon.QUANTIFIERS | {"a", "an"}
    words = [*itertools.dropwhile(_determines, words)]
    run, place = (0, 0), 0
    while place < len(words) and not (place and _cuts(words, place)):
        if is_capital(words[place]):
            run = place, run_end(words, place)
            if _POSSESSIVE_S.search(words[run[1] - 1]) and run[1] < len(words):  # an owner
                if bare(words[run[1]]) in lexicon.WRITINGS:
                    return _noun_phrase(
                        [*words[: run[1] - 1], unpossessed(words[run[1] - 1])], begin
                    )
                words, run, place = words[run[1] :], (0, 0), 0
                continue
            place = run[1]
        else:
            place += 1
    if not place:
        return None
    if holder := of_office(words[run[0] : run[1]], words[run[1] :]):
        return Phrase(begin, " ".join(holder), " ".join(words[: run[1]]), "name", definite)
    name, rest = list(words[run[0] : run[1]]), words[run[1] : place]
    described = list(words[: run[0]])
    if not is_office(name):
        kept = after_titles(name)
        described += name[: len(name) - len(kept)]
        name = kept
    if not name or rest or (is_title(name[0]) and len(name) == 1):
        return Phrase(begin, "", " ".join(words[:place]), "nominal", definite)
    return Phrase(begin, unpossessed(" ".join(name)), " ".join(described), "name", definite)


def _determines(word: str) -> bool:
    """Whether a word goes before a noun and its adjectives: "the", "three", "40"."""
    return bare(word) in lexicon.DETERMINERS | lexicon.QUANTIFIERS or word.isdecimal()


def _cuts(words: Sequence[str], place: int) -> bool:
    """Whether a complement begins here: with a preposition, or a participle that ends the phrase or
    has a preposition after it.
    """
    word = bare(words[place])
    if word.endswith("ed") and words[place].islower():
        return place + 1 == len(words) or bare(words[place + 1]) in lexicon.CUTS
    return word in lexicon.CUTS


def after_titles(name: list[str]) -> list[str]:
    """A name without the titles in it; the name of a body may have such words."""
    bodies = [n for n, word in enumerate(name) if bare(word) in lexicon.ORGANISATION]
    titles = [n for n, word in enumerate(name[:-1]) if is_title(word)]
    if not titles or (bodies and titles[-1] < bodies[-1]):
        return name
    return name[titles[-1] + 1 :]


def of_office(office: Sequence[str], following: Sequence[str]) -> list[str]:
    """Who holds an office that is told with its place: "Minister of Foreign Affairs Anna Ek"."""
    if not office or not all(is_title(word) for word in office):
        return []
    if len(following) < 3 or bare(following[0]) not in ("of", "for"):
        return []
    words = list(following[2 if bare(following[1]) == "the" else 1 :])
    if not words or not is_capital(words[0]):
        return []
    words = words[: run_end(words, 0)]
    kept = after_titles(words)
    if is_body(" ".join(words)):
        return []
    return kept if len(kept) < len(words) and len(kept) == 2 else kept[-2:] if len(kept) > 2 else []


def is_office(name: Sequence[str]) -> bool:
    """Whether words are the name of a body that begins as a title does: Foreign Ministry."""
    return all(is_title(word) or bare(word) in lexicon.ORGANISATION for word in name) and any(
        bare(word) in lexicon.ORGANISATION for word in name
    )


def unpossessed(name: str) -> str:
    return _POSSESSIVE_S.sub("", name).rstrip(".,")


def is_body(name: str) -> bool:
    """Whether a name is that of an organisation rather than a person."""
    words = [POSSESSIVE.sub("", bare(word)) for word in name.split()]
    return any(word in lexicon.ORGANISATION for word in words) or (
        len(words) == 1 and name.isupper()
    )
