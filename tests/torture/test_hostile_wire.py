"""Malformed and smuggled requests over real sockets: the shipped nginx, server, settings and data.

What is judged is the wire and the two access logs alone, not how either reads.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract_tools import all_paths
from tests.torture import unkeyed
from tests.torture.attempts import MARK, Attempt, head
from tests.torture.corpus import attempts, cuts
from tests.torture.exchanges import Answer, answers_in, converse
from tests.torture.live_service import LiveService, live_service, service_behind_nginx
from tests.torture.mutations import Mutation, mutations
from tests.torture.pipelines import READ
from tests.torture.promises import promises
from tests.torture.verdicts import Conversation, smuggled

Tell = Callable[[str], None]
Many = Callable[[int, int], int]

AT_ONCE = 12
"""Connections at a time; some wait for two seconds, until nginx has had enough."""

BATCH = 1000
WARMING = 10
"""Rounds until each thread has once held as much as it will: what grows once is no leak."""
GROWTH = 16 * 1024 * 1024
"""Bytes that a worker may grow by then: a thread that met the longest head only now has 3 MiB
more. A leak of 2.3 KiB an attempt is more in the shorter form, one of 100 bytes at full length."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    with service_behind_nginx(tmp_path_factory.mktemp("wire")) as running:
        yield running


def tried(service: LiveService, corpus: Iterable[Attempt]) -> list[Conversation]:
    def one(attempt: Attempt) -> Conversation:
        heard = converse(service.port, [attempt.sent], hangs_up=attempt.hangs_up)
        return Conversation(attempt.name, attempt.sent, heard)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, corpus))


def verdict(service: LiveService, conversations: Sequence[Conversation]) -> tuple[int, list[str]]:
    """How many requests were executed, and everything that must not be."""
    lines = service.log.lines(sum(len(each.executed) for each in conversations))
    assert service.front is not None
    faults = smuggled(lines, service.front.log(0))
    log = {line["request_id"]: line for line in lines}
    for conversation in conversations:
        faults += conversation.faults(log)
    return len(lines), faults


@promises(
    "Hostile input",
    "Behind nginx no request is executed that nginx did not take for that very request, none that "
    "is hidden in a body, a chunk or a trailer, and nothing of a refused one is repeated.",
    broken="`proxy_pass_request_body on`, with which the bytes of a body reach the service without "
    "their length, as a request.",
)
def test_no_hidden_request_is_executed(service: LiveService, tell: Tell) -> None:
    table, cut = attempts(), cuts()
    conversations = tried(service, [*table, *cut])
    executed, faults = verdict(service, conversations)
    assert not faults, "\n".join(faults)
    whole = [attempt for attempt in table if attempt.name in READ]
    repeated = tried(service, whole)
    lines = service.log.lines(sum(len(each.executed) for each in repeated))
    log = {line["request_id"]: line for line in lines}
    hidden = [fault for each in repeated for fault in each.hidden_faults(log)]
    assert not hidden, "\n".join(hidden)
    statuses = Counter(answer.status for each in conversations for answer in each.answers)
    answered = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))
    tell(
        f"{len(table)} malformed or smuggling requests and {len(cut)} cut ones: {executed} reached "
        f"the service, 0 of them unknown to nginx; 0 hidden ones among {len(lines)} executed of "
        f"{len(whole)} well-formed conversations; answers: {answered}."
    )


@promises(
    "Hostile input",
    "Changed at random and cut into segments at random places, requests reach the service as nginx "
    "took them, or are refused.",
    broken="`proxy_set_header X-Request-ID` left out: the service's requests had ids that nginx "
    "did not know.",
)
def test_mutated_requests_are_executed_as_read_or_refused(
    service: LiveService, tell: Tell, many: Many, rng: random.Random
) -> None:
    number, executed, refused = many(20_000, 3_000), 0, 0
    corpus, workers = attempts(), service.server.workers()

    def one(mutation: Mutation) -> Conversation:
        heard = converse(service.port, mutation.pieces, hangs_up=True, pause=mutation.pause)
        return Conversation(f"{mutation.name} {mutation.sent!r}", mutation.sent, heard)

    for start in range(0, number, BATCH):
        made = mutations(corpus, rng, range(start, min(start + BATCH, number)))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            conversations = list(pool.map(one, made))
        ran, faults = verdict(service, conversations)
        assert not faults, "\n".join(faults)
        executed += ran
        refused += sum(len(each.answers) - len(each.executed) for each in conversations)
    assert service.server.workers() == workers
    tell(
        f"{number:,} exchanges: {executed:,} requests reached the service, each as nginx took it, "
        f"{refused:,} refused; 0 answers of 5xx but 501."
    )


