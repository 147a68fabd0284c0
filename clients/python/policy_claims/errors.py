"""The exceptions of the client; each is a ``ServiceError``.

A ``ProblemAnswer`` is an error answer of the service, with a subclass for each status that callers
treat differently. All can be pickled, so that a worker process can raise them in its parent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from policy_claims.reply import Reply


class ServiceError(Exception):
    """A request failed."""


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One fault of one parameter; ``did_you_mean`` is the name or value that was probably meant."""

    parameter: str
    detail: str
    allowed: str | None = None
    did_you_mean: str | None = None

    def __str__(self) -> str:
        near = f" (did you mean {self.did_you_mean}?)" if self.did_you_mean else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.parameter} {self.detail}{near}{allowed}"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What remains of a withdrawn record."""

    id: str
    withdrawn_on: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The content of an error answer (RFC 9457, section 3).

    ``type`` is the path of the page that explains it, or ``about:blank`` where the answer has no
    problem details. ``request_id`` identifies the request in the log of the service.
    ``retry_after`` is the header of that name, in seconds.
    """

    status: int
    type: str
    title: str
    detail: str
    instance: str | None = None
    request_id: str | None = None
    retry_after: int | None = None
    errors: tuple[ParameterFault, ...] = ()
    tombstone: Tombstone | None = None


class ProblemAnswer(ServiceError):
    """The service answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        problem = self.problem
        lines = [f"{problem.status} {problem.title}: {problem.detail}", *map(str, problem.errors)]
        if problem.tombstone:
            lines.append(
                f"withdrawn on {problem.tombstone.withdrawn_on}: {problem.tombstone.reason}"
            )
        if problem.request_id:
            lines.append(f"request {problem.request_id}")
        return "\n  ".join(lines)

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def errors(self) -> tuple[ParameterFault, ...]:
        return self.problem.errors

    @property
    def request_id(self) -> str | None:
        return self.problem.request_id


class InvalidRequest(ProblemAnswer):
    """400: parameters that the contract does not allow."""


class NotFound(ProblemAnswer):
    """404: no such record."""


class HistoryChanged(ProblemAnswer):
    """409: the service tells another history than the one that was followed.

    What was built from its changes is no copy of the data any more: discard it, and read all
    changes from the beginning.
    """


class Gone(ProblemAnswer):
    """410: the record was withdrawn."""

    @property
    def tombstone(self) -> Tombstone | None:
        return self.problem.tombstone


class Unavailable(ProblemAnswer):
    """502, 503 or 504, after all retries."""

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the service asks to be called again."""
        return self.problem.retry_after


class ConnectionFailed(ServiceError):
    """No answer, or only a part of one, after all retries."""


class UnexpectedAnswer(ServiceError):
    """An answer that the contract does not allow, from a proxy for instance."""


class DatasetChanged(ServiceError):
    """A new dataset was published between two pages of an iteration.

    The records so far are from ``before``, the next page is from ``after``. Start again; or use
    ``Client.export``, which is one answer and therefore one dataset; or set
    ``across_datasets=True``: the iteration then continues, and neither skips nor repeats a claim
    that is in both datasets (under ``sort="relevance"`` it may do either).
    """

    def __init__(self, before: str, after: str) -> None:
        super().__init__(before, after)
        self.before, self.after = before, after

    def __str__(self) -> str:
        return f"the dataset changed from {self.before} to {self.after} during the iteration"


_CLASSES = {400: InvalidRequest, 404: NotFound, 409: HistoryChanged, 410: Gone}
_CLASSES |= dict.fromkeys((502, 503, 504), Unavailable)


def problem_answer(reply: Reply) -> ProblemAnswer:
    """The exception for an error answer, with or without problem details."""
    members = _problem_details(reply)
    errors, seconds = members.get("errors"), reply.headers.get("Retry-After", "")
    tombstone = members.get("tombstone")
    problem = Problem(
        status=reply.status,
        type=str(members.get("type", "about:blank")),
        title=str(members.get("title") or reply.reason or "Error"),
        detail=str(members.get("detail") or "no details"),
        instance=members.get("instance"),
        request_id=members.get("request_id") or reply.headers.get("X-Request-ID"),
        retry_after=int(seconds) if seconds.isdecimal() else None,
        errors=tuple(map(_fault, errors)) if isinstance(errors, list) else (),
        tombstone=_tombstone(tombstone) if isinstance(tombstone, dict) else None,
    )
    return _CLASSES.get(reply.status, ProblemAnswer)(problem)


def _problem_details(reply: Reply) -> dict[str, Any]:
    if reply.media_type != "application/problem+json":
        return {}
    try:
        members = json.loads(reply.content)
    except ValueError:  # neither UTF-8 nor JSON
        return {}
    return members if isinstance(members, dict) else {}


def _fault(members: Any) -> ParameterFault:
    """Lenient, because a proxy's problem may have ``errors`` of another form."""
    if not isinstance(members, dict):
        return ParameterFault("", str(members))
    return ParameterFault(
        str(members.get("parameter")),
        str(members.get("detail")),
        members.get("allowed"),
        members.get("did_you_mean"),
    )


def _tombstone(members: dict[str, Any]) -> Tombstone:
    return Tombstone(*(str(members.get(name)) for name in ("id", "withdrawn_on", "reason")))
