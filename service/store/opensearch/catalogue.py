"""Which data set of a cluster is to be served: the one that an alias leads to."""

from __future__ import annotations

from collections.abc import Sequence

from service.store.catalogue import Candidate
from service.store.kept import KeptDatasets
from service.store.opensearch.door import Door
from service.store.opensearch.mapping import ALIAS, INDEX
from service.store.opensearch.store import OpenSearchStore, open_store


class AliasCatalogue:
    """The data set that the alias leads to. A request asks its indices by their own names, and so
    ends with the data set that it began with. Files that were made when it was built are taken from
    the ``directory`` that it was published from, where it is at hand.
    """

    def __init__(self, door: Door, directory: KeptDatasets | None = None) -> None:
        self._door, self._directory = door, directory or KeptDatasets(None)

    def candidates(self) -> Sequence[Candidate]:
        # Of the node that is asked, so that it works without a cluster manager too.
        here = {"format": "json", "local": "true"}
        found = self._door.ask("GET", f"/_cat/aliases/{ALIAS}", params=here)
        named = filter(None, (INDEX.fullmatch(each["index"]) for each in found))
        return [Candidate(match[1], match[0]) for match in named]

    def open(self, candidate: Candidate, *, whole: bool) -> OpenSearchStore:
        store = open_store(self._door, str(candidate.place), whole=whole)
        store.files = {**self._directory.files_of(store.dataset), **store.files}
        return store
