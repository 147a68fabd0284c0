"""Faults of data, each with its place and what is allowed there, and faults of a query string."""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_FAULTS = 1_000
"""Faults after which a check stops, so that its time and memory do not grow with what is wrong."""

_MAX_SHOWN = 80
"""Characters of a wrong value in data that a fault repeats."""
MAX_ECHO = 100
"""Characters of a wrong name or value in a query string that a fault repeats."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one file.

    ``pointer`` is a JSON pointer (RFC 6901) into the file, ``found`` a short
    rendering of what stands there, ``allowed`` what may stand there instead.
    ``record`` is the id of the record in which it stands, where it has one.
    """

    file: str
    pointer: str
    found: str
    allowed: str
    record: str | None = None

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.file, self.pointer or "/", self.record)))
        return f"{where}: found {self.found}; allowed: {self.allowed}"


Breach = tuple[tuple[object, ...], object, str]
"""The steps to a place in a record, the value that stands there, and what is allowed there."""


class DataRefused(ValueError):
    """Data that breaks its schema or a rule between records.

    Carries all faults, or the first ``MAX_FAULTS`` where there are ``more``.
    """

    def __init__(self, faults: Iterable[Fault], more: bool = False) -> None:
        self.faults = tuple(faults)
        further = ", and more: mend these first" if more else ""
        self.summary = f"{len(self.faults)} fault(s){further}"
        super().__init__("\n".join([self.summary, *map(str, self.faults)]))


class Faults(list[Fault]):
    """The faults so far, never more than ``MAX_FAULTS``."""

    def collect(self, faults: Iterable[Fault]) -> None:
        """Adds faults. Raises ``DataRefused`` as soon as there are too many."""
        self.extend(itertools.islice(faults, MAX_FAULTS + 1 - len(self)))
        if len(self) > MAX_FAULTS:
            raise DataRefused(self[:MAX_FAULTS], more=True)


_NOTHING = object()


def shown(value: object) -> str:
    """A value as a fault repeats it: JSON, ASCII only (so that no terminal obeys it), cut."""
    if value is _NOTHING:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=True, default=repr)
    except (ValueError, RecursionError):
        text = type(value).__name__
    return cut(text, _MAX_SHOWN)


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, with a mark where some are left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def pointer(*steps: object) -> str:
    """A JSON pointer from its steps, ``~`` and ``/`` escaped (RFC 6901, section 3).

    Written as inside a JSON string (section 5), ASCII only, since a key is
    whatever the file holds: a lone surrogate cannot be printed.
    """
    path = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return json.dumps(path, ensure_ascii=True)[1:-1]


def flatten(messages: object, raw: object, steps: tuple[object, ...] = ()) -> Iterator[Breach]:
    """The breaches of a record, from the nested ``messages`` of marshmallow's ValidationError."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            if key == "_schema":
                yield from flatten(inner, raw, steps)
            else:
                yield from flatten(inner, _at(raw, key), (*steps, key))
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield steps, raw, str(message)


def _at(raw: Any, key: Any) -> object:
    try:
        return raw[key]
    except (KeyError, IndexError, TypeError):
        return _NOTHING


def faults_at(
    file: str, breaches: Iterable[Breach], at: tuple[object, ...] = ()
) -> Iterator[Fault]:
    """The faults of a file whose breaches stand below the place ``at``."""
    for steps, value, allowed in breaches:
        yield Fault(file, pointer(*at, *steps), shown(value), allowed)


_MEMBERS = ("parameter", "detail", "allowed", "did_you_mean")


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One thing that is wrong with one query parameter.

    ``did_you_mean`` names the parameter or value that a near miss meant.
    """

    parameter: str
    detail: str
    allowed: str | None = None
    did_you_mean: str | None = None
    unknown: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameter", cut(self.parameter, MAX_ECHO))

    def as_json(self) -> dict[str, str]:
        """The fault as RFC 9457 extension members; keys without a value are left out."""
        members = {key: getattr(self, key) for key in _MEMBERS}
        return {key: value for key, value in members.items() if value is not None}


class QueryRefused(ValueError):
    """A query string that the contract does not allow; carries every fault in it."""

    def __init__(self, faults: list[ParameterFault]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)
