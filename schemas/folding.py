"""One folding of text for the search index, for search texts and for the boxes that find by name.

Texts that differ only in how they are written fold to the same words: canonical and compatibility
equivalents (Unicode Standard Annex 15), upper and lower case (full case folding, Unicode Standard,
section 5.18), diacritical marks, default-ignorable characters, Latin letters with a stroke or a
hook. Vowel signs, tone marks of South-East Asia and the voicing marks of kana tell words apart and
stay.
"""

import re
import unicodedata

from schemas.patterns import IGNORABLE

_IGNORABLE = re.compile(f"[{IGNORABLE}]")
_WITHOUT_BLANKS = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"  # Tai Le, New Tai Lue, Tai Tham, Tai Viet
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u303c\u3400-\u4dbf\u4e00-\u9fff"  # Han
    "\uf900-\ufaff\U00016fe0-\U00018cff\U00020000-\U0003fffd"  # Han and its relatives
    "\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\U0001aff0-\U0001b2ff"  # kana, bopomofo, Nushu
    "\ua000-\ua4cf"  # Yi
    "]"
)
"""Characters of scripts that put no blanks between words, or, as Hangul, none before particles."""
_LETTER_WITH = re.compile("LATIN SMALL LETTER ([A-Z]) WITH ")
_PLAIN = {"æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŋ": "n", "ı": "i", "ʻ": " ", "ʼ": " "}
"""Latin letters that have no decomposition, and letters that are typed as apostrophes."""
_ENCLOSING, _OVERLAY, _DIACRITICS = "Me", 1, 200
_HEBREW_ARABIC_SYRIAC = range(10, 37)
_LAST_OF_BMP = 0xFFFF


class _Folded(dict[int, str]):
    """What each character of a decomposed text becomes; filled as they come.

    Remembered are those of the Basic Multilingual Plane, so that its memory is bounded.
    """

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if code <= _LAST_OF_BMP:
            self[code] = folded
        return folded


def _folded(character: str) -> str:
    """Its letters, marks and digits in lower case; a blank for what separates words."""
    if _IGNORABLE.match(character):
        return ""
    small = unicodedata.normalize("NFKD", character.casefold()).casefold()
    return "".join(map(_plain, unicodedata.normalize("NFKD", small)))


def _plain(character: str) -> str:
    category, combining = unicodedata.category(character), unicodedata.combining(character)
    if category == _ENCLOSING or combining == _OVERLAY or combining >= _DIACRITICS:
        return ""
    if combining in _HEBREW_ARABIC_SYRIAC:
        return ""
    if character in _PLAIN:
        return _PLAIN[character]
    if letter := _LETTER_WITH.match(unicodedata.name(character, "")):
        return letter[1].lower()
    # What is not assigned may be a letter of a later version of Unicode.
    return character if category[0] in "LMN" or category == "Cn" else " "


_FOLDED = _Folded()


def fold(text: str) -> str:
    """The words of a text, folded, with blanks between them and nothing else."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    text = text.translate(_FOLDED)
    # Syllables of Hangul and voiced kana are put together again, since parts of them are others.
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def characters_apart(folded: str) -> str:
    """A folded text in which each character of a script without blanks is a word of its own."""
    return folded if folded.isascii() else _WITHOUT_BLANKS.sub(r" \g<0> ", folded)


def as_typed(text: str) -> str:
    """A text without what shows nothing, compatibility characters as their equivalents.

    In it a full-width quotation mark is a quotation mark.
    """
    return unicodedata.normalize("NFKC", _IGNORABLE.sub("", text))
