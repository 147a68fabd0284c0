"""Every regular expression of the project, and texts that make a bad one take its time.

A backtracking matcher is slow where one text can be read in many ways that all fail in the end: a
prefix that leads to a repetition, what is repeated a great many times, and an end that does not
fit. The parse tree of a pattern tells what those are.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import _parser  # the only reader of patterns there is
from typing import Any

from tests.contract_tools import contract
from tests.torture.promises import ROOT

_READERS = frozenset(
    f"re.{name}"
    for name in (
        "compile",
        "fullmatch",
        "match",
        "search",
        "sub",
        "subn",
        "split",
        "findall",
        "finditer",
    )
)
_ENDS = ("", "\x00", "\n", "!", "-", '"', "\u0663", "a!")
_OF_CATEGORY = {"DIGIT": "7", "SPACE": " ", "WORD": "w", "NOT_SPACE": "x", "NOT_WORD": "!"}

Place = str
"""File and line of a pattern, or its pointer into the contract."""


@dataclass(frozen=True)
class Found:
    """A pattern, and where it stands."""

    place: Place
    pattern: re.Pattern[Any]


# --- where they are -----------------------------------------------------------------------------

_RECORD = """
import importlib, json, pkgutil, re, sys
found, compile_ = [], re.compile
def recording(pattern, flags=0):
    caller = sys._getframe(1)
    made = compile_(pattern, flags)
    text = made.pattern.decode("latin-1") if isinstance(made.pattern, bytes) else made.pattern
    is_bytes = isinstance(made.pattern, bytes)
    found.append([caller.f_code.co_filename, caller.f_lineno, text, made.flags, is_bytes])
    return made
re.compile = recording
for name in ("schemas", "service"):
    package = importlib.import_module(name)
    for each in pkgutil.walk_packages(package.__path__, name + "."):
        if not each.name.endswith(".__main__"):
            importlib.import_module(each.name)
