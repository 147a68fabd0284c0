"""Rules between records: identity, references, spans, chains and hierarchy; between claims; and of
the record of changes, which is gap-free, in order, and ends where the claims begin.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from schemas.faults import Breach, Fault, Faults, faults_at, shown
from schemas.vocabularies import VOCABULARIES
from service.compiler.claim_dates import bounds_of, publication
from service.compiler.facts import (
    ChangeFacts,
    ClaimFacts,
    RecordsById,
    References,
    claim_references,
    vocabulary_references,
)
from service.compiler.origins import independent_origins
from service.compiler.read import Fixtures, PlainRecord
from service.compiler.relations import circles, contradictions


def reference_faults(fixtures: Fixtures, known: RecordsById) -> Iterator[Fault]:
    """Ids used twice in a vocabulary, and references from one to another that lead nowhere."""
    for name in VOCABULARIES:
        ids = [record["id"] for record in fixtures[name]]
        yield from faults_at(fixtures.file(name), _repeated(ids))
    for name, kind in VOCABULARIES.items():
        for place, record in enumerate(fixtures[name]):
            breaches = _dangling(vocabulary_references(record, kind), known)
            yield from faults_at(fixtures.file(name), breaches, (place,))


def structure_faults(fixtures: Fixtures) -> Iterator[Fault]:
    """Records in a circle and shared unnamed publishers, where every reference leads somewhere."""
    for name, kind in VOCABULARIES.items():
        for key, vocabulary in kind.references.items():
            if vocabulary == name:
                yield from faults_at(fixtures.file(name), _circles(fixtures, name, key))
    yield from faults_at(fixtures.file("documents"), _publishers(fixtures))


def claim_breaches(claim: PlainRecord, known: RecordsById, connected: bool) -> list[Breach]:
    """What is wrong between a claim, valid by itself, and the vocabularies.

    Only where those are ``connected``, that is without a fault between them, is
    a claim judged by more than whether its references lead somewhere.
    """
    dangling = _dangling(claim_references(claim), known)
    if dangling or not connected:
        return dangling
    return [*_spans(claim, known), *_chain(claim, known), *_foretold(claim, known)]


def check_claims(
    file: str, claims: Sequence[ClaimFacts], known: RecordsById, faults: Faults
) -> dict[str, int]:
    """What is wrong between claims, each valid by itself, goes to ``faults``.

    Gives what ``independent_origins`` does, which is asked only where relations lead somewhere.
    """
    before, ids = len(faults), [claim.id for claim in claims]
    faults.collect(faults_at(file, chain(_repeated(ids), _unrelated(claims, set(ids)))))
    faults.collect(faults_at(file, contradictions(claims)))
    if len(faults) == before:
        faults.collect(circles(file, claims))
    if len(faults) > before:
        return {}
    origins = independent_origins(claims, known)
    faults.collect(faults_at(file, _independence(claims, origins)))
    return origins


def _repeated(ids: Sequence[str]) -> Iterator[Breach]:
    """Every place of an id that is used more than once."""
    if len(set(ids)) < len(ids):
        times = Counter(ids)
        for place, identifier in enumerate(ids):
            if times[identifier] > 1:
                yield (place, "id"), identifier, "an id used once"


def _dangling(references: References, known: RecordsById) -> list[Breach]:
    return [
        (steps, holder[key], f"the id of one of the {vocabulary}")
        for steps, holder, key, vocabulary in references
        if holder[key] is not None and holder[key] not in known[vocabulary]
    ]


def _unrelated(claims: Sequence[ClaimFacts], ids: set[str]) -> Iterator[Breach]:
    for place, claim in enumerate(claims):
        for n, (_, target) in enumerate(claim.relations):
            if target not in ids:
                yield (place, "relations", n, "claim"), target, "the id of one of the claims"


def _spans(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """Every offset lies inside its document."""
    for key in ("evidence", "quotes"):
        for n, span in enumerate(claim[key]):
            length = known["documents"][span["document"]]["length"]
            if span["end"] > length:
                yield (key, n, "end"), span["end"], f"at most the document's length, {length}"


def _chain(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """A chain ends with a publisher of the evidence, and each of its agents is graded; so do the
    chains of other readings.
    """
    documents, agents = known["documents"], known["agents"]
    publishers = {documents[evidence["document"]]["publisher"] for evidence in claim["evidence"]}
    others = enumerate(claim["alternatives"])
    chains: dict[tuple[object, ...], Any] = {("sources",): claim["sources"]}
    chains |= {("alternatives", n, "sources"): reading["sources"] for n, reading in others}
    for at, sources in chains.items():
        last = sources[-1]["agent"]
        if last not in publishers:
            allowed = "the publisher: " + ", ".join(sorted(publishers))
            yield (*at, len(sources) - 1, "agent"), last, allowed
        for n, link in enumerate(sources):
            if agents[link["agent"]]["reliability"] is None:
                allowed = "an agent whose reliability is graded in agents.json"
                yield (*at, n, "agent"), link["agent"], allowed


def _foretold(claim: PlainRecord, known: RecordsById) -> Iterator[Breach]:
    """An event has happened: by the day it was announced, else by that of its publication."""
    if claim["kind"] != "event" or claim["dates"]["occurred"] is None:
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
            further = targets[further]
        if further == identifier:
            yield (place, key), target, f"one of the {name} that does not lead back here"


def _independence(claims: Sequence[ClaimFacts], origins: Mapping[str, int]) -> Iterator[Breach]:
    """To be confirmed by other sources (Admiralty credibility 1), a claim needs some."""
    for place, claim in enumerate(claims):
        if claim.credibility == 1 and claim.id not in origins:
            steps = (place, "confidence", "content", "credibility")
            yield steps, 1, "2 to 6, since the claim has a single origin"


def change_breaches(
    changes: Sequence[ChangeFacts], latest: Mapping[str, ChangeFacts], active: Container[str]
) -> Iterator[Breach]:
    """What is wrong between the changes, and with what they say of the ``active`` claims."""
    before: dict[str, ChangeFacts] = {}
    for place, change in enumerate(changes):
        yield from _out_of_step(place, change, before.get(change.claim))
        before[change.claim] = change
    for place, change in enumerate(changes):
        if change.replaced_by is not None and not _leads_on(change, latest, active):
            allowed = "a claim that is active, or was itself replaced by one"
            yield (place, "replaced_by"), change.replaced_by, allowed
    for place, change in enumerate(changes):
        if latest[change.claim] is change and not change.retires and change.claim not in active:
            allowed = "a claim in claims.json, or a last change that retires it"
            yield (place, "claim"), change.claim, allowed


def _out_of_step(place: int, change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """What is wrong between a change and the one ``before`` it of the same claim."""
    if change.seq != place + 1:
        yield (place, "seq"), change.seq, f"{place + 1}, without a gap"
    if before is not None:
        if before.retires:
            allowed = "a claim that is not retired; ids are never used again"
            yield (place, "claim"), change.claim, allowed
        if change.change == "created":
            allowed = "revised, superseded or withdrawn: the claim exists, ids are used once"
            yield (place, "change"), change.change, allowed
        if change.revision != before.revision + 1:
            yield (place, "revision"), change.revision, str(before.revision + 1)
        if change.recorded_at < before.recorded_at:
            yield (place, "recorded_at"), change.recorded_at, f"{before.recorded_at} or later"
    elif change.change != "created":
        yield (place, "change"), change.change, "created, as the first change of a claim"
    yield from _previous(place, change, before)


def _previous(place: int, change: ChangeFacts, before: ChangeFacts | None) -> Iterator[Breach]:
    """The record before is a claim of the same id, one revision earlier, of the day it was made."""
    if change.previous is None:
        return
    day = change.previous[2] if before is None else before.recorded_at
    wanted = (change.claim, change.revision - 1, day)
    keys = ("id", "revision", "recorded_at")
    for key, value, allowed in zip(keys, change.previous, wanted, strict=True):
        if value != allowed:
            yield (place, "previous", key), value, shown(allowed)


def _leads_on(
    change: ChangeFacts, latest: Mapping[str, ChangeFacts], active: Container[str]
) -> bool:
    """Whether a superseded id leads, directly or in steps, to a claim that is there."""
    passed, target = {change.claim}, change.replaced_by
    while target is not None and target not in active and target not in passed:
        passed.add(target)
        after = latest.get(target)
        target = after.replaced_by if after else None
    return target in active


def unrecorded_breaches(
    claims: Sequence[ClaimFacts], latest: Mapping[str, ChangeFacts]
) -> Iterator[Breach]:
    """Where a claim is not as its last change says."""
    for place, claim in enumerate(claims):
        change = latest.get(claim.id)
        if change is None:
            yield (place, "id"), claim.id, "a claim whose creation is recorded in changes.json"
        elif change.retires:
            yield (place, "id"), claim.id, "a claim that changes.json does not retire"
        else:
            for key in ("revision", "recorded_at"):
                if (value := getattr(claim, key)) != (recorded := getattr(change, key)):
                    yield (place, key), value, f"{shown(recorded)}, as in changes.json"
