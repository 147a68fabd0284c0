"""The parameters of the API as keyword arguments, and the query string that they make.

Names and meanings are those of ``openapi.yaml``. A list may be given as any iterable of values or
as one text (``"nuclear,defence"`` is how the API writes a list of two). ``None`` is a parameter
that is not given. What is *allowed* is for the service to say: it refuses what it does not know
and names every fault at once, so nothing is checked twice here, and a parameter that a later
version of the service adds can be used before this client knows it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, SupportsIndex, TypedDict
from urllib.parse import urlencode

from service.client.records import Attribution

Words = str | Iterable[str]
"""One value or several, any of which may hold."""
Years = int | str | Iterable[int | str]
Day = dt.date | str
"""A day; a text is ``YYYY-MM-DD``. An instant is no day: no time zone is ever converted."""
DateMatch = Literal["possible", "certain"]
Sort = Literal["-announced", "announced", "-occurred", "occurred", "-content", "relevance"]


class Filters(TypedDict, total=False):
    """Which claims: filters are joined by AND, the values of one by OR."""

    id: Words
    kind: Words
    topic: Words
    actor: Words
    addressee: Words
    about: Words
    source: Words
    speaker: Words
    document: Words
    occasion: Words
    attribution: Attribution | Iterable[Attribution]
    goals_only: bool
    distinct: bool
    horizon: Years
    announced_from: Day
    announced_to: Day
    occurred_from: Day
    occurred_to: Day
    date_match: DateMatch
    min_attribution: int
    min_content: int
    q: str


class ExportParameters(Filters, total=False):
    """Which claims, and in which order."""

    sort: Sort


class ClaimsParameters(ExportParameters, total=False):
    """Which claims, in which order, and how many to ask for at a time (1 to 100).

    ``cursor`` goes on where an earlier walk ended (``meta["next_cursor"]`` of its last page).
    """

    limit: int
    cursor: str


class CountsParameters(Filters, total=False):
    """Which claims to count, and by which one or two dimensions."""

    by: Words


class TableParameters(ExportParameters, total=False):
    """The parameters of whichever table is asked for."""

    by: Words


class VocabularyParameters(TypedDict, total=False):
    """How many records to ask for at a time (1 to 100), and where to go on."""

    limit: int
    cursor: str


class ChangesParameters(TypedDict, total=False):
    """The ``seq`` after which to begin (0), and how many changes to ask for at a time."""

    since: int
    limit: int


def query_text(parameters: Mapping[str, Any]) -> str:
    """The query string, names sorted, so that equal questions have one address.

    Raises ``TypeError`` for a value that is none of text, whole number, truth value, day, or a
    series of these.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    return urlencode([(name, _values(name, given[name])) for name in sorted(given)], safe=",")


def _values(name: str, value: Any) -> str:
    one = isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable)
    if one:
        return _value(name, value)
    several = [_value(name, each) for each in value]
    return ",".join(sorted(several) if isinstance(value, (set, frozenset)) else several)


def _value(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            raise TypeError(f"{name} takes a day, not an instant: {value!r}; .date() makes a day")
        case dt.date():
            return value.isoformat()
        case SupportsIndex():  # whole numbers, those of numpy and pandas included
            return f"{int(value):04d}" if name == "horizon" else str(int(value))
    raise TypeError(f"{name} takes no {type(value).__name__}: {value!r}")
