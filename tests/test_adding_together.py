"""``add --from``: claims of one file name each other, and documents by their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.curating import CLAIMS, Json, given, records, run, typed, without_claims
from tests.tables import each_row

PLACES = {claim["id"]: f"/{place}" for place, claim in enumerate(CLAIMS)}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A data set without claims."""
    return without_claims(tmp_path / "data")


def related(claim: Json) -> Json:
    """A claim as a person writes it, whose relations lead to places of the file."""
    made = typed(claim)
    made["relations"] = [{**each, "claim": PLACES[each["claim"]]} for each in claim["relations"]]
    for each in made["evidence"]:
        each["document"] = "ferries.txt"
    return made


def by_statement(claims: list[Json]) -> dict[str, Any]:
    """What each claim is related to and rests on, with statements in place of ids."""
    said = {claim["id"]: claim["statement"] for claim in claims}
    return {
        claim["statement"]: (
            [(each["type"], said[each["claim"]]) for each in claim.get("relations", ())],
            claim["evidence"],
        )
        for claim in claims
    }


def test_claims_of_a_file_are_related_by_their_places_in_it(
    directory: Path, tmp_path: Path
) -> None:
    together = given(tmp_path / "all.json", [*map(related, CLAIMS)])
    accepted = "evidence-of-several-sentences:The quotation runs over a paragraph."
    ended = run("add", "--from", together, "--accept", accepted, "--fixtures", directory)
    assert ended.status == 0, ended.err
    assert len(ended.out.split()) == len(CLAIMS)
    assert by_statement(records(directory, "claims")) == by_statement(CLAIMS)
    assert any(claim["relations"] for claim in CLAIMS)


@each_row("place", ["/10", "/-1", "/", "0", "/00", "/1/statement", 0, None, ["/0"]])
def test_a_place_that_the_file_does_not_have_is_refused(
    place: object, directory: Path, tmp_path: Path
) -> None:
    claims = [*map(related, CLAIMS)]
    claims[0]["relations"] = [{"type": "details", "claim": place, "rationale": "It says more."}]
    ended = run("add", "--from", given(tmp_path / "all.json", claims), "--fixtures", directory)
    assert ended.status == 1
    assert "/0/relations/0/claim" in ended.err
    assert records(directory, "claims") == []


@each_row("name", ["ferry.txt", "documents/ferries.txt", "FERRIES.TXT", ""])
def test_a_file_that_no_document_has_is_refused(name: str, directory: Path, tmp_path: Path) -> None:
    claim = related({**CLAIMS[0], "relations": []})
    claim["evidence"][0]["document"] = name
    ended = run("add", "--from", given(tmp_path / "one.json", claim), "--fixtures", directory)
    assert ended.status == 1
    assert "evidence/0" in ended.err
    assert records(directory, "claims") == []
