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
`make torture` or, of its shorter form that CI runs, by `make torture-short reliability`, from runs
on one machine; nobody typed a figure. To run one again, use the command under it, which tells its
figure in the terminal; what is drawn at random is drawn from `TORTURE_SEED` ({seed}).

Each test was also seen to fail: on a variant of the service that was broken on purpose, as its
last column says.

Machine: {machine}.
"""

GIVEN_UP = {
    "gunicorn alone answers again within 5 s after 400 slow clients of any kind.": (
        "Nobody reaches gunicorn alone: it refuses a public address. nginx holds slow clients, "
        "which the promise behind nginx proves. A worker of our own that did it rested on "
        "private names of gunicorn and could be stopped from outside in other ways."
    ),
    "gunicorn alone executes requests exactly as RFC 9112 reads them, or refuses them.": (
        "nginx is the only reader of what clients send, and is laxer (line feeds as ends of "
        "lines, ill-formed hosts and fields). It passes on neither body nor fields, so a reader"
        " behind it cannot read anything else; that is what is proved."
    ),
    "A refusal always ends its connection, and nothing behind it is executed.": (
        "nginx decides where the next request begins; a few requests that it takes (a method of"
        " more than 20 letters, bytes outside ASCII in the target) are refused by gunicorn "
        "behind it, with an id in the body that gunicorn made, and the connection of the client"
        " stays."
    ),
    "Health is answered by a thread of its own, whatever the others do.": (
        "A probe that does not pass through what it vouches for says healthy of a worker that "
        "hangs. Under overload health is answered within the 3 s of its probe, because what "
        "waits too long is refused."
    ),
    "Long answers give way to short requests every 50 ms.": (
        "nginx takes an export as fast as it is made and lets three be made at a time, fewer "
        "than a worker has threads."
    ),
    "A connection has 10 s for a request, 30 s for each part of an answer, and 0.5 s to part.": (
        "The same, and shorter, are nginx's client_header_timeout, client_body_timeout and "
        "send_timeout."
    ),
    "No answer names the product that serves it.": (
        "gunicorn says `Server: gunicorn`, and nginx says `nginx` in its place; neither tells "
        "its version."
    ),
    "Chunked bodies of up to 64 KiB are read before the answer, and refused if ill-formed.": (
        "gunicorn answers first. No operation takes a body, and nginx passes none on."
    ),
    "SIGHUP replaces workers without a pause.": (
        "gunicorn stops the old workers before the new ones are ready. SIGUSR2 replaces the "
        "whole program without a request lost (tests/test_operations.py)."
    ),
}
"""What was promised of the worker that the project once had, and why it is not any more."""


def main() -> int:
    figures = (json.loads(path.read_bytes()) for path in sorted(FIGURES.glob("*.json")))
    told = [figure for figure in figures if _is_a_test(figure["test"])]
    if not told:
        print("Nothing was run: make torture", file=sys.stderr)
        return 1
    PAGE.write_text("\n".join(page(told)) + "\n", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(told)} promises")
    return 0


def _is_a_test(node: str) -> bool:
    """Whether there still is a test whose figure was kept."""
    path, _, name = node.partition("::")
    file = ROOT / path
    return file.exists() and f"def {name.partition('[')[0]}(" in file.read_text(encoding="utf-8")


def page(told: Iterable[Told]) -> Iterable[str]:
    """The lines of the page: a table for each area."""
    told = list(told)
    seed = next((figure["seed"] for figure in told if figure["seed"]), 0)  # 0: nothing was drawn
    yield HEAD.format(seed=seed, machine=machine())
    for area in AREAS:
        rows = [figure for figure in told if figure["area"] == area]
        if not rows:
            continue
        yield f"## {area}\n"
        yield "| promise | figure, and how to see it again | seen to fail on |"
        yield "|---|---|---|"
        for figure in rows:
            seen = f"{figure['figure'].removesuffix('.')}.<br>{command(figure)}"
            cells = (figure["promise"], seen, figure["broken"].removesuffix(".") + ".")
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""
    yield "## Given up, and why\n"
    yield "What gunicorn does without nginx is in [operating.md](operating.md).\n"
    yield "| was promised once | why it is not any more |"
    yield "|---|---|"
    for promise, reason in GIVEN_UP.items():
        yield f"| {promise} | {reason} |"
    yield ""


def command(figure: Told) -> str:
    path, _, name = figure["test"].rpartition("::")
    target = "torture" if figure["full"] else "torture-short"
    if path.startswith("tests/opensearch"):
        target = "opensearch-broken"
    return f'`make {target} PYTEST_ARGS="-k {name}"`'


def machine() -> str:
    """What the figures depend on."""
    libraries = (f"{name} {version(name)}" for name in ("gunicorn", "Flask", "tantivy"))
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join((f"{os.cpu_count()} cores", system, python, *libraries))


if __name__ == "__main__":
    sys.exit(main())
