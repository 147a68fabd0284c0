"""Writes synthetic fixtures of any size: ``python -m benchmarks.generate --claims N --out DIR``.

The same arguments give the same bytes. With ``--change PERCENT`` about that share of the claims is
one revision further, and all others are what they are without it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from benchmarks.drawing import shuffled
from benchmarks.synthetic import RETIRED_EVERY, Claims, Record, revised
from schemas.records.vocabularies import VOCABULARIES

MOST_JSON = 20_000
"""Claims up to which one JSON list may hold them all."""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Lines:
    """Records one a line: NDJSON, or the same lines as one JSON list."""

    def __init__(self, file: IO[str], as_list: bool) -> None:
        self._file, self._as_list, self.count = file, as_list, 0

    def add(self, encoded: str) -> None:
        before = ("[\n" if self.count == 0 else ",\n") if self._as_list else ""
        self._file.write(f"{before}{encoded}" if self._as_list else f"{encoded}\n")
        self.count += 1

    def close(self) -> None:
        if self._as_list:
            self._file.write("\n]\n" if self.count else "[]\n")


@contextmanager
def _lines(directory: Path, name: str, as_list: bool) -> Iterator[Lines]:
    path = directory / f"{name}.{'json' if as_list else 'ndjson'}"
    with path.open("w", encoding="utf-8") as file:
        lines = Lines(file, as_list)
        yield lines
        lines.close()


def generate(
    out: Path,
    claims: int,
    *,
    seed: int = 1,
    change: float = 0.0,
    as_json: bool = False,
    retired_every: int = RETIRED_EVERY,
) -> int:
    """Writes fixtures and returns how many claims are revised in them."""
    if as_json and claims > MOST_JSON:
        raise ValueError(f"one JSON list takes at most {MOST_JSON} claims")
    out.mkdir(parents=True, exist_ok=True)
    for name in ("claims", "changes"):  # of an earlier run in the other form
        for form in ("json", "ndjson"):
            (out / f"{name}.{form}").unlink(missing_ok=True)
    source = Claims(claims, seed, retired_every)
    around = source.around
    for name in VOCABULARIES:
        (out / f"{name}.json").write_text(
            json.dumps(getattr(around, name), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    with (
        _lines(out, "claims", as_json) as written,
        _lines(out, "changes", as_json) as changes,
        tempfile.TemporaryFile("w+", encoding="utf-8") as later,
    ):
        count = _write_claims(source, written, changes, later, change)
        # Revisions come after every creation, as they would in a record that is appended to.
        later.seek(0)
        for line in later:
            changes.add(line.rstrip("\n"))
    return count


def _write_claims(
    source: Claims, claims: Lines, changes: Lines, later: IO[str], percent: float
) -> int:
    other = random.Random(source.seed + 99)  # so that the main sequence stays
    created = source.total + source.retired
    count = 0
    for number, claim in enumerate(source):
        changes.add(_change(changes.count + 1, claim, "created"))
        if source.is_retired(number):
            after = revised(claim, "withdrawn")
            changes.add(_change(changes.count + 1, after, "withdrawn", claim))
        elif percent and shuffled(number, source.seed + 3) % 100_000 < percent * 1000:
            after = revised(claim, " ".join(other.sample(source.frequent_words(0, 400), 12)))
            count += 1
            later.write(_change(created + count, after, "revised", claim) + "\n")
            claims.add(_ENCODE(after))
        else:
            claims.add(_ENCODE(claim))
    return count


def _change(seq: int, claim: Record, change: str, previous: Record | None = None) -> str:
    entry: dict[str, Any] = {
        "seq": seq,
        "claim": claim["id"],
        "revision": claim["revision"],
        "recorded_at": claim["recorded_at"],
        "change": change,
        "reason": None if previous is None else "The passage was read again.",
        "replaced_by": None,
        "previous": previous,
    }
    return _ENCODE(entry)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("--claims", type=int, required=True, metavar="N")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--change", type=float, default=0.0, metavar="PERCENT")
    parser.add_argument("--json", action="store_true", help="claims.json instead of claims.ndjson")
    options = parser.parse_args()
    if options.claims < 1 or not 0 <= options.change <= 100:
        parser.error("at least one claim, and 0 to 100 percent")
    if options.json and options.claims > MOST_JSON:
        parser.error(f"--json takes at most {MOST_JSON} claims")
    count = generate(
        options.out,
        options.claims,
        seed=options.seed,
        change=options.change,
        as_json=options.json,
    )
    print(f"{options.claims} claims, {count} of them revised: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
