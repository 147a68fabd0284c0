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


def test_what_is_optional_is_named_in_one_sentence_where_it_is_missing() -> None:
    program = (
        "import sys; sys.modules |= {'httpx': None, 'mcp': None}\n"
        "import policy_claims, policy_claims.assistant as assistant\n"
        "try: policy_claims.AsyncClient\n"
        "except ImportError as error: print(error, file=sys.stderr)\n"
        "sys.exit(assistant.main(['--url', 'http://127.0.0.1:8000']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'policy-claims-client[async]'" in done.stderr
    assert done.stderr.endswith("pip install 'policy-claims-client[mcp]'\n")
