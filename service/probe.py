"""Is the server on this machine ready? Exit 0 or 1: ``python -m service.probe``, for containers.

It asks ``/readyz`` over loopback, whatever address the server listens on, and needs neither a
shell nor curl.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

#: Longer than any healthy answer; a container's own limit for the check is longer still.
SECONDS = 3.0


def ready(host: str, port: int) -> bool:
    """Whether ``/readyz`` answers 200 in time."""
    connection = HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Connection": "close"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Ask where HOST and PORT say; a server that listens everywhere is asked on loopback."""
    host = os.environ.get("HOST", "127.0.0.1")
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
    return 0 if ready(everywhere.get(host, host), int(os.environ.get("PORT", "8000"))) else 1


if __name__ == "__main__":
    sys.exit(main())
