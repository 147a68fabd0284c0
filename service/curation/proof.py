"""Fixtures held to the rules of the codebook, and to the documents they were taken from."""

import datetime as dt
import functools
import hashlib
import itertools
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.faults import MAX_FAULTS, DataRefused, Faults
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import without_garbage_collection
from service.compiler.check import check_records
from service.compiler.pending import reading
from service.compiler.progress import Progress, untracked
from service.compiler.read import Fixtures, PlainRecord, read_fixtures
from service.curation.rules import Finding, Known, Rules

MAX_TEXTS = 256
"""Texts of documents that are held at a time: claims of one document stand close together."""


class ProofFindings:
    """What breaks a rule: counted by severity, and the first ``MAX_FAULTS`` of each to be listed.

    ``file`` is the name of the file that holds the claims.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._counts: Counter[str] = Counter()
        self._listed: list[tuple[int, Finding]] = []

    def collect(self, findings: Iterable[tuple[int, Finding]]) -> None:
        """Adds findings, each with the place of its claim in the file."""
        for place, finding in findings:
            self._counts[finding.rule.severity] += 1
            if self._counts[finding.rule.severity] <= MAX_FAULTS:
                self._listed.append((place, finding))

    @property
    def errors(self) -> int:
        return self._counts["error"]

    @property
    def warnings(self) -> int:
        return self._counts["warning"]

    def lines(self) -> Iterator[str]:
        """A line for each listed finding, in the order of the claims."""
        for place, finding in sorted(self._listed, key=lambda each: each[0]):
            yield finding.line(self.file, place)
        if self._counts.total() > len(self._listed):
            yield f"only the first {MAX_FAULTS} errors and warnings each are listed"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared with one document, and what did not hold.

    ``mismatches`` are claims (``-`` for the document as a whole), each with the
    reason.
    """

    document: str
    file: str
    spans: int
    quotes: int
    mismatches: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Verification:
    """The documents that were compared, and which rules the claims break."""

    documents: Sequence[Verified]
    findings: ProofFindings

    @property
    def holds(self) -> bool:
        """Whether all is as it is printed, and no rule is broken beyond doubt."""
        return not (self.findings.errors or any(each.mismatches for each in self.documents))

    def record(self, epoch: int | None = None) -> dict[str, Any]:
        """What a data set tells of it: when, now unless ``epoch`` (seconds since 1970) decides, and
        how much was compared.
        """
        now = dt.datetime.now(dt.UTC) if epoch is None else dt.datetime.fromtimestamp(epoch, dt.UTC)
        return {
            "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "documents": len(self.documents),
            "spans": sum(each.spans for each in self.documents),
            "quotes": sum(each.quotes for each in self.documents),
        }


@dataclass(frozen=True, slots=True)
class CheckedDirectory:
    """What a directory holds, and all that is wrong with it: faults, of which those that make it no
    data set are ``refused``, and breaches of the rules that need no text.
    """

    fixtures: Fixtures
    refused: DataRefused | None
    findings: ProofFindings


@without_garbage_collection()
def check(directory: Path, progress: Progress = untracked) -> CheckedDirectory:
    """Holds the fixtures of a directory to everything that needs no text, in one pass.

    Claims without a fault are held to the rules whatever is wrong with others.
    Raises ``DataRefused`` where files have too many faults to be read.
    """
    faults, refused = Faults(), None
    with reading(directory):
        fixtures = read_fixtures(directory, faults)
        findings, rules = ProofFindings(fixtures.file("claims")), Rules(known_records(fixtures))

        def judge(place: int, claim: PlainRecord) -> None:
            findings.collect((place, finding) for finding in rules.check(place, claim))

        try:
            check_records(fixtures, faults, progress, judge=judge)
        except DataRefused as found:
            refused = found
    findings.collect(rules.between())
    return CheckedDirectory(fixtures, refused, findings)


def verify(fixtures: Fixtures, directory: Path, progress: Progress = untracked) -> Verification:
    """Compares hashes, spans and quotations of valid fixtures with the documents in a directory,
    and holds the claims to all rules; in one pass over the claims.
    """
    known = known_records(fixtures)
    texts = ProvedTexts(known["documents"], directory)
    wrong = {name: texts.mismatches(name) for name in known["documents"]}
    passages: defaultdict[str, Counter[str]] = defaultdict(Counter)
    findings, rules = ProofFindings(fixtures.file("claims")), Rules(known, texts.text)
    for place, claim in enumerate(_claims(fixtures, progress)):
        printed = True
        for document, key, reason in compared(claim, texts):
            passages[document][key] += 1
            if reason is not None:
                printed = False
                wrong[document].append((claim["id"], reason))
        findings.collect((place, finding) for finding in rules.check(place, claim, printed))
    findings.collect(rules.between())
    documents = [
        Verified(name, each["file"], *_numbers(passages[name]), wrong[name])
        for name, each in known["documents"].items()
    ]
    return Verification(documents, findings)


