"""The client: one method for each thing that the service can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from service.client.about import (
    ChangesMeta,
    ComparisonMeta,
    CountsMeta,
    Dataset,
    PageMeta,
    RecordMeta,
)
from service.client.answers import Answer, ClaimStream, Listing
from service.client.asking import Asking, address, quoted
from service.client.changes import Change
from service.client.comparing import ComparedTopic
from service.client.errors import UnexpectedAnswer
from service.client.frames import Table, frame
from service.client.parameters import (
    ChangesParameters,
    ClaimsParameters,
    CountsParameters,
    ExportParameters,
    TableParameters,
    VocabularyParameters,
)
from service.client.records import Agent, Claim, CountsRow, Document, Occasion, Topic

if TYPE_CHECKING:
    import pandas as pd


class Client(Asking):
    """Asks a policy claims service.

    >>> with Client("http://127.0.0.1:8000") as client:
    ...     for claim in client.claims(goals_only=True, distinct=True, horizon=2024):
    ...         print(claim["id"], claim["attribution"])
    clm_295vf0z5 indirect
    clm_gcp4mf61 direct

    ``cache``            where answers are kept for conditional requests: ``"memory"`` (16 MiB of
                         it), a ``MemoryCache`` or ``DirectoryCache``, or ``None`` for none.
    ``timeout``          seconds to connect, and seconds that may pass without a byte.
    ``retries``          how often to ask again after 502, 503, 504 or a lost connection; a
                         ``urllib3.util.Retry`` says more.
    ``across_datasets``  let a listing go on when a new dataset arrives between two pages, instead
                         of raising ``DatasetChanged``.
    ``session``          a ``requests.Session`` of your own, with its headers, proxies and
                         adapters; its adapters then say what is retried.

    Methods raise ``ServiceError`` (see ``service.client.errors``). A client is for one thread at a
    time, as a session is; clients may share a cache.
    """

    # --- Claims ---

    def claims(self, **parameters: Unpack[ClaimsParameters]) -> Listing[Claim, PageMeta]:
        """All claims that match, page by page while they are read.

        >>> client = Client("http://127.0.0.1:8000")
        >>> nuclear = client.claims(topic=["nuclear", "weapons-tests"], sort="announced")
        >>> nuclear.total == len(list(nuclear))
        True

        ``limit`` (100 unless given) is how many come at a time, not how many there are.
        """
        return self._listing("/v1/claims", {"limit": 100, **parameters})

    def claim(self, identifier: str) -> Answer[Claim, RecordMeta]:
        """One claim. The id of a superseded claim leads to what replaced it, and says so.

        >>> found = Client("http://127.0.0.1:8000").claim("clm_tepv4g4s")
        >>> found.data["actors"][0]["name"], found.superseded
        ('Kim Jong Un', ())

        Raises ``NotFound``, and ``Gone`` (with its ``tombstone``) for one that was withdrawn.
        """
        return self._record("/v1/claims", identifier)

    def export(self, **parameters: Unpack[ExportParameters]) -> ClaimStream:
        """All claims that match as one answer, read as it comes: one dataset, little memory.

        >>> with Client("http://127.0.0.1:8000").export(kind="directive") as claims:
        ...     addressed = {agent["id"] for claim in claims for agent in claim["addressees"]}
        >>> "korean-peoples-army" in addressed
        True
        """
        path = address("/v1/claims.ndjson", parameters)
        return ClaimStream(self._transport.stream(path), path)

    def counts(self, **parameters: Unpack[CountsParameters]) -> Answer[list[CountsRow], CountsMeta]:
        """How many claims there are in each group of one or two dimensions.

        >>> counted = Client("http://127.0.0.1:8000").counts(by=["kind"], speaker="kcna")
        >>> sum(row["count"] for row in counted.data) == counted.meta["total"]
        True
        """
        return self._answer(address("/v1/counts", parameters))

    def to_dataframe(
        self, table: Table = "claims", /, **parameters: Unpack[TableParameters]
    ) -> pd.DataFrame:
        """A table of the service (claims, quotes or counts) for pandas, columns properly typed.

        >>> frame = Client("http://127.0.0.1:8000").to_dataframe(goals_only=True)
        >>> print(frame[["announced_earliest", "horizon_year", "speaker"]].dtypes.to_string())
        announced_earliest    datetime64[s]
        horizon_year                  Int64
        speaker                      string

        Raises ``ImportError`` where pandas is not installed.
        """
        reply = self._transport.get(address(f"/v1/{table}.csv", parameters))
        if reply.media_type != "text/csv":
            raise UnexpectedAnswer(f"{reply.path}: expected CSV, got {reply.media_type}")
        return frame(reply.body, reply.dataset_version)

    # --- What happened to them, and how they compare ---

    def history(
        self, identifier: str, **parameters: Unpack[ChangesParameters]
    ) -> Listing[Change, ChangesMeta]:
        """What happened to one claim, oldest first; a retired one has its history, too.

        >>> [change["change"] for change in Client("http://127.0.0.1:8000").history("clm_tepv4g4s")]
        ['created']

        Raises ``NotFound`` for an id that was never used.
        """
        path = f"/v1/claims/{quoted(identifier)}/history"
        return self._listing(path, {"limit": 100, **parameters}, across_datasets=True)

    def changes(self, **parameters: Unpack[ChangesParameters]) -> Listing[Change, ChangesMeta]:
        """Every change to every claim, in the order of ``seq``, which has no gap.

        To follow the data, keep the last ``seq`` and begin after it the next time:

        >>> client = Client("http://127.0.0.1:8000")
        >>> last = max(change["seq"] for change in client.changes())
        >>> list(client.changes(since=last))
        []

        Changes are only ever added at the end, so a walk goes on when a new dataset arrives.
        """
        return self._listing("/v1/changes", {"limit": 100, **parameters}, across_datasets=True)

    def compare(
        self, earlier: str, later: str, /, **parameters: Unpack[VocabularyParameters]
    ) -> Listing[ComparedTopic, ComparisonMeta]:
        """Two occasions side by side, topic by topic, with the relations between them.

        >>> client = Client("http://127.0.0.1:8000")
        >>> compared = client.compare("wpk-plenary-2022-12", "wpk-plenary-2023-12")
        >>> {topic["topic"]["id"]: topic["presence"] for topic in compared}["diplomacy"]
        'both'
        """
        sides = {"from": earlier, "to": later}
        return self._listing("/v1/compare", {"limit": 100, **parameters, **sides})

    # --- What claims refer to ---

    def documents(self, **parameters: Unpack[VocabularyParameters]) -> Listing[Document, PageMeta]:
        """The documents that claims were curated from, by id."""
        return self._listing("/v1/documents", {"limit": 100, **parameters})

    def document(self, identifier: str) -> Answer[Document, RecordMeta]:
        return self._record("/v1/documents", identifier)

    def agents(self, **parameters: Unpack[VocabularyParameters]) -> Listing[Agent, PageMeta]:
        """Everyone who acts, is quoted, is addressed or is spoken about, by id.

        >>> agents = Client("http://127.0.0.1:8000").agents()
        >>> [agent["id"] for agent in agents if "KCNA" in agent["other_names"]]
        ['kcna']
        """
        return self._listing("/v1/agents", {"limit": 100, **parameters})

    def agent(self, identifier: str) -> Answer[Agent, RecordMeta]:
        return self._record("/v1/agents", identifier)

    def topics(self, **parameters: Unpack[VocabularyParameters]) -> Listing[Topic, PageMeta]:
        """The topics, by id."""
        return self._listing("/v1/topics", {"limit": 100, **parameters})

    def topic(self, identifier: str) -> Answer[Topic, RecordMeta]:
        return self._record("/v1/topics", identifier)

    def occasions(self, **parameters: Unpack[VocabularyParameters]) -> Listing[Occasion, PageMeta]:
        """The events at which things are announced, by id."""
        return self._listing("/v1/occasions", {"limit": 100, **parameters})

    def occasion(self, identifier: str) -> Answer[Occasion, RecordMeta]:
        return self._record("/v1/occasions", identifier)

    def dataset(self) -> Answer[Dataset, RecordMeta]:
        """Which data is served: its version, its licence, how many records there are.

        >>> Client("http://127.0.0.1:8000").dataset().data["licence"]["data"]
        'CC-BY-4.0'
        """
        return self._answer("/v1/dataset")
