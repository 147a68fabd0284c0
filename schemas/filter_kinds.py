"""The kinds of rows of the table of filters, and what they read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.date import Reach, reach
from schemas.fields import Choice, Day, Pattern, Scalar
from schemas.parameters import (
    YEAR,
    Boolean,
    CommaSeparated,
    WholeNumber,
    or_none,
)
from schemas.patterns import SLUG

ServedClaim = Mapping[str, Any]
"""A claim as the API serves it, parsed."""
ServedRecord = Mapping[str, Any]
ServedRecords = Mapping[str, Mapping[str, ServedRecord]]
"""The vocabularies by name, each with its records as the API serves them, by id."""
ServedDate = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A row of the table. ``title`` is what the pages call it."""

    name: str
    title: str

    def parameters(self) -> dict[str, Scalar]:
        """The query parameters of the filter, by name; none where it is a dimension alone."""
        return {}

    @property
    def titles(self) -> dict[str, str]:
        """What the pages call each of its query parameters."""
        return dict.fromkeys(self.parameters(), self.title)


_SLUG = Pattern(SLUG, "an id of a-z, 0-9 and single hyphens, at most 64 characters")
_YEAR = Pattern(YEAR, "a year of four digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Filter):
    """A filter by a list of values, any of which may hold, or ``none``; and, but for ids, a
    dimension to count by: a group holds what the filter finds by the key of the group.

    ``takes`` is what one value may be. ``in_form`` says whether the explorer lists the values.
    ``dated`` names the date that the values tell of, which ``date_match`` then concerns.
    """

    takes: Pattern | Choice = _SLUG
    is_dimension: bool = True
    in_form: bool = True
    dated: str | None = None

    def parameters(self) -> dict[str, Scalar]:
        return {self.name: CommaSeparated(or_none(self.takes), load_default=())}

    def terms(self, claim: ServedClaim, records: ServedRecords) -> Iterable[str]:
        """Every value that a claim is found by and counted under; none of them is "none"."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Listed):
    """Whole values, compared as they are: ids, or words of a closed list.

    ``vocabulary`` names the records that the values are ids of. ``reach`` leads from a value of
    the claim, by the records of a vocabulary, to all that the claim is found by.
    """

    values: Callable[[ServedClaim], Iterable[str]]
    vocabulary: str | None = None
    reach: Callable[[ServedRecords, str], Iterable[str]] | None = None

    def terms(self, claim: ServedClaim, records: ServedRecords) -> Iterable[str]:
        if self.reach is None:
            return self.values(claim)
        return [term for value in self.values(claim) for term in self.reach(records, value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Years(Listed):
    """The years that a date reaches. As a filter, any date that may fall into one of the years."""

    date: Callable[[ServedClaim], ServedDate | None]
    takes: Pattern | Choice = _YEAR

    def terms(self, claim: ServedClaim, records: ServedRecords) -> list[str]:
        """Every year that a date reaches; of an open interval the year at its known end."""
        days = self.reach(claim)
        if days is None:
            return []
        first, last = str(days.first or days.last), str(days.last or days.first)
        return [f"{year:04}" for year in range(int(first[:4]), int(last[:4]) + 1)]

    def reach(self, claim: ServedClaim) -> Reach | None:
        """The days by which the date is found; ``None`` of a claim without one."""
        date = self.date(claim)
        return None if date is None else reach(date["edtf"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Filter):
    """A filter that is on or off; on, it lets through the claims of which ``holds`` is true."""

    holds: Callable[[ServedClaim], bool]

    def parameters(self) -> dict[str, Scalar]:
        return {self.name: Boolean()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Either(Flag):
    """A filter for the claims of which ``holds`` is true, or for the others."""

    def parameters(self) -> dict[str, Scalar]:
        return {self.name: Boolean(load_default=None)}

    @property
    def otherwise(self) -> str:
        """The name of the flag that the others have."""
        return f"not_{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days(Filter):
    """A range of calendar days, both ends inclusive: ``<name>_from`` and ``<name>_to``."""

    date: Callable[[ServedClaim], ServedDate | None]

    def parameters(self) -> dict[str, Scalar]:
        return {f"{self.name}_{end}": Day(load_default=None) for end in ("from", "to")}

    @property
    def titles(self) -> dict[str, str]:
        return {f"{self.name}_from": f"{self.title} from", f"{self.name}_to": f"{self.title} until"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Filter):
    """A least score, 0 to 100; a claim without a score satisfies none. ``min_<name>``.

    ``steps`` are the scores that there are, in ascending order.
    """

    score: Callable[[ServedClaim], int | None]
    steps: tuple[int, ...]

    def parameters(self) -> dict[str, Scalar]:
        return {f"min_{self.name}": WholeNumber(0, 100)}
