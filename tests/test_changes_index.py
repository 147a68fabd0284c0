"""Where the lines of the changes lie: an index made once, mapped, and never of another file."""

from __future__ import annotations

import json
import mmap
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from schemas.patterns import ID_DIGITS
from schemas.records.change import RecordKey
from service.compiler import build_dataset
from service.store.change_log import (
    CHANGES_INDEX,
    ChangeLog,
)
from service.store.dataset_format import INDEX_HASHES
from service.store.files import mapped, written
from service.store.protocol import DatasetUnavailable
from service.store.tantivy.store import open_store
from tests.built import changes_index, describe
from tests.samples import sample, write

COUNT = 2_000
Spoil = Callable[[bytes, bytes], tuple[bytes, bytes]]


def line(seq: int, claim: str) -> bytes:
    text = {"seq": seq, "claim": claim, "change": "withdrawn", "note": "ü" * (seq % 7)}
    return json.dumps(text, ensure_ascii=False).encode() + b"\n"


@pytest.fixture(scope="module")
def claims() -> list[str]:
    """The claim of each change, some of them changed many times."""
    chance = random.Random(7)
    ids = ["clm_" + "".join(chance.choices(ID_DIGITS, k=8)) for _ in range(COUNT // 3)]
    return [chance.choice(ids) for _ in range(COUNT)]


@pytest.fixture(scope="module")
def lines(claims: list[str]) -> bytes:
    return b"".join(line(seq, claim) for seq, claim in enumerate(claims, 1))


def never(kind: str, ids: Sequence[str]) -> NoReturn:
    raise AssertionError(f"{ids} are asked for, though they were retired")


def seqs(log: ChangeLog, since: int, limit: int, claim: str | None = None) -> list[int]:
    key = claim and RecordKey("claim", claim)
    return [change["seq"] for change, _ in log.read(since, limit, key or None, never).states]


def test_the_index_leads_to_every_line(lines: bytes) -> None:
    log = ChangeLog(lines, changes_index(lines))
    for since in (0, 1, COUNT - 1, COUNT, COUNT * 2):
        assert seqs(log, since, 10) == list(range(since + 1, COUNT + 1))[:10]
    assert seqs(log, 0, COUNT) == list(range(1, COUNT + 1))


def test_the_index_leads_from_a_claim_to_its_changes_in_order(
    lines: bytes, claims: list[str]
) -> None:
    log = ChangeLog(lines, changes_index(lines))
    for claim in claims[:200]:
        expected = [seq for seq, each in enumerate(claims, 1) if each == claim]
        assert seqs(log, 0, COUNT, claim) == expected
        assert seqs(log, expected[0], COUNT, claim) == expected[1:]


def test_the_index_is_four_numbers_a_change(lines: bytes) -> None:
    assert len(changes_index(lines)) == 8 * (4 * COUNT + 4)


def test_no_change_at_all_is_an_index_too() -> None:
    assert seqs(ChangeLog(b"", changes_index(b"")), 0, 100) == []


def test_what_the_build_wrote_is_mapped_and_read_as_it_lies_there(
    lines: bytes, tmp_path: Path
) -> None:
    files = {"changes.ndjson": lines, CHANGES_INDEX: changes_index(lines)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    changes, index = (mapped(tmp_path / name, describe(files[name])) for name in files)
    assert isinstance(changes, mmap.mmap)
    assert seqs(ChangeLog(changes, index), COUNT - 3, 100) == [COUNT - 2, COUNT - 1, COUNT]


def test_a_data_set_without_its_index_is_not_read(tmp_path: Path) -> None:
    """One made at opening would be memory of each worker's own."""
    place = build_dataset(write(sample(), tmp_path / "fixtures"), tmp_path / "out")
    described = place / INDEX_HASHES
    hashes = json.loads(described.read_bytes())
    del hashes[CHANGES_INDEX]
    described.write_bytes(written(hashes))
    with pytest.raises(DatasetUnavailable, match=f"nothing is recorded of '{CHANGES_INDEX}'"):
        open_store(place)


SPOILT: dict[str, Spoil] = {
    "of another file": lambda index, lines: (index, lines[: lines.rindex(b"\n", 0, -1) + 1]),
    "cut short": lambda index, lines: (index[:-8], lines),
    "cut within a number": lambda index, lines: (index[:-3], lines),
    "too long": lambda index, lines: (index + bytes(8), lines),
    "no index": lambda index, lines: (bytes(len(index)), lines),
    "of another form": lambda index, lines: (b"changes1" + index[8:], lines),
    "nothing": lambda index, lines: (b"", lines),
    "of another byte order": lambda index, lines: (
        b"".join(index[n : n + 8][::-1] for n in range(0, len(index), 8)),
        lines,
    ),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_an_index_that_cannot_be_of_these_changes_is_refused(spoil: Spoil, lines: bytes) -> None:
    index, read = spoil(changes_index(lines), lines)
    with pytest.raises(ValueError, match="build it again"):
        ChangeLog(read, index)
