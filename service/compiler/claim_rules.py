"""Rules between a record and the vocabularies: identity, references, spans, chains, hierarchy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from schemas.faults import Breach, Fault, faults_at, pointer
from schemas.vocabularies import CLAIM_REFERENCES, VOCABULARIES
from service.compiler.facts import ClaimFacts, independent_origins, restatement_cycle
from service.compiler.read import Fixtures, PlainRecord

References = Iterable[tuple[tuple[object, ...], str, str | None]]
"""Where ids stand, the vocabularies they are of, and the ids."""
RecordsById = Mapping[str, Mapping[str, PlainRecord]]
"""The records of each vocabulary."""


def reference_faults(fixtures: Fixtures, known: RecordsById) -> Iterator[Fault]:
    """Ids used twice in a vocabulary, and references from one to another that lead nowhere."""
    for name in VOCABULARIES:
        ids = [record["id"] for record in fixtures[name]]
        yield from faults_at(fixtures.names[name], _repeated(ids))
    for name, kind in VOCABULARIES.items():
        for place, record in enumerate(fixtures[name]):
            pointed = [((key,), target, record[key]) for key, target in kind.references.items()]
            yield from faults_at(fixtures.names[name], _dangling(pointed, known), (place,))


def structure_faults(fixtures: Fixtures) -> Iterator[Fault]:
    """Topics in a circle and shared unnamed publishers, where every reference leads somewhere."""
    yield from faults_at(fixtures.names["topics"], _hierarchy(fixtures["topics"]))
    publishers = _publishers(fixtures["documents"], fixtures["agents"])
    yield from faults_at(fixtures.names["documents"], publishers)


def claim_breaches(claim: PlainRecord, known: RecordsById, connected: bool) -> list[Breach]:
    """What is wrong between a claim, valid by itself, and the vocabularies.

    Only where those are ``connected``, that is without a fault between them, is
    a claim judged by more than whether its references lead somewhere.
    """
    dangling = _dangling(_references(claim), known)
    if dangling or not connected:
        return dangling
    return [*_spans(claim, known), *_chain(claim, known)]


def claims_faults(
    file: str, claims: Sequence[ClaimFacts], agents: Collection[PlainRecord]
) -> Iterator[Fault]:
    """What is wrong between claims, each valid by itself.

    Each rule takes for granted that the one before it holds: independent
    origins are sought along restatements, which would not end in a circle.
    """
    ids = [claim.id for claim in claims]
    rules = (  # nothing is looked at before a rule's first fault is
        faults_at(file, chain(_repeated(ids), _unrelated(claims, set(ids)))),
        _cycles(file, claims),
        faults_at(file, _independence(claims, agents)),
    )
    for faults in rules:
        first = next(faults, None)
        if first is not None:
            yield first
            yield from faults
            return


def _repeated(ids: Sequence[str]) -> Iterator[Breach]:
    """Every place of an id that is used more than once."""
    if len(set(ids)) < len(ids):
        times = Counter(ids)
        for place, identifier in enumerate(ids):
            if times[identifier] > 1:
                yield (place, "id"), identifier, "an id used once"


def _dangling(references: References, known: RecordsById) -> list[Breach]:
    return [
        (steps, identifier, f"the id of one of the {vocabulary}")
        for steps, vocabulary, identifier in references
        if identifier is not None and identifier not in known[vocabulary]
    ]


def _references(claim: PlainRecord) -> References:
    yield ("occasion",), "occasions", claim["occasion"]
    for key, inner, vocabulary in CLAIM_REFERENCES:
        for n, item in enumerate(claim[key]):
            if inner is None:
                yield (key, n), vocabulary, item
            else:
                yield (key, n, inner), vocabulary, item[inner]


def _unrelated(claims: Sequence[ClaimFacts], ids: set[str]) -> Iterator[Breach]:
    for place, claim in enumerate(claims):
        for n, (_, target) in enumerate(claim.relations):
            if target not in ids:
                yield (place, "relations", n, "claim"), target, "the id of one of the claims"


def _cycles(file: str, claims: Sequence[ClaimFacts]) -> Iterator[Fault]:
    cycle = restatement_cycle(claims)
    if cycle:
        place = next(n for n, claim in enumerate(claims) if claim.id == cycle[0])
        allowed = "restatements without a circle"
        yield Fault(file, pointer(place, "relations"), " → ".join(cycle), allowed)


def _spans(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """Every offset lies inside its document."""
    for key in ("evidence", "quotes"):
        for n, span in enumerate(claim[key]):
            length = known["documents"][span["document"]]["length"]
            if span["end"] > length:
                yield (key, n, "end"), span["end"], f"at most the document's length, {length}"


def _chain(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """A chain ends with a publisher of the evidence, and each of its agents is graded."""
    documents, agents = known["documents"], known["agents"]
    sources = claim["sources"]
    publishers = {documents[evidence["document"]]["publisher"] for evidence in claim["evidence"]}
    last = sources[-1]["agent"]
    if last not in publishers:
        allowed = "the publisher: " + ", ".join(sorted(publishers))
        yield ("sources", len(sources) - 1, "agent"), last, allowed
    for n, link in enumerate(sources):
        if agents[link["agent"]]["reliability"] is None:
            allowed = "an agent whose reliability is graded in agents.json"
            yield ("sources", n, "agent"), link["agent"], allowed


def _publishers(
    documents: Collection[PlainRecord], agents: Collection[PlainRecord]
) -> Iterator[Breach]:
    """An unnamed publisher is one document's own: two unknown ones need not be the same."""
    unnamed = {agent["id"] for agent in agents if agent["kind"] == "unnamed"}
    times = Counter(document["publisher"] for document in documents)
    for place, document in enumerate(documents):
        publisher = document["publisher"]
        if publisher in unnamed and times[publisher] > 1:
            yield (
                (place, "publisher"),
                publisher,
                "an unnamed agent that publishes no other document",
            )


def _hierarchy(topics: Collection[PlainRecord]) -> Iterator[Breach]:
    """No topic is, in steps, broader than itself."""
    broader = {topic["id"]: topic["broader"] for topic in topics}
    for place, topic in enumerate(topics):
        passed, above = {topic["id"]}, topic["broader"]
        while above is not None and above not in passed:
            passed.add(above)
            above = broader[above]
        if above == topic["id"]:
            yield (place, "broader"), topic["broader"], "no topic narrower than it"


def _independence(
    claims: Sequence[ClaimFacts], agents: Collection[PlainRecord]
) -> Iterator[Breach]:
    """To be confirmed by other sources (Admiralty credibility 1), a claim needs some."""
    origins = independent_origins(claims, agents)
    for place, claim in enumerate(claims):
        if claim.credibility == 1 and claim.id not in origins:
            steps = (place, "confidence", "content", "credibility")
            yield steps, 1, "2 to 6, since the claim has a single origin"
