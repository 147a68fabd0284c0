"""The tools: what a language model may ask. Their docstrings are what it reads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from policy_claims.aio.client import AsyncClient
from policy_claims.assistant import concise
from policy_claims.parameters import BY, SORT

Most = Annotated[int, Field(ge=1, le=100, description="Most results (1 to 100).")]
ClaimId = Annotated[str, Field(description="The id of a claim, such as clm_tepv4g4s.")]
Sort = Annotated[str | None, Field(description=f"{SORT.description} Of: {', '.join(SORT.values)}.")]
By = Annotated[str | list[str], Field(description=f"{BY.description} Of: {', '.join(BY.values)}.")]
Cursor = Annotated[str | None, Field(description="`next` of the page before.")]
OccasionId = Annotated[str, Field(description="The id of an occasion (list_vocabulary).")]
Vocabulary = Literal["documents", "agents", "topics", "occasions", "places"]
Form = Annotated[
    Literal["txt", "bib", "ris", "csl.json"],
    Field(description="Text, BibTeX, RIS or CSL-JSON."),
]
Result = dict[str, Any]


class Tools:
    """Each method is a tool, and returns what it found with ids, links and the data set."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def search_claims(
        self, sort: Sort = None, most: Most = 10, cursor: Cursor = None, **filters: Any
    ) -> Result:
        """Find claims. Filters are joined by AND, the values of one by OR; `q` searches the text.

        Each claim is given in short, with its id and link; get_claim has all of it. `total` is the
        exact number that match, `next` the cursor of the next page.
        """
        listing = self._client.claims(sort=sort, limit=most, cursor=cursor, **filters)  # type: ignore[arg-type]
        page = await anext(listing.pages())
        claims = [concise.claim(claim, self._client.base_url) for claim in page.data]
        meta = concise.meta(page.meta)
        return {**meta, "claims": claims, "next": page.meta["next_cursor"]}

    async def get_claim(self, id: ClaimId) -> Result:  # noqa: A002
        """One claim whole: sources, quotes, positions of its evidence, dates, confidence with
        reasons, relations to other claims. The id of a superseded claim leads to its replacement.
        """
        answer = await self._client.claim(id)
        link = concise.link(self._client.base_url, answer.data["id"])
        replaced = {"superseded": [*answer.superseded]} if answer.superseded else {}
        return {**concise.meta(answer.meta), **replaced, "link": link, "claim": answer.data}

    async def claim_history(self, id: ClaimId) -> Result:  # noqa: A002
        """The revisions of a claim with their reasons, oldest first, also of a retired one."""
        history = self._client.history(id)
        changes = [concise.change(change, self._client.base_url) async for change in history]
        return {**concise.meta(history.meta), "changes": changes}

    async def count_claims(self, by: By, most: Most = 50, **filters: Any) -> Result:
        """Count claims in groups of one or two dimensions, largest groups first.

        `groups` is the exact number of groups. A claim may be in several of them, so they need not
        add up to `total`, the number of claims that match.
        """
        counts = await self._client.counts(by=by, **filters)
        rows = sorted(counts.data, key=lambda row: -row["count"])
        shown = [{key: value for key, value in row.items() if value is not None} for row in rows]
        return {**concise.meta(counts.meta), "groups": len(rows), "counts": shown[:most]}

    async def compare_occasions(
        self, earlier: OccasionId, later: OccasionId, most: Most = 25, **filters: Any
    ) -> Result:
        """Compare what was announced at two occasions, topic by topic, with the relations between
        their claims. `presence` says at which of the two a topic has claims.
        """
        filters.pop("occasion", None)
        listing = self._client.compare(earlier, later, limit=most, **filters)
        page = await anext(listing.pages())
        topics = [concise.compared(topic) for topic in page.data]
        return {**concise.meta(page.meta), "topics": topics, "more": page.next is not None}

    async def list_vocabulary(
        self,
        vocabulary: Vocabulary,
        find: Annotated[str | None, Field(description="Words of the name, in any case.")] = None,
        most: Most = 50,
    ) -> Result:
        """List documents, agents, topics, occasions or places with their ids, which filters take,
        and the number of claims of each.
        """
        listing = getattr(self._client, vocabulary)()
        records = [record async for record in listing]
        named = [record for record in records if concise.is_named(record, find or "")]
        shown = [concise.record(record) for record in named[:most]]
        return {**concise.meta(listing.meta), "total": len(named), "records": shown}

    async def recent_changes(
        self,
        since: Annotated[str | int | None, Field(description="`next` of an earlier call.")] = None,
        most: Most = 20,
    ) -> Result:
        """What changed in the data: with `since` what is new since then, else the latest changes.

        Keep `next` to ask what is new the next time.
        """
        begin: dict[str, Any] = {"since": since}
        if since is None:
            first = (await anext(self._client.changes(limit=1).pages())).meta
            # Their numbers have no gap, and mean something in their feed alone.
            begin = {"since": max(first["total"] - most, 0), "feed": first["feed"]}
        page = await anext(self._client.changes(limit=most, **begin).pages())
        changes = [concise.change(change, self._client.base_url) for change in page.data]
        return {**concise.meta(page.meta), "changes": changes, "next": page.meta["next"]}

    async def about_dataset(self) -> Result:
        """What the data cover, who publishes them, their version, licence and sizes."""
        answer = await self._client.dataset()
        return {**concise.meta(answer.meta), **concise.dataset(answer.data)}

    async def cite(
        self,
        id: Annotated[str | None, Field(description="A claim; none: the data set.")] = None,  # noqa: A002
        form: Form = "txt",
    ) -> Result:
        """How to cite a claim, or the whole data set, with its version and the day of access."""
        return {"citation": await self._client.citation(id, form)}
