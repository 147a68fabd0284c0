"""The distribution: what it imports."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_client_loads_neither_the_service_nor_what_is_optional() -> None:
    program = "import policy_claims, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert not names & {"service", "schemas", "flask", "gunicorn", "marshmallow", "tantivy"}
    assert not names & {"httpx", "mcp", "numpy", "pandas", "polars", "requests_cache", "yaml"}
