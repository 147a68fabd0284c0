"""Readiness probe for containers, which needs neither a shell nor curl.

``python -m service.server.probe`` asks ``/readyz`` over loopback and exits with 0 or 1.
"""

import sys

import requests

from service.config import ServerConfig

#: Longer than any healthy answer; a container's own limit for the check is longer still.
SECONDS = 3.0

#: A server that listens on every address is asked on loopback.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104


def main() -> int:
    """Ask where HOST and PORT say; no proxy and no redirect may answer instead."""
    settings = ServerConfig.from_env()
    url = ServerConfig(LOOPBACK.get(settings.host, settings.host), settings.port).url
    with requests.Session() as session:
        session.trust_env = False
        try:
            reply = session.get(f"{url}/readyz", timeout=SECONDS, allow_redirects=False)
        except requests.RequestException:
            return 1
    return 0 if reply.status_code == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
