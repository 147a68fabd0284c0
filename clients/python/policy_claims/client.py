"""The client: a method for each kind of data that the service offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

from policy_claims import types as t
from policy_claims.answers import ClaimStream, Download, Listing
from policy_claims.connection import Connection
from policy_claims.exchanges import Answer
from policy_claims.frames import Table
from policy_claims.query import resource

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

CitationForm = Literal["txt", "bib", "ris", "csl.json"]
"""Text, BibTeX, RIS or CSL-JSON."""
Vocabulary = Literal["documents", "agents", "topics", "occasions", "places"]


class Client(Connection):
    """A client of one policy claims service.

    >>> with Client("http://127.0.0.1:8000") as client:
    ...     for claim in client.claims(goals_only=True, distinct=True, horizon=2024):
    ...         print(claim["id"], claim["attribution"])
    clm_295vf0z5 indirect
    clm_gcp4mf61 direct
    clm_tch2savb direct
    clm_tepv4g4s mixed
    clm_w0jjjmd1 mixed

    The arguments are those of ``Connection``. Methods raise ``ServiceError`` (see
    ``policy_claims.errors``). A client is for one thread at a time, as a session is, and so is a
    cache directory.
    """

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
        return self._claims(resource("claims.ndjson", parameters=parameters))

    def download(self, file: str, /, **parameters: Unpack[t.TableParameters]) -> Download:
        """An export as it is, to be written to a file or hashed.

        >>> with Client("http://127.0.0.1:8000").download("claims.csv", kind="goal") as chunks:
        ...     print(b"".join(chunks).partition(b",")[0])
        b'id'
        """
        return self._download(resource(file, parameters=parameters))

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
        """A table of the service with typed columns: claims, quotes, sources, relations or counts,
        or a vocabulary (documents, agents, topics, occasions, places), which takes no parameters.

        >>> frame = Client("http://127.0.0.1:8000").to_dataframe(goals_only=True)
        >>> print(frame[["announced_earliest", "horizon_year", "speaker"]].dtypes.to_string())
        announced_earliest    datetime64[s]
        horizon_year                  Int64
        speaker                      string

        Raises ``ImportError`` where pandas is not installed.
        """
        return self._frame(resource(f"{table}.csv", parameters=parameters))

    def to_polars(
        self, table: Table = "claims", /, **parameters: Unpack[t.TableParameters]
    ) -> pl.DataFrame:
        """The same tables for Polars, with the types of the Parquet export, but for joined texts.

        >>> frame = Client("http://127.0.0.1:8000").to_polars(goals_only=True)
        >>> frame.select("announced_earliest", "horizon_year", "topics").dtypes
        [Date, Int64, List(String)]

        Raises ``ImportError`` where Polars is not installed.
        """
        return self._polars(resource(f"{table}.csv", parameters=parameters))

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

    def compare_to_polars(
        self, earlier: str, later: str, /, **parameters: Unpack[t.ComparedFilters]
    ) -> pl.DataFrame:
        """The same table for Polars. Raises ``ImportError`` where Polars is not installed."""
        sides = {"from": earlier, "to": later}
        return self._polars(resource("compare.csv", parameters={**parameters, **sides}))

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

    def datasets(self) -> Answer[list[t.DatasetVersionRecord], t.DatasetVersionsMeta]:
        """The data sets that are kept, the one that answers first, each with its files.

        >>> datasets = Client("http://127.0.0.1:8000").datasets()
        >>> datasets.data[0]["current"]
        True
        """
        return self._fetch(resource("datasets"))

    def dataset_version(self, version: str) -> Answer[t.DatasetVersionRecord, t.RecordMeta]:
        """A data set that is kept, with its files.

        Raises ``NotFound``, and ``Gone`` for one that is kept no longer.
        """
        return self._fetch(resource("datasets", version))

    def citation(self, identifier: str | None = None, form: CitationForm = "txt") -> str:
        """How to cite a claim, or the dataset, with its version and the day of access.

        >>> client = Client("http://127.0.0.1:8000")
        >>> client.dataset().data["version"] in client.citation("clm_tepv4g4s")
        True

        Raises ``NotFound``, and ``Gone`` for a claim that was withdrawn.
        """
        cited = ("claims", identifier) if identifier is not None else ("dataset",)
        return self._text(resource(*cited, f"citation.{form}"))
