"""Names that others define: addresses (RFC 3986) and language tags (RFC 5646)."""

import ipaddress
import re
from contextlib import suppress
from typing import Any

from schemas.fields import Scalar

_PERCENT = "%[0-9A-Fa-f]{2}"
_NAME = rf"(?:[A-Za-z0-9._~!$&'()*+,;=-]|{_PERCENT})"
_PATH = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{_PERCENT})"
_URL = re.compile(
    rf"https?://(?:(?:{_NAME}|:)*@)?(?:{_NAME}+|\[(?P<literal>[0-9A-Fa-f:.]+)\])(?::[0-9]*)?"
    rf"(?:/{_PATH}*)?(?:\?(?:{_PATH}|\?)*)?(?:#(?:{_PATH}|\?)*)?",
    re.IGNORECASE,
)
_MAX_URL = 2_000


class Url(Scalar):
    """An address of the web that is a URI (RFC 3986, section 3), with a host.

    What a URI cannot hold (``<``, ``|``, a blank, ``ü``) is written with per cent signs.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__("an http or https address that is a URI by RFC 3986", **options)

    def takes(self, value: Any) -> bool:
        if not isinstance(value, str) or len(value) > _MAX_URL:
            return False
        match = _URL.fullmatch(value)
        return match is not None and (match["literal"] is None or _is_ipv6(match["literal"]))


def _is_ipv6(text: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.IPv6Address(text))
    return False


_LANGUAGE = "[a-z]{2,3}(?:-[a-z]{3}){0,3}"
_VARIANT = "[a-z0-9]{5,8}|[0-9][a-z0-9]{3}"
_PRIVATE = "x(?:-[a-z0-9]{1,8})+"
_IRREGULAR = (
    "en-gb-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|i-navajo|i-pwn|"
    "i-tao|i-tay|i-tsu|sgn-be-fr|sgn-be-nl|sgn-ch-de"
)
_TAG = re.compile(
    rf"{_IRREGULAR}|{_PRIVATE}|{_LANGUAGE}(?:-[a-z]{{4}})?(?:-(?:[a-z]{{2}}|[0-9]{{3}}))?"
    rf"(?P<variants>(?:-(?:{_VARIANT}))*)(?P<extensions>(?:-[0-9a-wyz](?:-[a-z0-9]{{2,8}})+)*)"
    rf"(?:-{_PRIVATE})?",
    re.ASCII,
)
"""RFC 5646, section 2.1: a language with script, region, variants and extensions, a private tag, or
one of those that were registered before there was a rule. The regular ones of these
(``art-lojban``, ``zh-min-nan``) have the form of a language."""
_MAX_TAG = 100


class LanguageTag(Scalar):
    """A language tag as BCP 47 allows, in capitals or not; no variant and no extension twice
    (RFC 5646, section 2.2.9). Whether its parts are registered is not looked up,
    but that no language of four letters or more is (section 2.2.1).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__("a BCP 47 language tag such as en, pt-BR or zh-Hant-TW", **options)

    def takes(self, value: Any) -> bool:
        if not isinstance(value, str) or not value.isascii() or len(value) > _MAX_TAG:
            return False
        match = _TAG.fullmatch(value.lower())
        if match is None:
            return False
        variants = (match["variants"] or "").split("-")[1:]
        singletons = re.findall("-([a-z0-9])(?=-)", match["extensions"] or "")
        return len({*variants}) == len(variants) and len({*singletons}) == len(singletons)
