"""JSON read strictly: what a lenient reader would pass over or guess at is refused."""

import json
from typing import Any, NoReturn

from schemas.faults import shown

MAX_KEYS = 1_000
"""Keys of an object, far more than any record has: each unknown one takes time to be judged."""
_MAX_DIGITS = 15
"""Digits of an integer that no field could need more of; more cost time to parse."""


class NotStrict(ValueError):
    """JSON that a lenient reader would take; says what is allowed instead of what was found."""

    def __init__(self, allowed: str, found: str = "something else") -> None:
        super().__init__(allowed)
        self.found = found


def parse_json(raw: bytes) -> Any:
    """JSON in UTF-8 without BOM, duplicate keys, NaN or endless numbers.

    Raises ``NotStrict``, which says what is allowed and where reading ended.
    """
    text = decoded(raw)
    try:
        return _strict_json(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise NotStrict(f"JSON (at {where}: {error.msg})") from None
    except RecursionError:
        raise NotStrict("JSON that is not nested beyond reason") from None


def decoded(raw: bytes) -> str:
    """A text in UTF-8 without a byte order mark. Raises ``NotStrict``."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict(f"UTF-8 (byte {error.start} is none)") from None
    if text.startswith("\ufeff"):
        raise NotStrict("UTF-8 without a byte order mark")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise NotStrict(f"objects of at most {MAX_KEYS} keys")
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotStrict(f"each key once in an object ({shown(twice)} is there twice)")
    return record


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"JSON numbers ({name} is none)")


def _short_integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise NotStrict(f"integers of at most {_MAX_DIGITS} digits")
    return int(digits)


_strict_json = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_short_integer
).decode
