"""Writes ``policy_claims/aio/client.py``: the methods of ``client.py`` for ``await``.

    python generate_async.py policy_claims/client.py > policy_claims/aio/client.py

Names, arguments and results of the two clients are the same by construction. What has one answer is
awaited; a listing, a stream and a download are read by ``async for``. Examples are left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HEADER = '''\
"""The asynchronous client. Generated from client.py by generate_async.py: do not edit."""
'''
RENAMED = (
    ("policy_claims.answers", "policy_claims.aio.answers"),
    ("policy_claims.connection", "policy_claims.aio.connection"),
    ("ClaimStream", "AsyncClaimStream"),
    ("Download", "AsyncDownload"),
    ("Listing", "AsyncListing"),
    ("Connection", "AsyncConnection"),
    ("class Client", "class AsyncClient"),
)
CLASS = '''\
    """A client of one policy claims service, with httpx: the methods of ``Client`` for ``await``.

    The arguments are those of ``AsyncConnection``. Methods raise the same ``ServiceError`` as those
    of ``Client``. A client is for the tasks of one event loop.
    """
'''
EXAMPLE = re.compile(r"\n\n[^\n]*:(?=\n\n +>>>)|\n\n +>>> .*?(?=\n\n|\n +\"\"\")", re.DOTALL)
"""An example in a docstring, or the sentence that ends in a colon before one."""
AWAITED = re.compile(
    r"    def (?=\w+\([^)]*\) -> (?:Answer|pd|pl|str)\b)"
    r"|(?<=return )(?=self\._(?:fetch|frame|polars|text)\()"
)
"""Where a method begins that has one answer, and where it gets that."""


def generate(source: str) -> str:
    """The text of the module."""
    _, _, body = source.partition('"""\n')
    body = re.sub(r'(?<=\(Connection\):\n)    """.*?"""\n', CLASS, body, count=1, flags=re.DOTALL)
    for old, new in RENAMED:
        body = re.sub(rf"(?<![\w.]){re.escape(old)}\b", new, body)
    body = re.sub(r'("""[^"\n]+)\n +"""', r'\1"""', EXAMPLE.sub("", body))
    return HEADER + AWAITED.sub(_awaited, body)


def _awaited(match: re.Match[str]) -> str:
    return "    async def " if match[0] else "await "


if __name__ == "__main__":
    sys.stdout.write(generate(Path(sys.argv[1]).read_text(encoding="utf-8")))
