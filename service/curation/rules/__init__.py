"""The rules of the codebook that a program can check: text and records in, findings out.

``RULES`` lists them. Without a text, times, sense and relations are checked; with the texts of the
documents, also that what is recorded is printed there. The claims are valid by their schema, and
their references lead somewhere.
"""

from collections.abc import Iterator

from schemas.records.claim import CuratedClaimSchema
from service.curation.rules import passages, sense, text, times, together
from service.curation.rules.findings import CuratedClaim, Rule, found_in
from service.curation.rules.findings import Finding as Finding
from service.curation.rules.findings import Known as Known

RULES = tuple(
    value
    for module in (times, passages, text, sense, together)
    for value in vars(module).values()
    if isinstance(value, Rule)
)
"""Every rule, in the order in which a claim is checked."""
_ABSENT = CuratedClaimSchema().absent
"""What a key stands for that a claim leaves out."""


class Rules:
    """Holds claims, one by one, to the rules; knows the vocabularies and perhaps the texts."""

    def __init__(self, known: Known, texts: passages.Texts | None = None) -> None:
        self._known, self._texts = known, texts
        self._together = together.Together()

    def note(self, place: int, claim: CuratedClaim) -> None:
        """Takes note of a claim that others are held against, without checking it by itself."""
        self._together.add(place, {**_ABSENT, **claim})

    def check(self, place: int, claim: CuratedClaim, printed: bool = True) -> Iterator[Finding]:
        """The findings in a claim by itself, which is at a ``place`` of its file.

        Where it is not ``printed`` as recorded, since its spans belong to
        another text, it is held to the rules that need no text.
        """
        claim = {**_ABSENT, **claim}
        self._together.add(place, claim)
        for breach in times.time_breaches(claim, self._known):
            yield found_in(claim, breach)
        if self._texts is not None and printed:
            for breach in text.text_breaches(claim, self._known, self._texts):
                yield found_in(claim, breach)
        for breach in sense.sense_breaches(claim, self._known):
            yield found_in(claim, breach)

    def between(self) -> Iterator[tuple[int, Finding]]:
        """The findings between all claims checked so far, each with the place of its claim."""
        for place, identifier, breach in self._together.breaches():
            yield place, found_in({"id": identifier}, breach)
