"""What pages call the codes of the data (their meaning: docs/codebook.md), and dates in words."""

from __future__ import annotations

import functools
import re

from schemas.date import OPEN, UNKNOWN, is_season

GENERAL = "Who announced what, who said so, and how sure one can be."
"""What any data set is about, said of one that does not describe itself."""
KIND = {
    "goal": ("Goal", "something is to be achieved"),
    "directive": ("Directive", "an order or task given"),
    "position": ("Position", "a stance"),
    "assessment": ("Assessment", "somebody’s judgement"),
    "allegation": ("Allegation", "a party says that another did something; unproven"),
    "event": ("Event", "something happened"),
    "forecast": ("Forecast", "somebody’s expectation"),
    "context": ("Context", "a standing background fact"),
    "denial": ("Denial", "a party rejects that something is so"),
}
ATTRIBUTION = {
    "direct": ("Direct", "the quoted words hold the whole proposition"),
    "mixed": ("Mixed", "part quoted, part paraphrased"),
    "indirect": ("Indirect", "a paraphrase attributed to a source"),
    "narrator": ("Narrator", "the document’s own voice"),
}
SPECIFICITY = {
    "withheld": "announced without content",
    "directional": "a direction, no measure",
    "measurable": "measurable",
}
FIDELITY = {
    "verbatim": "word for word",
    "mixed": "partly word for word",
    "paraphrase": "in other words",
    "inference": "inferred from the passage",
}
EVIDENCE = {
    "supports": "supports the claim",
    "contradicts": "contradicts the claim",
    "context": "gives its context",
}
RELATION = {
    "restates": ("restates", "is restated by"),
    "details": ("adds to", "is added to by"),
    "continues": ("continues", "is continued by"),
    "escalates": ("escalates", "is escalated by"),
    "contrasts": ("contrasts with", "is contrasted with by"),
    "supports": ("supports", "is supported by"),
    "refutes": ("refutes", "is refuted by"),
    "responds_to": ("responds to", "is responded to by"),
    "causes": ("is a cause of", "is caused by"),
    "denies": ("denies", "is denied by"),
    "fulfils": ("fulfils", "is fulfilled by"),
    "abandons": ("abandons", "is abandoned by"),
    "part_of": ("is part of", "includes"),
}
"""As read from the claim that states the relation, and from the claim that it points to."""
DATE_OF_CLAIM = {
    "announced": "Made public",
    "occurred": "Happened",
    "refers_to": "Period it is about",
}
ELABORATED = {
    True: "The document gives steps, means or quantities, or says that the goal was spelled out.",
    False: "The document gives no steps, means or quantities.",
}
FACET_NOTES = {
    "kind": "“Goal” is the kind alone. Directives announce goals too: see “Announced goals only”.",
}
"""What a reader may take for something else, by facet."""
_LOCATED = {"page": "page {}", "t": "at {} seconds"}
LEVEL = {"low": "Low", "moderate": "Moderate", "high": "High"}
CREDIBILITY = {
    1: "Confirmed by other sources",
    2: "Probably true",
    3: "Possibly true",
    4: "Doubtful",
    5: "Improbable",
    6: "Cannot be judged",
}
BASIS = {
    "stated": "printed in the document",
    "resolved": "worked out from what the document prints",
    "inferred": "inferred from the text around it",
    "external": "known from outside the document",
}
CHANGE = {
    "created": "Recorded",
    "revised": "Revised",
    "superseded": "Superseded",
    "withdrawn": "Withdrawn",
}


def locator_words(locator: str) -> str:
    """A media fragment such as ``page=3`` as “page 3”; others as they are written."""
    name, _, value = locator.partition("=")
    plain = name in _LOCATED and value.replace(".", "", 1).isdigit()
    return _LOCATED[name].format(value) if plain else locator


def plural(count: int, one: str, many: str) -> str:
    return f"{number(count)} {one if count == 1 else many}"


def number(count: int) -> str:
    """A number with commas between thousands."""
    return f"{count:,}"


