"""What may happen to published data sets on the disk."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from service.store.dataset_format import CURRENT
from tests.torture import damage

Damage = Callable[[Path, random.Random], None]


def lead(out: Path, name: str) -> None:
    """Makes a data set the current one without looking at it."""
    link = out / ".current-of-the-test"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(out / CURRENT)


def one_bit(place: Path, rng: random.Random) -> None:
    path = rng.choice([path for path in place.rglob("*") if path.is_file()])
    path.write_bytes(damage.one_bit(path.read_bytes() or b"\0", rng))


def cut(place: Path, rng: random.Random) -> None:
    path = rng.choice([path for path in place.rglob("*") if path.is_file()])
    path.write_bytes(path.read_bytes()[:-1])


def no_manifest(place: Path, rng: random.Random) -> None:
    (place / "manifest.json").unlink()


def a_pipe(place: Path, rng: random.Random) -> None:
    name = rng.choice(("manifest.json", "claims.ndjson", "index/files.json", "index/meta.json"))
    (place / name).unlink()
    os.mkfifo(place / name)


def gone(place: Path, rng: random.Random) -> None:
    shutil.rmtree(place)


DAMAGE = (one_bit, cut, no_manifest, a_pipe, gone)
