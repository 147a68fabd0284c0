"""Valid fixture files, spoiled: byte by byte, or value by value with the form kept."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import unquote

from tests.samples import Data
from tests.torture.hostile_text import TEXTS

Files = dict[str, bytes]
"""Contents by file name."""

BY_LINE = ("claims", "changes")


def written(data: Data, by_line: Sequence[str]) -> Files:
    """The files of a set of fixtures; those named come a record a line."""
    return {
        f"{name}.{'ndjson' if name in by_line else 'json'}": _file(records, name in by_line)
        for name, records in data.items()
        if name.isidentifier()  # a mutation may have renamed a whole file
    }


def _file(records: Any, lines: bool) -> bytes:
    if lines and isinstance(records, list):
        return b"".join(json.dumps(record).encode() + b"\n" for record in records)
    return json.dumps(records).encode()


# --- byte by byte -------------------------------------------------------------------------------

_WEDGES = (
    *(
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xf4\x90\x80\x80",
        b"\xc0\xaf",
    ),
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"0x1", b"01", b"9" * 5000, b"1" * 16),
    *(b'"\\ud800"', b'"\\u0000"', b'"\\x"', b'"\n"', b"'", b'"', b"\\", b"/*x*/", b"//x\n", b"#"),
    *(b"[" * 100_000, b'{"a":' * 50_000, b"[[", b"]]", b"{}", b"[]", b",,", b":", b"null", b"true"),
    *(
        b'"id":"clm_0000000a",',
        b'"kind":"goal",',
        b'"independent_origins":1,',
        b"\n",
        b"\r",
        b"\n\n",
    ),
    *(b"\xe2\x80\xa8", b"\xe2\x80\xae", b" " * 1000, b"\t", b"a" * 10_000, b"\x1a", b"\x85"),
)


def _place(rng: Random, content: bytes) -> int:
    return rng.randrange(len(content) + 1)


def _flip(rng: Random, content: bytes) -> bytes:
    place = min(_place(rng, content), len(content) - 1)
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def _wedge(rng: Random, content: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + rng.choice(_WEDGES) + content[start + rng.choice((0, 0, 1, 5)) :]


def _cut(rng: Random, content: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + content[start + int(rng.expovariate(0.02)) + 1 :]


def _end(rng: Random, content: bytes) -> bytes:
    return content[: _place(rng, content)]


def _repeat(rng: Random, content: bytes) -> bytes:
    start, end = sorted((_place(rng, content), _place(rng, content)))
    return content[:end] + content[start:end] * rng.choice((1, 1, 2, 30)) + content[end:]


def _blank(rng: Random, content: bytes) -> bytes:
    start = _place(rng, content)
    size = rng.choice((1, 16, 512))
    return content[:start] + bytes(size) + content[start + size :]


def _noise(rng: Random, content: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + rng.randbytes(rng.choice((1, 8, 300))) + content[start:]


def _recode(rng: Random, content: bytes) -> bytes:
    text = content.decode()
    forms: tuple[Callable[[], bytes], ...] = (
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-8-sig"),
        lambda: gzip.compress(content, 1, mtime=0),
        lambda: b"",
        lambda: rng.randbytes(300),
        lambda: text.replace("\n", "\r\n").encode(),
        lambda: content + content,
        lambda: content.strip(b"[]\n"),
        lambda: text.replace(":", ": ").encode("utf-32"),
        lambda: content + rng.choice(_WEDGES),
    )
    return rng.choice(forms)()


_BYTES = (_flip, _flip, _wedge, _wedge, _wedge, _cut, _end, _repeat, _blank, _noise, _recode)


# --- value by value -----------------------------------------------------------------------------

_DEEP = json.loads("[" * 400 + "]" * 400)
_WIDE = {f"key{number}": number for number in range(500)}
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 6, 7, 10**14, 10**40, 0.5, -0.0, 1e300, "", " ", "a", [], {}),
    *(
        [None],
        {"": ""},
        [[]],
        {"id": None},
        "2023",
        "2023-02-30",
        "2023?",
        "../..",
        "20XX",
        "x" * 9999,
    ),
    *(
        "\ud800",
        "\x00",
        "\u202e",
        "\ufeff",
        "a\nb",
        "\u2028",
        "null",
        "0000-00-00",
        "9999-12-31/..",
    ),
    *(
        "clm_0000000a",
        "clm_0000000b",
        "doc_0000000a",
        "ministry",
        "economy",
        "assembly-2021",
        _DEEP,
    ),
    *(
        "created",
        "revised",
        "withdrawn",
        "superseded",
        "restates",
        "goal",
        "direct",
        "withheld",
        _WIDE,
    ),
    *(
        [1] * 3000,
        ["a", "a"],
        "é" * 2000,
        "A" * 64,
        "http://" + "a" * 3000,
        "doc_0000000b",
        "/~0~1",
    ),
)


_REACH = 20
"""Levels down to which a value is changed: one deep value in another is no value any more that
this program itself could copy.
"""


def _spots(node: Any, levels: int = _REACH) -> Iterator[tuple[Any, Any]]:
    """Every place in a value: what holds it, and under which key."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys if levels else ():
        yield node, key
        yield from _spots(node[key], levels - 1)


def _revalued(rng: Random, data: Data) -> Data:
    """Fixtures in which some values are others, are elsewhere, are there twice or not at all."""
    spoiled = copy.deepcopy(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        spots = [*_spots(spoiled)]
        (holder, key), (other, other_key) = rng.choice(spots), rng.choice(spots)
        chance = rng.random()
        if chance < 0.45:
            holder[key] = copy.deepcopy(rng.choice((*_VALUES, rng.choice(TEXTS))))
        elif chance < 0.65:
            holder[key] = copy.deepcopy(other[other_key])  # a reference, a day, a whole record
        elif chance < 0.75:
            holder[key], other[other_key] = (
                copy.deepcopy(other[other_key]),
                copy.deepcopy(holder[key]),
            )
        elif chance < 0.87:
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(rng.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
            rng.shuffle(holder)
        else:
            name = rng.choice((*holder, "idd", "claim_count", "", "\ud800", "a/b~c"))
            holder[name] = copy.deepcopy(rng.choice(_VALUES))
    return spoiled


def _retold(rng: Random, data: Data) -> Data:
    """Fixtures in which some texts say something else, in whatever language and characters."""
    spoiled = copy.deepcopy(data)
    texts = [(holder, key) for holder, key in _spots(spoiled) if " " in str(holder[key])]
    for holder, key in rng.sample(texts, rng.choice((1, 2, 5))):
        if isinstance(holder[key], str):
            holder[key] = unquote(rng.choice(TEXTS), "latin-1" if rng.random() < 0.1 else "utf-8")
    return spoiled


def mutated(rng: Random, data: Data) -> tuple[str, Files]:
    """A set of fixture files with something wrong in it, most of the time; and what was done."""
    by_line = rng.choice(((), BY_LINE, ("claims",), ("changes",)))
    chance = rng.random()
    if chance < 0.15:
        return "texts", written(_retold(rng, data), by_line)
    if chance < 0.5:
        return "values", written(_revalued(rng, data), by_line)
    files = written(data, by_line)
    name = rng.choice([*files])
    if chance < 0.52:
        del files[name]
        return f"no {name}", files
    done: list[str] = []
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        change = rng.choice(_BYTES)
        if files[name] and (change is not _recode or not done):
            files[name] = change(rng, files[name])
            done.append(change.__name__)
    return f"{name}: {', '.join(done)}", files
