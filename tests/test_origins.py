"""Independent origins, on generated claims: what must not count for one does not."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.compiler import Fixtures
from tests.built import files_of
from tests.records import AGENTS, PUBLISHERS
from tests.strategies import data_sets

pytestmark = pytest.mark.slow

JOINING = ("restates", "supports")
_GROUPS = st.dictionaries(st.sampled_from(tuple(AGENTS)), st.sampled_from(("one", "other")))
_UNNAMED = st.sets(st.sampled_from(tuple(AGENTS)), max_size=2)


def known_as(
    fixtures: Fixtures, groups: Mapping[str, str], unnamed: set[str], *, one_text: bool
) -> Fixtures:
    """The same records, the agents in groups or without a name, the documents with one text."""
    made = copy.deepcopy(fixtures)
    for agent in made["agents"]:
        agent["origin_group"] = groups.get(agent["id"])
        agent["kind"] = "unnamed" if agent["id"] in unnamed else agent["kind"]
    for document in made["documents"]:
        document["sha256"] = "0" * 64 if one_text else document["sha256"]
    return made


def origins(fixtures: Fixtures) -> dict[str, int]:
    lines = files_of(fixtures)["claims.ndjson"].splitlines()
    return {claim["id"]: claim["independent_origins"] for claim in map(json.loads, lines)}


def cited(fixtures: Fixtures) -> int:
    """How many origins the claims cite in all."""
    return int(json.loads(files_of(fixtures)["manifest.json"])["counts"]["origins"])


def narrated(claim: Mapping[str, Any]) -> bool:
    return bool(claim["attribution"] == "narrator")


@settings(max_examples=10)
@given(data_sets(), _GROUPS, _UNNAMED)
def test_a_claim_has_an_origin_and_at_most_one_for_each_source_that_is_joined(
    fixtures: Fixtures, groups: dict[str, str], unnamed: set[str]
) -> None:
    made = known_as(fixtures, groups, unnamed, one_text=False)
    joined = {claim["id"]: {claim["id"]} for claim in made["claims"]}
    for claim in made["claims"]:
        for relation in claim["relations"]:
            if relation["type"] in JOINING:
                joined[claim["id"]].add(relation["claim"])
                joined[relation["claim"]].add(claim["id"])
    sourced = {claim["id"] for claim in made["claims"] if not narrated(claim)}
    for identifier, count in origins(made).items():
        assert 1 <= count <= max(1, len(joined[identifier] & sourced))


@settings(max_examples=10)
@given(data_sets(), _GROUPS, _UNNAMED)
def test_the_own_voice_of_a_document_adds_no_origin_whatever_joins_it(
    fixtures: Fixtures, groups: dict[str, str], unnamed: set[str]
) -> None:
    made = known_as(fixtures, groups, unnamed, one_text=False)
    silent = copy.deepcopy(made)
    own_voice = {claim["id"] for claim in made["claims"] if narrated(claim)}
    for claim in silent["claims"]:
        kept = () if claim["id"] in own_voice else claim["relations"]
        claim["relations"] = [each for each in kept if each["claim"] not in own_voice]
    before, after = origins(made), origins(silent)
    assert all(before[each] == after[each] for each in before.keys() - own_voice)


@settings(max_examples=10)
@given(data_sets(), _GROUPS, _UNNAMED, st.sampled_from(tuple(AGENTS)))
def test_to_know_less_of_the_sources_adds_no_origin(
    fixtures: Fixtures, groups: dict[str, str], unnamed: set[str], agent: str
) -> None:
    """One text for two, an agent in the group of another, an agent without a name."""
    plain = {name: groups[name] for name in groups.keys() - {agent, *unnamed}}
    before = origins(known_as(fixtures, plain, unnamed, one_text=False))
    same_text = origins(known_as(fixtures, plain, unnamed, one_text=True))
    grouped = known_as(fixtures, {**plain, agent: "one"}, unnamed, one_text=False)
    assert all(same_text[each] <= before[each] for each in before)
    if "one" in plain.values():
        assert all(origins(grouped)[each] <= before[each] for each in before)
    if unnamed - {agent}:
        nameless = origins(known_as(fixtures, plain, unnamed | {agent}, one_text=False))
        assert all(nameless[each] <= before[each] for each in before)


@settings(max_examples=10)
@given(data_sets(), _GROUPS, _UNNAMED)
def test_all_origins_are_those_of_the_sources_less_what_they_share(
    fixtures: Fixtures, groups: dict[str, str], unnamed: set[str]
) -> None:
    made = known_as(fixtures, groups, unnamed, one_text=False)
    shared = {
        agent["id"]: agent["origin_group"] or (agent["kind"] == "unnamed" or agent["id"])
        for agent in made["agents"]
    }
    sourced = [claim["sources"] for claim in made["claims"] if not narrated(claim)]
    every = {shared[chain[0]["agent"]] for chain in sourced}
    direct = {shared[chain[0]["agent"]] for chain in sourced if len(chain) == 2}
    assert len(direct) <= cited(made) <= len(every)
    assert bool(every) == bool(cited(made))


@settings(max_examples=10)
@given(data_sets())
def test_publishers_of_one_text_are_one_where_the_text_itself_is_the_source(
    fixtures: Fixtures,
) -> None:
    made = known_as(fixtures, {}, set(), one_text=True)
    for claim in made["claims"]:
        publisher = PUBLISHERS[claim["evidence"][0]["document"]]
        claim["sources"] = [
            {"agent": publisher, "role": role, "cue": None} for role in ("speaker", "publisher")
        ]
        claim["attribution"] = "mixed" if claim["quotes"] else "indirect"
    assert set(origins(made).values()) <= {1}
