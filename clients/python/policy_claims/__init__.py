"""A typed client of the policy claims API.

>>> from policy_claims import Client
>>> client = Client("http://127.0.0.1:8000")
>>> quoted = client.claims(speaker="kim-jong-un", attribution=["direct", "mixed"])
>>> sorted({topic["id"] for claim in quoted for topic in claim["topics"]})[:3]
['agriculture', 'defence', 'diplomacy']

The service names every fault of a request at once:

>>> from policy_claims import InvalidRequest
>>> try:
...     client.claims(tpoic="nuclear").total  # a type checker refuses this line, too
... except InvalidRequest as error:
...     error.errors[0].parameter, error.errors[0].did_you_mean
('tpoic', 'topic')

``AsyncClient`` has the same methods for ``await``; it needs the extra ``async`` (httpx). The types
of records and parameters are in ``policy_claims.types``.
"""

from typing import TYPE_CHECKING, Any

from policy_claims.answers import ClaimStream, Download, Listing
from policy_claims.client import Client
from policy_claims.errors import (
    ConnectionFailed,
    DatasetChanged,
    Gone,
    HistoryChanged,
    InvalidRequest,
    NotFound,
    ParameterFault,
    Problem,
    ProblemAnswer,
    ServiceError,
    Tombstone,
    Unavailable,
    UnexpectedAnswer,
)
from policy_claims.exchanges import Answer

if TYPE_CHECKING:
    from policy_claims.aio.client import AsyncClient

__all__ = [
    "Answer",
    "AsyncClient",
    "ClaimStream",
    "Client",
    "ConnectionFailed",
    "DatasetChanged",
    "Download",
    "Gone",
    "HistoryChanged",
    "InvalidRequest",
    "Listing",
    "NotFound",
    "ParameterFault",
    "Problem",
    "ProblemAnswer",
    "ServiceError",
    "Tombstone",
    "Unavailable",
    "UnexpectedAnswer",
]

HTTPX_MISSING = (
    "AsyncClient needs httpx, which is not installed: pip install 'policy-claims-client[async]'"
)


def __getattr__(name: str) -> Any:
    """Loads ``AsyncClient``, and httpx with it, when it is first used."""
    if name != "AsyncClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from policy_claims.aio.client import AsyncClient
    except ImportError as error:
        raise ImportError(HTTPX_MISSING) from error
    return AsyncClient
