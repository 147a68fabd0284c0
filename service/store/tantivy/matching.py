"""From a claim query to a query of the search engine."""

from __future__ import annotations

from typing import assert_never

from tantivy import FieldType, Occur, Query, Schema

from schemas.query import ClaimQuery, search_text
from service.store.clauses import AllOf, AnyOf, AnyTerm, Clause, Range, clauses
from service.store.index_fields import TEXT
from service.store.keys import SORT_KEYS
from service.store.text import words

EngineClause = tuple[Occur, Query]


class Matcher:
    """Builds engine queries for one index schema.

    tantivy's own query parser is never used: it would let ``field:x``, ranges
    and wildcards through, and gives a lone ``-word`` no meaning.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def matching(self, query: ClaimQuery, after: int = 0) -> Query:
        """The claims that a query asks for, after a position in its order."""
        filters = [self._rendered(clause) for clause in clauses(query)]
        if after:
            filters.append(self._range(SORT_KEYS[query.order], low=after, include_low=False))
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

    def _rendered(self, clause: Clause) -> Query:
        match clause:
            case AnyTerm():
                return _any_of([self.term(clause.field, term) for term in clause.terms])
            case Range():
                return self._range(clause.field, clause.low, clause.high)
            case AllOf():
                return _all_of([self._rendered(each) for each in clause.clauses])
            case AnyOf():
                return _any_of([self._rendered(each) for each in clause.clauses])
        assert_never(clause)

    def _phrase(self, terms: list[str]) -> Query | None:
        """A phrase; of one word a term, since the engine panics on a phrase of one."""
        if len(terms) > 1:
            return Query.phrase_query(self._schema, TEXT, list(terms))
        return self.term(TEXT, terms[0]) if terms else None

    def _range(
        self, field: str, low: int | None, high: int | None = None, *, include_low: bool = True
    ) -> Query:
        return Query.range_query(
            self._schema,
            field,
            FieldType.Unsigned,
            lower_bound=low,
            upper_bound=high,
            include_lower=include_low,
        )


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
