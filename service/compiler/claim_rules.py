"""Rules between a record and the vocabularies: identity, references, spans, chains, hierarchy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from schemas.faults import Fault, pointer, shown
from service.compiler.facts import Facts, independent_origins, restatement_cycles
from service.compiler.read import VOCABULARY_SCHEMAS, Fixtures, Record

NAMED_BY = {"documents": "title", "agents": "name", "topics": "label", "occasions": "name"}
"""The key of a record that tells what it is called, by vocabulary."""

_POINTS_TO = {
    "documents": ("publisher", "agents"),
    "topics": ("broader", "topics"),
    "occasions": ("organizer", "agents"),
}
"""The key by which a record of a vocabulary refers to another, and to which vocabulary."""

Places = Iterable[tuple[tuple[object, ...], str, Any]]


class Known:
    """The vocabularies by id; ``refer`` expands an id of one to ``{id, name}``."""

    def __init__(self, fixtures: Fixtures) -> None:
        self.records: dict[str, dict[str, Record]] = {
            name: {record["id"]: record for record in getattr(fixtures, name)}
            for name in VOCABULARY_SCHEMAS
        }
        self.refer = {name: partial(self._reference, name) for name in VOCABULARY_SCHEMAS}

    def _reference(self, vocabulary: str, identifier: str) -> dict[str, str]:
        record = self.records[vocabulary][identifier]
        return {"id": identifier, "name": record[NAMED_BY[vocabulary]]}


def reference_faults(fixtures: Fixtures) -> Iterator[Fault]:
    """Ids used twice in a vocabulary, and references from one to another that lead nowhere."""
    known = Known(fixtures).records
    for name in VOCABULARY_SCHEMAS:
        yield from repeated(fixtures.names[name], [r["id"] for r in getattr(fixtures, name)])
    for name, (key, target) in _POINTS_TO.items():
        for place, record in enumerate(getattr(fixtures, name)):
            pointed = [((key,), target, record[key])]
            yield from _dangling(fixtures.names[name], place, pointed, known)


def structure_faults(fixtures: Fixtures) -> Iterator[Fault]:
    """Topics in a circle and shared unnamed publishers, where every reference leads somewhere."""
    yield from _hierarchy(fixtures)
    yield from _publishers(fixtures)


def claim_faults(
    file: str, place: int, claim: Record, known: Known, connected: bool
) -> list[Fault]:
    """What is wrong between a claim, valid by itself, and the vocabularies.

    Only where those are ``connected``, that is without a fault between them, is
    a claim judged by more than whether its references lead somewhere.
    """
    dangling = _dangling(file, place, _pointed_at(claim), known.records)
    if dangling or not connected:
        return dangling
    return [*_spans(file, place, claim, known), *_chain(file, place, claim, known)]


def claims_faults(claims: Sequence[Facts], fixtures: Fixtures) -> Iterator[Fault]:
    """What is wrong between claims, each valid by itself.

    Each rule takes for granted that the one before it holds: independent
    origins are sought along restatements, which would not end in a circle.
    """
    file = fixtures.names["claims"]
    ids = [claim.id for claim in claims]
    rules: tuple[Iterator[Fault], ...] = (  # nothing is looked at before a rule's first fault is
        chain(repeated(file, ids), _unrelated(file, claims, set(ids))),
        _cycles(file, claims),
        _independence(file, claims, fixtures.agents),
    )
    for faults in rules:
        first = next(faults, None)
        if first is not None:
            yield first
            yield from faults
            return


def _cycles(file: str, claims: Sequence[Facts]) -> Iterator[Fault]:
    for place, cycle in restatement_cycles(claims):
        where = pointer(place, "relations")
        yield Fault(file, where, " → ".join(cycle), "restatements without a circle")


def repeated(file: str, ids: Sequence[str]) -> Iterator[Fault]:
    """Every place of an id that is used more than once."""
    if len(set(ids)) == len(ids):
        return
    times = Counter(ids)
    for place, identifier in enumerate(ids):
        if times[identifier] > 1:
            yield Fault(file, pointer(place, "id"), shown(identifier), "an id used once")


def _dangling(
    file: str, place: int, pointed: Places, known: Mapping[str, Mapping[str, Record]]
) -> list[Fault]:
    return [
        Fault(file, pointer(place, *steps), shown(value), f"the id of one of the {target}")
        for steps, target, value in pointed
        if value is not None and value not in known[target]
    ]


def _pointed_at(claim: Record) -> Places:
    yield ("occasion",), "occasions", claim["occasion"]
    for n, topic in enumerate(claim["topics"]):
        yield ("topics", n), "topics", topic
    for key in ("actors", "addressees", "about"):
        for n, agent in enumerate(claim[key]):
            yield (key, n), "agents", agent
    for n, link in enumerate(claim["sources"]):
        yield ("sources", n, "agent"), "agents", link["agent"]
    for n, quote in enumerate(claim["quotes"]):
        yield ("quotes", n, "speaker"), "agents", quote["speaker"]
    for key in ("quotes", "evidence"):
        for n, span in enumerate(claim[key]):
            yield (key, n, "document"), "documents", span["document"]


def _unrelated(file: str, claims: Sequence[Facts], ids: set[str]) -> Iterator[Fault]:
    for place, claim in enumerate(claims):
        for n, (_, target) in enumerate(claim.relations):
            if target not in ids:
                where = pointer(place, "relations", n, "claim")
                yield Fault(file, where, shown(target), "the id of one of the claims")


def _spans(file: str, place: int, claim: Record, known: Known) -> Iterator[Fault]:
    """Every offset lies inside its document."""
    documents = known.records["documents"]
    for key in ("evidence", "quotes"):
        for n, span in enumerate(claim[key]):
            length = documents[span["document"]]["length"]
            if span["end"] > length:
                allowed = f"at most the document's length, {length}"
                yield Fault(file, pointer(place, key, n, "end"), shown(span["end"]), allowed)


def _chain(file: str, place: int, claim: Record, known: Known) -> Iterator[Fault]:
    """A chain ends with a publisher of the evidence, and each of its agents is graded."""
    documents, agents = known.records["documents"], known.records["agents"]
    sources = claim["sources"]
    publishers = {documents[evidence["document"]]["publisher"] for evidence in claim["evidence"]}
    last = sources[-1]["agent"]
    if last not in publishers:
        where = pointer(place, "sources", len(sources) - 1, "agent")
        yield Fault(file, where, shown(last), "the publisher: " + ", ".join(sorted(publishers)))
    for n, link in enumerate(sources):
        if agents[link["agent"]]["reliability"] is None:
            where = pointer(place, "sources", n, "agent")
            wanted = "an agent whose reliability is graded in agents.json"
            yield Fault(file, where, shown(link["agent"]), wanted)


def _publishers(fixtures: Fixtures) -> Iterator[Fault]:
    """An unnamed publisher is one document's own: two unknown ones need not be the same."""
    unnamed = {agent["id"] for agent in fixtures.agents if agent["kind"] == "unnamed"}
    times = Counter(document["publisher"] for document in fixtures.documents)
    for place, document in enumerate(fixtures.documents):
        publisher = document["publisher"]
        if publisher in unnamed and times[publisher] > 1:
            allowed = "an unnamed agent that publishes no other document"
            where = pointer(place, "publisher")
            yield Fault(fixtures.names["documents"], where, shown(publisher), allowed)


def _hierarchy(fixtures: Fixtures) -> Iterator[Fault]:
    broader = {topic["id"]: topic["broader"] for topic in fixtures.topics}
    for place, topic in enumerate(fixtures.topics):
        seen, above = {topic["id"]}, topic["broader"]
        while above is not None and above not in seen:
            seen.add(above)
            above = broader[above]
        if above == topic["id"]:
            where = pointer(place, "broader")
            allowed = "no topic narrower than it"
            yield Fault(fixtures.names["topics"], where, shown(topic["broader"]), allowed)


def _independence(file: str, claims: Sequence[Facts], agents: Sequence[Record]) -> Iterator[Fault]:
    """To be confirmed by other sources (Admiralty credibility 1), a claim needs some."""
    origins = independent_origins(claims, agents)
    for place, claim in enumerate(claims):
        if claim.credibility == 1 and claim.id not in origins:
            where = pointer(place, "confidence", "content", "credibility")
            yield Fault(file, where, "1", "2 to 6, since the claim has a single origin")
