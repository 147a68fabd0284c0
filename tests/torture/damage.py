"""Ways in which a file can be wrong: its bytes, what kind of file it is, what it says."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.test_absent_keys import SCHEMAS, optional

Bytes = Callable[[bytes, random.Random], bytes]
Put = Callable[[Path], None]

DEEP = 100_000


def one_bit(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _nul_block(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    end = min(start + 512, len(content))
    if not any(content[start:end]):
        start, end = 0, len(content)
    return content[:start] + bytes(end - start) + content[end:]


def _random(content: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(len(content))


def _in_first_object(content: bytes, addition: bytes) -> bytes:
    """A member more in the first object; at the front where there is none."""
    before, brace, after = content.partition(b"{")
    return before + brace + addition + after if brace else addition + content


ANY: dict[str, Bytes] = {
    "empty": lambda content, rng: b"",
    "cut": _cut,
    "the last byte missing": lambda content, rng: content[:-1],
    "one bit flipped": one_bit,
    "a NUL block": _nul_block,
    "random": _random,
    "gzip": lambda content, rng: gzip.compress(content),
    "trailing bytes": lambda content, rng: content + b"]",
    "twice": lambda content, rng: content + content,
    "UTF-16": lambda content, rng: content.decode("latin-1").encode("utf-16"),
    "a byte order mark": lambda content, rng: b"\xef\xbb\xbf" + content,
    "bad UTF-8": lambda content, rng: _in_first_object(content, b'"\xff":1,'),
    "a lone surrogate": lambda content, rng: _in_first_object(content, b'"n":"\\ud800",'),
    "a duplicate key": lambda content, rng: _in_first_object(content, b'"id":"x","id":"x",'),
    "NaN": lambda content, rng: _in_first_object(content, b'"n":NaN,'),
    "a 5,000-digit integer": lambda content, rng: _in_first_object(
        content, b'"n":' + b"9" * 5_000 + b","
    ),
    "100,000-deep nesting": lambda content, rng: b"[" * DEEP + b"]" * DEEP,
    "the wrong type at the top": lambda content, rng: b'"nothing"',
}
"""Whatever a file holds, afterwards it holds something else."""


def _missing(path: Path) -> None:
    path.unlink()


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _socket(path: Path) -> None:
    path.unlink()
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _lost_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _too_large(path: Path) -> None:
    os.truncate(path, 5 << 30)  # a hole: it takes no place on the disk


KINDS: dict[str, Put] = {
    "missing": _missing,
    "a directory": _directory,
    "a FIFO": _pipe,
    "a socket": _socket,
    "a symlink loop": _loop,
    "a link to nowhere": _lost_link,
    "a device": _device,
    "too large": _too_large,
}
"""What stands in the place of a file."""


def spoilt_records(data: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every member of every first record, missing, mistyped, and with an unknown one beside it.

    Yields what was done, the file, the JSON pointer and the data.
    """
    for name, listed in data.items():
        steps = [*_members(listed[0], (name, 0))]
        for path in steps:
            where = "/" + "/".join(map(str, path[1:]))
            for what in ("missing", "mistyped", "unknown"):
                changed = json.loads(json.dumps(data))
                target = changed
                for step in path[:-1]:
                    target = target[step]
                if what == "missing":
                    del target[path[-1]]
                elif what == "mistyped":
                    target[path[-1]] = True if type(target[path[-1]]) in (int, float) else 1.5
                else:
                    target["unknown"] = 1
                    where = "/" + "/".join(map(str, (*path[1:-1], "unknown")))
                if what != "missing" or not _may_be_absent(name, path[2:]):
                    yield what, name, where, changed


def _may_be_absent(name: str, path: tuple[Any, ...]) -> bool:
    steps = tuple("*" if isinstance(step, int) else step for step in path)
    return steps in {known for known, _ in optional(SCHEMAS[name]())}


def _members(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The paths of all members of all objects in a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from _members(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from _members(value[0], (*path, 0))
