"""The command ``changes``: what has changed since it ran last, by a token that it keeps in a file.

The token is stored once everything is written, so that a run that fails is made up for by the next
one, which may print some changes again.
"""

from __future__ import annotations

import csv
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from policy_claims.answers import Listing
from policy_claims.client import Client
from policy_claims.command import output
from policy_claims.errors import HistoryChanged
from policy_claims.types import ChangesMeta, RecordChange

ANEW = 3
"""Exit status where the service tells another history than the one that was followed."""
HEAD = ("seq", "recorded_at", "kind", "id", "revision", "change", "replaced_by", "reason")
Changes = Listing[RecordChange, ChangesMeta]


def follow(arguments: Namespace, connect: Callable[[str], Client]) -> int:
    """Prints the changes since the stored token, and stores the new one."""
    state = Path(arguments.state) if arguments.state else None
    since = state.read_text(encoding="utf-8").strip() if state and state.exists() else ""
    with connect(arguments.url) as client:
        changes, records, anew = _begun(client, since)
        if anew:
            sys.stderr.write(
                "the service has begun another history: all of its changes follow, and what was "
                "made of earlier ones is no copy of its data any more\n"
            )
        _write(arguments.format, changes, records)
        sys.stdout.flush()
    if state is not None and (token := changes.meta["next"]) is not None:
        _store(state, token)
    return ANEW if anew else 0


def _begun(client: Client, since: str) -> tuple[Changes, Iterator[RecordChange], bool]:
    """The changes since a token, or all of them; and whether that is because of another history.

    The first is read, since only the first answer tells.
    """
    for token in [since, ""] if since else [""]:
        changes = client.changes(since=token) if token else client.changes()
        records = iter(changes)
        try:
            first = next(records, None)
        except HistoryChanged:
            continue
        return changes, records if first is None else chain((first,), records), token != since
    raise AssertionError("all changes are told whatever was followed")


def _write(form: str, changes: Changes, records: Iterable[RecordChange]) -> None:
    if form == "ndjson":
        output.write_lines(records)
    elif form == "json":
        read = list(records)
        output.write_json({"data": read, "meta": changes.meta})
    elif form == "csv":
        csv.writer(sys.stdout).writerows((HEAD, *map(_row, records)))
    else:
        output.write_table(HEAD, map(_row, records))


def _row(change: RecordChange) -> tuple[str, ...]:
    subject = change["subject"]
    row = {**change, "kind": subject["kind"], "id": subject["id"]}
    return tuple("" if row[name] is None else str(row[name]) for name in HEAD)


def _store(state: Path, token: str) -> None:
    """Writes the token; a run that is interrupted leaves the earlier one."""
    beside = state.with_name(f"{state.name}.new")
    beside.write_text(token + "\n", encoding="utf-8")
    beside.replace(state)
