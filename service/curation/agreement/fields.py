"""The fields of a claim on which readings are compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.records.change import without_empty

ReadClaim = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field as it is called, and its value in the claim of a reading.

    Of a field with ``several`` values the value is a set, of which readings may agree in part.
    """

    name: str
    value: Callable[[ReadClaim], Any]
    several: bool = False


def _key(name: str) -> Callable[[ReadClaim], Any]:
    return lambda claim: claim.get(name)


def _members(name: str) -> Callable[[ReadClaim], frozenset[Any]]:
    return lambda claim: frozenset(claim.get(name) or ())


def _date(name: str) -> Callable[[ReadClaim], Any]:
    return lambda claim: ((claim.get("dates") or {}).get(name) or {}).get("edtf")


def _goal(name: str) -> Callable[[ReadClaim], Any]:
    return lambda claim: (claim.get("goal") or {}).get(name)


def _judged(question: str, grade: str) -> Callable[[ReadClaim], Any]:
    return lambda claim: ((claim.get("confidence") or {}).get(question) or {}).get(grade)


def _chain(claim: ReadClaim) -> tuple[tuple[Any, Any], ...]:
    return tuple((link.get("agent"), link.get("role")) for link in claim.get("sources") or ())


def _quotations(claim: ReadClaim) -> frozenset[Any]:
    quotes = claim.get("quotes") or ()
    return frozenset((q.get("start"), q.get("end"), q.get("speaker")) for q in quotes)


FIELDS = (
    ComparedField("speaker", lambda claim: (_chain(claim) or ((None, None),))[0][0]),
    ComparedField("attribution chain", _chain),
    ComparedField("attribution", _key("attribution")),
    ComparedField("kind", _key("kind")),
    ComparedField("goal given or not", lambda claim: bool(claim.get("goal"))),
    ComparedField("horizon", lambda claim: (_goal("horizon")(claim) or {}).get("edtf")),
    ComparedField("specificity", _goal("specificity")),
    ComparedField("elaborated", _goal("elaborated")),
    ComparedField("announced", _date("announced")),
    ComparedField("occurred", _date("occurred")),
    ComparedField("refers to", _date("refers_to")),
    ComparedField("occasion", _key("occasion")),
    ComparedField("actors", _members("actors"), several=True),
    ComparedField("addressees", _members("addressees"), several=True),
    ComparedField("about", _members("about"), several=True),
    ComparedField("places", _members("places"), several=True),
    ComparedField("first topic", lambda claim: ([*(claim.get("topics") or ()), None])[0]),
    ComparedField("all topics", _members("topics"), several=True),
    ComparedField("quotations and their speakers", _quotations, several=True),
    ComparedField("hedges", _members("hedges"), several=True),
    ComparedField("fidelity", _key("fidelity")),
    ComparedField(
        "restates or not",
        lambda claim: any(r.get("type") == "restates" for r in claim.get("relations") or ()),
    ),
    ComparedField("level of the attribution", _judged("attribution", "level")),
    ComparedField("credibility of the content", _judged("content", "credibility")),
)
"""The table of fields, in the order in which they are told. Words of a coder's own, such as the
statement and rationales, are not compared.
"""


def shown(value: Any) -> str:
    """A value as a difference tells it."""
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(shown, value))) or "none"
    if isinstance(value, tuple):
        return " ".join(map(shown, value))
    return "none" if without_empty(value) in (None, [], {}) else str(value)
