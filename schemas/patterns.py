"""Which characters ids, names and texts may have, as patterns that are matched whole."""

import re

ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford base32 in lower case, in the order of its values: no i, l, o or u to be misread."""
CLAIM_ID = re.compile(rf"clm_[{ID_DIGITS}]{{8}}")
DOCUMENT_ID = re.compile(rf"doc_[{ID_DIGITS}]{{8}}")
SLUG = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
"""An id in a request. The slug of a record begins with a letter besides."""
RECORD_SLUG = re.compile(rf"(?=[a-z])(?!none\Z){SLUG.pattern}")
RECORD_ID = re.compile(rf"(?:clm|doc)_[{ID_DIGITS}]{{8}}|{SLUG.pattern}")
SHA256 = re.compile(r"[0-9a-f]{64}")
HEX_16 = re.compile("[0-9a-f]{16}")
"""A hash or a number of 64 bits: the version of a data set, a feed, a cursor."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FILE_NAME = re.compile("(?!\\.{1,2}\\Z)[^/\0\ud800-\udfff]{1,255}")
"""Any characters but ``/`` and NUL, as file systems have it; ``.`` and ``..`` are directories."""
COUNTRY = re.compile("[A-Z]{2}")
_PART_OF_TYPE = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
MEDIA_TYPE = re.compile(rf"{_PART_OF_TYPE}/{_PART_OF_TYPE}")
"""RFC 6838, section 4.2; without parameters."""
_FRAGMENT_VALUE = "(?:[A-Za-z0-9._~!$'()*+,;:@/?-]|%[0-9A-Fa-f]{2})+"
MEDIA_FRAGMENT = re.compile(
    rf"(?=.{{1,200}}\Z)[a-z]+={_FRAGMENT_VALUE}(?:&[a-z]+={_FRAGMENT_VALUE})*"
)
"""Media Fragments URI 1.0, section 4: names and values in the characters of a fragment."""

_PLANES = range(0, 0x110000, 0x10000)
_NONCHARACTERS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in _PLANES)
UNASSIGNABLE = f"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}"
"""For a character class: controls, surrogates that have lost their partner, and noncharacters,
which no text for interchange may hold (RFC 9839, section 4.3, but without tab and line break)."""
SEPARATORS = "\u2028\u2029"
"""Line and paragraph separator, at which readers of lines cut (Unicode, section 5.8)."""
TURNS = "\u202a-\u202e\u2066-\u2069"
"""Marks that turn the direction of what follows (UAX #9)."""
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point: what shows nothing (Unicode 16, DerivedCoreProperties.txt)."""
SHOWS_NOTHING = re.compile(f"[{IGNORABLE}{UNASSIGNABLE}\\s\u2800]*")
"""Blanks, a Braille cell without dots among them, and what is ignored."""
