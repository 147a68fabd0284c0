"""What a search text finds in the data that comes with the service, and how it may be typed."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from schemas.query import ClaimQuery, search_text
from service.compiler import open_fixtures
from service.store.protocol import Store
from tests.built import dataset_of
from tests.contract_tools import ContractClient, contract
from tests.plain_words import stems
from tests.records import chain, claim, claim_id, fixtures, quote
from tests.reference_store import texts
from tests.tables import each_row

Claim = dict[str, Any]


@pytest.fixture(scope="module")
def store() -> Store:
    return open_fixtures()


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """The words of each shipped claim: its texts, and the names of what it is about, a line each,
    blanks around the words.
    """
    dataset = dataset_of()
    claims = map(json.loads, bytes(dataset.claims[:]).splitlines())
    return {
        each["id"]: "\n".join(f" {' '.join(text)} " for text in texts(each, dataset.records))
        for each in claims
    }


def holding(said: dict[str, str], phrase: str) -> set[str]:
    """The claims in which the words of a phrase stand next to each other."""
    return {each for each, words in said.items() if f" {' '.join(stems(phrase))} " in words}


def found(store: Store, text: str, **filters: Any) -> list[Claim]:
    query = ClaimQuery(q=text, limit=100, **filters)
    return [json.loads(body) for body in store.search(query).bodies]


def ids(claims: list[Claim]) -> set[str]:
    return {each["id"] for each in claims}


def own_words(each: Claim) -> str:
    """The statement and the quotations."""
    return " ".join([each["statement"], *(quoted["text"] for quoted in each["quotes"])]).casefold()


def _all_names(store: Store) -> Iterator[str]:
    for vocabulary in store.vocabularies.values():
        for record in vocabulary:
            yield str(record[vocabulary.name_key])
            yield from record.get("other_names", ())


# The shipped data


def test_a_word_of_any_name_finds_the_claims_that_it_stands_in_and_no_other(
    store: Store, said: dict[str, str]
) -> None:
    """Headlines are the names of unnamed publishers: with them, "war" was in half of the data."""
    for word in {word for name in _all_names(store) for word in re.findall(r"\w+", name)}:
        assert ids(found(store, word)) == holding(said, word), word


def test_two_words_of_any_name_find_the_claims_that_say_both_together_and_no_other(
    store: Store, said: dict[str, str]
) -> None:
    for name in _all_names(store):
        for pair in itertools.pairwise(re.findall(r"\w+", name)):
            phrase = " ".join(pair)
            assert ids(found(store, f"“{phrase}”")) == holding(said, phrase), phrase


def test_the_words_of_a_headline_find_the_claims_that_say_so_themselves(store: Store) -> None:
    for each in found(store, '"war preparations"'):
        assert "war preparations" in own_words(each)


def test_every_other_name_of_every_agent_finds_the_claims_of_that_agent(store: Store) -> None:
    tried = 0
    for agent in store.vocabularies["agents"]:
        identifier, named = agent["id"], set()
        for each in ("actor", "addressee", "about", "speaker"):
            claims = store.search(ClaimQuery(**{each: (identifier,)}, limit=100)).bodies
            named |= ids([c for c in map(json.loads, claims) if not _printed_only(c, identifier)])
        for name in (agent["name"], *agent["other_names"]):
            tried += bool(named)
            if name in agent["other_names"] or agent["kind"] != "unnamed":
                assert named <= ids(found(store, name)), name
    assert tried >= 20


def _printed_only(each: Claim, identifier: str) -> bool:
    others = [*each["actors"], *each["addressees"], *each["about"]]
    others += [link["agent"] for link in each["sources"] if link["role"] != "publisher"]
    return identifier not in {agent["id"] for agent in others}


def test_what_is_excluded_is_excluded_for_what_a_claim_is_about(store: Store) -> None:
    without = found(store, "nuclear -kim")
    assert without
    assert not [each for each in without if "kim" in json.dumps(each["sources"][:-1]).casefold()]
    assert not [each for each in without if "kim" in own_words(each)]
    assert ids(without) | ids(found(store, "nuclear kim")) == ids(found(store, "nuclear"))


# What is searched of any data


def test_a_publisher_is_searched_only_for_what_it_says_or_does() -> None:
    store = open_fixtures(
        fixtures(
            [
                claim(1),
                claim(2, actors=["gazette"]),
                claim(3, about=["gazette"]),
                claim(4, sources=chain("gazette"), attribution="indirect"),
                claim(5, sources=chain("agency", "gazette"), attribution="indirect"),
                claim(6, quotes=[quote("Hear, hear.", speaker="gazette")]),
            ]
        )
    )
    assert ids(found(store, "gazette")) == {claim_id(number) for number in (2, 3, 4, 5)}


def test_a_made_up_name_of_a_publisher_is_never_searched_and_its_other_names_are() -> None:
    made = fixtures([claim(1), claim(2, actors=["gazette"]), claim(3, about=["herald"])])
    gazette, herald = (a for a in made["agents"] if a["id"] in ("gazette", "herald"))
    gazette |= {"name": "Unnamed publisher of “War”", "kind": "unnamed", "other_names": ["Daily"]}
    herald |= {"name": "An unnamed enemy", "kind": "unnamed"}
    store = open_fixtures(made)
    assert not found(store, "war")
    assert ids(found(store, "daily")) == {claim_id(2)}
    assert ids(found(store, "enemy")) == {claim_id(3)}


def test_other_names_of_places_are_searched() -> None:
    made = fixtures([claim(1, places=["coast"]), claim(2, places=["hills"])])
    coast = next(place for place in made["places"] if place["id"] == "coast")
    coast["other_names"] = ["Seaside", "Κόστα"]
    store = open_fixtures(made)
    assert ids(found(store, "seaside")) == ids(found(store, "ΚΟΣΤΑ")) == {claim_id(1)}


# How it may be typed

_PAIRS = ("“”", "„“", "”“", "„”", "‟”", "«»", "»«", "‹›", "＂＂", "「」", "『』", '""', '“"')


@each_row("pair", _PAIRS)
@each_row("dash", ["", "-", "–", "—", "−", "‐", "\u2011", "－"])
def test_any_quotation_marks_make_a_phrase_and_any_dash_excludes(pair: str, dash: str) -> None:
    opening, closing = pair[0], pair[1]
    read = search_text(f"one {dash}{opening}two words{closing} {dash}three")
    plain = "-" if dash else ""
    assert read == search_text(f'one {plain}"two words" {plain}three')
    assert search_text(f"\u200f{dash}\u200b{opening}two words\u00ad{closing}") == search_text(
        f'{plain}"two words"'
    )


def test_a_dash_within_a_word_or_alone_excludes_nothing() -> None:
    for dash in "-–—−":
        assert search_text(f"a{dash}b {dash} c").without == ()


# The examples of the contract


def _searches() -> Iterator[tuple[str, int | None]]:
    """The address of each example that has a search text, with the total that it says."""
    yield f"/v1/claims?q={contract()['components']['parameters']['TextInQuery']['example']}", None
    for example in contract()["components"]["examples"].values():
        value = example.get("value")
        if isinstance(value, dict) and "q=" in value.get("links", {}).get("self", ""):
            yield value["links"]["self"], value["meta"]["total"]


@pytest.mark.parametrize(("address", "total"), [*_searches()])
def test_every_search_in_the_contract_finds_what_it_says(
    client: ContractClient, address: str, total: int | None
) -> None:
    answer = client.get(address).get_json()
    assert answer["meta"]["total"] == (total or answer["meta"]["total"]) > 0
    asked = search_text(parse_qs(urlsplit(address).query)["q"][0])
    for each in answer["data"]:
        text = " ".join(stems(json.dumps(each, ensure_ascii=False)))
        assert all(" ".join(stems(wanted)) in text for wanted in (*asked.words, *asked.phrases))
        assert not any(" ".join(stems(word)) in own_words(each) for word in asked.without)
