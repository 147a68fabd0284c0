"""A draft of a reading: for now its passages alone, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.curation.readings import Reading

_SENTENCE = re.compile(r"[^\n]*?(?:[.!?…][”\"’»)\]]*(?=\s|$)|(?=\n|$))", re.MULTILINE)


def draft(
    text: str,
    *,
    document: Mapping[str, Any],
    vocabularies: Mapping[str, Iterable[Mapping[str, Any]]],
    published: str,
    coder: str,
) -> Reading:
    """A reading in which every sentence is still to do."""
    empty = {"decision": "todo", "why": None, "claim": None, "proposed": None, "changed": None}
    return {
        "document": document["id"],
        "sha256": document["sha256"],
        "coder": coder,
        "codebook": "2.0",
        "drafted_by": None,
        "finished": False,
        "units": [{"start": start, "end": end, **empty} for start, end in _sentences(text)],
    }


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE.finditer(text):
        words = match.group().strip()
        if words:
            start = match.start() + match.group().index(words)
            yield start, start + len(words)
