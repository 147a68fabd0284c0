"""Rules between the claims of a data set, seen once all of them are known."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from service.curation.rules.findings import CuratedClaim, Rule, RuleBreach
from service.curation.rules.words import folded

RESTATES_OTHER_KIND = Rule(
    "restates-another-kind", 2, True, "a claim of the same kind, or details or supports"
)
RESTATES_OTHER_DOCUMENT = Rule(
    "restates-another-document", 10, True, "a claim of the same document, or supports"
)
LEANS_IN_CIRCLE = Rule(
    "supports-in-a-circle", 10, True, "support in one direction: no reason leans on itself"
)
BOTH_WAYS = Rule(
    "supported-by-what-it-refutes", 10, True, "no relation that the other claim contradicts"
)
GRADED_UNLIKE = Rule(
    "same-reason-another-grade", 9, False, "one grade where one and the same reason is given"
)
DATED_UNLIKE = Rule(
    "like-clauses-dated-unlike", 6, False, "one date where one document and one note are the same"
)


class RelatedClaim(NamedTuple):
    """What the rules between claims need to know of one."""

    place: int
    id: str
    kind: str
    documents: frozenset[str]
    relations: tuple[tuple[str, str], ...]


class Together:
    """Takes claims one by one, and then says what is wrong between them."""

    def __init__(self) -> None:
        self._related: dict[str, RelatedClaim] = {}
        self._grades: defaultdict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
        self._dates: defaultdict[tuple[str, ...], list[tuple[int, str, str]]] = defaultdict(list)

    def add(self, place: int, claim: CuratedClaim) -> None:
        """Takes note of a claim at a place of its file."""
        identifier = claim["id"]
        documents = frozenset(each["document"] for each in claim["evidence"])
        relations = tuple((each["type"], each["claim"]) for each in claim.get("relations") or ())
        self._related[identifier] = RelatedClaim(
            place, identifier, claim["kind"], documents, relations
        )
        for key, grade in (("attribution", "level"), ("content", "credibility")):
            judged = claim["confidence"][key]
            alike = (f"{key}/{grade}", folded(judged["rationale"]))
            self._grades[alike].append((place, identifier, str(judged[grade])))
        for key, date in claim["dates"].items():
            if date and date.get("note"):
                like = (min(documents), key, date["basis"], folded(date["note"]))
                self._dates[like].append((place, identifier, date["edtf"]))

    def breaches(self) -> Iterator[tuple[int, str, RuleBreach]]:
        """Each breach with the place and id of its claim."""
        for facts in self._related.values():
            for n, (type_, target) in enumerate(facts.relations):
                other = self._related.get(target)
                if other is not None:
                    for rule, value in _unfit(facts, type_, other):
                        steps = ("relations", n, "type")
                        yield facts.place, facts.id, (rule, steps, type_, value)
        for (where, _), graded in self._grades.items():
            yield from _minority(GRADED_UNLIKE, ("confidence", *where.split("/")), graded)
        for alike, dated in self._dates.items():
            yield from _minority(DATED_UNLIKE, ("dates", alike[1], "edtf"), dated)


def _unfit(claim: RelatedClaim, type_: str, other: RelatedClaim) -> Iterator[tuple[Rule, str]]:
    """What is wrong with a relation of a claim to another."""
    if type_ == "restates":
        if claim.kind != other.kind:
            yield RESTATES_OTHER_KIND, f"{other.id} is of kind {other.kind}"
        if not claim.documents & other.documents:
            yield RESTATES_OTHER_DOCUMENT, other.id
    back = {kind for kind, target in other.relations if target == claim.id}
    if type_ == "supports" and "supports" in back:
        yield LEANS_IN_CIRCLE, other.id
    if type_ in ("supports", "restates") and back & {"refutes", "denies"}:
        yield BOTH_WAYS, other.id


def _minority(
    rule: Rule, steps: tuple[object, ...], values: list[tuple[int, str, str]]
) -> Iterator[tuple[int, str, RuleBreach]]:
    """The claims whose value is not the commonest of those that should have one."""
    if len(values) < 2:
        return
    times = Counter(value for _, _, value in values)
    if len(times) > 1:
        common, number = times.most_common(1)[0]
        for place, identifier, value in values:
            if value != common:
                yield place, identifier, (rule, steps, value, f"{common} in {number} claim(s)")
