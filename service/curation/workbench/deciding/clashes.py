"""Two data sets made one: of each record that both changed, one side is taken, with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.records.change import CURATED
from service.curation.workbench.deciding.decisions import Decision, Decisions
from service.curation.workbench.session import Conflict
from service.curation.workbench.wording import Wording, name_of, plain
from service.curation.writers.files.layout import WrittenRecord
from service.curation.writers.merging import ChosenSide, Clash, differing

_SIDES = {"a": "here", "b": "there"}


class ClashChoices:
    """The clashes of two data sets, and which side of each stays. What is decided is in a file."""

    title = "What both data sets changed"
    sides = ("here", "there")

    def __init__(
        self, path: Path, clashes: Sequence[Clash], names: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.path, self.clashes = path, clashes
        self._wording = Wording(names)
        self._log = Decisions(path)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """What was decided, by the names of clashes."""
        return self._log.made

    @property
    def choices(self) -> dict[str, ChosenSide]:
        """The choices by the names of clashes."""
        made = self.decisions.items()
        return {name: ChosenSide(_SIDES[each["taken"]], each["reason"]) for name, each in made}

    @property
    def left(self) -> int:
        """How many clashes are open."""
        return sum(clash.name not in self.decisions for clash in self.clashes)

    def decide(self, key: str, taken: str, reason: str) -> None:
        """Takes one side of a clash, with a reason. Raises ``Conflict`` or ``OSError``."""
        clash = next((each for each in self.clashes if each.name == key), None)
        if taken == "b" and clash is not None and clash.here is None:
            raise Conflict(f"{clash.key.id} was retired here, and an id is used once: it stays so")
        names = [each.name for each in self.clashes]
        self._log.add(key, {"taken": taken, "reason": reason}, names)

    def state(self) -> dict[str, Any]:
        """The clashes, each with both sides in words, and what was decided."""
        return {
            "a": "here",
            "b": "there",
            "told": "",
            "decisions": self.decisions,
            "differences": [
                {
                    "key": each.name,
                    "fields": [f"{each.key.kind} {each.key.id}"],
                    "a": self._side(each, each.here, each.there),
                    "b": self._side(each, each.there, each.here),
                }
                for each in self.clashes
            ],
        }

    def _side(
        self, clash: Clash, record: WrittenRecord | None, other: WrittenRecord | None
    ) -> dict[str, str]:
        """One side of a clash: what the record is called, and its keys that differ."""
        if record is None:
            return {"passage": "", "statement": "", "part": "retired"}
        kind = clash.key.kind
        called = name_of(record, kind)
        if other is None:
            return {"passage": "", "statement": called, "part": "still there"}
        loaded, keys = CURATED[kind]().load(dict(record)), differing(kind, record, other)
        parts = [f"{plain(key)}: {self._wording.of(loaded[key], key)}" for key in keys]
        named = called if called == name_of(other, kind) else ""
        return {"passage": "", "statement": named, "part": "\n".join(parts)}
