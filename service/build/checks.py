"""Rules between records: references, identity, spans, independence, restatements, changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from schemas.claim import CuratedClaimSchema
from schemas.faults import DataRefused, Fault, faults_in, pointer, shown
from service.build.graph import independent_origins, restatement_cycles
from service.build.reading import Fixtures, Record

Places = Iterator[tuple[tuple[object, ...], str, Any]]


def cross_check(fixtures: Fixtures) -> None:
    """Checks everything that no record can be judged by alone. Raises ``DataRefused``."""
    faults = [*_identities(fixtures), *_references(fixtures), *_changes(fixtures)]
    if not faults:  # the rules below take for granted that references lead somewhere
        faults += [*_spans(fixtures), *_chains(fixtures), *_hierarchy(fixtures)]
        faults += _publishers(fixtures)
        # origins are sought along restatements, which would not end in a circle
        faults += [*_restatements(fixtures)] or [*_independence(fixtures)]
    if faults:
        raise DataRefused(faults)


def _identities(fixtures: Fixtures) -> Iterator[Fault]:
    for name in ("documents", "agents", "topics", "occasions", "claims"):
        records = getattr(fixtures, name)
        times = Counter(record["id"] for record in records)
        for place, record in enumerate(records):
            if times[record["id"]] > 1:
                yield Fault(
                    f"{name}.json", pointer(place, "id"), shown(record["id"]), "an id used once"
                )


def _references(fixtures: Fixtures) -> Iterator[Fault]:
    known = {
        name: {record["id"] for record in getattr(fixtures, name)}
        for name in ("documents", "agents", "topics", "occasions", "claims")
    }
    for file, place, record in _records(fixtures):
        for steps, target, value in _pointed_at(file, record):
            if value is not None and value not in known[target]:
                allowed = f"the id of one of the {target}"
                yield Fault(f"{file}.json", pointer(place, *steps), shown(value), allowed)


def _records(fixtures: Fixtures) -> Iterator[tuple[str, int, Record]]:
    for file in ("documents", "topics", "occasions", "claims"):
        for place, record in enumerate(getattr(fixtures, file)):
            yield file, place, record


def _pointed_at(file: str, record: Record) -> Places:
    """Where a record refers to another: the place, which vocabulary, the id there."""
    if file == "documents":
        yield ("publisher",), "agents", record["publisher"]
    elif file == "topics":
        yield ("broader",), "topics", record["broader"]
    elif file == "occasions":
        yield ("organizer",), "agents", record["organizer"]
    else:
        yield from _pointed_at_by_claim(record)


def _pointed_at_by_claim(claim: Record) -> Places:
    yield ("occasion",), "occasions", claim["occasion"]
    lists = {"topics": "topics", "actors": "agents", "addressees": "agents", "about": "agents"}
    for key, target in lists.items():
        for n, value in enumerate(claim[key]):
            yield (key, n), target, value
    inner = {
        "sources": {"agent": "agents"},
        "quotes": {"speaker": "agents", "document": "documents"},
        "evidence": {"document": "documents"},
        "relations": {"claim": "claims"},
    }
    for key, targets in inner.items():
        for n, item in enumerate(claim[key]):
            for name, target in targets.items():
                yield (key, n, name), target, item[name]


def _spans(fixtures: Fixtures) -> Iterator[Fault]:
    """Every offset lies inside its document."""
    length = {document["id"]: document["length"] for document in fixtures.documents}
    for place, claim in enumerate(fixtures.claims):
        for key in ("evidence", "quotes"):
            for n, span in enumerate(claim[key]):
                if span["end"] > length[span["document"]]:
                    allowed = f"at most the document's length, {length[span['document']]}"
                    where = pointer(place, key, n, "end")
                    yield Fault("claims.json", where, shown(span["end"]), allowed)


def _chains(fixtures: Fixtures) -> Iterator[Fault]:
    """A chain ends with a publisher of the evidence, and each of its agents is graded."""
    publisher = {document["id"]: document["publisher"] for document in fixtures.documents}
    graded = {agent["id"] for agent in fixtures.agents if agent["reliability"] is not None}
    for place, claim in enumerate(fixtures.claims):
        last = claim["sources"][-1]["agent"]
        allowed = sorted({publisher[evidence["document"]] for evidence in claim["evidence"]})
        if last not in allowed:
            where = pointer(place, "sources", len(claim["sources"]) - 1, "agent")
            yield Fault("claims.json", where, shown(last), "the publisher: " + ", ".join(allowed))
        for n, link in enumerate(claim["sources"]):
            if link["agent"] not in graded:
                where = pointer(place, "sources", n, "agent")
                wanted = "an agent whose reliability is graded in agents.json"
                yield Fault("claims.json", where, shown(link["agent"]), wanted)


def _publishers(fixtures: Fixtures) -> Iterator[Fault]:
    """An unnamed publisher is one document's own: two unknown ones need not be the same."""
    unnamed = {agent["id"] for agent in fixtures.agents if agent["kind"] == "unnamed"}
    times = Counter(document["publisher"] for document in fixtures.documents)
    for place, document in enumerate(fixtures.documents):
        publisher = document["publisher"]
        if publisher in unnamed and times[publisher] > 1:
            allowed = "an unnamed agent that publishes no other document"
            yield Fault("documents.json", pointer(place, "publisher"), shown(publisher), allowed)


