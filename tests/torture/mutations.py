"""Attempts changed at random: bytes, pieces, ends, and how they are cut into segments."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.torture.attempts import CHUNKED, END, HIDDEN, LAST, MARK, Attempt, chunk, head, length

LONGEST = 12_000
"""Bytes of an attempt that is worth changing; what is longer is about limits."""

_PIECES = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b" ", b"\t", b":", b",", b";", b"0", b"f", b"-1",
    b"Content-Length: 3\r\n", CHUNKED + b"\r\n", b"Host: a\r\n", b"Connection: close\r\n",
    b"Expect: 100-continue\r\n", b" HTTP/1.0", MARK, END, HIDDEN, LAST, chunk(HIDDEN),
)  # fmt: skip

_VALID = (
    head() * 3 + LAST,
    head(length(HIDDEN)) + HIDDEN + head(CHUNKED) + chunk(HIDDEN) + END + LAST,
    head(line=b"HEAD /v1/topics HTTP/1.1") + head(line=b"GET /v1/counts?by=topic HTTP/1.1") + LAST,
    head(line=b"OPTIONS /v1/claims HTTP/1.1") + head(line=b"GET /v1/claims?limit=1 HTTP/1.1"),
    head(line=b"GET http://localhost/v1/agents?limit=1 HTTP/1.1") + head(CHUNKED) + END + LAST,
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """Its number and what it was made of, the bytes, and where they are cut."""

    name: str
    pieces: tuple[bytes, ...]
    pause: float

    @property
    def sent(self) -> bytes:
        return b"".join(self.pieces)


def mutations(corpus: Sequence[Attempt], rng: random.Random, numbers: range) -> Iterator[Mutation]:
    # A request id is repeated by contract where it is well-formed, so it stays out.
    sources = [a.sent for a in corpus if len(a.sent) < LONGEST and b"X-Request-ID" not in a.sent]
    for number in numbers:
        sent = rng.choice(sources if rng.random() < 0.7 else _VALID)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            sent = rng.choice(_CHANGES)(sent, rng, sources)
        pause = 0.001 if rng.random() < 0.1 else 0.0
        yield Mutation(f"mutation {number}", tuple(_segments(sent, rng)), pause)


Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def _places(sent: bytes, rng: random.Random) -> tuple[int, int]:
    first, second = sorted(rng.choices(range(len(sent) + 1), k=2))
    return first, second


def _flipped(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    if not sent:
        return sent
    place = rng.randrange(len(sent))
    return sent[:place] + bytes([sent[place] ^ (1 << rng.randrange(8))]) + sent[place + 1 :]


def _inserted(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    place, _end = _places(sent, rng)
    return sent[:place] + rng.choice(_PIECES) + sent[place:]


def _inserted_at_a_line(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    lines = sent.split(b"\r\n")
    place = rng.randrange(len(lines))
    lines[place] = rng.choice(_PIECES) + lines[place]
    return b"\r\n".join(lines)


def _cut_out(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    first, second = _places(sent, rng)
    return sent[:first] + sent[min(second, first + 20) :]


def _doubled(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    first, second = _places(sent, rng)
    return sent[:second] + sent[first:]


def _line_doubled(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    lines = sent.split(b"\r\n")
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"\r\n".join(lines)


def _truncated(sent: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    return sent[: rng.randrange(len(sent) + 1)]


def _spliced(sent: bytes, rng: random.Random, sources: Sequence[bytes]) -> bytes:
    other = rng.choice(sources)
    return sent[: rng.randrange(len(sent) + 1)] + other[rng.randrange(len(other) + 1) :]


_CHANGES: tuple[Change, ...] = (
    _flipped, _flipped, _inserted, _inserted_at_a_line, _cut_out, _doubled, _line_doubled,
    _truncated, _spliced,
)  # fmt: skip


def _segments(sent: bytes, rng: random.Random) -> Iterator[bytes]:
    """The bytes in up to six pieces, one of them often very short."""
    places = sorted(rng.choices(range(len(sent) + 1), k=rng.randrange(6)))
    for first, second in zip([0, *places], [*places, len(sent)], strict=True):
        if second > first:
            yield sent[first:second]
