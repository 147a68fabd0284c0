"""All values of one filter, and all goals by topic and year: what has no room in the explorer."""

from __future__ import annotations

from typing import Any

from schemas.dataset import Group
from service.explorer.counts import VOCABULARY_OF, Tally
from service.explorer.facets import TITLES, Facet, choice, values_of
from service.explorer.matrix import matrix
from service.explorer.state import State
from service.explorer.templating import page
from service.explorer.words import value_name
from service.store.protocol import Store

MOST_VALUES = 300
"""Values on one page: what a reader still scrolls through, and no more than a browser likes."""
TOPICS, YEARS = 400, 60


def values(name: str, find: str, state: State, store: Store) -> bytes:
    """Every value of a filter with its count, or those with a text in their names."""
    tally = Tally(store)
    groups, without = values_of(name, state, tally)
    found = [group for group in groups if _named(name, str(group.keys[0]), find, store)]
    chosen: tuple[str, ...] = state.values[name]
    shown = _chosen_first(found, chosen)[:MOST_VALUES]
    facet = Facet(
        name=name,
        title=TITLES[name],
        choices=[choice(name, str(g.keys[0]), g.count, state, tally) for g in shown],
        size=len(groups),
        without=without,
        opened=True,
        all="",
    )
    kept = facet_values(shown)
    others = state.without(name).pairs + [(name, v) for v in chosen if v not in kept]
    return page(
        "values.html",
        stamp=store.dataset,
        facet=facet,
        find=find,
        found=len(found),
        filtered=bool(state.without(name).filters),
        here=f"/values/{name}",
        canonical=state.changed().address(f"/values/{name}", find=find),
        back=state.address() + "#claims",
        rest=state.changed().pairs,
        others=others,
        counts=state.without(name).api("/v1/counts.csv", by=name),
    )


def facet_values(groups: list[Group]) -> set[str | None]:
    return {group.keys[0] for group in groups}


def _chosen_first(groups: list[Group], chosen: tuple[str, ...]) -> list[Group]:
    return sorted(groups, key=lambda group: group.keys[0] not in chosen)


def _named(name: str, key: str, find: str, store: Store) -> bool:
    """Whether all words of a text stand in the name of a value, in its other names, or its id."""
    if not find:
        return True
    texts = [key, value_name(name, key)]
    if name in VOCABULARY_OF:
        record: Any = store.vocabularies[VOCABULARY_OF[name]].records.get(key, {})
        texts += [record.get(part, "") for part in ("name", "label", "title")]
        texts += record.get("other_names", ())
    whole = " ".join(texts).casefold()
    return all(word in whole for word in find.casefold().split())


def goals(state: State, store: Store) -> bytes:
    """The table of goals with all its rows, as far as a page can hold them."""
    base = state.changed(topic=(), horizon=())
    counted = base.changed(goals_only=True, distinct=True)
    return page(
        "goals.html",
        stamp=store.dataset,
        matrix=matrix(state, Tally(store), store, TOPICS, YEARS),
        filtered=bool(set(base.filters) - {"goals_only", "distinct"}),
        canonical=state.changed().address("/goals"),
        back=state.address(),
        counts=counted.api("/v1/counts.csv", by="topic,horizon"),
    )
