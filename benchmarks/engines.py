"""The engines that are asked in process: ours, PostgreSQL through prepared statements, a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from benchmarks.peers import naive
from benchmarks.questions import Question
from service.store.search.index_fields import day_number
from service.store.tantivy.store import TantivyStore, open_store


class Engine(Protocol):
    def ask(self, kind: str, question: Question) -> int:
        """Answers wholly: 25 bodies and the exact total, or every group. Returns the total.

        Raises ``KeyError`` for a kind that this engine is not asked.
        """

    def afresh(self) -> None:
        """Forgets every answer it may have kept."""


class Ours:
    """The service's store over a built data set, mapped."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._store: TantivyStore = open_store(directory)

    def afresh(self) -> None:
        self._store = open_store(self._directory)

    def ask(self, kind: str, question: Question) -> int:
        if question.by:
            return self._store.counts(question.query, question.by).total
        if question.identifier:
            return len(self._store.get(question.identifier))
        return self._store.search(question.query).total


_PAGE = "order by number limit 25"
_TOPIC = "from claim_topics t where topic = %(topic)s"
_THREE = f"{_TOPIC} and kind = %(kind)s and attribution_score >= %(score)s"
_RANGE = "from claims c where announced_latest >= %(first)s and announced_earliest <= %(last)s"
_WORDS = "from texts where words @@ to_tsquery('english', %(q)s)"
_BOTH = (
    "from texts join claim_topics t using (number) where words @@ to_tsquery('english', %(q)s)"
    " and topic = %(topic)s and kind = %(kind)s"
)
_RANKED = "order by ts_rank(words, to_tsquery('english', %(q)s)) desc, number limit 25"
_GOALS = (
    "from claims c where goal and not restates"
    " and horizon_latest >= %(first)s and horizon_earliest <= %(last)s"
)


def _bodies(rows: str) -> str:
    return f"with page as (select number {rows}) select body from page join texts using (number)"


SQL: dict[str, tuple[str, ...]] = {
    "topic page": (f"select count(*) {_TOPIC}", _bodies(f"{_TOPIC} {_PAGE}")),
    "three filters": (f"select count(*) {_THREE}", _bodies(f"{_THREE} {_PAGE}")),
    "date range, by confidence": (
        f"select count(*) {_RANGE}",
        _bodies(f"{_RANGE} order by content_key limit 25"),
    ),
    # Without a total: what a page from the middle costs at best.
    "cursor in the middle": (
        f"select body from texts where number > %(number)s {_PAGE}",
    ),
    "text, common term": (f"select count(*) {_WORDS}", f"select body {_WORDS} {_RANKED}"),
    "text and two filters": (f"select count(*) {_BOTH}", f"select body {_BOTH} {_RANKED}"),
    "phrase": (f"select count(*) {_WORDS}", f"select body {_WORDS} {_RANKED}"),
    "text without a word": (f"select count(*) {_WORDS}", f"select body {_WORDS} {_RANKED}"),
    "relevance, hits 976 to 1,000": (
        f"select count(*) {_WORDS}",
        f"select body {_WORDS} {_RANKED} offset 975",
    ),
    "goals for a year, once each": (f"select count(*) {_GOALS}", _bodies(f"{_GOALS} {_PAGE}")),
    "one claim by id": ("select body from claims join texts using (number) where id = %(id)s",),
    "counts of everything": ("select kind, attribution, count(*) from claims group by 1, 2",),
    "counts under a filter": (f"select kind, count(*) {_TOPIC} group by 1",),
}  # fmt: skip


class Postgres:
    """One connection; every statement is prepared once and run with new values."""

    def __init__(self, address: str, claims: int) -> None:
        import psycopg

        self._connection = psycopg.connect(address, autocommit=True)
        self._connection.prepare_threshold = 0
        self._claims = claims

    def afresh(self) -> None:
        """It keeps no answers."""

    def ask(self, kind: str, question: Question) -> int:
        values = self._values(question)
        found = [self._connection.execute(sql, values).fetchall() for sql in SQL[kind]]
        first = found[0][0] if found[0] else (0,)
        return first[0] if isinstance(first[0], int) else len(found[-1])

    def _values(self, question: Question) -> dict[str, Any]:
        query = question.query
        days: tuple[str | None, str | None] = query.announced_from, query.announced_to
        if query.horizon:
            days = f"{query.horizon[0]}-01-01", f"{query.horizon[0]}-12-31"
        return {
            "topic": next(iter(query.topic), None),
            "kind": next(iter(query.kind), None),
            "score": query.min_attribution,
            "first": days[0] and day_number(days[0]),
            "last": days[1] and day_number(days[1]),
            "number": int(self._claims * 0.5),
            "id": question.identifier,
            "q": _tsquery(query.q) if query.q else None,
        }


def _tsquery(text: str) -> str:
    if text.startswith('"'):
        return " <-> ".join(text.strip('"').split())
    return " & ".join(f"!{word[1:]}" if word.startswith("-") else word for word in text.split())


class Naive:
    """A list in memory, looked through from its start to its end."""

    def __init__(self, claims: Path) -> None:
        self._claims = naive.load(claims)

    def afresh(self) -> None:
        """It keeps no answers."""

    def ask(self, kind: str, question: Question) -> int:
        query, claims = question.query, self._claims
        if kind in ("topic page", "three filters"):
            found = naive.page(claims, set(query.topic), set(query.kind))
            if query.min_attribution is not None:
                found = [c for c in found if c["confidence"]["attribution"]["score"] >= 50]
            return len(found)
        if kind == "date range, by confidence":
            first, last = query.announced_from or "", query.announced_to or ""
            return len(naive.between(claims, first, last))
        if kind == "text, common term":
            return len(naive.saying(claims, query.q or ""))
        if kind in ("counts of everything", "counts under a filter"):
            within = naive.page(claims, set(query.topic), set())
            return len(naive.counted(within, lambda claim: (claim["kind"], claim["attribution"])))
        raise KeyError(kind)
