"""Run the examples that need more than Python: clients generated from openapi.yaml, and a shell.

Each works in a copy of the project's files, so that nothing generated is left behind, talks to a
live server, and has its output compared with what the service says itself. Exit 0 when all hold.

Needs npm and Node.js 20, curl and jq; what of the last two is missing is installed with apt-get
where root asks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from live_contract import live_server

from policy_claims import Client

ROOT = Path(__file__).resolve().parent.parent
YEARS = ("2023", "2024")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command prints; one that fails ends everything."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env={**os.environ, **environment}, text=True, check=False,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"FAILED: {' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def with_packages(*names: str) -> None:
    """Debian's packages of these programs, where one is missing and root may install it."""
    missing = [name for name in names if not shutil.which(name)]
    if not missing:
        return
    if os.geteuid() or not shutil.which("apt-get"):
        sys.exit(f"missing, and not to be installed here: {', '.join(missing)}")
    run("apt-get", "update", "-qq", cwd=ROOT)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, cwd=ROOT)


def objects(lines: str) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects: npm says a word of its own before them."""
    return (json.loads(line) for line in lines.splitlines() if line.startswith("{"))


def expected_goals(url: str, year: str) -> list[str]:
    """The ids that a generated client must find, as our own client finds them."""
    kinds = ["goal", "directive"]
    with Client(url) as client:
        found = client.claims(goals_only=True, distinct=True, horizon=year, kind=kinds)
        return [claim["id"] for claim in found]


def compare(name: str, url: str, ask: Callable[[str], str], refused: str) -> None:
    """Whether a generated client finds the same goals, and reads a refusal."""
    for year in YEARS:
        rows = list(objects(ask(year)))
        found = [row["id"] for row in rows if "id" in row]
        expected = expected_goals(url, year)
        print(f"{name}: {year}: {len(found)} goals")
        if found != expected or not expected:
            sys.exit(f"WRONG: {name} found {found} for {year}, not {expected}")
        if [row["refused"] for row in rows if "refused" in row] != [refused]:
            sys.exit(f"WRONG: {name} read no refusal of {refused}")


def typescript(url: str, place: Path) -> None:
    """openapi-typescript and openapi-fetch, compiled with every strict option."""
    home = place / "examples" / "typescript"
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)
    for script in ("generate", "build"):
        run("npm", "run", "--silent", script, cwd=home)
    compare("TypeScript", url, lambda year: run("node", "built/main.js", url, year, cwd=home), "by")
    with Client(url) as client:
        expected = [change["subject"]["id"] for change in client.changes()]
    for number in (expected, []):
        printed = run("node", "built/changes.js", url, place / "followed.txt", cwd=home)
        if [line.split()[-1] for line in printed.splitlines()] != number:
            sys.exit(f"WRONG: TypeScript follows changes otherwise:\n{printed}")


def generated_python(url: str, place: Path) -> None:
    """openapi-python-client, in an environment of its own; a warning of the generator fails."""
    environment, home = place / "venv", place / "examples" / "python-generated"
    run(sys.executable, "-m", "venv", environment, cwd=place)
    run(
        environment / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet",
        "install", "--require-hashes", "-r", home / "requirements.txt", cwd=place,
    )  # fmt: skip
    run(
        environment / "bin" / "openapi-python-client", "generate", "--meta", "none",
        "--path", place / "openapi.yaml", "--config", home / "config.yaml",
        "--output-path", place / "generated_claims", "--fail-on-warning", cwd=place,
    )  # fmt: skip
    python = environment / "bin" / "python"

    def ask(year: str) -> str:
        return run(python, home / "goals.py", url, year, cwd=place, PYTHONPATH=str(place))

    compare("generated Python", url, ask, "horizon")


def shell(url: str, place: Path) -> None:
    """The script that needs nothing but curl and jq."""
    with_packages("curl", "jq")
    print(run("bash", place / "examples" / "curl_jq.sh", url, cwd=place))


def pandas(url: str, place: Path) -> None:
    """With warnings as errors: what pandas deprecates shows here first."""
    script = place / "examples" / "pandas_tables.py"
    print(run(sys.executable, "-W", "error", script, url, cwd=place))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copy(ROOT / "openapi.yaml", place)
        without = shutil.ignore_patterns("node_modules", "built", "contract.ts")
        shutil.copytree(ROOT / "examples", place / "examples", ignore=without)
        with live_server(place / "server.log") as port:
            for example in (shell, pandas, typescript, generated_python):
                begun = time.monotonic()
                example(f"http://127.0.0.1:{port}", place)
                print(f"ok: {example.__name__} ({time.monotonic() - begun:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
