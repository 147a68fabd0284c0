"""Fixtures held to the rules of the codebook, and to the documents they were taken from."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from service.curation.texts import ProvedTexts, compared


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
