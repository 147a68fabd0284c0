"""A data set of 100,000 claims says what the curated files say: each value, each reference, each
computed field derived anew from the codebook.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from schemas.filters import LISTED
from schemas.records.change import ChangeSchema
from schemas.records.vocabularies import VOCABULARIES
from service.store.dataset_format import open_dataset
from tests.at_size.conftest import Built

pytestmark = pytest.mark.at_size

Record = dict[str, Any]
Records = dict[str, Record]

NAME_KEYS = {name: kind.name_key for name, kind in VOCABULARIES.items()}
MENTIONS = {
    "documents": ("document",),
    "agents": ("actor", "addressee", "about", "source"),
    "topics": ("topic",),
    "occasions": ("occasion",),
    "places": ("place",),
}
SCORES = {"low": 15, "moderate": 50, "high": 85, 1: 90, 2: 70, 3: 50, 4: 30, 5: 10, 6: None}


def lines(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


@pytest.fixture(scope="module")
def curated(large: Built) -> Records:
    return {claim["id"]: claim for claim in lines(large.fixtures / "claims.ndjson")}


@pytest.fixture(scope="module")
def served(large: Built) -> Records:
    return {claim["id"]: claim for claim in lines(large.place / "claims.ndjson")}


@pytest.fixture(scope="module")
def names(large: Built) -> dict[str, str]:
    """What every id that a claim refers to is called."""
    return {
        record["id"]: record[key]
        for kind, key in NAME_KEYS.items()
        for record in json.loads((large.fixtures / f"{kind}.json").read_bytes())
    }


def test_every_claim_is_served_once_in_default_order(curated: Records, served: Records) -> None:
    assert served.keys() == curated.keys()
    places = [default_place(claim) for claim in served.values()]
    assert all(before < after for before, after in pairwise(places))


def default_place(claim: Record) -> tuple[bool, int, str]:
    """Announced last first, without a day last, then by id."""
    day = (claim["dates"]["announced"] or {}).get("earliest")
    return day is None, -dt.date.fromisoformat(day).toordinal() if day else 0, claim["id"]


def test_every_value_is_the_curated_one(
    curated: Records, served: Records, names: Mapping[str, str]
) -> None:
    for identifier, claim in served.items():
        assert stripped(claim, names) == curated[identifier]


def stripped(claim: Record, names: Mapping[str, str]) -> Record:
    """A served claim without what is computed, ids in the place of references."""

    def bare(value: Any) -> Any:
        if isinstance(value, list):
            return [bare(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() - {"status"} == {"id", "name"}:
            assert value["name"] == names[value["id"]]
            return value["id"]
        computed = {"earliest", "latest", "precision", "score"}
        return {key: bare(item) for key, item in value.items() if key not in computed}

    kept: Record = bare(claim)
    del kept["sourced"], kept["related_from"], kept["independent_origins"]
    return kept


def test_every_score_and_every_bound_is_the_one_that_follows(served: Records) -> None:
    bounds: dict[str, tuple[str | None, str | None]] = {}
    for claim in served.values():
        confidence = claim["confidence"]
        assert confidence["attribution"]["score"] == SCORES[confidence["attribution"]["level"]]
        assert confidence["content"]["score"] == SCORES[confidence["content"]["credibility"]]
        for date in (*claim["dates"].values(), (claim["goal"] or {}).get("horizon")):
            if date is not None:
                found = (date["earliest"], date["latest"])
                assert bounds.setdefault(date["edtf"], found) == found
    for edtf, found in bounds.items():
        first, _, last = edtf.partition("/")
        assert found == (day(first, first=True), day(last or first, first=False)), edtf


def day(point: str, *, first: bool) -> str | None:
    """The first or last day of a point in time; ``None`` for an open end."""
    if point == "..":
        return None
    parts = point.removesuffix("?").split("-")
    year = parts[0].replace("X", "0" if first else "9")
    month = parts[1] if len(parts) > 1 else "01" if first else "12"
    if len(parts) > 2:
        return f"{year}-{month}-{parts[2]}"
    return f"{year}-{month}-{1 if first else calendar.monthrange(int(year), int(month))[1]:02}"


def test_every_relation_is_seen_from_its_other_end(served: Records) -> None:
    seen: dict[str, list[Record]] = defaultdict(list)
    for identifier in sorted(served):
        for relation in served[identifier]["relations"]:
            seen[relation["claim"]].append({"type": relation["type"], "claim": identifier})
    for identifier, claim in served.items():
        assert claim["related_from"] == seen[identifier]


def test_origins_are_counted_along_restatements_and_support(
    large: Built, curated: Records, served: Records
) -> None:
    agents = json.loads((large.fixtures / "agents.json").read_bytes())
    group = {
        agent["id"]: agent["origin_group"] or ("" if agent["kind"] == "unnamed" else agent["id"])
        for agent in agents
    }
    chains: dict[str, list[list[str]]] = defaultdict(list)
    for claim in curated.values():
        if claim["attribution"] != "narrator":
            first, *relayers, _ = (link["agent"] for link in claim["sources"])
            chains[first].append([group[relayer] for relayer in relayers])
    for agent, relayed in chains.items():
        assert not all(relayed), f"{agent} is known through others alone"

    def origin(claim: Record) -> set[str]:
        """None of a document's own voice."""
        if claim["attribution"] == "narrator":
            return set()
        return {group[claim["sources"][0]["agent"]]}

    behind = {identifier: origin(claim) for identifier, claim in curated.items()}
    for identifier, claim in curated.items():
        for relation in claim["relations"]:
            if relation["type"] in ("restates", "supports"):
                behind[identifier] |= origin(curated[relation["claim"]])
                behind[relation["claim"]] |= origin(claim)
    assert max(map(len, behind.values())) > 2
    for identifier, claim in served.items():
        assert claim["independent_origins"] == max(1, len(behind[identifier]))