drafting = importlib.import_module("service.curation.drafting")
drafting._patterns([{"id": "a", "name": "North Korea", "other_names": ["the North", "DPRK"]}])
locating = importlib.import_module("service.curation.locating")
locating.nearest("a text", "a – “text’s end”")
print(json.dumps(found))
"""
"""Imports every module in a process of its own, and tells what each compiled on the way: a pattern
may be put together from parts, which the source alone does not show. One is made of a data set's
names, one of a passage."""


def patterns() -> list[Found]:
    """All of them, in the code and in the contract."""
    return [*_in_code(), *_in_contract(contract())]


def _in_code() -> Iterator[Found]:
    ran = subprocess.run(
        [sys.executable, "-c", _RECORD], cwd=ROOT, check=True, capture_output=True, text=True
    )
    compiled: dict[tuple[str, int], list[re.Pattern[Any]]] = {}
    for file, line, text, flags, is_bytes in json.loads(ran.stdout):
        source = text.encode("latin-1") if is_bytes else text
        made = re.compile(source, flags & ~re.UNICODE if is_bytes else flags)
        compiled.setdefault((file, line), []).append(made)
    for path, call in _calls():
        spot = (str(path), call.lineno)
        place = f"{path.relative_to(ROOT)}:{call.lineno}"
        if isinstance(call.args[0], ast.Constant) and spot not in compiled:
            compiled[spot] = [re.compile(call.args[0].value)]
        assert compiled.get(spot), f"{place}: a pattern that is not known before it is used"
        yield from (Found(place, made) for made in compiled[spot])


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every place where the code makes or uses a pattern by way of ``re``."""
    for folder in ("schemas", "service"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in _READERS:
                    yield path, node


def _in_contract(node: Any, place: str = "openapi.yaml#") -> Iterator[Found]:
    if isinstance(node, Mapping):
        if isinstance(node.get("pattern"), str):
            yield Found(place, re.compile(node["pattern"]))
        for key, value in node.items():
            yield from _in_contract(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _in_contract(value, f"{place}/{number}")


# --- what is bad for them -----------------------------------------------------------------------


@dataclass(frozen=True)
class Attack:
    prefix: str
    pump: str
    end: str

    def text(self, length: int) -> str:
        times = max(length - len(self.prefix) - len(self.end), 0) // len(self.pump)
        return self.prefix + self.pump * times + self.end


def attacks(pattern: re.Pattern[Any], breadth: int) -> list[Attack]:
    """Attacks on every repetition of a pattern, and on pairs of so many characters it knows."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = _parser.parse(text, pattern.flags & ~re.DEBUG)
    known = list(dict.fromkeys(itertools.chain.from_iterable(map(_characters, _flat(tree)))))[
        :breadth
    ]
    places = [("", "".join(pair)) for pair in itertools.product(known, ["", *known])]
    places += [(before, pump) for before, pump in _repetitions(tree, "") if pump]
    prefixes = dict.fromkeys(before for before, _ in places)
    places += [(before, one) for before in prefixes for one in known]
    made = dict.fromkeys(itertools.product(places, _ENDS))
    return [Attack(before, pump, end) for (before, pump), end in made if pump]


def _flat(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every node of a parse tree."""
    for code, value in tree:
        yield str(code), value
        for part in _parts(value):
            yield from _flat(part)


def _parts(value: Any) -> Iterator[Any]:
    """The trees below a node."""
    for one in value if isinstance(value, (tuple, list)) else ():
        if isinstance(one, _parser.SubPattern):
            yield one
        elif isinstance(one, list):
            yield from (each for each in one if isinstance(each, _parser.SubPattern))


def _characters(node: tuple[str, Any]) -> Iterator[str]:
    """Some characters that a node takes; of what it does not take, those it names."""
    code, value = node
    if code in ("LITERAL", "NOT_LITERAL"):
        yield chr(value)
    elif code == "RANGE":
        yield from (chr(value[0]), chr(value[1]))
    elif code == "CATEGORY":
        yield _OF_CATEGORY.get(str(value).removeprefix("CATEGORY_"), "x")
    elif code == "ANY":
        yield from "x "
    elif code == "IN":
        for code_inside, inside in value:
            yield from _characters((str(code_inside), inside))
        yield from "x"


def _one(tree: Any) -> str:
    """A text that a tree takes, roughly: enough to lead on to what comes behind."""
    said = ""
    for code, value in tree:
        name = str(code)
        if name in ("LITERAL", "RANGE", "CATEGORY", "ANY", "IN", "NOT_LITERAL"):
            negated = name == "NOT_LITERAL" or (name == "IN" and str(value[0][0]) == "NEGATE")
            said += "x" if negated else next(_characters((name, value)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            said += _one(value[2]) * min(max(value[0], 1), 8)
        elif name == "BRANCH":
            said += _one(value[1][0])
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            said += "".join(_one(part) for part in _parts(value))
    return said


def _repetitions(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """What leads to each repetition, and what is repeated there."""
    for code, value in tree:
        if "REPEAT" in str(code):
            yield before, _one(value[2])
        if str(code) == "BRANCH":
            joined = [_one(branch) for branch in value[1]]
            yield before, "".join(joined)
        for part in _parts(value):
            yield from _repetitions(part, before)
        before += _one([(code, value)])


# --- how long they take -------------------------------------------------------------------------

Match = Callable[[Any], object]


def ways(pattern: re.Pattern[Any]) -> tuple[Match, Match]:
    """Both ways of using a pattern, each of which reads all of a text."""
    return pattern.fullmatch, lambda text: deque(pattern.finditer(text), maxlen=0)


def seconds(match: Match, pattern: re.Pattern[Any], attack: Attack, length: int) -> float:
    """CPU time of one match."""
    text: Any = attack.text(length)
    if isinstance(pattern.pattern, bytes):
        text = text.encode("latin-1", "replace")
    started = time.thread_time()
    match(text)
    return time.thread_time() - started


def best(match: Match, pattern: re.Pattern[Any], attack: Attack, length: int) -> float:
    """The least of several, which is what the match takes and not what else went on."""
    return min(seconds(match, pattern, attack, length) for _ in range(7))


SHORT, LONG = 500, 4_000
LENGTHS = (*range(12, 60, 2), *range(60, 100, 8), 140, 200, 300, SHORT, 800, 1_300, 2_200, LONG)
"""Slowly at first: what doubles with each character would not be back from a leap."""
TOO_LONG, TOO_STEEP, TOO_QUICK = 0.010, 24.0, 0.000_5
"""Seconds of a match of 4,000 characters; how much longer it may take than one of 500, where eight
times is linear and 64 times quadratic; and seconds below which no clock tells the two apart."""


@dataclass(frozen=True)
class Slow:
    """The slowest that attacks made of a pattern: how long, and how much longer than the short."""

    long: float
    steep: float
    attack: Attack

    @property
    def bad(self) -> bool:
        return self.long > TOO_LONG or (self.steep > TOO_STEEP and self.long > TOO_QUICK)


def slowest(pattern: re.Pattern[Any], breadth: int) -> Slow:
    """The worst of all attacks; with one that blows up the search for a worse one ends."""
    found: list[tuple[float, Match, Attack]] = []
    for match, attack in itertools.product(ways(pattern), attacks(pattern, breadth)):
        took = 0.0
        for length in LENGTHS:
            took = seconds(match, pattern, attack, length)
            if took > TOO_LONG and best(match, pattern, attack, length) > TOO_LONG:
                return Slow(took, float("inf"), attack)
        found.append((took, match, attack))
    worst = sorted(found, key=lambda each: -each[0])[:5]
    return max(_measured(pattern, worst), key=lambda slow: (slow.bad, slow.long))


def _measured(
    pattern: re.Pattern[Any], worst: Iterable[tuple[float, Match, Attack]]
) -> Iterator[Slow]:
    for _, match, attack in worst:
        short, long = (best(match, pattern, attack, length) for length in (SHORT, LONG))
        yield Slow(long, long / max(short, 1e-7), attack)
