"""Writes ``docs/reliability.md`` from what the tests of this folder told: promise, test, figure."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from tests.torture.promises import AREAS, FIGURES, ROOT

Told = Mapping[str, str]

PAGE = ROOT / "docs" / "reliability.md"

HEAD = """\
# Reliability

What the service promises, and what the test saw that holds it to it. The tables are written by
`make torture`, from runs on one machine; nobody typed a figure. CI runs a shorter form of every
test (`make torture-short`). To run one again, use the command under it, which tells its figure
in the terminal; what is drawn at random is drawn from `TORTURE_SEED` ({seed}).

Each test was also seen to fail: on a variant of the service that was broken on purpose, as its
last column says.

Machine: {machine}.
"""


def main() -> int:
    told = [json.loads(path.read_bytes()) for path in sorted(FIGURES.glob("*.json"))]
    short = [figure["test"] for figure in told if not figure["full"]]
    if short or not told:
        print("These were not run at full length: " + (", ".join(short) or "all"), file=sys.stderr)
        return 1
    PAGE.write_text("\n".join(page(told)) + "\n", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(told)} promises")
    return 0


def page(told: Iterable[Told]) -> Iterable[str]:
    """The lines of the page: a table for each area."""
    told = list(told)
    yield HEAD.format(seed=told[0]["seed"], machine=machine())
    for area in AREAS:
        yield f"## {area}\n"
        yield "| promise | figure, and how to see it again | seen to fail on |"
        yield "|---|---|---|"
        for figure in told:
            if figure["area"] == area:
                seen = f"{figure['figure'].removesuffix('.')}.<br>{command(figure)}"
                cells = (figure["promise"], seen, figure["broken"].removesuffix(".") + ".")
                yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""


def command(figure: Told) -> str:
    name = figure["test"].rpartition("::")[2]
    return f'`make torture PYTEST_ARGS="-k {name}"`'


def machine() -> str:
    """What the figures depend on."""
    libraries = (f"{name} {version(name)}" for name in ("gunicorn", "Flask", "tantivy"))
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join((f"{os.cpu_count()} cores", system, python, *libraries))


if __name__ == "__main__":
    sys.exit(main())
