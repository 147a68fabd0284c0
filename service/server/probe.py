"""Is the server on this machine ready? Exit 0 or 1; for containers.

It asks ``/readyz`` over loopback, whatever address the server listens on, and needs neither a
shell nor curl.
"""

from __future__ import annotations

import os
import sys

import requests

#: Longer than any healthy answer; a container's own limit for the check is longer still.
SECONDS = 3.0


def ready(host: str, port: str) -> bool:
    """Whether ``/readyz`` answers 200 in time; no proxy and no redirect may answer for it."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/readyz"
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(address, timeout=SECONDS, allow_redirects=False).status_code == 200
        except requests.RequestException:
            return False


def main() -> int:
    """Ask where HOST and PORT say; a server that listens everywhere is asked on loopback."""
    host = os.environ.get("HOST") or "127.0.0.1"
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104
    return 0 if ready(everywhere.get(host, host), os.environ.get("PORT") or "8000") else 1


if __name__ == "__main__":
    sys.exit(main())
