"""Does the installed package work where no checkout is? Data, contract and pages are asked for.

Run with the interpreter of an environment into which the package was installed, from another
folder and isolated (``python -I``), so that the checkout cannot help.
"""

from __future__ import annotations

import sys
from pathlib import Path

import service
from service.app import create_app

#: A path and something that only a whole package can answer with.
ASKED = {
    "/readyz": b'"ready"',
    "/v1/claims?limit=1": b'"next_cursor"',
    "/v1/claims.csv": b"statement",
    "/v1/dataset": b'"CC-BY-4.0"',
    "/openapi.yaml": b"openapi: 3.1",
    "/openapi.json": b'"openapi"',
    "/docs": b"<html",
    "/codebook": b"<html",
    "/problems/not-found": b"<html",
    "/": b"<html",
}


def main() -> int:
    """Ask for each, say what came, and fail if anything is missing."""
    place = Path(service.__file__).parent
    print(f"installed in {place.parent.name}")
    if place.parent.name != "site-packages":
        print("that is a checkout, not an installed package")
        return 1
    client = create_app().test_client()
    wrong = 0
    for path, part in ASKED.items():
        answer = client.get(path)
        good = answer.status_code == 200 and part in answer.data
        wrong += not good
        verdict = "ok" if good else "WRONG"
        print(f"{verdict}: {path} {answer.status_code}, {len(answer.data)} bytes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
