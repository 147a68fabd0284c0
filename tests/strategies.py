"""Generated data sets and questions: small vocabularies, so that ties and misses are many."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

from schemas.date import bounds
from schemas.fields import Choice
from schemas.filter_kinds import Days, Either, Filter, Flag, Listed, Terms
from schemas.filters import FILTERS, vocabulary_of
from schemas.parameters import NONE
from schemas.query import DATE_MATCHES, SORTS, ClaimQuery
from schemas.records.claim import ATTRIBUTIONS, KINDS, LEVEL_SCORES, RELATIONS
from service.compiler import Fixtures
from tests import records

_NUMBERS = (0, 1, 31, 32, 33, 1 << 20, 1 << 39, (1 << 39) + 1, (1 << 40) - 2, (1 << 40) - 1)
NUMBERS = (*_NUMBERS, *range(1000, 1010))
"""Claim ids as numbers: neighbours, carries from one digit to the next, both ends."""
GONE = (7, 8, (1 << 40) - 3)

_POINTS = ("2022", "2022-12", "2022-12-31", "2023-01", "2023-01-01", "2023", "2024-02-29", "202X")
_SEASONS = ("2022-21", "2022-24", "2023-29", "2023-33", "2022-36", "0001-21", "9999-36")
POINTS = (*_POINTS, *_SEASONS, "199X", "1999-12-31", "0001", "0001-01-01", "9999", "9999-12-31")
_UNSURE = tuple(f"{point}{mark}" for mark in "?~%" for point in POINTS)


def _is_date(edtf: str) -> bool:
    try:
        return bool(bounds(edtf))
    except ValueError:
        return False


_ENDS = ("2022", "2022-12-31", "2023-01-01?", "2023", "2023-06", "202X", "199X?", "2022-36~")
INTERVALS = tuple(
    edtf
    for edtf in (f"{first}/{last}" for first, last in itertools.product(_ENDS, _ENDS))
    if _is_date(edtf)
)
OPEN = tuple(form for end in _ENDS for form in (f"../{end}", f"{end}/.."))
UNKNOWN = tuple(form for end in _ENDS for form in (f"/{end}", f"{end}/"))
DATES = (*POINTS, *_UNSURE, *INTERVALS, *OPEN, *UNKNOWN)

WORDS = (
    "missile",
    "Missiles",
    "launch",
    "launched",
    "économie",
    "economie",
    "로켓",
    "발사",
    "발사를",
    "ﬁne",
    "fine",
    "Straße",
    "STRASSE",
    "İzmir",
    "北京宣布",
    "宣布AK47",
    "กลาโหม",
    "می\u200cخواهیم",
    "ΟΔΟΣ",
    "οδός",
    "𐌰𐌱",
    "🚀",
    "e\u0301tat",
    "état",
    "co-operation",
    "don't",
    "2023",
    "x",
    "the",
)
JOINTS = (" ", ", ", ". ", "-", "\u00a0", "/", " \u201c", "\u3000")

_numbers = st.sampled_from(NUMBERS)
_dates = st.sampled_from((None, None, *_POINTS, *_UNSURE[:8], *OPEN, *UNKNOWN, *DATES))
_agents = st.sampled_from(tuple(records.AGENTS))
_topics = st.sampled_from(tuple(records.TOPICS))
_places = st.sampled_from(tuple(records.PLACES))
_documents = st.sampled_from(records.DOCUMENTS)


@st.composite
def texts(draw: st.DrawFn, most: int = 5) -> str:
    """A text of some of the shared words."""
    said = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=most))
    return draw(st.sampled_from(JOINTS)).join(said)


def _some(values: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(values, min_size=least, max_size=3, unique=True)


_goals = st.one_of(
    st.none(),
    st.builds(records.goal, _dates, st.sampled_from(("withheld", "directional", "measurable"))),
)
_locators = st.sampled_from((None, "page=3", "t=12.5"))
_confidence = st.builds(records.confidence, st.sampled_from(tuple(LEVEL_SCORES)), st.integers(2, 6))
_quotes = st.lists(
    st.builds(records.quote, texts(), _agents, _documents), max_size=2, unique_by=str
)


def _target(relation: dict[str, Any]) -> str:
    """A claim has one relation to another here, since some exclude each other."""
    return str(relation["claim"])


_EFFECTS = ("causes",)
_REACTIONS = ("continues", "escalates", "responds_to", "fulfils", "abandons")
_KINDS_OF_RELATION = tuple(
    tuple(each for each in ("restates", *RELATIONS) if each not in left_out)
    for left_out in (_EFFECTS, _REACTIONS)
)
"""A cause leads to its effect and a reaction to what came before it: with relations that all go to
earlier claims, both together could run in a circle."""


@st.composite
def _claims(
    draw: st.DrawFn, number: int, others: list[int], types: tuple[str, ...]
) -> dict[str, Any]:
    """A curated claim that may relate to others by these types, all of them drawn before it."""
    kind = draw(st.sampled_from(KINDS))
    goal = draw(_goals)
    document = draw(_documents)
    quotes = draw(_quotes)
    attribution = draw(st.sampled_from(ATTRIBUTIONS if quotes else ATTRIBUTIONS[2:]))
    said_by = [] if attribution == "narrator" else draw(_some(_agents, least=1))
    related = st.builds(
        records.relation,
        st.sampled_from(types),
        st.sampled_from([records.claim_id(other) for other in others] or [""]),
    )
    made = records.claim(
        number,
        draw(_dates),
        draw(_dates),
        statement=draw(texts()),
        kind="event" if kind == "goal" and goal is None else kind,
        topics=draw(_some(_topics, least=1)),
        actors=draw(_some(_agents, least=1)),
        addressees=draw(_some(_agents)),
        about=draw(_some(_agents)),
        occasion=draw(st.sampled_from((None, *records.OCCASIONS))),
        places=draw(_some(_places)),
        goal=goal,
        sources=records.chain(*said_by, document=document),
        attribution=attribution,
        quotes=quotes,
        alternatives=draw(st.sampled_from(([], [_own_voice(document)]))) if said_by else [],
        evidence=[{**records.evidence(document), "locator": draw(_locators)}],
        confidence=draw(_confidence),
        relations=draw(st.lists(related, max_size=2, unique_by=_target)) if others else [],
    )
    made["dates"]["refers_to"] = records.date(draw(_dates))
    return made


def _own_voice(document: str) -> dict[str, Any]:
    """The reading in which nobody is cited."""
    why = "The clause cites nobody."
    return {
        "sources": records.chain(document=document),
        "attribution": "narrator",
        "rationale": why,
    }


@st.composite
def data_sets(draw: st.DrawFn) -> Fixtures:
    """Curated records that compile: no claim, one, or enough for ties, in no particular order."""
    size = draw(st.sampled_from((12, 9, 6, 1, 0)))
    numbers = draw(st.lists(_numbers, min_size=size, max_size=size, unique=True))
    types = draw(st.sampled_from(_KINDS_OF_RELATION))
    claims = [draw(_claims(number, numbers[:place], types)) for place, number in enumerate(numbers)]
    heirs = st.sampled_from((None, *numbers))
    retired = [(number, draw(heirs)) for number in GONE if draw(st.booleans())]
    names = draw(st.dictionaries(_agents, texts(most=2), max_size=2))
    labels = draw(st.dictionaries(_topics, texts(most=2), max_size=2))
    others = draw(st.dictionaries(_agents, texts(most=2), max_size=2))
    return records.fixtures(claims, retired, agents=names, topics=labels, other_names=others)


_ODD = ("-", '"', '""', '-""', "--x", '-"', "...", "!?", "id:clm", "x*", "(the", "a AND b", "[x")


def _texts_in(data_set: Fixtures) -> list[list[str]]:
    """The texts that a search reads of each claim, and those that no claim may hold."""
    names = {
        agent["id"]: " ".join([agent["name"], *agent["other_names"]])
        for agent in data_set["agents"]
    }
    names |= {topic["id"]: topic["label"] for topic in data_set["topics"]}
    names |= {place["id"]: place["name"] for place in data_set["places"]}
    found = []
    for claim in data_set["claims"]:
        quoted = [quote["text"] for quote in claim["quotes"]]
        referred = (*claim["topics"], *claim["actors"], *claim["places"])
        named = [names[identifier] for identifier in referred]
        found.append([claim["statement"], *quoted, *named])
    return [*found, [*names.values(), *WORDS]]


@st.composite
def search_texts(draw: st.DrawFn, data_set: Fixtures) -> str:
    """Words and phrases of one claim, wanted or not, and what looks like them but is none."""
    said = st.sampled_from(draw(st.sampled_from(_texts_in(data_set)))).map(str.split)
    joint = draw(st.sampled_from((" ", " ", " ", "")))
    pieces = draw(st.lists(_pieces(said), min_size=1, max_size=3))
    return joint.join(pieces)[:200]


_SHAPES = ("{}", "{}", '"{}"', "“{}”", "-{}", '–"{}"', '"{}', "part", "odd", "any")


@st.composite
def _pieces(draw: st.DrawFn, said: st.SearchStrategy[list[str]]) -> str:
    shape = draw(
        st.sampled_from(("{}", "{}", '"{}"', "“{}”", "-{}", '–"{}"', '"{}', "part", "odd", "any"))
    )
    if shape == "odd":
        return draw(st.sampled_from(_ODD))
    if shape == "any":
        kept = st.characters(exclude_categories=("Cc", "Cs"))
        return draw(st.text(kept, min_size=1, max_size=6))
    text = draw(said)
    start = draw(st.integers(0, len(text) - 1))
    words = text[start : start + draw(st.sampled_from((1, 2, 3)))]
    if shape == "part":
        return words[0][draw(st.integers(0, len(words[0]) - 1)) :]
    return shape.format(" ".join(words if draw(st.booleans()) else words[:1]))


def cursors() -> st.SearchStrategy[str]:
    """Any well-formed cursor: both ends, small positions, near real ones, anything."""
    ranks = st.integers(738_000, 739_500) | st.integers(16_037_700, 16_039_300)
    ranks |= st.integers(0, 100)
    return st.one_of(
        st.sampled_from(("0" * 16, "f" * 16, "0" * 15 + "1", f"{10_000:016x}", "8" + "0" * 15)),
        st.integers(0, 20).map("{:016x}".format),
        st.builds(lambda rank, number: f"{rank << 40 | number:016x}", ranks, _numbers),
        st.integers(0, (1 << 64) - 1).map("{:016x}".format),
    )


def _any_of(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=4, unique=True)
    return chosen.map(sorted).map(tuple)


_DAYS = (
    "0001-01-01",
    "1990-01-01",
    "1999-12-31",
    "2022-01-01",
    "2022-12-31",
    "2023-01-01",
    "2023-12-31",
    "2024-02-29",
    "2029-12-31",
    "9999-12-31",
)
_YEARS = ("0001", "1989", "1990", "1999", "2000", "2020", "2022", "2023", "2029", "9999")
_MONTHS = ("0001-01", "1999-12", "2022-12", "2023-01", "2023-06", "9999-12")
_COUNTRIES = ("KP", "KR", "ZZ")
_MISSING = "nobody-and-nothing"
_IDS = tuple(records.claim_id(number) for number in (*NUMBERS, *GONE))
_day = st.sampled_from(_DAYS)
_RECORDS: dict[str, tuple[str, ...]] = {
    "agents": (*records.AGENTS, _MISSING),
    "topics": (*records.TOPICS, _MISSING),
    "documents": (*records.DOCUMENTS, "doc_zzzzzzzz"),
    "occasions": (*records.OCCASIONS, _MISSING),
    "places": (*records.PLACES, _MISSING),
}
_SCORES = st.sampled_from((0, 10, 11, 15, 16, 30, 50, 51, 70, 71, 85, 86, 100))


def _values(row: Listed) -> tuple[str, ...]:
    """Some values that a list filter takes."""
    if isinstance(row.takes, Choice):
        return tuple(map(str, row.takes.choices))
    if vocabulary := vocabulary_of(row.name):
        return _RECORDS[vocabulary]
    return tuple(text for text in (*_YEARS, *_MONTHS, *_DAYS, *_COUNTRIES) if row.takes.takes(text))


def _of_filter(row: Filter) -> st.SearchStrategy[Any]:
    """Values for each query parameter of a row of the table."""
    match row:
        case Terms(name="id"):
            return st.lists(st.sampled_from(_IDS), min_size=1, max_size=15).map(tuple)
        case Listed():
            return _any_of(*_values(row), NONE)
        case Either():
            return st.sampled_from((True, False, None))
        case Flag():
            return st.booleans()
        case Days():
            return _day
    return _SCORES


_FILTERS = {name: _of_filter(row) for row in FILTERS for name in row.parameters()}
_NAMES = (*_FILTERS, "distinct", "horizon", *["q"] * 8)


@st.composite
def queries(draw: st.DrawFn, data_set: Fixtures) -> ClaimQuery:
    """A question in any order and page size, mostly with few filters, so that it finds something.

    Ranges may be inverted, values may name nothing.
    """
    size = draw(st.sampled_from((0, 1, 1, 2, 2, 3, 8)))
    names = set(draw(st.lists(st.sampled_from(_NAMES), min_size=size, max_size=size)))
    values = {name: draw(_FILTERS[name]) for name in sorted(names - {"q"})}
    if "q" in names:
        values["q"] = draw(search_texts(data_set))
    return ClaimQuery(
        sort=draw(st.sampled_from((None, *SORTS))),
        limit=draw(st.sampled_from((1, 2, 3, 5, 25))),
        date_match=draw(st.sampled_from(DATE_MATCHES)),
        **values,
    )