def plain_number(value: float) -> str:
    """A number that a document gives: with commas between thousands, and all its digits."""
    return f"{value:,}" if abs(value) < _PLAIN_BELOW else str(value)


_PLAIN_BELOW = 10**15

# --- dates --------------------------------------------------------------------------------------

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


_SEASONS = ("spring", "summer", "autumn", "winter")
_QUARTERS = ("first", "second", "third", "fourth")
_HEMISPHERES = ("", " (northern hemisphere)", " (southern hemisphere)")
_DOUBTS = {"?": ("uncertain",), "~": ("approximate",), "%": ("uncertain", "approximate")}
_QUALIFIERS = str.maketrans("", "", "?~%")


def machine_date(edtf: str) -> str | None:
    """A value for HTML's ``datetime``: a day, a month or a year; no interval, decade or season."""
    bare = edtf.translate(_QUALIFIERS)
    return None if "/" in bare or bare.endswith("X") or is_season(bare) else bare


def doubts(edtf: str) -> str:
    """What the qualifiers of a date say, such as “uncertain and approximate”; empty without any."""
    said = dict.fromkeys(doubt for mark in edtf for doubt in _DOUBTS.get(mark, ()))
    return " and ".join(sorted(said, reverse=True))


@functools.lru_cache(maxsize=10_000)
def date_words(edtf: str, *, short: bool = False) -> str:
    """``2022-12-26?/2022-12-28?`` as “26–28 December 2022”; qualifiers are dropped.

    ``short`` cuts the months to three letters, for charts.
    """
    first, slash, last = edtf.translate(_QUALIFIERS).partition("/")
    words = _interval(first, last) if slash else _point(first)
    return re.sub("([A-Z]..)[a-z]+", r"\1", words) if short else words


def horizon_words(edtf: str) -> str:
    """The target period of a goal: “for 2023”, but “from 2025 on” and “by 2030 at the latest”."""
    words = date_words(edtf)
    return words if words.startswith(("by ", "from ", "between ")) else f"for {words}"


def years_words(days: tuple[str, str]) -> str:
    """The years that two days span: “1990–2023”, or one."""
    first, last = (day[:4] for day in days)
    return first if first == last else f"{first}–{last}"


def _interval(first: str, last: str) -> str:
    """Two points, or one and an open end (``..``) or an unknown one (empty)."""
    if first in (OPEN, UNKNOWN):
        return f"by {_point(last)}" + " at the latest" * (first == OPEN)
    if last in (OPEN, UNKNOWN):
        return f"from {_point(first)}" + (" on" if last == OPEN else ", the end unknown")
    if first == last:
        return _point(first)
    return _range(_point(first), _point(last), between=is_season(first) or is_season(last))


def _point(point: str) -> str:
    if point.endswith("X"):
        return f"the {point[:3]}0s"
    if is_season(point):
        return _season(point[:4], int(point[5:]) - 21)
    year, *rest = point.split("-")
    month = [_MONTHS[int(number) - 1] for number in rest[:1]]
    day = [str(int(number)) for number in rest[1:]]
    return " ".join([*day, *month, year])


def _season(year: str, code: int) -> str:
    """``code`` counts the seasons anywhere, of the north and of the south, then the quarters."""
    kind, n = divmod(code, len(_SEASONS))
    if kind == len(_HEMISPHERES):
        return f"the {_QUARTERS[n]} quarter of {year}"
    return f"{_SEASONS[n]} {year}{_HEMISPHERES[kind]}"


def _range(first: str, last: str, *, between: bool) -> str:
    """A month and a year that both ends share are printed once."""
    before, after = first.split(" "), last.split(" ")
    alike = len(before) == len(after)
    while alike and len(before) > 1 and before[-1] == after[len(before) - 1]:
        before.pop()
    if between:
        return f"between {' '.join(before)} and {last}"
    dash = "–" if alike and len(before) == 1 else " – "
    return f"{' '.join(before)}{dash}{last}"
