"""No regular expression of the project takes its time, whatever text it is given."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.torture.patterns import LONG, attacks, patterns, slowest
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

CATASTROPHIC = (
    *(r"(a+)+\Z", r"(a|aa)+\Z", r"([a-z0-9]+-?)+\Z", r"(?:\w+\s?)*!", r"(x+x+)+y", r"(.*a){4}!"),
    *(r"[a-z]+[a-z0-9]+\d\Z", r"\s*#?\s*\Z", r'"([^"]*)"|(-?)(\S+)!', r"(?:-?\w+)*-\Z", r"a*a*b"),
)
"""Each takes quadratic time or worse on some text, and the attacks must show it."""


@promises(
    "Hostile input",
    "Every regular expression of the code and of the contract takes linear time on texts of 4,000 "
    "characters that are made against it.",
    broken="`SLUG` written as `([a-z0-9]+-?)+`, `WELL_FORMED` as `([\\w.-]+)*`.",
)
def test_every_pattern_is_linear(many: Many, tell: Tell) -> None:
    breadth = many(16, 4)
    for text in CATASTROPHIC:
        assert slowest(re.compile(text), breadth).bad, (
            f"the attacks do not show what is wrong with {text}"
        )
    found = patterns()
    assert len(found) > 40
    tried = {each: slowest(each.pattern, breadth) for each in found}
    bad = [
        f"{each.place} {each.pattern.pattern!r}: {slow}" for each, slow in tried.items() if slow.bad
    ]
    assert not bad, "\n".join(bad)
    worst = max(tried.values(), key=lambda slow: slow.long)
    count = sum(len(attacks(each.pattern, breadth)) for each in found)
    tell(
        f"{len(found)} patterns, {count:,} attacks: {worst.long * 1e6:,.0f} µs of CPU at most for "
        f"{LONG:,} characters; {len(CATASTROPHIC)} patterns known to be bad were all found out"
    )
