"""What pages call the codes of the data (their meaning: docs/codebook.md), and dates in words."""

from __future__ import annotations

import functools
import re

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
}
"""As read from the claim that states the relation, and from the claim that it points to."""
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


def plural(count: int, one: str, many: str) -> str:
    return f"{number(count)} {one if count == 1 else many}"


def number(count: int) -> str:
    """A number with commas between thousands."""
    return f"{count:,}"


# --- dates --------------------------------------------------------------------------------------

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def machine_date(edtf: str) -> str | None:
    """A value for HTML's ``datetime``: a day, a month or a year; no interval, no decade."""
    bare = edtf.replace("?", "")
    return None if "/" in bare or bare.endswith("X") else bare


@functools.lru_cache(maxsize=10_000)
def date_words(edtf: str, *, short: bool = False) -> str:
    """``2022-12-26?/2022-12-28?`` as “26–28 December 2022”; the ``?`` is dropped.

    ``short`` cuts the months to three letters, for charts.
    """
    words = _interval(*edtf.replace("?", "").partition("/")[::2])
    return re.sub("([A-Z]..)[a-z]+", r"\1", words) if short else words


def _interval(first: str, last: str) -> str:
    if first == "..":
        return f"by {_point(last)} at the latest"
    if last == "..":
        return f"from {_point(first)} on"
    return _point(first) if last in ("", first) else _range(_point(first), _point(last))


def _point(point: str) -> str:
    if point.endswith("X"):
        return f"the {point[:3]}0s"
    year, *rest = point.split("-")
    month = [_MONTHS[int(number) - 1] for number in rest[:1]]
    day = [str(int(number)) for number in rest[1:]]
    return " ".join([*day, *month, year])


def _range(first: str, last: str) -> str:
    """A month and a year that both ends share are printed once."""
    before, after = first.split(" "), last.split(" ")
    alike = len(before) == len(after)
    while alike and before[-1] == after[len(before) - 1]:
        before.pop()
    dash = "–" if alike and len(before) == 1 else " – "
    return f"{' '.join(before)}{dash}{last}"
