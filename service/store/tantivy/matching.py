"""From a claim query to a query of the search engine."""

from __future__ import annotations

from collections.abc import Iterator

from tantivy import FieldType, Occur, Query, Schema

from schemas.filters import FILTERS, LISTED, Days, Either, Filter, Flag, Listed, Score, Years
from schemas.query import ClaimQuery, search_text
from service.store.index_fields import (
    FIRST_DAY,
    FLAG,
    LAST_DAY,
    NO_VALUE,
    SORT_KEYS,
    TEXT,
    certain,
    day_number,
    earliest,
    latest,
    score,
)
from service.store.tantivy.index import words

EngineClause = tuple[Occur, Query]


class Matcher:
    """Builds engine queries for one index schema.

    tantivy's own query parser is never used: it would let ``field:x``, ranges
    and wildcards through, and gives a lone ``-word`` no meaning.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def matching(self, query: ClaimQuery, after: int = 0, by: tuple[str, ...] = ()) -> Query:
        """The claims that a query asks for, after a position in its order; to be counted ``by``
        some dimensions, those which filters by the values counted would let through.
        """
        filters = [clause for row in FILTERS for clause in self._clauses(row, query)]
        if query.date_match == "certain":
            filters += [self.certainly(LISTED[name]) for name in by]
        if after:
            field, kind = SORT_KEYS[query.order], FieldType.Unsigned
            filters.append(Query.range_query(self._schema, field, kind, after, include_lower=False))
        if query.q is None:
            return _all_of(filters)
        text = self.text(query.q)
        if not filters:
            return text
        # Filters must not move the ranking: only words score.
        return _all_of([text, Query.const_score_query(_all_of(filters), 0.0)])

    def text(self, text: str) -> Query:
        """Claims with every wanted word and phrase and none of the unwanted."""
        parts = search_text(text)
        clauses = [(Occur.Must, self.term(TEXT, w)) for piece in parts.words for w in words(piece)]
        for occur, pieces in ((Occur.Must, parts.phrases), (Occur.MustNot, parts.without)):
            phrases = (self._phrase(words(piece)) for piece in pieces)
            clauses += [(occur, phrase) for phrase in phrases if phrase is not None]
        return _boolean(clauses) if clauses else Query.empty_query()

    def term(self, field: str, value: str) -> Query:
        """Claims with one term in a field."""
        option = "position" if field == TEXT else "basic"
        return Query.term_query(self._schema, field, value, option)

    def any_term(self, field: str, values: list[str]) -> Query:
        """Claims with one of some terms in a field, of which there may be thousands."""
        return Query.term_set_query(self._schema, field, values)

    def _clauses(self, row: Filter, query: ClaimQuery) -> Iterator[Query]:
        """What a claim must satisfy, all of it, to pass one filter."""
        must_fall_inside = query.date_match == "certain"
        match row:
            case Listed() if values := getattr(query, row.name):
                yield self._listed(row, values)
                if must_fall_inside:
                    yield self.certainly(row)
            case Either():
                if (wanted := getattr(query, row.name)) is not None:
                    yield self.term(FLAG, row.name if wanted else row.otherwise)
            case Flag() if getattr(query, row.name):
                yield self.term(FLAG, row.name)
            case Days():
                first, last = getattr(query, f"{row.name}_from"), getattr(query, f"{row.name}_to")
                if first is not None or last is not None:
                    yield self._within(row.name, first, last, must_fall_inside)
            case Score() if (least := getattr(query, f"min_{row.name}")) is not None:
                yield self._range(score(row.name), low=least)

    def _within(
        self, name: str, first: str | None, last: str | None, must_fall_inside: bool
    ) -> Query:
        """A date that may, or must, fall inside a range of days, both inclusive."""
        if first is not None and last is not None and first > last:
            return Query.empty_query()
        low_field, high_field = latest(name), earliest(name)
        clauses = []
        if must_fall_inside:
            low_field, high_field = high_field, low_field
            clauses.append(self.term(FLAG, certain(name)))
        if first is not None:
            clauses.append(self._range(low_field, low=day_number(first)))
        if last is not None:
            clauses.append(self._range(high_field, high=day_number(last)))
        return _all_of(clauses)

    def certainly(self, row: Listed) -> Query:
        """What must hold under ``date_match=certain`` of a claim found by a row of the table: the
        date that the values tell of, where there is a value, carries no ``?``.
        """
        if row.dated is None:
            return Query.all_query()
        return _any_of([self.term(FLAG, certain(row.dated)), self.term(row.name, NO_VALUE)])

    def _listed(self, row: Listed, values: tuple[str, ...]) -> Query:
        """One of some values, or none where that is asked for.

        The years of a date are terms, which are found at once; of one with an
        open end only the year of its other end is, so that those few, and no
        others, are compared by their days.
        """
        ways = [self.term(row.name, value) for value in values]
        years = [value for value in values if value != NO_VALUE]
        if isinstance(row, Years) and years:
            first, last = day_number(f"{min(years)}-01-01"), day_number(f"{max(years)}-12-31")
            low, high = earliest(str(row.dated)), latest(str(row.dated))
            open_end = [self._range(high, low=LAST_DAY), self._range(low, high=last)]
            open_start = [self._range(low, high=FIRST_DAY), self._range(high, low=first)]
            ways += [_all_of(open_end), _all_of(open_start)]
        return _any_of(ways)

    def _phrase(self, terms: list[str]) -> Query | None:
        """A phrase; of one word a term, since the engine panics on a phrase of one."""
        if len(terms) > 1:
            return Query.phrase_query(self._schema, TEXT, list(terms))
        return self.term(TEXT, terms[0]) if terms else None

    def _range(self, field: str, low: int | None = None, high: int | None = None) -> Query:
        """A number from ``low`` to ``high``, both inclusive; ``None`` is no bound."""
        return Query.range_query(self._schema, field, FieldType.Unsigned, low, high)


def _boolean(parts: list[EngineClause]) -> Query:
    """All of some clauses, flat: what is excluded is excluded from the rest, or from everything."""
    if not any(occur is Occur.Must for occur, _ in parts):
        parts = [(Occur.Must, Query.all_query()), *parts]
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def _all_of(queries: list[Query]) -> Query:
    return _boolean([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
