"""Texts that are only written differently are found alike, in any script."""

import functools
import itertools
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from schemas.folding import characters_apart, fold
from schemas.query import ClaimQuery
from service.compiler import open_fixtures
from service.store.protocol import Store
from tests.plain_words import plain_runs, shows_nothing
from tests.records import claim, claim_id, fixtures

_MANY = ("CJK UNIFIED IDEOGRAPH-", "HANGUL SYLLABLE", "TANGUT", "CJK COMPATIBILITY")
"""How the names begin of thousands of characters that are alike; one in a hundred is tried."""
_REFUSED_IN_TEXTS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

_BLOCKS = (
    *((0x41, 0x24F), (0x250, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x58F)),
    *((0x591, 0x5F4), (0x610, 0x6FF), (0x700, 0x74F), (0x780, 0x7BF), (0x900, 0x97F)),
    *((0x980, 0xDFF), (0xE00, 0xE7F), (0xE80, 0xEFF), (0xF00, 0xFFF), (0x1000, 0x109F)),
    *((0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137F), (0x13A0, 0x13FF), (0x1780, 0x17FF)),
    *((0x1800, 0x18AF), (0x1C80, 0x1CBF), (0x1D00, 0x1DBF), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF)),
    *((0x2100, 0x218F), (0x2460, 0x24FF), (0x2C00, 0x2DFF), (0x3041, 0x30FF), (0x3131, 0x318E)),
    *((0x3200, 0x33FF), (0x4E00, 0x9FFF), (0xA640, 0xA7FF), (0xAB30, 0xABBF), (0xAC00, 0xD7A3)),
    *((0xF900, 0xFDFF), (0xFE70, 0xFEFC), (0xFF10, 0xFFDC), (0x10400, 0x1044F), (0x1D400, 0x1D7FF)),
    *((0x1E900, 0x1E94B), (0x20000, 0x2A6DF), (0x2F800, 0x2FA1D)),
)
_letters = st.sampled_from(_BLOCKS).flatmap(
    lambda block: st.characters(
        min_codepoint=block[0], max_codepoint=block[1], categories=("L", "M", "N")
    )
)
_words = st.text(_letters, min_size=1, max_size=6)


@functools.cache
def tried() -> list[str]:
    """The assigned characters, of those that are alike some."""
    apart: list[str] = []
    alike: list[str] = []
    for character in map(chr, range(0x110000)):
        if unicodedata.category(character) not in ("Cc", "Cn", "Co", "Cs"):
            many = unicodedata.name(character, "TANGUT").startswith(_MANY)
            (alike if many else apart).append(character)
    return apart + alike[::101]


