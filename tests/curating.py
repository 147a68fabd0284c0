"""Data sets that grow by commands, from the invented text in ``tests/fixtures/ferries``."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from service import cli

FERRIES = Path(__file__).resolve().parent / "fixtures" / "ferries"
TEXT = (FERRIES / "ferries.txt").read_bytes().decode()
DOCUMENT = "doc_ferr1es0"
CLAIMS: list[dict[str, Any]] = json.loads((FERRIES / "claims.json").read_bytes())
CURATED_FILES = ("documents", "agents", "topics", "occasions", "claims", "changes")

Json = dict[str, Any]


class Ended(NamedTuple):
    """How a command ended, what it printed, and what it complained of."""

    status: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ended:
    """Runs a command of ``policy-claims`` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(str(end.code))
    return Ended(status, out.getvalue(), err.getvalue())


def without_claims(directory: Path) -> Path:
    """The vocabularies of the ferries, and no claim yet; the document lies in ``documents``."""
    (directory / "documents").mkdir(parents=True)
    shutil.copy(FERRIES / "ferries.txt", directory / "documents")
    for name in CURATED_FILES[:4]:
        shutil.copy(FERRIES / f"{name}.json", directory)
    for name in CURATED_FILES[4:]:
        (directory / f"{name}.json").write_text("[]\n")
    return directory


def with_claims(directory: Path) -> Path:
    """The same with the ten claims."""
    without_claims(directory)
    for name in CURATED_FILES[4:]:
        shutil.copy(FERRIES / f"{name}.json", directory)
    return directory


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a directory, those below it included."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def records(directory: Path, name: str) -> Any:
    return json.loads((directory / f"{name}.json").read_bytes())


def given(path: Path, value: Any) -> Path:
    """A JSON file that a person wrote."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def typed(claim: Json) -> Json:
    """A claim as a person writes it: no id, offsets, hash, revision or day; no relations."""
    out = ("id", "revision", "recorded_at", "relations")
    made = {key: value for key, value in claim.items() if key not in out}
    made["evidence"] = [
        {
            "document": each["document"],
            "passage": TEXT[each["start"] : each["end"]],
            "fidelity": each["fidelity"],
        }
        for each in claim["evidence"]
    ]
    made["quotes"] = [{"text": q["text"], "speaker": q["speaker"]} for q in claim["quotes"]]
    return made


def reading_of(claims: list[Json], coder: str = "ada", **other: Any) -> Json:
    """A finished reading of the ferries with a unit for each claim; relations lead to units."""
    ordered = sorted(copy.deepcopy(claims), key=span_of)
    names = {claim["id"]: "{}-{}".format(*span_of(claim)) for claim in ordered}
    return {
        "document": DOCUMENT,
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "coder": coder,
        "codebook": "2.0",
        "drafted_by": None,
        "finished": True,
        "agents": [],
        "units": [unit_of(claim, names) for claim in ordered],
        **other,
    }


def span_of(claim: Json) -> tuple[int, int]:
    evidence = claim["evidence"][0]
    return evidence["start"], evidence["end"]


def unit_of(claim: Json, names: dict[str, str]) -> Json:
    """The unit of a reading that a claim might have been made of."""
    own, *further = claim["evidence"]
    out = ("id", "revision", "recorded_at", "evidence", "quotes", "relations")
    read = {key: value for key, value in claim.items() if key not in out}
    read["fidelity"] = own["fidelity"]
    keys = ("start", "end", "fidelity", "role", "locator")
    read["further_evidence"] = [{k: e.get(k) for k in keys} for e in further]
    quote = ("text", "speaker", "start", "end")
    read["quotes"] = [{key: q[key] for key in quote} for q in claim["quotes"]]
    read["relations"] = [
        {**each, "claim": names.get(each["claim"], each["claim"])} for each in claim["relations"]
    ]
    start, end = span_of(claim)
    return {
        "start": start,
        "end": end,
        "decision": "claim",
        "why": None,
        "claim": read,
        "proposed": None,
        "changed": None,
    }


def put_reading(directory: Path, reading: Json) -> Path:
    """The file of a reading in a data set."""
    path = directory / "readings" / f"{reading['document']}.{reading['coder']}.json"
    path.parent.mkdir(exist_ok=True)
    return given(path, reading)
