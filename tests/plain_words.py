"""What counts as a word, written from the specification once more: slow and plain.

Nothing is taken from ``schemas.folding``. Scripts and what shows nothing are told by the names of
characters, so that a slip in one of the tables there shows as a difference.
"""

import functools
import re
import unicodedata

import tantivy
from tantivy import Filter, TextAnalyzerBuilder

SHOWN_AS_NOTHING = (
    *("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION", "KHMER VOWEL INHERENT"),
    "COMBINING GRAPHEME JOINER",
)
SHOWN = (
    *("INTERLINEAR", "ARABIC NUMBER", "ARABIC SIGN", "ARABIC FOOTNOTE", "ARABIC END OF AYAH"),
    *("ARABIC POUND", "ARABIC PIASTRE", "ARABIC DISPUTED", "SYRIAC", "KAITHI", "EGYPTIAN"),
)
"""Format characters that are seen all the same."""
WITHOUT_BLANKS = (
    *("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO"),
    *("TAI LE", "NEW TAI LUE", "TAI THAM", "TAI VIET", "YI ", "TANGUT", "NUSHU", "KHITAN"),
    *(
        "IDEOGRAPHIC ITERATION",
        "IDEOGRAPHIC CLOSING",
        "IDEOGRAPHIC NUMBER",
        "HANGZHOU",
        "HENTAIGANA",
        "VERTICAL IDEOGRAPHIC",
        "VERTICAL KANA",
    ),
    *("COMBINING KATAKANA", "MASU MARK", "VIETNAMESE ALTERNATE", "OLD CHINESE"),
)
WITHOUT_DECOMPOSITION = {"æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŋ": "n", "ı": "i"}
APOSTROPHES = "ʻʼ"
_stems = TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(Filter.stemmer("english"))
_analyser = _stems.build()


def name(character: str) -> str:
    return unicodedata.name(character, "")


def shows_nothing(character: str) -> bool:
    """Whether it is default-ignorable."""
    code, called = ord(character), name(character)
    if 0xFFF0 <= code <= 0xFFF8 or 0xE0000 <= code <= 0xE0FFF:
        return True
    if called.startswith(SHOWN_AS_NOTHING) or re.search("HANGUL.* FILLER", called):
        return True
    return unicodedata.category(character) == "Cf" and not called.startswith(SHOWN)


def is_without_blanks(character: str) -> bool:
    tangut = range(0x17000, 0x18D00)  # whose ideographs Python has no names for
    return name(character).startswith(WITHOUT_BLANKS) or ord(character) in tangut


def _is_diacritic(character: str) -> bool:
    place = unicodedata.combining(character)
    enclosing = unicodedata.category(character) == "Me"
    return enclosing or place == 1 or 10 <= place <= 36 or place >= 200


def _reduced(character: str) -> str:
    if _is_diacritic(character):
        return ""
    if character in APOSTROPHES:
        return " "
    words = name(character).split()
    if words[:3] == ["LATIN", "SMALL", "LETTER"] and words[4:5] == ["WITH"] and len(words[3]) == 1:
        return words[3].lower()
    if character in WITHOUT_DECOMPOSITION:
        return WITHOUT_DECOMPOSITION[character]
    return character if unicodedata.category(character)[0] in "LMN" else " "


def plain_runs(text: str) -> list[list[str]]:
    """The runs of letters and digits, each as the words that it is made of, not yet stems."""
    said = "".join(character for character in text if not shows_nothing(character))
    before = None
    while said != before:
        before, said = said, unicodedata.normalize("NFKD", said.casefold())
    whole = unicodedata.normalize("NFC", "".join(map(_reduced, said)))
    return [_words_of_run(run) for run in whole.split()]


def _words_of_run(run: str) -> list[str]:
    words: list[str] = []
    inside = False
    for character in run:
        alone = is_without_blanks(character)
        if inside and not alone:
            words[-1] += character
        else:
            words.append(character)
        inside = not alone
    return words


@functools.cache
def _stems_of(chunk: str) -> list[list[str]]:
    """The same words come again and again."""
    return [_analyser.analyze(" ".join(run)) for run in plain_runs(chunk)]


def stems_by_run(text: str) -> list[list[str]]:
    """The runs of a text as stems."""
    return [run for chunk in text.split() for run in _stems_of(chunk)]


def stems(text: str) -> list[str]:
    """The words of a text as stems."""
    return [word for run in stems_by_run(text) for word in run]
