"""Writes the bill of materials of the service: CycloneDX, from a fresh environment of the lock.

    .venv/audit/bin/python .ci/sbom.py dist/policy-claims.cdx.json

It is made of what is installed and not of the lock file, since only what is installed says under
which licence it is; that both are the same, to the version, is checked. It is made anew whenever it
is wanted and not committed: a copy in the repository would be one more thing to be out of date.
"""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements" / "runtime.txt"

Versions = dict[NormalizedName, str]


def locked(file: Path) -> Versions:
    """Name and version of what a lock file means for this Python and this system."""
    lines = file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found: Versions = {}
    for line in lines:
        if line and not line.startswith((" ", "#")):
            wanted = Requirement(line.partition(" --hash")[0])
            if wanted.marker is None or wanted.marker.evaluate():
                found[canonicalize_name(wanted.name)] = str(wanted.specifier).removeprefix("==")
    return found


def fresh(place: Path, lock: Path) -> Path:
    """A new environment with what a lock file names, hashes compared; its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    python = place / "bin" / "python"
    options = ("--require-hashes", "--only-binary", ":all:", "--quiet", "--requirement", str(lock))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *options], check=True)
    return python


def described(python: Path, folder: Path) -> dict[str, Any]:
    """The bill of an environment, with the service itself as what it is the bill of."""
    about = folder / "pyproject.toml"
    about.write_text(project(), encoding="utf-8")
    tool = Path(sys.executable).parent / "cyclonedx-py"
    command = [str(tool), "environment", "--pyproject", str(about), "--output-reproducible"]
    done = subprocess.run([*command, str(python)], stdout=subprocess.PIPE, check=True)
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def project() -> str:
    """What setup.cfg says of the package, in the form that the tool reads."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    about = settings["metadata"]
    lines = [line for line in settings["options"]["install_requires"].split("\n") if line]
    wanted = [line for line in lines if not line.startswith("#")]
    keys = ("name", "version", "description", "license")
    fields = [f"{key} = {json.dumps(about[key])}" for key in keys]
    return "\n".join(["[project]", *fields, f"dependencies = {json.dumps(wanted)}", ""])


def faults(bill: dict[str, Any], expected: Versions) -> list[str]:
    """What is wrong with a bill: against the schema, against the lock, or without a licence."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))
    found = [] if error is None else [f"not CycloneDX 1.6: {error}"]
    components = {canonicalize_name(c["name"]): c["version"] for c in bill["components"]}
    found += [
        f"{name}: locked {expected.get(name)}, in the bill {components.get(name)}"
        for name in sorted(components.keys() | expected.keys())
        if components.get(name) != expected.get(name)
    ]
    unlicensed = [c["name"] for c in bill["components"] if not c.get("licenses")]
    return found + [f"{name}: no licence is known" for name in unlicensed]


def main() -> int:
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        bill = described(fresh(Path(folder, "env"), RUNTIME), Path(folder))
    wrong = faults(bill, locked(RUNTIME))
    for fault in wrong:
        print(fault)
    if wrong:
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{target}: CycloneDX 1.6, valid; {len(bill['components'])} components, as locked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
