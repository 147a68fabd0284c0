"""Writes what an environment consists of, as CycloneDX 1.6 (cyclonedx.org), for the image.

    /opt/policy-claims/bin/python deploy/bill_of_materials.py FILE

The Dockerfile runs it with the interpreter of the environment that it keeps. It needs nothing but
that, so that what describes the image adds nothing to it; .ci/sbom.py holds the same list to the
lock files and the schema.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

SUBJECT = "policy-claims"
LONGEST_LICENCE = 100
"""Characters of a licence that is a name; some packages put the whole text there."""


def normalized(name: str) -> str:
    """A name as package URLs have it (PEP 503)."""
    return re.sub("[-_.]+", "-", name).lower()


def licences(distribution: Distribution) -> list[dict[str, Any]]:
    """Under which licence it says that it is."""
    about = distribution.metadata
    if expression := about.get("License-Expression"):
        return [{"expression": expression}]
    told = about.get("License", "").strip()
    if not told or len(told) > LONGEST_LICENCE or "\n" in told:
        classifiers = about.get_all("Classifier") or []
        names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License")]
        return [{"license": {"name": name}} for name in names]
    return [{"license": {"name": told}}]


def component(distribution: Distribution) -> dict[str, Any]:
    """One package of the environment."""
    name = normalized(distribution.metadata["Name"])
    address = f"pkg:pypi/{name}@{distribution.version}"
    kind = "application" if name == SUBJECT else "library"
    found = {"type": kind, "bom-ref": address, "name": name, "version": distribution.version}
    return {**found, "licenses": licences(distribution), "purl": address}


def bill() -> dict[str, Any]:
    """Everything that is installed, by name; the service itself is what it is the bill of."""
    found = {each["name"]: each for each in map(component, distributions())}
    subject = found.pop(SUBJECT)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": subject},
        "components": [found[name] for name in sorted(found)],
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(bill(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
