"""Answers on the terminal or in a pipe, in the format that was asked for."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from policy_claims.client import Client
from policy_claims.command.arguments import VOCABULARIES
from policy_claims.types import Claim

LEAST_WIDTH = 20
"""Columns that a last cell keeps however narrow the terminal is."""
Parameters = Mapping[str, Any]
Writer = Callable[[Client, Namespace, Parameters], str]
"""Writes an answer, and returns the version of its data set."""


def write_claims(client: Client, arguments: Namespace, parameters: Parameters) -> str:
    """Claims; ids that name nothing are told on standard error, in every format."""
    page = next(client.claims(**{**parameters, "limit": 100}).pages())
    warn(page.meta)
    if arguments.format in ("csv", "ndjson"):
        return write_file(client, f"claims.{arguments.format}", parameters)
    listing = client.claims(**parameters)
    if arguments.format == "json":
        claims = list(listing)
        write_json(
            {"data": claims, "meta": {"total": len(claims), "dataset": listing.meta["dataset"]}}
        )
    else:
        shown = list(islice(listing, arguments.rows))
        write_table(("id", "announced", "kind", "speaker", "statement"), map(_claim_row, shown))
        _write_rest(len(shown), page.meta["total"], "claims")
    return listing.meta["dataset"]["version"]


def _claim_row(claim: Claim) -> tuple[str, ...]:
    announced = claim["dates"]["announced"]
    speaker = claim["sources"][0]["agent"]["id"]
    day = announced["edtf"] if announced else ""
    return claim["id"], day, claim["kind"], speaker, claim["statement"]


def write_counts(client: Client, arguments: Namespace, parameters: Parameters) -> str:
    """Groups with their numbers of claims."""
    counts = client.counts(**parameters)
    version = counts.meta["dataset"]["version"]
    warn(counts.meta)
    if arguments.format == "csv":
        return write_file(client, "counts.csv", parameters)
    if arguments.format == "json":
        write_json({"data": counts.data, "meta": counts.meta})
    elif arguments.format == "ndjson":
        write_lines(counts.data)
    else:
        keys = ("key", "name", "key2", "name2")[: 2 * len(counts.meta["by"])]
        rows = [
            (str(row["count"]), *(str(row.get(key) or "") for key in keys)) for row in counts.data
        ]
        write_table(("count", *keys), rows[: arguments.rows])
        _write_rest(min(arguments.rows, len(rows)), len(rows), "groups")
    return version


def write_vocabulary(client: Client, arguments: Namespace, parameters: Parameters) -> str:
    """Records of a vocabulary."""
    if arguments.format == "csv":
        return write_file(client, f"{arguments.command}.csv", parameters)
    listing = getattr(client, arguments.command)(**parameters)
    if arguments.format == "table":
        shown = list(islice(listing, arguments.rows))
        write_table(("id", "claims", "name"), map(_record_row, shown))
        _write_rest(len(shown), listing.meta["total"], arguments.command)
    elif arguments.format == "ndjson":
        write_lines(listing)
    else:
        write_json({"data": list(listing), "meta": listing.meta})
    return str(listing.meta["dataset"]["version"])


def _record_row(record: Mapping[str, Any]) -> tuple[str, ...]:
    name = next(record[key] for key in ("name", "label", "title") if key in record)
    return record["id"], str(record["claim_count"]), name


WRITERS: dict[str, Writer] = {
    "claims": write_claims,
    "counts": write_counts,
    **dict.fromkeys(VOCABULARIES, write_vocabulary),
}


def warn(meta: Mapping[str, Any]) -> None:
    """Says which ids of the request name nothing, and what was probably meant."""
    for value in meta.get("unknown", ()):
        near = value["did_you_mean"]
        hint = f" (did you mean {near}?)" if near else ""
        sys.stderr.write(f"{value['parameter']} {value['value']} names nothing{hint}\n")


def write_file(client: Client, file: str, parameters: Parameters) -> str:
    """Writes an export as it is, and returns the version of its data set."""
    with client.download(file, **parameters) as chunks:
        sys.stdout.flush()
        sys.stdout.buffer.writelines(chunks)
        return chunks.dataset_version or ""


def write_json(body: Any) -> None:
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) + "\n")


def write_lines(records: Iterable[Any]) -> None:
    sys.stdout.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns side by side; the last one is cut at the width of a terminal, and whole in a pipe."""
    table = [head, *rows]
    widths = [max(map(columns, cells)) for cells in zip(*table, strict=True)][:-1]
    room = shutil.get_terminal_size().columns - sum(widths) - 2 * len(widths)
    for row in table:
        cells = [
            cell + " " * (width - columns(cell))
            for cell, width in zip(row[:-1], widths, strict=True)
        ]
        last = cut(row[-1], max(room, LEAST_WIDTH)) if sys.stdout.isatty() else row[-1]
        sys.stdout.write("  ".join([*cells, last]).rstrip() + "\n")


def cut(text: str, room: int) -> str:
    """The text, or as much of it as has room, with an ellipsis."""
    if columns(text) <= room:
        return text
    while columns(text) >= room:
        text = text[:-1]
    return text + "…"


def columns(text: str) -> int:
    """How many columns of a terminal a text takes (UAX 11; combining marks take none)."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _write_rest(shown: int, total: int, what: str) -> None:
    """On standard error, so that a pipe has the table alone."""
    if shown < total:
        sys.stderr.write(f"{shown} of {total} {what}; --rows N shows more\n")
