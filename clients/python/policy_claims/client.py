"""The client: a method for each kind of data that the service offers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

import requests
from urllib3.util import Retry

from policy_claims import types as t
from policy_claims.answers import Answer, ClaimStream, Listing, fetch
from policy_claims.connection import RETRIES, TIMEOUT, Connection, media_type, new_session
from policy_claims.errors import UnexpectedAnswer
from policy_claims.frames import Table, frame
from policy_claims.query import resource

if TYPE_CHECKING:
    import pandas as pd


Vocabulary = Literal["documents", "agents", "topics", "occasions", "places"]


class Client:
    """A client of one policy claims service.

    >>> with Client("http://127.0.0.1:8000") as client:
    ...     for claim in client.claims(goals_only=True, distinct=True, horizon=2024):
    ...         print(claim["id"], claim["attribution"])
    clm_295vf0z5 indirect
    clm_gcp4mf61 direct
    clm_tch2savb direct
    clm_tepv4g4s mixed
    clm_w0jjjmd1 mixed

    ``cache``            a directory in which answers are kept (at most 256 MiB), so that unchanged
                         ones are not sent again; needs requests-cache.
    ``timeout``          seconds to connect, and seconds without a byte.
    ``retries``          how often to try again after 502, 503, 504 or a lost connection; a
                         ``urllib3.util.Retry`` sets more.
    ``across_datasets``  continue an iteration when a new dataset is published between two pages,
                         instead of raising ``DatasetChanged``.
    ``session``          your own ``requests.Session``, in place of ``cache``, with its headers,
                         proxies, adapters and their retries; it is not closed.

    Methods raise ``ServiceError`` (see ``policy_claims.errors``). A client is for one thread at a
    time, as a session is, and so is a cache directory.
    """

    def __init__(
        self,
        base_url: str,
        *,
        cache: str | os.PathLike[str] | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int | Retry = RETRIES,
        across_datasets: bool = False,
        session: requests.Session | None = None,
    ) -> None:
        if session and cache:
            raise ValueError("cache has no effect on a session of your own")
        retries = retries if isinstance(retries, Retry) else RETRIES.new(total=retries)
        self._session = session or new_session(cache, retries)
        self._closes_session = session is None
        self._connection = Connection(base_url, self._session, timeout, retries)
        self._across = across_datasets

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        if self._closes_session:
            self._session.close()

    # --- Claims ---

    def claims(self, **parameters: Unpack[t.ClaimsParameters]) -> Listing[t.Claim, t.PageMeta]:
        """All claims that match, page by page.

        >>> client = Client("http://127.0.0.1:8000")
        >>> nuclear = client.claims(topic=["nuclear", "weapons-tests"], sort="announced")
        >>> nuclear.total == len(list(nuclear))
        True

        ``limit`` (100 by default) is the size of a page and does not limit the iteration.
        """
        return self._list("claims", parameters=parameters)

    def claim(self, identifier: str) -> Answer[t.Claim, t.RecordMeta]:
        """One claim. The id of a superseded claim leads to the claim that replaced it.

        >>> answer = Client("http://127.0.0.1:8000").claim("clm_tepv4g4s")
        >>> answer.data["actors"][0]["name"], answer.superseded
        ('Kim Jong Un', ())

        Raises ``NotFound``, and ``Gone`` (with its ``tombstone``) for one that was withdrawn.
        """
        return self._fetch(resource("claims", identifier))

    def export(self, **parameters: Unpack[t.ExportParameters]) -> ClaimStream:
        """All claims that match, as one answer of one dataset, in little memory.

        >>> with Client("http://127.0.0.1:8000").export(kind="directive") as claims:
        ...     addressed = {agent["id"] for claim in claims for agent in claim["addressees"]}
        >>> "korean-peoples-army" in addressed
        True
        """
        path = resource("claims.ndjson", parameters=parameters)
        return ClaimStream(self._connection.stream(path), path)

    def counts(
        self, **parameters: Unpack[t.CountsParameters]
    ) -> Answer[list[t.CountsRow], t.CountsMeta]:
        """How many claims there are in each group of one or two dimensions.

        >>> counts = Client("http://127.0.0.1:8000").counts(by=["kind"], speaker="kcna")
        >>> sum(row["count"] for row in counts.data) == counts.meta["total"]
        True
        """
        return self._fetch(resource("counts", parameters=parameters))

    def to_dataframe(
        self, table: Table = "claims", /, **parameters: Unpack[t.TableParameters]
    ) -> pd.DataFrame:
        """A table of the service (claims, quotes or counts) with typed columns.

        >>> frame = Client("http://127.0.0.1:8000").to_dataframe(goals_only=True)
        >>> print(frame[["announced_earliest", "horizon_year", "speaker"]].dtypes.to_string())
        announced_earliest    datetime64[s]
        horizon_year                  Int64
        speaker                      string

        Raises ``ImportError`` where pandas is not installed.
        """
        return self._frame(resource(f"{table}.csv", parameters=parameters))

    def _frame(self, path: str) -> pd.DataFrame:
        response, _ = self._connection.get(path)
        if media_type(response) != "text/csv":
            raise UnexpectedAnswer(f"{path}: expected CSV, got {media_type(response)}")
        return frame(response.content, response.headers.get("Dataset-Version"))

    # --- Changes and comparisons ---

    def history(
        self, identifier: str, **parameters: Unpack[t.HistoryParameters]
    ) -> Listing[t.ClaimChange, t.ChangesMeta]:
        """The changes to one claim, oldest first, also to a superseded or withdrawn one.

        >>> [change["change"] for change in Client("http://127.0.0.1:8000").history("clm_tepv4g4s")]
        ['created', 'revised']

        Raises ``NotFound`` for an id that was never used.
        """
        return self._list(
            "claims", identifier, "history", across_datasets=True, parameters=parameters
        )

    def record_history(
        self, vocabulary: Vocabulary, identifier: str, **parameters: Unpack[t.HistoryParameters]
    ) -> Listing[t.RecordChange, t.ChangesMeta]:
        """The changes to a document, agent, topic, occasion or place, oldest first.

        >>> list(Client("http://127.0.0.1:8000").record_history("topics", "nuclear"))
        []

        Raises ``NotFound`` for an id that was never used.
        """
        return self._list(
            vocabulary, identifier, "history", across_datasets=True, parameters=parameters
        )

    def changes(
        self, **parameters: Unpack[t.ChangesParameters]
    ) -> Listing[t.RecordChange, t.ChangesMeta]:
        """Every change to every record, in the order of ``seq``, which has no gap.

        To follow the data, store where the iteration ended and start there the next time:

        >>> client = Client("http://127.0.0.1:8000")
        >>> changes = client.changes()
        >>> held = {change["subject"]["id"]: change["record"] for change in changes}
        >>> list(client.changes(since=changes.meta["next"]))
        []

        Changes are only added at the end, so an iteration continues across datasets. Raises
        ``HistoryChanged`` where the service has another history: begin anew, without ``since``.
        """
        return self._list("changes", across_datasets=True, parameters=parameters)

    def compare(
        self, earlier: str, later: str, /, **parameters: Unpack[t.CompareParameters]
    ) -> Listing[t.ComparedTopic, t.ComparisonMeta]:
        """Two occasions side by side, topic by topic, with the relations between their claims.

        All filters of claims but ``occasion`` select what is compared.

        >>> client = Client("http://127.0.0.1:8000")
        >>> comparison = client.compare("wpk-plenary-2022-12", "wpk-plenary-2023-12")
        >>> {topic["topic"]["id"]: topic["presence"] for topic in comparison}["diplomacy"]
        'both'
        """
        sides = {"from": earlier, "to": later}
        return self._list("compare", parameters={**parameters, **sides})

    def compare_to_dataframe(
        self, earlier: str, later: str, /, **parameters: Unpack[t.ComparedFilters]
    ) -> pd.DataFrame:
        """The whole comparison as a table: a row for each claim under each of its topics.

        Raises ``ImportError`` where pandas is not installed.
        """
        sides = {"from": earlier, "to": later}
        return self._frame(resource("compare.csv", parameters={**parameters, **sides}))

    # --- Vocabularies ---

    def documents(
        self, **parameters: Unpack[t.ListParameters]
    ) -> Listing[t.SourceDocument, t.PageMeta]:
        """The documents that claims were curated from, by id."""
        return self._list("documents", parameters=parameters)

    def document(self, identifier: str) -> Answer[t.SourceDocument, t.RecordMeta]:
        return self._fetch(resource("documents", identifier))

    def agents(self, **parameters: Unpack[t.ListParameters]) -> Listing[t.Agent, t.PageMeta]:
        """Everyone who acts, is quoted, is addressed or is spoken about, by id.

        >>> agents = Client("http://127.0.0.1:8000").agents()
        >>> [agent["id"] for agent in agents if "KCNA" in agent["other_names"]]
        ['kcna']
        """
        return self._list("agents", parameters=parameters)

    def agent(self, identifier: str) -> Answer[t.Agent, t.RecordMeta]:
        return self._fetch(resource("agents", identifier))

    def topics(self, **parameters: Unpack[t.ListParameters]) -> Listing[t.Topic, t.PageMeta]:
        """The topics, by id."""
        return self._list("topics", parameters=parameters)

    def topic(self, identifier: str) -> Answer[t.Topic, t.RecordMeta]:
        return self._fetch(resource("topics", identifier))

    def occasions(self, **parameters: Unpack[t.ListParameters]) -> Listing[t.Occasion, t.PageMeta]:
        """The events at which claims were announced, by id."""
        return self._list("occasions", parameters=parameters)

    def occasion(self, identifier: str) -> Answer[t.Occasion, t.RecordMeta]:
        return self._fetch(resource("occasions", identifier))

    def places(self, **parameters: Unpack[t.ListParameters]) -> Listing[t.Place, t.PageMeta]:
        """The places where claims say that something happens or applies, by id.

        >>> places = Client("http://127.0.0.1:8000").places()
        >>> [place["id"] for place in places if place["country"] == "KP"]
        ['north-korea', 'pyongyang']
        """
        return self._list("places", parameters=parameters)

    def place(self, identifier: str) -> Answer[t.Place, t.RecordMeta]:
        return self._fetch(resource("places", identifier))

    def dataset(self) -> Answer[t.Dataset, t.RecordMeta]:
        """The dataset that is served: its version, its licence, its number of records.

        >>> Client("http://127.0.0.1:8000").dataset().data["licence"]["data"]
        'CC-BY-4.0'
        """
        return self._fetch(resource("dataset"))

    def _fetch(self, path: str) -> Answer[Any, Any]:
        return fetch(self._connection, path)

    def _list(
        self, *steps: str, parameters: Mapping[str, Any], across_datasets: bool = False
    ) -> Listing[Any, Any]:
        path = resource(*steps, parameters={"limit": 100, **parameters})
        return Listing(self._fetch, path, across_datasets or self._across)
