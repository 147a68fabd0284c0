"""Cells of a CSV file that a spreadsheet opens without asking: what it would change is protected.

A spreadsheet runs a text that begins like a formula, and makes a number, a day or a truth value of
one that reads like it, by the customs of its user's country. An apostrophe before a text prevents
both.
"""

import re

from schemas.tables.column import Cell

MAX_UNITS = 32_767
"""UTF-16 code units that Excel keeps of a cell (Microsoft, Excel specifications and limits)."""
CUT = "…"
"""Ends a text that was too long for a cell."""
_FORMULA = frozenset("=+-@\t\r\n|%\0\uff1d\uff0b\uff0d\uff20")
"""First characters that a spreadsheet may run as a formula (OWASP, CSV injection), full-width
forms included; and NUL, which LibreOffice drops before it looks."""
_SAFE_VALUE = re.compile(r"0|[1-9][0-9]{0,14}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Whole numbers and calendar days, of which a spreadsheet makes what they are."""
_MAX_VALUE = 60
"""Characters. No spreadsheet reads a longer text as a value."""
_MARKS = r"[\s\d.,:;/\\'’_+()%‰$€£¥₩₹₽٪٫٬-]"
_MONTHS = (
    *("jan", "ene", "gen", "янв", "feb", "fev", "fév", "фев", "mar", "mär", "mrz", "мар"),
    *("apr", "avr", "abr", "апр", "may", "mai", "maj", "mei", "mag", "май", "мая", "jun", "jui"),
    *("giu", "июн", "jul", "lug", "июл", "aug", "aoû", "aou", "ago", "авг", "sep", "set", "сен"),
    *("oct", "okt", "ott", "out", "окт", "nov", "ноя", "dec", "dez", "déc", "dic", "дек"),
)
"""How the names of months begin in some languages; a few other words begin so too."""
_MONTH = rf"(?:{'|'.join(_MONTHS)})[^\W\d_]{{0,7}}"
_WORDS = rf"{_MONTH}|[edtzap]|[ap]\.?m|de|of|st|nd|rd|th|[年月日년월일時分秒]"
_VALUE = re.compile(rf"(?:{_MARKS}|(?<![^\W\d_])(?:{_WORDS})(?![^\W\d_]))*", re.IGNORECASE)
"""Digits and the marks of numbers and dates, and words that stand in them."""
_INTERVAL = re.compile(r"\A[0-9.-]+/[0-9.-]+")
"""Of days or months, in EDTF: no fraction, since it has more hyphens, or dots, than a date."""
_NAMED = re.compile(
    "true|false|wahr|falsch|vrai|faux|verdadero|verdadeiro|falso|vero|waar|onwaar|истина|ложь"
    "|#(?:n/a|[a-z0-9/]+[!?])",
    re.IGNORECASE,
)
"""Truth values in some languages, and errors."""


def for_spreadsheet(cell: Cell) -> Cell:
    """A cell as a spreadsheet may be given it: a number as it is, a text so that it stays one."""
    if not isinstance(cell, str) or not cell:
        return cell
    if cell[0] in _FORMULA or _reads_as_value(cell):
        cell = f"'{cell}"
    return fitting(cell)


def _reads_as_value(text: str) -> bool:
    """Whether a spreadsheet might make another value of a text, such as 7 of ``007``, 100,000 of
    ``1e5`` and a day of ``2-1`` or ``MAR1``.
    """
    if len(text) > _MAX_VALUE or _SAFE_VALUE.fullmatch(text):
        return False
    if _NAMED.fullmatch(text):
        return True
    reads = any(map(str.isdecimal, text)) and _VALUE.fullmatch(text) is not None
    return reads and not _is_interval(text)


def _is_interval(text: str) -> bool:
    return _INTERVAL.fullmatch(text) is not None and text.count("-") + text.count("..") > 2


def fitting(text: str) -> str:
    """A text that fits into a cell; a character beyond the basic plane takes two units."""
    if len(text) <= MAX_UNITS // 2 or len(text.encode("utf-16-le")) <= 2 * MAX_UNITS:
        return text
    units = text.encode("utf-16-le")[: 2 * (MAX_UNITS - len(CUT))]
    return units.decode("utf-16-le", "ignore") + CUT
