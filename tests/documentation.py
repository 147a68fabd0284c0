"""The pages of documentation, for the tests of what they show and of what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SERVER = "http://127.0.0.1:8000"
README = "README.md"
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        *(ROOT / name for name in (README, "SECURITY.md", "CHANGELOG.md", "examples/README.md")),
        *sorted((ROOT / "docs").glob("*.md")),
    )
}


class Block(NamedTuple):
    """A fenced block; ``label`` is what stands behind the fence."""

    page: str
    label: str
    text: str


BLOCKS = [
    Block(page, *found)
    for page, text in PAGES.items()
    for found in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
]
OUTSIDE_BLOCKS = {
    page: re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for page, text in PAGES.items()
}
"""What a page says outside its blocks."""


def blocks(label: str) -> list[Block]:
    return [block for block in BLOCKS if block.label == label]