def test_vocabularies_tell_how_many_claims_name_each_record(large: Built, served: Records) -> None:
    number: Counter[tuple[str, str | None]] = Counter()
    records = open_dataset(large.place).records
    for claim in served.values():
        for kind, along in MENTIONS.items():
            terms = (LISTED[dimension].terms(claim, records) for dimension in along)
            named = {value for some in terms for value in some}
            number.update((kind, value) for value in named)
    for kind in VOCABULARIES:
        given = json.loads((large.fixtures / f"{kind}.json").read_bytes())
        told = [*lines(large.place / f"{kind}.ndjson")]
        assert [record["id"] for record in told] == sorted(record["id"] for record in given)
        for record in told:
            assert record["claim_count"] == number[kind, record["id"]]


def test_the_record_of_changes_and_retirements_is_kept(
    large: Built, retired: Mapping[str, str | None]
) -> None:
    absent = ChangeSchema().absent
    given = lines(large.fixtures / "changes.ndjson")
    for told, change in zip(lines(large.place / "changes.ndjson"), given, strict=True):
        assert told == {**absent, **change}
    stones = lines(large.place / "retired.ndjson")
    assert {stone["id"]: stone["replaced_by"] for stone in stones} == retired


def test_the_manifest_tells_how_much_there_is_and_hashes_it(
    large: Built, served: Records, retired: Mapping[str, str | None]
) -> None:
    manifest = json.loads((large.place / "manifest.json").read_bytes())
    for name, described in manifest["files"].items():
        content = (large.place / name).read_bytes()
        assert described == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    restating = {i for i, c in served.items() for r in c["relations"] if r["type"] == "restates"}
    assert manifest["counts"] == {
        "claims": len(served),
        "distinct_goals": sum(
            c["goal"] is not None and i not in restating for i, c in served.items()
        ),
        "retired": len(retired),
        "quotes": sum(len(claim["quotes"]) for claim in served.values()),
        "origins": manifest["counts"]["origins"],
        **{
            kind: len(json.loads((large.fixtures / f"{kind}.json").read_bytes()))
            for kind in VOCABULARIES
        },
    }


def test_whoever_serves_a_data_set_may_read_all_of_it(large: Built) -> None:
    """The server is another user than the builder, as in a container it should be."""
    for path in (large.place, *large.place.rglob("*")):
        mode = path.stat().st_mode
        assert mode & stat.S_IROTH, path.name
        assert not path.is_dir() or mode & stat.S_IXOTH, path.name