def known_records(fixtures: Fixtures) -> Known:
    """The records of each vocabulary, by their ids."""
    return {name: {each["id"]: each for each in fixtures[name]} for name in VOCABULARIES}


def _claims(fixtures: Fixtures, progress: Progress) -> Iterable[PlainRecord]:
    claims = fixtures["claims"]
    return progress(claims, total=len(claims), description="Holding claims to the rules")


def _numbers(passages: Mapping[str, int]) -> tuple[int, int]:
    return passages["evidence"], passages["quotes"]


def compared(claim: PlainRecord, texts: "ProvedTexts") -> Iterator[tuple[str, str, str | None]]:
    """The document and key of each passage, and why it is not as recorded, if so."""
    for key, recorded in (("evidence", "sha256"), ("quotes", "text")):
        for span in claim.get(key) or ():
            text, start, end = texts.text(span["document"]), span["start"], span["end"]
            reason = None if text is None else _reason(text, key, start, end, span[recorded])
            where = f"{key.removesuffix('s')} {start}–{end} {reason}"
            yield span["document"], key, None if reason is None else where


def _reason(text: str, key: str, start: int, end: int, recorded: str) -> str | None:
    """Why a passage is not as recorded; ``None`` where it is."""
    if key == "quotes":
        return None if text[start:end] == recorded else "does not read as quoted"
    if end > len(text):
        return "lies beyond the end"
    return None if sha256_of(text[start:end]) == recorded else "has another hash"


class ProvedTexts:
    """The texts of documents, read when they are needed."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], directory: Path) -> None:
        self._documents, self._directory = documents, directory
        self.text = functools.lru_cache(maxsize=MAX_TEXTS)(self._text)

    def _text(self, document: str) -> str | None:
        """The text of a document, ``None`` where it cannot be read."""
        try:
            return self._read(document)
        except (OSError, UnicodeDecodeError):
            return None

    def known_text(self, document: str) -> str | None:
        """The same, and ``None`` for a document that is not known either."""
        return self.text(document) if document in self._documents else None

    def id_of(self, name: str) -> str:
        """The id of the one document whose file has that name; else what was given."""
        named = [key for key, record in self._documents.items() if record["file"] == name]
        return named[0] if len(named) == 1 and name not in self._documents else name

    def path(self, document: str) -> Path:
        """Where the file of a document is looked for."""
        file: str = self._documents[document]["file"]
        return self._directory / file

    def _read(self, document: str) -> str:
        return self.path(document).read_bytes().decode("utf-8")

    def mismatches(self, document: str) -> list[tuple[str, str]]:
        """What is wrong with a document as a whole."""
        record = self._documents[document]
        try:
            text = self._read(document)
        except OSError as error:
            return [("-", f"cannot be read: {error.strerror or error}")]
        except UnicodeDecodeError as error:
            return [("-", f"cannot be read: no text in UTF-8 (byte {error.start})")]
        reasons = []
        if (digest := sha256_of(text)) != record["sha256"]:
            reasons.append(f"the file's SHA-256 is {digest}, {_difference(text, record['sha256'])}")
        if len(text) != record["length"]:
            reasons.append(f"the file has {len(text)} code points")
        return [("-", reason) for reason in reasons]


def _difference(text: str, recorded: str) -> str:
    """In what a file differs from the one with the recorded hash."""
    for count in (1, 2, 3):
        for names in itertools.combinations(_WRITTEN_OTHERWISE, count):
            variants = {text}
            for name in names:
                variants = {made for each in variants for made in _WRITTEN_OTHERWISE[name](each)}
            if any(sha256_of(variant) == recorded for variant in variants):
                return f"the same but for {' and '.join(names)}"
    return "another file"


_WRITTEN_OTHERWISE: Mapping[str, Callable[[str], list[str]]] = {
    "its line ends": lambda text: [
        text.replace("\r\n", "\n"),
        text.replace("\r\n", "\n").replace("\n", "\r\n"),
    ],
    "a byte order mark": lambda text: [text.removeprefix("\ufeff"), "\ufeff" + text],
    "its normalisation": lambda text: [
        unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")
    ],
}
"""How else programs write a text that they save, by what then differs."""


def sha256_of(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