@functools.cache
def ignorable() -> list[str]:
    return [c for c in tried() if shows_nothing(c)]


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Words of scripts that may differ, and of which at least one is left when it is folded."""
    text = " ".join(draw(st.lists(_words, min_size=1, max_size=3)))
    assume(fold(text).strip())
    return text


@st.composite
def _with_ignorables(draw: st.DrawFn, text: str) -> str:
    """A text in which characters that show nothing stand between the others."""
    pieces = [
        letter + draw(st.sampled_from(["", *ignorable()])) * draw(st.integers(0, 2))
        for letter in text
    ]
    return draw(st.sampled_from(["", "\u200f", "\ufeff"])) + "".join(pieces)


def _form(name: str) -> Callable[[str], str]:
    return lambda text: unicodedata.normalize(name, text)  # type: ignore[arg-type]


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    **{name: _form(name) for name in ("NFC", "NFD", "NFKC", "NFKD")},
    "folded": str.casefold,
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "index form": fold,
}


def store_of(text: str) -> Store:
    """A store with a claim that says this, and another that says something else."""
    return open_fixtures(fixtures([_claim(1, text), _claim(2, "Zzyzx.")]))


def _claim(number: int, said: str) -> dict[str, Any]:
    """A claim in which nothing else is of a script that a test is about."""
    return claim(number, statement=said, actors=["agency"])


def finds(store: Store, text: str) -> bool:
    """Whether the first claim, and no other, is found by a search text."""
    found = store.search(ClaimQuery(q=text))
    return found.total == 1 and claim_id(1).encode() in found.bodies[0]


@given(text=_texts(), data=st.data())
@example(text="Nguyễn", data=None)
@example(text="ΟΔΥΣΣΕΥΣ Ὀδυσσεύς ᾄδει", data=None)
@example(text="İstanbul ısı STRAẞE ŉ Łódź ǅ", data=None)
@example(text="ｶﾞｷﾞ ㍿ ﷺ 각 ᄀ\u1161ᆨ", data=None)
@example(text="می\u200cخواهیم co\u00adoperation", data=None)
def test_a_text_is_found_however_it_is_written(text: str, data: st.DataObject | None) -> None:
    """In every form, and with characters in it that show nothing."""
    asked = text if data is None else data.draw(_with_ignorables(text))
    store = store_of(text)
    for name, form in FORMS.items():
        assert finds(store, form(text)), name
        assert finds(store, form(asked)), name
    if not set(asked) & set(_REFUSED_IN_TEXTS):
        assert finds(store_of(asked), text)


_SCRIPTS = {
    "Han": "北京宣布新的农业计划農業𠀀〇々",
    "kana": "きょうのミサイルがはっしゃさレたーガゞ",
    "Hangul": "북조선의로켓발사를각하",
    "Thai": "กระทรวงกลาโหมแถลงว่าจะปลูกต้นไม้น้ำ",
    "Khmer": "រដ្ឋមន្ត្រីបានប្រកាសផែនការ",
    "Lao": "ລັດຖະບານປະກາດແຜນການໃໝ່ນ້ຳ",
    "Myanmar": "ဝန်ကြီးဌာနကစီမံကိန်းသစ်ကြေညာသည်",
}


_AROUND = ("{}", "AK47{}", "{}2023", "The {} said.", "「{}」、{}")
SAID = {
    number: around.format(run, run[::-1])
    for number, (around, run) in enumerate(itertools.product(_AROUND, _SCRIPTS.values()))
}


@pytest.fixture(scope="module")
def without_blanks() -> Store:
    """Each run alone, joined to a word of another script, within a sentence, and turned around."""
    return open_fixtures(fixtures([_claim(number, said) for number, said in SAID.items()]))


def _holding(part: str) -> set[str]:
    """The claims in which characters stand one after the other, whatever separates them."""
    wanted = FORMS["NFKC"](part)
    return {
        claim_id(number)
        for number, said in SAID.items()
        if wanted in "".join(c for c in FORMS["NFKC"](said) if unicodedata.category(c)[0] in "LMN")
    }


@pytest.mark.slow
@pytest.mark.parametrize("script", _SCRIPTS)
def test_any_part_of_a_run_without_blanks_is_found_and_no_other(
    script: str, without_blanks: Store
) -> None:
    run = _SCRIPTS[script]
    parts = {run[start : start + size] for size in (1, 2, 3, 7, 40) for start in range(len(run))}
    parts |= {first + second for first, second in zip(run, run[2:], strict=False)}
    for part in parts:
        for asked in (part, FORMS["NFD"](part), FORMS["NFKD"](part), f"“{part}”"):
            bodies = without_blanks.search(ClaimQuery(q=asked, limit=100)).bodies
            assert {json.loads(body)["id"] for body in bodies} == _holding(part), asked


def test_letters_and_digits_of_a_mixed_run_are_found_together_and_apart() -> None:
    store = store_of("北京2023年AK47步枪")
    for text in ("2023", "京2023年", "ak47", "AK47步", "年AK47", "枪 北"):
        assert finds(store, text), text
    for text in ("202", "京年", "2023京", "步AK47"):
        assert not finds(store, text), text


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("がき", "かき"),
        ("हिन्दी", "हन्द"),
        ("कि", "की"),
        ("각하", "가하"),
        ("ขาว", "ข่าว"),
        ("9", "６"),
    ],
)
def test_marks_that_tell_words_apart_stay(said: str, other: str) -> None:
    assert not finds(store_of(said), other)


# The table against what the names of characters say


def _same_words(character: str) -> bool:
    """Whether it is folded as the slow folding says, between letters that it may join."""
    text = f"a{character}b"
    runs = [characters_apart(run).split() for run in fold(text).split()]
    return runs == plain_runs(text)


def _settled(character: str) -> bool:
    """Whether no way of writing it leads to other words."""
    words = fold(character).split()
    return all(fold(form(character)).split() == words for form in FORMS.values())


@pytest.mark.slow
@pytest.mark.parametrize("rule", [_same_words, _settled])
def test_every_character_is_folded_as_the_rules_say(rule: Callable[[str], bool]) -> None:
    assert [hex(ord(c)) for c in tried() if not rule(c)] == []
