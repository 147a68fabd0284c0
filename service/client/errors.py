"""Everything that can go wrong, as exceptions; each is a ``ServiceError``.

.. code-block:: text

    ServiceError
    ├── ProblemAnswer        the service answered with a problem (RFC 9457); it says which
    │   ├── InvalidRequest   400: ``errors`` names every parameter at fault
    │   ├── NotFound         404
    │   ├── Gone             410: a withdrawn claim; ``tombstone`` says when and why
    │   └── Unavailable      502, 503, 504: still so after all retries
    ├── ConnectionFailed     no answer came, or not all of it, after all retries
    ├── UnexpectedAnswer     something answered that is not this service
    └── DatasetChanged       a new dataset arrived in the middle of an iteration

All can be pickled, so that they cross from a worker process to its parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.problem import ParameterFault

#: The type of an error answer that says nothing about itself (RFC 9457, section 4.2.1).
BLANK = "about:blank"


class ServiceError(Exception):
    """Any failure of a request."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a withdrawn claim."""

    id: str
    withdrawn_on: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error answer says (RFC 9457).

    ``type`` is the path of the page that explains it, or ``about:blank`` where whatever answered
    (a proxy, for instance) sent no problem details. ``request_id`` leads to the log of the
    service. ``errors`` has every fault of the parameters, ``tombstone`` what is left of a claim.
    """

    status: int
    type: str
    title: str
    detail: str
    instance: str | None = None
    request_id: str | None = None
    errors: tuple[ParameterFault, ...] = ()
    tombstone: Tombstone | None = None


class ProblemAnswer(ServiceError):
    """The service answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        problem = self.problem
        lines = [f"{problem.status} {problem.title}: {problem.detail}"]
        for fault in problem.errors:
            near = f" (did you mean {fault.did_you_mean}?)" if fault.did_you_mean else ""
            allowed = f"; allowed: {fault.allowed}" if fault.allowed else ""
            lines.append(f"  {fault.parameter} {fault.detail}{near}{allowed}")
        if problem.tombstone:
            lines.append(f"  withdrawn on {problem.tombstone.withdrawn_on}: ")
            lines[-1] += problem.tombstone.reason
        if problem.request_id:
            lines.append(f"  request {problem.request_id}")
        return "\n".join(lines)

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def errors(self) -> tuple[ParameterFault, ...]:
        """Every fault of the parameters, each with what is allowed and what was probably meant."""
        return self.problem.errors

    @property
    def request_id(self) -> str | None:
        return self.problem.request_id


class InvalidRequest(ProblemAnswer):
    """400: the parameters are not what the contract allows."""


class NotFound(ProblemAnswer):
    """404: there is no such record."""


class Gone(ProblemAnswer):
    """410: the claim was withdrawn."""

    @property
    def tombstone(self) -> Tombstone | None:
        return self.problem.tombstone


class Unavailable(ProblemAnswer):
    """502, 503 or 504, after all retries: the service, or the way to it, is down."""


class ConnectionFailed(ServiceError):
    """No answer came, or not all of it, after all retries."""


class UnexpectedAnswer(ServiceError):
    """Something answered that is not this service, or not as its contract says."""


class DatasetChanged(ServiceError):
    """A new dataset arrived between two pages of an iteration.

    What was read so far is from ``before``, the next page would be from ``after``. Start again; or
    read with ``Client.export``, which is one answer and therefore one dataset; or make the client
    with ``across_datasets=True``: a walk may then go on, and neither skips nor repeats a claim
    that stayed (under ``sort="relevance"`` it may do both).
    """

    def __init__(self, before: str, after: str) -> None:
        super().__init__(before, after)
        self.before, self.after = before, after

    def __str__(self) -> str:
        return f"the dataset changed from {self.before} to {self.after} during the iteration"


_BY_STATUS = {400: InvalidRequest, 404: NotFound, 410: Gone}
_BY_STATUS |= dict.fromkeys((502, 503, 504), Unavailable)


def problem_answer(status: int, body: Any, reason: str, request_id: str | None) -> ProblemAnswer:
    """The exception for an error answer; ``body`` is its JSON, or None where it has none."""
    members = body if isinstance(body, dict) else {}
    problem = Problem(
        status=status,
        type=str(members.get("type", BLANK)),
        title=str(members.get("title") or reason or "Error"),
        detail=str(members.get("detail") or "the answer says no more"),
        instance=members.get("instance"),
        request_id=members.get("request_id") or request_id,
        errors=tuple(_fault(each) for each in _objects(members.get("errors"))),
        tombstone=next(map(_tombstone, _objects([members.get("tombstone")])), None),
    )
    return _BY_STATUS.get(status, ProblemAnswer)(problem)


def _objects(members: Any) -> list[dict[str, Any]]:
    """The objects of a list. Another service's problem may have ``errors`` of another form."""
    return [each for each in members if isinstance(each, dict)] if isinstance(members, list) else []


def _fault(members: dict[str, Any]) -> ParameterFault:
    return ParameterFault(
        str(members.get("parameter")),
        str(members.get("detail")),
        members.get("allowed"),
        members.get("did_you_mean"),
    )


def _tombstone(members: dict[str, Any]) -> Tombstone:
    return Tombstone(*(str(members.get(name)) for name in ("id", "withdrawn_on", "reason")))
