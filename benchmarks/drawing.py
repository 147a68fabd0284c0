"""Chance that repeats: weighted draws at a few hundred nanoseconds each, and shuffled ids."""

from __future__ import annotations

import itertools
import random
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

_BITS = 40
_MASK = (1 << _BITS) - 1
_ODD = (0x9E3779B97F & _MASK | 1, 0xC2B2AE3D27 & _MASK | 1)
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]


def shuffled(number: int, seed: int) -> int:
    """One of the 40-bit numbers for each of them: a permutation, so that none comes twice.

    Every step (adding, multiplying by an odd number, folding the upper bits into the lower) can
    be undone modulo 2**40. No list of a million ids is kept to find repetitions.
    """
    value = (number + seed * 0x51ED270B) & _MASK
    for odd in _ODD:
        value = (value ^ value >> 21) * odd & _MASK
    return value ^ value >> 19


def crockford(number: int) -> str:
    """The eight characters of an id."""
    return (
        _PAIRS[number >> 30] + _PAIRS[number >> 20 & 1023]
        + _PAIRS[number >> 10 & 1023] + _PAIRS[number & 1023]
    )  # fmt: skip


def ranks(size: int, flatten: float = 0.0) -> array[int]:
    """65,536 ranks below ``size``, each as often as Zipf's law has it: 1 / (rank + 1 + flatten).

    Sixteen random bits choose one of them. ``flatten`` is Mandelbrot's correction: without it the
    first word would stand in nearly every sentence.
    """
    heights = [1 / (rank + 1 + flatten) for rank in range(size)]
    summed = list(itertools.accumulate(heights))
    step = summed[-1] / 65536
    return array("I", (bisect_left(summed, (place + 0.5) * step) for place in range(65536)))


class Shares(Generic[T]):
    """One of a few values, by shares of 256."""

    def __init__(self, shares: Mapping[T, int]) -> None:
        self._table = [value for value, share in shares.items() for _ in range(share)]
        assert len(self._table) == 256, len(self._table)

    def draw(self, rng: random.Random) -> T:
        return self._table[rng.getrandbits(8)]


def word_list(rng: random.Random, size: int) -> list[str]:
    """Invented words, all different, a few with accents; frequent ones tend to be short."""
    syllables = [c + v for c in "bcdfghjklmnprstvz" for v in ("a", "e", "i", "o", "u", "é", "ar")]
    found: dict[str, None] = {}
    while len(found) < size:
        length = 2 + (len(found) > 40) + rng.getrandbits(1)
        found["".join(rng.choice(syllables) for _ in range(length))] = None
    return list(found)
