"""The build: what is computed, that it is repeated to the byte, and how it lies on a disk."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.faults import DataRefused, Faults
from schemas.query import ClaimQuery, claim_query
from schemas.records.change import RETIRING
from schemas.records.claim import ClaimSchema
from schemas.records.dataset import DATA_FILES, DatasetInfo
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import SHIPPED, build_dataset, compute, open_fixtures
from service.store.dataset_format import EXPORTS, INDEX, INDEX_HASHES, open_dataset
from service.store.files import written
from service.store.protocol import DatasetUnavailable
from service.store.tantivy.store import open_store
from tests.built import dataset_of, files_of, files_of_records
from tests.built import records_of as records
from tests.samples import (
    DIRECTIVE,
    DIRECTIVE_AT,
    FIRST,
    FORECAST,
    FORECAST_AT,
    GOAL,
    GOAL_AT,
    HEADLINE,
    POSITION,
    POSITION_AT,
    REPORT,
    REPORT_AT,
    REVISED_AT,
    SECOND,
    SUPERSEDED,
    WITHDRAWN,
    Data,
    Edit,
    edited,
    link,
    relation,
    sample,
)
from tests.tables import each_row

pytestmark = pytest.mark.slow


def build(data: Data) -> Mapping[str, bytes]:
    return files_of_records(data)


def info(data: Data, epoch: int | None = None) -> DatasetInfo:
    return dataset_of(records(data), epoch).info


def built(*edits: Edit) -> dict[str, dict[str, Any]]:
    """The served claims of the sample, edited, by id."""
    lines = build(edited(sample(), *edits))["claims.ndjson"].splitlines()
    return {claim["id"]: claim for claim in map(json.loads, lines)}


@pytest.mark.parametrize(("level", "score"), [("low", 15), ("moderate", 50), ("high", 85)])
def test_the_attribution_score_is_that_of_the_level(level: str, score: int) -> None:
    edit = (f"/claims/{GOAL_AT}/confidence/attribution/level", level)
    assert built(edit)[GOAL]["confidence"]["attribution"]["score"] == score


@pytest.mark.parametrize(
    ("credibility", "score"), [(1, 90), (2, 70), (3, 50), (4, 30), (5, 10), (6, None)]
)
def test_the_content_score_is_that_of_the_credibility(credibility: int, score: int | None) -> None:
    edit = (f"/claims/{GOAL_AT}/confidence/content/credibility", credibility)
    assert built(edit)[GOAL]["confidence"]["content"]["score"] == score


def test_every_date_is_served_with_its_bounds() -> None:
    claims = built()
    dates = {
        "2021-12-28?": claims[GOAL]["dates"]["announced"],
        "2021-12": claims[GOAL]["dates"]["occurred"],
        "2022": claims[GOAL]["goal"]["horizon"],
        "2022-03/..": claims[REPORT]["dates"]["occurred"],
        "202X?": claims[POSITION]["dates"]["occurred"],
        "2023-21~/..": claims[FORECAST]["dates"]["refers_to"],
    }
    assert {
        edtf: (date["edtf"], date["earliest"], date["latest"], date["precision"])
        for edtf, date in dates.items()
    } == {
        "2021-12-28?": ("2021-12-28?", "2021-12-28", "2021-12-28", "day"),
        "2021-12": ("2021-12", "2021-12-01", "2021-12-31", "month"),
        "2022": ("2022", "2022-01-01", "2022-12-31", "year"),
        "2022-03/..": ("2022-03/..", "2022-03-01", None, "interval"),
        "202X?": ("202X?", "2020-01-01", "2029-12-31", "decade"),
        "2023-21~/..": ("2023-21~/..", "2023-03-01", None, "interval"),
    }
    assert claims[FORECAST]["dates"]["announced"] is None


def test_references_are_served_with_what_they_are_called() -> None:
    data = edited(sample(), ("/agents/0/name", "Ministry of Grain"))
    claim = json.loads(build(data)["claims.ndjson"].splitlines()[-2])
    assert claim["id"] == GOAL
    named = {"id": "ministry", "name": "Ministry of Grain"}
    assert [claim["actors"][0], claim["sources"][0]["agent"]] == [named, named]
    assert claim["quotes"][0]["speaker"] == named
    assert claim["topics"][0] == {"id": "agriculture", "name": "Agriculture"}
    assert claim["occasion"] == {"id": "assembly-2021", "name": "The assembly-2021"}
    title = sample()["documents"][0]["title"]
    reference = {"id": "doc_0000000a", "name": title, "status": "active"}
    assert claim["evidence"][0]["document"] == claim["quotes"][0]["document"] == reference


@pytest.mark.parametrize("status", ["active", "corrected", "retracted"])
def test_every_reference_to_a_document_says_whether_it_stands(status: str) -> None:
    note = {"date": "2023-02-01", "text": "The publisher says so."}
    edits = [("/documents/0/status", status), ("/documents/0/status_note", note)]
    references = [
        place["document"]
        for claim in built(*edits).values()
        for place in (*claim["evidence"], *claim["quotes"])
    ]
    told = {(reference["id"], reference["status"]) for reference in references}
    assert told == {(FIRST, status), (SECOND, "corrected")}


@pytest.mark.parametrize("directory", [None, SHIPPED], ids=["sample", "shipped"])
def test_related_from_mirrors_relations(directory: Path | None) -> None:
    files = build(sample()) if directory is None else files_of()
    claims = list(map(json.loads, files["claims.ndjson"].splitlines()))
    there = [
        (relation["claim"], relation["type"], claim["id"])
        for claim in claims
        for relation in claim["relations"]
    ]
    back = [
        (claim["id"], relation["type"], relation["claim"])
        for claim in claims
        for relation in claim["related_from"]
    ]
    assert there
    assert sorted(there) == sorted(back)


RELATIONS = {at: f"/claims/{at}/relations" for at in range(6)}
CUT: list[Edit] = [(pointer, []) for pointer in RELATIONS.values()]


def sources(at: int, *agents: str) -> list[Edit]:
    """The chain of a claim, the origin first, through relayers to the publisher it has."""
    document = sample()["claims"][at]["evidence"][0]["document"]
    publisher = {FIRST: "gazette", SECOND: "herald"}[document]
    roles = ["speaker", *["relayer"] * (len(agents) - 1)]
    chain = [link(agent, role) for agent, role in zip(agents, roles, strict=True)]
    attribution = sample()["claims"][at]["attribution"]
    return [
        (f"/claims/{at}/sources", [*chain, link(publisher, "publisher")]),
        (f"/claims/{at}/attribution", "indirect" if attribution == "narrator" else attribution),
        ("/agents/5/reliability", {"grade": "F", "rationale": "Cannot be judged."}),
    ]


ORIGINS: dict[str, tuple[list[Edit], dict[str, int]]] = {
    "the sample": (
        [],
        {GOAL: 2, HEADLINE: 1, REPORT: 2, FORECAST: 1, POSITION: 1, DIRECTIVE: 1},
    ),
    "no relations": (CUT, dict.fromkeys((GOAL, HEADLINE, REPORT, FORECAST), 1)),
    "support counts at both ends": (
        [*CUT, (RELATIONS[POSITION_AT], [relation("supports", DIRECTIVE)])],
        {POSITION: 2, DIRECTIVE: 2, GOAL: 1},
    ),
    "restatement counts at both ends": (
        [*CUT, (RELATIONS[POSITION_AT], [relation("restates", DIRECTIVE)])],
        {POSITION: 2, DIRECTIVE: 2, GOAL: 1},
    ),
    "not from claim to claim": (
        [
            *CUT,
            (RELATIONS[FORECAST_AT], [relation("supports", POSITION)]),
            (RELATIONS[POSITION_AT], [relation("supports", DIRECTIVE)]),
            *sources(FORECAST_AT, "neighbour"),
        ],
        {FORECAST: 2, POSITION: 3, DIRECTIVE: 2},
    ),
    "one origin group is one origin": (
        [*CUT, (RELATIONS[POSITION_AT], [relation("supports", REPORT)])],
        {POSITION: 1, REPORT: 1},
    ),
    "without the group they are two": (
        [
            *CUT,
            ("/agents/2/origin_group", None),
            (RELATIONS[POSITION_AT], [relation("supports", REPORT)]),
        ],
        {POSITION: 2, REPORT: 2},
    ),
    "a relayer is no origin": (
        [
            *CUT,
            (f"/claims/{GOAL_AT}/sources/1", link("state-radio", "relayer")),
            (RELATIONS[GOAL_AT], [relation("supports", DIRECTIVE)]),
        ],
        {GOAL: 1, DIRECTIVE: 1},
    ),
    "a headline is no witness of what it restates": (
        [*CUT, (RELATIONS[1], [relation("restates", GOAL)])],
        {HEADLINE: 1, GOAL: 1},
    ),
    "the own voice adds none, whatever joins it": (
        [
            *CUT,
            (RELATIONS[FORECAST_AT], [relation("supports", POSITION)]),
            (RELATIONS[1], [relation("restates", FORECAST)]),
        ],
        {FORECAST: 1, POSITION: 1, HEADLINE: 1},
    ),
    "all that nobody knows are one": (
        [
            *CUT,
            *((f"/agents/{at}/kind", "unnamed") for at in (3, 5)),
            *sources(REPORT_AT, "gazette"),
            *sources(POSITION_AT, "neighbour"),
            ("/agents/4/kind", "unnamed"),
            (RELATIONS[REPORT_AT], [relation("supports", POSITION)]),
        ],
        {REPORT: 1, POSITION: 1},
    ),
    "the unknown is another than the known": (
        [
            *CUT,
            ("/agents/5/kind", "unnamed"),
            *sources(REPORT_AT, "neighbour"),
            (RELATIONS[REPORT_AT], [relation("supports", POSITION)]),
        ],
        {REPORT: 2, POSITION: 2},
    ),
    "one text is one origin under two publishers": (
        [
            *CUT,
            ("/documents/1/sha256", "a" * 64),
            *sources(REPORT_AT, "herald"),
            *sources(POSITION_AT, "gazette"),
            (RELATIONS[REPORT_AT], [relation("supports", POSITION)]),
        ],
        {REPORT: 1, POSITION: 1},
    ),
    "two texts of two publishers are two": (
        [
            *CUT,
            *sources(REPORT_AT, "herald"),
            *sources(POSITION_AT, "gazette"),
            (RELATIONS[REPORT_AT], [relation("supports", POSITION)]),
        ],
        {REPORT: 2, POSITION: 2},
    ),
    "one text quotes two who are two": (
        [
            *CUT,
            ("/documents/1/sha256", "a" * 64),
            (RELATIONS[DIRECTIVE_AT], [relation("supports", POSITION)]),
        ],
        {DIRECTIVE: 2, POSITION: 2},
    ),
    "who is known only through another is one with it": (
        [
            *CUT,
            *sources(DIRECTIVE_AT, "ministry", "state-radio"),
            (RELATIONS[POSITION_AT], [relation("supports", DIRECTIVE)]),
        ],
        {POSITION: 1, DIRECTIVE: 1},
    ),
    "who is known through two is its own": (
        [
            *CUT,
            *sources(DIRECTIVE_AT, "ministry", "neighbour"),
            (RELATIONS[POSITION_AT], [relation("supports", DIRECTIVE)]),
        ],
        {POSITION: 2, DIRECTIVE: 2},
    ),
    "two known only through each other are one": (
        [
            *CUT,
            *sources(DIRECTIVE_AT, "herald", "neighbour"),
            *sources(REPORT_AT, "neighbour", "herald"),
            (RELATIONS[REPORT_AT], [relation("supports", DIRECTIVE)]),
        ],
        {REPORT: 1, DIRECTIVE: 1},
    ),
    "other relations bring no witness": (
        [
            *CUT,
            (
                RELATIONS[POSITION_AT],
                [
                    relation(kind, DIRECTIVE)
                    for kind in ("details", "continues", "escalates", "contrasts", "refutes")
                ],
            ),
        ],
        {POSITION: 1, DIRECTIVE: 1},
    ),
}


@each_row("name", ORIGINS)
def test_independent_origins_count_who_stands_behind_a_claim(name: str) -> None:
    edits, expected = ORIGINS[name]
    claims = built(*edits)
    found = {identifier: claims[identifier]["independent_origins"] for identifier in expected}
    assert found == expected


def _default_order(claim: Mapping[str, Any]) -> tuple[float, str]:
    """By earliest day announced, newest first, undated last, ties by id."""
    date = claim["dates"]["announced"]
    day = date and date["earliest"]
    return -dt.date.fromisoformat(day).toordinal() if day else math.inf, claim["id"]


def test_claims_lie_in_default_order() -> None:
    assert list(built()) == [REPORT, DIRECTIVE, HEADLINE, POSITION, GOAL, FORECAST]
    lines = files_of()["claims.ndjson"].splitlines()
    shipped = list(map(json.loads, lines))
    assert shipped == sorted(shipped, key=_default_order)


def test_retired_claims_are_kept_with_when_why_and_by_what() -> None:
    retired = dataset_of(records(sample())).retired
    assert {
        identifier: (stone.withdrawn_on, stone.reason, stone.replaced_by)
        for identifier, stone in retired.items()
    } == {
        SUPERSEDED: ("2023-02-03", "Two orders were one claim.", DIRECTIVE),
        WITHDRAWN: ("2023-02-02", "The document does not say so.", None),
    }


def test_every_change_is_kept_as_it_was_recorded() -> None:
    lines = build(sample())["changes.ndjson"].splitlines()
    assert list(map(json.loads, lines)) == sample()["changes"]


@pytest.mark.parametrize("directory", [None, SHIPPED], ids=["sample", "shipped"])
def test_counts_are_what_filtering_finds(directory: Path | None) -> None:
    store = open_fixtures(directory or records(sample()))
    vocabularies = store.vocabularies

    def found(*dimensions: str, value: str) -> int:
        queries = [claim_query({dimension: (value,)}) for dimension in dimensions]
        return len({line for query in queries for line in store.export(query).bodies})

    dimensions = {
        "documents": ["document"],
        "agents": ["actor", "addressee", "about", "source"],
        "topics": ["topic"],
        "occasions": ["occasion"],
        "places": ["place"],
    }
    for name, along in dimensions.items():
        counted = {record["id"]: record["claim_count"] for record in vocabularies[name]}
        assert counted == {key: found(*along, value=key) for key in counted}
        assert any(counted.values())
    everything = list(map(json.loads, store.export(ClaimQuery()).bodies))
    retired = [c for c, _ in store.changes(0, 1_000).states if c["change"] in RETIRING]
    assert dict(store.dataset.counts) == {
        "claims": len(everything),
        "distinct_goals": store.search(ClaimQuery(goals_only=True, distinct=True)).total,
        "retired": len(retired),
        "quotes": sum(len(claim["quotes"]) for claim in everything),
        "origins": store.dataset.counts["origins"],  # tests/test_origins.py
        **{name: len(vocabularies[name]) for name in VOCABULARIES},
    }


def test_the_sample_is_counted_by_hand() -> None:
    assert dict(info(sample()).counts) == {
        "claims": 6,
        "distinct_goals": 2,
        "retired": 2,
        "documents": 2,
        "agents": 6,
        "topics": 4,
        "occasions": 2,
        "places": 4,
        "quotes": 2,
        "origins": 2,
    }


@pytest.mark.parametrize(
    ("kind", "pointer", "value"),
    [
        ("documents", "/documents/0/dateline", ""),
        ("agents", "/agents/0/kind", "planet"),
        ("topics", "/topics/0/cap_major", 11),
        ("occasions", "/occasions/0/series", "A B"),
        ("places", "/places/0/country", "kp"),
    ],
)
def test_what_was_made_is_loaded_again_before_it_is_kept(
    kind: str, pointer: str, value: object
) -> None:
    """Through the schemas it is served under, since a dump validates nothing."""
    with pytest.raises(DataRefused) as refused:
        build(edited(sample(), (pointer, value)))
    assert all(kind in fault.file for fault in refused.value.faults)
    assert refused.value.faults[0].pointer.endswith(pointer.rsplit("/", 1)[1])


@pytest.mark.parametrize(
    ("key", "value"),
    [("kind", "rumour"), ("independent_origins", 0), ("topics", []), ("related_from", None)],
)
def test_a_served_claim_is_loaded_again_before_it_is_kept(key: str, value: object) -> None:
    faults = Faults()
    made = [{**built()[GOAL], key: value}]
    assert list(compute.reloaded("claims", ClaimSchema(), made, faults)) == []
    assert {fault.file for fault in faults} == {"compiled claims"}
    assert all(fault.pointer.endswith(key) for fault in faults)


def _files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """All but the index, whose files the engine names at random."""
    first = build_dataset(records(sample()), tmp_path / "one")
    second = build_dataset(records(sample()), tmp_path / "two")
    assert first.name == second.name
    assert _files(first) == _files(second)
    assert set(_files(first)) == {"manifest.json", *DATA_FILES}
    assert {path.name for path in first.iterdir()} == {*_files(first), INDEX, EXPORTS}
    assert _files(first / EXPORTS) == _files(second / EXPORTS)
    assert {"claims.csv", "claims.csv.gz", "claims.parquet"} < set(_files(first / EXPORTS))


def test_the_order_of_records_in_a_file_changes_no_claim() -> None:
    data = sample()
    for name in (*VOCABULARIES, "claims"):
        data[name].reverse()
    assert build(data) == build(sample())


def test_the_day_of_a_build_is_that_of_the_newest_record() -> None:
    assert info(sample()).built_at == "2023-02-03T00:00:00Z"


def test_the_epoch_decides_when_it_is_given() -> None:
    plain = info(sample())
    dated = info(sample(), 1_700_000_000)
    assert dated.built_at == "2023-11-14T22:13:20Z"
    assert dated.version == plain.version


@pytest.mark.parametrize(
    "pointer",
    [
        "/documents/0/title",
        "/agents/0/name",
        "/topics/0/definition",
        "/occasions/0/name",
        "/places/0/name",
        f"/claims/{GOAL_AT}/statement",
        f"/claims/{FORECAST_AT}/confidence/content/rationale",
        f"/changes/{REVISED_AT}/reason",
    ],
)
def test_one_character_makes_another_version(pointer: str) -> None:
    known = json.loads(build(sample())["manifest.json"])
    other = info(edited(sample(), (pointer, "Said otherwise.")))
    again = info(edited(sample(), (pointer, "Said otherwise!")))
    assert len({known["version"], other.version, again.version}) == 3
    assert known["digest"].startswith(known["version"])


def test_a_written_data_set_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    files = build(sample())
    place = build_dataset(records(sample()), tmp_path)
    assert {name: (place / name).read_bytes() for name in files} == files
    assert place == tmp_path / open_dataset(place).info.version
    store = open_store(place)
    assert [store.get(identifier) for identifier in built()] == files["claims.ndjson"].splitlines()


def test_writing_again_replaces_what_is_there(tmp_path: Path) -> None:
    place = build_dataset(records(sample()), tmp_path)
    (place / "claims.ndjson").write_bytes(b"damaged")
    assert build_dataset(records(sample()), tmp_path) == place
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    assert (place / "claims.ndjson").read_bytes() == build(sample())["claims.ndjson"]


def test_an_empty_data_set_is_one(tmp_path: Path) -> None:
    place = build_dataset(records({name: [] for name in sample()}), tmp_path)
    assert open_store(place).search(ClaimQuery()).total == 0


STEPS = ("Checking claims", "Checking changes", "Compiling claims", "Indexing claims", "proof")


@pytest.mark.parametrize("step", STEPS)
def test_a_build_that_fails_leaves_nothing_behind(step: str, tmp_path: Path) -> None:
    place = build_dataset(records(sample()), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def fail(items: Any = (), *, description: str = "proof", **_: object) -> Any:
        if description == step:
            raise OSError(errno.ENOSPC, "No space left on device")
        return items

    other = records(edited(sample(), (f"/claims/{GOAL_AT}/statement", "New.")))
    with pytest.raises(OSError, match="No space"):
        build_dataset(other, tmp_path, fail, prove=fail)
    assert list(tmp_path.iterdir()) == [place]
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_the_hashes_of_the_index_are_recorded(tmp_path: Path) -> None:
    place = build_dataset(records(sample()), tmp_path)
    hashes = json.loads((place / INDEX_HASHES).read_bytes())
    files = [place / "manifest.json", *(place / INDEX).iterdir(), *(place / EXPORTS).iterdir()]
    assert {name.rpartition("/")[2]: described for name, described in hashes.items()} == {
        path.name: {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in files
        if path != place / INDEX_HASHES
    }
    assert hashes
    assert not [name for name in hashes if name.endswith(".lock")], "the engine's own"


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def _shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _altered(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"a", b"b", 1))
    assert path.read_bytes() != content


def _no_json(path: Path) -> None:
    path.write_bytes(b"{")


def _a_list(path: Path) -> None:
    path.write_bytes(b"[]")


def _newer(key: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        manifest = json.loads(path.read_bytes())
        newer = manifest[key] + 1 if isinstance(manifest[key], int) else 4
        path.write_bytes(written({**manifest, key: newer}))

    spoil.__name__ = f"another {key}"
    return spoil


def _without(key: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        manifest = json.loads(path.read_bytes())
        del manifest[key]
        path.write_bytes(written(manifest))

    spoil.__name__ = f"without {key}"
    return spoil


DAMAGE: list[tuple[str, Callable[[Path], None]]] = [
    *((name, spoil) for name in DATA_FILES for spoil in (Path.unlink, _longer, _shorter)),
    *((name, _altered) for name in DATA_FILES),
    ("manifest.json", Path.unlink),
    *(("manifest.json", _newer(key)) for key in ("schema_version", "index_layout")),
    *(("manifest.json", _without(key)) for key in ("schema_version", "index_layout")),
]


@pytest.mark.parametrize(
    ("name", "spoil"), DAMAGE, ids=[f"{name} {spoil.__name__}" for name, spoil in DAMAGE]
)
def test_a_damaged_data_set_is_refused_with_the_file_named(
    name: str, spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    for file, content in build(sample()).items():
        (tmp_path / file).write_bytes(content)
    open_dataset(tmp_path)
    spoil(tmp_path / name)
    with pytest.raises(DatasetUnavailable) as refused:
        open_dataset(tmp_path)
    assert name in str(refused.value)


@pytest.mark.parametrize(
    "spoil",
    [_no_json, _a_list, *map(_without, ("version", "digest", "built_at", "files", "counts"))],
)
def test_a_manifest_that_is_none_is_refused(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    for file, content in build(sample()).items():
        (tmp_path / file).write_bytes(content)
    spoil(tmp_path / "manifest.json")
    with pytest.raises(DatasetUnavailable) as refused:
        open_dataset(tmp_path)
    assert str(tmp_path) in str(refused.value)


def test_a_data_set_without_an_index_is_refused(tmp_path: Path) -> None:
    for file, content in build(sample()).items():
        (tmp_path / file).write_bytes(content)
    with pytest.raises(DatasetUnavailable) as refused:
        open_store(tmp_path)
    assert INDEX in str(refused.value)


def test_no_directory_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailable):
        open_dataset(tmp_path / "nowhere")
