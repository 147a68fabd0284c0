"""Malformed and smuggled requests over real sockets: the shipped server, settings and data.

What is judged is the wire and the access log alone, not how the server reads.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract_tools import operations
from tests.torture import unkeyed
from tests.torture.attempts import MARK, Attempt, head
from tests.torture.corpus import attempts, cuts
from tests.torture.exchanges import Answer, answers_in, converse
from tests.torture.live_service import LiveService, live_service
from tests.torture.mutations import Mutation, mutations
from tests.torture.promises import promises
from tests.torture.verdicts import Conversation, hidden_in, log_faults

Tell = Callable[[str], None]
Many = Callable[[int, int], int]

AT_ONCE = 6
"""Connections at a time: fewer than the server has threads."""

BATCH = 1000
WARMING = 20
"""Rounds until each thread has once held as much as it will: what grows once is no leak."""
GROWTH = 16 * 1024 * 1024
"""Bytes that a worker may grow by then: a thread that met the longest head only now has 3 MiB
more. A leak of 2.3 KiB an attempt is more in the shorter form, one of 100 bytes at full length."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    with live_service(tmp_path_factory.mktemp("wire")) as running:
        yield running


def tried(service: LiveService, corpus: Iterable[Attempt]) -> list[Conversation]:
    def one(attempt: Attempt) -> Conversation:
        heard = converse(service.port, [attempt.sent], hangs_up=attempt.hangs_up)
        return Conversation(attempt.name, attempt.sent, heard)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, corpus))


def verdict(service: LiveService, conversations: Sequence[Conversation]) -> tuple[int, list[str]]:
    """How many requests were executed, and everything that must not be."""
    executed = sum(len(conversation.executed) for conversation in conversations)
    lines = service.log.lines(executed)
    log = {line["request_id"]: line for line in lines}
    faults = log_faults(conversations, lines)
    for conversation in conversations:
        faults += conversation.faults(log)
    return executed, faults


@promises(
    "Hostile input",
    "No request that is hidden in another is executed, nothing of a refused one is repeated, and "
    "its connection ends.",
    broken="A worker that answers without reading the body, whose bytes are then the next request; "
    "one that honours close only where it stands alone; one whose refusal says what was wrong in "
    "the parser's words.",
)
def test_no_hidden_request_is_executed(service: LiveService, tell: Tell) -> None:
    table, cut = attempts(), cuts()
    corpus = [*table, *cut]
    conversations = tried(service, corpus)
    lines = service.log.lines(sum(len(each.executed) for each in conversations))
    log = {line["request_id"]: line for line in lines}
    faults = [*hidden_in(lines), *log_faults(conversations, lines)]
    statuses: Counter[int] = Counter()
    for attempt, conversation in zip(corpus, conversations, strict=True):
        faults += conversation.faults(log)
        told = tuple(answer.status for answer in conversation.answers)
        statuses.update(told)
        if told not in attempt.allowed:
            faults.append(f"{attempt.name}: answered {told}, allowed {attempt.allowed}")
    assert not faults, "\n".join(faults)
    answered = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))
    tell(
        f"{len(table)} malformed or smuggling requests and {len(cut)} cut ones; 0 hidden requests "
        f"among {len(lines)} executed, {len(lines)} lines in the log; answers: {answered}."
    )


@promises(
    "Hostile input",
    "Changed at random and cut into segments at random places, requests are executed as RFC 9112 "
    "reads them, or refused.",
    broken="A worker that answers without reading the body.",
)
def test_mutated_requests_are_executed_as_read_or_refused(
    service: LiveService, tell: Tell, many: Many, rng: random.Random
) -> None:
    number, executed, refused = many(200_000, 3_000), 0, 0
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
        f"{number:,} exchanges: {executed:,} requests executed, each as an independent strict "
        f"reader has it, {refused:,} refused; 0 answers of 5xx but 501, 0 repeated, 0 lost."
    )


@promises(
    "Hostile input",
    "After all that the same workers answer every operation as before, and have not grown.",
    broken="A worker that keeps 8,000 bytes of each refusal; one that ends at a bad extension.",
)
def test_attacked_workers_stay_as_they_were(service: LiveService, tell: Tell, many: Many) -> None:
    quick = [*cuts(), *(each for each in attempts() if (408,) not in each.allowed)]
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
    for operation in operations():
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
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda sent, at=target: said(service, at, sent), heads))
        for sent, answer in zip(heads, answers, strict=True):
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
