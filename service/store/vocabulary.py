"""The vocabularies of a data set as a store gives them: by record, by name and page by page.

None is read whole: the documents of a hundred million claims are millions.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping

from schemas.filter_kinds import ServedRecord
from schemas.records.dataset import Tombstone

_PAGE = 1_000
"""Records that are read at a time where all of them are wanted."""


class Vocabulary(ABC):
    """The served records of one vocabulary, and which were retired.

    ``len()`` is how many there are. Every method may raise ``DatasetUnavailable``.
    """

    def __init__(self, name_key: str) -> None:
        self.name_key = name_key

    @abstractmethod
    def __len__(self) -> int:
        """How many records are served."""

    @abstractmethod
    def records(self, ids: Iterable[str]) -> Mapping[str, ServedRecord]:
        """The records with these ids, as far as there are such, all looked up at once."""

    @abstractmethod
    def page(self, after: str, limit: int) -> list[ServedRecord]:
        """At most ``limit`` records in id order, from the first whose id follows ``after``."""

    @abstractmethod
    def tombstone(self, identifier: str) -> Tombstone | None:
        """What is left of a retired record; ``None`` for any other id."""

    def record(self, identifier: str) -> ServedRecord | None:
        return self.records((identifier,)).get(identifier)

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """What the records with these ids are called, as far as there are such."""
        return {key: str(record[self.name_key]) for key, record in self.records(ids).items()}

    def name(self, identifier: str) -> str | None:
        return self.names((identifier,)).get(identifier)

    def __iter__(self) -> Iterator[ServedRecord]:
        """Every record in id order; for vocabularies that are known to be small."""
        page = self.page("", _PAGE)
        while page:
            yield from page
            page = self.page(page[-1]["id"], _PAGE)
