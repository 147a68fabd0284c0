"""Holds the code to the rules of .ci/semgrep, after seeing that they find what they are to find.

Three things: each rule finds the lines that break it and no others (semgrep's own ``--test``); each
finds them in the places it names, for a rule with a mistyped path, or a folder that is passed over,
would find nothing and look clean; and the project breaks none. Nothing is fetched for it, and
nothing told: semgrep's metrics and its question for a newer version are off.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / ".ci" / "semgrep"
OFFLINE = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"}

#: Where the lines that break the rules are planted; between them, every rule applies somewhere.
PLANTED = {
    "code.py": ("service/http/routes/planted.py", "service/compiler/planted.py"),
    "pages.html": ("service/explorer/templates/planted.html",),
}


def semgrep(*arguments: str, cwd: Path = ROOT, capture: bool = False) -> str:
    """What semgrep prints. Raises ``CalledProcessError`` when it fails or, asked to, finds some."""
    command = [str(Path(sys.executable).parent / "semgrep"), *arguments]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **OFFLINE},
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


def scan(place: Path) -> dict[str, Any]:
    """The findings in a folder and what was looked at."""
    found = semgrep(
        *("scan", "--config", str(RULES), "--json", "--quiet", "--strict", "."),
        cwd=place,
        capture=True,
    )
    report: dict[str, Any] = json.loads(found)
    return report


def rules() -> set[str]:
    """Their ids, as they stand in the files."""
    lines = (line for file in RULES.glob("*.yaml") for line in file.read_text().splitlines())
    return {line.removeprefix("  - id: ") for line in lines if line.startswith("  - id: ")}


def rules_that_find_nothing() -> set[str]:
    """Those that do not find what breaks them where the service's code lies."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / ".semgrepignore", folder)
        for source, places in PLANTED.items():
            for place in places:
                target = Path(folder, place)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(RULES / source, target)
        found = scan(Path(folder))["results"]
    return rules() - {result["check_id"].rpartition(".")[2] for result in found}


def main() -> int:
    semgrep("--test", str(RULES))
    blind = rules_that_find_nothing()
    if blind:
        print(f"These rules find nothing where they apply: {', '.join(sorted(blind))}")
        return 1
    report = scan(ROOT)
    for result in report["results"]:
        place = f"{result['path']}:{result['start']['line']}"
        print(f"{place}: {result['check_id'].rpartition('.')[2]}: {result['extra']['message']}")
    looked_at = [path for path in report["paths"]["scanned"] if path.startswith("service/")]
    print(
        f"{len(rules())} rules, {len(looked_at)} files of the service, "
        f"{len(report['results'])} findings"
    )
    return 1 if report["results"] or not looked_at else 0


if __name__ == "__main__":
    sys.exit(main())
