"""From a claim query to a query of the search engine."""

from __future__ import annotations

from collections.abc import Iterator

from tantivy import FieldType, Occur, Query, Schema

from schemas.query import TERMS, ClaimQuery, search_text
from service.store import keys
from service.store.text import words

Clause = tuple[Occur, Query]

_YEAR_START, _YEAR_END = "-01-01", "-12-31"


class Matcher:
    """Builds engine queries for one index schema.

    tantivy's own query parser is never used: it would let ``field:x``, ranges
    and wildcards through, and gives a lone ``-word`` no meaning.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def matching(self, query: ClaimQuery, after: int = 0) -> Query:
        """The claims that a query asks for, after a position in its order."""
        clauses = [*self._term_filters(query), *self._range_filters(query)]
        if after:
            clauses.append((Occur.Must, self._range(keys.SORT_KEYS[query.order], above=after)))
        if query.q is None:
            return _joined(clauses)
        text = self.text(query.q)
        if not clauses:
            return text
        # Filters must not move the ranking: only words score.
        unscored = Query.const_score_query(_joined(clauses), 0.0)
        return _joined([(Occur.Must, text), (Occur.Must, unscored)])

    def text(self, text: str) -> Query:
        """Claims with every wanted word and phrase and none of the unwanted."""
        asked = search_text(text)
        wanted = [self._term("text", word) for piece in asked.words for word in words(piece)]
        wanted += [q for piece in asked.phrases if (q := self._phrase(piece)) is not None]
        unwanted = [q for piece in asked.without if (q := self._phrase(piece)) is not None]
        if not wanted and not unwanted:
            return Query.empty_query()
        return _joined(
            [*((Occur.Must, q) for q in wanted), *((Occur.MustNot, q) for q in unwanted)]
        )

    def term(self, field: str, value: str) -> Query:
        """Claims with one value along a dimension."""
        return self._term(field, value)

    def any_term(self, field: str, values: list[str]) -> Query:
        """Claims with one of some values along a dimension, of which there may be thousands."""
        return Query.term_set_query(self._schema, field, values)

    def _term_filters(self, query: ClaimQuery) -> Iterator[Clause]:
        for name in TERMS:
            values = getattr(query, name)
            if values:
                yield Occur.Must, _any_of([self._term(name, value) for value in values])
        if query.goals_only and not query.horizon:  # only goals have one
            yield Occur.Must, self._term("flag", "goal")
        if query.distinct:
            yield Occur.MustNot, self._term("flag", "restates")

    def _range_filters(self, query: ClaimQuery) -> Iterator[Clause]:
        certain = query.date_match == "certain"
        for name in ("announced", "occurred"):
            first, last = getattr(query, f"{name}_from"), getattr(query, f"{name}_to")
            if first is not None or last is not None:
                yield Occur.Must, self._dated(name, first, last, certain)
        if query.horizon:
            yield Occur.Must, _any_of([*self._horizons(query.horizon)])
            if certain:
                yield Occur.Must, self._term("flag", "horizon_certain")
        if query.min_attribution is not None:
            yield Occur.Must, self._range("attribution_score", low=query.min_attribution)
        if query.min_content is not None:
            yield Occur.Must, self._range("content_score", low=query.min_content)

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

    def _horizons(self, years: tuple[str, ...]) -> Iterator[Query]:
        """A target period that overlaps one of the years.

        The years of a period are terms, which are found at once; of one with an open end only the
        year of the other end is, so that those few, and no others, are compared by their days.
        """
        for year in years:
            yield self._term("horizon", year)
        open_end = self._range("horizon_latest", low=keys.LAST_DAY)
        last = keys.day_number(max(years) + _YEAR_END)
        yield _all_of([open_end, self._range("horizon_earliest", high=last)])
        open_start = self._range("horizon_earliest", high=keys.FIRST_DAY)
        first = keys.day_number(min(years) + _YEAR_START)
        yield _all_of([open_start, self._range("horizon_latest", low=first)])

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


def _joined(clauses: list[Clause]) -> Query:
    """All of some clauses, flat: what is excluded is excluded from the rest, or from everything."""
    if not any(occur is Occur.Must for occur, _ in clauses):
        clauses = [(Occur.Must, Query.all_query()), *clauses]
    return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses)


def _all_of(queries: list[Query]) -> Query:
    return _joined([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
