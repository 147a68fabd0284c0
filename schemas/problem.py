"""The faults of a query string, as an error answer lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One thing that is wrong with one query parameter.

    ``did_you_mean`` names the parameter or value that a near miss meant.
    """

    parameter: str
    detail: str
    allowed: str | None = None
    did_you_mean: str | None = None
    unknown: bool = False

    def as_json(self) -> dict[str, str]:
        """The fault as RFC 9457 extension members; keys without a value are left out."""
        members = {
            "parameter": self.parameter,
            "detail": self.detail,
            "allowed": self.allowed,
            "did_you_mean": self.did_you_mean,
        }
        return {key: value for key, value in members.items() if value is not None}


class QueryRefused(ValueError):
    """A query string that the contract does not allow; carries every fault in it."""

    def __init__(self, faults: list[ParameterFault]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)
