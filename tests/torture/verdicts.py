"""What has to hold for every conversation, whatever was sent in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.http.problem_types import PROBLEMS
from service.http.problems import is_page
from tests.torture.attempts import HIDDEN_PATH, MARK
from tests.torture.exchanges import Answer, Garbled, Heard, answers_in
from tests.torture.live_service import Line
from tests.torture.wire_reader import Asked, requests_in

_MEMBERS = ["type", "title", "status", "detail", "instance", "request_id"]
_INSIDE = (b"Traceback", b"gunicorn", b"werkzeug", b"site-packages", b'File "')
"""What a look into the service would show."""


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
    def executed(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.by_application]

    def faults(self, log: Mapping[str, Line]) -> list[str]:
        """Everything that must not be."""
        found = [self.heard.fault] if self.heard.fault else []
        if self.heard.received and not self.answers:
            found.append("what came is no answer")
        for number, answer in enumerate(self.answers):
            last = number == len(self.answers) - 1
            found += _answer_faults(answer, last, log.get(answer.id))
        return [f"{self.name}: {fault}" for fault in found + self._execution_faults(log)]

    def _execution_faults(self, log: Mapping[str, Line]) -> list[str]:
        """What was executed has to be a beginning of what was really asked."""
        asked = requests_in(self.sent)
        if len(self.executed) > len(asked):
            return [f"{len(self.executed)} executed, {len(asked)} asked"]
        return [
            f"executed {log[answer.id]}, asked {wanted}"
            for answer, wanted in zip(self.executed, asked, strict=False)
            if answer.id in log and not _same(log[answer.id], wanted)
        ]


def _same(line: Line, asked: Asked) -> bool:
    if line["method"] == asked.method == "CONNECT":
        return True  # the target is no path, whatever the log makes of it
    return (line["method"], line["path"], line["query"] or "") == (
        asked.method,
        asked.path,
        asked.query,
    )


def _answer_faults(answer: Answer, last: bool, line: Line | None) -> list[str]:
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
        page = answer.by_application and line is not None and is_page(line["path"])
        found += _page_faults(answer) if page else _problem_faults(answer)
    if not answer.by_application:
        found += _refusal_faults(answer, last)
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
    elif (problem["status"], problem["request_id"]) != (answer.status, answer.id):
        found.append(f"says in its body what its head does not: {problem}")
    return found


def _refusal_faults(answer: Answer, last: bool) -> list[str]:
    """Where the next request would begin is unknown: it is the last, and the connection ends."""
    found = []
    if answer.status < 400:
        found.append(f"answered {answer.status} without the application")
    elif json.loads(answer.body).get("instance") != "/":
        found.append("a refusal that names a path")
    if not last:
        found.append("an answer behind a refusal")
    if answer.fields.get("connection") != "close":
        found.append("a refusal that keeps the connection")
    return found


def log_faults(conversations: Iterable[Conversation], lines: list[Line]) -> list[str]:
    """As many lines as answers, each of an answer that was heard, none of a hidden request."""
    heard = {answer.id for conversation in conversations for answer in conversation.executed}
    found = [f"logged, and not heard: {line}" for line in lines if line["request_id"] not in heard]
    if len(lines) != len(heard):
        found.append(f"{len(lines)} lines in the log, {len(heard)} answers")
    return found


def hidden_in(lines: list[Line]) -> list[str]:
    return [f"hidden, and executed: {line}" for line in lines if line["path"] == HIDDEN_PATH]
