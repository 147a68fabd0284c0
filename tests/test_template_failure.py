"""Where the pages themselves fail, the error is still answered: as a problem document."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASK = """
import json, sys, time
from pathlib import Path
from service.app import create_app
from service.config import Config
client = create_app(Config(dataset=Path("absent"), access_log=False)).test_client()
late = {"X-Request-Start": f"t={time.time() - 5:.3f}"}
replies = [client.get("/goals"), client.get("/claims/x"), client.get("/", headers=late)]
print(json.dumps([[r.status_code, r.content_type, r.get_json()] for r in replies]))
"""


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Three answers of a service none of whose templates can be rendered."""
    place = tmp_path_factory.mktemp("broken")
    for package in ("schemas", "service"):
        shutil.copytree(ROOT / package, place / package)
    for template in (place / "service" / "explorer" / "templates").iterdir():
        template.write_text("{{ 1 / 0 }}")
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True)
    answers: list[Any] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize(
    ("number", "status", "slug"),
    [(0, 503, "dataset-unavailable"), (1, 503, "dataset-unavailable"), (2, 503, "overloaded")],
)
def test_a_page_that_cannot_tell_of_an_error_is_a_problem_document(
    replies: list[Any], number: int, status: int, slug: str
) -> None:
    found, media_type, problem = replies[number]
    assert (found, media_type) == (status, "application/problem+json")
    assert problem["type"] == f"/problems/{slug}"
