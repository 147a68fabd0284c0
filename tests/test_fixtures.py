"""The curated data that ships: valid, honest in its relations, and exact to the character.

What the documents themselves say is compared where they are at hand: in
``CLAIMS_DOCUMENTS``, or in ``../shared/documents`` beside the repository.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from service.compiler import SHIPPED, Fixtures, check_fixtures
from tests.samples import faults_in_directory
from tests.tables import each_row

QUOTED = re.compile("“([^”]*)”")
REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENTS = Path(os.environ.get("CLAIMS_DOCUMENTS") or REPOSITORY.parent / "shared" / "documents")


@functools.cache
def shipped() -> Fixtures:
    return check_fixtures(SHIPPED)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of every document by its id, not a character changed."""
    files = {document["id"]: DOCUMENTS / document["file"] for document in shipped()["documents"]}
    missing = [path.name for path in files.values() if not path.is_file()]
    if missing:
        pytest.skip(
            f"the source documents {', '.join(missing)} are not in {DOCUMENTS}: "
            "set CLAIMS_DOCUMENTS to prove the data against them"
        )
    return {identifier: path.read_bytes().decode() for identifier, path in files.items()}


def _spans(key: str) -> list[Any]:
    return [
        pytest.param(span, id=f"{claim['id']}-{place}")
        for claim in json.loads((SHIPPED / "claims.json").read_bytes())
        for place, span in enumerate(claim[key])
    ]


def test_the_shipped_data_is_valid() -> None:
    assert faults_in_directory(SHIPPED) == ()


def test_both_documents_are_curated_whole() -> None:
    assert len(shipped()["documents"]) == 2
    assert 55 <= len(shipped()["claims"]) <= 70


def test_every_relation_says_why() -> None:
    reasons = [r["rationale"] for claim in shipped()["claims"] for r in claim["relations"]]
    assert reasons
    assert all(reason.endswith(".") and " " in reason for reason in reasons)


def test_a_restatement_points_to_the_fullest_statement() -> None:
    """Never to another restatement, so that each proposition is counted once."""
    targets = {
        claim["id"]: [r["claim"] for r in claim["relations"] if r["type"] == "restates"]
        for claim in shipped()["claims"]
    }
    assert any(targets.values())
    assert [
        (claim, target) for claim, found in targets.items() for target in found if targets[target]
    ] == []


def test_restatements_stay_inside_a_document() -> None:
    """Across documents claims continue, escalate, contrast, support; they tell of other years."""
    documents = {
        claim["id"]: {evidence["document"] for evidence in claim["evidence"]}
        for claim in shipped()["claims"]
    }
    assert [
        (claim["id"], relation["claim"])
        for claim in shipped()["claims"]
        for relation in claim["relations"]
        if relation["type"] == "restates"
        and not documents[claim["id"]] & documents[relation["claim"]]
    ] == []


def test_the_two_meetings_are_compared() -> None:
    documents = {
        claim["id"]: {evidence["document"] for evidence in claim["evidence"]}
        for claim in shipped()["claims"]
    }
    across = {
        relation["type"]
        for claim in shipped()["claims"]
        for relation in claim["relations"]
        if not documents[claim["id"]] & documents[relation["claim"]]
    }
    assert across & {"continues", "escalates", "contrasts"}


def test_an_unnamed_publisher_belongs_to_one_document_alone() -> None:
    unnamed = {agent["id"] for agent in shipped()["agents"] if agent["kind"] == "unnamed"}
    publishers = [document["publisher"] for document in shipped()["documents"]]
    shared = [publisher for publisher in publishers if publishers.count(publisher) > 1]
    assert [publisher for publisher in shared if publisher in unnamed] == []


def test_the_documents_are_those_that_were_curated(texts: dict[str, str]) -> None:
    """Hash of the raw bytes and length in code points."""
    for document in shipped()["documents"]:
        text = texts[document["id"]]
        assert hashlib.sha256(text.encode()).hexdigest() == document["sha256"]
        assert len(text) == document["length"]


def test_every_string_in_quotation_marks_is_a_quote_of_some_claim(texts: dict[str, str]) -> None:
    printed = {
        (identifier, match.start(1), match.end(1), match.group(1))
        for identifier, text in texts.items()
        for match in QUOTED.finditer(text)
    }
    curated = {
        (quote["document"], quote["start"], quote["end"], quote["text"])
        for claim in shipped()["claims"]
        for quote in claim["quotes"]
    }
    assert len(printed) == sum(text.count("“") for text in texts.values())
    assert printed - curated == set()
    assert curated - printed == set()


@pytest.mark.parametrize("quote", _spans("quotes"))
def test_a_quote_stands_in_its_document_between_the_marks(
    quote: dict[str, Any], texts: dict[str, str]
) -> None:
    text = texts[quote["document"]]
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert text[quote["start"] - 1] + text[quote["end"]] == "“”"


@each_row("evidence", _spans("evidence"))
def test_evidence_is_the_span_that_was_hashed(
    evidence: dict[str, Any], texts: dict[str, str]
) -> None:
    span = texts[evidence["document"]][evidence["start"] : evidence["end"]]
    assert hashlib.sha256(span.encode()).hexdigest() == evidence["sha256"]
    assert span == span.strip()
