"""A Python client of the policy claims API, on requests; it loads nothing of the service.

>>> from service.client import Client
>>> client = Client("http://127.0.0.1:8000")
>>> quoted = client.claims(speaker="kim-jong-un", attribution=["direct", "mixed"])
>>> sorted({topic["id"] for claim in quoted for topic in claim["topics"]})[:3]
['agriculture', 'defence', 'diplomacy']

Mistakes are named by the service, all at once:

>>> from service.client import InvalidRequest
>>> try:
...     client.claims(tpoic="nuclear").total  # a type checker refuses this line, too
... except InvalidRequest as error:
...     error.errors[0].parameter, error.errors[0].did_you_mean
('tpoic', 'topic')

Asking twice sends the body once; a service that is gone for a moment is asked again.
"""

from service.client.answers import Answer, ClaimStream, Listing
from service.client.cache import DirectoryCache, MemoryCache
from service.client.client import Client
from service.client.errors import (
    ConnectionFailed,
    DatasetChanged,
    Gone,
    InvalidRequest,
    NotFound,
    Problem,
    ProblemAnswer,
    ServiceError,
    Tombstone,
    Unavailable,
    UnexpectedAnswer,
)

__all__ = [
    "Answer",
    "ClaimStream",
    "Client",
    "ConnectionFailed",
    "DatasetChanged",
    "DirectoryCache",
    "Gone",
    "InvalidRequest",
    "Listing",
    "MemoryCache",
    "NotFound",
    "Problem",
    "ProblemAnswer",
    "ServiceError",
    "Tombstone",
    "Unavailable",
    "UnexpectedAnswer",
]
