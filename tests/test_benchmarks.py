"""The synthetic data of the benchmarks: valid, repeatable, and changed where it should be."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import chart, goals, report
from benchmarks.drawing import crockford, shuffled
from benchmarks.generate import generate
from benchmarks.synthetic import Claims
from schemas.patterns import CLAIM_ID
from service.compiler import check_fixtures

pytestmark = pytest.mark.slow

CLAIMS = 300


def read_lines(path: Path) -> dict[str, Any]:
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {record["id"]: record for record in records}


def hashes(directory: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in directory.iterdir()}


def test_what_is_generated_is_valid_changes_and_retirements_included(tmp_path: Path) -> None:
    revised = generate(tmp_path, CLAIMS, as_json=True, change=10, retired_every=100)
    fixtures = check_fixtures(tmp_path)
    assert len(fixtures["claims"]) == CLAIMS - 3
    assert sum(change["change"] == "withdrawn" for change in fixtures["changes"]) == 3
    assert sum(change["change"] == "revised" for change in fixtures["changes"]) == revised > 0


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("same", 5), ("other", 6)):
        generate(tmp_path / name, CLAIMS, seed=seed)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "same")
    assert hashes(tmp_path / "one")["claims.ndjson"] != hashes(tmp_path / "other")["claims.ndjson"]


def test_one_claim_a_line_holds_what_one_list_does(tmp_path: Path) -> None:
    generate(tmp_path / "lines", CLAIMS)
    generate(tmp_path / "list", CLAIMS, as_json=True)
    listed = json.loads((tmp_path / "list" / "claims.json").read_text("utf-8"))
    assert list(read_lines(tmp_path / "lines" / "claims.ndjson").values()) == listed


def test_ids_come_once() -> None:
    identifiers = {"clm_" + crockford(shuffled(number, 1)) for number in range(50_000)}
    assert len(identifiers) == 50_000
    assert all(CLAIM_ID.fullmatch(identifier) for identifier in list(identifiers)[:1_000])


def test_a_changed_variant_revises_its_share_and_leaves_the_others_alone(tmp_path: Path) -> None:
    generate(tmp_path / "before", 2_000)
    count = generate(tmp_path / "after", 2_000, change=5)
    before, after = (read_lines(tmp_path / n / "claims.ndjson") for n in ("before", "after"))
    assert list(before) == list(after)
    differing = [after[i] for i in before if before[i] != after[i]]
    assert len(differing) == count
    assert 50 < count < 150
    assert all(claim["revision"] == 2 for claim in differing)


@pytest.mark.parametrize("field", ["announced", "occurred"])
def test_dates_are_known_unknown_and_uncertain(field: str) -> None:
    dates = [claim["dates"][field] for claim in Claims(CLAIMS, 1)]
    assert None in dates
    assert any("?" in date["edtf"] for date in dates if date)
    assert any("/" in date["edtf"] for date in dates if date)


def test_distinct_dates_do_not_grow_with_the_claims() -> None:
    dates = {
        date["edtf"]
        for claim in Claims(12_000, 1)
        for date in (*claim["dates"].values(), (claim["goal"] or {}).get("horizon"))
        if date
    }
    assert 300 < len(dates) < 800


def test_nobody_is_invented_and_relations_lead_back() -> None:
    seen: set[str] = set()
    kinds: set[str] = set()
    for claim in Claims(3_000, 1):
        assert claim["statement"].startswith("Agent ")
        for relation in claim["relations"]:
            assert relation["claim"] in seen
            kinds.add(relation["type"])
        seen.add(claim["id"])
    assert kinds == {"restates", "supports", "details", "continues"}


def test_a_goal_without_a_figure_is_not_called_reached() -> None:
    rows = goals.rows({"settings": {"sizes": [10_000, 100_000]}})
    assert len(rows) == 19
    assert {row.held for row in rows} == {None}
    assert all(row.measured.startswith("not measured: ") for row in rows)


def test_what_is_remarked_is_remarked_of_a_goal() -> None:
    keys = [row.key for row in goals.rows({"settings": {"sizes": [10_000, 1_000_000]}})]
    assert len(set(keys)) == len(keys)
    found = report.sections(report.REMARKS.read_text(encoding="utf-8"))
    assert found.keys() - {"in general"} <= set(keys)
    assert all(found.values())


def test_a_ratio_is_taken_within_its_round() -> None:
    def rounds(*rates: float) -> dict[str, Any]:
        return {"rounds": [{"rps": rate} for rate in rates]}

    servers = {"ours": rounds(10, 40, 10), "other": rounds(20, 20, 40)}
    assert goals.ratio({"http": {"10": servers}}, 10, "ours", "other", "rps") == 0.5


def test_the_chart_is_a_picture_that_names_everyone() -> None:
    drawn = chart.bars("Time", "µs", {"this service": 120.0, "a <peer>": 8_000.0}, "this")
    texts = [element.text for element in ElementTree.fromstring(drawn).iter()]
    assert {"Time", "this service", "a <peer>", "8,000"} <= set(texts)
