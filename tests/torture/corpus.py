"""The whole corpus: the tables, the table of tests/test_worker.py, and requests cut everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from tests.test_worker import MALFORMED, MALFORMED_BODIES
from tests.torture import malformed, pipelines, smuggling
from tests.torture.attempts import CHUNKED, CLOSED, HIDDEN, LAST, Attempt, chunk, head, length

_WHOLE = {
    "no body": head(b"X-A: a"),
    "a body": head(length(HIDDEN)) + HIDDEN,
    "chunks": head(CHUNKED) + chunk(HIDDEN) + b"0\r\nX-A: a\r\n\r\n",
}


def attempts() -> tuple[Attempt, ...]:
    """Every entry of the tables once."""
    found = [*_bad_requests(), *_refused(), *_read(), *_waiting()]
    return tuple({attempt.sent: attempt for attempt in found}.values())


def cuts() -> tuple[Attempt, ...]:
    """Whole requests, each cut behind each of its bytes, by a client that then hangs up."""
    return tuple(
        Attempt(f"{name}, cut behind byte {end}", whole[:end], (CLOSED, (400,), (408,)), True)
        for name, whole in _WHOLE.items()
        for end in range(len(whole))
    )


def _bad_requests() -> Iterator[Attempt]:
    tables = (malformed.REQUEST_LINES, malformed.TARGETS, malformed.FIELDS, malformed.HOSTS)
    for table in tables:
        for name, sent in table.items():
            yield Attempt(name, sent + HIDDEN, ((400,),))
    for name, (status, sent) in malformed.OTHER.items():
        yield Attempt(name, sent + HIDDEN, ((status,),))
    for name, (status, sent) in MALFORMED.items():
        yield Attempt(name, sent + HIDDEN, ((status,),))
    for name, sent in MALFORMED_BODIES.items():
        yield Attempt(name, sent + HIDDEN, ((400,),))


def _refused() -> Iterator[Attempt]:
    for name, (status, sent) in smuggling.REFUSED.items():
        # A coding that nobody knows may as well be called ill-formed.
        allowed = ((501,), (400,)) if status == 501 else ((status,),)
        yield Attempt(name, sent + HIDDEN, allowed)


def _read() -> Iterator[Attempt]:
    for name, (allowed, sent) in pipelines.READ.items():
        yield Attempt(name, sent + LAST, allowed)


def _waiting() -> Iterator[Attempt]:
    for name, sent in pipelines.WAITING.items():
        yield Attempt(name, sent, ((408,),))
