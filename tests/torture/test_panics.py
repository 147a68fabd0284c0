"""A panic in the search engine's own code is an error like any other, wherever it happens.

The engine is written in Rust; what panics there arrives as a ``BaseException``, which passes every
``except Exception`` on its way and would end the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from flask import Flask
from tantivy import Query

from service.app import create_app
from service.config import Config
from service.http.headers import PAGE_PATH
from service.store.protocol import EnginePanicked
from service.store.search import clauses
from service.store.search.words import words
from service.store.tantivy import matching
from service.store.tantivy import store as tantivy_store
from service.store.tantivy.store import TantivyStore
from tests.built import parts_of
from tests.contract_tools import PROBLEM, all_paths
from tests.torture.promises import promises
from tests.wire import Reply, ask

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

TARGETS = (
    *("/v1/claims?q=drones", '/v1/claims?q="war preparations" -russia&topic=defence&limit=1'),
    "/v1/claims?announced_from=0001-01-01&occurred_to=9999-12-31&sort=occurred&limit=2",
    *("/v1/claims?cursor=ffffffffffffffff&q=the", "/v1/claims?horizon=2023&date_match=certain"),
    *("/v1/claims.ndjson?kind=goal", "/v1/claims.csv?q=the", "/v1/counts?by=topic,actor&q=the"),
)
"""Asked beside the documented example of every operation."""


class Watch:
    """Counts what the engine is asked, and lets it really panic at one call."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher
        self.calls, self.fatal = 0, 0

    def tick(self) -> None:
        self.calls += 1
        if self.calls == self.fatal:
            self._searcher.search(Query.all_query(), 0)

    def over(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            return call(*args, **kwargs)

        return watched


class Watched:
    """A part of the engine whose every use is counted."""

    def __init__(self, part: Any, watch: Watch) -> None:
        self._part, self._watch = part, watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if callable(found):
            return self._watch.over(found)
        self._watch.tick()
        return found

    def searcher(self) -> Any:
        """Of an index: what is searched with is watched too."""
        self._watch.tick()
        return Watched(self._part.searcher(), self._watch)


class Engine:
    """The engine under watch, below an application that begins with an empty memory each time."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._dataset, index, self._log = parts_of()
        self.watch = Watch(index.searcher())
        self._index: Any = Watched(index, self.watch)
        patch.setattr(matching, "Query", Watched(Query, self.watch))
        patch.setattr(tantivy_store, "Query", Watched(Query, self.watch))
        patch.setattr(clauses, "words", self.watch.over(words))

    def app(self, fatal: int = 0) -> Flask:
        """A service whose engine panics at one of its next calls, at none for 0."""
        app = create_app(
            Config(access_log=False, cache_bytes=0),
            TantivyStore(self._dataset, self._index, self._log),
        )
        self.watch.calls, self.watch.fatal = 0, fatal
        return app


def targets() -> Iterator[str]:
    for operation in all_paths():
        query = "&".join(f"{name}={value}" for name, value in operation.required.items())
        yield f"{operation.address}?{query}" if query else operation.address
    yield from TARGETS


def asked(app: Flask, target: str) -> Reply | EnginePanicked:
    """The answer; or the ordinary error that breaks off a body which was begun already."""
    try:
        return ask(app, target)
    except EnginePanicked as error:
        return error


@promises(
    "Hostile input",
    "A native panic at whichever call of the search engine is an error like any other: a 500 that "
    "tells nothing, after which the same thread answers again.",
    broken="`panics_are_errors` lets the panic pass; or `TantivyStore.counts` without that guard.",
)
def test_a_panic_at_any_call_is_an_ordinary_error(
    monkeypatch: pytest.MonkeyPatch, rng: Random, many: Many, tell: Tell
) -> None:
    engine, most = Engine(monkeypatch), many(1_000, 10)
    panics = broken_off = 0
    for target in targets():
        whole = ask(engine.app(), target)
        assert whole.status == 200, target
        calls = range(1, engine.watch.calls + 1)
        for fatal in sorted(rng.sample(calls, min(most, len(calls)))):
            app = engine.app(fatal)
            answer = asked(app, target)
            panics += 1
            if isinstance(answer, EnginePanicked):
                broken_off += 1
            else:
                kind = (
                    "text/html; charset=utf-8"
                    if PAGE_PATH.fullmatch(target.partition("?")[0])
                    else PROBLEM
                )
                assert (answer.status, answer.headers["Content-Type"]) == (500, kind), target
                assert b"anic" not in answer.body
            if not target.startswith("/metrics"):
                assert ask(app, target).body == whole.body, f"{target} after call {fatal}"
    tell(
        f"{panics:,} panics, one at each engine call of every operation: {panics - broken_off:,} "
        f"answered 500, {broken_off} broke off a body under way, none passed `except Exception`"
    )
