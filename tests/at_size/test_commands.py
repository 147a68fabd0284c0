"""Every command at 100,000 claims, as one types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.store.dataset_format import current
from service.store.tantivy.store import open_store
from tests.at_size import data
from tests.at_size.conftest import CLAIMS, ROOT, SEED, Built
from tests.at_size.server import serving

pytestmark = pytest.mark.at_size

MAX_SECONDS = 300.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fixtures, and the documents that bear them out."""
    place = tmp_path_factory.mktemp("verifiable")
    data.write_verifiable(place / "fixtures", place / "documents", CLAIMS, SEED)
    return place


def run(*arguments: str | Path, status: int = 0) -> str:
    """What a command prints."""
    ended = subprocess.run(
        [sys.executable, "-m", "service.cli", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=MAX_SECONDS,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert ended.returncode == status, ended.stderr[-2_000:]
    return ended.stdout


def first(home: Path, name: str) -> dict[str, str]:
    if name == "documents":
        record = json.loads((home / "fixtures" / "documents.json").read_bytes())[0]
    else:
        with (home / "fixtures" / "claims.ndjson").open("rb") as lines:
            record = json.loads(next(lines))
    return {key: record[key] for key in ("id",)}


def test_check(home: Path) -> None:
    assert f"{CLAIMS} claims" in run("check", "--fixtures", home / "fixtures")


def test_verify(home: Path) -> None:
    fixtures, documents = home / "fixtures", home / "documents"
    printed = run("verify", "--fixtures", fixtures, "--documents", documents)
    assert printed.count("holds") == CLAIMS // 10
    changed = next(documents.iterdir())
    text = changed.read_text(encoding="utf-8")
    try:
        changed.write_text(text.replace("Text", "Next"), encoding="utf-8")
        printed = run("verify", "--fixtures", fixtures, "--documents", documents, status=1)
        assert printed.count("has another hash") == 10
    finally:
        changed.write_text(text, encoding="utf-8")


def test_locate(home: Path) -> None:
    document = first(home, "documents")["id"]
    text = (home / "documents" / f"{document}.txt").read_text(encoding="utf-8")[:60]
    place = ("--fixtures", home / "fixtures", "--documents", home / "documents")
    assert json.loads(run("locate", document, text, *place))["end"] == 60


def test_new_id(home: Path) -> None:
    made = run("new-id", "--count", "100", "--fixtures", home / "fixtures").split()
    assert len(set(made)) == 100


def test_show(home: Path) -> None:
    identifier = first(home, "claims")["id"]
    assert identifier in run("show", identifier, "--fixtures", home / "fixtures")


def test_build_publish_and_reindex(large: Built, tmp_path: Path) -> None:
    """What is built is in ``large``; to publish it makes the same data set."""
    out = tmp_path / "out"
    place = Path(run("publish", out, "--fixtures", large.fixtures).strip())
    assert current(out) == place
    assert place.name == large.place.name
    assert run("reindex", out / "current").strip() == str(place)
    assert open_store(place, whole=True).dataset.version == place.name


def test_serve(large: Built, tmp_path: Path) -> None:
    started = time.monotonic()
    with serving(large.place, tmp_path / "log", 2) as server:
        assert server.get("/v1/claims?limit=1").status == 200
    assert time.monotonic() - started < MAX_SECONDS
