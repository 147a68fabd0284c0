"""From a claim query to a query of the search engine."""

from __future__ import annotations

from collections.abc import Iterator

from tantivy import FieldType, Occur, Query, Schema

from schemas.query import TERMS, ClaimQuery, search_text
from service.store import keys
from service.store.text import words

_YEAR_START, _YEAR_END = "-01-01", "-12-31"


class Matcher:
    """Builds engine queries for one index schema.

    tantivy's own query parser is never used: it would let ``field:x``, ranges
    and wildcards through, and gives a lone ``-word`` no meaning.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def filters(self, query: ClaimQuery) -> Query:
        """Everything but the search text; matches all when nothing is filtered."""
        return _all_of([*self._term_filters(query), *self._range_filters(query)])

    def text(self, text: str) -> Query:
        """Claims with every wanted word and phrase and none of the unwanted."""
        asked = search_text(text)
        wanted = [self._term("text", word) for piece in asked.words for word in words(piece)]
        wanted += [q for piece in asked.phrases if (q := self._phrase(piece)) is not None]
        unwanted = [q for piece in asked.without if (q := self._phrase(piece)) is not None]
        if not wanted and not unwanted:
            return Query.empty_query()
        return Query.boolean_query(
            [
                *((Occur.Must, q) for q in wanted or [Query.all_query()]),
                *((Occur.MustNot, q) for q in unwanted),
            ]
        )

    def after(self, order: str, position: int) -> Query:
        """Claims that come after a position in one order."""
        return self._range(keys.SORT_KEYS[order], above=position)

    def term(self, field: str, value: str) -> Query:
        """Claims with one value along a dimension."""
        return self._term(field, value)

    def _term_filters(self, query: ClaimQuery) -> Iterator[Query]:
        for name in TERMS:
            values = getattr(query, name)
            if values:
                yield _any_of([self._term(name, value) for value in values])
        if query.goals_only:
            yield self._term("flag", "goal")
        if query.distinct:
            yield _none_of(self._term("flag", "restates"))

    def _range_filters(self, query: ClaimQuery) -> Iterator[Query]:
        certain = query.date_match == "certain"
        for name in ("announced", "occurred"):
            first, last = getattr(query, f"{name}_from"), getattr(query, f"{name}_to")
            if first is not None or last is not None:
                yield self._dated(name, first, last, certain)
        if query.horizon:
            yield self._horizons(query.horizon, certain)
        if query.min_attribution is not None:
            yield self._range("attribution_score", low=query.min_attribution)
        if query.min_content is not None:
            yield self._range("content_score", low=query.min_content)

    def _dated(self, name: str, first: str | None, last: str | None, certain: bool) -> Query:
        """A date that may (or must) fall inside a range of days, both inclusive."""
        if first is not None and last is not None and first > last:
            return Query.empty_query()
        inner, outer = ("earliest", "latest") if certain else ("latest", "earliest")
        rules = [self._term("flag", f"{name}_certain")] if certain else []
        if first is not None:
            rules.append(self._range(f"{name}_{inner}", low=keys.day_number(first)))
        if last is not None:
            rules.append(self._range(f"{name}_{outer}", high=keys.day_number(last)))
        return _all_of(rules)

    def _horizons(self, years: tuple[str, ...], certain: bool) -> Query:
        """A target period that overlaps one of the years; a ``?`` is never certain."""
        overlaps = [
            _all_of(
                [
                    self._range("horizon_latest", low=keys.day_number(year + _YEAR_START)),
                    self._range("horizon_earliest", high=keys.day_number(year + _YEAR_END)),
                ]
            )
            for year in years
        ]
        sure = [self._term("flag", "horizon_certain")] if certain else []
        return _all_of([_any_of(overlaps), *sure])

    def _phrase(self, piece: str) -> Query | None:
        """A phrase; of one word a term, since the engine panics on a phrase of one."""
        found = words(piece)
        if not found:
            return None
        if len(found) == 1:
            return self._term("text", found[0])
        return Query.phrase_query(self._schema, "text", list(found))

    def _term(self, field: str, value: str) -> Query:
        option = "position" if field == "text" else "basic"
        return Query.term_query(self._schema, field, value, option)

    def _range(
        self, field: str, low: int | None = None, high: int | None = None, above: int | None = None
    ) -> Query:
        return Query.range_query(
            self._schema,
            field,
            FieldType.Unsigned,
            lower_bound=low if above is None else above,
            upper_bound=high,
            include_lower=above is None,
        )


def _all_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, q) for q in queries or [Query.all_query()]])


def _any_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, q) for q in queries])


def _none_of(query: Query) -> Query:
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])
