"""The whole state of a data set written over the files of another, which keep what is the same."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from schemas.records.change import CURATED, without_empty
from service.compiler.pending import Edit, is_there
from service.compiler.strict_json import parse_json
from service.curation.recording import CuratedState
from service.curation.writers.files.layout import (
    FileEdit,
    WrittenRecord,
    edited_lines,
    edited_list,
    in_the_manner_of,
    sparse,
)


def write_state(edit: Edit, state: CuratedState) -> None:
    """Lets the records and changes of a state take effect, by line where they lie so by line."""
    files = {f"{kind}s": [*by_id.values()] for kind, by_id in state.records.items()}
    absent = {f"{kind}s": schema().absent for kind, schema in CURATED.items()}
    for name, records in {**files, "changes": state.changes}.items():
        key, meant = "seq" if name == "changes" else "id", absent.get(name, {})
        wanted = {record[key]: record for record in records}
        lines = edit.directory / f"{name}.ndjson"
        if is_there(lines):
            raw = lines.read_bytes().splitlines()
            made = _edit(map(orjson.loads, raw), wanted, key, meant)
            edit.write(lines.name, edited_lines(raw, made, key))
            continue
        path = edit.directory / f"{name}.json"
        text = path.read_bytes().decode() if is_there(path) else "[]\n"
        made = _edit(_listed(path), wanted, key, meant)
        edit.write(path.name, [edited_list(text, made, key).encode()])
    edit.decide()


def _listed(path: Path) -> Iterator[WrittenRecord]:
    if is_there(path):
        yield from parse_json(path.read_bytes())


def _edit(
    before: Iterable[WrittenRecord],
    wanted: Mapping[Any, WrittenRecord],
    key: str,
    absent: Mapping[str, Any],
) -> FileEdit:
    """What leads from the records of a file to those that are wanted."""
    replaced: dict[Any, WrittenRecord | None] = {}
    known = set()
    for record in before:
        known.add(record[key])
        after = wanted.get(record[key])
        if after is None:
            replaced[record[key]] = None
        elif without_empty({**absent, **record}) != without_empty({**absent, **after}):
            replaced[record[key]] = in_the_manner_of(record, after, absent)
    added = [sparse(record) for name, record in wanted.items() if name not in known]
    return FileEdit(replaced, added)
