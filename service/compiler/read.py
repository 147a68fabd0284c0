"""Fixture files, read strictly: JSON without its usual leniency, each record through its schema.

docs/dataset-format.md describes the files.
"""

import itertools
import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from marshmallow import ValidationError

from schemas.faults import Fault, Faults, faults_at, flatten, pointer, shown
from schemas.records.dataset import DESCRIPTION
from schemas.records.description import UNDESCRIBED, DescriptionSchema
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.parallel import CHUNK
from service.compiler.pending import standing
from service.compiler.strict_json import NotStrict, decoded, parse_json

PlainRecord = Mapping[str, Any]
"""The values of a record by key, as JSON has them."""

BY_LINE = ("claims", "changes")
FILES = (*VOCABULARIES, *BY_LINE)
OPTIONAL = tuple(name for name, kind in VOCABULARIES.items() if not kind.required)
"""Kinds of record without which a directory is whole."""
MAX_FILE_BYTES = 2_000_000_000
"""A larger list is refused unread: it is parsed as a whole, and may be no fixture at all."""
MAX_LINE_BYTES = 1_000_000
"""A longer line is no record, and is read no further."""
MAX_CODEBOOK_BYTES = 1_000_000
"""A longer codebook is none that people read."""


@dataclass(frozen=True, slots=True)
class LinesOfFile:
    """Some lines of a file from an offset on, which any process may read that has the file."""

    path: Path
    start: int
    count: int

    def __iter__(self) -> Iterator[bytes]:
        """The bytes of each line, without its line feed; of an overlong one only the beginning."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            for _ in range(self.count):
                yield _line(file).removesuffix(b"\n")


class Lines:
    """The records of a file with a record a line (NDJSON), parsed one by one as they are iterated
    over: memory never holds all of them.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._count = path.absolute(), 0
        self._starts = array("Q")  # of each line that begins a chunk
        with path.open("rb") as file:
            for self._count in itertools.count():
                if self._count % CHUNK == 0:
                    self._starts.append(file.tell())
                if not _line(file):
                    break

    def __iter__(self) -> Iterator[Any]:
        return map(json.loads, self.raw())

    def __len__(self) -> int:
        return self._count

    def raw(self) -> Iterator[bytes]:
        """The bytes of each line, without its line feed; of an overlong one only the beginning."""
        return iter(LinesOfFile(self._path, 0, self._count))

    def __getitem__(self, chunk: slice) -> LinesOfFile:
        """The lines of a chunk, which begins at a multiple of ``CHUNK``."""
        return LinesOfFile(self._path, self._starts[chunk.start // CHUNK], chunk.stop - chunk.start)


def _line(file: IO[bytes]) -> bytes:
    """The next line, of an overlong one only the beginning; empty at the end of the file."""
    line = end = file.readline(MAX_LINE_BYTES + 1)
    while len(end) > MAX_LINE_BYTES and not end.endswith(b"\n"):
        end = file.readline(MAX_LINE_BYTES + 1)
    return line


class Fixtures(dict[str, list[Any] | Lines]):
    """The curated records of one directory, by kind (one of ``FILES``).

    The vocabularies are valid each by itself, claims and changes not checked yet. ``about`` is
    how the data set describes itself, its codebook as the text. Of each vocabulary that was read,
    ``raw_ids`` has what stands for an id in every record, the faulty ones among them, and
    ``places`` where each valid record stood. ``unread`` are the kinds whose file cannot be read.
    """

    about: PlainRecord = UNDESCRIBED

    def __init__(self, records: Mapping[str, list[Any] | Lines] | None = None) -> None:
        super().__init__(records or {})
        self.raw_ids: dict[str, list[Any]] = {}
        self.places: dict[str, list[int]] = {}
        self.unread: set[str] = set()

    def file(self, kind: str) -> str:
        """The name of the file that holds a kind of record."""
        return f"{kind}.ndjson" if isinstance(self[kind], Lines) else f"{kind}.json"


def read_fixtures(directory: Path, faults: Faults, edit: Path | None = None) -> Fixtures:
    """The records of a directory; what is wrong with a file or a vocabulary goes to ``faults``.

    Files of an ``edit`` that is being made are read in place of those of the
    directory. Raises ``DataRefused`` when there are too many faults.
    """
    fixtures = Fixtures()
    if os.path.lexists(about := standing(directory, DESCRIPTION, edit)):
        fixtures.about = _description(about, directory, faults)
    for name in FILES:
        lines = standing(directory, f"{name}.ndjson", edit)
        path = standing(directory, f"{name}.json", edit)
        if name in BY_LINE and lines.exists() and not path.exists():
            path = lines
        elif lines.exists():
            faults.collect([Fault(path.name, "", f"{lines.name} beside it", "one of the two")])
        fixtures[name] = []
        if name in OPTIONAL and not os.path.lexists(path):
            continue
        before = len(faults)
        with reported(path.name, faults):
            fixtures[name] = _read(path)
        if len(faults) > before:
            fixtures.unread.add(name)
    for name, kind in VOCABULARIES.items():
        fixtures.raw_ids[name] = [id_in(record) for record in fixtures[name]]
        placed = [*valid_records(fixtures, name, kind.curated().load, faults)]
        fixtures.places[name] = [place for place, _ in placed]
        fixtures[name] = [record for _, record in placed]
    return fixtures


def id_in(record: Any, key: str = "id") -> Any:
    """What stands for the id of a record, which may be faulty; ``None`` where nothing does."""
    return record.get(key) if isinstance(record, dict) else None


def _description(path: Path, directory: Path, faults: Faults) -> PlainRecord:
    """What ``dataset.json`` says, with the text of the codebook that it names."""
    about: dict[str, Any] = {**UNDESCRIBED}
    with reported(DESCRIPTION, faults):
        about = DescriptionSchema().load(_parsed(path))
    if (name := about["codebook"]) is not None:
        with reported(name, faults):
            about["codebook"] = _codebook(directory / name)
    return about


def _codebook(path: Path) -> str:
    """A Markdown text that begins with its title. Raises ``NotStrict`` or ``OSError``."""
    _expect_regular(path)
    if path.stat().st_size > MAX_CODEBOOK_BYTES:
        raise NotStrict(f"a file of at most {MAX_CODEBOOK_BYTES} bytes")
    text = decoded(path.read_bytes())
    if not text.startswith("# "):
        raise NotStrict("Markdown that begins with its title: # Codebook", shown(text[:40]))
    return text


def valid_records(
    fixtures: Fixtures, kind: str, load: Callable[[Any], PlainRecord], faults: Faults
) -> Iterator[tuple[int, PlainRecord]]:
    """The records of a kind that ``load`` takes, each with its place; what is wrong with the others
    goes to ``faults``.
    """
    records = fixtures[kind]
    sources = records.raw() if isinstance(records, Lines) else records
    return valid_among(enumerate(sources), fixtures.file(kind), load, faults)


def valid_among(
    sources: Iterable[tuple[int, Any]],
    file: str,
    load: Callable[[Any], PlainRecord],
    faults: Faults,
    faulty: list[Any] | None = None,
) -> Iterator[tuple[int, PlainRecord]]:
    """The same of some records of a ``file``, or its lines, each with its place. What can be read
    of those with faults goes to ``faulty``.
    """
    for place, source in sources:
        record, loaded = None, list[PlainRecord]()
        with reported(file, faults, place):
            record = _parsed_line(source) if isinstance(source, bytes) else source
            loaded.append(load(record))
        for valid in loaded:
            yield place, valid
        if not loaded and faulty is not None:
            faulty.append(record)


@contextmanager
def reported(file: str, faults: Faults, *at: object) -> Iterator[None]:
    """Makes faults of whatever is wrong with a file, or with the record at a place in it."""
    try:
        yield
    except OSError as error:
        faults.collect([Fault(file, "", error.strerror or "no file", "a readable file")])
    except NotStrict as error:
        faults.collect([Fault(file, pointer(*at), error.found, str(error))])
    except ValidationError as error:
        faults.collect(faults_at(file, flatten(error.messages, error.data), at))


def _read(path: Path) -> list[Any] | Lines:
    """The records of a file. Served claims are refused as a whole, not each of their lines.

    Raises ``NotStrict`` or ``OSError``.
    """
    if path.suffix != ".ndjson":
        records = _parsed(path)
        if not isinstance(records, list):
            raise NotStrict("a list of records", shown(records))
        return records
    _expect_regular(path)
    lines, served = Lines(path), False
    with suppress(NotStrict, TypeError):  # whatever the first line is then, it is no served claim
        served = "independent_origins" in parse_json(next(lines.raw(), b"[]"))
    if served:
        raise NotStrict("curated claims: an export holds served ones, and is no input")
    return lines


def _parsed(path: Path) -> Any:
    _expect_regular(path)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise NotStrict(f"a file of at most {MAX_FILE_BYTES} bytes")
    return parse_json(path.read_bytes())


def _expect_regular(path: Path) -> None:
    if not path.is_file():  # opening a pipe would block
        raise NotStrict("a regular file", "something else" if path.exists() else "no file")


def _parsed_line(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise NotStrict(f"a line of at most {MAX_LINE_BYTES} bytes")
    return parse_json(line)
