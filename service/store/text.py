"""Words as the search index sees them: split at anything but letters and digits, lower case,
accents folded, English stems.
"""

from __future__ import annotations

import threading

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

ANALYZER = "claims_english"

_local = threading.local()


def make_analyzer() -> TextAnalyzer:
    """The analyser for index and queries alike. No word is too long to be kept."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


def words(text: str) -> list[str]:
    """The words of a text in order; one analyser a thread, since it keeps state."""
    if not hasattr(_local, "analyzer"):
        _local.analyzer = make_analyzer()
    found: list[str] = _local.analyzer.analyze(text)
    return found
