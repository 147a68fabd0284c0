"""Claims that a page could be broken with: markup, words without an end, writing from the right."""

from __future__ import annotations

from pathlib import Path

from tests import samples

MARKUP = "<script>document.title = 'broken'</script><img src=x onerror=alert(1)>\"'&amp;{{ 7*7 }}"
ENDLESS = "Donaudampfschifffahrt" * 30
FROM_THE_RIGHT = "أعلنت الوزارة عن خطة الحصاد لعام 2023، ثم قالت “مليون شجرة”."
EAST = "조선로동당 중앙위원회 제8기 제9차전원회의"

_CLAIM = "/claims/{}/{}"


def data() -> samples.Data:
    """The small sample, every text that a page shows replaced by one that is hard to show."""
    made: samples.Data = samples.edited(
        samples.sample(),
        (_CLAIM.format(0, "statement"), MARKUP),
        (_CLAIM.format(1, "statement"), FROM_THE_RIGHT),
        (_CLAIM.format(2, "statement"), ENDLESS),
        (_CLAIM.format(3, "statement"), EAST),
        (_CLAIM.format(0, "confidence/content/rationale"), MARKUP[:400]),
        (_CLAIM.format(0, "goal/details"), MARKUP),
        (_CLAIM.format(2, "hedges"), [MARKUP[:190], FROM_THE_RIGHT[:190]]),
        (_CLAIM.format(1, "relations/0/rationale"), MARKUP),
        ("/agents/0/name", MARKUP),
        ("/agents/1/name", FROM_THE_RIGHT),
        ("/agents/2/name", ENDLESS[:400]),
        ("/topics/0/label", MARKUP),
        ("/topics/1/label", ENDLESS[:190]),
        ("/topics/2/label", FROM_THE_RIGHT),
        ("/documents/0/title", MARKUP),
        ("/documents/1/title", ENDLESS[:400]),
        ("/occasions/0/name", MARKUP),
        ("/occasions/1/name", FROM_THE_RIGHT),
        ("/changes/8/reason", MARKUP),
    )
    return made


def write(directory: Path) -> Path:
    return samples.write(data(), directory)