@promises(
    "Hostile input",
    "After all that the same workers answer every operation as before, and have not grown.",
    broken="A worker that keeps 8,000 bytes of each refusal; one that ends at a bad extension.",
)
def test_attacked_workers_stay_as_they_were(service: LiveService, tell: Tell, many: Many) -> None:
    # Clients that hang up at once: nginx waits for the others.
    quick = [*cuts(), *(replace(each, hangs_up=True) for each in attempts())]
    workers, before = service.server.workers(), ordinary(service)
    for _ in range(WARMING):
        tried(service, quick)
    memory, descriptors = service.server.own_memory(), service.descriptors()
    rounds = many(500, 20)
    for _ in range(rounds):
        tried(service, quick)
    assert service.server.workers() == workers
    grown = [now - then for now, then in zip(service.server.own_memory(), memory, strict=True)]
    assert max(grown) < GROWTH
    assert ordinary(service) == before
    assert settled(service, descriptors), (descriptors, service.descriptors())
    service.log.lines(0)
    tell(
        f"{rounds * len(quick):,} attempts: the same {len(workers)} workers, {len(before)} "
        f"operations answered as before; grown by {max(grown) / 1024 / 1024:.1f} MiB at most."
    )


def ordinary(service: LiveService) -> dict[str, tuple[int, bytes]]:
    """What every GET of the contract answers, with its documented examples."""
    found = {}
    for operation in all_paths():
        if operation.method == "GET" and operation.path != "/metrics":
            query = "&".join(f"{name}={value}" for name, value in operation.required.items())
            target = f"{operation.address}?{query}" if query else operation.address
            reply = service.server.get(target)
            found[target] = (reply.status, reply.body)
    assert all(status in (200, 304, 308) for status, _ in found.values()), found
    return found


def settled(service: LiveService, descriptors: list[int]) -> bool:
    """Whether the workers let go of every connection."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if all(now <= then for now, then in zip(service.descriptors(), descriptors, strict=True)):
            return True
        time.sleep(0.2)
    return False


@promises(
    "Hostile input",
    "No answer repeats the Host header, and none depends on a request header that it is not "
    "kept under.",
    broken="Links formed from the Host header; a tag that depends on Accept-Language.",
)
def test_answers_depend_on_no_unkeyed_header(tmp_path: Path, tell: Tell) -> None:
    # Every answer is made anew: one that is kept would hide what it was made from.
    with live_service(tmp_path, CACHE_BYTES="0") as service:
        targets, made, faults = compared(service)
    assert not faults, "\n".join(faults)
    tell(
        f"{targets} targets, each with {len(unkeyed.FIELDS)} headers and as {len(unkeyed.HOSTS)} "
        f"hosts: {made:,} answers, 0 bytes different."
    )


def compared(service: LiveService) -> tuple[int, int, list[str]]:
    """Targets, answers, and those that are not what they are without the header or host."""
    targets = [*ordinary(service), "/v1/nothing", "/v1/claims?limit=0", "/v1/agents/"]
    heads = [head(b"Connection: close", each) for each in unkeyed.FIELDS]
    heads += [head(b"Connection: close", host=b"Host: " + each) for each in unkeyed.HOSTS]
    faults = []
    for target in targets:
        plain = said(service, target, head(b"Connection: close"))
        # Caches tell parts apart (RFC 9111, section 3.3).
        parts = plain[1].get("accept-ranges") == "bytes"
        some = [sent for sent in heads if not (parts and b"\r\nRange: " in sent)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda sent, at=target: said(service, at, sent), some))
        for sent, answer in zip(some, answers, strict=True):
            if answer != plain or MARK in answer[2]:
                faults.append(f"{target}: {sent!r} gives {answer!r}, not {plain!r}")
    return len(targets), len(targets) * len(heads), faults


def said(service: LiveService, target: str, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """The answer to a request for a target, less what differs between any two."""
    line, _, fields = sent.partition(b"\r\n")
    asked = b" ".join([b"GET", target.encode(), line.split(b" ")[2]]) + b"\r\n" + fields
    heard = converse(service.port, [asked])
    answer: Answer
    (answer,) = answers_in(heard.received)
    body = answer.body.replace(answer.id.encode(), b"")
    kept = {name: text for name, text in answer.fields.items() if name not in unkeyed.CHANGING}
    return answer.status, kept, body
