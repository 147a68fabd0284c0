"""Words and numbers of a text, for comparing what is claimed with what is printed."""

import functools
import re
from collections.abc import Iterator
from decimal import Decimal

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no blanks between words (Thai, Lao, Myanmar, Khmer, kana, Han), or
join particles to them (Hangul): where a word ends, only a dictionary can tell."""
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_ALIKE = str.maketrans({**dict.fromkeys("’‘ʼ‛", "'"), **dict.fromkeys("“”„‟«»", '"')})
_DASHES = re.compile("[‐‑‒–—]")
_BLANKS = re.compile(r"\s+")


@functools.lru_cache(maxsize=1_024)
def folded(text: str) -> str:
    """A text as it is compared: marks, dashes, blanks and case alike."""
    return _BLANKS.sub(" ", _DASHES.sub("-", text.translate(_ALIKE))).casefold()


def stands_in(phrase: str, text: str) -> bool:
    """Whether a folded text holds a phrase, from word border to word border."""
    phrase = folded(phrase)
    start = text.find(phrase)
    while start >= 0:
        if not (cuts_word(text, start) or cuts_word(text, start + len(phrase))):
            return True
        start = text.find(phrase, start + 1)
    return False


def cuts_word(text: str, place: int) -> bool:
    """Whether a place in a text lies inside a word or a number."""
    before, after = text[place - 1 : place], text[place : place + 1]
    if not before or not after or UNSPACED.match(before) or UNSPACED.match(after):
        return False
    if _continues(before) and _continues(after):
        return True
    beyond, further = text[place - 2 : place - 1], text[place + 1 : place + 2]
    if before in ".," and after.isdigit() and beyond.isdigit():
        return True
    if after in ".," and before.isdigit() and further.isdigit():
        return True
    ending = re.match(r"(?:s|t|d|m|re|ve|ll)\b", text[place : place + 3])
    return before in "’'" and beyond.isalpha() and ending is not None


def _continues(letter: str) -> bool:
    """Letters, digits, and the marks that are set above and below letters."""
    return (
        letter.isalnum() or letter == "_" or bool(re.match(r"[\u0300-\u036f\u0591-\u05c7]", letter))
    )


def word_count(text: str) -> int:
    """The words of a text; a letter of a script without blanks counts as one."""
    return len(UNSPACED.findall(text)) + len(_WORD.findall(UNSPACED.sub(" ", text)))


@functools.lru_cache(maxsize=1_024)
def stems(text: str) -> frozenset[str]:
    """The first four letters of each longer word, and the numbers: a coarse measure of likeness."""
    return frozenset(word[:4] for word in re.findall(r"\w{4,}|\d+", folded(text)))


_SMALL = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_SMALL += " sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_SCALES |= {"trillion": 10**12, "dozen": 12}
_WORDS = {word: number for number, word in enumerate(_SMALL.split(), 2)}
_WORDS |= {word: number for number, word in enumerate(_ORDINALS.split(), 3)}
_WORDS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
_UNITS = {"one": 1, "first": 1, "second": 2}
NUMERIC = re.compile(r"\d|\b(?:" + "|".join((*_WORDS, *_SCALES)) + r")")
"""Where a folded text may have a number."""
# A group of three digits belongs to the first part alone: no text is read in two ways.
_DIGITS = re.compile(
    r"(?<!\w)\d+(?:[.,\u00a0\u202f ]\d{3}(?!\d))*(?:[.,](?!\d{3}(?!\d))\d+(?:[.,]\d+)*)?"
)
_SCALE = re.compile(r"[ \-\u00a0]?(" + "|".join(_SCALES) + r")s?\b")

ROUND = frozenset(_SCALES.values())
"""Numbers that are mostly part of another, as in "1.2 million"."""
Readings = frozenset[Decimal]
"""The values that a number in a text may have."""


def figures(text: str) -> Iterator[tuple[str, Readings]]:
    """The numbers that a text writes in digits, each with its possible values."""
    text = folded(text)
    for match in _DIGITS.finditer(text):
        values = _values(match.group())
        scale = _SCALE.match(text, match.end())
        if scale:
            values |= {value * _SCALES[scale.group(1)] for value in values}
        yield match.group(), frozenset(values)


def _values(digits: str) -> set[Decimal]:
    """``1,200`` may be 1200 or 1.2, and ``26.12.2022`` is three numbers."""
    parts = re.split(r"[.,\u00a0\u202f ]", digits)
    values = {Decimal("".join(parts))}
    if len(parts) == 2:
        values.add(Decimal(".".join(parts)))
    elif len(parts) > 2:
        values |= {Decimal(part) for part in parts}
    return values


def spelt(text: str) -> Iterator[tuple[str, int]]:
    """The numbers from two that a text writes as English words."""
    for match in re.finditer(r"[a-z]+(?:-[a-z]+)?", folded(text)):
        first, _, second = match.group().partition("-")
        value = _WORDS.get(first) or _SCALES.get(first)
        if value is not None:
            yield match.group(), value + (_WORDS.get(second) or _UNITS.get(second, 0))


@functools.lru_cache(maxsize=1_024)
def numbers(text: str) -> Readings:
    """Every value that a number in a text may have, in digits or in words."""
    values = {value for _, readings in figures(text) for value in readings}
    return frozenset(values | {Decimal(value) for _, value in spelt(text)})
