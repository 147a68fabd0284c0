"""From a claim query to a query of the search engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from schemas.query import ClaimQuery
from service.store.opensearch.door import JsonObject
from service.store.opensearch.mapping import word
from service.store.search.clauses import AllOf, AnyOf, Clause, Range, Term, filters_of, text_of
from service.store.search.index_fields import FLAG, TEXT

_NOTHING: JsonObject = {"match_none": {}}
_EVERYTHING: JsonObject = {"match_all": {}}


def matching(query: ClaimQuery, by: tuple[str, ...] = (), flags: Iterable[str] = ()) -> JsonObject:
    """The claims that a query asks for; to be counted ``by`` some dimensions, those which filters
    by the values counted would let through, and which have some flags.

    Only words score: filters must not move the ranking.
    """
    clauses = [*filters_of(query, by), *(Term(FLAG, flag) for flag in flags)]
    bool_: JsonObject = {"filter": [*map(_rendered, clauses)]}
    if query.q is not None:
        text = text_of(query.q)
        if not (text.wanted or text.unwanted):
            return _NOTHING
        bool_["must"] = [*map(_phrase, text.wanted)]
        bool_["must_not"] = [*map(_phrase, text.unwanted)]
    return {"bool": bool_} if any(bool_.values()) else _EVERYTHING


def _rendered(clause: Clause) -> JsonObject:
    match clause:
        case Term(field, value):
            return {"term": {field: value}}
        case Range(field, low, high):
            ends = {"gte": low, "lte": high}
            return {"range": {field: {key: end for key, end in ends.items() if end is not None}}}
        case AllOf(clauses):
            return {"bool": {"filter": [*map(_rendered, clauses)]}} if clauses else _EVERYTHING
        case AnyOf(clauses):
            return _any_of(clauses)


def _any_of(clauses: tuple[Clause, ...]) -> JsonObject:
    """One of some clauses; the terms of a field together, since there may be thousands."""
    terms, others = defaultdict[str, list[str]](list), []
    for clause in clauses:
        if isinstance(clause, Term):
            terms[clause.field].append(clause.value)
        else:
            others.append(_rendered(clause))
    ways: list[JsonObject] = [
        {"terms": {field: values}} for field, values in terms.items()
    ] + others
    if not ways:
        return _NOTHING
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways, "minimum_should_match": 1}}


def _phrase(words: tuple[str, ...]) -> JsonObject:
    """Words that stand next to each other. The analyser splits at blanks alone."""
    if len(words) == 1:
        return {"term": {TEXT: word(words[0])}}
    text = " ".join(map(word, words))
    return {"match_phrase": {TEXT: {"query": text, "analyzer": "whitespace"}}}
