"""What a page says where a search finds no claim: which of its words are in none, and questions
that were probably meant, each with what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from schemas.folding import fold
from schemas.query import search_text
from service.explorer.state import PageState
from service.explorer.views.counts import Tally

MAX_WORDS = 12
"""Words and phrases of a search that are looked up; of the others nothing is said."""
_YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)


def nothing(tally: Tally) -> dict[str, Any]:
    """Of the words and phrases ``wanted``, those ``missing`` are in no claim at all, whatever the
    filters; ``offers`` are questions that find something: a year among the words as the year that
    goals are for, and the words that remain.
    """
    state = tally.state
    wanted, rest = _parts(state.values["q"] or "")
    missing = [word for word in wanted if not _total(state.cleared().changed(q=word), tally)]
    years = tuple(sorted({_bare(word) for word in wanted if _YEAR.fullmatch(_bare(word))}))
    kept = [word for word in wanted if word not in missing]
    others = [word for word in kept if _bare(word) not in years]
    candidates = [
        *([(years, others), (years, [])] if years else []),
        *([((), kept)] if missing and kept else []),
    ]
    return {
        "wanted": wanted,
        "missing": missing,
        "offers": list(_offers(candidates, rest, tally)),
    }


def _parts(text: str) -> tuple[list[str], list[str]]:
    """What must occur, each once, and what must not, as a search text has them."""
    parts = search_text(text)
    wanted = [*parts.words, *(f'"{phrase}"' for phrase in parts.phrases)]
    unwanted = [f'-"{words}"' if " " in words else f"-{words}" for words in parts.without]
    return list(dict.fromkeys(filter(_bare, wanted)))[:MAX_WORDS], [*filter(_bare, unwanted)]


def _bare(words: str) -> str:
    """Letters and digits alone, folded; empty where there are none."""
    return fold(words).strip()


def _total(state: PageState, tally: Tally) -> int:
    return tally.counts(state.query).total


def _offers(
    candidates: list[tuple[tuple[str, ...], list[str]]], rest: list[str], tally: Tally
) -> Iterator[dict[str, Any]]:
    """Those that find something, each address once."""
    seen: set[str] = set()
    for years, words in candidates:
        asked: dict[str, Any] = {"q": " ".join([*words, *rest]) if words else None}
        if years:
            asked["horizon"] = years
        state = tally.state.changed(**asked)
        total, address = _total(state, tally), state.claims()
        if total and address not in seen:
            seen.add(address)
            yield {"years": years, "words": words, "total": total, "address": address}
