"""The words of a text, as they stand in a search index and are searched for: one analyser for both,
whatever the engine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import tantivy
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder

from schemas.folding import characters_apart, fold
from service.store.search.index_fields import indexed_text

T = TypeVar("T")


class PerThread(threading.local, Generic[T]):
    """What each thread makes for itself, when it first asks for its ``own``."""

    def __init__(self, make: Callable[[], T]) -> None:
        self.own = make()


def make_analyzer() -> TextAnalyzer:
    """The analyser for index and queries alike: the words of a folded text as English stems.

    No word is too long to be kept.
    """
    words_between_blanks = TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return words_between_blanks.filter(Filter.stemmer("english")).build()


_analyzers = PerThread(make_analyzer)  # since an analyser keeps state


def words(text: str) -> list[str]:
    """The words of a text in order, as they stand in the index."""
    return folded_words(indexed_text(text))


def folded_words(text: str) -> list[str]:
    """The same of a text that is folded, its characters apart."""
    return _analyzers.own.analyze(text)


def words_by_run(text: str) -> list[list[str]]:
    """The words of each run of letters and digits in a text; several where the run is of a script
    that puts no blanks between words.
    """
    return [folded_words(characters_apart(run)) for run in fold(text).split()]
