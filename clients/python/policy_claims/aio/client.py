"""The asynchronous client. Generated from client.py by generate_async.py: do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

from policy_claims import types as t
from policy_claims.aio.answers import AsyncClaimStream, AsyncDownload, AsyncListing
from policy_claims.aio.connection import AsyncConnection
from policy_claims.exchanges import Answer
from policy_claims.frames import Table
from policy_claims.query import resource

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

CitationForm = Literal["txt", "bib", "ris", "csl.json"]
"""Text, BibTeX, RIS or CSL-JSON."""
Vocabulary = Literal["documents", "agents", "topics", "occasions", "places"]


class AsyncClient(AsyncConnection):
    """A client of one policy claims service, with httpx: the methods of ``Client`` for ``await``.

    The arguments are those of ``AsyncConnection``. Methods raise the same ``ServiceError`` as those
    of ``Client``. A client is for the tasks of one event loop.
    """

    # --- Claims ---

    def claims(self, **parameters: Unpack[t.ClaimsParameters]) -> AsyncListing[t.Claim, t.PageMeta]:
        """All claims that match, page by page.

        ``limit`` (100 by default) is the size of a page and does not limit the iteration.
        """
        return self._list("claims", parameters=parameters)

    async def claim(self, identifier: str) -> Answer[t.Claim, t.RecordMeta]:
        """One claim. The id of a superseded claim leads to the claim that replaced it.

        Raises ``NotFound``, and ``Gone`` (with its ``tombstone``) for one that was withdrawn.
        """
        return await self._fetch(resource("claims", identifier))

    def export(self, **parameters: Unpack[t.ExportParameters]) -> AsyncClaimStream:
        """All claims that match, as one answer of one dataset, in little memory."""
        return self._claims(resource("claims.ndjson", parameters=parameters))

    def download(self, file: str, /, **parameters: Unpack[t.TableParameters]) -> AsyncDownload:
        """An export as it is, to be written to a file or hashed."""
        return self._download(resource(file, parameters=parameters))

    async def counts(
        self, **parameters: Unpack[t.CountsParameters]
    ) -> Answer[list[t.CountsRow], t.CountsMeta]:
        """How many claims there are in each group of one or two dimensions."""
        return await self._fetch(resource("counts", parameters=parameters))

    async def to_dataframe(
        self, table: Table = "claims", /, **parameters: Unpack[t.TableParameters]
    ) -> pd.DataFrame:
        """A table of the service with typed columns: claims, quotes, sources, relations or counts,
        or a vocabulary (documents, agents, topics, occasions, places), which takes no parameters.

        Raises ``ImportError`` where pandas is not installed.
        """
        return await self._frame(resource(f"{table}.csv", parameters=parameters))

    async def to_polars(
        self, table: Table = "claims", /, **parameters: Unpack[t.TableParameters]
    ) -> pl.DataFrame:
        """The same tables for Polars, with the types of the Parquet export, but for joined texts.

        Raises ``ImportError`` where Polars is not installed.
        """
        return await self._polars(resource(f"{table}.csv", parameters=parameters))

    # --- Changes and comparisons ---

    def history(
        self, identifier: str, **parameters: Unpack[t.HistoryParameters]
    ) -> AsyncListing[t.ClaimChange, t.ChangesMeta]:
        """The changes to one claim, oldest first, also to a superseded or withdrawn one.

        Raises ``NotFound`` for an id that was never used.
        """
        return self._list(
            "claims", identifier, "history", across_datasets=True, parameters=parameters
        )

    def record_history(
        self, vocabulary: Vocabulary, identifier: str, **parameters: Unpack[t.HistoryParameters]
    ) -> AsyncListing[t.RecordChange, t.ChangesMeta]:
        """The changes to a document, agent, topic, occasion or place, oldest first.

        Raises ``NotFound`` for an id that was never used.
        """
        return self._list(
            vocabulary, identifier, "history", across_datasets=True, parameters=parameters
        )

    def changes(
        self, **parameters: Unpack[t.ChangesParameters]
    ) -> AsyncListing[t.RecordChange, t.ChangesMeta]:
        """Every change to every record, in the order of ``seq``, which has no gap.

        Changes are only added at the end, so an iteration continues across datasets. Raises
        ``HistoryChanged`` where the service has another history: begin anew, without ``since``.
        """
        return self._list("changes", across_datasets=True, parameters=parameters)

    def compare(
        self, earlier: str, later: str, /, **parameters: Unpack[t.CompareParameters]
    ) -> AsyncListing[t.ComparedTopic, t.ComparisonMeta]:
        """Two occasions side by side, topic by topic, with the relations between their claims.

        All filters of claims but ``occasion`` select what is compared.
        """
        sides = {"from": earlier, "to": later}
        return self._list("compare", parameters={**parameters, **sides})

    async def compare_to_dataframe(
        self, earlier: str, later: str, /, **parameters: Unpack[t.ComparedFilters]
    ) -> pd.DataFrame:
        """The whole comparison as a table: a row for each claim under each of its topics.

        Raises ``ImportError`` where pandas is not installed.
        """
        sides = {"from": earlier, "to": later}
        return await self._frame(resource("compare.csv", parameters={**parameters, **sides}))

    async def compare_to_polars(
        self, earlier: str, later: str, /, **parameters: Unpack[t.ComparedFilters]
    ) -> pl.DataFrame:
        """The same table for Polars. Raises ``ImportError`` where Polars is not installed."""
        sides = {"from": earlier, "to": later}
        return await self._polars(resource("compare.csv", parameters={**parameters, **sides}))

    # --- Vocabularies ---

    def documents(
        self, **parameters: Unpack[t.ListParameters]
    ) -> AsyncListing[t.SourceDocument, t.PageMeta]:
        """The documents that claims were curated from, by id."""
        return self._list("documents", parameters=parameters)

    async def document(self, identifier: str) -> Answer[t.SourceDocument, t.RecordMeta]:
        return await self._fetch(resource("documents", identifier))

    def agents(self, **parameters: Unpack[t.ListParameters]) -> AsyncListing[t.Agent, t.PageMeta]:
        """Everyone who acts, is quoted, is addressed or is spoken about, by id."""
        return self._list("agents", parameters=parameters)

    async def agent(self, identifier: str) -> Answer[t.Agent, t.RecordMeta]:
        return await self._fetch(resource("agents", identifier))

    def topics(self, **parameters: Unpack[t.ListParameters]) -> AsyncListing[t.Topic, t.PageMeta]:
        """The topics, by id."""
        return self._list("topics", parameters=parameters)

    async def topic(self, identifier: str) -> Answer[t.Topic, t.RecordMeta]:
        return await self._fetch(resource("topics", identifier))

    def occasions(
        self, **parameters: Unpack[t.ListParameters]
    ) -> AsyncListing[t.Occasion, t.PageMeta]:
        """The events at which claims were announced, by id."""
        return self._list("occasions", parameters=parameters)

    async def occasion(self, identifier: str) -> Answer[t.Occasion, t.RecordMeta]:
        return await self._fetch(resource("occasions", identifier))

    def places(self, **parameters: Unpack[t.ListParameters]) -> AsyncListing[t.Place, t.PageMeta]:
        """The places where claims say that something happens or applies, by id."""
        return self._list("places", parameters=parameters)

    async def place(self, identifier: str) -> Answer[t.Place, t.RecordMeta]:
        return await self._fetch(resource("places", identifier))

    async def dataset(self) -> Answer[t.Dataset, t.RecordMeta]:
        """The dataset that is served: its version, its licence, its number of records."""
        return await self._fetch(resource("dataset"))

    async def datasets(self) -> Answer[list[t.DatasetVersionRecord], t.DatasetVersionsMeta]:
        """The data sets that are kept, the one that answers first, each with its files."""
        return await self._fetch(resource("datasets"))

    async def dataset_version(self, version: str) -> Answer[t.DatasetVersionRecord, t.RecordMeta]:
        """A data set that is kept, with its files.

        Raises ``NotFound``, and ``Gone`` for one that is kept no longer.
        """
        return await self._fetch(resource("datasets", version))

    async def citation(self, identifier: str | None = None, form: CitationForm = "txt") -> str:
        """How to cite a claim, or the dataset, with its version and the day of access.

        Raises ``NotFound``, and ``Gone`` for a claim that was withdrawn.
        """
        cited = ("claims", identifier) if identifier is not None else ("dataset",)
        return await self._text(resource(*cited, f"citation.{form}"))
