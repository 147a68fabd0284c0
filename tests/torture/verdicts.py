"""What has to hold for every conversation with nginx, whatever was sent in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote_to_bytes

from service.http.headers import PAGE_PATH
from service.http.problem_types import PROBLEMS
from tests.torture.attempts import HIDDEN_PATH, MARK
from tests.torture.exchanges import Answer, Garbled, Heard, answers_in
from tests.torture.live_service import Line
from tests.torture.wire_reader import requests_in

_MEMBERS = ["type", "title", "status", "detail", "instance", "request_id"]
_INSIDE = (b"Traceback", b"gunicorn", b"werkzeug", b"site-packages", b'File "', b"nginx/")
"""What a look into the service would show."""
_OF_GUNICORN = re.compile("[0-9a-f]{32}")
"""The id that gunicorn makes for what nginx takes and it does not; nginx adds its own."""


@dataclass(frozen=True)
class Conversation:
    """What was sent on one connection, and what was heard."""

    name: str
    sent: bytes
    heard: Heard

    @cached_property
    def answers(self) -> list[Answer]:
        try:
            return answers_in(self.heard.received)
        except (Garbled, KeyError, ValueError):
            return []

    @property
    def garbled(self) -> bool:
        """Whether what came is no sequence of answers.

        An answer to HTTP/0.9, which is a body alone, behind one to HEAD looks like the body that an
        answer to HEAD must not have; it is let pass.
        """
        try:
            answers_in(self.heard.received)
        except (Garbled, KeyError, ValueError):
            return b"HEAD " not in self.sent
        return False

    @property
    def executed(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.by_application]

    def faults(self, log: Mapping[str, Line]) -> list[str]:
        """Everything that must not be; ``log`` is the service's, by request id."""
        found = [self.heard.fault] if self.heard.fault else []
        if self.garbled:
            found.append(f"what came is no answer: {self.heard.received[:200]!r}")
        for answer in self.answers:
            found += _answer_faults(answer, log.get(answer.id))
        return [f"{self.name}: {fault}" for fault in found]

    def hidden_faults(self, log: Mapping[str, Line]) -> list[str]:
        """For a well-formed conversation: what was executed is what was asked, as RFC 9112 has it.

        Nothing in a body, a chunk or a trailer is a request.
        """
        asked = [(each.method, each.path or "/") for each in requests_in(self.sent)]
        executed = [log[answer.id] for answer in self.executed if answer.id in log]
        return [
            f"{self.name}: executed {line}"
            for line in executed
            if (line["method"], line["path"]) not in asked or line["path"] == HIDDEN_PATH
        ]


def _answer_faults(answer: Answer, line: Line | None) -> list[str]:
    found = []
    if answer.status >= 500 and (answer.status != 501 or answer.by_application):
        found.append(f"answered {answer.status}")
    if answer.by_application and line is None:
        found.append("executed, and not logged")
    if answer.by_application and line is not None and line["status"] != answer.status:
        found.append(f"answered {answer.status}, logged {line['status']}")
    if MARK in answer.raw and (line is None or MARK.decode() not in line["path"] + line["query"]):
        found.append(f"repeats what was sent: {answer.raw!r}")
    if answer.status >= 400 and answer.body:
        page = answer.by_application and line is not None and PAGE_PATH.fullmatch(line["path"])
        found += _page_faults(answer) if page else _problem_faults(answer)
    if not answer.by_application and answer.status < 400:
        found.append(f"answered {answer.status} without the application")
    return found


def _page_faults(answer: Answer) -> list[str]:
    """A page for people that leads to what the problem means, and nothing of the inside."""
    found = [f"shows {inside!r}" for inside in _INSIDE if inside in answer.raw]
    if not answer.fields.get("content-type", "").startswith("text/html"):
        found.append(f"is {answer.fields.get('content-type')}")
    return found


def _problem_faults(answer: Answer) -> list[str]:
    """A problem of the contract (RFC 9457), and nothing of the inside."""
    found = [f"shows {inside!r}" for inside in _INSIDE if inside in answer.raw]
    if answer.fields.get("content-type") != "application/problem+json":
        found.append(f"is {answer.fields.get('content-type')}")
    try:
        problem: dict[str, Any] = json.loads(answer.body)
    except ValueError:
        return [*found, f"is no JSON: {answer.body!r}"]
    kind = PROBLEMS.get(str(problem.get("type")).removeprefix("/problems/"))
    if kind is None or kind.title != problem["title"] or list(problem)[:6] != _MEMBERS:
        found.append(f"is no problem of the contract: {problem}")
        return found
    of_gunicorn = not answer.by_application and _OF_GUNICORN.fullmatch(problem["request_id"])
    if problem["status"] != answer.status or (
        problem["request_id"] != answer.id and not of_gunicorn
    ):
        found.append(f"says in its body what its head does not: {problem}")
    return found


def smuggled(of_service: Iterable[Line], of_nginx: Iterable[Line]) -> list[str]:
    """Requests that reached the service and that nginx did not take for that very request.

    Each request of the service's log has an id that nginx gave it, once, with the same method and
    target: nothing of a body or a field became a request on the way between them.
    """
    taken = {line["request_id"]: line for line in of_nginx}
    found, seen = [], set()
    for line in of_service:
        front = taken.get(line["request_id"])
        if front is None or line["request_id"] in seen:
            found.append(f"reached the service, and nginx does not know of it: {line}")
        elif (line["method"], _path(front["target"])) != (front["method"], line["path"]):
            found.append(f"nginx took {front}, the service {line}")
        seen.add(line["request_id"])
    return found


def _path(target: str) -> str:
    """The decoded path of a target, bytes as latin-1 text (PEP 3333)."""
    path = re.split("[?#]", target, maxsplit=1)[0]
    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
