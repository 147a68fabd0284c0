"""Rules between records: identity, references, spans, chains and hierarchy; and between claims."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from schemas.faults import MAX_FAULTS, Breach, Fault, faults_at
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.read import Fixtures, PlainRecord
from service.compiler.rules.dates import bounds_of, publication
from service.compiler.rules.facts import (
    Facts,
    RecordsById,
    References,
    claim_references,
    vocabulary_references,
)
from service.compiler.rules.identity import Ids
from service.compiler.rules.relations import circles, contradictions


def vocabulary_faults(fixtures: Fixtures, name: str, ids: Ids) -> Iterator[Fault]:
    """What is wrong between the records of a vocabulary, each valid by itself, and others: ids used
    twice, references that lead nowhere, circles, and unnamed publishers that documents share.
    """
    file, kind = fixtures.file(name), VOCABULARIES[name]
    yield from faults_at(file, _repeated([record["id"] for record in fixtures[name]]))
    for place, record in enumerate(fixtures[name]):
        breaches = _dangling(vocabulary_references(record, kind), ids)
        yield from faults_at(file, breaches, (place,))
    for key, vocabulary in kind.references.items():
        if vocabulary == name:
            yield from faults_at(file, _circles(fixtures, name, key))
    if name == "documents":
        yield from faults_at(file, _publishers(fixtures))


def claim_breaches(claim: PlainRecord, known: RecordsById, ids: Ids | None = None) -> list[Breach]:
    """What is wrong between a claim, valid by itself, and the vocabularies.

    ``ids`` are those that it may refer to, where some records are not ``known``
    since they are faulty; what follows from these alone is not told.
    """
    dangling = _dangling(claim_references(claim), known if ids is None else ids)
    return [*dangling, *_spans(claim, known), *_chain(claim, known), *_foretold(claim, known)]


def claims_faults(file: str, facts: Facts, ids: Container[str], claims: int) -> Iterator[Fault]:
    """What is wrong between claims, each valid by itself; ``ids`` are those of all ``claims``."""
    repeated = [*islice(_repeated_claims(facts), MAX_FAULTS + 1)]
    yield from faults_at(file, chain(repeated, _unrelated(facts, ids), contradictions(facts)))
    if not repeated:
        yield from circles(file, facts, claims)


def independence_faults(file: str, facts: Facts) -> Iterator[Fault]:
    """Claims that are called confirmed by other sources (Admiralty credibility 1) without any."""
    confirmed = """
        SELECT place FROM claim WHERE credibility = 1
            AND NOT EXISTS (SELECT 1 FROM independent WHERE independent.place = claim.place)
        ORDER BY place"""
    for (place,) in facts.find(confirmed):
        steps = (place, "confidence", "content", "credibility")
        yield from faults_at(file, [(steps, 1, "2 to 6, since the claim has a single origin")])


def _repeated(ids: Sequence[str]) -> Iterator[Breach]:
    """Every place of an id that is used more than once."""
    if len(set(ids)) < len(ids):
        times = Counter(ids)
        for place, identifier in enumerate(ids):
            if times[identifier] > 1:
                yield (place, "id"), identifier, "an id used once"


def _repeated_claims(facts: Facts) -> Iterator[Breach]:
    """The same of claims."""
    repeated = """
        SELECT place, id FROM claim
        WHERE id IN (SELECT id FROM claim GROUP BY id HAVING count(*) > 1) ORDER BY place"""
    for place, identifier in facts.find(repeated):
        yield (place, "id"), identifier, "an id used once"


def _unrelated(facts: Facts, ids: Container[str]) -> Iterator[Breach]:
    unrelated = """
        SELECT place, n, target FROM relation
        WHERE NOT EXISTS (SELECT 1 FROM claim WHERE claim.id = target) ORDER BY place, n"""
    for place, n, target in facts.find(unrelated):
        if target not in ids:
            yield (place, "relations", n, "claim"), target, "the id of one of the claims"


def _dangling(references: References, ids: Ids) -> list[Breach]:
    return [
        (steps, holder[key], f"the id of one of the {vocabulary}")
        for steps, holder, key, vocabulary in references
        if holder[key] is not None and holder[key] not in ids[vocabulary]
    ]


def _spans(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """Every offset lies inside its document."""
    for key in ("evidence", "quotes"):
        for n, span in enumerate(claim[key]):
            document = known["documents"].get(span["document"])
            if document is not None and span["end"] > (length := document["length"]):
                yield (key, n, "end"), span["end"], f"at most the document's length, {length}"


def _chain(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """A chain ends with a publisher of the evidence, and each of its agents is graded; so do the
    chains of other readings.
    """
    documents, agents = known["documents"], known["agents"]
    printed = [documents.get(evidence["document"]) for evidence in claim["evidence"]]
    publishers = {document["publisher"] for document in printed if document is not None}
    certain = None not in printed and publishers <= agents.keys()
    others = enumerate(claim["alternatives"])
    chains: dict[tuple[object, ...], Any] = {("sources",): claim["sources"]}
    chains |= {("alternatives", n, "sources"): reading["sources"] for n, reading in others}
    for at, sources in chains.items():
        last = sources[-1]["agent"]
        if certain and last not in publishers:
            allowed = "the publisher: " + ", ".join(sorted(publishers))
            yield (*at, len(sources) - 1, "agent"), last, allowed
        for n, link in enumerate(sources):
            agent = agents.get(link["agent"])
            if agent is not None and agent["reliability"] is None:
                allowed = "an agent whose reliability is graded in agents.json"
                yield (*at, n, "agent"), link["agent"], allowed


def _foretold(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """An event has happened: by the day it was announced, else by that of its publication."""
    if claim["kind"] != "event" or claim["dates"]["occurred"] is None:
        return
    if any(each["document"] not in known["documents"] for each in claim["evidence"]):
        return
    reported = bounds_of(claim["dates"]["announced"])[1] or publication(claim, known)[1]
    begun = bounds_of(claim["dates"]["occurred"])[0]
    if begun and reported and begun > reported:
        allowed = f"an event that had begun when it was reported ({reported}), or kind forecast"
        yield ("dates", "occurred", "edtf"), claim["dates"]["occurred"]["edtf"], allowed


def _publishers(fixtures: Fixtures) -> Iterator[Breach]:
    """An unnamed publisher is one document's own: two unknown ones need not be the same."""
    unnamed = {agent["id"] for agent in fixtures["agents"] if agent["kind"] == "unnamed"}
    times = Counter(document["publisher"] for document in fixtures["documents"])
    for place, document in enumerate(fixtures["documents"]):
        publisher = document["publisher"]
        if publisher in unnamed and times[publisher] > 1:
            allowed = "an unnamed agent that publishes no other document"
            yield (place, "publisher"), publisher, allowed


def _circles(fixtures: Fixtures, name: str, key: str) -> Iterator[Breach]:
    """No record leads, in steps of ``key``, to itself (no topic is broader than itself)."""
    targets = {record["id"]: record[key] for record in fixtures[name]}
    for place, (identifier, target) in enumerate(targets.items()):
        passed, further = {identifier}, target
        while further is not None and further not in passed:
            passed.add(further)
            further = targets.get(further)
        if further == identifier:
            yield (place, key), target, f"one of the {name} that does not lead back here"
