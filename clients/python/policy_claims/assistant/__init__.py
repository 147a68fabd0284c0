"""The command ``policy-claims-mcp``: a server of the Model Context Protocol over the client.

    policy-claims-mcp --url https://claims.example.org

It speaks on standard input and output, as programs with language models start it. It reads, and
keeps nothing. It needs the extra ``mcp``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

URL = "http://127.0.0.1:8000"
MCP_MISSING = (
    "policy-claims-mcp needs mcp and httpx, which are not installed: "
    "pip install 'policy-claims-client[mcp]'"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(
        prog="policy-claims-mcp",
        description="Tools over a policy claims service for programs with language models (MCP).",
    )
    parser.add_argument(
        "--url",
        default=os.environ.get("POLICY_CLAIMS_URL", URL),
        help=f"the service (default: POLICY_CLAIMS_URL, or {URL})",
    )
    release = version("policy-claims-client")
    parser.add_argument("--version", action="version", version=release)
    url = parser.parse_args(argv).url
    try:
        from policy_claims.aio.client import AsyncClient
        from policy_claims.assistant.server import server_of
    except ImportError:
        sys.stderr.write(f"{MCP_MISSING}\n")
        return 1
    try:
        client = AsyncClient(url)
    except ValueError as error:
        parser.error(str(error))
    server_of(client).run()
    return 0