def _hierarchy(fixtures: Fixtures) -> Iterator[Fault]:
    broader = {topic["id"]: topic["broader"] for topic in fixtures.topics}
    for place, topic in enumerate(fixtures.topics):
        seen, above = {topic["id"]}, topic["broader"]
        while above is not None and above not in seen:
            seen.add(above)
            above = broader[above]
        if above == topic["id"]:
            where = pointer(place, "broader")
            yield Fault("topics.json", where, shown(topic["broader"]), "no topic narrower than it")


def _restatements(fixtures: Fixtures) -> Iterator[Fault]:
    for place, cycle in restatement_cycles(fixtures.claims):
        where = pointer(place, "relations")
        yield Fault("claims.json", where, " → ".join(cycle), "restatements without a circle")


def _independence(fixtures: Fixtures) -> Iterator[Fault]:
    """To be confirmed by other sources (Admiralty credibility 1), a claim needs some."""
    origins = independent_origins(fixtures.claims, fixtures.agents)
    for place, claim in enumerate(fixtures.claims):
        content = claim["confidence"]["content"]
        if content["credibility"] == 1 and origins[claim["id"]] == 1:
            where = pointer(place, "confidence", "content", "credibility")
            yield Fault("claims.json", where, "1", "2 to 6, since the claim has a single origin")


def _changes(fixtures: Fixtures) -> Iterator[Fault]:
    """The record of changes is gap-free, in order, and ends where ``claims.json`` begins."""
    latest: dict[str, Mapping[str, Any]] = {}
    for place, change in enumerate(fixtures.changes):
        for key, allowed in _out_of_step(place, change, latest.get(change["claim"])):
            where = pointer(place, key)
            yield Fault("changes.json", where, shown(change[key]), allowed)
        if change["previous"] is not None:
            yield from _previous(place, change, latest.get(change["claim"]))
        latest[change["claim"]] = change
    yield from _retirements(fixtures, latest)
    yield from _present(fixtures, latest)


def _out_of_step(
    place: int, change: Record, before: Mapping[str, Any] | None
) -> Iterator[tuple[str, str]]:
    if change["seq"] != place + 1:
        yield "seq", f"{place + 1}, without a gap"
    if before is None:
        if change["change"] != "created":
            yield "change", "created, as the first change of a claim"
        return
    if before["change"] in ("superseded", "withdrawn"):
        yield "claim", "a claim that is not retired; ids are never used again"
    if change["change"] == "created":
        yield "change", "revised, superseded or withdrawn: the claim exists, ids are used once"
    if change["revision"] != before["revision"] + 1:
        yield "revision", str(before["revision"] + 1)
    if change["recorded_at"] < before["recorded_at"]:
        yield "recorded_at", f"{before['recorded_at']} or later"


def _previous(place: int, change: Record, earlier: Mapping[str, Any] | None) -> Iterator[Fault]:
    """The record before is a whole claim: the very one, one revision earlier, of that day."""
    try:
        before = CuratedClaimSchema().load(change["previous"])
    except ValidationError as error:
        yield from faults_in(
            "changes.json", error.messages, change["previous"], (place, "previous")
        )
        return
    wanted = {"id": change["claim"], "revision": change["revision"] - 1}
    if earlier is not None:
        wanted["recorded_at"] = earlier["recorded_at"]
    for key, value in wanted.items():
        if before[key] != value:
            where = pointer(place, "previous", key)
            yield Fault("changes.json", where, shown(before[key]), shown(value))


def _retirements(fixtures: Fixtures, latest: Mapping[str, Record]) -> Iterator[Fault]:
    """A superseded id leads, directly or in steps, to a claim that is there."""
    active = {claim["id"] for claim in fixtures.claims}
    for place, change in enumerate(fixtures.changes):
        if change["change"] == "superseded":
            seen, target = {change["claim"]}, change["replaced_by"]
            while target not in active and target not in seen:
                seen.add(target)
                after = latest.get(target)
                target = after["replaced_by"] if after and after["replaced_by"] else target
            if target not in active:
                where = pointer(place, "replaced_by")
                allowed = "a claim that is active, or was itself replaced by one"
                yield Fault("changes.json", where, shown(change["replaced_by"]), allowed)


def _present(fixtures: Fixtures, latest: Mapping[str, Record]) -> Iterator[Fault]:
    for place, claim in enumerate(fixtures.claims):
        change = latest.get(claim["id"])
        if change is None:
            allowed = "a claim whose creation is recorded in changes.json"
            yield Fault("claims.json", pointer(place, "id"), shown(claim["id"]), allowed)
        elif change["change"] in ("superseded", "withdrawn"):
            allowed = "a claim that changes.json does not retire"
            yield Fault("claims.json", pointer(place, "id"), shown(claim["id"]), allowed)
        else:
            for key in ("revision", "recorded_at"):
                if claim[key] != change[key]:
                    allowed = f"{shown(change[key])}, as in changes.json"
                    yield Fault("claims.json", pointer(place, key), shown(claim[key]), allowed)
    here = {claim["id"] for claim in fixtures.claims}
    for place, entry in enumerate(fixtures.changes):
        lives = latest[entry["claim"]] is entry and entry["change"] in ("created", "revised")
        if lives and entry["claim"] not in here:
            allowed = "a claim in claims.json, or a last change that retires it"
            yield Fault("changes.json", pointer(place, "claim"), shown(entry["claim"]), allowed)
