"""Two readings compared: which units are the same, and the figures of each field."""

from __future__ import annotations

import csv
import itertools
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from service.compiler import SHIPPED
from service.curation.agreement.figures import agreement_of
from service.curation.agreement.matching import (
    LEAST_LIKENESS,
    ReadUnit,
    claim_units,
    likeness,
    match,
)
from tests.curating import CLAIMS, DOCUMENT, Json, put_reading, reading_of, run, without_claims

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return without_claims(tmp_path / "ferries")


def test_the_figures_of_the_shipped_readings_are_those_that_are_published(tmp_path: Path) -> None:
    published = json.loads((SHIPPED / "dataset.json").read_bytes())["agreement"]
    found = run("agree", "a", "b", "--csv", tmp_path / "differences.csv")
    assert found.status == 0, found.err
    assert f"{published['units']} units matched, Dice {published['dice']:.3f}" in found.out
    other = tmp_path / "other"
    (other / "readings").mkdir(parents=True)
    for path in (SHIPPED / "readings").iterdir():
        (other / "readings" / path.name).write_bytes(path.read_bytes())
    assert run("agree", "a", "b", "--write", "--fixtures", other).status == 0
    assert json.loads((other / "dataset.json").read_bytes())["agreement"] == published
    with (tmp_path / "differences.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    units = Counter(row["field"] for row in rows)
    for figure in published["fields"]:
        equal = figure["n"] - units[figure["field"]]
        assert round(100 * equal / figure["n"]) == figure["percent"]
    assert units["unit"] == 2, "one of each coder's 61"


def test_equal_readings_agree_in_everything(place: Path) -> None:
    for coder in ("ada", "bob"):
        put_reading(place, reading_of(CLAIMS, coder))
    found = run("agree", "ada", "bob", "--fixtures", place)
    assert found.status == 0, found.err
    assert "10 units matched, Dice 1.000" in found.out
    assert DOCUMENT not in found.out, "no difference"
    assert "mending" not in found.out


def test_what_is_read_otherwise_is_listed_and_a_low_alpha_said(place: Path) -> None:
    other = reading_of(CLAIMS[1:], "bob")
    for number, unit in enumerate(other["units"]):
        if number % 2:
            unit["claim"]["kind"] = "forecast" if unit["claim"]["kind"] != "forecast" else "event"
    put_reading(place, reading_of(CLAIMS, "ada"))
    put_reading(place, other)
    found = run("agree", "ada", "bob", "--fixtures", place)
    assert "9 units matched" in found.out
    assert found.out.count(": kind: ") == 4
    assert f"{DOCUMENT} 64-182 | none: unit: {CLAIMS[0]['statement']}" in found.out
    assert "its rule in the codebook needs mending" in found.out


def test_the_figures_are_written_beside_what_is_described(place: Path) -> None:
    text = '{"id": "ferries",\n "agreement": null, "title":   "Ferries"}\n'
    (place / "dataset.json").write_text(text)
    for coder in ("ada", "bob"):
        put_reading(place, reading_of(CLAIMS, coder))
    for _ in range(2):
        assert run("agree", "ada", "bob", "--write", "--fixtures", place).status == 0
        written = (place / "dataset.json").read_text()
        before, after = text.split("null")
        assert written.startswith(before)
        assert written.endswith(after)
        assert json.loads(written)["agreement"]["dice"] == 1.0
    assert run("check", "--fixtures", place).status == 0


REFUSED: dict[str, tuple[Json, str]] = {
    "unfinished": ({"finished": False}, "/finished"),
    "of another text": ({"sha256": "0" * 64}, "/sha256"),
    "by another codebook": ({"codebook": "1.0"}, "/codebook"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_only_finished_readings_of_one_text_are_compared(name: str, place: Path) -> None:
    other, said = REFUSED[name]
    put_reading(place, reading_of(CLAIMS, "ada"))
    put_reading(place, reading_of(CLAIMS, "bob", **other))
    found = run("agree", "ada", "bob", "--fixtures", place)
    assert (found.status, found.out) == (1, "")
    assert f"{DOCUMENT}.bob.json {said}" in found.err


def test_whose_readings_are_meant_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_reading(place, reading_of(CLAIMS, "ada"))
    assert "no coder" in run("agree", "ada", "eve", "--fixtures", place).err
    assert "are by ada" in run("agree", path, "ada", "--fixtures", place).err
    put_reading(place, reading_of(CLAIMS, "bob"))
    monkeypatch.setitem(sys.modules, "nltk", None)
    monkeypatch.setitem(sys.modules, "nltk.metrics", None)
    monkeypatch.setitem(sys.modules, "nltk.metrics.agreement", None)
    assert "policy-claims[agreement]" in run("agree", "ada", "bob", "--fixtures", place).err


# --- against slow and obvious ways --------------------------------------------------------------


def units(rng: random.Random, count: int) -> list[ReadUnit]:
    made = []
    for number in range(count):
        start = rng.randrange(60)
        words = " ".join(rng.choice(("port", "boat", "crew", "toll")) for _ in range(4))
        end = start + rng.randrange(10, 40)
        made.append(ReadUnit("doc_0", str(number), start, end, {"statement": words}))
    return made


def best(a: list[ReadUnit], b: list[ReadUnit]) -> float:
    """The largest sum of likenesses, by trying every way."""
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return max(
        sum(alike(one, other) for one, other in zip(chosen, shorter, strict=True))
        for chosen in itertools.permutations(longer, len(shorter))
    )


def alike(a: ReadUnit, b: ReadUnit) -> float:
    value = likeness(a, b)
    return value if value >= LEAST_LIKENESS else 0.0


def test_no_other_matching_has_units_that_are_more_alike() -> None:
    rng = random.Random(11)
    pairs = 0
    for _ in range(60):
        a, b = units(rng, rng.randrange(6)), units(rng, rng.randrange(6))
        matched = match(a, b)
        found = sum(alike(one, other) for one, other in matched.pairs)
        assert found == pytest.approx(best(a, b), abs=1e-4)
        pairs += len(matched.pairs)
        assert len(matched.pairs) + len(matched.only_a) == len(a)
        assert len(matched.pairs) + len(matched.only_b) == len(b)
    assert pairs > 60


def nominal_alpha(values: list[tuple[Any, Any]]) -> float:
    """Krippendorff's alpha of two coders without gaps, from the coincidences."""
    times = Counter(label for pair in values for label in pair)
    total = 2 * len(values)
    expected = 1 - sum(n * (n - 1) for n in times.values()) / (total * (total - 1))
    observed = sum(a != b for a, b in values) / len(values)
    return 1.0 if expected == 0 else 1 - observed / expected


def test_alpha_is_that_of_the_coincidences() -> None:
    rng = random.Random(5)
    for _ in range(20):
        a, b = (reading_of(CLAIMS, coder) for coder in ("ada", "bob"))
        values = []
        for one, other in zip(a["units"], b["units"], strict=True):
            pair = rng.choice("xyz"), rng.choice("xyz")
            one["claim"]["kind"], other["claim"]["kind"] = pair
            values.append(pair)
        agreement = agreement_of([match(claim_units(a), claim_units(b))])
        (kind,) = (figure for figure in agreement.fields if figure.field == "kind")
        assert kind.alpha == pytest.approx(nominal_alpha(values), abs=0.006)


def test_sets_that_share_something_disagree_less_than_those_that_do_not() -> None:
    def alpha(other: list[str]) -> float:
        a, b = (reading_of(CLAIMS, coder) for coder in ("ada", "bob"))
        a["units"][0]["claim"]["about"] = ["ferry-users", "dockyard"]
        b["units"][0]["claim"]["about"] = other
        figures = agreement_of([match(claim_units(a), claim_units(b))]).fields
        (about,) = (figure for figure in figures if figure.field == "about")
        assert about.alpha is not None
        return about.alpha

    assert 1.0 == alpha(["dockyard", "ferry-users"]) > alpha(["dockyard"]) > alpha(["crew"])


def test_no_unit_in_common_gives_no_figure() -> None:
    a, b = reading_of(CLAIMS[:1]), reading_of(CLAIMS[-1:])
    agreement = agreement_of([match(claim_units(a), claim_units(b))])
    assert (agreement.units, agreement.dice) == (0, 0.0)
    assert {figure.alpha for figure in agreement.fields} == {None}
    nothing = agreement_of([match([], [])])
    assert nothing.dice is None
