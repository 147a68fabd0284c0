"""R reads each table from its address as its manual shows: read.csv(url)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.config import Config
from tests.live import Service, served
from tests.strangers.test_frames import CSVS, plain
from tests.wire import shipped_store

pytestmark = pytest.mark.strangers

SCRIPT = """
for (url in commandArgs(trailingOnly = TRUE)) {
  table <- read.csv(url)
  cat(nrow(table), names(table), sep = "\\t")
  cat("\\n")
}
"""
COMPRESSED = """
url <- commandArgs(trailingOnly = TRUE)[1]
place <- tempfile(fileext = ".csv.gz")
download.file(url, place, quiet = TRUE, mode = "wb")
cat(nrow(read.csv(place)))
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as found:
        yield found


def rscript(script: str, *words: str, place: Path) -> str:
    if not shutil.which("Rscript"):
        pytest.skip("NOT CHECKED: R, since there is no Rscript (Debian's r-base-core)")
    (place / "read.R").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["Rscript", "--vanilla", str(place / "read.R"), *words],
        text=True, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "arning" not in done.stderr, done.stderr
    return done.stdout


def test_r_reads_each_table_from_its_address(service: Service, tmp_path: Path) -> None:
    urls = [f"{service.url}/v1/{what}" for what in CSVS]
    lines = rscript(SCRIPT, *urls, place=tmp_path).splitlines()
    for what, line in zip(CSVS, lines, strict=True):
        rows, *names = line.split("\t")
        head, expected = plain(service, what)
        assert int(rows) == expected, what
        # R writes a name that is none of its own with dots (make.names).
        assert names == [name.replace(" ", ".").replace("-", ".") for name in head], what


def test_r_reads_a_compressed_table_that_it_downloaded(service: Service, tmp_path: Path) -> None:
    found = rscript(COMPRESSED, f"{service.url}/v1/claims.csv.gz", place=tmp_path)
    assert int(found) == plain(service, "claims.csv")[1]
