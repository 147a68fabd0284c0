"""What was compared with the documents before a data set was published, and when, is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service import cli
from service.config import Config
from service.store.dataset_format import current
from tests.conftest import serving
from tests.samples import Data, write
from tests.test_cli import documents, honest

__all__ = ["documents"]

pytestmark = pytest.mark.slow


def told(directory: Path) -> Any:
    place = current(directory)
    assert place is not None
    client = serving(Config(dataset=place, access_log=False)).test_client()
    return client.get("/v1/dataset").get_json()["data"]["verified"]


def publish(data: Data, out: Path, *options: str) -> int:
    fixtures = write(data, out.parent / f"fixtures-of-{out.name}")
    return cli.main(["publish", str(out), "--fixtures", str(fixtures), *options])


def test_a_data_set_tells_when_and_with_how_much_it_was_compared(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = honest(), tmp_path / "out"
    assert publish(data, out) == 0
    assert told(out) is None
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert publish(data, out, "--documents", str(documents)) == 0
    assert told(out) == {
        "at": "2026-01-01T00:00:00Z",
        "documents": len(data["documents"]),
        "spans": sum(len(claim["evidence"]) for claim in data["claims"]),
        "quotes": sum(len(claim["quotes"]) for claim in data["claims"]),
    }
    assert cli.main(["reindex", str(current(out))]) == 0
    assert told(out)["at"] == "2026-01-01T00:00:00Z", "the same content, indexed anew"


def test_what_does_not_hold_is_not_published(
    tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = honest()
    data["claims"][0]["evidence"][0]["sha256"] = "0" * 64
    assert publish(data, tmp_path / "out", "--documents", str(documents)) == 1
    assert not (tmp_path / "out").exists()
    assert "nothing was built" in capsys.readouterr().err
