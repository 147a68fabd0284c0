"""Dates with an open end in counts: they count in each year beyond it for which there is a group,
as a filter by that year finds them. The same for every engine.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product

from service.store.search.index_fields import NO_VALUE, YEARS, open_end, open_start

Groups = list[tuple[tuple[str, ...], int]]
"""The terms of a group along each dimension, and its claims."""
FlagName = Callable[[str], str]
Ends = tuple[FlagName | None, ...]
"""For each dimension at which end its dates are open, ``None`` where that does not matter."""


def ends(by: tuple[str, ...]) -> list[Ends]:
    """What has to be counted: once all claims, and once those of every way of being open."""
    years = (None, open_start, open_end)
    return [*product(*(years if name in YEARS else (None,) for name in by))]


def flags(by: tuple[str, ...], open_ends: Ends) -> list[str]:
    """The flags of the claims whose dates have those open ends."""
    return [flag(name) for name, flag in zip(by, open_ends, strict=True) if flag]


def merged(by: tuple[str, ...], counted: Iterable[tuple[Ends, Groups]]) -> Groups:
    """The groups of all claims, which come first, with what open ends add to them."""
    (_, groups), *others = counted
    tally = Counter(dict(groups))
    years = [{keys[place] for keys, _ in groups} - {NO_VALUE} for place in range(len(by))]
    for open_ends, found in others:
        for keys, count in found:
            beyond = map(_beyond, keys, open_ends, years)
            tally.update(dict.fromkeys(product(*beyond), count))
    return list(tally.items())


def _beyond(key: str, flag: FlagName | None, years: Iterable[str]) -> Sequence[str]:
    """Of the ``years`` those that an open end at the year ``key`` reaches; else the key itself."""
    if flag is None:
        return [key]
    return [year for year in years if (year < key if flag is open_start else year > key)]
