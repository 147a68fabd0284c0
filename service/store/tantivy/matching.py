"""From a claim query to a query of the search engine."""

from __future__ import annotations

from tantivy import FieldType, Occur, Query, Schema

from schemas.query import ClaimQuery
from service.store.search.clauses import (
    AllOf,
    AnyOf,
    Clause,
    Range,
    Term,
    TextClause,
    filters_of,
    text_of,
)
from service.store.search.index_fields import SORT_KEYS, TEXT

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
        filters = [*map(self._rendered, filters_of(query, by))]
        if after:
            field, kind = SORT_KEYS[query.order], FieldType.Unsigned
            filters.append(Query.range_query(self._schema, field, kind, after, include_lower=False))
        if query.q is None:
            return _all_of(filters)
        text = self._text(text_of(query.q))
        if not filters:
            return text
        # Filters must not move the ranking: only words score.
        return _all_of([text, Query.const_score_query(_all_of(filters), 0.0)])

    def term(self, field: str, value: str) -> Query:
        """Claims with one term in a field."""
        option = "position" if field == TEXT else "basic"
        return Query.term_query(self._schema, field, value, option)

    def any_term(self, field: str, values: list[str]) -> Query:
        """Claims with one of some terms in a field, of which there may be thousands."""
        return Query.term_set_query(self._schema, field, values)

    def _rendered(self, clause: Clause) -> Query:
        match clause:
            case Term(field, value):
                return self.term(field, value)
            case Range(field, low, high):
                return Query.range_query(self._schema, field, FieldType.Unsigned, low, high)
            case AllOf(clauses):
                return _all_of([*map(self._rendered, clauses)])
            case AnyOf(clauses):
                return _any_of([*map(self._rendered, clauses)])

    def _text(self, text: TextClause) -> Query:
        wanted = [(Occur.Must, self._phrase(phrase)) for phrase in text.wanted]
        unwanted = [(Occur.MustNot, self._phrase(phrase)) for phrase in text.unwanted]
        clauses = [*wanted, *unwanted]
        return _boolean(clauses) if clauses else Query.empty_query()

    def _phrase(self, terms: tuple[str, ...]) -> Query:
        """A phrase; of one word a term, since the engine panics on a phrase of one."""
        if len(terms) > 1:
            return Query.phrase_query(self._schema, TEXT, list(terms))
        return self.term(TEXT, terms[0])


def _boolean(parts: list[EngineClause]) -> Query:
    """All of some clauses, flat: what is excluded is excluded from the rest, or from everything."""
    if not any(occur is Occur.Must for occur, _ in parts):
        parts = [(Occur.Must, Query.all_query()), *parts]
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def _all_of(queries: list[Query]) -> Query:
    return _boolean([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
